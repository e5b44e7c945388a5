"""Compare view: traces over each other, the difference of two of them, and their mixing matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PyQt5.QtCore import QSignalBlocker, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QKeySequence, QPen
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QSplitter,
    QWidget,
)

from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.features.compare.candidate_list import CompareList
from neuropil_gui.features.compare.matrix_pair import MatrixPair
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.crosshair import Crosshair
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.sizes import keep_scaled, set_list_width
from neuropil_gui.ui.widgets.layouts import row, stack

TRACES_HELP = """<b>Traces</b><p>All that is switched on at the left, over each other, in the file's units. Each is
moved to the level of the reference, so that their medians agree; its line at the left says by how much. Nothing
is scaled.</p>
<p><b>Blink</b> (B) shows the reference and what it is compared with in turn, on one axis: what jumps is the
difference.</p>
<p><b>Make current</b> brings back a pin, or FISSA's NMF or ICA, with its settings, as the current result.</p>
<p>The time axis begins at what is in view on the page Cell, and then moves by itself, unless <b>linked</b>.</p>"""

DIFFERENCE_HELP = """<b>Difference</b><p>The reference minus what it is compared with, frame by frame, as they are: no
level is taken away, so that a constant difference stands as a constant. The line above says how alike the two are and
where they are furthest apart.</p>
<p>A difference that looks like the neuropil tells that one of the two took more of it; one
that looks like the cell's transients, that one of them lost signal.</p>"""

BLINK = 700
"""Milliseconds that each of the two traces is shown."""

IDLE = "Point at a plot to read values · drag: move · wheel: zoom · double click: all · B: blink"


@dataclass(frozen=True, eq=False)
class Drawn:
    """One trace as it is drawn."""

    key: str
    series: Series
    pen: QPen
    text: str
    tip: str = ""


