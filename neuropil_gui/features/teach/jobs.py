"""Jobs of the simulator, for the runner."""

from dataclasses import dataclass

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.drawing.prepared import prepare_cell
from neuropil_gui.engine import jobs
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.state.results import Result


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulated recording, and the result of its first cell; None where there is none."""

    recording: Recording
    result: Result | None


def make(simulation: Simulation, settings: SeparationSettings | None) -> Work:
    """Simulate a recording and separate its first cell by the fast solver; None for no separation.

    What cannot be separated has no result; asking again, as the window does, says why.
    """

    def work(report: Report, should_stop: ShouldStop) -> Simulated:
        recording = simulate(simulation, f"simulated cell {simulation.seed}")
        cell = prepare_cell(recording.cells[0])
        if settings is None:
            return Simulated(recording, None)
        try:
            separation, numbers, history = jobs.separated(cell, fast(settings), report, should_stop)
        except DataError:
            return Simulated(recording, None)
        return Simulated(recording, Result(separation, numbers, history))

    return work
