"""Axis of values beside a plot, whose numbers do not lie over each other where the plot is low."""

from itertools import cycle

import pyqtgraph as pg
from PyQt5.QtGui import QFontMetricsF
from PyQt5.QtWidgets import QApplication

LINE = 0.85
"""Part of a line of text that two numbers are apart at least: digits have no descenders."""


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Left axis; pyqtgraph writes at least three numbers, however low the axis is."""

    def __init__(self) -> None:
        super().__init__("left")

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802 -- pyqtgraph's
        """Return spacing and offset of each level of ticks, the widest first."""
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        if not levels:
            return levels
        line = LINE * QFontMetricsF(self.style["tickFont"] or QApplication.font()).height()
        (spacing, offset), *finer = levels
        wider = spacing
        # 1, 2, 5, 10 ...: the next one is twice or 2.5 times as wide.
        leading = int(f"{spacing:e}"[0])
        factors = cycle({1: (2.0, 2.5, 2.0), 2: (2.5, 2.0, 2.0)}.get(leading, (2.0, 2.0, 2.5)))
        while wider * size < line * (high - low):
            wider *= next(factors)
        return levels if wider == spacing else [(wider, offset), (spacing, offset), *finer[1:]]
