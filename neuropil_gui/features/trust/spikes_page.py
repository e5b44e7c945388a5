"""Spikes page: traces against spike times of simultaneous electrophysiology."""

import math
from collections.abc import Sequence

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.analysis.spike_detection import WINDOW, AucPoint, SpikeTest
from neuropil_gui.core.analysis.spike_in_plan import RESULT
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.features.trust.also_by import AlsoBy
from neuropil_gui.features.trust.band_plot import BandPlot
from neuropil_gui.features.trust.measured import dress_texts, make_read_only
from neuropil_gui.features.trust.spike_plots import (
    ALPHA_HELP,
    FACTOR_HELP,
    AucPlot,
    AveragePlot,
    RocPlot,
    method_colour,
)
from neuropil_gui.features.trust.words import method_name
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox, decimal
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import row
from neuropil_gui.ui.widgets.page import Page, side_panel

HELP = """<b>Spikes</b><p>The raw ROI and the best match, and below them a tick for each spike that an electrode saw in
this cell at the same time. The ticks are on the page Cell, too, and are kept with the recording.</p>
<p>Times count from the beginning of the recording, in which trials follow each other without a gap.</p>"""

TABLE_HELP = """<b>Compared</b><p><b>Peak</b>: the greatest value of the average around spikes, in the traces'
unit. <b>AUC</b>: how well spikes are told from no spike, 0.5 is guessing and 1 always right, with its
standard error.</p>"""

NOTHING = (
    "Open the spike times of this cell, if an electrode recorded them at the same time: a column of a table, an array "
    "of NumPy or MATLAB, or units of an NWB file. They tell which trace shows the cell's spikes best."
)
LIMITS = (
    "What this does not tell: one cell's best r or alpha need not be another's; a burst is one event here; and with "
    "few events the errors are large."
)
COLUMNS = ("Method", "Peak", "AUC")
BETWEEN = "\N{THIN SPACE}\N{PLUS-MINUS SIGN}\N{THIN SPACE}"
ROW = 24


