"""Plots of numbers before and after: a point for each cell and side, with the median, side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtGui import QTextOption
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.before_after import COMPARED_NUMBERS, SIDES, CellSides, side_values
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.population.pointed_plots import PointedPlots, restyle_axis
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls, with_margin
from neuropil_gui.ui.plots.label_axis import LabelAxis

LEAST, SPREAD, NEAR = 220, 0.3, 12
"""Pixels of the least height, half the width of a column of points, and pixels to a point that is lit."""

FEW = 250
"""Cells up to which points are nearly opaque."""

SHORT = {"raw": "raw", "subtraction": "\N{MINUS SIGN}0.7", "matched": "best"}


class SidesPlot(PointedPlots):
    """One plot for each of `COMPARED_NUMBERS`, with a column of points for each side; a place is a cell's index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("population_sides", "Numbers of all cells before and after", LEAST, parent)
        self.cells: list[CellSides] = []
        self._indices = np.empty(0, np.intp)
        self._offsets: FloatArray = np.empty(0)
        self._values: dict[str, dict[str, FloatArray]] = {}
        self._selected = 0
        layout = self.widget.ci.layout
        layout.setContentsMargins(4, 6, 8, 2)
        layout.setHorizontalSpacing(8)
        self.points: dict[tuple[str, str], Any] = {}
        self.medians: dict[str, Any] = {}
        self.paths: dict[str, tuple[Any, Any]] = {}
        for column, key in enumerate(COMPARED_NUMBERS):
            plot = self.widget.addPlot(0, column, axisItems={"bottom": LabelAxis("bottom")})
            hide_controls(plot)
            box = plot.getViewBox()
            box.setMouseEnabled(False, False)
            box.disableAutoRange()
            box.setXRange(-0.5, len(SIDES) - 0.5, padding=0)
            plot.getAxis("left").enableAutoSIPrefix(False)
            plot.getAxis("bottom").set_labels([(float(k), SHORT[side], None) for k, side in enumerate(SIDES)])
            layout.setColumnStretchFactor(column, 1)
            self.plots[key] = plot
            for side in SIDES:
                self.points[key, side] = pg.ScatterPlotItem(size=5, pxMode=True, pen=None)
                plot.addItem(self.points[key, side], ignoreBounds=True)
            self.medians[key] = pg.PlotCurveItem(connect="pairs")
            self.paths[key] = pg.PlotDataItem(symbol="o", symbolSize=7), pg.PlotDataItem(symbol="o", symbolSize=7)
            for item in (self.medians[key], *self.paths[key]):
                plot.addItem(item, ignoreBounds=True)
        self.restyle()

    def show_cells(self, cells: Sequence[CellSides]) -> None:
        """Draw the numbers of cells."""
        self.cells = sorted(cells, key=lambda each: each.index)
        self._indices = np.array([each.index for each in self.cells], np.intp)
        # The same cell stands at the same place in its column, whichever cells are known.
        self._offsets = SPREAD * (2 * np.modf(0.618034 * self._indices.astype(float))[0] - 1)
        self._values = {key: side_values(self.cells, key) for key in COMPARED_NUMBERS}
        self._draw()

    def show_selected(self, index: int) -> None:
        """Connect the points of the selected cell."""
        self._selected = index
        self._draw_paths()

    def show_hovered(self, index: int | None) -> None:
        """Connect the points of the cell that the pointer is on in another view."""
        if index != self._place:
            self._place = index
            self._draw_paths()

    def _draw(self) -> None:
        # Thousands of points would cover each other.
        opacity = min(max(150 * FEW // max(len(self.cells), 1), 30), 150)
        size = 5 if len(self.cells) <= 4 * FEW else 3
        for key, plot in self.plots.items():
            seen: list[FloatArray] = []
            medians: list[float] = []
            for place, side in enumerate(SIDES):
                values = self._values[key][side] if self._values else np.empty(0)
                if key == "kept" and side == "raw":
                    values = np.full(len(values), np.nan)  # 100 % of itself
                known = np.isfinite(values)
                seen.append(values[known])
                colour = style.role_colour(side)
                colour.setAlpha(opacity)
                x, y = place + self._offsets[known], values[known]
                self.points[key, side].setData(x=x, y=y, brush=pg.mkBrush(colour), size=size)
                if known.any():
                    medians += [place - 0.42, float(np.median(values[known])), place + 0.42]
            ys = np.concatenate(seen)
            lefts, levels, rights = medians[::3], medians[1::3], medians[2::3]
            self.medians[key].setData(
                [end for pair in zip(lefts, rights, strict=True) for end in pair],
                [level for level in levels for _ in range(2)],
            )
            low, high = with_margin(float(ys.min()), float(ys.max())) if len(ys) else (0.0, 1.0)
            plot.getViewBox().setYRange(low, high, padding=0)
        self._draw_paths()

    def _draw_paths(self) -> None:
        for key in COMPARED_NUMBERS:
            for path, index in zip(self.paths[key], (self._selected, self._place), strict=True):
                row = np.flatnonzero(self._indices == (-1 if index is None else index))
                path.setVisible(len(row) > 0)
                if len(row):
                    at, sides = int(row[0]), list(SIDES)[1 if key == "kept" else 0 :]
                    first = len(SIDES) - len(sides)
                    y = np.array([self._values[key][side][at] for side in sides])
                    x = np.arange(first, len(SIDES)) + self._offsets[at]
                    known = np.isfinite(y)
                    path.setData(x[known], y[known])

    def place_at(self, scene: QPointF) -> int | None:
        """Return the index of the cell whose point is nearest, None where none is near."""
        for key, plot in self.plots.items():
            box = plot.getViewBox()
            if not box.sceneBoundingRect().contains(scene) or not len(self._indices):
                continue
            at, (across, up) = box.mapSceneToView(scene), box.viewPixelSize()
            best, least = None, float(NEAR**2)
            for place, side in enumerate(SIDES):
                y = self._values[key][side]
                with np.errstate(invalid="ignore"):
                    far = ((place + self._offsets - at.x()) / across) ** 2 + ((y - at.y()) / up) ** 2
                far = np.where(np.isfinite(far) & (not (key == "kept" and side == "raw")), far, np.inf)
                row = int(np.argmin(far))
                if far[row] < least:
                    best, least = int(self._indices[row]), float(far[row])
            return best
        return None

    def cell_of(self, place: int) -> int:
        """Return the index itself."""
        return place

    def _point(self, place: int | None) -> None:
        if place != self._place:
            super()._point(place)
            self._draw_paths()

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        theme, pixels = style.current(), self._restyle_columns(130)
        for key, plot in self.plots.items():
            for name, colour in (("left", theme.muted), ("bottom", theme.text)):
                restyle_axis(plot.getAxis(name), pixels, colour)
            plot.getAxis("left").setWidth(round(3.5 * pixels))
            number = NUMBERS[key]
            # The unit below the name: a column is as wide as its title.
            unit = f"({number.unit})" if number.unit else ""
            _set_title(plot, f"{number.name}<br>{unit}", theme.text, pixels)
            self.medians[key].setPen(pg.mkPen(theme.text, width=2))
            for path, line in zip(self.paths[key], (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine), strict=True):
                path.setPen(pg.mkPen(theme.text, width=1, style=line))
                path.setSymbolPen(pg.mkPen(theme.text, width=1))
                path.setSymbolBrush(pg.mkBrush(theme.base))
        self._draw()


def _set_title(plot: Any, text: str, colour: str, pixels: int) -> None:
    """Set a title of two lines, both in the middle."""
    plot.setTitle(text, color=colour, size=f"{pixels}px")
    item = plot.titleLabel.item
    item.document().setDefaultTextOption(QTextOption(Qt.AlignmentFlag.AlignHCenter))
    item.setTextWidth(-1)
    item.setTextWidth(item.boundingRect().width())
    plot.titleLabel.setMaximumHeight(3 * pixels)
    plot.layout.setRowFixedHeight(0, 3 * pixels)
