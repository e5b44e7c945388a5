"""The asymmetric Student-t model, against SciPy's distributions, integrals and optimiser, and data drawn from it."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize

from neuropil_gui.core.analysis import asymmetric_t
from neuropil_gui.core.analysis.asymmetric_t import RATIO, fit_asymmetric_t, log_density
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.errors import Cancelled, DataError


def drawn(rng, size, scale):
    """Draw from the distribution: half of a Student's of 30 degrees of freedom, half of Cauchy's."""
    left = -np.abs(stats.t(30).rvs(size, random_state=rng)) * stats.t(30).pdf(0)
    right = np.abs(stats.cauchy.rvs(size=size, random_state=rng)) * stats.cauchy.pdf(0)
    return scale * np.where(rng.random(size) < 0.5, left, right)


def from_model(alpha, frames=4000, spread=3.0, scale=1.0, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(0, spread, frames)
    roi = 200 + alpha * z + drawn(rng, frames, scale)
    return roi, 100 + z + drawn(rng, frames, scale / np.sqrt(RATIO)), z


def density(x, scale):
    """Return the density, written with SciPy's."""
    below, above = stats.t(30), stats.cauchy
    width = scale * np.where(x < 0, below.pdf(0), above.pdf(0))
    return np.where(x < 0, below.pdf(x / width), above.pdf(x / width)) / width


def test_the_density_is_made_of_two_halves_of_students():
    x = np.linspace(-3, 30, 400)
    np.testing.assert_allclose(np.exp(log_density(x, 1.7)), density(x, 1.7), rtol=1e-12)
    below, above = (quad(lambda v: density(np.array(v), 1.7), *ends)[0] for ends in ((-np.inf, 0), (0, np.inf)))
    assert (below, above) == pytest.approx((0.5, 0.5), abs=1e-6)


