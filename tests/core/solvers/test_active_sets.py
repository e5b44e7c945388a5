"""The best sources for a mixing, against another way to find them, and their sums against plain ones."""

from collections import deque

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from neuropil_gui.core.solvers.active_sets import ActiveSets
from neuropil_gui.core.solvers.objective_model import derivatives
from neuropil_gui.core.solvers.sample_sets import MOST_SAMPLES, SampleSets, sets_of

MOST_TICKS = 10_000

each_way = pytest.mark.parametrize("kind", [ActiveSets, SampleSets], ids=["in groups", "one by one"])


def finish(work):
    """Drive a generator to its end, which must not be far."""
    for _ in range(MOST_TICKS):
        try:
            next(work)
        except StopIteration as end:
            return end.value
    raise AssertionError("it goes in circles")


def problem(n, signals, frames, seed, zeros=0):
    rng = np.random.default_rng(seed)
    mixing = rng.random((n, signals)) * (rng.random((n, signals)) < 0.8)
    mixing[:zeros] = 0
    X = np.maximum(
        rng.gamma(0.5, 1.0, (frames, n)) @ rng.random((n, signals)) + rng.normal(0, 0.3, (frames, signals)), 0
    )
    return np.ascontiguousarray(X), mixing


def cost(X, mixing, sources, l1, l2):
    """Return what each sample's problem comes to."""
    W = sources.T
    return np.square(X - W @ mixing).sum(axis=1) / 2 + l1 * W.sum(axis=1) + l2 / 2 * np.square(W).sum(axis=1)


def by_nnls(X, mixing, l1, l2):
    """Solve the same as plain least squares: l1 and l2 are a few more equations."""
    n = len(mixing)
    if l1 == 0 or l2 > 0:
        stacked = np.vstack((mixing.T, np.sqrt(l2) * np.eye(n)))
        shift = np.full(n, -l1 / np.sqrt(l2)) if l2 else np.zeros(n)
        return np.array([nnls(stacked, np.append(x, shift))[0] for x in X]).T
    raise ValueError("no such form")


def brute_moments(X, sources):
    """Return the moments by code of the active set."""
    columns = np.column_stack((X, np.ones(len(X))))
    codes = (sources > 0).T @ (1 << np.arange(len(sources)))
    return {code: columns[codes == code].T @ columns[codes == code] for code in np.unique(codes)}


def assert_moments(fit, X, sources):
    expected = brute_moments(X, sources)
    for code, moments in zip(fit.sets.codes, fit.moments, strict=True):
        wanted = expected.pop(code, np.zeros_like(moments))
        np.testing.assert_allclose(moments, wanted, atol=1e-9 * max(1, np.square(X).sum()))
    assert not expected


@each_way
@given(
    st.integers(1, 6), st.integers(1, 6), st.integers(1, 60), st.integers(0, 2**31),
    st.sampled_from([0.0, 0.05, 0.5]), st.sampled_from([0.05, 0.5]), st.integers(0, 2),
)  # fmt: skip
@example(2, 5, 40, 1, 0.05, 0.05, 0)
@example(5, 2, 40, 1, 0.05, 0.05, 0)
@example(4, 4, 40, 1, 0.05, 0.05, 2)
@settings(max_examples=60, deadline=None)
def test_the_best_sources_are_those_of_least_squares(kind, n, signals, frames, seed, l1, l2, zeros):
    X, mixing = problem(n, signals, frames, seed, zeros)
    active = kind(X, n, l1, l2)
    fit = finish(active.fit(mixing))
    sources = finish(active.sources(fit))
    assert (sources >= 0).all()
    # By the conditions of the optimum, which is one: scipy's nnls gives a component without mixing a value by rounding.
    slope = (mixing @ mixing.T + l2 * np.eye(n)) @ sources - mixing @ X.T + l1
    np.testing.assert_allclose(np.minimum(sources, slope), 0, atol=1e-8 * l2)


