"""The windows of the Compare menu, each made at its first use."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_window import ToolWindow

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure


class Tool(Protocol):
    """What fills a window: it follows the session while the window is shown, and may have a thread."""

    window: ToolWindow

    def close(self, milliseconds: int) -> bool:
        """End its threads; False if one did not end in time."""
        ...

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the figure of what is shown, in any thread; None where there is nothing yet."""
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
    """Opens them, and closes them with the main window.

    Signals: `figure_requested` (window, name of the tool, what draws its figure or None).
    """

    figure_requested = pyqtSignal(object, str, object)

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
            self._made[name].window.export_requested.connect(partial(self._export, name))
        window = self._made[name].window
        window.open()
        return window

    def _export(self, name: str) -> None:
        tool = self._made[name]
        self.figure_requested.emit(tool.window, name, tool.figure())

    def close(self, milliseconds: int) -> bool:
        """Close all, and end their threads; False if one did not end in time."""
        ended = []
        for tool in self._made.values():
            tool.window.close()
            ended.append(tool.close(milliseconds))
        return all(ended)
