"""Matrices of correlations between cells before and after, the distribution of all pairs, and r over distance."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.before_after import SIDES
from neuropil_gui.core.analysis.correlations import EDGES, Correlations
from neuropil_gui.features.population.pointed_plots import PointedPlots, restyle_axis
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls, with_margin
from neuropil_gui.ui.sizes import scaled

LEAST, BOTTOM = 260, 36


class CorrelationPlot(PointedPlots):
    """A matrix for each side, all in one order and with the same colours, above distributions and r over distance.

    A place is the pair of cells, by their rows and columns in the order of the file.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("population_correlations", "Correlations between cells before and after", LEAST, parent)
        self.found: Correlations | None = None
        self._selected = 0
        self._hovered: int | None = None
        layout = self.widget.ci.layout
        layout.setContentsMargins(6, 4, 10, 2)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(4)
        self.images: dict[str, Any] = {}
        self.frames: dict[str, Any] = {}
        self.marks: dict[str, Any] = {}
        for column, side in enumerate(SIDES):
            layout.setColumnStretchFactor(column, 1)
            plot = self.widget.addPlot(0, column)
            hide_controls(plot)
            plot.hideAxis("left")
            plot.hideAxis("bottom")
            plot.getViewBox().setMouseEnabled(False, False)
            plot.getViewBox().setAspectLocked(True)
            plot.invertY(True)
            self.plots[side], self.images[side] = plot, pg.ImageItem(axisOrder="row-major")
            self.frames[side], self.marks[side] = pg.PlotCurveItem(), pg.PlotCurveItem()
            for item in (self.images[side], self.frames[side], self.marks[side]):
                plot.addItem(item, ignoreBounds=True)
        self.counts = self.widget.addPlot(1, 0, 1, len(SIDES))
        hide_controls(self.counts)
        self.counts.getViewBox().setMouseEnabled(False, False)
        self.counts.getViewBox().disableAutoRange()
        self.curves = {side: pg.PlotCurveItem([-1, 1], [0], stepMode="center") for side in SIDES}
        self.means = {side: pg.InfiniteLine(angle=90) for side in SIDES}
        for item in (*self.means.values(), *self.curves.values()):
            self.counts.addItem(item, ignoreBounds=True)
        self.distance = pg.PlotItem()
        hide_controls(self.distance)
        self.distance.getViewBox().setMouseEnabled(False, False)
        self.distance.getViewBox().disableAutoRange()
        self.courses = {side: pg.PlotCurveItem() for side in SIDES}
        for item in self.courses.values():
            self.distance.addItem(item, ignoreBounds=True)
        for plot in (self.counts, self.distance):
            for name in ("left", "bottom"):
                plot.getAxis(name).enableAutoSIPrefix(False)
        layout.setRowStretchFactor(0, 3)
        layout.setRowStretchFactor(1, 2)
        self.restyle()

    def show_correlations(self, found: Correlations) -> None:
        """Draw the matrices and the distributions."""
        self.found, self._place = found, None
        self._draw()

    def show_selected(self, index: int) -> None:
        """Frame the row of the selected cell."""
        if index != self._selected:
            self._selected = index
            self._draw_frames()

    def show_hovered(self, index: int | None) -> None:
        """Frame the row of the cell that the pointer is on."""
        if index != self._hovered:
            self._hovered = index
            self._draw_frames()

    def _draw(self) -> None:
        found = self.found
        if found is None:
            return
        count, limit, most = len(found.order), found.limit, 0.0
        for side in SIDES:
            pairs = found.pairs[side]
            # One neighbour that is alike would leave all others pale: some are beyond the limit.
            self.images[side].setImage(found.pictures[side], autoLevels=False, levels=(-limit, limit))
            self.images[side].setRect(QRectF(-0.5, -0.5, count, count))
            self.plots[side].getViewBox().setRange(QRectF(-0.5, -0.5, count, count), padding=0.01)
            heights = pairs.counts / max(pairs.count, 1) * 100
            self.curves[side].setData(EDGES, heights)
            self.means[side].setVisible(pairs.count > 0)
            if pairs.count:
                self.means[side].setValue(pairs.mean)
            most = max(most, float(heights.max()))
        low, high = found.ends
        ends = max(low - 0.04, -1.0), min(high + 0.04, 1.0)
        self.counts.getViewBox().setRange(xRange=ends, yRange=(0, 1.05 * most or 1.0), padding=0)
        self._draw_courses()
        self._draw_frames()

    def _draw_courses(self) -> None:
        """Draw r over distance beside the distribution, which has the whole row where no distance is known."""
        assert self.found is not None
        curves, layout = self.found.curves, self.widget.ci
        if bool(curves) != (self.distance in layout.items):
            for plot in (self.counts,) if curves else (self.counts, self.distance):
                layout.removeItem(plot)
            layout.addItem(self.counts, 1, 0, 1, len(SIDES) - bool(curves))
            if curves:
                layout.addItem(self.distance, 1, len(SIDES) - 1)
        if not curves:
            return
        for side, course in self.courses.items():
            course.setData(*curves[side])
        far, r = (np.concatenate([each[k] for each in curves.values()]) for k in range(2))
        low, high = with_margin(min(float(r.min()), 0.0), float(r.max()))
        self.distance.getViewBox().setRange(xRange=(0, float(far.max())), yRange=(low, high), padding=0)

    def _draw_frames(self) -> None:
        found = self.found
        if found is None:
            return
        for frames, index in ((self.frames, self._selected), (self.marks, self._hovered)):
            rows = np.flatnonzero(np.array(found.cells)[found.order] == (-1 if index is None else index))
            for frame in frames.values():
                frame.setVisible(len(rows) > 0)
                if len(rows):
                    low, high, end = rows[0] - 0.5, rows[0] + 0.5, len(found.order) - 0.5
                    frame.setData([-0.5, end, end, -0.5, -0.5], [low, low, high, high, low])

    def place_at(self, scene: QPointF) -> tuple[int, int] | None:
        """Return the places in the matrices of the two cells at a point of the scene."""
        if self.found is None:
            return None
        for plot in self.plots.values():
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(scene):
                at, count = box.mapSceneToView(scene), len(self.found.order)
                row, column = round(at.y()), round(at.x())
                if 0 <= row < count and 0 <= column < count:
                    return int(self.found.order[row]), int(self.found.order[column])
        return None

    def cell_of(self, place: tuple[int, int]) -> int:
        """Return the index of the cell in the row of a pair."""
        assert self.found is not None
        return self.found.cells[place[0]]

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        theme, pixels = style.current(), self._restyle_columns(280)
        for side, plot in self.plots.items():
            plot.setTitle(SIDES[side], color=style.role_colour(side), size=f"{pixels}px")
            self.images[side].setColorMap(style.heatmap_colours(True))
            for frame, line in ((self.frames[side], Qt.PenStyle.SolidLine), (self.marks[side], Qt.PenStyle.DashLine)):
                frame.setPen(pg.mkPen(theme.text, width=1, style=line))
                frame.setShadowPen(pg.mkPen(theme.base, width=3))
            self.curves[side].setPen(style.pen(side))
            self.means[side].setPen(pg.mkPen(style.role_colour(side), width=1, style=Qt.PenStyle.DashLine))
            self.courses[side].setPen(style.pen(side))
        for plot, labels in (
            (self.counts, {"left": "Pairs (%)", "bottom": "Pearson's r of two cells"}),
            (self.distance, {"left": "Mean r", "bottom": "Distance (pixels)"}),
        ):
            for name, label in labels.items():
                axis = plot.getAxis(name)
                restyle_axis(axis, pixels, theme.muted)
                axis.setLabel(label, color=theme.muted, **{"font-size": f"{pixels}px"})
            plot.getAxis("bottom").setHeight(scaled(BOTTOM))
        self._draw()
