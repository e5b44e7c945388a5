"""Functions that measure a trace or a separation, against their definitions, scipy, and cases without an answer."""

import math
import time

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui.core.metrics import (
    BEYOND,
    alive,
    explained,
    negative_excursions,
    negative_fraction,
    pearson,
    r_with_neuropil,
    skewness,
    truth_error,
)
from neuropil_gui.core.solvers.stepping import one_blas_thread


def pairs():
    both = st.integers(3, 60).flatmap(
        lambda n: st.tuples(*[arrays(np.float64, n, elements=st.floats(-1e3, 1e3, width=32))] * 2)
    )
    return both.filter(lambda ab: min(np.ptp(ab[0]), np.ptp(ab[1])) > 1e-3)


@given(pairs())
@settings(deadline=None)
def test_r_is_scipys(ab):
    a, b = ab
    assert pearson(a, b) == pytest.approx(scipy.stats.pearsonr(a, b).statistic, abs=1e-9)


@given(pairs(), st.floats(1e-150, 1e150), st.floats(-1e3, 1e3))
@settings(deadline=None)
def test_r_does_not_change_with_scale_and_sign_flips_it(ab, scale, shift):
    a, b = ab
    r = pearson(a, b)
    assert pearson(scale * a, b) == pytest.approx(r, abs=1e-9)
    assert pearson(a + shift, b) == pytest.approx(r, abs=1e-6)
    assert pearson(-a, b) == pytest.approx(-r, abs=1e-9)
    assert truth_error(scale * a, b) == pytest.approx(math.sqrt(1 - r**2), abs=1e-6)


@given(pairs())
@settings(deadline=None)
def test_error_is_that_of_the_least_squares_fit(ab):
    trace, truth = ab
    design = np.column_stack([trace, np.ones_like(trace)])
    fit = design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    expected = np.sqrt(np.mean((truth - fit) ** 2)) / truth.std()
    assert truth_error(trace, truth) == pytest.approx(expected, abs=1e-6)


@given(
    arrays(np.float64, (4, 2), elements=st.floats(0, 10)),
    arrays(np.float64, (2, 30), elements=st.floats(0, 10)),
    st.floats(-5, 5),
)
def test_an_exact_factorisation_explains_everything(mixing, separated, offset):
    X = mixing @ separated + offset
    assume(np.ptp(X, axis=1).max() > 1e-3)
    assert explained(X, mixing, separated, offset) == pytest.approx(1.0, abs=1e-9)


def test_explained_is_its_definition_over_several_blocks():
    rng = np.random.default_rng(0)
    X, mixing, separated = rng.random((3, 30_000)), rng.random((3, 2)), rng.random((2, 30_000))
    expected = 1 - np.sum((X - mixing @ separated) ** 2) / np.sum((X - X.mean(axis=1, keepdims=True)) ** 2)
    assert explained(X, mixing, separated) == pytest.approx(expected, rel=1e-12)
    means = X.mean(axis=1, keepdims=True)
    assert explained(X, np.zeros((3, 2)), separated, means) == pytest.approx(0.0, abs=1e-12)


def test_alive_needs_both_sides():
    separated = np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 2.0]])
    assert alive(separated, np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])) == 1
    assert alive(np.zeros((3, 2)), np.zeros((2, 3))) == 0


def test_negative_fraction():
    assert negative_fraction(np.array([-1.0, 0.0, 1.0, -2.0])) == 0.5


def test_r_with_neuropil_is_that_of_the_regions_mean():
    rng = np.random.default_rng(1)
    X = rng.random((4, 50))
    assert r_with_neuropil(X[0], X) == pytest.approx(np.corrcoef(X[0], X[1:].mean(axis=0))[0, 1])
    assert math.isnan(r_with_neuropil(X[0], X[:1]))


@pytest.mark.parametrize(
    "trace",
    [
        np.full(9, 0.1),
        np.zeros(9),
        np.array([]),
        np.full(9, 1e308),
        np.r_[np.nan, np.ones(8)],
        np.r_[np.inf, np.ones(8)],
    ],
)
def test_no_direction_gives_nan_and_no_warning(trace):
    line = np.arange(float(trace.size))
    assert math.isnan(pearson(trace, line))
    assert math.isnan(pearson(line, trace))
    assert math.isnan(truth_error(line, trace))
    assert math.isnan(explained(trace[np.newaxis], np.ones((1, 1)), trace[np.newaxis]))


def test_a_constant_trace_is_wholly_wrong():
    assert truth_error(np.ones(5), np.arange(5.0)) == 1.0


@settings(deadline=None)
@given(st.integers(3, 20_000), st.integers(0, 1000), st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
def test_skewness_is_scipys_and_has_no_unit(frames, seed, shift, scale):
    trace = np.random.default_rng(seed).gamma(0.7, 1.0, frames)
    expected = scipy.stats.skew(trace)
    assert skewness(scale * trace) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert skewness(-scale * trace) == pytest.approx(-expected, rel=1e-6, abs=1e-6)
    assert skewness(trace + shift) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def resting(rng, frames=20_000):
    """Return noise about 100 with transients in two fifths of the frames."""
    trace = 100 + rng.normal(0, 2, frames)
    for start in range(0, frames, 500):
        trace[start : start + 200] += np.linspace(40, 0, 200)
    return trace


def test_excursions_see_dips_and_neither_noise_nor_transients():
    clean = resting(np.random.default_rng(0))
    assert negative_excursions(clean) < 0.05
    dipped = clean.copy()
    dipped[np.arange(20_000) % 500 > 450] -= 30
    # By hand: about 21 below three deviations of 2 in a tenth of the frames, over all movement.
    depth = np.maximum(100 - 6 - dipped, 0).sum() / np.abs(dipped - 100).sum()
    assert negative_excursions(dipped) == pytest.approx(100 * depth, rel=0.15)
    assert negative_excursions(7 * dipped + 3) == pytest.approx(negative_excursions(dipped), rel=1e-9)
    # A longer one is not sorted whole.
    assert negative_excursions(np.tile(dipped, 7)) == pytest.approx(negative_excursions(dipped), rel=0.05)


def test_excursions_of_noise_alone_are_those_of_the_normal_distribution():
    normal = scipy.stats.norm
    # Mean depth beyond three deviations, over the mean distance from the middle.
    expected = 100 * (normal.pdf(BEYOND) - BEYOND * normal.sf(BEYOND)) / math.sqrt(2 / math.pi)
    noise = np.random.default_rng(0).normal(50, 4, 2_000_000)
    assert negative_excursions(noise) == pytest.approx(expected, rel=0.15)


def test_long_recordings_are_quick():
    rng = np.random.default_rng(0)
    X, mixing, separated = rng.random((5, 1_000_000)), rng.random((5, 5)), rng.random((5, 1_000_000))
    start = time.process_time()
    with one_blas_thread():
        explained(X, mixing, separated)
        r_with_neuropil(X[0], X)
        alive(separated, mixing)
        negative_fraction(X[0])
    # About 0.1 s of work; loose, because it is there to catch a hang.
    assert time.process_time() - start < 1
