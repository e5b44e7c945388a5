"""Axis with text labels, each in the colour of what it names."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyqtgraph as pg
from PyQt5.QtGui import QColor, QPainter


class LabelAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis that shows texts at given places instead of numbers."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=0)
        self._colours: dict[str, QColor] = {}
        self.labels: list[tuple[float, str, QColor | None]] = []
        self._lit: str | None = None
        self.enableAutoSIPrefix(False)  # of numbers, which it has none of
        self.setTicks([[]])  # without labels it shows no numbers either

    def set_labels(self, labels: Sequence[tuple[float, str, QColor | None]]) -> None:
        """Show (place, text, colour); None is the axis' own colour."""
        if list(labels) == self.labels:
            return
        self.labels = list(labels)
        self._colours = {text: colour for _, text, colour in labels if colour is not None}
        self.setTicks([[(place, text) for place, text, _ in labels]])

    def light(self, text: str | None) -> None:
        """Fade all labels but `text`; None fades none."""
        if text != self._lit:
            self._lit = text
            self.picture = None
            self.update()

    def drawPicture(self, p: QPainter, axis: Any, _: Any, texts: Any) -> None:  # noqa: N802 -- pyqtgraph's
        """Draw the axis without ticks, then each label in its colour."""
        super().drawPicture(p, axis, [], [])
        if self.orientation == "left" and len(texts) > 1:
            # Shrink the font where the lanes are closer than a line of text.
            places = sorted(rect.center().y() for rect, _, _ in texts)
            room = min(below - above for above, below in pairwise(places))
            if room < p.fontMetrics().ascent():
                font = p.font()
                font.setPixelSize(max(int(room), 7))
                p.setFont(font)
        for rect, flags, text in texts:
            colour = QColor(self._colours.get(text, self.textPen().color()))
            if self._lit is not None and text != self._lit:
                colour.setAlphaF(0.35)
            p.setPen(colour)
            p.drawText(rect, int(flags), text)
