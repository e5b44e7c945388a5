"""Spike times: what they may be, which frames they fall into, and what is said of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.spike_times import SpikeTimes

pytestmark = pytest.mark.any_version


@given(st.lists(st.integers(0, 999), min_size=1, max_size=50), st.sampled_from([1.0, 7.5, 29.97, 30.0, 1000.0]))
def test_a_time_that_was_a_frame_over_the_rate_is_that_frame_again(frames, rate):
    frames = np.sort(frames)
    np.testing.assert_array_equal(SpikeTimes(frames / rate).frames(rate, 1000), frames)
    np.testing.assert_array_equal(SpikeTimes(1000 * frames / rate, "ms").frames(rate, 1000), frames)
    np.testing.assert_array_equal(SpikeTimes(frames, "frames").frames(None, 1000), frames)


@pytest.mark.parametrize(
    ("times", "unit", "rate", "words"),
    [
        ([0.1, 5.0], "s", 10.0, "2 spikes of a.csv."),
        ([5.0], "s", 10.0, "1 spike of a.csv."),
        ([0.1, 5.0, 10.0], "s", 10.0, "3 spikes of a.csv; 1 lies beyond the recording's 10 s."),
        ([-1.0, 0.1, 99.0, 100.0], "s", 1.0, "4 spikes of a.csv; 1 lies before the recording begins; 1 lies beyond "
         "the recording's 100 s."),
        ([-1e308, 1e308], "s", 100.0, "2 spikes of a.csv; 1 lies before the recording begins; 1 lies beyond "
         "the recording's 1 s."),
        ([1.0, 100.0, 200.0], "frames", None, "3 spikes of a.csv; 2 lie beyond the recording's 100 frames."),
        ([20.0, 30.0, 40.0], "s", 10.0, "3 spikes of a.csv; 3 lie beyond the recording's 10 s: are they frames?"),
        ([2000.0, 3000.0], "s", 10.0, "2 spikes of a.csv; 2 lie beyond the recording's 10 s: are they milliseconds?"),
        ([1.0], "s", None, "1 spike of a.csv, in seconds: the frame rate is not known. Type it below the cells."),
    ],
)  # fmt: skip
def test_what_is_said_of_them(times, unit, rate, words):
    spikes = SpikeTimes(np.array(times), unit, "a.csv")
    assert spikes.words(rate, 100) == words


def test_what_lies_outside_of_the_recording_is_no_frame():
    np.testing.assert_array_equal(SpikeTimes(np.array([-0.1, 0.0, 0.05, 9.99, 10.0])).frames(10.0, 100), [0, 0, 99])
    assert SpikeTimes(np.array([1.0])).frames(None, 100) is None


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0.1, np.nan], "Spike time 2 is nan"),
        ([0.1, 0.3, 0.2], "Spike time 3, 0.2, is before the one in front of it, 0.3"),
        ([[0.1]], "one dimension"),
    ],
)
def test_what_is_no_spike_time_is_refused(times, words):
    with pytest.raises(DataError, match=words):
        SpikeTimes(np.array(times))
    with pytest.raises(DataError, match="are in s, ms, frames, but 'min'"):
        SpikeTimes(np.array([0.1]), "min")
