"""Decimal numbers: a spin box without trailing zeros that reads 1e-3 and a decimal comma, and text for tables."""

import math
import re

from PyQt5.QtCore import QLocale
from PyQt5.QtGui import QValidator
from PyQt5.QtWidgets import QDoubleSpinBox, QWidget

UNFINISHED = re.compile(r"\+?\d*\.?\d*(e[-+]?\d{0,2})?", re.IGNORECASE)
"""Text that can still become a number in scientific notation."""


class DecimalBox(QDoubleSpinBox):
    """Spin box from 0 to 1000 with six decimals, no trailing zeros, and steps that follow the value's size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setDecimals(6)
        self.setRange(0.0, 1000.0)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:
        """Return the shortest text that reads back as `value`."""
        text = f"{value:.{self.decimals()}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def valueFromText(self, text: str | None) -> float:
        """Return the number in `text`, which may be in scientific notation."""
        return _number(text or "") or 0.0

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Accept a number of at most six decimals, with a decimal point or comma."""
        text = (text or "").replace(",", ".")
        value = _number(text)
        if value is None:
            state = QValidator.State.Intermediate if UNFINISHED.fullmatch(text) else QValidator.State.Invalid
        elif value > self.maximum():
            state = QValidator.State.Invalid
        elif round(value, self.decimals()) != value:
            # 1e-7 may become 1e-6 while it is typed; 0.1234567 cannot become valid.
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
