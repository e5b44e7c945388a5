import threading
from itertools import pairwise

import numpy as np
import pytest

from neuropil_gui.core.analysis.number import UNKNOWN
from neuropil_gui.core.analysis.numbers import NUMBERS, numbers
from neuropil_gui.core.history import DENSE, FEWEST_SNAPSHOTS, MAX_TRIES, History
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Progress
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers import nmf
from neuropil_gui.core.solvers.stepping import Step, run

NMF = SeparationSettings()


@pytest.fixture(scope="module")
def cell():
    rng = np.random.default_rng(5)
    return Cell.from_traces(50 + (rng.random((4, 3)) + 0.2) @ rng.gamma(2.0, 5.0, (3, 300)))


def steps(count, attempt=1):
    return (Progress(attempt, Step(k, 1.0 / k)) for k in range(1, count + 1))


@pytest.mark.parametrize("settings", [NMF, SeparationSettings(method="ica")])
def test_a_real_run_is_kept_from_its_first_iteration_to_its_last(cell, settings):
    history = History(settings)
    result = separate_cell(cell, settings, history.add)
    (one,) = history.to_run_history().tries
    assert one.iterations[0] == 1
    assert one.iterations[-1] == result.iterations
    assert one.violations[-1] <= settings.tol < one.violations[-2]
    assert np.isfinite(one.violations).all()
    assert not one.violations.flags.writeable


def test_points_are_bounded_and_the_last_is_among_them():
    history = History(NMF)
    for progress in steps(200_001):
        history.add(progress)
    (one,) = history.to_run_history().tries
    assert len(one.iterations) < 2000
    np.testing.assert_array_equal(one.iterations[: 2 * DENSE], np.arange(1, 2 * DENSE + 1))
    assert one.iterations[-1] == 200_001
    assert (np.diff(one.iterations) > 0).all()
    assert np.diff(np.log(one.iterations[2 * DENSE :])).max() < 1.01 / DENSE
    np.testing.assert_array_equal(one.violations, 1.0 / one.iterations)


def test_tries_stand_apart_and_the_newest_are_kept():
    history = History(NMF)
    for attempt in range(1, MAX_TRIES + 4):
        for progress in steps(401, attempt):
            history.add(progress)
    tries = history.to_run_history().tries
    assert [each.attempt for each in tries] == list(range(4, MAX_TRIES + 4))
    assert all(each.iterations[-1] == 401 for each in tries)


def test_what_comes_between_two_iterations_is_no_point():
    history = History(NMF)
    calls = []

    def state():
        calls.append(1)
        return np.ones((2, 5)), np.ones((3, 2))

    for iteration, violation in ((0, np.nan), (0, np.nan), (1, 1.0), (1, 1.0), (2, 0.5), (2, 0.5)):
        history.add(Progress(1, Step(iteration, violation, state)))
    run = history.to_run_history()
    assert list(run.tries[0].iterations) == [1, 2]
    assert [each.iteration for each in run.snapshots] == [0, 1, 2]
    assert len(calls) == 3


def test_nothing_happened_yet():
    history = History(NMF)
    assert history.to_run_history().tries == ()
    history.add(Progress(1, Step(0, float("nan"))))
    run = history.to_run_history()
    assert run.tries == ()
    assert run.nearest(3) is None
    assert run.settings is NMF


def test_snapshots_are_the_states_at_log_spaced_iterations(cell):
    history, states = History(NMF), {}

    def watch(progress):
        history.add(progress)
        if progress.step.iteration not in states and progress.step.state is not None:
            states[progress.step.iteration] = progress.step.state()

    result = separate_cell(cell, NMF, watch)
    run = history.to_run_history()
    iterations = [each.iteration for each in run.snapshots]
    assert iterations[:8] == list(range(8))
    assert all(b - a <= max(1, a / 16) for a, b in pairwise(iterations))
    for each in run.snapshots:
        np.testing.assert_array_equal(each.separated, states[each.iteration][0])
        np.testing.assert_array_equal(each.mixing, states[each.iteration][1])
    assert run.nearest(3.4).iteration == 3
    then = run.at(4, result)
    np.testing.assert_array_equal(then.order, result.order)
    np.testing.assert_allclose(
        then.matched, states[4][0][result.order] * states[4][1][0, result.order][:, None] * result.median
    )
    assert then.iterations == 4
    assert not then.converged
    assert "iteration 4 of" in then.warnings[0].text
    assert "before the first iteration" in run.at(0, result).warnings[0].text
    assert run.at(10**6, result) is None


