"""Line edit of a parsed value, which shows what is wrong with its text."""

from collections.abc import Callable

from PyQt5.QtCore import QSignalBlocker, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QLineEdit, QWidget


class NumberEdit(QLineEdit):
    """Line edit whose text is read by `parse`; text that it refuses is marked, explained and not emitted.

    Signals: `value_changed` (value), `problem_changed` (sentence, empty for none).
    """

    value_changed = pyqtSignal(object)
    problem_changed = pyqtSignal(str)

    def __init__(self, parse: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parse = parse
        self._help = ""
        self.problem = ""
        self.textChanged.connect(self._read)

    def set_help(self, text: str) -> None:
        """Set the tool tip that is shown while the text is valid."""
        self._help = text
        if not self.problem:
            self.setToolTip(text)

    def show_text(self, text: str) -> None:
        """Show a valid text without emitting."""
        if text != self.text():
            with QSignalBlocker(self):
                self.setText(text)
        self._mark("")

    @pyqtSlot(str)
    def _read(self, text: str) -> None:
        """Emit the parsed value, or mark what is wrong with the text."""
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
