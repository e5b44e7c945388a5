"""Pages of the window: the cell at home, and the tools, each made at first use and detached on request."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from PyQt5.QtCore import QSignalBlocker, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QAction, QHBoxLayout, QStackedWidget, QTabBar, QToolButton, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar, MessagesOver
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.window.action_table import PAGES, title
from neuropil_gui.window.actions import Actions
from neuropil_gui.window.field_panel import FieldPanel

if TYPE_CHECKING:
    from neuropil_gui.features.field.tool import FieldTool

HOME, TOOLS = PAGES[0], PAGES[1:]
"""Names of the pages, which are those of the actions that open them."""

WITHHELD = "The exercise hides the numbers, which this page shows."


class Pages(QWidget):
    """A bar of tabs above the page in view.

    Signals: `changed` (name of the page in view), `detached_changed` (a page became a window, or was put back),
    `figure_requested` (page, name of the tool, what draws its figure or
    None).

    Parameters
    ----------
    session : Session
    controller : Controller
    home : QWidget
        The page of the selected cell.
    traces : TraceView
        Of the home page, whose time axis and crosshair other pages follow.
    bars : sequence of MessageBar
        They lie over the top of the page in view, below the tabs.
    home_bar : MessageBar
        Likewise, over the home page alone.

    Attributes
    ----------
    bar : QTabBar
    field_panel : FieldPanel
        A small picture of the page Field, which is docked.
    current : str
        Name of the page in view.
    """

    changed = pyqtSignal(str)
    detached_changed = pyqtSignal()
    figure_requested = pyqtSignal(object, str, object)

    def __init__(
        self,
        session: Session,
        controller: Controller,
        home: QWidget,
        traces: TraceView,
        bars: Sequence[MessageBar] = (),
        home_bar: MessageBar | None = None,
    ) -> None:
        super().__init__()
        self._session, self._controller, self._traces = session, controller, traces
        self._made: dict[str, Tool] = {}
        self._keys: Sequence[QAction] = ()
        self.field_panel = FieldPanel()
        self.field_panel.wanted.connect(self._fill_field_panel)
        self._tips: dict[str, str] = {}
        self.current = HOME
        self.bar = QTabBar()
        self.bar.setObjectName("page_bar")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        for name in PAGES:
            self.bar.addTab(title(name))
        self.bar.currentChanged.connect(self._on_turned)
        self._detach = QToolButton()
        self._detach.setObjectName("detach_button")
        self._head = QWidget()
        self._head.setObjectName("page_head")
        row = QHBoxLayout(self._head)
        row.setContentsMargins(6, 4, 6, 0)
        row.addWidget(self.bar, 1)
        row.addWidget(self._detach)
        self._stack = QStackedWidget()
        self._home = home
        self._stack.addWidget(home)
        stack(self, self._head, (self._stack, 1))
        self._over_home = QWidget()
        stack(self._over_home, *([home_bar] if home_bar is not None else []))
        MessagesOver(self._stack, *bars, self._over_home)
        session.teaching.exercise_changed.connect(self._follow_exercise)

    @property
    def made(self) -> Mapping[str, Tool]:
        """The tools that have been opened, by name."""
        return MappingProxyType(self._made)

    @property
    def detached(self) -> list[str]:
        """Names of the pages that are windows of their own."""
        return [name for name, tool in self._made.items() if tool.page.detached]

    @property
    def can_detach(self) -> bool:
        """Whether the page in view can become a window."""
        return self.current != HOME

    def set_actions(self, actions: Actions, keys: Sequence[str]) -> None:
        """Take the actions by name: `keys` names those whose shortcuts work in detached pages too."""
        self._keys = [actions[name] for name in keys]
        self._detach.setDefaultAction(actions["detach"])
        for index, name in enumerate(PAGES):
            self._tips[name] = actions[name].toolTip()
            self.bar.setTabToolTip(index, self._tips[name])

    def show_bar(self, on: bool) -> None:
        """Show the bar of tabs, which a window without a recording can do without."""
        self._head.setVisible(on)

    def open(self, name: str) -> None:
        """Show a page, or the window that it was detached into."""
        if name == HOME:
            self._turn_to(HOME, self._home)
            return
        if self._session.teaching.numbers_hidden:
            self._show_tab()
            return
        page = self._tool(name).page
        if page.detached:
            page.bring_to_front()
            self._show_tab()
        else:
            self._turn_to(name, page)

    @pyqtSlot()
    def detach(self) -> None:
        """Make the page in view a window of its own, and show the cell in its place."""
        if self.can_detach:
            name = self.current
            self.open_detached(name)
            self.open(HOME)

    def open_detached(self, name: str) -> None:
        """Show a page in a window of its own, whatever page is in view."""
        page = self._tool(name).page
        if not page.detached:
            self._stack.removeWidget(page)
            page.detach(self)
            self.detached_changed.emit()

    def close_all(self, milliseconds: int) -> bool:
        """Close all tools, and wait that long for the threads of each; False if one did not end in time."""
        ended = [tool.close(milliseconds) for tool in self._made.values()]
        return all(ended)

    def _turn_to(self, name: str, page: QWidget) -> None:
        self.current = name
        if name != HOME:
            self.show_bar(True)
        self._show_tab()
        self._over_home.setVisible(name == HOME)
        # The docks are arranged before the page is laid out in the room that they leave.
        self.changed.emit(name)
        self._stack.setCurrentWidget(page)
        page.setFocus()

    def _show_tab(self) -> None:
        with QSignalBlocker(self.bar):
            self.bar.setCurrentIndex(PAGES.index(self.current))

    @pyqtSlot(int)
    def _on_turned(self, index: int) -> None:
        self.open(PAGES[index])

    @pyqtSlot()
    def _follow_exercise(self) -> None:
        """Leave the tools, and open none, while an exercise hides the numbers: they show them."""
        hidden = self._session.teaching.numbers_hidden
        if hidden:
            for name in self.detached:
                self._made[name].page.close()
            self.open(HOME)
        for index, name in enumerate(PAGES):
            withheld = name != HOME and hidden
            self.bar.setTabEnabled(index, not withheld)
            self.bar.setTabToolTip(index, WITHHELD if withheld else self._tips[name])

    def _export(self, name: str) -> None:
        tool = self._made[name]
        self.figure_requested.emit(tool.page, name, tool.figure())

    def _leave(self, name: str) -> None:
        """Go home from a page, or put one back that was a window."""
        page = self._made[name].page
        if page.detached:
            self._stack.addWidget(page)
            self.detached_changed.emit()
        elif self.current == name:
            self.open(HOME)

    @pyqtSlot()
    def _fill_field_panel(self) -> None:
        self.field_panel.fill(cast("FieldTool", self._tool("field")).small())

    def _tool(self, name: str) -> Tool:
        if name not in self._made:
            tool = self._made[name] = self._make(name)
            tool.page.addActions(list(self._keys))
            tool.page.export_requested.connect(partial(self._export, name))
            tool.page.left.connect(partial(self._leave, name))
            self._stack.addWidget(tool.page)
        return self._made[name]

    def _make(self, name: str) -> Tool:
        """Make a tool; its module is imported now, so that the main window is there sooner."""
        shared = self._session, self._controller, self
        if name == "history":
            from neuropil_gui.features.history.tool import HistoryTool

            return HistoryTool(*shared)
        if name == "sweep":
            from neuropil_gui.features.sweep.tool import SweepTool

            return SweepTool(*shared)
        if name == "trust":
            from neuropil_gui.features.trust.tool import TrustTool

            return TrustTool(*shared)
        if name == "population":
            from neuropil_gui.features.population.tool import PopulationTool

            return PopulationTool(*shared)
        if name == "field":
            from neuropil_gui.features.field.tool import FieldTool

            field = FieldTool(*shared)
            field.link_crosshair(self._traces.crosshair)
            return field
        from neuropil_gui.features.compare.tool import CompareTool

        compare = CompareTool(*shared)
        compare.link_time(self._traces.raw.box)
        return compare
