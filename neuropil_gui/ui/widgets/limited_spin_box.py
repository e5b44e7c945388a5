"""Spin box that lets a number beyond its limits be typed, and says which limit it used in its place."""

from PyQt5.QtCore import QLocale, pyqtSignal
from PyQt5.QtGui import QValidator
from PyQt5.QtWidgets import QSpinBox, QWidget

MOST_DIGITS = 9


class LimitedSpinBox(QSpinBox):
    """Spin box of whole numbers from 0 on; Qt's own takes 50 where 500 is typed and 200 is the most.

    Signals: `limited` (sentence, number), when another number than the one that was typed is used.
    """

    limited = pyqtSignal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setGroupSeparatorShown(False)

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Accept any number while it is typed."""
        text = text or ""
        if text and not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            return QValidator.State.Invalid, text, position
        inside = bool(text) and self.minimum() <= int(text) <= self.maximum()
        return QValidator.State.Acceptable if inside else QValidator.State.Intermediate, text, position

    def fixup(self, text: str | None) -> str:
        """Return the nearest number within the limits, and say so; what was there before where none is typed."""
        if not text:
            return str(self.value())
        used = min(max(int(text), self.minimum()), self.maximum())
        sentence = f"From {self.minimum()} to {self.maximum():,}: {used:,} was taken, not {int(text):,}."
        self.limited.emit(sentence, used)
        return str(used)
