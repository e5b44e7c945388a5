"""Transients: their course, against direct computation."""

import math

import numpy as np
import pytest

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
    # In its tail, each half-decay halves it.
    tail = shape.argmax() + int(3 * indicator.half_decay * 10_000)
    later = tail + int(indicator.half_decay * 10_000)
    assert shape[later] / shape[tail] == pytest.approx(0.5, rel=0.02)
    assert shape[-1] < 0.013


def test_time_constants_that_no_transient_has_are_refused():
    with pytest.raises(DataError, match="peaks before"):
        time_constants(0.3, 0.1)
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
