"""Colour scale of heatmaps: values to colours, and a bar that shows the range."""

import math
from functools import cache

import numpy as np
from PyQt5.QtCore import QPointF, QRect, QSize
from PyQt5.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

STEPS, THICK, GAP = 128, 10, 6
"""Colours in the bar; its height and the gaps beside it in pixels."""

LEAST, MOST = 60, 140
"""Least and greatest width of the bar in pixels."""


class Scale:
    """Perceptually even colours for values, diverging at zero where values are negative.

    Attributes
    ----------
    low, high : float
        Values of the first and the last colour.
    signed, logarithmic : bool
    """

    def __init__(self, values: FloatArray, logarithmic: bool = False) -> None:
        finite = values[np.isfinite(values)]
        self.logarithmic = logarithmic and finite.size > 0 and bool((finite > 0).all())
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        self.signed = low < 0
        if self.signed:
            high = max(-low, high)
            low = -high
        self.low, self.high = low, high
        self._colours = _colours(self.signed)

    def is_like(self, other: "Scale") -> bool:
        """Return whether both scales give each value the same colour."""
        return all(getattr(self, name) == getattr(other, name) for name in ("low", "high", "logarithmic"))

    def part(self, value: float) -> float:
        """Return the place of a value between the ends, from 0 to 1."""
        low, high = (math.log(each) if self.logarithmic else each for each in (self.low, self.high))
        at = math.log(value) if self.logarithmic else value
        return (at - low) / (high - low) if high > low else 0.5

    def colour(self, value: float) -> QColor:
        """Return the colour of a finite value."""
        return self._colours[round(min(max(self.part(value), 0.0), 1.0) * (len(self._colours) - 1))]


@cache
def _colours(signed: bool) -> list[QColor]:
    return [QColor(*rgb) for rgb in style.heatmap_colours(signed).getLookupTable(nPts=256, alpha=False).tolist()]


class ColourBar(QWidget):
    """Bar of the colours with the values at its ends; the tool tip names the number."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._ends = "", ("", "")
        self._map = style.heatmap_colours(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_scale(self, name: str, low: str, high: str, signed: bool = False) -> None:
        """Show the name and the values at both ends; an empty name shows nothing."""
        self._name, self._ends, self._map = name, (low, high), style.heatmap_colours(signed)
        self.setAccessibleName(self.text())
        self.setToolTip(self.text())
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """Return the text of the tool tip."""
        return f"{self._name}: from {self._ends[0]} to {self._ends[1]}" if self._name else ""

    def sizeHint(self) -> QSize:
        """Return the size of the texts and the widest bar."""
        return QSize(self._texts_width() + scaled(MOST), self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the texts and the narrowest bar."""
        return QSize(self._texts_width() + scaled(LEAST), self.fontMetrics().height() + 6)

    def _texts_width(self) -> int:
        return sum(self.fontMetrics().horizontalAdvance(text) + GAP for text in self._ends)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw bar and texts at the right edge."""
        if not self._name:
            return
        painter, measure = QPainter(self), self.fontMetrics()
        thick = scaled(THICK)
        colours = self._map.getLookupTable(nPts=STEPS, alpha=False)
        image = QImage(np.ascontiguousarray(colours, np.uint8).tobytes(), STEPS, 1, 3 * STEPS, QImage.Format_RGB888)
        width = max(min(self.width() - self._texts_width(), scaled(MOST)), scaled(LEAST))
        left = float(max(self.width() - self._texts_width() - width, 0))
        base = (self.height() + measure.ascent() - measure.descent()) / 2
        painter.setPen(QColor(style.current().muted))
        for index, text in enumerate((self._ends[0], "", self._ends[1])):
            if index == 1:
                painter.drawImage(QRect(int(left), (self.height() - thick) // 2, width, thick), image)
                left += width + GAP
                continue
            painter.drawText(QPointF(left, base), text)
            left += measure.horizontalAdvance(text) + GAP

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.update()
