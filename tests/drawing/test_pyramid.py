"""The pyramid against a look at every value."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neuropil_gui.drawing.pyramid import BINS_PER_COLUMN, FINEST, STEP, Pyramid, reduced_bytes

VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))


@st.composite
def traces(draw):
    """Some values drawn, many more from a generator, so that all levels are there."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.normal(size=draw(st.integers(1, 20_000)))
    for value in draw(st.lists(VALUES, max_size=8)):
        start = draw(st.integers(0, len(values) - 1))
        values[start : start + draw(st.sampled_from([1, 1, 40, 3000]))] = value
    return values


@st.composite
def windows(draw, frames):
    width = draw(st.floats(-7.0, math.log(max(frames, 2))).map(math.exp))
    count = draw(st.integers(1, 60))
    first = draw(st.floats(-1.2 * width * count, frames + 0.2 * width * count))
    return first, width, count


def least_and_greatest(values):
    values = values[~np.isnan(values)]
    return (values.min(), values.max()) if values.size else (np.nan, np.nan)


@given(st.data())
def test_columns_of_values_are_exact(data):
    values = data.draw(traces())
    first, width, count = data.draw(windows(len(values)))
    # Beside rounding to bins and joining, which the next two look at.
    width = min(max(width, BINS_PER_COLUMN), BINS_PER_COLUMN * FINEST - 0.01)
    low, high = Pyramid(values).columns(0, first, width, count)
    edges = np.ceil(first + width * np.arange(count + 1)).clip(0, len(values)).astype(int)
    edges[-1] = np.clip(np.floor(first + width * count + 1e-6 * width) + 1, edges[-1], len(values))
    for column in range(count):
        expected = least_and_greatest(values[edges[column] : edges[column + 1]])
        np.testing.assert_array_equal((low[column], high[column]), expected)


@st.composite
def views(draw):
    values = draw(traces())
    return values, *draw(windows(len(values)))


@given(views())
@example((np.array([1.0, -0.13, 0.64]), 5e-324, math.e, 1))
def test_no_value_vanishes_and_none_is_a_column_away(view):
    values, first, width, count = view
    low, high = Pyramid(values).columns(0, first, width, count)
    assert low.shape == high.shape == (count,)
    assert not (low > high).any()
    frames = np.arange(len(values))
    # Compared in frames: the quotient may be rounded into view.
    places, in_view = (frames - first) / width, (frames >= first) & (frames <= first + width * count)
    for k in np.flatnonzero(in_view & ~np.isnan(values)):
        near = slice(max(int(places[k]) - 1, 0), int(places[k]) + 2)
        assert ((low[near] <= values[k]) & (values[k] <= high[near])).any()
    for column in range(count):
        start, end = math.ceil(first + width * (column - 1)), math.floor(first + width * (column + 2))
        if width < BINS_PER_COLUMN:
            start, end = start - 1, end + 1  # the values that a line between comes from
        ends = least_and_greatest(values[max(start, 0) : max(end + 1, 0)])
        if not math.isnan(low[column]):
            assert ends[0] <= low[column] <= high[column] <= ends[1]


@given(st.data())
def test_columns_narrower_than_a_frame_lie_on_the_line(data):
    values = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50).map(np.array))
    width = data.draw(st.floats(0.001, 0.5))
    low, high = Pyramid(values).columns(0, 0.0, width, math.ceil((len(values) - 1) / width))
    middles = width * (np.arange(len(low)) + 0.5)
    inside = middles <= len(values) - 1
    line = np.interp(middles, np.arange(len(values)), values)
    room = 1e-9 * (1 + np.abs(values).max())
    assert (low[inside] <= line[inside] + room).all()
    assert (high[inside] >= line[inside] - room).all()
    alone = inside & (np.floor(middles + 0.51 * width) < np.ceil(middles - 0.51 * width))
    np.testing.assert_allclose(low[alone], line[alone], atol=room)
    np.testing.assert_allclose(high[alone], line[alone], atol=room)


