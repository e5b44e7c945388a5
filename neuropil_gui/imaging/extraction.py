"""Traces of ROIs and their neuropil regions, in one pass over a movie."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.imaging.movie import Movie, opened
from neuropil_gui.imaging.pixel_major import PixelMajorReader, PixelMajorStack
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.stack import Stack

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
    first = 0
    for stack in movie.stacks:
        part = traces[:, first : first + stack.frames]
        if isinstance(stack, PixelMajorStack):
            steps = _by_pixels(stack, matrix, divisors, part)
        else:
            steps = _by_frames(stack, matrix, divisors, part)
        for done in steps:
            if progress is not None:
                progress((first + done * stack.frames) / frames)
            if should_stop is not None and should_stop():
                raise Cancelled
        first += stack.frames
    traces.flags.writeable = False
    ends = np.cumsum([len(each) for each in regions])
    return [traces[end - len(each) : end] for each, end in zip(regions, ends, strict=True)]


def _by_frames(stack: Stack, matrix: Any, divisors: FloatArray, traces: FloatArray) -> Iterator[float]:
    """Fill the traces of a stack block after block, and yield the part that is done."""
    with opened(stack) as reader:
        for start in range(0, stack.frames, stack.frames_per_block):
            stop = min(start + stack.frames_per_block, stack.frames)
            block = reader.read(start, stop)
            sums = np.empty((len(block), len(traces)), matrix.dtype)
            for row, frame in enumerate(block):
                sums[row] = matrix @ frame.reshape(-1)  # faster than a block at once, which has to be transposed
            traces[:, start:stop] = (sums / divisors).T
            yield stop / stack.frames


def _by_pixels(stack: PixelMajorStack, matrix: Any, divisors: FloatArray, traces: FloatArray) -> Iterator[float]:
    """Do the same with a stack that has all frames of a pixel together; pixels of no region are not read."""
    traces[:] = 0
    columns = csc_matrix(matrix, dtype=np.float64)
    with opened(stack) as reader:
        assert isinstance(reader, PixelMajorReader)
        for first, last in reader.pixel_blocks():
            part = columns[:, reader.places(first, last)]
            if part.nnz:
                traces += part @ reader.time_courses(first, last)
            yield last / math.prod(stack.shape)
    traces /= divisors[:, None]


def _matrix(
    regions: Sequence[Sequence[Any]], weights: Sequence[FloatArray | None], pixels: int, dtype: np.dtype[Any]
) -> tuple[Any, FloatArray]:
    """Return the matrix that sums the pixels of each region, and what the sums are divided by."""
    every = [each for cell in regions for each in cell]
    sizes = np.array([len(each) for each in every], np.int64)
    kind = kind_of_sums(dtype, int(sizes.max(initial=0)))
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


def kind_of_sums(dtype: np.dtype[Any], most: int) -> np.dtype[Any]:
    """Return the narrowest type that holds the sum of `most` pixels exactly, or float64.

    Parameters
    ----------
    dtype : dtype
        Of the pixels.
    most : int
    """
    if dtype.kind == "b":
        return np.dtype(np.int32)
    if dtype.kind == "f":
        return np.dtype(np.float64)
    info = np.iinfo(dtype)
    largest = max(int(info.max), -int(info.min)) * most
    if largest < 2**31:
        return np.dtype(np.int32)
    return np.dtype(np.int64 if largest < 2**63 else np.float64)
