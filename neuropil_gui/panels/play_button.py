"""Button that plays a run: a timer that goes evenly from its start to its end."""

from PyQt5.QtCore import QElapsedTimer, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QToolButton, QWidget

from neuropil_gui.ui.icons import icon

WHOLE = 8000
"""Milliseconds from the start of a run to its end."""

TURN = 40
"""Milliseconds between two places."""


class PlayButton(QToolButton):
    """Starts and pauses; while it plays it emits `moved` with the part of the way, from 0 to 1."""

    moved = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("convergence_play")
        self.setAutoRaise(True)
        self.whole = WHOLE
        self._begin = 0.0
        self._elapsed = QElapsedTimer()
        self._turn = QTimer(self)
        self._turn.setInterval(TURN)
        self._turn.timeout.connect(self._move)
        self.set_states(False)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._turn.isActive()

    def play(self, begin: float) -> None:
        """Play from this part of the way on."""
        self._begin = begin
        self._elapsed.start()
        self._turn.start()
        self.restyle()
        self.moved.emit(begin)

    def pause(self) -> None:
        """Stay where it is."""
        if self.playing:
            self._turn.stop()
            self.restyle()

    def set_states(self, kept: bool) -> None:
        """Enable the button where states of the run were `kept`."""
        self.pause()
        self.setEnabled(kept)
        self.restyle()

    @pyqtSlot()
    def _move(self) -> None:
        part = self._begin + self._elapsed.elapsed() / self.whole
        if part >= 1:
            self.pause()
        self.moved.emit(min(part, 1.0))

    def restyle(self) -> None:
        """Show what a click does, in the colours of the current theme."""
        self.setIcon(icon("pause" if self.playing else "run"))
        self.setAccessibleName("Pause" if self.playing else "Play the run")
        if not self.isEnabled():
            tip = "No states of this run were kept: ICA and the solver FISSA keep them, except of very long recordings"
        elif self.playing:
            tip = "Pause (Space)"
        else:
            tip = "Play the run from its start (Space); Left and Right go a step back or on"
        self.setToolTip(tip)
