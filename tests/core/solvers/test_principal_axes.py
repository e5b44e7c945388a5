"""Principal axes by blocks have the values, axes and signs of scipy's decomposition of the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from neuropil_gui.core.solvers.principal_axes import principal_axes
from neuropil_gui.core.solvers.stepping import BLOCK, run


def axes_of(samples, block):
    return run(principal_axes(samples, block), lambda _step: None)


def assert_like_scipy(samples, block):
    values, axes = axes_of(samples, block)
    wanted_axes, wanted_values, _ = linalg.svd(samples.T, full_matrices=False)
    np.testing.assert_allclose(values, wanted_values, rtol=0, atol=1e-12 * wanted_values[0])
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-12)
    # Axes, with their signs, wherever a value stands apart from its neighbours and from zero.
    gaps = np.abs(np.diff(np.r_[np.inf, wanted_values, 0]))
    apart = np.minimum(gaps[:-1], gaps[1:]) > 1e-6 * wanted_values[0]
    np.testing.assert_allclose(axes[:, apart], wanted_axes[:, apart], atol=1e-8)


@given(st.integers(1, 10), st.integers(2, 200), st.integers(1, 40), st.booleans(), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_signs_are_those_of_the_whole(signals, frames, block, centred, seed):
    frames = max(frames, signals)
    rng = np.random.default_rng(seed)
    samples = rng.gamma(0.5, 1, (frames, signals)) @ rng.normal(size=(signals, signals)) + 3
    if centred:
        samples -= samples.mean(axis=0)
        if frames == signals:
            return  # one value is zero, and its axis any
    assert_like_scipy(samples, block)


@pytest.mark.parametrize("frames", [BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 3000])
@pytest.mark.parametrize("signals", [1, 2, 5, 12])
def test_long_arrays(frames, signals):
    rng = np.random.default_rng(frames + signals)
    samples = np.ascontiguousarray(rng.gamma(2, 1, (frames, signals)) @ rng.uniform(size=(signals, signals)))
    assert_like_scipy(samples, BLOCK)
    assert_like_scipy(samples - samples.mean(axis=0), BLOCK)


def test_a_signal_of_zeros_and_a_copy():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(300, 3))
    for dependent in (np.c_[samples, np.zeros(300)], np.c_[samples, samples[:, 0]], np.zeros((300, 3))):
        values, axes = axes_of(np.ascontiguousarray(dependent), 50)
        wanted = linalg.svd(dependent, compute_uv=False)
        np.testing.assert_allclose(values, wanted, atol=1e-12 * max(wanted[0], 1))
        np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-12)


@pytest.mark.parametrize("first", [np.zeros(4), np.ones(4), -np.ones(4)])
def test_first_frames_that_are_special(first):
    samples = np.random.default_rng(1).normal(size=(200, 4))
    samples[:4] = first
    assert_like_scipy(samples, 30)


@pytest.mark.parametrize("signal", range(4))
def test_one_signal_is_dark_at_first(signal):
    samples = np.random.default_rng(1).normal(size=(200, 4))
    samples[0] = 1.0
    samples[0, signal] = 0.0
    assert_like_scipy(samples, 30)


def test_an_impulse_in_the_first_frame():
    # The reflection of a column that is on its axis already is none.
    samples = np.random.default_rng(1).normal(size=(200, 3))
    samples[:, 0] = 0
    samples[0, 0] = 2.0
    assert_like_scipy(samples, 30)


def test_it_yields_for_each_block():
    assert len(list(principal_axes(np.random.default_rng(0).normal(size=(1000, 3)), 100))) >= 10
