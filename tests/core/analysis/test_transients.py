"""Transients: their course, against direct computation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.analysis.transients import (
    INDICATORS,
    decay_frames,
    mean_transient,
    time_constants,
    transient,
)
from neuropil_gui.core.errors import DataError

pytestmark = pytest.mark.any_version


@pytest.mark.parametrize("key", INDICATORS)
def test_a_transient_peaks_and_decays_as_its_indicator(key):
    indicator = INDICATORS[key]
    shape = transient(*time_constants(indicator.to_peak, indicator.half_decay), 10_000)
    assert shape[0] == 0
    assert shape.max() == 1
    assert shape.argmax() / 10_000 == pytest.approx(indicator.to_peak, abs=2e-4)
    half = shape.argmax() + indicator.half_decay * 10_000
    assert np.interp(half, np.arange(len(shape)), shape) == pytest.approx(0.5, abs=2e-3)
    assert shape[-1] < 0.03


@given(st.floats(1e-3, 10), st.floats(1.7, 100))
def test_any_peak_and_fall_to_half_are_met(to_peak, ratio):
    rise, decay = time_constants(to_peak, ratio * to_peak)
    times = np.array([to_peak * (1 - 1e-3), to_peak, to_peak * (1 + 1e-3), to_peak * (1 + ratio)])
    before, peak, after, half = np.exp(-times / decay) - np.exp(-times / rise)
    assert before < peak > after
    assert half / peak == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("key", "to_peak", "half_decay"),
    [("7f", 99.5, 181.9), ("8f", 24.8, 67.4), ("8m", 29.0, 118.3), ("8s", 57.0, 306.7)],
)
def test_courses_of_jgcamp_are_those_of_their_makers_table(key, to_peak, half_decay):
    indicator = INDICATORS[f"jgcamp{key}"]
    assert 1000 * indicator.to_peak == pytest.approx(to_peak)
    assert 1000 * indicator.half_decay == pytest.approx(half_decay)


def test_time_constants_that_no_transient_has_are_refused():
    for to_peak, half_decay in ((0.3, 0.1), (0.1, 0.167), (0.0, 0.1), (-0.1, 0.1), (0.1, math.inf), (math.nan, 0.1)):
        with pytest.raises(DataError, match=r"no sooner than 1\.68 times"):
            time_constants(to_peak, half_decay)
    with pytest.raises(DataError, match="more slowly"):
        transient(0.5, 0.1, 30)


@pytest.mark.parametrize(("frame_rate", "words"), [(1e-6, "over before"), (1e-3, "over before"), (1e9, "at most")])
def test_frame_rates_that_no_transient_is_seen_at_are_refused(frame_rate, words):
    with pytest.raises(DataError, match=words):
        transient(0.1, 0.8, frame_rate)


def test_the_decay_is_where_an_exponential_has_lost_all_but_a_part_of_e():
    course = np.exp(-np.arange(60) / 7.0)
    assert decay_frames(course) == pytest.approx(7.0, abs=1e-9)
    assert decay_frames(np.r_[0, 0.5, course]) == pytest.approx(7.0, abs=1e-9)
    assert math.isnan(decay_frames(np.ones(10)))
    assert math.isnan(decay_frames(np.zeros(10)))


def test_the_mean_transient_is_the_course_that_was_put_in():
    shape = transient(0.05, 0.5, 30)
    trace = np.full(600, 3.0)
    for onset, peak in ((20, 4.0), (200, 8.0), (400, 6.0)):
        trace[onset : onset + len(shape)] += peak * shape
    np.testing.assert_allclose(mean_transient(trace, [20, 200, 400], len(shape)), shape, atol=1e-12)
    with pytest.raises(DataError, match="at least 3"):
        mean_transient(trace, [20, 590, 595], len(shape))
    with pytest.raises(DataError, match="Nothing rises"):
        mean_transient(-trace, [20, 200, 400], len(shape))
