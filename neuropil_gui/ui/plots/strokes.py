"""Pixels that a line of some width covers, as bars: first and last row in each column of pixels.

Arrays of rows hold NaN for a column without a bar.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray

FLAT = 3
"""A dashed line has gaps only where it rises by fewer times its width: a peak is never in a gap."""


def joined(tops: FloatArray, bottoms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extend bars half way towards their neighbours, so that no row is left out between them.

    Parameters
    ----------
    tops, bottoms : ndarray, shape (columns,)
        First and last row of each bar.

    Returns
    -------
    tops, bottoms : ndarray, shape (columns,)
    """
    tops, bottoms = tops.copy(), bottoms.copy()
    # Last row above the middle of the gap to a next bar that is lower, and to one that is higher.
    falling = np.floor((bottoms[:-1] + tops[1:]) * 0.5)
    rising = np.floor((tops[:-1] + bottoms[1:]) * 0.5)
    np.fmax(bottoms[:-1], falling, out=bottoms[:-1])
    np.fmax(bottoms[1:], rising, out=bottoms[1:])
    falling += 1
    rising += 1
    np.fmin(tops[1:], falling, out=tops[1:])
    np.fmin(tops[:-1], rising, out=tops[:-1])
    return tops, bottoms


def bolder(tops: FloatArray, bottoms: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
    """Return the bars that a square pen of `width` pixels covers along a line; they do not overlap."""
    above, below = (width - 1) // 2, width // 2
    wide_tops, wide_bottoms = tops.copy(), bottoms.copy()
    for shift in range(1, max(above, below) + 1):
        if shift <= below:  # from bars at the left
            np.fmin(wide_tops[shift:], tops[:-shift], out=wide_tops[shift:])
            np.fmax(wide_bottoms[shift:], bottoms[:-shift], out=wide_bottoms[shift:])
        if shift <= above:  # from bars at the right
            np.fmin(wide_tops[:-shift], tops[shift:], out=wide_tops[:-shift])
            np.fmax(wide_bottoms[:-shift], bottoms[shift:], out=wide_bottoms[:-shift])
    return wide_tops - above, wide_bottoms + below


def dashed(tops: FloatArray, bottoms: FloatArray, pattern: Sequence[float], start: float, width: int) -> FloatArray:
    """Return the tops with NaN in the gaps of a dash pattern.

    Parameters
    ----------
    tops, bottoms : ndarray, shape (columns,)
    pattern : sequence of float
        Lengths of dashes and gaps in turn, in pen widths.
    start : float
        Columns from the start of the first dash to the first bar.
    width : int
        Pen width in pixels.
    """
    ends = np.cumsum(pattern) * width
    phase = (start + np.arange(len(tops))) % ends[-1]
    shown = (np.searchsorted(ends, phase, "right") % 2 == 0) | (bottoms - tops >= FLAT * width)
    return np.where(shown, tops, np.nan)


def picture(tops: FloatArray, bottoms: FloatArray, colour: int) -> tuple[int, NDArray[np.uint32]]:
    """Return bars as premultiplied pixels, shape (rows, columns), and the first row; there must be a bar."""
    first, last = int(np.fmin.reduce(tops)), int(np.fmax.reduce(bottoms))
    heights = bottoms - tops
    missing = np.isnan(heights)
    # One byte per pixel where it suffices; a row above a bar wraps around to a large number.
    kind = np.min_scalar_type(last - first)
    with np.errstate(invalid="ignore"):
        below = np.arange(last - first + 1, dtype=kind)[:, np.newaxis] - (tops - first).astype(kind)
        pixels = (below <= heights.astype(kind)).astype(np.uint32)
    pixels *= np.uint32(colour)
    if missing.any():
        pixels[:, missing] = 0
    return first, pixels
