"""Table of runs: sort, filter, copy, export, and bring one back."""

from PyQt5.QtCore import QEvent, QModelIndex, QObject, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QKeyEvent, QKeySequence
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.features.history.model import TIME, RunModel
from neuropil_gui.features.history.run_column_widths import RunColumns
from neuropil_gui.state import filtering
from neuropil_gui.state.runs import RUN_COLUMNS, Run
from neuropil_gui.ui.widgets.filter_field import filter_field
from neuropil_gui.ui.widgets.row_filter import RowFilter, select_row_by_row

HELP = """<b>History</b><p>Every finished result that was on screen, newest first: yours, those of Live,
and FISSA's own that checked them. Of a setting that was dragged, only what you rested on is here.</p>
<p><b>Click</b> a run, or press Enter, to bring back its cell and its settings. ▸ stands at the one shown.</p>
<p><b>raw r neu</b> and <b>r neu</b>: Pearson's r with the neuropil, of the raw ROI and of the best match.</p>
<p>Click a title to sort. Type to filter: <b>r_neuropil &lt; 0.2 and alpha &gt; 0.05</b>, or words of a cell's name.</p>
<p>Shift or Ctrl with a click select several; Ctrl+C copies them as a table.</p>"""

NOTHING_YET = "Nothing has been separated yet. Each finished result that you see will have a line here."
NOTHING_PASSES = "No run passes this filter."

FILTER_HELP = (
    "Words search the cell's name: roi 12. Columns are compared: r_neuropil < 0.2 and alpha > 0.05, not converged, "
    "solver = fissa. and, or, not and parentheses combine them. Columns: " + ", ".join(RUN_COLUMNS) + "."
)


def parse(text: str) -> filtering.Filter:
    """Return the filter of runs in `text`; raise `FilterError`."""
    return filtering.parse(text, RUN_COLUMNS)


class _Table(QTableView):
    """Table view that emits on Enter and Ctrl+C."""

    entered_row = pyqtSignal(QModelIndex)
    copy_requested = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Emit `entered_row` for Enter, and `copy_requested` for the keys of Copy."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit(self.currentIndex())
        elif event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        else:
            super().keyPressEvent(event)


class RunTable(QWidget):
    """Table of runs with its filter and buttons.

    Signals: `run_chosen` (the `Run` to bring back), `copy_requested`, `export_requested`, `summary_changed` (number of
    runs as text).
    """

    run_chosen = pyqtSignal(object)
    copy_requested = pyqtSignal()
    export_requested = pyqtSignal()
    summary_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunModel(self)
        self.proxy = RowFilter(self.model, self)
        self._make_table()
        self._columns = RunColumns(self.view, self.model)
        self._make_tools()
        self.nothing = QLabel(NOTHING_YET)
        self.nothing.setObjectName("no_runs")
        self.nothing.setProperty("muted", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._tools)
        layout.addWidget(self.problem)
        layout.addWidget(self._pages, 1)
        self._viewport.installEventFilter(self)
        for model in (self.model, self.proxy):
            for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
                signal.connect(self._show_count)
        self._show_count()

    def selected(self) -> list[Run]:
        """Return the selected runs in the order of the table."""
        selection = self.view.selectionModel()
        rows = sorted(index.row() for index in selection.selectedRows()) if selection is not None else []
        return [self._run(self.proxy.index(row, 0)) for row in rows]

    def listed(self) -> list[Run]:
        """Return all runs that pass the filter, in the order of the table."""
        return [self._run(self.proxy.index(row, 0)) for row in range(self.proxy.rowCount())]

    def go_to_present(self) -> None:
        """Put the cursor on the current run, if it passes the filter."""
        row = self.model.row(self.model.present) if self.model.present is not None else None
        if row is not None:
            self.view.setCurrentIndex(self.proxy.mapFromSource(self.model.index(row, 0)))

    def _run(self, index: QModelIndex) -> Run:
        return self.model.runs[self.proxy.source_row(index.row())]

    # Events

    @pyqtSlot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        """Bring a run back, unless the click extended the selection."""
        if QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._entered(index)

    @pyqtSlot(QModelIndex)
    def _entered(self, index: QModelIndex) -> None:
        """Bring a run back."""
        if index.isValid():
            self.run_chosen.emit(self._run(index))

    @pyqtSlot(object)
    def _filter_changed(self, chosen: filtering.Filter) -> None:
        """Apply the filter."""
        if (selection := self.view.selectionModel()) is not None:
            select_row_by_row(selection)
        self.proxy.set_filter(chosen)
        self._show_count()

    @pyqtSlot(str)
    def _show_problem(self, problem: str) -> None:
        """Show what is wrong with the filter; the rows stay."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Fit the columns to the new width."""
        if watched is self._viewport and event is not None and event.type() == QEvent.Type.Resize:
            self._columns.fit()
        return super().eventFilter(watched, event)

    @pyqtSlot()
    def _show_count(self) -> None:
        """Emit the number of runs, or show why there are none."""
        total, count = len(self.model.runs), self.proxy.rowCount()
        self.nothing.setText(NOTHING_PASSES if total else NOTHING_YET)
        self._pages.setCurrentWidget(self.view if count else self.nothing)
        for button in (self.copy, self.export):
            button.setEnabled(bool(count))
        runs = f"{total:,} run{'s' * (total != 1)}" if total else ""
        self.summary_changed.emit(f"{count:,} of {runs}" if total and self.proxy.filtered else runs)
        self._columns.fit()

    # Construction

    def _make_table(self) -> None:
        self.view = _Table()
        self.view.setObjectName("runs")
        self.view.setAccessibleName("Runs")
        self.view.setModel(self.proxy)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.setCornerButtonEnabled(False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, titles, viewport = self.view.verticalHeader(), self.view.horizontalHeader(), self.view.viewport()
        assert rows is not None
        assert titles is not None
        assert viewport is not None
        self._viewport = viewport
        rows.hide()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 9)
        titles.setHighlightSections(False)
        titles.setFixedHeight(self.fontMetrics().height() + 10)
        titles.setSortIndicator(TIME, Qt.SortOrder.DescendingOrder)
        self.view.setSortingEnabled(True)
        self.view.clicked.connect(self._clicked)
        self.view.entered_row.connect(self._entered)
        self.view.copy_requested.connect(self.copy_requested)

    def _make_tools(self) -> None:
        self.filter, self.problem = filter_field("run", "runs", "r_neuropil < 0.2 and alpha > 0.05", FILTER_HELP, parse)
        self.filter.value_changed.connect(self._filter_changed)
        self.filter.problem_changed.connect(self._show_problem)
        self.copy = QPushButton("Copy")
        self.export = QPushButton("Export…")
        for button, name, tip in (
            (self.copy, "copy_runs", "Copy the selected runs as a table for a spreadsheet (Ctrl+C)"),
            (self.export, "export_runs", "Write the runs listed here, with all their settings, to a .csv table"),
        ):
            button.setObjectName(name)
            button.setAccessibleName(tip.partition(",")[0].partition(" (")[0])
            button.setToolTip(tip)
        self.copy.clicked.connect(self.copy_requested)
        self.export.clicked.connect(self.export_requested)
        self._tools = QHBoxLayout()
        self._tools.setContentsMargins(10, 4, 10, 6)
        self._tools.setSpacing(6)
        for widget, stretch in ((self.filter, 1), (self.copy, 0), (self.export, 0)):
            self._tools.addWidget(widget, stretch)
