"""Spike-in page: transients are added to the recording, and what comes back of them is shown."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QApplication,
    QGridLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in import SpikeIn, SpikeInPoint
from neuropil_gui.core.recording import Cell
from neuropil_gui.features.trust.measured import dress_texts, make_read_only
from neuropil_gui.features.trust.spike_in_form import SpikeInForm
from neuropil_gui.features.trust.spike_in_plots import AlphaPlot, CoursePlot, PutInPlot, leak_colour
from neuropil_gui.features.trust.words import in_words, method_name
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, scaled, set_least_column
from neuropil_gui.ui.widgets.decimal_box import decimal
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import row
from neuropil_gui.ui.widgets.page import Page, side_panel

HELP = """<b>Spike-in test</b><p>Known transients are added to this recording, it is separated again with the settings
of the result, and what comes back in the best match is measured. The same is done with the raw ROI, with
F \N{MINUS SIGN} 0.7 Fneu, with the other method, and with those chosen at <b>Also by</b>.</p>
<p><b>Gain</b>: how much of light added as the cell's comes back; 1 is all. <b>Leak</b>: how much of light added to the
regions comes back; 0 is none, below 0 the best match loses light that it had. <b>Detected</b>, <b>appeared</b>: the
part of either that is found by a matched filter. <b>False</b>: what is found besides, in a repeat.</p>
<p>\N{PLUS-MINUS SIGN} holds 95 % of further repeats, which add other transients at other times.</p>"""

COLUMNS = {
    "method": ("Method", "What made the trace"),
    "gain": ("Gain", "Came back of light added as the cell's, over what was put in; 1 is all of it"),
    "leak": ("Leak", "Came back of light that is not the cell's; 0 is none, below 0 light is taken away"),
    "spread": ("Spread", "Deviation of single transients about the gain's line, over their mean amplitude"),
    "decay": ("Decay", "Of the mean transient to 1/e, after over before; 1 keeps its course"),
    "detected": ("Detected", "Part of the added transients that are detected, of those not added to others"),
    "appeared": ("Appeared", "Part of the transients that are not the cell's which are detected as the cell's"),
    "false": ("False", "Detected in a repeat, but neither there before nor added"),
}
LIMITS = (
    "What this does not tell: added light is linear and has one course, which the indicator's is not; the cell's own "
    "events may go together with the neuropil, which these do not; and how much of a cell's light its regions see is "
    "never known. Where the best match is wrong about that, its own shares favour it: compare nothing and 10 %."
)
ROW, MOST_ROWS = 24, 7


class SpikeInPage(Page):
    """Page of the spike-in test.

    Signals: `asked` (another test is asked for).
    """

    asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("spike_in")
        self.form = SpikeInForm()
        self.put_in, self.course, self.alphas = PutInPlot(), CoursePlot(), AlphaPlot()
        self.header, self.table = Header("Compared", HELP), QTableWidget(0, len(COLUMNS))
        self.copy = self.header.add_button(QToolButton(), "spike_in_copy", "Copy the numbers")
        self.copy.setToolTip("Copy all numbers of the test as a table for a spreadsheet")
        self.copy.clicked.connect(self._on_copy)
        self.words, self.notes, self.limits = QLabel(), QLabel(), QLabel(LIMITS)
        self.legend = QLabel()
        self.legend.setObjectName("spike_in_legend")
        self.legend.setContentsMargins(10, 0, 10, 0)
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._found: SpikeIn | None = None
        self._make_table()
        self.set_content(self._arrange())
        self.form.changed.connect(self.asked)
        self.restyle()

    def _make_table(self) -> None:
        table = self.table
        table.setObjectName("spike_in_table")
        table.setAccessibleName("Spike-in test by method")
        table.setToolTip("Gain, leak and detection of each method on the same recordings")
        table.setHorizontalHeaderLabels([text for text, _ in COLUMNS.values()])
        for column, (_, tip) in enumerate(COLUMNS.values()):
            item = table.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(tip)
        make_read_only(table, ROW)
        if (columns := table.horizontalHeader()) is not None:
            keep_scaled(table, _set_height, ROW)
            keep_scaled(table, set_least_column, 44)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setStretchLastSection(True)

    def _arrange(self) -> QWidget:
        dress_texts("spike_in", self.words, self.notes, self.limits)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.table)
        column.addStretch(1)
        plots = QWidget()
        grid = QGridLayout(plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, plot in enumerate((self.put_in, self.course, self.alphas)):
            grid.addWidget(plot, 0, place)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self.legend, 1, 0, 1, 3)
        grid.addWidget(below, 2, 0, 1, 3)
        grid.setRowStretch(0, 1)
        inside = QWidget()
        panel = QVBoxLayout(inside)
        panel.setContentsMargins(10, 8, 10, 8)
        panel.setSpacing(8)
        for widget in (self.words, self.notes, self.form, self.limits):
            panel.addWidget(widget)
        panel.addStretch(1)
        content = QWidget()
        row(content, (plots, 1), side_panel(inside, 244))
        return content

    def show_answer(self, cell: Cell, found: SpikeIn) -> None:
        """Draw an answer for a cell."""
        self.form.show_regions(cell)
        self._show(found)
        self.words.setText(in_words(found))
        self.notes.setText("\n\n".join(found.remarks))
        self.notes.setVisible(bool(found.remarks))

    def show_cell(self, cell: Cell) -> None:
        """Offer a cell's regions, and draw nothing, while there is no answer for it."""
        self.form.show_regions(cell)
        self._show(None)
        self.words.setText("Is shown here once the transients are added.")
        self.notes.hide()

    def _show(self, found: SpikeIn | None) -> None:
        self._found = found
        self.put_in.show_answer(found)
        self.course.show_answer(found)
        self.copy.setEnabled(found is not None)
        self._fill_table(found)

    def show_alpha(self, alpha: float) -> None:
        """Mark the alpha of the result; NaN where its method has none, and no curve."""
        self.alphas.setVisible(math.isfinite(alpha))
        self.alphas.show_alpha(alpha)

    def show_points(self, points: Sequence[SpikeInPoint]) -> None:
        """Draw gain and leak over alpha as far as they are known."""
        self.alphas.show_points(points)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        own = style.coloured("\N{BLACK CIRCLE} the cell's light, gain", style.component_colour(0))
        other = style.coloured("\N{WHITE CIRCLE} other light, leak", leak_colour())
        self.legend.setText(f"{own} &nbsp; {other} &nbsp; dashed: put in, this alpha")
        self.copy.setIcon(icon("copy_values"))
        for plot in (self.put_in, self.course, self.alphas):
            plot.restyle()

    def _fill_table(self, found: SpikeIn | None) -> None:
        recoveries = list(found.recoveries.values()) if found is not None else []
        self.table.setRowCount(len(recoveries))
        _set_height(self.table, scaled(ROW))
        for line, recovery in enumerate(recoveries):
            before, after = recovery.decays
            texts = (
                method_name(recovery.method),
                interval_text(recovery.gain),
                interval_text(recovery.leak),
                decimal(recovery.spread),
                decimal(after / before if before else math.nan),
                decimal(recovery.detected.mean),
                decimal(recovery.appeared.mean),
                decimal(recovery.false.mean, 1),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
                if not line:
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                self.table.setItem(line, column, item)

    @pyqtSlot()
    def _on_copy(self) -> None:
        from neuropil_gui.formats.writing.plain_table import table_text

        clipboard = QApplication.clipboard()
        if clipboard is not None and self._found is not None:
            rows = self._found.table()
            clipboard.setText(table_text(list(rows[0]), rows, "\t"))


def _set_height(table: QTableWidget, row_height: int) -> None:
    """Have the table show its title and from 4 to `MOST_ROWS` rows; more are scrolled."""
    table.setFixedHeight((1 + min(max(table.rowCount(), 4), MOST_ROWS)) * row_height + row_height // 2)


def interval_text(estimate: Estimate) -> str:
    """Return a mean with half the width of its interval."""
    if not math.isfinite(estimate.high):
        return decimal(estimate.mean)
    half = decimal(estimate.high - estimate.mean)
    return f"{decimal(estimate.mean)}\N{THIN SPACE}\N{PLUS-MINUS SIGN}\N{THIN SPACE}{half}"
