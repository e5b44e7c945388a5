"""Logarithmic slider whose left end is exactly zero."""

import math

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QSlider, QWidget

LOWEST, HIGHEST = -3, 1
"""Powers of ten at the ends: beyond them results hardly change, or are empty, and a box takes the rest."""

STEPS = 50


class LogSlider(QSlider):
    """Slider over 0 and 0.001 to 10; an arrow key moves a tenth of a power of ten, a page key a whole one.

    Signals: `number_changed` (number).
    """

    number_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, 1 + STEPS * (HIGHEST - LOWEST))
        self.setSingleStep(STEPS // 10)
        self.setPageStep(STEPS)
        self.valueChanged.connect(self._on_moved)

    def number(self) -> float:
        """Return the number at the handle, rounded to two digits."""
        if self.value() == 0:
            return 0.0
        return float(f"{10 ** (LOWEST + (self.value() - 1) / STEPS):.1e}")

    def show_number(self, number: float) -> None:
        """Move the handle nearest to `number` without emitting."""
        place = 0
        if number > 0:
            place = round(1 + STEPS * (math.log10(number) - LOWEST))
            place = min(max(place, 1), self.maximum())
        with QSignalBlocker(self):
            self.setValue(place)

    @pyqtSlot()
    def _on_moved(self) -> None:
        """Emit the number at the handle."""
        self.number_changed.emit(self.number())
