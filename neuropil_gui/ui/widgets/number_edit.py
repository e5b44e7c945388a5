"""A line edit that holds a value, and says why when it does not."""

from collections.abc import Callable

from PyQt5.QtCore import QSignalBlocker, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QLineEdit, QWidget


class NumberEdit(QLineEdit):
    """Text read by `parse`; what that refuses is marked, explained and not emitted."""

    value_changed = pyqtSignal(object)
    problem_changed = pyqtSignal(str)

    def __init__(self, parse: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parse = parse
        self._help = ""
        self.problem = ""
        self.textChanged.connect(self._read)

    def set_help(self, text: str) -> None:
        """Set the tool tip that is shown while the text can be read."""
        self._help = text
        if not self.problem:
            self.setToolTip(text)

    def show_text(self, text: str) -> None:
        """Show a text that is right, without emitting."""
        if text != self.text():
            with QSignalBlocker(self):
                self.setText(text)
        self._mark("")

    @pyqtSlot(str)
    def _read(self, text: str) -> None:
        """Emit what was typed, or say what is wrong with it."""
        try:
            value = self._parse(text.strip())
        except (ValueError, TypeError) as error:
            self._mark(str(error))
            return
        self._mark("")
        self.value_changed.emit(value)

    def _mark(self, problem: str) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        self.setProperty("invalid", bool(problem))
        self.setToolTip(problem or self._help)
        if (style := self.style()) is not None:
            style.unpolish(self)
            style.polish(self)
        self.problem_changed.emit(problem)
