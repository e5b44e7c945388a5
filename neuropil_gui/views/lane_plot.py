"""The components, one lane each, in matched order; empty ones take a word instead of a lane."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt5.QtGui import QTransform

from neuropil_gui.core.separation import Separation
from neuropil_gui.views import style
from neuropil_gui.views.label_axis import LabelAxis
from neuropil_gui.views.time_plot import TimePlot, limits

if TYPE_CHECKING:
    from neuropil_gui.views.time_plot import FloatArray

HELP = """<b>Separated</b><p>The components that the signals were taken apart into, one lane each.</p>
<p>c1 is the one that is most the ROI's own; it is the best match below. The colours are the same everywhere.</p>
<p>Each lane has its own scale, from its least to its greatest value: compare shapes, not heights.</p>
<p>Units are those of the solver (signals were divided by their median); the sizes are in the mixing matrix.</p>
<p>An empty component is zero throughout: alpha left nothing of it. A lower alpha may bring it back.</p>"""


class LanePlot(TimePlot):
    """Draws each component's own numbers; only its place and scale on the screen differ."""

    def __init__(self) -> None:
        self.lane_axis = LabelAxis("left")
        super().__init__("Separated", HELP, {"left": self.lane_axis})
        self.borders = pg.PlotCurveItem(connect="pairs", pen=style.pen("lane"))
        self.borders.setZValue(-10)
        self.item.addItem(self.borders, ignoreBounds=True)
        self.alive: list[int] = []
        self.lane_axis.set_labels([])

    def show_components(self, x: "FloatArray", separation: Separation | None) -> None:
        """Draw the components alive; `alive` then lists their ranks, one for each curve."""
        self.alive = []
        if separation is not None:
            for rank, row in enumerate(separation.order):
                component = separation.separated[row]
                if component.any():
                    self._draw_lane(len(self.alive), rank, x, component)
                    self.alive.append(rank)
        count = len(self.alive)
        self.hide_from(count)
        self.lane_axis.set_labels(
            [(-lane - 0.5, f"c{rank + 1}", style.component_text_colour(rank)) for lane, rank in enumerate(self.alive)]
        )
        self._draw_borders(x, count)
        self.box.setYRange(-max(count, 1), 0, padding=0)

    def _draw_lane(self, lane: int, rank: int, x: "FloatArray", component: "FloatArray") -> None:
        low, high = limits(component)
        # The data stay as they are, so that what is exported is the data.
        scale = 0.8 / (high - low) if high > low else 1.0
        self.draw(lane, x, component, style.component_pen(rank))
        self.curve(lane).setTransform(QTransform(1, 0, 0, scale, 0, -lane - 0.9 - low * scale))

    def _draw_borders(self, x: "FloatArray", count: int) -> None:
        inner = np.arange(1, count)
        ends = (x[0], x[-1]) if len(x) else (0.0, 1.0)
        self.borders.setData(np.tile(ends, len(inner)), np.repeat(-inner.astype(float), 2))

    def restyle(self) -> None:
        """Follow the theme; the lanes are drawn anew by who holds the result."""
        super().restyle()
        if hasattr(self, "borders"):
            self.borders.setPen(style.pen("lane"))
