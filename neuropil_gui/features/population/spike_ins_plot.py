"""Plot of spike-in tests of all cells: leak over gain, a point for each cell, with how either is distributed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.population.pointed_plots import FONT, PointedPlots, restyle_axis
from neuropil_gui.features.population.sides_plot import FEW, NEAR
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls, with_margin
from neuropil_gui.ui.sizes import letters, scaled

LEAST, BINS = 240, 25
"""Pixels of the least height; bins of a distribution."""


class SpikeInsPlot(PointedPlots):
    """Leak over gain; above it the distribution of gain, beside it that of leak. A place is a cell's index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("population_spike_ins_plot", "Gain and leak of all cells", LEAST, parent)
        self.cells: dict[int, CellSpikeIn] = {}
        self._indices = np.empty(0, np.intp)
        self._gain: FloatArray = np.empty(0)
        self._leak: FloatArray = np.empty(0)
        self._selected = 0
        layout = self.widget.ci.layout
        layout.setContentsMargins(4, 6, 12, 2)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(4)
        self.scatter, self.gains, self.leaks = (self.widget.addPlot(*place) for place in ((1, 0), (0, 0), (1, 1)))
        self.plots = {"scatter": self.scatter, "gain": self.gains, "leak": self.leaks}
        for plot in self.plots.values():
            hide_controls(plot)
            plot.getViewBox().setMouseEnabled(False, False)
            plot.getViewBox().disableAutoRange()
            for name in ("left", "bottom"):
                plot.getAxis(name).enableAutoSIPrefix(False)
        self.gains.hideAxis("bottom")
        self.leaks.hideAxis("left")
        self.points = pg.ScatterPlotItem(size=6, pxMode=True, pen=None)
        self.bars = {
            "gain": pg.BarGraphItem(x=[], height=[], width=1),
            "leak": pg.BarGraphItem(y=[], height=1, x0=0, width=[]),
        }
        self.ideal = [pg.InfiniteLine(1.0, 90), pg.InfiniteLine(0.0, 0), pg.InfiniteLine(1.0, 90),
                      pg.InfiniteLine(0.0, 0)]  # fmt: skip
        self.medians = [pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=0)]
        self.intervals = pg.PlotCurveItem(connect="pairs"), pg.PlotCurveItem(connect="pairs")
        self.rings = pg.ScatterPlotItem(size=11, brush=None), pg.ScatterPlotItem(size=11, brush=None)
        for item in (*self.ideal[:2], self.points, *self.intervals, *self.rings):
            self.scatter.addItem(item, ignoreBounds=True)
        for plot, bars, line, median in (
            (self.gains, self.bars["gain"], self.ideal[2], self.medians[0]),
            (self.leaks, self.bars["leak"], self.ideal[3], self.medians[1]),
        ):
            for item in (bars, line, median):
                plot.addItem(item, ignoreBounds=True)
        for row, factor in ((0, 1), (1, 3)):
            layout.setRowStretchFactor(row, factor)
        for column, factor in ((0, 4), (1, 1)):
            layout.setColumnStretchFactor(column, factor)
        self.restyle()

    def show_cells(self, cells: Mapping[int, CellSpikeIn]) -> None:
        """Draw the cells that could be tested, by their index."""
        self.cells = {
            index: each for index, each in sorted(cells.items()) if np.isfinite([*each.numbers.values()]).all()
        }
        self._indices = np.array(list(self.cells), np.intp)
        self._gain = np.array([each.gain.mean for each in self.cells.values()])
        self._leak = np.array([each.leak.mean for each in self.cells.values()])
        self._draw()

    def show_selected(self, index: int) -> None:
        """Mark the selected cell."""
        self._selected = index
        self._draw_marks()

    def show_hovered(self, index: int | None) -> None:
        """Mark the cell that the pointer is on in another view."""
        if index != self._place:
            self._place = index
            self._draw_marks()

    def _draw(self) -> None:
        colour = style.role_colour("matched")
        colour.setAlpha(min(max(170 * FEW // max(len(self.cells), 1), 50), 170))
        self.points.setData(x=self._gain, y=self._leak, brush=pg.mkBrush(colour))
        # What would be best is always in view, and one cell far off does not make all others one point.
        across, up = (with_margin(*_ends(values, ideal)) for values, ideal in ((self._gain, 1.0), (self._leak, 0.0)))
        self.scatter.setRange(xRange=across, yRange=up, padding=0)
        self.gains.setXRange(*across, padding=0)
        self.leaks.setYRange(*up, padding=0)
        most = [1, 1]
        for place, (values, ends) in enumerate(((self._gain, across), (self._leak, up))):
            counts, edges = np.histogram(np.clip(values, *ends), BINS, ends)
            most[place] = max(int(counts.max()), 1)
            middles, wide = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
            if place == 0:
                self.bars["gain"].setOpts(x=middles, height=counts, width=0.9 * wide)
            else:
                self.bars["leak"].setOpts(y=middles, x0=0, width=counts, height=0.9 * wide)
            self.medians[place].setVisible(len(values) > 0)
            if len(values):
                self.medians[place].setValue(float(np.median(values)))
        self.gains.setYRange(0, 1.08 * most[0], padding=0)
        self.leaks.setXRange(0, 1.08 * most[1], padding=0)
        self._draw_marks()

    def _draw_marks(self) -> None:
        for ring, lines, index in zip(self.rings, self.intervals, (self._selected, self._place), strict=True):
            found = self.cells.get(-1 if index is None else index)
            ring.setVisible(found is not None)
            lines.setVisible(found is not None)
            if found is not None:
                gain, leak = found.gain, found.leak
                ring.setData(x=[gain.mean], y=[leak.mean])
                lines.setData([gain.low, gain.high, gain.mean, gain.mean], [leak.mean, leak.mean, leak.low, leak.high])

    def place_at(self, scene: QPointF) -> int | None:
        """Return the index of the cell whose point is nearest, None where none is near."""
        box = self.scatter.getViewBox()
        if not box.sceneBoundingRect().contains(scene) or not len(self._indices):
            return None
        at, (across, up) = box.mapSceneToView(scene), box.viewPixelSize()
        far = ((self._gain - at.x()) / across) ** 2 + ((self._leak - at.y()) / up) ** 2
        row = int(np.argmin(far))
        return int(self._indices[row]) if far[row] < NEAR**2 else None

    def cell_of(self, place: int) -> int:
        """Return the index itself."""
        return place

    def _point(self, place: int | None) -> None:
        if place != self._place:
            super()._point(place)
            self._draw_marks()

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        theme, pixels = style.current(), letters(scaled(FONT))
        self.widget.setBackground(theme.base)
        for plot in self.plots.values():
            for name in ("left", "bottom"):
                restyle_axis(plot.getAxis(name), pixels, theme.muted)
        for plot, name, text in (
            (self.scatter, "bottom", "Gain: kept of added events"), (self.scatter, "left", "Leak"),
            (self.gains, "left", "Cells"), (self.leaks, "bottom", "Cells"),
        ):  # fmt: skip
            plot.getAxis(name).setLabel(text, color=theme.text, **{"font-size": f"{pixels}px"})
        for plot in (self.scatter, self.gains):
            plot.getAxis("left").setWidth(5 * pixels)
        for plot in (self.scatter, self.leaks):
            plot.getAxis("bottom").setHeight(int(3.4 * pixels))
        fill = style.role_colour("matched")
        fill.setAlpha(140)
        for bars in self.bars.values():
            bars.setOpts(brush=pg.mkBrush(fill), pen=None)
        for line in self.ideal:
            line.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        for line in self.medians:
            line.setPen(pg.mkPen(theme.text, width=2))
        for ring, lines, kind in zip(
            self.rings, self.intervals, (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine), strict=True
        ):
            ring.setPen(pg.mkPen(theme.text, width=1.5))
            lines.setPen(pg.mkPen(theme.text, width=1, style=kind))
        self._draw()


def _ends(values: FloatArray, ideal: float) -> tuple[float, float]:
    """Return the ends of an axis for values and what would be best, without single values far off."""
    shown: Any = np.append(values, ideal)
    if len(values) >= 20:
        low, high = np.quantile(values, (0.02, 0.98))
        reach = high - low
        shown = np.append(values[(values >= low - reach) & (values <= high + reach)], ideal)
    return float(shown.min()), float(shown.max())
