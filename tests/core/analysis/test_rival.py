"""A rival's function is called with care: its parameters, what it may raise, and what it returns."""

import numpy as np
import pytest

from neuropil_gui.core.analysis.rival import Rival, RivalParameter, RivalTrace, trace_of, values_of
from neuropil_gui.core.errors import Cancelled, DataError

SIGNALS = np.arange(12.0).reshape(3, 4)
PART = RivalParameter("part", "part", 0.5, 0.0, 2.0, "How much")


def rival(trace, *parameters, plug_in="some-package 1.0"):
    return Rival("mine", "Mine", "Me 2026", "Nothing.", "Never.", trace, parameters, plug_in)


def test_an_array_or_more_comes_back():
    made = trace_of(rival(lambda signals, part: signals[0] - part * signals[1], PART), SIGNALS)
    np.testing.assert_array_equal(made.trace, SIGNALS[0] - 0.5 * SIGNALS[1])
    assert (made.how, made.remark) == ("part 0.5", "")
    more = trace_of(rival(lambda signals: RivalTrace([1, 2, 3, 4], "k = 3", "Odd.")), SIGNALS)
    assert (more.trace.dtype, more.how, more.remark) == (np.float64, "k = 3", "Odd.")
    assert trace_of(rival(lambda signals: signals[0]), SIGNALS).how == "as it is"


def test_signals_cannot_be_changed():
    def change(signals):
        signals[0] = 0.0
        return signals[0]

    with pytest.raises(DataError, match=r"The plug-in mine of some-package 1.0 failed with ValueError: .*read-only"):
        trace_of(rival(change), SIGNALS)
    assert SIGNALS[0, 1] == 1.0


def test_parameters_are_checked():
    mine = rival(lambda signals, part: signals[0], PART)
    assert values_of(mine, {}) == {"part": 0.5}
    assert values_of(mine, {"part": 2}) == {"part": 2}
    for value in (2.1, -0.1, np.nan, np.inf):
        with pytest.raises(DataError, match="part must be from 0 to 2, but"):
            trace_of(mine, SIGNALS, {"part": value})
    with pytest.raises(DataError, match="has no parameter 'size': it has part"):
        trace_of(mine, SIGNALS, {"size": 1.0})


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (np.zeros(3), r"returned an array of shape \(3,\), but one value for each of 4 frames was expected"),
        (np.zeros((1, 4)), r"returned an array of shape \(1, 4\)"),
        ([0.0, np.nan, np.inf, 1.0], "returned NaN or infinite values in 2 of 4 frames, the first in frame 1"),
        (None, "The values that it returned must be real numbers, but Python objects were found"),
        ("text", "must be real numbers, but text were found"),
        (np.zeros(4, complex), "must be real numbers, but complex numbers were found"),
        ([[1.0], [1.0, 2.0]], "do not form an array"),
    ],
)
def test_what_is_no_trace_is_refused_by_name(returned, sentence):
    with pytest.raises(DataError, match=f"^The plug-in mine of some-package 1.0.*{sentence}"):
        trace_of(rival(lambda signals: returned), SIGNALS)


def test_what_a_plug_in_raises_is_a_sentence_and_what_this_program_raises_is_not():
    def fail(signals):
        raise KeyError("x")

    with pytest.raises(DataError, match=r"^The plug-in mine of some-package 1\.0 failed with KeyError: 'x'\.$"):
        trace_of(rival(fail), SIGNALS)
    with pytest.raises(KeyError):
        trace_of(rival(fail, plug_in=""), SIGNALS)

    def refuse(signals):
        raise DataError("It takes two regions.")

    with pytest.raises(DataError, match=r"^The plug-in mine of some-package 1\.0: It takes two regions\.$"):
        trace_of(rival(refuse), SIGNALS)
    with pytest.raises(DataError, match=r"^It takes two regions\.$"):
        trace_of(rival(refuse, plug_in=""), SIGNALS)


def test_one_that_polls_is_stopped():
    def trace(signals, should_stop):
        if should_stop():
            raise Cancelled
        return signals[0]

    assert trace_of(rival(trace), SIGNALS).trace[1] == 1.0
    with pytest.raises(Cancelled):
        trace_of(rival(trace), SIGNALS, should_stop=lambda: True)


def test_a_separation_is_no_function_of_signals():
    with pytest.raises(DataError, match="Mine is a separation"):
        trace_of(rival(None, plug_in=""), SIGNALS)
