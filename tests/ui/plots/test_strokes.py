"""Bars as pixels, against each pixel asked by itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.ui.plots import strokes

ROW = st.integers(-300, 300)
BAR = st.one_of(st.tuples(ROW, st.integers(0, 600)).map(lambda bar: (bar[0], bar[0] + bar[1])), st.none())


@given(bars=st.lists(BAR, min_size=1, max_size=12).filter(any))
def test_a_picture_has_ink_where_the_bars_are_and_nowhere_else(bars):
    # Of a byte a pixel up to 256 rows, and of more above: both happen here.
    tops, bottoms = np.array([bar or (np.nan, np.nan) for bar in bars], float).T
    first, pixels = strokes.picture(tops, bottoms, 0xFF204080)
    rows = first + np.arange(len(pixels))[:, np.newaxis]
    inked = (rows >= tops) & (rows <= bottoms)
    np.testing.assert_array_equal(pixels, np.where(inked, 0xFF204080, 0))
    # Nothing is cut off, and no row is there without need.
    assert first == np.nanmin(tops)
    assert len(pixels) == np.nanmax(bottoms) - first + 1
    assert pixels.dtype == np.uint32
