"""Cell list: table of the cells, filter, frame rate, and the button that separates all."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QSize, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import CellsOverview, Recording
from neuropil_gui.panels.cells.batch_row import BatchRow
from neuropil_gui.panels.cells.cell_column_widths import CellColumnWidths
from neuropil_gui.panels.cells.cell_delegate import CellDelegate
from neuropil_gui.panels.cells.cell_filter import FILTER_HELP, parse_filter
from neuropil_gui.panels.cells.cell_model import CellColumn, CellModel
from neuropil_gui.panels.cells.cell_summary import CellSummary
from neuropil_gui.state.filtering import Filter
from neuropil_gui.ui.sizes import scaled_size
from neuropil_gui.ui.widgets.filter_field import filter_field
from neuropil_gui.ui.widgets.frame_rate_box import FrameRateBox
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.row_filter import RowFilter, select_row_by_row

if TYPE_CHECKING:
    from neuropil_gui.panels.cells.cell_model import Thumbnail

HELP = """<b>Cells</b><p>Click a cell, or go up and down with the arrow keys. The line is its raw ROI signal; "index
7" is its index in the file, counted from 0, where the name does not say so.</p>
<p>Once separated: components <b>alive</b> of how many, the best match's <b>r with neuropil</b> (r neu; yellow far
below 0, where too much may be taken out), and ✓ where it converged, ! where not or (red) where the result cannot be
used as it is, × where it could not be separated. Grey: of other settings than those shown.</p>
<p>Shift or Ctrl selects several rows, to be marked together: <b>A</b> accepts, <b>R</b> rejects, <b>L</b> says look
again, Ctrl+Enter writes a note.</p>
<p>Click a title to sort. Type to filter: words search the name, <b>r_neuropil &gt; 0.3 and alive &lt; 3</b> or
<b>not converged</b> the results.</p>
<p><b>Separate all</b> works in the background with the settings shown, and can be stopped and resumed.</p>
<p>The frame rate turns frames into seconds; empty, times are counted in frames.</p>"""

WAIT = 30
"""Milliseconds from one question for miniatures to the next, while the user scrolls."""


class CellList(QWidget):
    """Panel of the cells.

    Signals: `cell_selected` (index), `cell_hovered` (index of the cell under the pointer, or None),
    `frame_rate_changed` (Hz or None), `thumbnails_wanted` (indices in view without a miniature), `own_dropped` (index),
    `batch_requested`, `batch_cancel_requested`.
    """

    cell_selected = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    frame_rate_changed = pyqtSignal(object)
    thumbnails_wanted = pyqtSignal(object)
    own_dropped = pyqtSignal(int)
    batch_requested = pyqtSignal()
    batch_cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Cells", HELP)
        self.model = CellModel(self)
        self.proxy = RowFilter(self.model, self, (CellColumn.NUMBER, CellColumn.TRACE))
        self._selected = -1
        self._restoring = False
        self._asked: list[int] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT)
        self._timer.timeout.connect(self._ask_for_thumbnails)
        self._make_table()
        self._columns = CellColumnWidths(self.view, self.model)
        self._viewport.installEventFilter(self)
        self._make_filter()
        self.batch = BatchRow()
        self.batch.cancel_requested.connect(self.batch_cancel_requested)
        self.frame_rate = FrameRateBox()
        self.frame_rate.frame_rate_changed.connect(self.frame_rate_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(self._tools)
        layout.addWidget(self.problem)
        layout.addWidget(self.batch)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.frame_rate)
        self.show_recording(None)

    # Input

    def show_recording(self, recording: Recording | None) -> None:
        """List the cells of a recording, without reading their traces."""
        headers = recording.cells.headers if recording is not None else ()
        self._selected, self._asked = -1, []
        self.cell_hovered.emit(None)
        self.filter.show_text("")
        self.proxy.set_filter(None)
        self.model.set_headers(headers)
        self._columns.measure(recording.cells.overview if recording is not None else CellsOverview())
        self.frame_rate.show_frame_rate(recording.frame_rate if recording is not None else None)
        for widget in (self.frame_rate, self.filter):
            widget.setEnabled(recording is not None)
        self.separate_all.setEnabled(bool(headers))
        self._columns.fit()
        self._write_subtitle()

    def show_frame_rate(self, rate: float | None) -> None:
        """Show another frame rate of the same recording without emitting."""
        self.frame_rate.show_frame_rate(rate)

    def show_selection(self, index: int) -> None:
        """Select a cell without emitting; it stays selected while a filter hides it."""
        if index != self._selected:  # else the user selected it here, perhaps with others
            self._selected = index
            self._restore_selection()

    @pyqtSlot(object)
    def show_hovered(self, index: int | None) -> None:
        """Shade the row of a cell that the pointer is on, here or in another view; None for no row."""
        self._delegate.hovered = index
        self._viewport.update()

    def show_thumbnail(self, index: int, points: "Thumbnail | None") -> None:
        """Draw a cell's miniature of at most 200 values from 0 to 1; None where it cannot be read."""
        self.model.set_thumbnail(index, points)

    def show_summary(self, index: int, summary: CellSummary | None) -> None:
        """Show the result of a cell, None for none."""
        self._change(lambda: self.model.set_summary(index, summary))

    def show_summaries(self, summaries: Mapping[int, CellSummary | None]) -> None:
        """Show the results of all cells at once; cells not in the mapping have none."""
        self._change(lambda: self.model.set_summaries(summaries))

    def show_marks(self, marks: Mapping[int, Mark]) -> None:
        """Show the user's marks of all cells, by their index."""
        self._change(lambda: self.model.set_marks(marks))

    def show_own(self, own: Mapping[int, str]) -> None:
        """Show how the settings of cells differ from the recording's, by their index."""
        self._change(lambda: self.model.set_own(own))

    def selected(self) -> list[int]:
        """Return the cells whose rows are selected, in ascending order."""
        selection = self.view.selectionModel()
        assert selection is not None
        return sorted(self.proxy.source_row(place.row()) for place in selection.selectedRows())

    def listed(self) -> list[int] | None:
        """Return the cells that the filter lists, in ascending order; None without a filter."""
        return sorted(map(int, self.proxy.rows)) if self.proxy.filtered else None

    def show_batch(self, done: int, total: int | None) -> None:
        """Show the progress of "separate all"; None where it does not run."""
        self.batch.show_batch(done, total)
        self.separate_all.setEnabled(total is None and bool(self.model.headers))

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        self._fit_heights()
        self._columns.measure()
        self._columns.fit()
        for each in (self.header, self.frame_rate, self.batch):
            each.restyle()

    def sizeHint(self) -> QSize:
        """Return a size with room for some rows."""
        return scaled_size(290, 300)

    # Events

    @pyqtSlot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        """Emit the cell that the user selected."""
        row = self.proxy.source_row(current.row())
        if current.isValid() and not self._restoring and row != self._selected:
            self._selected = row
            self.cell_selected.emit(row)

    @pyqtSlot(QModelIndex)
    def _clicked(self, place: QModelIndex) -> None:
        """Emit the cell whose own settings were clicked."""
        row = self.proxy.source_row(place.row())
        if place.column() == CellColumn.OWN and row in self.model.own:
            self.own_dropped.emit(row)

    @pyqtSlot(QModelIndex)
    def _entered(self, place: QModelIndex) -> None:
        """Emit the cell that the pointer is on."""
        self.cell_hovered.emit(self.proxy.source_row(place.row()))

    @pyqtSlot()
    def _left(self) -> None:
        """Emit that the pointer is on no cell."""
        self.cell_hovered.emit(None)

    @pyqtSlot(object)
    def _filter_changed(self, chosen: Filter) -> None:
        """Apply the filter."""
        self._change(lambda: self.proxy.set_filter(chosen))

    @pyqtSlot(str)
    def _show_problem(self, problem: str) -> None:
        """Show what is wrong with the filter; the rows stay."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    @pyqtSlot()
    def _ask_for_thumbnails(self) -> None:
        """Emit the cells in view without a miniature."""
        top = self.view.rowAt(0)
        bottom = self.view.rowAt(self._viewport.height() - 1)
        if top < 0 or not self.view.isVisible():
            return
        last = bottom if bottom >= 0 else self.proxy.rowCount() - 1
        rows = map(self.proxy.source_row, range(top, last + 1))
        wanted = [row for row in rows if row not in self.model.thumbnails]
        if wanted and wanted != self._asked:
            self._asked = wanted
            self.thumbnails_wanted.emit(wanted)

    @pyqtSlot()
    def _view_moved(self) -> None:
        """Ask for miniatures soon, but not at each step of the wheel."""
        if not self._timer.isActive():
            self._timer.start()

    @pyqtSlot()
    def _sorted(self) -> None:
        """Keep the selected cell in view."""
        self.view.scrollTo(self.view.currentIndex())
        self._view_moved()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Fit the columns to the new width, and note that the pointer has left."""
        if watched is self._viewport and event is not None and event.type() == QEvent.Type.Leave:
            self._left()
        if watched is self._viewport and event is not None and event.type() == QEvent.Type.Resize:
            self._columns.fit()
            self._view_moved()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Ask for the miniatures in view."""
        super().showEvent(event)
        self._view_moved()

    # Construction

    def _make_table(self) -> None:
        self.view = QTableView()
        self.view.setObjectName("cells")
        self.view.setAccessibleName("Cells")
        self.view.setModel(self.proxy)
        self._delegate = CellDelegate(self.model, self.proxy, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setMouseTracking(True)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.setCornerButtonEnabled(False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, titles = self.view.verticalHeader(), self.view.horizontalHeader()
        viewport, bar, selection = self.view.viewport(), self.view.verticalScrollBar(), self.view.selectionModel()
        assert rows is not None
        assert titles is not None
        assert viewport is not None
        assert bar is not None
        assert selection is not None
        self._viewport = viewport
        rows.hide()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        titles.setHighlightSections(False)
        # With the table's selection, which it does not show, it would be painted whenever a cell is selected.
        titles.setSelectionModel(QItemSelectionModel(self.proxy, titles))
        titles.setMinimumSectionSize(16)
        self._fit_heights()
        titles.setSortIndicator(CellColumn.NUMBER, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        titles.sortIndicatorChanged.connect(self._sorted)
        bar.valueChanged.connect(self._view_moved)
        self.view.clicked.connect(self._clicked)
        self.view.entered.connect(self._entered)
        self.view.viewportEntered.connect(self._left)
        selection.currentChanged.connect(self._current_changed)
        self.proxy.layoutChanged.connect(self._view_moved)
        self.proxy.modelReset.connect(self._view_moved)

    def _fit_heights(self) -> None:
        rows, titles = self.view.verticalHeader(), self.view.horizontalHeader()
        if rows is not None and titles is not None:
            rows.setDefaultSectionSize(self.fontMetrics().height() + 7)
            titles.setFixedHeight(self.fontMetrics().height() + 6)

    def _make_filter(self) -> None:
        self.filter, self.problem = filter_field("cell", "cells", "alive < 3", FILTER_HELP, parse_filter)
        self.filter.value_changed.connect(self._filter_changed)
        self.filter.problem_changed.connect(self._show_problem)
        self.separate_all = QPushButton("Separate all")
        self.separate_all.setObjectName("separate_all")
        self.separate_all.setAccessibleName("Separate all cells")
        self.separate_all.setToolTip(
            "<qt>Separate all cells with the settings shown, in the background; cells that have a result of just "
            "these settings are left as they are.</qt>"
        )
        self.separate_all.clicked.connect(self.batch_requested)
        self._tools = QHBoxLayout()
        self._tools.setContentsMargins(10, 2, 10, 5)
        self._tools.setSpacing(6)
        self._tools.addWidget(self.filter, 1)
        self._tools.addWidget(self.separate_all)

    # Drawing

    def _change(self, change: Callable[[], None]) -> None:
        """Call what may hide, show or move rows, without taking it for a selection by the user."""
        self._restoring = True
        if (selection := self.view.selectionModel()) is not None:
            select_row_by_row(selection)
        change()
        self._restoring = False
        self._restore_selection()
        self._columns.fit()
        self._write_subtitle()

    def _restore_selection(self) -> None:
        selection = self.view.selectionModel()
        if selection is None:
            return
        place = QModelIndex()
        if 0 <= self._selected < len(self.model.headers):
            place = self.proxy.mapFromSource(self.model.index(self._selected, 0))
        current = self.view.currentIndex()
        if place.isValid() and current.row() == place.row() and selection.hasSelection():
            return
        self._restoring = True
        if place.isValid():
            flags = QItemSelectionModel.SelectionFlags(QItemSelectionModel.SelectionFlag.ClearAndSelect)
            # Not by the view, which would look at the keys that are held down.
            selection.setCurrentIndex(place, flags | QItemSelectionModel.SelectionFlag.Rows)
        elif current.isValid() or selection.hasSelection():
            selection.setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)
        self._restoring = False

    def _write_subtitle(self) -> None:
        headers, count = self.model.headers, self.proxy.rowCount()
        total = f"{len(headers):,} cell{'s' * (len(headers) != 1)}"
        if not headers:
            self.header.set_subtitle("")
        elif self.proxy.filtered:
            self.header.set_subtitle(f"{count:,} of {total}")
        elif self._columns.frames_differ:
            self.header.set_subtitle(total)
        else:
            self.header.set_subtitle(f"{total} · {headers[0].frames:,} frames")
