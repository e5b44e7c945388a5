"""Spike-in test of many cells: on any executor it is that of each cell; what fails is told, and it can be cancelled."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from neuropil_gui.core.analysis.cell_spike_in import CellTest, spike_in_cell
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, Cells, Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import distribution
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.spike_in_all import spike_in_all, spike_in_each

SETTINGS = SeparationSettings(alpha=0.2)
FEW = SpikeInTest(repeats=2, count=3)


@pytest.fixture(scope="module")
def recording():
    return simulate(Simulation(cells=3, regions=2, frames=400, seed=2))


@pytest.fixture(scope="module")
def expected(recording):
    """The test of each cell alone."""
    return {
        index: spike_in_cell(cell, CellTest(SETTINGS, FEW, recording.frame_rate))
        for index, cell in enumerate(recording.cells)
    }


@pytest.mark.parametrize("executor", ["processes", "threads", "this thread"])
def test_each_cell_is_tested_as_it_would_be_alone(recording, expected, executor, monkeypatch):
    if executor == "processes":
        monkeypatch.setattr(distribution, "START_SECONDS", 0)
    with ThreadPoolExecutor(2) if executor == "threads" else Processes(2) as pool:
        found = dict(spike_in_all(recording, SETTINGS, FEW, executor=pool))
    assert {index: each.gain for index, each in found.items()} == pytest.approx(
        {index: each.gain for index, each in expected.items()}
    )
    assert {each.frame_rate for each in found.values()} == {recording.frame_rate}


def test_cells_that_cannot_be_tested_or_read_say_why_and_the_others_come(recording):
    class Partly(Cells):
        headers = recording.cells.headers

        def load(self, index: int) -> Cell:
            if index == 0:
                raise DataError("the file is gone.")
            cell = recording.cells[index]
            return cell if index == 2 else Cell.from_traces(cell.traces[:1])

    found = dict(spike_in_all(Recording("partly", None, 30.0, Partly()), SETTINGS, FEW, workers=1))
    assert found[0].failed == "the file is gone."
    assert "no neuropil region" in found[1].failed
    assert not found[2].failed


def test_only_the_cells_that_are_asked_for_are_tested_with_the_results_that_are_given(recording):
    asked = []

    def reference_of(index):
        asked.append(index)

    found = spike_in_each(recording, FEW, lambda _: SETTINGS, [2, 0], Processes(1), reference_of=reference_of)
    assert [index for index, _ in found] == asked == [2, 0]


def test_it_is_cancelled(recording):
    with pytest.raises(Cancelled):
        list(spike_in_all(recording, SETTINGS, FEW, workers=1, should_stop=lambda: True))
