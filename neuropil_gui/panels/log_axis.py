"""What a plot over iterations is made of: its axes, its box to click and drag in, and short numbers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt, pyqtSignal

from neuropil_gui.core.arrays import FloatArray


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Writes powers of ten as such."""

    def logTickStrings(self, values: "list[float]", scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write whole powers only; what lies between them has its place, but no words."""
        return [_power(value) if abs(value - round(value)) < 1e-6 else "" for value in values]

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803
        """Put ticks at whole powers, as many as there is room for."""
        low, high = math.ceil(minVal - 1e-9), math.floor(maxVal + 1e-9)
        room = max(1, int(size / 22))
        step = max(1, math.ceil((high - low + 1) / room))
        return [(step, [float(power) for power in range(low, high + 1) if power % step == 0])]


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Has ticks at whole numbers only."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803
        """Leave out what lies between whole numbers."""
        levels = [(spacing, offset) for spacing, offset in super().tickSpacing(minVal, maxVal, size) if spacing >= 1]
        return levels or [(1, 0)]

    def tickStrings(self, values: "list[float]", scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write thousands as elsewhere."""
        return [f"{value:,.0f}" for value in values]


class ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """Neither pans nor zooms; tells where it was clicked or dragged to."""

    scrubbed = pyqtSignal(float)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()

    def mouseClickEvent(self, ev: Any) -> None:
        """Tell of a click; a double click leaves."""
        if ev.button() != Qt.MouseButton.LeftButton:
            return
        ev.accept()
        if ev.double():
            self.left.emit()
        else:
            self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        """Tell of each place on the way."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())


def logarithms(values: "FloatArray") -> "FloatArray":
    """Return the logarithms; NaN where there is none."""
    positive = values > 0
    logs: FloatArray = np.full(len(values), np.nan)
    logs[positive] = np.log10(values[positive])
    return logs


def short_number(value: float) -> str:
    """Write a number in as few characters as tell it."""
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


def log_range(several: "Sequence[FloatArray]", tol: float) -> tuple[float, float]:
    """Return the powers of ten between which all values and tol lie, with a little room and a tick."""
    logs = np.concatenate([logarithms(values) for values in several])
    logs = logs[np.isfinite(logs)]
    ends = [float(logs.min()), float(logs.max())] if len(logs) else [-1.0, 0.0]
    if tol > 0:
        ends.append(math.log10(tol))
    low, high = min(ends), max(ends)
    if high - low < 1:  # with a power of ten in sight
        low, high = min(low, math.floor(high)), max(high, math.floor(high))
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room
