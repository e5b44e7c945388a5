"""Teaching: which simulation is shown, and whether its truth is."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.simulation import Simulation


class Teaching(QObject):
    """The parameters of the simulated recording that is shown, or is being made, and whether its truth is hidden.

    Signals: `simulation_changed` (who simulates answers it by `Session.replace_cell`), `truth_changed`,
    `exercise_changed`.
    """

    simulation_changed = pyqtSignal()
    truth_changed = pyqtSignal()
    exercise_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._simulation: Simulation | None = None
        self._truth_hidden = self._in_exercise = False

    @property
    def simulation(self) -> Simulation | None:
        """The parameters; None where the recording is from a file."""
        return self._simulation

    def set_simulation(self, simulation: Simulation | None) -> None:
        """Set other parameters."""
        if simulation != self._simulation:
            self._simulation = simulation
            self.simulation_changed.emit()

    @property
    def truth_hidden(self) -> bool:
        """Whether views, numbers and exports get simulated recordings without their truth."""
        return self._truth_hidden

    @property
    def in_exercise(self) -> bool:
        """Whether an exercise is being done, during which its truth is not to be asked for."""
        return self._in_exercise

    def set_exercise(self, on: bool) -> None:
        """Note that an exercise has begun or ended."""
        if on != self._in_exercise:
            self._in_exercise = on
            self.exercise_changed.emit()

    @pyqtSlot(bool)
    def hide_truth(self, hidden: bool) -> None:
        """Hide the truth, or give it again."""
        if hidden != self._truth_hidden:
            self._truth_hidden = hidden
            self.truth_changed.emit()
