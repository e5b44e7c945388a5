"""Time axis below a plot, drawn in a fifth of the time of pyqtgraph's."""

from typing import Any, ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QPen
from pyqtgraph.Qt.internals import PrimitiveArray

CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis that looks like pyqtgraph's; three of those take as long as all traces while plots are moved."""

    _newest: ClassVar[tuple[tuple[float, ...], list[tuple[float, NDArray[np.float64]]]]] = ((), [])

    def __init__(self) -> None:
        super().__init__("bottom")
        self._lines = PrimitiveArray(QLineF, 4)

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the line, the ticks, and the values of as many tick levels as there is room for."""
        bounds, (start, end) = self.mapRectFromParent(self.geometry()), self.range
        if not (bounds.width() > 0 and end > start):
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        p.setPen(self.pen())
        p.drawLine(bounds.topLeft() + QPointF(-1.0, 1.0), bounds.topRight() + QPointF(1.0, 1.0))
        shown, taken, room, pen = 0, 0.0, self.style["showValues"], self.tickPen()
        for level, (spacing, values) in enumerate(self._levels(start, end, bounds.width())):
            places = bounds.left() + (values - start) * bounds.width() / (end - start)
            self._draw_ticks(p, places, bounds.top(), level, pen)
            if not room or level > self.style["maxTextLevel"] or not len(values):
                continue
            texts = self.tickStrings(values.tolist(), self.autoSIPrefixScale * self.scale, spacing)
            widths = [p.fontMetrics().horizontalAdvance(text) for text in texts]
            taken += sum(widths)
            limits = self.style["textFillLimits"]
            room = level == 0 or not any(shown >= count and taken >= part * bounds.width() for count, part in limits)
            if room:
                shown += self._draw_values(p, places, texts, widths, bounds)

    def _levels(self, start: float, end: float, width: float) -> list[tuple[float, NDArray[np.float64]]]:
        """Return spacing and values of each tick level, shared by plots with the same range and width."""
        key = (start, end, width)
        if TimeAxis._newest[0] != key:
            levels, seen = [], np.zeros(0)
            for spacing, _ in self.tickSpacing(start, end, width):
                values = np.arange(np.ceil(start / spacing), np.floor(end / spacing) + 1) * spacing
                # Leave out the ticks of coarser levels.
                values = values[np.abs(values - seen[:, np.newaxis]).min(axis=0, initial=spacing) > 0.01 * spacing]
                seen = np.concatenate([seen, values])
                levels.append((spacing, values))
            TimeAxis._newest = (key, levels)
        return TimeAxis._newest[1]

    def _draw_ticks(self, p: QPainter, places: Any, top: float, level: int, pen: QPen) -> None:
        self._lines.resize(len(places))
        lines = self._lines.ndarray()
        lines[:, 0] = lines[:, 2] = places
        lines[:, 1], lines[:, 3] = top, top + self.style["tickLength"] / (1 + level / 2)
        colour = QColor(pen.color())
        colour.setAlpha(255 // (level + 1))
        pen.setColor(colour)
        p.setPen(pen)
        p.drawLines(*self._lines.drawargs())

    def _draw_values(self, p: QPainter, places: Any, texts: list[str], widths: list[int], bounds: QRectF) -> int:
        """Draw the values that fit, and return their number."""
        p.setPen(self.textPen())
        count, top = 0, bounds.top() + self.style["tickTextOffset"][1] + max(0, self.style["tickLength"])
        for place, text, width in zip(places, texts, widths, strict=True):
            if bounds.left() <= place - width / 2 and place + width / 2 <= bounds.right():
                p.drawText(QRectF(place - width / 2, top, width, bounds.bottom() - top), CENTRED, text)
                count += 1
        return count
