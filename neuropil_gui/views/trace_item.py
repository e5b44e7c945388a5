"""One trace over time, drawn in the time of its pixels, however long it is."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QRectF, Qt, pyqtSlot
from PyQt5.QtGui import QPainter, QPen, QTransform
from PyQt5.QtWidgets import QGraphicsObject
from pyqtgraph.Qt.internals import PrimitiveArray

from neuropil_gui.views.series import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

FLAT = 3
"""A dashed line has gaps only where it rises by fewer times its width: what stands out is never in a gap."""


class TraceItem(QGraphicsObject):
    """Draws one bar in each column of pixels, from the least to the greatest value there.

    Bars reach as far towards their neighbours as a line from one to the next does; what is drawn is the same as a line
    through all values. Where a value is wider than a pixel, the line joins them.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
        Where it is drawn, without a say in what the box shows.

    Attributes
    ----------
    series : Series or None
        What is drawn; x and y are times and values.
    pen : QPen
        Its width is in pixels of a screen of a device pixel ratio of 1; colour and dashes are used too.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self.series: Series | None = None
        self.pen = QPen()
        self._bars = PrimitiveArray(QRectF, 4)
        self._box = box
        self._in_view: QRectF | None = None
        box.addItem(self, ignoreBounds=True)
        box.sigRangeChanged.connect(self._on_range_changed)

    def set_series(self, series: Series | None) -> None:
        """Draw another trace."""
        self.series = series
        self.update()

    def set_pen(self, pen: QPen) -> None:
        """Draw with another pen."""
        self.pen = QPen(pen)
        self.update()

    def place(self, scale: float, shift: float) -> None:
        """Draw the values at `scale` times themselves plus `shift`."""
        self.prepareGeometryChange()
        self._in_view = None
        self.setTransform(QTransform(1, 0, 0, scale, 0, shift))

    def boundingRect(self) -> QRectF:
        """All that is in view: what is out of it is not drawn."""
        if self._in_view is None:
            self._in_view = self.mapRectFromParent(self._box.viewRect())
        return self._in_view

    @pyqtSlot()
    def _on_range_changed(self) -> None:
        self.prepareGeometryChange()
        self._in_view = None

    def paint(self, painter: QPainter | None, option: object, widget: object = None) -> None:
        """Draw the bars, in the pixels of the device."""
        if painter is None or self.series is None or not self.series.pyramid.frames:
            return
        to_device = painter.deviceTransform()
        world, _ = painter.worldTransform().inverted()
        ratio = to_device.m11() / painter.worldTransform().m11()
        width = max(1, round(self.pen.widthF() * ratio))
        lefts, tops, bottoms = bars(self.series, to_device, to_device.mapRect(self.boundingRect()), width)
        lefts, tops, bottoms = self._dashed(lefts, tops, bottoms, to_device, width)
        self._bars.resize(len(lefts))
        array = self._bars.ndarray()
        array[:, 0], array[:, 1], array[:, 2], array[:, 3] = lefts, tops, 1.0, bottoms - tops + 1.0
        painter.save()
        # Device pixels, whatever is between them and the scene.
        painter.setWorldTransform((world * to_device).inverted()[0])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.pen.color())
        painter.drawRects(*self._bars.drawargs())
        painter.restore()

    def _dashed(
        self, lefts: "FloatArray", tops: "FloatArray", bottoms: "FloatArray", to_device: QTransform, width: int
    ) -> "tuple[FloatArray, FloatArray, FloatArray]":
        pattern = self.pen.dashPattern()
        if not pattern:
            return lefts, tops, bottoms
        ends = np.cumsum(pattern) * width
        # From the origin of time on, so that the dashes move with the trace.
        phase = (lefts - round(to_device.dx())) % ends[-1]
        shown = (np.searchsorted(ends, phase, "right") % 2 == 0) | (bottoms - tops >= FLAT * width)
        return lefts[shown], tops[shown], bottoms[shown]


def bars(
    series: Series, to_device: QTransform, view: QRectF, width: int
) -> "tuple[FloatArray, FloatArray, FloatArray]":
    """Return what a line of some pixels' width through a trace covers: left, first and last row of each bar.

    `view` is the part of the device that can be seen.
    """
    first = np.floor(view.left() + 1e-3)
    count = max(int(np.ceil(view.right() - 1e-3) - first), 1)
    per_pixel = 1 / to_device.m11()
    ends = series.columns((first - to_device.dx()) * per_pixel, per_pixel, count)
    beyond = 4.0 * width
    with np.errstate(invalid="ignore", over="ignore"):
        rows = [
            np.floor(np.clip(end * to_device.m22() + to_device.dy(), view.top() - beyond, view.bottom() + beyond))
            for end in ends
        ]
        tops, bottoms = joined(np.minimum(*rows), np.maximum(*rows))
    if width > 1:
        tops, bottoms = bolder(tops, bottoms, width)
    lefts = first + np.arange(count)
    filled = ~np.isnan(tops)
    return (lefts, tops, bottoms) if filled.all() else (lefts[filled], tops[filled], bottoms[filled])


def joined(tops: "FloatArray", bottoms: "FloatArray") -> "tuple[FloatArray, FloatArray]":
    """Let bars meet their neighbours half way, so that no row is left out between them."""
    below = np.fmax(tops[1:] - bottoms[:-1] - 1, 0)  # rows between a bar and the next one, which is lower
    above = np.fmax(tops[:-1] - bottoms[1:] - 1, 0)
    tops, bottoms = tops.copy(), bottoms.copy()
    half_below, half_above = np.floor(below / 2), np.floor(above / 2)
    bottoms[:-1] += half_below
    tops[1:] -= below - half_below
    tops[:-1] -= half_above
    bottoms[1:] += above - half_above
    return tops, bottoms


def bolder(tops: "FloatArray", bottoms: "FloatArray", width: int) -> "tuple[FloatArray, FloatArray]":
    """Make bars of what a square pen covers on its way along a line; they never overlap, as bold strokes would."""
    above, below = (width - 1) // 2, width // 2
    wide_tops, wide_bottoms = tops.copy(), bottoms.copy()
    for shift in range(1, max(above, below) + 1):
        if shift <= below:  # from bars at the left
            np.fmin(wide_tops[shift:], tops[:-shift], out=wide_tops[shift:])
            np.fmax(wide_bottoms[shift:], bottoms[:-shift], out=wide_bottoms[shift:])
        if shift <= above:  # from bars at the right
            np.fmin(wide_tops[:-shift], tops[shift:], out=wide_tops[:-shift])
            np.fmax(wide_bottoms[:-shift], bottoms[shift:], out=wide_bottoms[:-shift])
    return wide_tops - above, wide_bottoms + below
