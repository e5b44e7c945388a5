"""Indicators page: numbers of the result beside those of the raw ROI and a subtraction, and against the true error."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.analysis.judgement import Judgement
from neuropil_gui.core.analysis.number import Number
from neuropil_gui.core.analysis.numbers import INDICATORS, NUMBERS, TESTED, TRUTH
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.features.trust.truth_plot import TruthPlot
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import keep_scaled, scaled, set_least_column, set_row_height
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.page import Page

HELP = """<b>Indicators</b><p>Numbers that judge a trace without knowing the truth: of the raw ROI, of the result
shown, and of F \N{MINUS SIGN} 0.7 Fneu, the usual simple correction.</p>
<p>An arrow tells which way speaks for the trace, other things being equal. <b>None of them is the best</b>: each can
be at its best on a wrong result. Select a row to read what it is good for, and when it misleads.</p>
<p>The last rows are there for simulated cells only: how wrong each trace truly is. The plot over alpha is of the
accelerated solver, unchecked against FISSA's.</p>
<p>Gain and leak of added transients are there once the cells are tested: <i>Population &gt; Spike-in</i>.</p>
<p>A dash: it has no meaning there. A simple correction leaves no residual, for one.</p>"""

NO_TRUTH = (
    "The truth is not known for this recording, so it cannot be known here which indicator is right. The demos are "
    "simulated: open one to see each indicator held against the true error, over many values of alpha."
)
NO_ALPHA = (
    "The method of this result has no alpha, so there is nothing to vary. Choose NMF to see indicators against truth."
)
ROW = 27


class IndicatorsPage(Page):
    """Shows judgements, and a sweep where the truth is known."""

    def __init__(self) -> None:
        super().__init__("indicators")
        self.header = Header("Indicators", HELP)
        self.table, self.words = QTableWidget(0, 4), QLabel()
        self.truth, self.no_truth = TruthPlot(), QLabel(NO_TRUTH)
        self._judgement = Judgement({}, {}, {})
        self._keys: list[str] = []
        self._points: Sequence[Tile] = ()
        self._alpha = math.nan
        self._make_table()
        self.set_content(self._arrange())

    def _make_table(self) -> None:
        table = self.table
        table.setObjectName("indicators_table")
        keep_scaled(table, QWidget.setMinimumWidth, 410)
        table.setAccessibleName("Indicators")
        table.setToolTip("Select a row to read what it is good for, and when it misleads")
        table.setHorizontalHeaderLabels(["Indicator", "raw ROI", "result", f"F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu"])
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            keep_scaled(table, set_row_height, ROW)
            columns.setHighlightSections(False)
            keep_scaled(table, set_least_column, 72)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._on_selected)

    def _arrange(self) -> QWidget:
        for label, name in ((self.words, "indicator_words"), (self.no_truth, "no_truth")):
            label.setObjectName(name)
            label.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setMargin(12)
        self.no_truth.setProperty("muted", True)
        self.no_truth.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_truth.setMargin(30)
        scroll = QScrollArea()
        scroll.setWidget(self.words)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.setSpacing(0)
        for widget, stretch in ((self.header, 0), (self.table, 0), (scroll, 1)):
            left.addWidget(widget, stretch)
        self._right = QStackedWidget()
        self._right.addWidget(self.no_truth)
        self._right.addWidget(self.truth)
        content = QWidget()
        layout = QHBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(left, 3)
        layout.addWidget(self._right, 2)
        return content

    def show_judgement(self, judgement: Judgement, alpha: float) -> None:
        """Show the indicators of a result, whose alpha is given; NaN where its method has none."""
        row = max(self.table.currentRow(), 0)
        self._judgement, self._alpha = judgement, alpha
        keys = (*(key for key in INDICATORS if key not in TRUTH), *TESTED, *TRUTH)
        self._keys = [key for key in keys if key in judgement.result]
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(len(self._keys))
        head = self.table.horizontalHeader()
        self.table.setFixedHeight(
            scaled(ROW) * len(self._keys) + (head.sizeHint().height() if head is not None else 0) + 4
        )
        for index, key in enumerate(self._keys):
            number = NUMBERS[key]
            texts = [number.title]
            for numbers in (judgement.raw, judgement.result, judgement.subtraction):
                texts.append(number.text(numbers.get(key, math.nan), 3))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
                self.table.setItem(index, column, item)
        self.table.blockSignals(blocked)
        if self._keys:
            self.table.selectRow(min(row, len(self._keys) - 1))
        simulated = any(key in TRUTH for key in self._keys)
        self.no_truth.setText(NO_ALPHA if simulated else NO_TRUTH)
        self._right.setCurrentWidget(self.truth if simulated and math.isfinite(alpha) else self.no_truth)
        self._colour()
        self._on_selected()

    def show_points(self, points: Sequence[Tile]) -> None:
        """Show what is known of a sweep over alpha."""
        self._points = points
        self._draw_points()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.truth.restyle()
        self._colour()
        self._on_selected()

    @property
    def selected(self) -> Number | None:
        """The indicator that is held against the truth."""
        row = self.table.currentRow()
        return NUMBERS[self._keys[row]] if 0 <= row < len(self._keys) else None

    def _colour(self) -> None:
        for row, key in enumerate(self._keys):
            for column in range(self.table.columnCount()):
                item = self.table.item(row, column)
                if item is not None:
                    colours = style.current()
                    item.setForeground(QColor(colours.muted if key in TRUTH and column == 0 else colours.text))

    def _draw_points(self) -> None:
        chosen = self.selected
        if chosen is not None and chosen.key in TESTED:
            chosen = NUMBERS[TRUTH[-1]]  # they are measured at one alpha alone
        self.truth.show_points(self._points, chosen, self._judgement.result, self._alpha)

    @pyqtSlot()
    def _on_selected(self) -> None:
        chosen = self.selected
        if chosen is None:
            self.words.setText("")
            return
        side = {"zero": "nearer to 0", "one": "nearer to 1"}.get(chosen.better, chosen.better)
        self.words.setText(
            f"<p><b>{chosen.name}</b> \N{EN DASH} {side} speaks for the trace, other things being equal.</p>"
            f"<p>{chosen.meaning}</p><p><b>Good for:</b> {chosen.good_for}</p>"
            f"<p><b>Lies when:</b> {chosen.lies_when}</p>"
        )
        self._draw_points()
