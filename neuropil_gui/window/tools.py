"""The windows of the Compare menu, each made at its first use."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_window import ToolWindow


class Tool(Protocol):
    """What fills a window: it follows the session while the window is shown, and may have a thread."""

    window: ToolWindow

    def close(self, milliseconds: int) -> bool:
        """End its threads; False if one did not end in time."""
        ...


Maker = Callable[[Session, Controller, QWidget], Tool]


def _compare(session: Session, controller: Controller, window: QWidget) -> Tool:
    from neuropil_gui.features.compare.tool import Comparing

    return Comparing(session, window)


def _trust(session: Session, controller: Controller, window: QWidget) -> Tool:
    from neuropil_gui.features.trust.tool import Trust

    return Trust(session, window)


def _history(session: Session, controller: Controller, window: QWidget) -> Tool:
    from neuropil_gui.features.history.tool import RunLog

    return RunLog(session, controller, window)


def _sweeping(session: Session, controller: Controller, window: QWidget) -> Tool:
    from neuropil_gui.features.sweep.tool import Sweeping

    return Sweeping(session, controller, window)


MAKERS: dict[str, Maker] = {"compare": _compare, "history": _history, "sweep": _sweeping, "trust": _trust}
"""By the name of the action that opens it; what it needs is imported when it is made."""


class Tools(QObject):
    """Opens them, and closes them with the main window."""

    def __init__(self, window: QWidget, session: Session, controller: Controller) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._made: dict[str, Tool] = {}
        self.keys: Sequence[QAction] = ()
        """Actions whose keys work in these windows too; a key is else its own window's."""

    def open(self, name: str) -> ToolWindow:
        """Open one."""
        if name not in self._made:
            self._made[name] = MAKERS[name](self._session, self._controller, self._window)
            self._made[name].window.addActions(list(self.keys))
        window = self._made[name].window
        window.open()
        return window

    def close(self, milliseconds: int) -> bool:
        """Close all, and end their threads; False if one did not end in time."""
        ended = []
        for tool in self._made.values():
            tool.window.close()
            ended.append(tool.close(milliseconds))
        return all(ended)
