"""Events page: transients of the ROI and of the best match, and what became of each."""

import math

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.analysis.detection import THRESHOLD
from neuropil_gui.core.analysis.events import KINDS, LEAST_KEPT, NEUROPILS, OWN, Event, Events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.analysis.spike_in_plan import UNKNOWN_RATE
from neuropil_gui.core.analysis.transients import INDICATORS, half_length
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.core.values import Value
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.features.trust.band_plot import BandPlot
from neuropil_gui.figures.palette import EVENTS, OKABE_ITO
from neuropil_gui.formats.paths import counted
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.sizes import keep_scaled, set_row_height
from neuropil_gui.ui.widgets.decimal_box import DecimalBox, decimal
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page

HELP = f"""<b>Events</b><p>Transients of an indicator's course are looked for in the ROI and in the best match, by a
matched filter. The threshold in each is so many standard deviations of its own filtered trace without its transients:
in the ROI, slow neuropil is part of that noise. Where the separation leaves the best match less than what the ROI's
noise from frame to frame makes of an amplitude, that is taken.</p>
<p><b>Kept</b>: in both, with at least {100 * LEAST_KEPT:.0f} % of its peak in the ROI. <b>Shrunk</b>: in both, with
less. <b>Removed</b>: in the ROI, and below the threshold in the best match. <b>New</b>: in the best match, and less
than {100 * LEAST_KEPT:.0f} % of it in the ROI.</p>
<p><b>Took</b>: the component whose part of the ROI holds most of it. <b>Seen as</b>: own, where the regions see at most
{OWN:g} of it; the neuropil's from {NEUROPILS:g} on; between them shared.</p>
<p>A removed event that is the cell's own, or a kept one that is the neuropil's, may be misattributed: select it, and
look at it in the traces.</p>
<p><b>OASIS</b> infers spikes from both traces, of the same course, whose transients are at least the threshold times
the ROI's noise from frame to frame (Friedrich et al. 2017). The baseline is the median.
They are drawn below the traces, upwards for the best match and downwards for the ROI, as high as the transient that
they add. <b>Inferred</b>: what it infers in the best match within half of a transient's length of the event.</p>"""

COLUMNS = ("Time", "Kind", "ROI", "Best match", "Left", "Took", "Regions/ROI", "Seen as", "Inferred")
SYMBOLS = {"kept": "o", "shrunk": "t", "removed": "x", "new": "star"}
SIGNS = {
    "kept": "\N{BLACK CIRCLE}",
    "shrunk": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "removed": "\N{MULTIPLICATION SIGN}",
    "new": "\N{BLACK STAR}",
}
ROW = 24