def test_likelihood_and_expected_neuropil_are_those_of_a_fine_grid():
    roi, neuropil, _ = from_model(0.6, frames=12, seed=4)
    neuropil[3] += 12.0  # a neighbour's transient, where the ROI and the prior decide
    alpha, levels, scale, spread = 0.5, (199.5, 100.2), 1.3, 2.5
    pair = np.stack([roi, neuropil])
    numbers = np.array([alpha, *levels, np.log(scale), np.log(spread)])
    model = asymmetric_t._Likelihood(RATIO, lambda: False)
    value, slope, mean = model._integrate(pair, numbers, with_slope=True)
    z = np.linspace(-20, 20, 20_001)
    joint = density(roi[:, np.newaxis] - alpha * z - levels[0], scale)
    joint *= density(neuropil[:, np.newaxis] - z - levels[1], scale / np.sqrt(RATIO))
    joint *= stats.norm(0, spread).pdf(z)
    total = joint.sum(axis=1) * (z[1] - z[0])
    expected, means = float(np.log(total).sum()), (joint @ z) / joint.sum(axis=1)
    assert value == pytest.approx(expected, abs=0.02)
    np.testing.assert_allclose(mean, means, atol=0.03)
    for place in range(5):
        step = np.zeros(5)
        step[place] = 1e-4
        up, down = (model._integrate(pair, numbers + sign * step, with_slope=True)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((up - down) / 2e-4, rel=0.05, abs=0.3)


def test_an_independent_optimiser_finds_the_same():
    roi, neuropil, _ = from_model(0.45, frames=150, seed=9)
    found = fit_asymmetric_t(roi, neuropil)
    grid = np.linspace(-12, 12, 601)

    def cost(numbers):
        alpha, one, other, log_scale, log_spread = numbers
        if not 0 <= alpha <= 1:
            return np.inf
        scale = np.exp(log_scale)
        log = log_density(roi[:, None] - one - alpha * grid, scale)
        log += log_density(neuropil[:, None] - other - grid, scale / np.sqrt(RATIO))
        log -= 0.5 * (grid / np.exp(log_spread)) ** 2 + log_spread
        return -float(np.log(np.exp(log).sum(axis=1) * (grid[1] - grid[0])).sum())

    start = [0.3, np.median(roi), np.median(neuropil), 0.5, 0.5]
    made = minimize(cost, start, method="Nelder-Mead", options={"maxfev": 220, "xatol": 1e-3, "fatol": 1e-2})
    assert found.contamination == pytest.approx(made.x[0], abs=0.02)
    assert found.scale == pytest.approx(np.exp(made.x[3]), rel=0.05)
    assert found.spread == pytest.approx(np.exp(made.x[4]), rel=0.05)


@pytest.mark.parametrize(("alpha", "seed"), [(0.2, 1), (0.5, 2), (0.9, 3)])
def test_the_contamination_is_recovered_from_data_of_the_model(alpha, seed):
    roi, neuropil, z = from_model(alpha, seed=seed)
    found = fit_asymmetric_t(roi, neuropil)
    assert found.contamination == pytest.approx(alpha, abs=0.03)
    assert found.scale == pytest.approx(1, rel=0.1)
    assert found.spread == pytest.approx(3, rel=0.1)
    assert found.levels == pytest.approx((200, 100), abs=0.3)
    assert np.corrcoef(found.neuropil, z)[0, 1] > 0.99
    np.testing.assert_allclose(found.trace, roi - found.contamination * found.neuropil)


def test_without_contamination_the_trace_is_unchanged():
    roi, neuropil, _ = from_model(0.0, frames=1000, seed=5)
    found = fit_asymmetric_t(roi, neuropil)
    assert found.contamination < 0.02
    assert np.abs(found.trace - roi).max() < 0.02 * np.abs(found.neuropil).max() + 1e-9


def test_a_neighbour_in_the_regions_makes_no_dip():
    roi, neuropil, _ = from_model(0.7, frames=1500, seed=6)
    neuropil[1000:1010] += 40.0
    found = fit_asymmetric_t(roi, neuropil)
    dip = roi - 0.7 * (neuropil - 100)
    assert found.trace[1000:1010].min() > roi.min() - 3
    assert dip[1000:1010].min() < roi.min() - 10


@cache
def fitted_once():
    """Return the two signals and what was fitted to them, which all examples have in common."""
    roi, neuropil, _ = from_model(0.5, frames=600, seed=7)
    return roi, neuropil, fit_asymmetric_t(roi, neuropil)


@settings(max_examples=8)
@given(st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_it_follows_scale_and_offset(factor, offset):
    roi, neuropil, one = fitted_once()
    other = fit_asymmetric_t(factor * (roi + offset), factor * neuropil)
    assert other.contamination == pytest.approx(one.contamination, abs=2e-3)
    np.testing.assert_allclose(other.trace / factor - offset, one.trace, atol=0.02)


def test_what_cannot_be_fitted_is_refused():
    roi, neuropil, _ = from_model(0.5, frames=100)
    with pytest.raises(DataError, match="At least 20 frames"):
        fit_asymmetric_t(roi[:19], neuropil[:19])
    with pytest.raises(DataError, match="The neuropil does not vary"):
        fit_asymmetric_t(roi, np.ones(100))
    with pytest.raises(DataError, match="The ROI does not vary"):
        fit_asymmetric_t(np.ones(100), neuropil)
    with pytest.raises(Cancelled):
        fit_asymmetric_t(roi, neuropil, should_stop=lambda: True)


# What is said of its failures


def recorded(seed, sparse=False, together=False, frames=6000):
    """Make a cell of transients with half of its neuropil, and return its signals, its own light and the neuropil."""
    rng = np.random.default_rng(seed)
    decay = np.exp(-np.arange(60) / 15)
    slow = np.convolve(rng.normal(size=frames + 200), np.ones(100), "valid")[:frames]
    rare = np.convolve(20.0 * (rng.random(frames) < 0.004), decay)[:frames]
    z = rare if sparse else 3 * slow / slow.std()
    rate = 0.01 * np.exp(z / 3 if together else 0 * z)
    own = np.convolve(15.0 * (rng.random(frames) < rate), decay)[:frames]
    roi = 100 + own + 0.5 * z + rng.normal(size=frames)
    return roi, 50 + z + 0.3 * rng.normal(size=frames), own, z


def left_of(trace, own, z):
    """Return the parts of the cell's own light and of the neuropil in a trace, by least squares."""
    return np.linalg.lstsq(np.stack([own, z, np.ones_like(z)], axis=1), trace, rcond=None)[0][:2]


def test_it_works_on_calcium_transients_and_fails_as_its_rival_says():
    roi, neuropil, own, z = recorded(0)
    found = fit_asymmetric_t(roi, neuropil)
    assert found.contamination == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(left_of(found.trace, own, z), [1, 0], atol=0.05)
    roi, neuropil, own, z = recorded(0, together=True)
    assert 0.65 < fit_asymmetric_t(roi, neuropil).contamination < 0.75
    roi, neuropil, own, z = recorded(0, sparse=True)
    np.testing.assert_allclose(left_of(fit_asymmetric_t(roi, neuropil).trace, own, z), [1, 0.5], atol=0.05)
    assert "0.5 came out as 0.7" in RIVALS["ast"].fails