@pytest.mark.parametrize("room", [FEWEST_SNAPSHOTS, 20, 100])
def test_snapshots_keep_to_their_budget(room):
    frames = 1000
    size = (2 * frames + 3 * 2) * 8
    history = History(NMF, snapshot_bytes=room * size)
    for k in range(1, 5001):
        history.add(Progress(1, Step(k, 1.0, lambda: (np.ones((2, frames)), np.ones((3, 2))))))
    kept = history.to_run_history().snapshots
    assert room / 3 <= len(kept) <= room
    assert sum(each.nbytes for each in kept) <= room * size
    iterations = [each.iteration for each in kept]
    assert iterations == sorted(set(iterations))
    assert iterations[0] == 1
    assert iterations[-1] > 3500


def test_a_long_recording_is_not_copied():
    history = History(NMF, snapshot_bytes=1000)
    calls = []

    def state():
        calls.append(1)
        return np.ones((2, 500)), np.ones((3, 2))

    for k in range(1, 100):
        history.add(Progress(1, Step(k, 1.0, state)))
    assert len(calls) == 1
    assert history.to_run_history().snapshots == ()


def test_another_try_forgets_the_snapshots_of_the_one_before():
    history = History(NMF)
    for attempt in (1, 2):
        for k in range(1, 4):
            state = np.full((1, 4), attempt)
            history.add(Progress(attempt, Step(k, 1.0, lambda state=state: (state.copy(), np.ones((2, 1))))))
    assert [each.separated[0, 0] for each in history.to_run_history().snapshots] == [2, 2, 2]


def test_it_can_be_read_while_another_thread_writes():
    history = History(NMF)
    ended = threading.Event()

    def write():
        for attempt in range(1, 9):
            for progress in steps(4000, attempt):
                history.add(progress)
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not ended.is_set():
        for each in history.to_run_history().tries:
            assert (np.diff(each.iterations) > 0).all()
            np.testing.assert_array_equal(each.violations, 1.0 / each.iterations)
    thread.join()
    assert len(history.to_run_history().tries) == 8


@pytest.mark.parametrize("seed", [1, 2])
def test_the_start_of_nmf_comes_from_the_data_not_from_the_seed(cell, seed):
    settings = SeparationSettings(start="nndsvda", seed=seed)
    history = History(settings)
    separate_cell(cell, settings, history.add)
    start, first = history.to_run_history().snapshots[:2]
    scaled = (cell.traces / np.median(cell.traces)).T
    W, H = run(nmf.initialise(scaled, len(cell.traces), "nndsvda", 892), lambda step: None)
    assert (start.iteration, first.iteration) == (0, 1)
    np.testing.assert_array_equal(start.separated, W.T)
    np.testing.assert_array_equal(start.mixing, H.T)
    assert np.abs(first.separated - start.separated).max() > 0.01


def test_numbers_of_a_component_that_is_empty_on_the_way_are_not_defined(cell):
    result = separate_cell(cell, NMF)
    history = History(NMF)
    empty = result.mixing.copy()
    empty[:, result.order[0]] = 0
    history.add(Progress(1, Step(0, np.nan, lambda: (result.separated.copy(), empty))))
    measured = numbers(cell, history.to_run_history().at(0, result), ("r_neuropil", "alive"))
    assert NUMBERS["r_neuropil"].text(measured["r_neuropil"]) == UNKNOWN
    assert measured["alive"] < result.n