class EventsPage(Page):
    """Page of the events.

    Signals: `asked` (another course or threshold is asked for).

    Attributes
    ----------
    spikes : SpikeTimes or None
        Of the cell that is shown, from simultaneous electrophysiology; ticks below its traces.
    """

    asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("events")
        self.indicator, self.threshold, self.oasis = QComboBox(), DecimalBox(), QCheckBox("OASIS")
        self.plot, self.table, self.words = BandPlot("Events", HELP), QTableWidget(0, len(COLUMNS)), QLabel()
        self.copy = self.plot.header.add_button(QToolButton(), "events_copy", "Copy the events")
        self.dots = {kind: pg.ScatterPlotItem(size=9, symbol=symbol) for kind, symbol in SYMBOLS.items()}
        for dots in self.dots.values():
            self.plot.item.addItem(dots, ignoreBounds=True)
        self.sticks = {name: self.plot.item.plot([], [], connect="pairs") for name in ("roi", "best")}
        self.plot.item.setLabel("left", "ROI, best match")
        self.spikes: SpikeTimes | None = None
        self._events: Events | None = None
        self._inferred: InferredSpikes | None = None
        self._refusal = ""
        self._cell: Cell | None = None
        self._result: Separation | None = None
        self._rate: float | None = None
        self._make_controls()
        self.set_content(self._arrange())
        self.restyle()

    def _make_controls(self) -> None:
        for row, (key, each) in enumerate(INDICATORS.items()):
            self.indicator.addItem(f"{each.label}, half in {1000 * each.half_decay:.0f} ms", key)
            self.indicator.setItemData(row, each.source, Qt.ItemDataRole.ToolTipRole)
        self.indicator.setCurrentIndex(self.indicator.findData("gcamp6s"))
        self.threshold.setRange(0.5, 100.0)
        self.threshold.setValue(THRESHOLD)
        self.threshold.setKeyboardTracking(False)
        self.copy.setToolTip("Copy all events as a table for a spreadsheet")
        for widget, name, tip in (
            (self.indicator, "events_indicator", "Whose course and decay are looked for"),
            (self.threshold, "events_threshold", "Of detection, in standard deviations of the filtered noise"),
            (self.oasis, "events_oasis", "Infer spikes from both traces by OASIS, and draw them below"),
            (self.table, "events_table", "Each event, and what became of it; select one to see it in the traces"),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(tip)
            widget.setToolTip(tip)
        table = self.table
        table.setHorizontalHeaderLabels(COLUMNS)
        keep_scaled(table, QWidget.setMinimumHeight, 4 * ROW)
        keep_scaled(self.plot, QWidget.setMinimumHeight, 6 * ROW)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            keep_scaled(table, set_row_height, ROW)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            widest = COLUMNS.index("Regions/ROI")
            columns.setSectionResizeMode(widest, QHeaderView.ResizeMode.ResizeToContents)
        self.words.setObjectName("events_words")
        self.words.setWordWrap(True)
        # A wrapped label would give the whole page a height for its width, that of its plot and table at their largest.
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.indicator.currentIndexChanged.connect(self.asked)
        self.threshold.valueChanged.connect(self.asked)
        self.oasis.toggled.connect(self._on_switched)
        table.itemSelectionChanged.connect(self._on_selected)
        self.copy.clicked.connect(self._on_copy)

    def _arrange(self) -> QWidget:
        controls = QHBoxLayout()
        controls.setSpacing(8)
        for text, widget in (("Course", self.indicator), ("Threshold", self.threshold)):
            label = QLabel(text)
            label.setBuddy(widget)
            controls.addWidget(label)
            controls.addWidget(widget)
            controls.addSpacing(8)
        controls.addWidget(self.oasis)
        controls.addStretch(1)
        head = QVBoxLayout()
        head.setContentsMargins(10, 8, 10, 6)
        head.setSpacing(5)
        head.addLayout(controls)
        head.addWidget(self.words)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.plot)
        parts.addWidget(self.table)
        parts.setSizes([600, 400])
        parts.setChildrenCollapsible(False)
        content = QWidget()
        stack(content, head, (parts, 1))
        return content

    @property
    def asks(self) -> tuple[str, float]:
        """The chosen indicator and threshold."""
        return str(self.indicator.currentData()), self.threshold.value()

    @property
    def infers(self) -> bool:
        """Whether spikes are to be inferred, too."""
        return self.oasis.isChecked()

    def show_events(self, cell: Cell, frame_rate: float | None, result: Separation, events: Events) -> None:
        """Draw the events of a result."""
        self._cell, self._rate, self._result, self._events = cell, frame_rate, result, events
        self._inferred = None
        self.plot.set_time(cell.traces.shape[1], frame_rate, cell.trial_starts)
        self._show()

    def show_inferred(self, inferred: InferredSpikes | None, refusal: str = "") -> None:
        """Draw inferred spikes of the events that are shown; None draws none, and says why."""
        self._inferred, self._refusal = inferred, refusal
        self._show()

    @pyqtSlot()
    def _on_switched(self) -> None:
        if not self.infers:
            self.show_inferred(None)
        self.asked.emit()

    def _show(self) -> None:
        if self._events is None:
            return
        words = in_words(self._events, str(self.indicator.currentText()), self._rate)
        if self._inferred is not None:
            words += f" {inferred_in_words(self._events, self._inferred)}"
        elif self._refusal:
            words += f" {self._refusal}"
        self.words.setText(words)
        self.words.setToolTip(words)
        self._fill_table(self._events)
        self._draw()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.copy.setIcon(icon("copy_values"))
        self.plot.restyle()
        self._draw()

    def _time(self, event: Event) -> str:
        return f"{event.onset / self._rate:.2f} s" if self._rate else f"{event.onset:,}"

    def _fill_table(self, events: Events) -> None:
        self.table.blockSignals(True)
        self.table.clearSelection()
        self.table.setRowCount(len(events.events))
        near = [math.nan] * len(events.events)
        if self._inferred is not None:
            onsets = [each.onset for each in events.events]
            near = self._inferred.within(onsets, half_length(events.kernel))[1].tolist()
        for line, event in enumerate(events.events):
            left = event.in_best / event.in_roi if event.in_roi > 0 else math.nan
            texts = (
                self._time(event),
                event.kind,
                f"{event.in_roi:.4g}",
                f"{event.in_best:.4g}",
                decimal(left),
                f"c{event.took + 1}",
                decimal(event.spread),
                event.origin or "–",
                "–" if math.isnan(near[line]) else f"{near[line]:.4g}",
            )
            for column, text in enumerate(texts):
                self.table.setItem(line, column, QTableWidgetItem(text.replace("-", "\N{MINUS SIGN}")))
        self.table.blockSignals(False)

    def _draw(self) -> None:
        cell, result, events = self._cell, self._result, self._events
        if cell is None or result is None or events is None:
            return
        plot, theme = self.plot, style.current()
        roi = Series(pyramid_of(cell.traces), 0, 0.0, plot.step)
        best = Series(pyramid_of(result.matched, rows=1), 0, 0.0, plot.step)
        plot.draw(0, roi, style.pen("region"), depth=1)
        plot.draw(1, best, style.component_pen(0), depth=2)
        low, high = common_limits([roi.limits, best.limits])
        times = self.spikes.in_frames(self._rate) if self.spikes is not None else None
        plot.set_spikes([] if times is None else (times * plot.step).tolist())
        room = 0.08 * (high - low)
        entries = [
            Entry("roi", cell.signal_names[0], cell.signal_names[0], QColor(theme.muted), style.pen("region")),
            Entry("best_match", "c1", "c1", style.component_text_colour(0), style.component_pen(0)),
        ]
        for kind, dots in self.dots.items():
            colour = style.readable(OKABE_ITO[EVENTS[kind]], theme.base, theme.line_contrast)
            onsets = np.array([each.onset for each in events.events if each.kind == kind], np.float64)
            dots.setData(
                x=onsets * plot.step, y=np.full(len(onsets), high + room), brush=pg.mkBrush(colour), pen=colour
            )
            words = f"{SIGNS[kind]} {kind}"
            entries.append(Entry(kind, words, words, style.readable(colour, theme.window, 4.5)))
        plot.describe("", entries)
        plot.fit(low - self._draw_sticks(low, high - low), high + 2 * room)

    def _draw_sticks(self, low: float, height: float) -> float:
        """Draw inferred spikes below the traces, and return how much room they take."""
        inferred, theme = self._inferred, style.current()
        most = 0.0 if inferred is None else float(max(np.nanmax(inferred.roi), np.nanmax(inferred.best)))
        level, room = low - 0.2 * height, 0.15 * height
        for name, way, pen in (("best", 1, pg.mkPen(style.component_colour(0))), ("roi", -1, pg.mkPen(theme.muted))):
            values = np.empty(0) if inferred is None or not most else np.nan_to_num(getattr(inferred, name))
            at = np.flatnonzero(values)
            ends = np.stack([np.full(len(at), level), level + way * room * values[at] / (most or 1.0)], axis=1)
            self.sticks[name].setData(np.repeat(at * self.plot.step, 2), ends.ravel(), pen=pen)
        return 0.36 * height if most else 0.0

    @pyqtSlot()
    def _on_selected(self) -> None:
        """Bring the selected event into view."""
        events, line = self._events, self.table.currentRow()
        if events is None or not 0 <= line < len(events.events):
            return
        middle, length = events.events[line].onset * self.plot.step, len(events.kernel) * self.plot.step
        self.plot.box.setXRange(middle - length, middle + 2 * length, padding=0)

    @pyqtSlot()
    def _on_copy(self) -> None:
        from neuropil_gui.formats.writing.plain_table import table_text

        clipboard = QApplication.clipboard()
        if clipboard is None or self._events is None:
            return
        names = (
            "onset_frame",
            "kind",
            "in_roi",
            "in_best",
            "took",
            "regions_over_roi",
            "seen_as",
            "oasis_roi",
            "oasis_best",
        )
        events = self._events.events
        roi = best = [math.nan] * len(events)
        if self._inferred is not None:
            sums = self._inferred.within([each.onset for each in events], half_length(self._events.kernel))
            roi, best = (each.tolist() for each in sums)
        rows: list[dict[str, Value]] = [
            dict(
                zip(
                    names,
                    (
                        *(each.onset, each.kind, each.in_roi, each.in_best, each.took + 1, each.spread, each.origin),
                        *near,
                    ),
                    strict=True,
                )
            )
            for each, *near in zip(events, roi, best, strict=True)
        ]
        clipboard.setText(table_text(names, rows, "\t"))