def test_there_is_nothing_beyond_the_ends_and_a_gap_only_where_all_is_nan():
    values = np.ones(10_000)
    values[2000:3000] = np.nan
    values[6000:6100:2] = np.nan
    for width in (0.3, 7.0, 100.0, 500.0):
        count = math.ceil(20_000 / width)
        middles = (np.arange(count) + 0.5) * width - 5000
        low, high = Pyramid(values).columns(0, -5000.0, width, count)
        np.testing.assert_array_equal(np.isnan(low), np.isnan(high))
        inside = (middles > width) & (middles < 9999 - width)
        gap = (middles > 2000 + width) & (middles < 2999 - width)
        assert np.isnan(low[(middles < -width) | (middles > 9999 + width)]).all()
        assert np.isnan(low[gap]).all()
        ragged = (middles > 1990 - width) & (middles < 3010 + width) | (middles > 5990) & (middles < 6110) & (width < 1)
        assert not np.isnan(low[inside & ~ragged]).any()


@given(traces())
def test_limits_are_those_of_the_finite_values(values):
    pyramid = Pyramid(values)
    finite = values[np.isfinite(values)]
    expected = (finite.min(), finite.max()) if finite.size else (np.nan, np.nan)
    np.testing.assert_array_equal(pyramid.limits[0], expected)
    assert pyramid.finite == np.isfinite(values).all()


@given(st.data())
def test_limits_of_a_part_are_those_of_its_values_and_hardly_more(data):
    values = data.draw(traces())
    first = data.draw(st.floats(-10, len(values)))
    last = data.draw(st.floats(first, len(values) + 10.0))
    low, high = Pyramid(values).limits_between(0, first, last)
    inside = values[max(math.ceil(first), 0) : max(math.floor(last) + 1, 0)]
    inside = inside[np.isfinite(inside)]
    if inside.size:
        assert low <= inside.min()
        assert high >= inside.max()
    room = 1 + (last - first) / 1000
    around = values[max(math.floor(first - room), 0) : max(math.ceil(last + room) + 1, 0)]
    around = around[np.isfinite(around)]
    if not math.isnan(low):
        assert around.min() <= low <= high <= around.max()


def test_an_infinite_value_does_not_hide_finite_ones_beside_it():
    values = np.zeros(2000)
    values[1:3] = -4, -np.inf
    assert Pyramid(values).limits_between(0, 0.0, 2001.0) == (-4, 0)


def test_rows_are_apart_and_few_values_need_no_level():
    values = np.arange(12.0).reshape(3, 4)
    pyramid = Pyramid(values)
    assert pyramid.reduction.levels == []
    assert pyramid.limits.tolist() == [[0, 3], [4, 7], [8, 11]]
    low, high = pyramid.columns(1, 0.0, 2.0, 2)
    assert (low.tolist(), high.tolist()) == ([4, 6], [5, 7])
    assert Pyramid(values[0]).values.shape == (1, 4)
    empty = Pyramid(np.zeros((2, 0)))
    assert np.isnan(empty.limits).all()
    assert np.isnan(empty.columns(0, 0.0, 1.0, 3)).all()
    assert np.isnan(empty.limits_between(1, 0.0, 5.0)).all()


@pytest.mark.parametrize("frames", [0, 1, 32, 33, 128, 129, 4097, 140_001])
def test_the_memory_of_its_levels_is_known_beforehand(frames):
    levels = Pyramid(np.zeros((3, frames))).reduction.levels
    assert reduced_bytes(3, frames) == sum(low.nbytes + high.nbytes for _, low, high in levels)


@pytest.mark.parametrize("spike", [0, 123_457, 999_999])
@pytest.mark.parametrize("zoom", [1, 2, 5, 30, 400, 5000, 200_000])
def test_a_value_that_stands_alone_is_in_one_column_at_any_zoom(zoom, spike):
    frames, count = 1_000_000, 1300
    values = np.zeros(frames)
    values[spike] = 5.0
    width = (frames - 1) / count / zoom
    first = min(max(spike - 0.4 * width * count, 0.0), frames - 1 - width * count)
    high = Pyramid(values).columns(0, first, width, count)[1]
    column = int(np.argmax(high))
    assert high[column] == 5.0
    assert np.count_nonzero(high == 5.0) == 1
    assert abs(column - (spike - first) / width) <= 1.5


def test_it_takes_a_twelfth_of_the_memory_and_keeps_the_values_it_was_given():
    values = np.zeros((2, 500_000))
    values.flags.writeable = False
    tracemalloc.start()
    pyramid = Pyramid(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pyramid.values is values
    assert reduced_bytes(2, 500_000) <= values.nbytes / FINEST * 2 * STEP / (STEP - 1) * 1.01
    assert peak < 0.1 * values.nbytes + 3_000_000
    with pytest.raises(ValueError, match="read-only"):
        pyramid.limits[0, 0] = 1
