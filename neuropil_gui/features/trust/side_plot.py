"""Trials of one way of separating them: as traces or an image one below the other, averaged, or joined."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QColor

from neuropil_gui.drawing.series import Series
from neuropil_gui.drawing.trial_sides import Side
from neuropil_gui.features.trust.band_plot import BandPlot
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.legend import Entry

HELP = """<b>Trials</b><p>The best match, trial by trial; at the left from all trials separated jointly, as on the
page Cell, at the right with each trial separated alone.</p>
<p><b>Traces</b>: one below the other, all on one scale. <b>Image</b>: a row each, brighter is more; both sides share
the colours. <b>Average</b>: the mean over trials with one standard deviation to each side, from the start of each.
<b>Joined</b>: end to end, as recorded.</p>
<p>Where both sides look alike, the trials are long enough to be separated alone. Where they do not, trust the joint
one first: it has seen more.</p>"""

SHOWN = ("traces", "image", "average", "joined")


class SidePlot(BandPlot):
    """Plot of the trials of a `Side`; both sides of a page are given the same limits."""

    def __init__(self, title: str) -> None:
        super().__init__(title, HELP)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setZValue(-30)
        self.item.addItem(self.image, ignoreBounds=True)
        self.image.hide()

    def show_side(self, side: Side, how: str, limits: tuple[float, float]) -> None:
        """Draw a side in one of the ways `SHOWN`; `limits` are those of all values of both sides."""
        low, high = limits
        self.image.setVisible(how == "image")
        self.empty_from(0)
        trials, left = len(side.rows.values), self.item.getAxis("left")
        self.box.invertY(how == "image")
        left.setTicks(None)
        self.item.setLabel("left", "Best match" if how in ("average", "joined") else "Trial")
        entries = []
        every = max(1, trials // 12)
        numbers = [(trial, f"{trial + 1}") for trial in range(0, trials, every)]
        muted = QColor(style.current().muted)
        if how == "image":
            self.hide_from(0)
            self._draw_image(side, limits)
            left.setTicks([[(trial + 1, text) for trial, text in numbers]])
            size = side.frames_per_column
            text = f"dark {low:.4g} to bright {high:.4g}" + (f", means of {size} frames" if size > 1 else "")
            entries.append(Entry("image_range", text, f"{low:.3g} to {high:.3g}", muted))
        elif how == "traces":
            # One lane of height 1 per trial, the first at the top.
            scale = 0.92 / ((high - low) or 1.0)
            for trial in range(trials):
                series = Series(side.rows, trial, 0.0, self.step)
                self.draw(trial, series.moved(scale, -trial - 0.96 - low * scale), style.component_pen(0))
            self.hide_from(trials)
            left.setTicks([[(-trial - 0.5, text) for trial, text in numbers]])
            self.box.setYRange(-trials, 0, padding=0)
        elif how == "average":
            lower, mean, upper = (Series(side.spread, row, 0.0, self.step) for row in range(3))
            self.fill(0, lower, upper, style.role_colour("ribbon"))
            self.draw(0, mean, style.component_pen(0))
            self.hide_from(1)
            entries.append(Entry("mean", "mean", "mean", style.component_text_colour(0), style.component_pen(0)))
            band = style.wide_pen(style.role_colour("ribbon"))
            entries.append(Entry("spread", "± 1 standard deviation over trials", "± 1 SD", muted, band))
            self.fit(low, high)
        else:
            self.draw(0, Series(side.joined, 0, 0.0, self.step), style.component_pen(0))
            self.hide_from(1)
            self.fit(low, high)
        self.describe("", entries)

    def _draw_image(self, side: Side, limits: tuple[float, float]) -> None:
        rows: NDArray[np.float64] = side.image
        colours = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self.image.setImage(np.asarray(rows, np.float32), levels=limits, autoLevels=False)
        self.image.setLookupTable(colours)
        width = rows.shape[1] * side.frames_per_column * self.step
        self.image.setRect(QRectF(-0.5 * self.step, 0.5, width, len(rows)))
        self.box.setYRange(0.5, len(rows) + 0.5, padding=0)
