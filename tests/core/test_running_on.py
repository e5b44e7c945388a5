"""Running on from FISSA's result: to the minimum beside it, and not to another one."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import Cell, SeparationSettings, separate_cell
from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.running_on import can_run_on, run_on
from neuropil_gui.core.simulation import Simulation, simulate

EXACT = SeparationSettings(max_tries=1)
FAST = replace(EXACT, solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=600, seed=1)).cells[0]


def test_a_solver_that_stopped_at_its_limit_comes_to_the_same_minimum(cell):
    stopped = separate_cell(cell, replace(EXACT, max_iter=100))
    made, lowest = run_on(cell, stopped), separate_cell(cell, FAST)
    assert not stopped.converged
    assert made.objective < stopped.objective
    assert made.objective == pytest.approx(lowest.objective, abs=1e-3)
    assert Agreement.of(made, lowest).same


def test_one_that_stopped_at_its_tolerance_too(cell):
    stopped, lowest = separate_cell(cell, replace(EXACT, tol=0.03)), separate_cell(cell, FAST)
    assert stopped.converged
    made = run_on(cell, stopped)
    assert made.objective < stopped.objective - 0.1
    assert made.objective == pytest.approx(lowest.objective, abs=1e-3)


def test_one_that_an_extreme_frame_stopped_too(demo_cells):
    # The tolerance is relative to the first violation, which such a frame makes large.
    traces = demo_cells("easy")[3].traces.copy()
    traces[:, 300] *= 1000
    cell = Cell.from_traces(traces)
    stopped, lowest = separate_cell(cell, EXACT), separate_cell(cell, FAST)
    assert stopped.converged
    assert Agreement.of(stopped, lowest).r < 0.9
    assert Agreement.of(run_on(cell, stopped), lowest).r > 0.9999


def test_at_the_minimum_it_stays(cell):
    lowest = separate_cell(cell, FAST)
    made = run_on(cell, lowest)
    assert made.iterations <= 3
    np.testing.assert_allclose(made.matched, lowest.matched, atol=1e-2 * np.ptp(lowest.matched[0]))


def test_it_is_for_nmf_of_few_components_and_signals(cell):
    result = separate_cell(cell, replace(EXACT, max_iter=3))
    assert can_run_on(result)
    assert not can_run_on(replace(result, settings=replace(EXACT, method="ica")))
    assert not can_run_on(replace(result, frames_per_value=20))
    assert not can_run_on(replace(result, mixing=np.ones((5, 16))))
    assert not can_run_on(replace(result, mixing=np.ones((300, 10))))


def test_it_can_be_stopped(cell):
    result = separate_cell(cell, replace(EXACT, max_iter=3))
    with pytest.raises(Cancelled):
        run_on(cell, result, should_stop=lambda: True)
