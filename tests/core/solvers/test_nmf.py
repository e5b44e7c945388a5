"""The NMF solver is scikit-learn's, iteration by iteration, but in steps."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from neuropil_gui.core.solvers import nmf
from neuropil_gui.core.solvers.coordinate_sweep import find_sweep, sweep_in_numpy
from neuropil_gui.core.solvers.stepping import BLOCK, SAMPLES_PER_STEP, Step, blocks, one_blas_thread, run


def samples(frames=150, signals=4, seed=0):
    """Make X (frames, signals), not negative, with a median of about 1."""
    rng = np.random.default_rng(seed)
    mixing = rng.uniform(0.1, 0.7, (signals, signals)) + np.eye(signals)
    X = 1 + rng.gamma(0.3, 1.0, (frames, signals)) @ mixing
    return np.ascontiguousarray(X / np.median(X))


def solve(X, n, alpha=0.1, tol=1e-4, max_iter=500, start="nndsvdar", seed=0):
    steps = []
    with one_blas_thread():
        sources, mixing, iterations = run(nmf.factorise(X, n, alpha, tol, max_iter, start, seed), steps.append)
    return sources.T, mixing.T, iterations, steps


def by_sklearn(X, n, alpha=0.1, tol=1e-4, max_iter=500, start="nndsvdar", seed=0):
    frames, signals = X.shape
    custom = {}
    if isinstance(start, tuple):
        custom = {"W": start[0].copy(), "H": start[1].copy()}
        start = "custom"
    model = NMF(
        n, init=start, tol=tol, max_iter=max_iter, alpha_W=alpha / signals, alpha_H=alpha / frames, l1_ratio=0.5,
        random_state=seed,
    )  # fmt: skip
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        W = model.fit_transform(X, **custom)
    return W, model.components_, model.n_iter_


def assert_like_sklearn(X, n, limit=1e-9, **arguments):
    W, H, iterations, _ = solve(X, n, **arguments)
    wanted_W, wanted_H, wanted_iterations = by_sklearn(X, n, **arguments)
    assert iterations == wanted_iterations
    for found, wanted in ((W, wanted_W), (H, wanted_H)):
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=0, atol=limit * max(wanted.max(), 1e-300))


shapes = st.integers(2, 12).flatmap(
    lambda signals: st.tuples(st.integers(signals, 120), st.just(signals), st.integers(1, signals))
)


@given(
    shapes,
    st.sampled_from([0.0, 0.01, 0.1, 1.0, 10.0]),
    st.sampled_from(["nndsvdar", "nndsvda", "random"]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=50, deadline=None)
def test_the_same_as_scikit_learn(shape, alpha, start, seed):
    frames, signals, n = shape
    # One component without penalty starts at its optimum, so that the iterations count roundings.
    assume(n > 1 or alpha > 0 or start == "random")
    assert_like_sklearn(samples(frames, signals, seed), n, alpha=alpha, start=start, seed=seed, limit=1e-8)


@pytest.mark.parametrize("start", ["nndsvdar", "nndsvda", "random"])
@pytest.mark.parametrize(
    "X",
    [
        pytest.param(samples()[:, [0, 1, 2, 0]].copy(), id="a copy"),
        pytest.param(np.c_[samples(), np.zeros(150)], id="zeros"),
        pytest.param(np.c_[samples(), samples()[:, :1] + samples()[:, 1:2]], id="a sum"),
        pytest.param(np.c_[samples()[:, :1], np.zeros((150, 3))], id="all zeros but one"),
        pytest.param(np.ones((60, 3)), id="constant"),
        pytest.param(np.kron(np.diag([1.0, 2.0, 4.0]), np.ones((20, 1))), id="disjoint"),
        pytest.param(np.r_[np.zeros((40, 4)), samples()], id="starts dark"),
    ],
)
def test_signals_that_depend_on_each_other(X, start):
    W, H, iterations, _ = solve(X, X.shape[1], start=start)
    wanted_W, wanted_H, wanted_iterations = by_sklearn(X, X.shape[1], start=start)
    assert iterations == wanted_iterations
    np.testing.assert_allclose(W @ H, wanted_W @ wanted_H, atol=1e-6 * X.max())


@pytest.mark.parametrize(
    "frames", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, SAMPLES_PER_STEP, SAMPLES_PER_STEP + 3], ids=str
)
@pytest.mark.parametrize("start", ["nndsvdar", "random"])
def test_blocks_do_not_show(frames, start):
    # An odd number of components makes normal numbers, drawn in pairs, straddle blocks.
    assert_like_sklearn(samples(frames, 3), 3, max_iter=8, start=start)


@pytest.mark.parametrize("start", ["nndsvdar", "nndsvda", "random"])
def test_small_blocks_do_not_show(monkeypatch, start):
    X = samples(200, 5)
    whole = solve(X, 5, start=start)
    monkeypatch.setattr(nmf, "blocks", lambda frames: blocks(frames, 7))
    monkeypatch.setattr(nmf, "SAMPLES_PER_STEP", 14)
    parts = solve(X, 5, start=start)
    assert parts[2] == whole[2]
    for a, b in zip(parts[:2], whole[:2], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


def test_scikit_learn_is_where_the_sweep_is_taken_from():
    assert find_sweep() is not sweep_in_numpy


@given(shapes, st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=50, deadline=None)
def test_the_sweep_in_numpy_is_the_compiled_one(shape, seed, dead):
    frames, _, n = shape
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(frames, n)).clip(0)
    factor = rng.uniform(size=(n, n + 3))
    if dead:
        factor[0] = 0
    gram, target = factor @ factor.T, rng.normal(size=(frames, n))
    other = W.copy()
    components = np.arange(n, dtype=np.intp)
    violation = sweep_in_numpy(W, gram, target, components)
    assert violation == pytest.approx(find_sweep()(other, gram, target, components), rel=1e-10)
    np.testing.assert_allclose(W, other, atol=1e-9 * max(1.0, other.max()))


def test_a_fit_without_the_compiled_sweep(monkeypatch):
    monkeypatch.setattr(nmf, "find_sweep", lambda: sweep_in_numpy)
    assert_like_sklearn(samples(), 4, limit=1e-7)


@pytest.mark.parametrize("alpha", [30.0, 100.0, 1e6])
def test_everything_dies_of_too_much_alpha(alpha):
    X = samples()
    W, H, iterations, steps = solve(X, 4, alpha=alpha)
    assert not W.any()
    assert not H.any()
    assert iterations == by_sklearn(X, 4, alpha=alpha)[2]
    assert steps[-1].violation <= 1e-4


def test_a_first_violation_of_zero_ends_it():
    # Each start is the exact optimum.
    start = (np.ones((10, 1)), np.ones((1, 2)))
    assert_like_sklearn(np.ones((10, 2)), 1, alpha=0.0, start=start)
    *_, iterations, steps = solve(np.ones((10, 2)), 1, alpha=0.0, start=start)
    assert iterations == 1
    assert [step.violation for step in steps if step.iteration] == [0, 0]


@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_a_start_of_zeros(alpha):
    zero_W = (np.zeros((150, 4)), samples(4, 4))
    W, _, iterations, _ = solve(samples(), 4, start=zero_W)
    assert W.any()
    assert iterations > 1
    both = (np.zeros((150, 4)), np.zeros((4, 4)))
    W, H, iterations, _ = solve(samples(), 4, alpha=alpha, start=both)
    assert iterations == 1
    assert not W.any()
    assert not H.any()


def test_steps_count_iterations_and_have_the_violation():
    *_, iterations, steps = solve(samples(), 4, max_iter=5000)
    finished = [step for step in steps if step.iteration > 0]
    # The last once more, while the answer is put together.
    assert [step.iteration for step in finished] == [*range(1, iterations + 1), iterations]
    assert finished[0].violation == 1
    assert finished[-1].violation == finished[-2].violation <= 1e-4 < finished[-3].violation
    assert all(np.isnan(step.violation) for step in steps if step.iteration == 0)


def test_no_more_iterations_than_allowed():
    *_, iterations, steps = solve(samples(), 4, max_iter=3, tol=0)
    assert iterations == 3
    assert steps[-1].iteration == 3


def test_a_long_sweep_is_many_steps():
    frames = 3 * SAMPLES_PER_STEP + 5
    *_, steps = solve(samples(frames, 2), 2, max_iter=2, tol=0)
    assert [step.iteration for step in steps if step.state is not None][:9] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    making_the_start = [step for step in steps if step.state is None]
    assert len(making_the_start) >= frames / SAMPLES_PER_STEP


def test_the_state_is_a_copy_of_what_there_is():
    X = samples()
    solver = nmf.factorise(X, 4, 0.1, 1e-4, 500, "nndsvdar", 0)
    states = [step.state() for step in itertools.islice((s for s in solver if s.iteration), 3)]
    for sources, mixing in states:
        assert sources.shape == (4, 150)
        assert mixing.shape == (4, 4)
    assert not np.array_equal(states[0][0], states[1][0])
    wanted_W, wanted_H, _ = by_sklearn(X, 4, max_iter=2, tol=0)
    np.testing.assert_allclose(states[1][0], wanted_W.T, atol=1e-10)
    np.testing.assert_allclose(states[1][1], wanted_H.T, atol=1e-10)
    states[2][0][:] = np.nan
    assert all(np.isfinite(step.violation) for step in itertools.islice(solver, 5))


def test_it_can_be_left_midway():
    solver = nmf.factorise(samples(), 4, 0.1, 1e-4, 500, "nndsvdar", 0)
    assert isinstance(next(solver), Step)
    solver.close()
    with pytest.raises(StopIteration):
        next(solver)


def test_the_input_and_the_start_are_left_alone():
    X = samples()
    rng = np.random.default_rng(1)
    start = (rng.uniform(size=(150, 4)), rng.uniform(size=(4, 4)))
    before = X.copy(), start[0].copy(), start[1].copy()
    solve(X, 4, start=start)
    for a, b in zip((X, *start), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_violation_falls_to_zero_tolerance_only_at_the_optimum():
    W, H, *_ = solve(samples(), 4, alpha=0.0, tol=1e-8, max_iter=20000)
    X = samples()
    gradient = W.T @ (W @ H - X)
    assert np.abs(np.where(H > 0, gradient, np.minimum(gradient, 0))).max() < 1e-3