class SpikesPage(Page):
    """Page of the spikes.

    Signals: `asked` (another window is asked for), `open_requested`, `remove_requested` (spike times).

    Attributes
    ----------
    spikes : SpikeTimes or None
        Of the cell that is shown.
    """

    asked = pyqtSignal()
    open_requested = pyqtSignal()
    remove_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("spikes")
        self.spikes: SpikeTimes | None = None
        self.open, self.remove, self.window_box = QPushButton("Open spike times…"), QPushButton("Remove"), DecimalBox()
        self.also_by = AlsoBy()
        self.traces, self.average, self.roc = BandPlot("Spikes", HELP), AveragePlot(), RocPlot()
        self.factor = AucPlot("AUC over r", FACTOR_HELP, "spike_factor_plot", "fixed", RESULT, False)
        self.alpha = AucPlot("AUC over alpha", ALPHA_HELP, "spike_alpha_plot", RESULT, "raw", True)
        self.words, self.notes, self.limits = QLabel(), QLabel(), QLabel(LIMITS)
        self.header, self.table = Header("Compared", TABLE_HELP), QTableWidget(0, len(COLUMNS))
        self.copy = self.header.add_button(QToolButton(), "spikes_copy", "Copy the numbers")
        self._found: SpikeTest | None = None
        self._drawn: tuple[Cell, float | None, Separation] | None = None
        self._points: Sequence[AucPoint] = ()
        self._alpha = math.nan
        self._make_controls()
        self.set_content(self._arrange())
        self.restyle()

    def _make_controls(self) -> None:
        self.window_box.setRange(0.001, 60.0)
        self.window_box.setDecimals(3)
        self.window_box.setValue(WINDOW)
        self.window_box.setKeyboardTracking(False)
        for widget, name, tip in (
            (self.open, "spikes_open", "Open spike times that an electrode recorded of this cell at the same time"),
            (self.remove, "spikes_remove", "Take the spike times away from this cell; the file stays"),
            (self.window_box, "spikes_window", "Seconds before and after a spike that are compared; from 0.001 to 60"),
            (self.also_by, "spikes_also_by", "Other methods against the same spikes; each takes longer"),
            (self.copy, "spikes_copy", "Copy all numbers, with the AUC over r, as a table for a spreadsheet"),
            (self.table, "spikes_table", "Each trace against the spikes"),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(tip)
            widget.setToolTip(tip)
        table = self.table
        table.setHorizontalHeaderLabels(COLUMNS)
        make_read_only(table, ROW)
        if (columns := table.horizontalHeader()) is not None:
            keep_scaled(table, QWidget.setFixedHeight, 7 * ROW + 12)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        dress_texts("spikes", self.words, self.notes, self.limits)
        self.traces.item.setLabel("left", "ROI, best match")
        keep_scaled(self.traces, QWidget.setMinimumHeight, 5 * ROW)
        self.open.clicked.connect(self.open_requested)
        self.remove.clicked.connect(self.remove_requested)
        self.window_box.valueChanged.connect(self.asked)
        self.also_by.currentIndexChanged.connect(self.asked)
        self.also_by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.also_by.setMinimumContentsLength(8)
        self.copy.clicked.connect(self._on_copy)

    def _arrange(self) -> QWidget:
        plots = QWidget()
        grid = QGridLayout(plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.traces, 0, 0, 1, 2)
        for place, plot in enumerate((self.average, self.roc, self.factor, self.alpha)):
            grid.addWidget(plot, 1 + place // 2, place % 2)
        for line, part in enumerate((4, 5, 5)):
            grid.setRowStretch(line, part)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        label = QLabel("Window (s)")
        label.setBuddy(self.window_box)
        form.addRow(label, self.window_box)
        label = QLabel("Also by")
        label.setBuddy(self.also_by)
        form.addRow(label, self.also_by)
        inside = QWidget()
        panel = QVBoxLayout(inside)
        panel.setContentsMargins(10, 8, 10, 8)
        panel.setSpacing(8)
        buttons = QHBoxLayout()
        buttons.addWidget(self.open, 1)
        buttons.addWidget(self.remove)
        panel.addLayout(buttons)
        panel.addLayout(form)
        for widget in (self.notes, self.words, self.header, self.table, self.limits):
            panel.addWidget(widget)
        panel.addStretch(1)
        content = QWidget()
        row(content, (plots, 1), side_panel(inside, 284))
        return content

    @property
    def window_seconds(self) -> float:
        """The window that is asked for."""
        return self.window_box.value()

    def set_spikes(self, spikes: SpikeTimes | None) -> None:
        """Take the spike times of the cell that will be shown."""
        self.spikes = spikes
        self.remove.setEnabled(spikes is not None)

    def show_cell(self, cell: Cell, frame_rate: float | None, result: Separation) -> None:
        """Draw a cell's traces and spikes, without a test of them."""
        self._drawn, self._found = (cell, frame_rate, result), None
        # The AUC over alpha is another question's, and may be known already.
        self._points = self._points if self.spikes is not None else ()
        frames, spikes = cell.traces.shape[1], self.spikes
        self.traces.set_time(frames, frame_rate, cell.trial_starts)
        self.words.setText(NOTHING if spikes is None else spikes.words(frame_rate, frames))
        self.notes.hide()
        self._draw_traces()
        self._show()

    def show_refusal(self, sentence: str) -> None:
        """Say why there is no test, or that it is under way."""
        self.notes.setText(sentence)
        self.notes.show()

    def show_test(self, found: SpikeTest, alpha: float) -> None:
        """Draw a test of the cell that is shown; `alpha` is the result's, NaN where its method has none."""
        self._found, self._alpha = found, alpha
        self._points = self._points if math.isfinite(alpha) else ()
        cell, frame_rate, _ = self._drawn if self._drawn is not None else (None, None, None)
        if cell is not None and self.spikes is not None:
            self.words.setText(f"{self.spikes.words(frame_rate, cell.traces.shape[1])} {in_words(found)}")
        self.notes.setText("\n\n".join(found.remarks))
        self.notes.setVisible(bool(found.remarks))
        self._show()

    def show_points(self, points: Sequence[AucPoint]) -> None:
        """Draw the AUC over alpha as far as it is known."""
        self._points = points
        raw = self._found.responses["raw"].roc.auc if self._found is not None else math.nan
        self.alpha.show_points(points, self._alpha, raw)

    def _show(self) -> None:
        found = self._found
        rate = self._drawn[1] if self._drawn is not None else None
        self.average.show_averages(found, rate)
        self.roc.show_test(found)
        over = found.over_factor if found is not None else ()
        best = found.responses[RESULT].roc.auc if found is not None else math.nan
        self.factor.show_points(over, found.best_factor.value if found is not None and over else math.nan, best)
        self.show_points(self._points)
        self.copy.setEnabled(found is not None)
        self._fill_table()

    def _fill_table(self) -> None:
        responses = list(self._found.responses.values()) if self._found is not None else []
        self.table.setRowCount(len(responses))
        for line, each in enumerate(responses):
            at = int(np.nanargmax(each.mean))
            texts = (
                method_name(each.method),
                f"{each.mean[at]:.3g}",
                f"{decimal(each.roc.auc)}{BETWEEN}{decimal(each.roc.error)}",
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text.replace("-", "\N{MINUS SIGN}"))
                if column:
                    item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
                else:
                    item.setForeground(style.readable(method_colour(each.method), style.current().base, 4.5))
                self.table.setItem(line, column, item)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.copy.setIcon(icon("copy_values"))
        for plot in (self.traces, self.average, self.roc, self.factor, self.alpha):
            plot.restyle()
        self._draw_traces()
        self._fill_table()

    def _draw_traces(self) -> None:
        if self._drawn is None:
            return
        cell, rate, result = self._drawn
        plot, theme = self.traces, style.current()
        roi = Series(pyramid_of(cell.traces), 0, 0.0, plot.step)
        best = Series(pyramid_of(result.matched, rows=1), 0, 0.0, plot.step)
        plot.draw(0, roi, style.pen("region"), depth=1)
        plot.draw(1, best, style.component_pen(0), depth=2)
        low, high = common_limits([roi.limits, best.limits])
        times = self.spikes.in_frames(rate) if self.spikes is not None else None
        plot.set_spikes([] if times is None else (times * plot.step).tolist())
        name = cell.signal_names[0]
        entries = [
            Entry("roi", name, name, QColor(theme.muted), style.pen("region")),
            Entry("best_match", "c1", "c1", style.component_text_colour(0), style.component_pen(0)),
        ]
        plot.describe("", entries)
        plot.fit(low - (0.1 * (high - low) if times is not None else 0.0), high)

    @pyqtSlot()
    def _on_copy(self) -> None:
        from neuropil_gui.formats.writing.plain_table import table_text

        clipboard = QApplication.clipboard()
        if clipboard is not None and self._found is not None:
            rows = self._found.table(self._points)
            clipboard.setText(table_text(list(rows[0]), rows, "\t"))


def in_words(found: SpikeTest) -> str:
    """Return what a test says of the result, beside the raw ROI and the best r."""
    result, raw = found.responses[RESULT].roc, found.responses["raw"].roc
    words = (
        f"{found.events} spikes without another in the window before, against {found.windows} windows without any: AUC "
        f"{decimal(result.auc)} in the best match, {decimal(raw.auc)} in the raw ROI"
    )
    if found.over_factor:
        best = found.best_factor
        words += f", {decimal(best.auc)} in F \N{MINUS SIGN} r Fneu at its best r, {best.value:.2f}"
    return f"{words}."