class CompareView(QWidget):
    """List of candidates, plots of traces and difference, and mixing matrices.

    Signals: `pair_chosen` (reference, compared), `current_clicked`, `restyled` (pens must be made for the theme).

    Attributes
    ----------
    drawn : list of Drawn
        Traces, from the lowest to the topmost.
    gap : Drawn or None
        The difference.
    blink_timer : QTimer
    """

    pair_chosen = pyqtSignal(str, str)
    current_clicked = pyqtSignal()
    restyled = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.list = CompareList()
        self.traces, self.difference = TimePlot("Traces", TRACES_HELP), TimePlot("Difference", DIFFERENCE_HELP)
        self.matrices = MatrixPair()
        self.readout = Readout(IDLE)
        self.crosshair = Crosshair([self.traces.item, self.difference.item], self.readout, self)
        self.difference.show_time_values(True)
        self.difference.box.setXLink(self.traces.box)
        self.drawn: list[Drawn] = []
        self.gap: Drawn | None = None
        self._pair = ("", "")
        self._extent = (0.0, 1.0)
        self._first = True
        self.blink_timer = QTimer(self)
        self.blink_timer.setInterval(BLINK)
        self.blink_timer.timeout.connect(self._turn)
        self._make_bar()
        self._arrange()
        for plot in (self.traces, self.difference):
            plot.box.all_requested.connect(self.show_all)
            plot.pointer_moved.connect(self.crosshair.show_at)
            plot.pointer_left.connect(self.crosshair.hide)
            plot.add_button(
                f"fit_{plot.title.lower()}", "fit_values", "Fit values: fit the value axis to what is in view"
            )
        self.traces.button("fit_traces").clicked.connect(self._fit_traces)
        self.difference.button("fit_difference").clicked.connect(self._fit_difference)

    def _make_bar(self) -> None:
        self.reference, self.compared = QComboBox(), QComboBox()
        for box, name, label, tip in (
            (self.reference, "compare_reference", "Reference", "The reference: all are moved to its level"),
            (self.compared, "compare_with", "Compared with", "What is subtracted from the reference"),
        ):
            box.setObjectName(name)
            box.setAccessibleName(label)
            box.setToolTip(tip)
            keep_scaled(box, QWidget.setMinimumWidth, 100)
            keep_scaled(box, QWidget.setMaximumWidth, 220)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            keep_scaled(box, set_list_width, 220)
            box.activated.connect(self._on_pair)
        self.blink = QPushButton("Blink")
        self.blink.setObjectName("compare_blink")
        self.blink.setCheckable(True)
        keep_scaled(self.blink, QWidget.setMinimumWidth, 112)
        self.blink.setToolTip("Show the two in turn, on one axis (B)")
        self.blink.toggled.connect(self._on_blink)
        self.current = QPushButton("Make current")
        self.current.setObjectName("compare_current")
        self.current.clicked.connect(self.current_clicked)
        self.linked = QCheckBox("linked")
        self.linked.setObjectName("compare_linked")
        self.linked.setToolTip("Move the time axis together with that of the page Cell")
        for each in (self.blink, self.current, self.linked):
            each.setAccessibleName(each.text())
        key = QShortcut(QKeySequence("B"), self)
        key.activated.connect(self.blink.toggle)

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 4, 8, 2)
        bar.setSpacing(8)
        bar.addWidget(QLabel("Reference"))
        bar.addWidget(self.reference, 10)
        bar.addWidget(QLabel("\N{MINUS SIGN}"))
        bar.addWidget(self.compared, 10)
        bar.addSpacing(4)
        bar.addWidget(self.blink)
        bar.addWidget(self.current)
        bar.addStretch(1)
        bar.addWidget(self.linked)
        splitter = QSplitter(Qt.Orientation.Vertical)
        for widget, share in ((self.traces, 12), (self.difference, 8), (self.matrices, 9)):
            splitter.addWidget(widget)
            splitter.setStretchFactor(splitter.count() - 1, share)
            splitter.setCollapsible(splitter.count() - 1, False)
        splitter.setSizes([1200, 800, 900])
        below = row(None, (self.list, 2), (splitter, 3))
        stack(self, bar, (below, 1), self.readout)

    # What is shown

    def show_time(
        self, frames: int, rate: float | None, trial_starts: Sequence[int], view: tuple[float, float] | None
    ) -> None:
        """Set the time axis of both plots, and show `view`, or the whole recording."""
        step = 1 / (rate or 1.0)
        self._extent = 0.0, max((frames - 1) * step, 1e-9)
        for plot in (self.traces, self.difference):
            plot.set_trials([(start - 0.5) * step for start in trial_starts[1:]])
            if frames > 1:
                plot.set_extent(*self._extent, shortest=min(8, frames - 1) * step)
        self.difference.item.setLabel("bottom", "Time (s)" if rate else "Frame")
        self.crosshair.set_time(frames, rate, trial_starts)
        self.traces.box.setXRange(*(view or self._extent), padding=0)

    def show_traces(self, drawn: Sequence[Drawn], sentence: str = "") -> None:
        """Draw traces over each other, the last on top."""
        fresh = [each.key for each in drawn] != [each.key for each in self.drawn]
        self.drawn = list(drawn)
        self._draw()
        low, high = common_limits([each.series.limits for each in drawn])
        (self.traces.fit if fresh else self.traces.keep_in_view)(low, high)
        entries = [_entry(each) for each in drawn]
        self.traces.describe(sentence, entries)
        self._update_readout()

    def show_difference(self, gap: Drawn | None, sentence: str) -> None:
        """Draw the difference, or show the sentence why there is none."""
        self.gap = gap
        if gap is None:
            self.difference.hide_from(0)
        else:
            self.difference.draw(0, gap.series, gap.pen)
            low, high = gap.series.limits
            if low == high:
                low, high = low - 1, high + 1
            if low < high:  # not of a cell without any value
                self.difference.fit(low, high)
        self.difference.describe(sentence, ())
        self._update_readout()

    def show_pair(self, names: dict[str, str], reference: str, compared: str, can_be_current: str) -> None:
        """Offer the candidates {key: name} as reference and compared.

        `can_be_current` is the tool tip of the button that makes the compared one current; empty disables it.
        """
        for box, key in ((self.reference, reference), (self.compared, compared)):
            with QSignalBlocker(box):
                if [(box.itemData(row), box.itemText(row)) for row in range(box.count())] != list(names.items()):
                    box.clear()
                    for each, text in names.items():
                        box.addItem(text, each)
                box.setCurrentIndex(box.findData(key))
            box.setEnabled(bool(names))
        if (reference, compared) != self._pair:
            self._pair = reference, compared
            self._draw()
        self.current.setEnabled(bool(can_be_current))
        self.current.setToolTip(
            can_be_current or "What stands at the right of the minus is the current result, or no separation"
        )
        self.blink.setEnabled(len({reference, compared} - {""}) == 2)

    def stop(self) -> None:
        """Stop blinking."""
        self.blink.setChecked(False)

    @pyqtSlot()
    def show_all(self) -> None:
        """Show the whole recording."""
        self.traces.box.setXRange(*self._extent, padding=0)

    def restyle(self) -> None:
        """Apply the colours of the current theme; pens come with what is drawn."""
        for each in (self.list, self.traces, self.difference, self.crosshair, self.matrices):
            each.restyle()
        self.restyled.emit()

    # Drawing

    def _draw(self) -> None:
        blinking = self.blink.isChecked() and self.blink.isEnabled()
        only = self._pair[0 if self._first else 1] if blinking else None
        for place, each in enumerate(self.drawn):
            if only is None or each.key == only:
                self.traces.draw(place, each.series, each.pen, place)
            else:
                self.traces.hide_curve(place)
        self.traces.hide_from(len(self.drawn))

    def blinking(self) -> str:
        """Return the key of the trace that is shown alone, empty while nothing blinks."""
        return self._pair[0 if self._first else 1] if self.blink.isChecked() else ""

    @pyqtSlot(bool)
    def _on_blink(self, on: bool) -> None:
        self._first = True
        if on:
            self.blink_timer.start()
        else:
            self.blink_timer.stop()
        self._show_turn()

    @pyqtSlot()
    def _turn(self) -> None:
        self._first = not self._first
        self._show_turn()

    def _show_turn(self) -> None:
        self._draw()
        shown = next((each.text for each in self.drawn if each.key == self.blinking()), "")
        self.blink.setText(f"Blink: {shown}" if shown else "Blink")

    def _update_readout(self) -> None:
        drawn = [*self.drawn, *([self.gap] if self.gap is not None else [])]
        base = style.current().base
        self.crosshair.set_values(
            [(each.text, each.series, style.readable(each.pen.color(), base, 4.5)) for each in drawn]
        )

    @pyqtSlot()
    def _on_pair(self, _: int = 0) -> None:
        self.pair_chosen.emit(cast(str, self.reference.currentData()), cast(str, self.compared.currentData()))

    @pyqtSlot()
    def _fit_traces(self) -> None:
        between = self.traces.box.viewRange()[0]
        self.traces.fit(*common_limits([each.series.limits_between(*between) for each in self.drawn]))

    @pyqtSlot()
    def _fit_difference(self) -> None:
        if self.gap is not None:
            self.difference.fit(*self.gap.series.limits_between(*self.difference.box.viewRange()[0]))


def _entry(drawn: Drawn) -> Entry:
    colour = style.readable(drawn.pen.color(), style.current().window, 4.5)
    return Entry(f"drawn_{drawn.key}", drawn.text, drawn.text, colour, drawn.pen, drawn.tip)
