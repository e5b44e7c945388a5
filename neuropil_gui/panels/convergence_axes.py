"""Axes and view box of a plot over iterations, and formatting of its numbers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt, pyqtSignal

from neuropil_gui.core.arrays import FloatArray


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Logarithmic axis that labels whole powers of ten only."""

    def logTickStrings(self, values: "list[float]", scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return a label for each whole power of ten, and an empty one for other ticks."""
        return [_power(value) if abs(value - round(value)) < 1e-6 else "" for value in values]

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803
        """Return ticks at whole powers of ten, as many as there is room for."""
        low, high = math.ceil(minVal - 1e-9), math.floor(maxVal + 1e-9)
        room = max(1, int(size / 22))
        step = max(1, math.ceil((high - low + 1) / room))
        return [(step, [float(power) for power in range(low, high + 1) if power % step == 0])]


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis with ticks at whole numbers only."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803
        """Return pyqtgraph's tick levels without those below 1."""
        levels = [(spacing, offset) for spacing, offset in super().tickSpacing(minVal, maxVal, size) if spacing >= 1]
        return levels or [(1, 0)]

    def tickStrings(self, values: "list[float]", scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return the values with thousands separators."""
        return [f"{value:,.0f}" for value in values]


class ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """View box that neither pans nor zooms, and emits where it is clicked or dragged to.

    Signals: `scrubbed` (x in the plot's coordinates), `left` on a double click.
    """

    scrubbed = pyqtSignal(float)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()

    def mouseClickEvent(self, ev: Any) -> None:
        """Emit `scrubbed`, or `left` on a double click."""
        if ev.button() != Qt.MouseButton.LeftButton:
            return
        ev.accept()
        if ev.double():
            self.left.emit()
        else:
            self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        """Emit `scrubbed` at each place of the drag."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())


def logarithms(values: FloatArray) -> FloatArray:
    """Return the decimal logarithms, NaN for values that are not positive."""
    positive = values > 0
    logs: FloatArray = np.full(len(values), np.nan)
    logs[positive] = np.log10(values[positive])
    return logs


def short_number(value: float) -> str:
    """Return a value with two significant digits in as few characters as possible."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "–"
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}"
    return f"{value:.1e}".replace(".0e", "e").replace("e-0", "e-").replace("e+0", "e")


def _power(value: float) -> str:
    power = round(value)
    if -2 <= power <= 2:
        return f"{10.0**power:g}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def log_range(several: Sequence[FloatArray], tol: float) -> tuple[float, float]:
    """Return the limits, as powers of ten, of all values and `tol`, with a margin and at least one tick."""
    logs = np.concatenate([logarithms(values) for values in several])
    logs = logs[np.isfinite(logs)]
    ends = [float(logs.min()), float(logs.max())] if len(logs) else [-1.0, 0.0]
    if tol > 0:
        ends.append(math.log10(tol))
    low, high = min(ends), max(ends)
    if high - low < 1:  # show at least one power of ten
        low, high = min(low, math.floor(high)), max(high, math.floor(high))
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room
