"""The ICA solver is scikit-learn's FastICA without the flip of signs that version 1.3 brought, but in steps."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import linalg
from sklearn.decomposition import PCA, FastICA

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.solvers import ica
from neuropil_gui.core.solvers.stepping import BLOCK, SAMPLES_PER_STEP, Step, blocks, one_blas_thread, run


def samples(frames=300, signals=4, seed=0):
    rng = np.random.default_rng(seed)
    mixing = rng.uniform(0.1, 0.7, (signals, signals)) + np.eye(signals)
    return 3 + rng.gamma(0.3, 1.0, (frames, signals)) @ mixing


def solve(X, n, tol=1e-4, max_iter=500, seed=0):
    steps = []
    with one_blas_thread():
        answer = run(ica.unmix(X, n, tol, max_iter, seed), steps.append)
    return *answer, steps


def by_sklearn(X, n, tol=1e-4, max_iter=500, seed=0):
    """FastICA of scikit-learn 1.1.3, made of today's: whitened before, with the decomposition's own signs."""
    centred = (X - X.mean(axis=0)).T
    axes, values, _ = linalg.svd(centred, full_matrices=False, check_finite=False)
    whitening = (axes / values).T[:n]
    white = whitening @ centred * np.sqrt(len(X))
    model = FastICA(
        whiten=False, tol=tol, max_iter=max_iter, w_init=np.random.RandomState(seed).normal(size=(n, n))
    )  # fmt: skip
    with one_blas_thread():
        model.fit(white.T)
    unmixing = model.components_ @ whitening
    return unmixing @ centred, linalg.pinv(unmixing), model.n_iter_


def assert_like_sklearn(X, n, limit=1e-8, **arguments):
    sources, mixing, iterations, _ = solve(X, n, **arguments)
    wanted_sources, wanted_mixing, wanted_iterations = by_sklearn(X, n, **arguments)
    assert iterations == wanted_iterations
    np.testing.assert_allclose(sources, wanted_sources, atol=limit * np.abs(wanted_sources).max())
    np.testing.assert_allclose(mixing, wanted_mixing, atol=limit * np.abs(wanted_mixing).max())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@given(
    st.integers(2, 8).flatmap(lambda k: st.tuples(st.integers(10 * k, 400), st.just(k), st.integers(1, k))),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_the_same_as_scikit_learn(shape, seed):
    frames, signals, n = shape
    X = samples(frames, signals, seed)
    # A path that is still wandering after so many iterations amplifies the last bits of any arithmetic.
    assume(by_sklearn(X, n, seed=seed)[2] < 60)
    assert_like_sklearn(X, n, seed=seed, limit=1e-6)


@pytest.mark.parametrize("frames", [BLOCK, BLOCK + 1, 2 * BLOCK, SAMPLES_PER_STEP + 3], ids=str)
def test_blocks_do_not_show(frames):
    assert_like_sklearn(samples(frames, 3), 3)


def test_small_blocks_do_not_show(monkeypatch):
    X = samples(500, 5)
    whole = solve(X, 5)
    monkeypatch.setattr(ica, "blocks", lambda frames: blocks(frames, 7))
    parts = solve(X, 5)
    assert parts[2] == whole[2]
    np.testing.assert_allclose(parts[0], whole[0], atol=1e-9)


def test_the_sources_are_centred_and_in_arbitrary_variance():
    X = samples()
    sources, mixing, *_ = solve(X, 4)
    np.testing.assert_allclose(sources.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(sources @ sources.T, np.eye(4), atol=1e-9)
    np.testing.assert_allclose(mixing @ sources, (X - X.mean(axis=0)).T, atol=1e-9 * X.max())


def test_it_stops_below_tol_and_counts_its_steps():
    *_, iterations, steps = solve(samples(), 4)
    finished = [step for step in steps if step.iteration > 0]
    # The last once more, while the answer is put together.
    assert [step.iteration for step in finished] == [*range(1, iterations + 1), iterations]
    assert finished[-1].violation == finished[-2].violation < 1e-4 <= finished[-3].violation
    assert all(np.isnan(step.violation) for step in steps if step.iteration == 0)


def test_no_more_iterations_than_allowed():
    assert solve(samples(), 4, max_iter=2, tol=0)[2] == 2


def test_a_long_iteration_is_many_steps():
    steps = solve(samples(2 * SAMPLES_PER_STEP + 5, 2), 2, max_iter=1, tol=0)[3]
    assert [step.iteration for step in steps if step.state is not None][:4] == [0, 0, 0, 1]


def test_the_state_is_what_there_is_now():
    solver = ica.unmix(samples(), 4, 1e-4, 500, 0)
    sources, mixing = next(step for step in solver if step.iteration == 2).state()
    wanted = solve(samples(), 4, max_iter=2, tol=0)
    np.testing.assert_allclose(sources, wanted[0], atol=1e-10)
    np.testing.assert_allclose(mixing, wanted[1], atol=1e-10)
    sources[:] = np.nan
    assert all(np.isfinite(step.violation) for step in itertools.islice(solver, 2))


def test_it_can_be_left_midway():
    solver = ica.unmix(samples(), 4, 1e-4, 500, 0)
    assert isinstance(next(solver), Step)
    solver.close()


def test_the_input_is_left_alone():
    X = samples()
    before = X.copy()
    solve(X, 4)
    run(ica.count_components(X), lambda _step: None)
    np.testing.assert_array_equal(X, before)


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_components_above_one_percent_are_counted(signals, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, signals)) * 10.0 ** -rng.uniform(0, 2, signals) @ rng.normal(size=(signals, signals)) + 5
    counted = run(ica.count_components(X), lambda _step: None)
    assert counted == (PCA().fit(X).explained_variance_ratio_ > 0.01).sum()


@pytest.mark.parametrize("extra", [0, 1, 2])
def test_dependent_signals_are_named(extra):
    X = samples()
    dependent = [X[:, 0] * 0 + 5, X[:, 1], X[:, 0] - 2 * X[:, 1]][extra]
    with pytest.raises(DataError, match=r"5 components: the 5 signals vary in only 4 .* n = 4 or fewer"):
        solve(np.c_[X, dependent], 5)
    assert solve(np.c_[X, dependent], 4)[0].shape == (4, 300)
