"""Memory of the view: pages, order and filter of the cells, and the time shown, kept in the project, brought back."""

import math
from collections.abc import Mapping
from typing import Any

from PyQt5.QtCore import QObject, Qt, pyqtSlot

from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.cells.cell_model import CellColumn
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.window.action_table import PAGES
from neuropil_gui.window.pages import HOME, TOOLS, Pages

LONGEST = 1000
"""Characters of a filter that is brought back."""


class ViewMemory(QObject):
    """Gives the keeper what is in view, and shows what a project kept of it once its first cell is drawn."""

    def __init__(
        self, window: QObject, session: Session, keeper: Keeper, cells: CellList, traces: TraceView, pages: Pages
    ) -> None:
        super().__init__(window)
        self._session, self._keeper = session, keeper
        self._cells, self._traces, self._pages = cells, traces, pages
        self._titles = cells.view.horizontalHeader()
        self._time: tuple[float, float] | None = None
        keeper.recorder.view = self.facts
        keeper.begun.connect(self._bring_back)
        # After the presenter, which shows the time axis of a new cell.
        session.cell_changed.connect(self._show_time)
        session.delta_f_changed.connect(self._show_time)
        assert self._titles is not None
        shown = self._titles.sortIndicatorChanged, cells.filter.value_changed, traces.raw.box.sigXRangeChanged
        for signal in (*shown, pages.changed, pages.detached_changed):
            signal.connect(self._on_changed)

    def facts(self) -> Mapping[str, Any]:
        """Return what is in view, as JSON holds it."""
        assert self._titles is not None
        return {
            "page": self._pages.current,
            "detached": self._pages.detached,
            "sort": CellColumn(self._titles.sortIndicatorSection()).name,
            "descending": self._titles.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder,
            "filter": "" if self._cells.filter.problem else self._cells.filter.text(),
            "time": list(self._time or self._traces.raw.box.viewRange()[0]),
        }

    @pyqtSlot()
    def _on_changed(self) -> None:
        self._keeper.recorder.note_change()

    @pyqtSlot()
    def _bring_back(self) -> None:
        kept, self._keeper.kept_view = self._keeper.kept_view, {}
        page, sort, words, time = (kept.get(name) for name in ("page", "sort", "filter", "time"))
        if isinstance(sort, str) and sort in CellColumn.__members__:
            descending = kept.get("descending") is True
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            self._cells.view.sortByColumn(CellColumn[sort], order)
        if isinstance(words, str) and len(words) <= LONGEST:
            self._cells.filter.setText(words)
        if isinstance(time, list) and len(time) == 2 and all(isinstance(end, float) for end in time):
            start, end = time
            self._time = (start, end) if math.isfinite(end - start) and start < end else None
            self._show_time()
        detached = kept.get("detached")
        for name in detached if isinstance(detached, list) else ():
            if name in TOOLS:
                self._pages.open_detached(name)
        if page in PAGES and page != HOME:
            self._pages.open(page)

    @pyqtSlot()
    def _show_time(self) -> None:
        cell = self._session.cell
        if self._time is not None and cell is not None and self._traces.timed is cell:
            (start, end), self._time = self._time, None
            self._traces.raw.box.setXRange(start, end, padding=0)
