"""Lane plot: the separated components in matched order, one lane each."""

import numpy as np
from PyQt5.QtCore import pyqtSlot
from PyQt5.QtGui import QColor, QPainterPath
from PyQt5.QtWidgets import QGraphicsPathItem

from neuropil_gui.core.analysis.pairing import true_columns
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Truth
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.panels.traces.fitting import fitted
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.plots.trace_item import TraceItem

HELP = """<b>Separated</b><p>The components that the signals were taken apart into, one lane each. c1 is the one that is
most the ROI's own. Colours are the same everywhere.</p>
<p>Each lane reaches from its least to its greatest value: compare shapes, not heights.</p>
<p><b>Same scale</b>, the button at the right, draws all in the solver's units (signals divided by their median). The
mixing matrix shows how much of each is in the ROI.</p>
<p>Point at a lane to light its component everywhere; click to keep it lit.</p>
<p><b>true sources</b>, for simulated cells: dashed in each lane the source that its component is most like, fitted to
it.</p><p>An empty component is zero throughout: alpha left nothing of it. A lower alpha may bring it back.</p>"""


class LanePlot(TimePlot):
    """Plot of the components that are not empty: `alive` their ranks, `series`, and the true `sources` by lane."""

    def __init__(self) -> None:
        self.lane_axis = LabelAxis("left")
        super().__init__("Separated", HELP, {"left": self.lane_axis})
        # A path item, because pyqtgraph's curves compute their bounds again at each move.
        self.borders = QGraphicsPathItem()
        self.borders.setPen(style.pen("lane"))
        self.borders.setZValue(-10)
        self.item.addItem(self.borders, ignoreBounds=True)
        self._source_curves: list[TraceItem] = []
        self.sources: dict[int, Series] = {}
        self._with_sources = True
        self.legend.switched.connect(self._on_switched)
        self.alive: list[int] = []
        self.series: list[Series] = []
        self._separation: Separation | None = None
        self._lit: int | None = None
        self.same_scale = self.add_button(
            "same_scale", "same_scale", "Same scale: draw all lanes on one scale, or each on its own"
        )
        self.same_scale.setCheckable(True)
        self.same_scale.toggled.connect(self._on_same_scale)

    def show_components(
        self,
        step: float,
        separation: Separation | None,
        separated: FloatArray | None = None,
        truth: Truth | None = None,
    ) -> None:
        """Draw the components that are not empty; `step` is the time of a frame.

        `separated`, in the same order, replaces the separation's own components. Of the `truth`, each lane gets the
        source that its component is most like.
        """
        self.alive, self.series, self._separation = [], [], separation
        if separation is not None:
            pyramid = pyramid_of(separation.separated if separated is None else separated)
            for rank, row in enumerate(separation.order):
                series = Series.of_bins(pyramid, int(row), step, separation.frames_per_value)
                if series.limits != (0.0, 0.0):
                    self.draw(len(self.alive), series, style.component_pen(rank))
                    self.series.append(series)
                    self.alive.append(rank)
        count = len(self.alive)
        self.hide_from(count)
        self._find_sources(step, truth)
        self._place_lanes()
        self.lane_axis.set_labels(
            [(-lane - 0.5, f"c{rank + 1}", style.component_text_colour(rank)) for lane, rank in enumerate(self.alive)]
        )
        self._draw_borders(count)
        self.box.setYRange(-max(count, 1), 0, padding=0)
        self.show_lit(self._lit)

    def _find_sources(self, step: float, truth: Truth | None) -> None:
        self.sources = {}
        if truth is not None and self._separation is not None:
            rows = true_columns(self._separation, truth)[1]
            found = [(lane, int(rows[rank])) for lane, rank in enumerate(self.alive) if rows[rank] >= 0]
            for lane, row in found:
                self.sources[lane] = fitted(Series(pyramid_of(truth.sources), row, 0.0, step), self.series[lane])
        while len(self._source_curves) < len(self.series):
            self._source_curves.append(TraceItem(self.box))
        for lane, curve in enumerate(self._source_curves):
            curve.set_pen(style.pen("truth"))
            curve.setZValue(-1)
            curve.set_series(self.sources.get(lane))
            curve.setVisible(lane in self.sources and self._with_sources)

    def rank_at(self, y: float) -> int | None:
        """Return the rank of the component in the lane at this height, or None."""
        lane = int(np.floor(-y))
        return self.alive[lane] if 0 <= lane < len(self.alive) else None

    def show_lit(self, rank: int | None) -> None:
        """Light the lane of the component with this rank, if it has one; None fades none."""
        self._lit = rank
        known = rank is not None and rank in self.alive
        self.light({self.alive.index(rank)} if known and rank is not None else None)
        self.lane_axis.light(f"c{rank + 1}" if known and rank is not None else None)

    def entries(self) -> list[Entry]:
        """Return the remarks of the legend."""
        if self._separation is None:
            return []
        theme = style.current()
        warning, muted = QColor(theme.warning), QColor(theme.muted)
        if not self.alive:
            text = "all components are empty (all zero): try a lower alpha"
            return [Entry("lanes_empty", text, "all empty: lower alpha", warning)]
        entries = []
        empty = [f"c{rank + 1}" for rank in range(self._separation.n) if rank not in self.alive]
        if empty:
            names = ", ".join(empty)
            text = f"{names} {'is' if len(empty) == 1 else 'are'} empty (all zero)"
            tip = "Zero throughout: alpha left nothing of it. A lower alpha may bring it back."
            entries.append(Entry("lanes_empty", text, f"{names} empty", warning, tip=tip))
        if self.sources:
            tip = "Dashed in each lane: the true source that its component is most like, fitted to it"
            pen = style.pen("truth")
            entries.append(Entry("lanes_truth", "true sources", "truth", pen.color(), pen, tip, checkable=True))
        sign = "sign and " if self._separation.settings.method == "ica" else ""
        if self.same_scale.isChecked():
            entries.append(Entry("lanes_scale", "all lanes on one scale", "one scale", muted))
        else:
            entries.append(Entry("lanes_scale", f"each lane its own {sign}scale", "own scales", muted))
        return entries

    @pyqtSlot(str, bool)
    def _on_switched(self, key: str, shown: bool) -> None:
        self._with_sources = shown
        for lane in self.sources:
            self._source_curves[lane].setVisible(shown)

    @pyqtSlot(bool)
    def _on_same_scale(self, _: bool) -> None:
        self._place_lanes()
        self.legend.set_entries(self.entries())

    def _place_lanes(self) -> None:
        ends = [common_limits([series.limits]) for series in self.series]
        spans = [high - low for low, high in ends]
        common = max(spans, default=0.0) if self.same_scale.isChecked() else 0.0
        for lane, ((low, _), span) in enumerate(zip(ends, spans, strict=True)):
            # Transform the item and not the data, which are exported as they are.
            scale = 0.8 / (common or span or 0.8)
            for curve in (self.curve(lane), self._source_curves[lane]):
                curve.place(scale, -lane - 0.9 - low * scale)

    def _draw_borders(self, count: int) -> None:
        path = QPainterPath()
        for lane in range(1, count):
            start, end = self.series[0].extent
            path.moveTo(start, -lane)
            path.lineTo(end, -lane)
        self.borders.setPath(path)

    def restyle(self) -> None:
        """Apply the colours of the current theme; the owner of the result draws the lanes again."""
        super().restyle()
        if hasattr(self, "borders"):
            self.borders.setPen(style.pen("lane"))
