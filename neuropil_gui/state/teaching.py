"""Teaching: which simulation is shown, and whether its truth is."""

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.simulation import Simulation


class Teaching(QObject):
    """The parameters of the simulated recording that is shown, or is being made.

    Signals: `simulation_changed`; who simulates answers it by `Session.replace_cell`.
    """

    simulation_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._simulation: Simulation | None = None

    @property
    def simulation(self) -> Simulation | None:
        """The parameters; None where the recording is from a file."""
        return self._simulation

    def set_simulation(self, simulation: Simulation | None) -> None:
        """Set other parameters."""
        if simulation != self._simulation:
            self._simulation = simulation
            self.simulation_changed.emit()
