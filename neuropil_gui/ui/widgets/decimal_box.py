"""Decimal numbers: a spin box without trailing zeros that reads 1e-3 and a decimal comma, and text for tables."""

import math
import re

from PyQt5.QtCore import QLocale
from PyQt5.QtGui import QValidator
from PyQt5.QtWidgets import QDoubleSpinBox, QWidget

UNFINISHED = re.compile(r"\+?\d*\.?\d*(e[-+]?\d{0,2})?", re.IGNORECASE)
"""What may become a number in scientific notation while it is typed."""


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

    def valueFromText(self, text: str | None) -> float:
        """Read a number, in scientific notation too."""
        return _number(text or "") or 0.0

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Read a decimal comma as a point; refuse what could not be kept exactly in six decimals."""
        text = (text or "").replace(",", ".")
        value = _number(text)
        if value is None:
            state = QValidator.State.Intermediate if UNFINISHED.fullmatch(text) else QValidator.State.Invalid
        elif value > self.maximum():
            state = QValidator.State.Invalid
        elif round(value, self.decimals()) != value:
            # 1e-7 is not 0; and 1e is on the way to 1e-3, but 0.1234567 has a digit too many.
            state = QValidator.State.Intermediate if "e" in text.lower() else QValidator.State.Invalid
        else:
            state = QValidator.State.Acceptable
        return state, text, position


def decimal(value: float, digits: int = 2) -> str:
    """Return a number with `digits` decimals; a dash for NaN."""
    if math.isnan(value):
        return "–"
    # Adding 0 turns the -0.00 of rounding into 0.00.
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
