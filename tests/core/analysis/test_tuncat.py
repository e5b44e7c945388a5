"""TUnCaT's regression, against scikit-learn's NMF, simulated cells, and what has to stay as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import NMF

from neuropil_gui.core.analysis.rival import trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.tuncat import _assign, unmix, without_background
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.simulation import Simulation, simulate

CELL = simulate(Simulation(frames=800, seed=5)).cells[0]


def own_r(trace):
    return np.corrcoef(trace, CELL.truth.sources[0])[0, 1]


def test_the_background_is_the_regions_median():
    rest = without_background(CELL.traces)
    np.testing.assert_allclose(rest[0], CELL.traces[0] - np.median(CELL.traces[1:], axis=0))
    np.testing.assert_array_equal(without_background(CELL.traces, 0.0), CELL.traces)


def test_it_is_scikit_learns_factorisation():
    traces = without_background(CELL.traces)
    found = unmix(traces)
    low, middle = np.quantile(traces[0], (0.25, 0.5))
    noise = 1.482602 * (middle - low)
    X = ((traces - traces.min()) / noise).T
    model = NMF(
        len(traces), init="nndsvdar", random_state=0, tol=1e-7, max_iter=20_000, l1_ratio=0.5,
        alpha_W=1 / X.shape[1], alpha_H=1 / X.shape[0],
    )  # fmt: skip
    sources, mixing = model.fit_transform(X), model.components_
    # By hand, one after another: the greatest share of a source takes its trace.
    shares = mixing / mixing.sum(axis=1, keepdims=True)
    order = np.dstack(np.unravel_index(np.argsort(-shares, axis=None), shares.shape))[0]
    owner = {}
    for source, trace in order:
        if source not in owner and trace not in owner.values():
            owner[source] = trace
    (source,) = (each for each, trace in owner.items() if trace == 0)
    expected = noise * sources[:, source] * mixing[source, 0]
    expected += np.median(traces[0]) - np.median(expected)
    np.testing.assert_allclose(found.traces[0], expected, rtol=0, atol=2e-3 * np.ptp(expected))
    assert found.converged
    assert found.mixing.sum(axis=0) == pytest.approx(1)


def test_the_cells_own_signal_comes_nearer_to_the_truth():
    made = trace_of(RIVALS["tuncat"], CELL.traces)
    assert own_r(made.trace) > max(own_r(CELL.traces[0]), own_r(without_background(CELL.traces)[0])) + 0.005
    assert made.how.startswith("alpha 1, ")


def test_medians_stay_and_nothing_shared_changes_nothing():
    rng = np.random.default_rng(3)
    apart = np.zeros((3, 900))
    for row in range(3):  # never two at a time, above noise that is one-sided
        apart[row] = rng.random(900) + 30 * np.repeat(np.arange(45) % 3 == row, 20)
    made = unmix(apart, alpha=0.01)
    np.testing.assert_allclose(np.median(made.traces, axis=1), np.median(apart, axis=1))
    for row in range(3):
        assert np.corrcoef(made.traces[row], apart[row])[0, 1] > 0.999
    assert made.mixing[0, 0] > 0.97


@settings(max_examples=6)
@given(st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_it_follows_scale_and_offset(factor, offset):
    traces = without_background(CELL.traces[:, :300])
    one, other = unmix(traces).traces[0], unmix(factor * (traces + offset)).traces[0]
    np.testing.assert_allclose(other / factor - offset, one, atol=1e-3 * np.ptp(one))


def test_alpha_is_halved_until_each_trace_has_a_source():
    made = unmix(without_background(CELL.traces), alpha=100.0)
    assert made.alpha < 100
    assert np.log2(100 / made.alpha) == pytest.approx(round(np.log2(100 / made.alpha)))
    how = trace_of(RIVALS["tuncat"], CELL.traces, {"alpha": 100.0})
    assert "alpha was halved" in how.remark


def test_the_greatest_share_is_given_first():
    mixing = np.array([[9.0, 8.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    owner, shares = _assign(mixing)
    assert owner == [0, 1, -1]  # of the second source, what is left is in rows 1 and 2 alike: the first of them
    np.testing.assert_allclose(shares[:, 0], [0.9, 0.1, 0.0])


def test_one_region_is_subtracted_in_full():
    pair = CELL.traces[:2]
    made = trace_of(RIVALS["tuncat"], pair)
    np.testing.assert_allclose(made.trace, pair[0] - pair[1])
    assert "nothing is left to factorise" in made.remark


def test_what_cannot_be_factorised_is_refused():
    with pytest.raises(DataError, match="no noise to measure by"):
        unmix(np.ones((3, 100)) * [[1.0], [2.0], [3.0]])
    with pytest.raises(Cancelled):
        unmix(without_background(CELL.traces), should_stop=lambda: True)


def test_too_much_is_subtracted_where_the_roi_holds_less_neuropil_than_the_regions():
    rng = np.random.default_rng(8)
    frames = 900
    z = 10 * np.convolve(rng.normal(size=frames + 40), np.ones(41) / 41, "valid")
    own = np.convolve(15.0 * (rng.random(frames) < 0.02), np.exp(-np.arange(60) / 15))[:frames]
    signals = np.stack([100 + own + 0.3 * z, *(50 + z for _ in range(3))]) + rng.normal(size=(4, frames))
    terms = np.stack([own, z, np.ones(frames)], axis=1)
    left = np.linalg.lstsq(terms, trace_of(RIVALS["tuncat"], signals).trace, rcond=None)[0][1]
    assert left < -0.4
