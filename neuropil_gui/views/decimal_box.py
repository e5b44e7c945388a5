"""A spin box for decimals that writes 0.1 as 0.1 and takes a comma for a point."""

from PyQt5.QtCore import QLocale
from PyQt5.QtGui import QValidator
from PyQt5.QtWidgets import QDoubleSpinBox, QWidget


class DecimalBox(QDoubleSpinBox):
    """Six decimals, from 0 to 1000, without trailing zeros; a step follows the size of the value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setDecimals(6)
        self.setRange(0.0, 1000.0)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:
        """Write the value as briefly as it can be read back."""
        text = f"{value:.{self.decimals()}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Read a decimal comma as a point."""
        return super().validate((text or "").replace(",", "."), position)