@each_way
@pytest.mark.parametrize(("n", "signals"), [(1, 3), (2, 2), (3, 5), (4, 6)])
@pytest.mark.parametrize("zeros", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_without_penalties_nothing_fits_better(kind, n, signals, zeros, seed):
    # The best sources need not be unique; how well they fit is.
    X, mixing = problem(n, signals, 40, seed, zeros)
    active = kind(X, n, 0.0, 0.0)
    sources = finish(active.sources(finish(active.fit(mixing))))
    best = cost(X, mixing, by_nnls(X, mixing, 0.0, 0.0), 0, 0)
    assert (cost(X, mixing, sources, 0, 0) <= best + 1e-6 * (1 + np.square(X).sum(axis=1).max())).all()


@each_way
@pytest.mark.parametrize(("n", "signals", "seed"), [(5, 2, 0), (4, 3, 1)])
def test_without_penalties_dependent_components_come_to_an_end(kind, n, signals, seed):
    X, mixing = problem(n, signals, 40, seed)
    finish(kind(X, n, 0.0, 0.0).fit(mixing))
    mixing[-1] = mixing[0]
    finish(kind(X, n, 0.0, 0.0).fit(mixing))


@each_way
@pytest.mark.parametrize("frames", [5, 400, 20_000])
def test_moments_are_sums_over_the_samples_of_each_set(kind, frames):
    X, mixing = problem(3, 4, frames, 7)
    active = kind(X, 3, 0.05, 0.05)
    fit = finish(active.fit(mixing))
    assert_moments(fit, X, finish(active.sources(fit)))


@each_way
@pytest.mark.parametrize("move", [0.001, 0.05, 1.0])
def test_going_on_from_a_kept_fit_finds_the_same_as_a_new_start(kind, move):
    X, mixing = problem(4, 5, 3000, 8)
    active = kind(X, 4, 0.05, 0.05)
    rng = np.random.default_rng(1)
    for _ in range(4):
        finish(active.keep(finish(active.fit(mixing))))
        mixing = np.maximum(mixing + move * rng.normal(size=mixing.shape), 0)
        fit = finish(active.fit(mixing))
        sources = finish(active.sources(fit))
        new = kind(X, 4, 0.05, 0.05)
        np.testing.assert_allclose(sources, finish(new.sources(finish(new.fit(mixing)))), atol=1e-9)
        assert_moments(fit, X, sources)


@each_way
def test_the_input_is_left_alone(kind):
    X, mixing = problem(3, 4, 300, 9)
    before = X.copy(), mixing.copy()
    active = kind(X, 3, 0.05, 0.05)
    fit = finish(active.fit(mixing))
    finish(active.keep(fit))
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(mixing, before[1])


@pytest.mark.parametrize(
    ("frames", "n", "kind"),
    [
        (MOST_SAMPLES, 5, SampleSets),
        (MOST_SAMPLES + 1, 5, ActiveSets),
        (300, 7, ActiveSets),
    ],
)
def test_few_samples_of_few_possible_sets_are_not_grouped(frames, n, kind):
    assert type(sets_of(problem(n, 7, frames, 2)[0], n, 0.05, 0.05)) is kind


def test_long_work_ticks():
    X, mixing = problem(3, 4, 300_000, 10)
    ticks = deque(ActiveSets(X, 3, 0.05, 0.05).fit(mixing))
    assert len(ticks) >= 3


# what Newton's steps are made from


def value_at(X, mixing, l1, l2):
    """Return the objective with the best sources, which is smooth in the mixing."""
    sources = by_nnls(X, mixing, l1, l2)
    return cost(X, mixing, sources, l1, l2).sum() + l1 * mixing.sum() + l2 / 2 * np.square(mixing).sum()


def derivatives_at(kind, X, mixing, l1, l2):
    active = kind(X, len(mixing), l1, l2)
    return derivatives(finish(active.fit(mixing)), l1, l2)


@each_way
@pytest.mark.parametrize(("n", "signals", "l2"), [(2, 3, 0.05), (3, 3, 0.2), (4, 3, 0.05), (1, 4, 0.05)])
def test_gradient_and_curvature_are_those_of_the_objective(kind, n, signals, l2):
    rng = np.random.default_rng(n)
    X, l1, step = rng.gamma(1.0, 1.0, (40, signals)), 0.05, 1e-5
    mixing = rng.random((n, signals)) + 0.1
    value, gradient, curvature, unit = derivatives_at(kind, X, mixing, l1, l2)
    assert value == pytest.approx(value_at(X, mixing, l1, l2), rel=1e-9)
    assert (unit > 0).all()
    np.testing.assert_allclose(curvature, curvature.T, atol=1e-9 * np.abs(curvature).max())
    for k in range(n * signals):
        change = np.zeros(n * signals)
        change[k] = step
        change = change.reshape(n, signals)
        values = [value_at(X, mixing + sign * change, l1, l2) for sign in (1, -1)]
        assert gradient[k] == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-5 * np.abs(gradient).max())
        slopes = [derivatives_at(kind, X, mixing + sign * change, l1, l2)[1] for sign in (1, -1)]
        numeric = (slopes[0] - slopes[1]) / (2 * step)
        np.testing.assert_allclose(curvature[k], numeric, atol=1e-3 * np.abs(curvature).max())
