"""Simulator: makes the recording that the session's simulation asks for."""

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.simulation import Simulation
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.teach import jobs
from neuropil_gui.features.teach.jobs import Simulated
from neuropil_gui.state.session import Session

FIRST = Simulation(frames=2000, neuropil=100, fluctuation=30, noise=2, spike_rate=0.3, seed=2)
"""The cell that the simulator begins with."""


class Simulator(QObject):
    """Follows the session's simulation, and opens or replaces the recording.

    A question is never dropped for a newer one: while a slider moves, each answer is drawn, and the next question is
    where the slider is then.

    Attributes
    ----------
    runner : Runner
        The thread.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Simulation | None = None
        self.runner = Runner(self, "The simulation")
        self.runner.finished.connect(self._on_made)
        session.teaching.simulation_changed.connect(self._follow)

    @property
    def shown(self) -> Simulation | None:
        """The simulation that is open."""
        return self._shown

    @property
    def busy(self) -> bool:
        """Whether a simulation is under way."""
        return self.runner.busy

    def start(self, simulation: Simulation = FIRST) -> None:
        """Open a simulated recording in place of what is open; one that is open already stays."""
        if self._session.teaching.simulation is None:
            self.runner.submit(jobs.make(simulation, None), simulation)

    def make_again(self) -> None:
        """Simulate the same again, and separate it only where the session is live."""
        if self._session.teaching.simulation is not None:
            self._shown = None
            self._follow()

    @pyqtSlot()
    def _follow(self) -> None:
        simulation, session = self._session.teaching.simulation, self._session
        if simulation is None:
            self.runner.drop()
        elif simulation != self._shown and not self.runner.busy:
            settings = session.settings if session.live else None
            self.runner.submit(jobs.make(simulation, settings), simulation)

    @pyqtSlot(object, object)
    def _on_made(self, simulation: Simulation, made: Simulated) -> None:
        self._shown = simulation
        if self._session.teaching.simulation is None:
            self._session.set_recording(made.recording, simulation)
        else:
            self._session.replace_cell(made.recording, made.result)
        self._follow()
