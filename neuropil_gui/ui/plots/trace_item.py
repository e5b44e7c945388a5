"""Trace over time, drawn in a time that depends on its pixels and not on its length."""

import math

import numpy as np
import pyqtgraph as pg
from PyQt5 import sip
from PyQt5.QtCore import QLineF, QPointF, QRectF, pyqtSlot
from PyQt5.QtGui import QImage, QPainter, QPen, QTransform, qPremultiply
from PyQt5.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem
from pyqtgraph.Qt.internals import PrimitiveArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.drawing.series import Series
from neuropil_gui.ui.plots import strokes

ROWS, ROWS_A_ROW = 60, 14
"""Bars are drawn as an image where it has fewer rows than `ROWS` plus `ROWS_A_ROW` times the mean bar height."""


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
        self._lines = PrimitiveArray(QLineF, 4)
        self._box = box
        self._in_view: QRectF | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        box.addItem(self, ignoreBounds=True)
        box.sigRangeChanged.connect(self._on_range_changed)

    def set_series(self, series: Series | None) -> None:
        """Draw another series; None draws nothing."""
        self.series = series
        self.update()

    def set_pen(self, pen: QPen) -> None:
        """Draw with another pen."""
        self.pen = QPen(pen)
        self.update()

    def place(self, scale: float, shift: float) -> None:
        """Draw the values times `scale` plus `shift`."""
        self.prepareGeometryChange()
        self._in_view = None
        self.setTransform(QTransform(1, 0, 0, scale, 0, shift))

    def boundingRect(self) -> QRectF:
        """Return the rectangle in view; nothing is drawn outside it."""
        if self._in_view is None:
            self._in_view = self.mapRectFromParent(self._box.viewRect())
        return self._in_view

    @pyqtSlot()
    def _on_range_changed(self) -> None:
        self.prepareGeometryChange()
        self._in_view = None

    def paint(self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: object = None) -> None:
        """Draw the bars of the exposed columns, in device pixels."""
        if painter is None or option is None or self.series is None or not self.series.pyramid.frames:
            return
        to_device = painter.deviceTransform()
        world, _ = painter.worldTransform().inverted()
        ratio = to_device.m11() / painter.worldTransform().m11()
        width = max(1, math.floor(self.pen.widthF() * ratio + 0.501))
        view, exposed = to_device.mapRect(self.boundingRect()), to_device.mapRect(option.exposedRect)
        # Number of neighbours that a bar depends on.
        around = width + 2
        first = max(math.floor(view.left() + 1e-3), math.floor(exposed.left()) - around)
        last = min(math.ceil(view.right() - 1e-3), math.ceil(exposed.right()) + around)
        if first >= last:
            return
        tops, bottoms = self.rows(self.series, to_device, (view.top(), view.bottom()), first, last - first, width)
        if pattern := self.pen.dashPattern():
            # Count from time 0, so that the dashes move with the trace.
            tops = strokes.dashed(tops, bottoms, pattern, first - round(to_device.dx()), width)
        heights = bottoms - tops
        missing = np.isnan(heights)
        if some_missing := bool(missing.any()):
            heights = heights[~missing]
            if not len(heights):
                return
        painter.save()
        # Draw in device pixels, whatever the painter's transform.
        painter.setWorldTransform((world * to_device).inverted()[0])
        if np.fmax.reduce(bottoms) - np.fmin.reduce(tops) < ROWS + ROWS_A_ROW * heights.mean():
            row, pixels = strokes.picture(tops, bottoms, qPremultiply(self.pen.color().rgba()))
            high, wide = pixels.shape
            memory = sip.voidptr(pixels.ctypes.data)
            painter.drawImage(
                QPointF(first, row), QImage(memory, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied)
            )
        else:
            lefts = np.arange(first, last, dtype=np.float64)
            if some_missing:
                lefts, tops, bottoms = (each[~missing] for each in (lefts, tops, bottoms))
            self._lines.resize(len(lefts))
            lines = self._lines.ndarray()
            lines[:, 0], lines[:, 1], lines[:, 2], lines[:, 3] = lefts, tops, lefts, bottoms
            lines += 0.25  # well inside a pixel: at its edge, rounding could move the line to the next
            painter.setPen(QPen(self.pen.color(), 0))
            painter.drawLines(*self._lines.drawargs())
        painter.restore()

    def rows(
        self, series: Series, to_device: QTransform, limits: tuple[float, float], first: int, count: int, width: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return first and last row of each column's bar; see `bars`."""
        return bars(series, to_device, limits, first, count, width)


def bars(
    series: Series, to_device: QTransform, limits: tuple[float, float], first: int, count: int, width: int
) -> tuple[FloatArray, FloatArray]:
    """Return first and last row that a line through `series` covers in `count` columns from `first` on.

    Parameters
    ----------
    series : Series
    to_device : QTransform
        From times and values to device pixels.
    limits : (float, float)
        Rows in view; bars are cut off a little above and below.
    first, count : int
        First column, and number of columns, in device pixels.
    width : int
        Pen width in device pixels.

    Returns
    -------
    tops, bottoms : ndarray, shape (count,)
        NaN for a column without values.
    """
    per_pixel = 1 / to_device.m11()
    with np.errstate(invalid="ignore", over="ignore"):
        rows = series.columns((first - to_device.dx()) * per_pixel, per_pixel, count)
        rows *= to_device.m22()
        rows += to_device.dy()
        np.maximum(rows, limits[0] - 4 * width, out=rows)
        np.minimum(rows, limits[1] + 4 * width, out=rows)
        np.floor(rows, out=rows)
        tops, bottoms = strokes.joined(np.minimum(*rows), np.maximum(*rows))
    return strokes.bolder(tops, bottoms, width) if width > 1 else (tops, bottoms)
