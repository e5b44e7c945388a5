"""Traces of ROIs and their neuropil regions, in one pass over a movie."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.regions import CellRegions

#: Bytes of traces above which they cannot be held in memory.
_MOST_BYTES = 8 * 2**30


def extract_traces(
    movie: Movie,
    cells: Sequence[CellRegions],
    progress: Callable[[float], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[FloatArray]:
    """Return the mean of each ROI and each of its regions that has a pixel, in each frame.

    Whole numbers are summed exactly and divided once, so that the result is FISSA's bit for bit.

    Parameters
    ----------
    movie : Movie
    cells : sequence of CellRegions
    progress : callable, optional
        Takes the part that is done, from 0 to 1.
    should_stop : callable, optional
        Returns whether to stop; asked after each block of frames.

    Returns
    -------
    list of ndarray, shape (signals, frames), read-only
        One for each cell; regions without a pixel are left out.

    Raises
    ------
    DataError
        When the movie cannot be read, or the traces are more than can be held in memory.
    Cancelled
        When `should_stop` says so.
    """
    frames, rows, columns = movie.shape
    regions = [[each for each in cell.pixels if len(each)] for cell in cells]
    count = sum(map(len, regions))
    if count * frames * 8 > _MOST_BYTES:
        raise DataError(
            f"{count} traces of {frames} frames take {count * frames * 8 / 2**30:.0f} GiB: extract fewer ROIs at once."
        )
    weights = [cell.weights for cell in cells]
    matrix, divisors = _matrix(regions, weights, rows * columns, movie.dtype)
    traces = np.empty((count, frames))
    for first, block in movie.blocks():
        if should_stop is not None and should_stop():
            raise Cancelled
        sums = np.empty((len(block), count), matrix.dtype)
        for row, frame in enumerate(block):
            sums[row] = matrix @ frame.reshape(-1)  # frame by frame is faster than blocks, which have to be transposed
        traces[:, first : first + len(block)] = (sums / divisors).T
        if progress is not None:
            progress((first + len(block)) / frames)
    traces.flags.writeable = False
    ends = np.cumsum([len(each) for each in regions])
    return [traces[end - len(each) : end] for each, end in zip(regions, ends, strict=True)]


def _matrix(
    regions: Sequence[Sequence[Any]], weights: Sequence[FloatArray | None], pixels: int, dtype: np.dtype[Any]
) -> tuple[Any, FloatArray]:
    """Return the matrix that sums the pixels of each region, and what the sums are divided by."""
    every = [each for cell in regions for each in cell]
    sizes = np.array([len(each) for each in every], np.int64)
    kind = _kind_of_sums(dtype, int(sizes.max(initial=0)))
    divisors = sizes.astype(np.float64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if any(each is not None for each in weights):
        kind = np.dtype(np.float64)
    values = np.ones(starts[-1], kind)
    row = 0
    for cell, weight in zip(regions, weights, strict=True):
        if weight is not None:
            values[starts[row] : starts[row + 1]] = weight
            divisors[row] = weight.sum()
        row += len(cell)
    columns = np.concatenate(every) if every else np.zeros(0, np.intp)
    index = np.int32 if starts[-1] < 2**31 and pixels < 2**31 else np.int64
    return csr_matrix((values, columns.astype(index), starts.astype(index)), shape=(len(every), pixels)), divisors


def _kind_of_sums(dtype: np.dtype[Any], most: int) -> np.dtype[Any]:
    """Return the narrowest type that holds the sum of `most` pixels exactly, or float64."""
    if dtype.kind == "b":
        return np.dtype(np.int32)
    if dtype.kind == "f":
        return np.dtype(np.float64)
    info = np.iinfo(dtype)
    largest = max(int(info.max), -int(info.min)) * most
    if largest < 2**31:
        return np.dtype(np.int32)
    return np.dtype(np.int64 if largest < 2**63 else np.float64)
