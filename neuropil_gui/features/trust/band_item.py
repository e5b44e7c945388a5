"""Items that fill the band between two traces, or draw the upper edge of an area, in the time of their pixels."""

import numpy as np
import pyqtgraph as pg
from PyQt5.QtGui import QColor, QTransform

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.drawing.series import Series
from neuropil_gui.ui.plots import strokes
from neuropil_gui.ui.plots.trace_item import TraceItem, bars


class BandItem(TraceItem):
    """Item that fills each column of pixels from the least to the greatest value of two traces.

    Attributes
    ----------
    lower : Series or None
        The lower trace; None for a line at `floor`.
    floor : float
    """

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.lower: Series | None = None
        self.floor = 0.0

    def set_band(self, lower: Series | None, upper: Series | None, colour: QColor, floor: float = 0.0) -> None:
        """Fill between two series with the same times, or down to `floor`; `upper` None draws nothing."""
        self.lower, self.floor = lower, floor
        self.set_pen(pg.mkPen(colour, width=1))
        self.set_series(upper)

    def rows(
        self, series: Series, to_device: QTransform, limits: tuple[float, float], first: int, count: int, width: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return first and last row of each column; NaN where either trace has no value."""
        tops, bottoms = bars(series, to_device, limits, first, count, 1)
        if self.lower is None:
            edge = np.clip(self.floor * to_device.m22() + to_device.dy(), limits[0] - 4, limits[1] + 4)
            return np.minimum(tops, np.floor(edge)), np.maximum(bottoms, np.floor(edge))
        others = bars(self.lower, to_device, limits, first, count, 1)
        return np.minimum(tops, others[0]), np.maximum(bottoms, others[1])


class EdgeItem(TraceItem):
    """Item that draws the greatest value of each column: the upper edge of an area."""

    def rows(
        self, series: Series, to_device: QTransform, limits: tuple[float, float], first: int, count: int, width: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return first and last row of a line through the greatest values."""
        tops, _ = bars(series, to_device, limits, first, count, 1)
        edge = strokes.joined(tops, tops)
        return strokes.bolder(*edge, width) if width > 1 else edge
