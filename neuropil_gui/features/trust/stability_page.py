"""Stability page: the range of the best match over replicates, and the agreement of each component."""

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from neuropil_gui.core.analysis.stability import REPLICATES, Stability
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.features.trust.agreement_bars import AgreementBars
from neuropil_gui.features.trust.band_plot import BandPlot
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page, side_panel

HELP = """<b>Ribbon</b><p>The cell is separated again and again, each time slightly varied. The ribbon holds 90 % of the
replicates at each time; with one region left out all of them, which are few. The dashed line is their median, and the
solid one c1 of the current result.</p>
<p><b>Random starts</b>: does the result depend on the start of the solver? <b>Bootstrap</b>: on which trials, or blocks
of time, were recorded? <b>One region left out</b>: on a single region?</p>
<p><b>Agreement</b>: the mean |r| of each component with the one that is paired with it in each replicate; 1 is the same
each time.</p>
<p>Replicates are the accelerated solver's. Where FISSA's own result is shown, the two are compared first, and a remark
says where they differ; each replicate by itself is unchecked.</p>
<p>A narrow ribbon says nothing of bias: what is wrong in all replicates alike does not show.</p>"""

KINDS = {
    "seeds": ("Random starts", "Each replicate starts from other random numbers."),
    "bootstrap": (
        "Bootstrap",
        "Each replicate is fitted to trials (or, with one trial, blocks of time) drawn with replacement.",
    ),
    "leave_one_out": ("One region left out", "Each replicate leaves out one of the neuropil regions, in turn."),
}
"""Name and description of each kind of replicates."""

PLACEBO = (
    "With FISSA's start (nndsvdar) the seed usually has no effect: nearly every seed gives the same result. These "
    "replicates start at random instead."
)

BIAS = (
    "A narrow ribbon says nothing of bias: the replicates are alike, which does not mean that they are right. "
    "What is wrong in all of them, such as too high an alpha, does not show."
)


class StabilityPage(Page):
    """Page of the replicates.

    Signals: `asked` (another kind or number of replicates was chosen).
    """

    asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("stability")
        self.kind, self.replicates = QComboBox(), QSpinBox()
        self.plot = BandPlot("Stability", HELP)
        self.plot.item.setLabel("left", "Best match")
        self.bars = AgreementBars()
        self.caption, self.notes, self.bias = QLabel(), QLabel(), QLabel(BIAS)
        self._made: Stability | None = None
        self._bands: FloatArray | None = None
        self._best: FloatArray | None = None
        self._make_controls()
        self.set_content(self._arrange())

    def _make_controls(self) -> None:
        self.kind.setObjectName("stability_kind")
        self.kind.setAccessibleName("What is varied")
        self.kind.setToolTip("What is varied from replicate to replicate")
        for row, (key, (text, tip)) in enumerate(KINDS.items()):
            self.kind.addItem(text, key)
            self.kind.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        self.replicates.setObjectName("replicates")
        self.replicates.setAccessibleName("Number of replicates")
        self.replicates.setRange(2, 500)
        self.replicates.setValue(REPLICATES)
        self.replicates.setKeyboardTracking(False)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.replicates.valueChanged.connect(self.asked)
        self._show_use()

    def _arrange(self) -> QWidget:
        controls = QHBoxLayout()
        controls.setContentsMargins(10, 8, 10, 4)
        controls.setSpacing(8)
        for text, widget in (("Vary", self.kind), ("Replicates", self.replicates)):
            label = QLabel(text)
            label.setBuddy(widget)
            controls.addWidget(label)
            controls.addWidget(widget)
            controls.addSpacing(12)
        controls.addStretch(1)
        self.notes.setObjectName("stability_notes")
        self.notes.setProperty("note", True)
        self.bias.setObjectName("stability_bias")
        self.bias.setProperty("muted", True)
        title = QLabel("<b>Agreement</b>")
        self.caption.setProperty("muted", True)
        for label in (self.notes, self.bias, self.caption):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 4, 10, 8)
        for widget in (title, self.caption, self.bars):
            column.addWidget(widget)
        column.addSpacing(6)
        column.addWidget(self.notes)
        column.addWidget(self.bias)
        column.addStretch(1)
        side = side_panel(inside, 270)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.plot, 1)
        middle.addWidget(side)
        content = QWidget()
        stack(content, controls, (middle, 1))
        return content

    @property
    def asks(self) -> tuple[str, int]:
        """The chosen kind and number of replicates."""
        return str(self.kind.currentData()), self.replicates.value()

    def show_cell(self, cell: Cell, frame_rate: float | None, separation: Separation, placebo: bool) -> None:
        """Draw the result before replicates are made.

        `placebo` is whether its seed has no effect.
        """
        self.plot.set_time(cell.traces.shape[1], frame_rate, cell.trial_starts)
        self._made = self._bands = None
        self._best = separation.matched
        self.bars.show_values(())
        self.caption.setText("Is shown here once the replicates are made.")
        self.notes.setText(PLACEBO if placebo and self.asks[0] == "seeds" else "")
        self.notes.setVisible(bool(self.notes.text()))
        self._draw()

    def show_stability(self, made: Stability) -> None:
        """Draw the replicates: ribbon, median and agreement."""
        self._made, self._bands, self._best = made, made.bands, made.reference.matched
        self.bars.show_values(made.agreement.tolist())
        self.caption.setText(
            f"Mean |r| of each component with the one it is paired with in {made.replicates} replicates"
        )
        self.notes.setText("\n\n".join(made.remarks))
        self.notes.setVisible(bool(made.remarks))
        self._draw()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.plot.restyle()
        self._draw()

    def _draw(self) -> None:
        plot, theme = self.plot, style.current()
        shown = []
        entries = []
        if self._best is not None:
            best = Series(pyramid_of(self._best, rows=1), 0, 0.0, plot.step)
            plot.draw(0, best, style.component_pen(0), depth=2)
            shown.append(best)
            entries.append(Entry("best_match", "c1", "c1", style.component_text_colour(0), style.component_pen(0)))
        if self._bands is None or self._made is None:
            plot.hide_curve(1)
            plot.empty_from(0)
        else:
            low, median, high = (Series(pyramid_of(self._bands), row, 0.0, plot.step) for row in range(3))
            colour = style.role_colour("ribbon")
            plot.fill(0, low, high, colour)
            plot.draw(1, median, style.pen("median"), depth=1)
            shown += [low, high]
            entries.append(
                Entry("median", "median", "median", QColor(theme.text), style.pen("median"), "Of all replicates")
            )
            entries.append(
                Entry(
                    "ribbon",
                    f"{self._made.ribbon} of the replicates",
                    self._made.ribbon,
                    QColor(theme.muted),
                    style.wide_pen(colour),
                )
            )
        plot.describe("", entries)
        plot.fit(*common_limits([series.limits for series in shown]))

    def _show_use(self) -> None:
        free = self.asks[0] != "leave_one_out"
        self.replicates.setEnabled(free)
        why = "Number of replicates, from 2 to 500" if free else "As many as there are regions: each is left out once"
        self.replicates.setToolTip(why)

    @pyqtSlot()
    def _on_kind(self) -> None:
        self._show_use()
        self.asked.emit()
