"""A movie in bins of frames, from which drafts of traces come at any place."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.imaging.movie import Movie, opened
from neuropil_gui.imaging.pixel_major import PixelMajorReader
from neuropil_gui.imaging.regions import CellRegions

BUDGET = 256 * 2**20
"""Bytes that the bins of a movie take at most."""

_LEAST = 8
#: Bins that are written at once: bin after bin, each pixel's would be written apart.
_TOGETHER = 16


class BinnedMovie:
    """Means of neighbouring frames of a whole movie, from which drafts of traces come at any place.

    Parameters
    ----------
    means : ndarray of float32, shape (pixels, bins)
    lengths : sequence of int
        Frames of each bin.
    """

    def __init__(self, means: NDArray[np.float32], lengths: Sequence[int]) -> None:
        self._means, self._lengths = means, np.asarray(lengths)

    @classmethod
    def read(
        cls,
        movie: Movie,
        budget: int = BUDGET,
        progress: Callable[[float], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> "BinnedMovie":
        """Read a movie in bins of eight frames, or of more where they would take more memory than the budget.

        Parameters
        ----------
        movie : Movie
        budget : int, optional
            Bytes.
        progress, should_stop : callable, optional
            As of `Neighbourhood.read`.

        Raises
        ------
        DataError
            When the movie cannot be read.
        Cancelled
            When `should_stop` says so.
        """
        frames, rows, columns = movie.shape
        length = max(_LEAST, math.ceil(frames * rows * columns * 4 / budget))
        starts = [range(0, stack.frames, length) for stack in movie.stacks]
        means = np.empty((rows * columns, sum(map(len, starts))), np.float32)
        lengths: list[int] = []
        first = 0
        for stack, edges in zip(movie.stacks, starts, strict=True):
            part = means[:, len(lengths) : len(lengths) + len(edges)]
            lengths += [min(start + length, stack.frames) - start for start in edges]
            with opened(stack) as reader:
                if isinstance(reader, PixelMajorReader):
                    steps = _by_pixels(reader, np.array(edges), lengths[-len(edges) :], part)
                else:
                    steps = _by_frames(reader, np.array(edges), lengths[-len(edges) :], part, stack.frames_per_block)
                for done in steps:
                    if progress is not None:
                        progress((first + done * stack.frames) / frames)
                    if should_stop is not None and should_stop():
                        raise Cancelled
            first += stack.frames
        return cls(means, lengths)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return self._means.nbytes

    def traces(self, cell: CellRegions) -> FloatArray:
        """Return the traces of a ROI and its regions, each bin's mean in all of its frames.

        Parameters
        ----------
        cell : CellRegions

        Returns
        -------
        ndarray, shape (signals, frames), read-only
        """
        regions = [each for each in cell.pixels if len(each)]
        binned = np.stack([self._means[pixels].mean(axis=0, dtype=np.float64) for pixels in regions])
        if cell.weights is not None:
            binned[0] = cell.weights @ self._means[regions[0]] / cell.weights.sum()
        traces = np.repeat(binned, self._lengths, axis=1)
        traces.flags.writeable = False
        return traces


def _by_frames(
    reader: Any, starts: NDArray[np.intp], lengths: Sequence[int], means: NDArray[np.float32], most: int
) -> Iterator[float]:
    """Fill the means of a stack bin after bin, and yield the part that is done."""
    waiting: list[NDArray[np.float32]] = []
    for number, (start, length) in enumerate(zip(starts.tolist(), lengths, strict=True), 1):
        total: Any = 0
        for begin in range(start, start + length, most):
            total = total + reader.read(begin, min(begin + most, start + length)).sum(axis=0, dtype=np.float64)
        waiting.append(np.asarray(total / length, np.float32).reshape(-1))
        if len(waiting) == _TOGETHER or number == len(lengths):
            means[:, number - len(waiting) : number] = np.stack(waiting, axis=1)
            waiting.clear()
        yield number / len(lengths)


def _by_pixels(
    reader: PixelMajorReader, starts: NDArray[np.intp], lengths: Sequence[int], means: NDArray[np.float32]
) -> Iterator[float]:
    """Do the same with a stack that has all frames of a pixel together."""
    for first, last in reader.pixel_blocks():
        sums = np.add.reduceat(reader.time_courses(first, last), starts, axis=1, dtype=np.float64)
        means[reader.places(first, last)] = sums / lengths
        yield last / len(means)
