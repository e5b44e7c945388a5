"""Pyramid: minima and maxima of a trace over bins of increasing length, to draw it at any zoom."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuropil_gui.core.arrays import FloatArray

FINEST = 32
"""Frames in a bin of the first level: all levels together take 1 / 12 of the memory of the values."""

STEP = 4
"""Bins of one level in a bin of the next."""

BINS_PER_COLUMN = 2
"""The least that a column is made of, where it is made of bins: its edges are then off by a quarter of it at most."""

FEW = 8
"""Bins of a column up to which it is quicker to gather them, than to go through all."""

_BLOCK = 4096 * FINEST


@dataclass(frozen=True, eq=False)
class ColumnBins:
    """The bins that fall into each column of pixels.

    Attributes
    ----------
    between : slice
        The bins of all columns together.
    starts : ndarray of int, shape (k,)
        The first bin of each column that has any, counted from `between.start`.
    filled : ndarray of bool, shape (columns,), or None
        Whether a column has any bins; None where all do.
    each : ndarray of int, shape (bins, k), or None
        The bins of each column, some more than once; None where a column has more than `FEW`.
    """

    between: slice
    starts: NDArray[np.intp]
    filled: NDArray[np.bool_] | None
    each: NDArray[np.intp] | None


@dataclass(frozen=True, eq=False)
class Reduction:
    """The minima and maxima of an array's rows, without the array.

    Attributes
    ----------
    levels : list of (int, ndarray, ndarray)
        From fine to coarse: frames of a bin, and the minima and maxima of the bins, shape (rows, bins).
    limits : ndarray, shape (rows, 2)
        The least and the greatest finite value of each row; NaN where it has none.
    finite : bool
        Whether all values are finite.
    """

    levels: list[tuple[int, FloatArray, FloatArray]]
    limits: FloatArray
    finite: bool

    @classmethod
    def of(cls, values: FloatArray) -> "Reduction":
        """Return the minima and maxima of rows over bins of increasing length.

        Parameters
        ----------
        values : ndarray, shape (rows, frames)

        Returns
        -------
        Reduction
        """
        levels = []
        low = high = values
        size = 1
        with np.errstate(invalid="ignore"):
            while low.shape[1] > (FINEST if size == 1 else STEP):
                step = FINEST if size == 1 else STEP
                low, high = _reduced(low, np.fmin, step), _reduced(high, np.fmax, step)
                size *= step
                levels.append((size, low, high))
        limits, finite = _find_limits(values, low, high)
        limits.flags.writeable = False
        return cls(levels, limits, finite)


class Pyramid:
    """Minima and maxima of the rows of an array at all scales, to draw it in the time of its pixels.

    NaN is passed over: the limits of a part are those of its other values, and NaN only where there are none.

    Parameters
    ----------
    values : array_like, shape (rows, frames) or (frames,)
        Kept without a copy where they are float64; must not change from now on.
    reduction : Reduction, optional
        Of these values, where it is known.

    Attributes
    ----------
    values : ndarray, shape (rows, frames)
    reduction : Reduction
    """

    def __init__(self, values: ArrayLike, reduction: Reduction | None = None) -> None:
        self.values: FloatArray = np.atleast_2d(np.asarray(values, np.float64))
        self.reduction = Reduction.of(self.values) if reduction is None else reduction

    @property
    def limits(self) -> FloatArray:
        """The least and the greatest finite value of each row, shape (rows, 2); NaN where it has none."""
        return self.reduction.limits

    @property
    def finite(self) -> bool:
        """Whether all values are finite."""
        return self.reduction.finite

    @property
    def frames(self) -> int:
        """The number of values in a row."""
        return int(self.values.shape[1])

    def columns(self, row: int, first: float, width: float, count: int) -> FloatArray:
        """Return the least and the greatest value of each of `count` columns of pixels side by side.

        A column takes the values from its left edge on and below its right edge, the last one those
        on its right edge too, and each value is in one column only. Where columns are two bins wide
        or more, their edges are rounded to bins, those of all of them outwards. Columns narrower
        than two frames also take the value that a line through the values has at their middle, so
        that none is left out between two values.

        Parameters
        ----------
        row : int
        first : float
            Where the first column begins, in frames; value k is at k.
        width : float
            Frames a column; above 0.
        count : int

        Returns
        -------
        ndarray, shape (2, count)
            The least and the greatest; NaN for a column without values.
        """
        values = self.values[row]
        size, low, high = 1, values, values
        for each, lows, highs in self.reduction.levels:
            if BINS_PER_COLUMN * each > width:
                break
            size, low, high = each, lows[row], highs[row]
        bins = _column_bins(first, width, count, size, len(low))
        columns = np.empty((2, count))
        _reduce(low, np.fmin, bins, columns[0])
        _reduce(high, np.fmax, bins, columns[1])
        if width < BINS_PER_COLUMN:
            middles = _line(values, first + width * (np.arange(count, dtype=np.float64) + 0.5))
            np.fmin(columns[0], middles, out=columns[0])
            np.fmax(columns[1], middles, out=columns[1])
        return columns

    def limits_between(self, row: int, first: float, last: float) -> tuple[float, float]:
        """Return the least and the greatest finite value from one frame to another, or of a 2000th of the way beyond.

        Parameters
        ----------
        row : int
        first, last : float
            In frames; value k is at k.

        Returns
        -------
        low, high : float
            NaN where there is none.
        """
        count = 1000
        ends = self.columns(row, first, max(last - first, 1e-9) / count, count)
        if np.isinf(ends).any():
            # It hides the finite values of its column.
            ends = self.values[row, max(math.ceil(first), 0) : max(math.floor(last) + 1, 0)]
        ends = ends[np.isfinite(ends)]
        return (float(ends.min()), float(ends.max())) if ends.size else (np.nan, np.nan)


def _find_limits(values: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, bool]:
    """Return `limits` and `finite` of a `Reduction`, from its coarsest level where all values are finite."""
    limits = np.full((len(values), 2), np.nan)
    finite = True
    for row, trace in enumerate(values):
        blocks = [trace[start : start + _BLOCK] for start in range(0, len(trace), _BLOCK)]
        if all(np.isfinite(block).all() for block in blocks):
            ends = [(low[row].min(), high[row].max())] if blocks else []
        else:
            finite = False
            left = (block[np.isfinite(block)] for block in blocks)
            ends = [(block.min(), block.max()) for block in left if block.size]
        if ends:
            limits[row] = min(least for least, _ in ends), max(greatest for _, greatest in ends)
    return limits, finite


def reduced_bytes(rows: int, frames: int) -> int:
    """Return the size of the `Reduction` of an array without making it.

    Parameters
    ----------
    rows, frames : int
        Shape of the array.

    Returns
    -------
    int
        In bytes.
    """
    total, step = 0, FINEST
    while frames > step:
        frames, step = -(-frames // step), STEP
        total += 2 * 8 * rows * frames
    return total


def _reduced(values: FloatArray, reduce: np.ufunc, step: int) -> FloatArray:
    """Reduce each `step` values of each row to one, block by block: no call is long, and each fits into the cache."""
    rows, frames = values.shape
    reduced = np.empty((rows, -(-frames // step)))
    for row in range(rows):
        for start in range(0, frames, _BLOCK):
            part = values[row, start : start + _BLOCK]
            starts = np.arange(0, len(part), step)
            reduced[row, start // step : start // step + len(starts)] = reduce.reduceat(part, starts)
    reduced.flags.writeable = False
    return reduced


@lru_cache(16)  # the traces of a plot have them in common
def _column_bins(first: float, width: float, count: int, size: int, length: int) -> ColumnBins:
    """Return which of `length` bins of `size` frames fall into which column."""
    exact = (first + width * np.arange(count + 1, dtype=np.float64)) / size
    edges = np.ceil(exact) if size == 1 else np.rint(exact)
    if size > 1:
        edges[0] = np.floor(exact[0])
    # What lies on the last edge but for rounding lies on it.
    edges[-1] = max(edges[-1], np.floor(exact[-1] + 1e-6 * width / size) + 1)
    places = np.clip(edges, 0, length).astype(np.intp)
    filled = places[1:] > places[:-1]
    starts, last = places[:-1][filled], places[1:][filled] - 1
    most = int((last - starts).max(initial=0)) + 1
    each = np.minimum(starts + np.arange(most)[:, np.newaxis], last) if most <= FEW else None
    # What is left out is empty, so the others still lie side by side.
    return ColumnBins(slice(places[0], places[-1]), starts - places[0], None if filled.all() else filled, each)


def _reduce(values: FloatArray, reduce: np.ufunc, bins: ColumnBins, out: FloatArray) -> None:
    """Reduce the values of each column to one; NaN where there are none."""
    if bins.filled is not None:
        out.fill(np.nan)
    if not len(bins.starts):
        return
    if bins.each is not None:
        found = reduce.reduce(values.take(bins.each), axis=0)
    else:
        found = reduce.reduceat(values[bins.between], bins.starts)
    out[slice(None) if bins.filled is None else bins.filled] = found


def _line(values: FloatArray, places: FloatArray) -> FloatArray:
    """Return the line through `values` at `places`; NaN beyond its ends and beside a NaN."""
    result = np.full(len(places), np.nan)
    inside = (places >= 0) & (places <= len(values) - 1)
    left = places[inside].astype(np.intp)
    part = places[inside] - left
    right = np.minimum(left + 1, len(values) - 1)
    before, after = values[left], values[right]
    with np.errstate(invalid="ignore"):
        line = before * (1 - part) + after * part
    # Rounding must not take it beyond the values.
    result[inside] = np.clip(line, np.minimum(before, after), np.maximum(before, after))
    return result
