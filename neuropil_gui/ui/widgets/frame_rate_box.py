"""Edit of the frame rate in Hz, empty for unknown."""

import math
import re

from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from neuropil_gui.core.errors import printable_text
from neuropil_gui.core.frame_rate import RATES, is_frame_rate
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.widgets.number_edit import NumberEdit

HELP = (
    f"<qt>Frame rate in Hz (frames a second), a number {RATES}. Left empty where it is not known: times are then "
    "counted in frames, and nothing is guessed.</qt>"
)


_UNIT = re.compile(r"\s*hz\s*$", re.IGNORECASE)


def read_frame_rate(text: str) -> float | None:
    """Return the frame rate in `text` in Hz, None where it is empty; raise ValueError with a sentence."""
    if not text:
        return None
    try:
        rate = float(_UNIT.sub("", text).replace(",", "."))
    except ValueError:
        rate = math.nan
    if not is_frame_rate(rate):
        raise ValueError(
            f"The frame rate must be a number above 0, in Hz, {RATES}, but {printable_text(text)!r} was found."
        )
    return rate


class FrameRateBox(QWidget):
    """Edit of the frame rate that emits only once editing is finished: 30 is not 3 on its way.

    Signals: `frame_rate_changed` (Hz or None).
    """

    frame_rate_changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate: float | None = None
        self.edit = NumberEdit(read_frame_rate)
        self.edit.setObjectName("frame_rate")
        self.edit.setAccessibleName("Frame rate in Hz")
        self.edit.setPlaceholderText("unknown (frames)")
        self.edit.set_help(HELP)
        self.edit.editingFinished.connect(self._done)
        self.clear_action = self.edit.addAction(icon("clear"), QLineEdit.ActionPosition.TrailingPosition)
        assert self.clear_action is not None
        self.clear_action.setToolTip("Unknown: count in frames")
        self.clear_action.triggered.connect(self._clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        label = QLabel("Rate (Hz)")
        label.setBuddy(self.edit)
        layout.addWidget(label)
        layout.addWidget(self.edit, 1)
        self.show_frame_rate(None)

    def show_frame_rate(self, rate: float | None) -> None:
        """Show a frame rate without emitting."""
        self._rate = rate
        self.edit.show_text("" if rate is None else f"{rate:.10g}")
        self.clear_action.setVisible(rate is not None)  # type: ignore[union-attr]

    @pyqtSlot()
    def _done(self) -> None:
        """Emit the typed frame rate if it can be read and has changed."""
        if self.edit.problem:
            return
        rate = read_frame_rate(self.edit.text().strip())
        if rate != self._rate:
            self.show_frame_rate(rate)
            self.frame_rate_changed.emit(rate)

    @pyqtSlot()
    def _clear(self) -> None:
        """Make the frame rate unknown."""
        self.edit.show_text("")
        self._done()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.clear_action.setIcon(icon("clear"))  # type: ignore[union-attr]
