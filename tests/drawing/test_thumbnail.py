import numpy as np
import pytest

from neuropil_gui.drawing.thumbnail import thumbnail


def test_a_short_trace_is_itself_from_0_to_1():
    np.testing.assert_allclose(thumbnail(np.array([3.0, 1.0, 2.0])), [1, 0, 0.5])


@pytest.mark.parametrize("frames", [201, 1000, 99_999])
def test_a_long_trace_keeps_its_extremes(frames):
    trace = np.random.default_rng(2).normal(size=frames)
    trace[frames // 3] = 50
    small = thumbnail(trace)
    assert len(small) == 200
    assert small.dtype == np.float32
    assert small.min() == 0
    assert small.max() == 1
    assert int(small.argmax()) // 2 == pytest.approx(100 / 3, abs=1)
    assert (small[::2] <= small[1::2]).all()


def test_what_is_constant_lies_in_the_middle():
    np.testing.assert_array_equal(thumbnail(np.full(500, 7.0)), np.full(200, 0.5, np.float32))


def test_what_is_not_finite_is_left_out():
    trace = np.arange(400.0)
    trace[10] = np.nan
    trace[300] = np.inf
    small = thumbnail(trace)
    assert np.isnan(small[[10 // 4 * 2, 10 // 4 * 2 + 1]]).all()
    assert np.nanmax(small) == 1
    assert np.isnan(thumbnail(np.full(3, np.nan))).all()
    assert thumbnail(np.array([1e308, -1e308]))[0] == 1
    assert thumbnail(np.zeros(0)).shape == (0,)
