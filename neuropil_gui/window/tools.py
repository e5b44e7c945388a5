"""Tools of the window: made at first use, opened by their action, and closed with the main window."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.state.session import Session
from neuropil_gui.ui.plots.time_plot import TimeViewBox

TOOLS = ("compare", "history", "sweep", "trust")
"""Names of the tools, which are those of the actions that open them."""


class Tools(QObject):
    """Makes, opens and closes the tools.

    Signals: `figure_requested` (window, name of the tool, what draws its figure or None).

    Parameters
    ----------
    window : QWidget
        The main window.
    session : Session
    controller : Controller
    time_axis : TimeViewBox
        Of the main window's traces.

    Attributes
    ----------
    keys : sequence of QAction
        Actions whose shortcuts work in the tools' windows too.
    """

    figure_requested = pyqtSignal(object, str, object)

    def __init__(self, window: QWidget, session: Session, controller: Controller, time_axis: TimeViewBox) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._time_axis = time_axis
        self._made: dict[str, Tool] = {}
        self.keys: Sequence[QAction] = ()

    @property
    def made(self) -> Mapping[str, Tool]:
        """The tools that have been opened, by name."""
        return MappingProxyType(self._made)

    def open(self, name: str) -> Tool:
        """Open the window of a tool."""
        if name not in self._made:
            self._made[name] = self._make(name)
            self._made[name].window.addActions(list(self.keys))
            self._made[name].window.export_requested.connect(partial(self._export, name))
        self._made[name].show()
        return self._made[name]

    def _export(self, name: str) -> None:
        tool = self._made[name]
        self.figure_requested.emit(tool.window, name, tool.figure())

    def close(self, milliseconds: int) -> bool:
        """Close all windows, and wait that long for the threads of each; False if one did not end in time."""
        ended = [tool.close(milliseconds) for tool in self._made.values()]
        return all(ended)

    def _make(self, name: str) -> Tool:
        """Make a tool; its module is imported now, so that the main window is there sooner."""
        shared = self._session, self._controller, self._window
        if name == "history":
            from neuropil_gui.features.history.tool import HistoryTool

            return HistoryTool(*shared)
        if name == "sweep":
            from neuropil_gui.features.sweep.tool import SweepTool

            return SweepTool(*shared)
        if name == "trust":
            from neuropil_gui.features.trust.tool import TrustTool

            return TrustTool(*shared)
        from neuropil_gui.features.compare.tool import CompareTool

        compare = CompareTool(*shared)
        compare.link_time(self._time_axis)
        return compare