def in_words(events: Events, course: str, frame_rate: float | None) -> str:
    """Return how many events are of each kind, and what noise and course they were looked for with."""
    counts = []
    for kind in KINDS:
        number = events.count(kind)
        origins = {origin: events.count_origin(kind, origin) for origin in ("own", "shared", "neuropil's")}
        seen = ", ".join(f"{count} {origin}" for origin, count in origins.items() if count)
        counts.append(f"{number} {kind}" + (f" ({seen})" if number > 1 and seen else ""))
    if math.isnan(events.noise):
        return "No transient of this course fits into a trial."
    whose = "the ROI's from frame to frame" if events.clipped else "its own"
    rate = f"at {UNKNOWN_RATE:g} Hz, which were assumed" if frame_rate is None else f"at {frame_rate:g} Hz"
    return (
        f"{'; '.join(counts)}. Looked for: {course}, {rate}. Threshold {events.threshold:g} times the noise: in the "
        f"ROI {events.threshold * events.roi_noise:.3g} (noise {events.roi_noise:.3g}, slow neuropil included), in the "
        f"best match {events.threshold * events.noise:.3g} (noise {events.noise:.3g}, {whose})."
    )


def inferred_in_words(events: Events, inferred: InferredSpikes) -> str:
    """Return in how many frames spikes are inferred, and at how many events."""
    onsets = [each.onset for each in events.events]
    _, near = inferred.within(onsets, half_length(events.kernel))
    counts = [int(np.count_nonzero(np.nan_to_num(each))) for each in (inferred.best, inferred.roi)]
    return (
        f"OASIS infers spikes in {counted(counts[0], 'frame')} of the best match and {counts[1]:,} of the ROI (noise "
        f"{inferred.noise:.3g}), and in the best match at {np.count_nonzero(near)} of {len(onsets)} events."
    )
