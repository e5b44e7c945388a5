"""The neighbourhood of a ROI, read from a movie once, from which traces of changed ROIs come in milliseconds."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.imaging.extraction import kind_of_sums
from neuropil_gui.imaging.movie import Movie, opened
from neuropil_gui.imaging.pixel_major import PixelMajorReader, PixelMajorStack
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.stack import Stack

BUDGET = 512 * 2**20
"""Bytes that neighbourhoods take together."""

#: Pixels around a cell within which it can be moved before another neighbourhood has to be read.
_MARGIN = 24


@dataclass(frozen=True)
class Box:
    """A part of a picture: rows `top` to `bottom` and columns `left` to `right`, the last ones not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def pixels(self) -> int:
        """Number of its pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def padded(self, margin: int, shape: tuple[int, int]) -> "Box":
        """Return a box that is larger by a margin on each side, within a picture of this shape."""
        return Box(
            max(self.top - margin, 0),
            max(self.left - margin, 0),
            min(self.bottom + margin, shape[0]),
            min(self.right + margin, shape[1]),
        )

    def holds(self, other: "Box") -> bool:
        """Return whether another box lies within."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and other.bottom <= self.bottom
            and other.right <= self.right
        )


def box_of(cell: CellRegions) -> Box:
    """Return the smallest box with all pixels of a ROI and its regions.

    Parameters
    ----------
    cell : CellRegions
    """
    top, left, bottom, right = cell.extent
    return Box(top, left, bottom + 1, right + 1)


def box_to_read(cell: CellRegions, movie: Movie, budget: int = BUDGET) -> Box | None:
    """Return what to read around a cell so that it can be moved and reshaped.

    It is the whole picture where that takes a quarter of the budget at most; else the cell with a margin, which is the
    smaller the longer the movie.

    Parameters
    ----------
    cell : CellRegions
    movie : Movie
    budget : int, optional
        Bytes.

    Returns
    -------
    Box or None
        None where not even the pixels of the cell fit.
    """
    frames, rows, columns = movie.shape
    each = frames * movie.dtype.itemsize
    if rows * columns * each <= budget // 4:
        return Box(0, 0, rows, columns)
    least = box_of(cell)
    for margin in range(_MARGIN, -1, -1):
        box = least.padded(margin, (rows, columns))
        if box.pixels * each <= budget:
            return box
    return None


class Neighbourhood:
    """The time course of each pixel in a part of the picture.

    Parameters
    ----------
    box : Box
    shape : (int, int)
        Rows and columns of the picture.
    values : ndarray, shape (pixels of the box, frames)
    exact : bool
        Whether its traces are those of `extract_traces` bit for bit. They are not for floating-point numbers that are
        stored pixel after pixel, which are summed in the file's order there.
    """

    def __init__(self, box: Box, shape: tuple[int, int], values: NDArray[Any], exact: bool = True) -> None:
        self.box, self.shape, self.exact = box, shape, exact
        self._values = values

    @classmethod
    def read(
        cls,
        movie: Movie,
        box: Box,
        progress: Callable[[float], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> "Neighbourhood":
        """Read a part of the picture in all frames.

        Parameters
        ----------
        movie : Movie
        box : Box
        progress : callable, optional
            Takes the part that is done, from 0 to 1.
        should_stop : callable, optional
            Returns whether to stop; asked after each block of frames.

        Raises
        ------
        DataError
            When the movie cannot be read.
        Cancelled
            When `should_stop` says so.
        """
        frames = movie.shape[0]
        values = np.empty((box.pixels, frames), movie.dtype)
        first = 0
        for stack in movie.stacks:
            for done in _fill(stack, box, values[:, first : first + stack.frames]):
                if progress is not None:
                    progress((first + done * stack.frames) / frames)
                if should_stop is not None and should_stop():
                    raise Cancelled
            first += stack.frames
        pixel_major = any(isinstance(stack, PixelMajorStack) for stack in movie.stacks)
        whole_numbers = kind_of_sums(movie.dtype, box.pixels).kind == "i"
        return cls(box, movie.shape[1:], values, exact=whole_numbers or not pixel_major)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return self._values.nbytes

    def holds(self, cell: CellRegions) -> bool:
        """Return whether it has all pixels of a ROI and its regions."""
        return self.shape == cell.shape and self.box.holds(box_of(cell))

    def traces(self, cell: CellRegions) -> FloatArray:
        """Return the mean of a ROI and of each of its regions that has a pixel, in each frame.

        Parameters
        ----------
        cell : CellRegions
            Which this `holds`.

        Returns
        -------
        ndarray, shape (signals, frames), read-only
        """
        regions = [each for each in cell.pixels if len(each)]
        traces = np.empty((len(regions), self._values.shape[1]))
        kind = kind_of_sums(self._values.dtype, max(map(len, regions)))
        for row, (pixels, trace) in enumerate(zip(regions, traces, strict=True)):
            weights = cell.weights if row == 0 else None
            places = self._places(pixels)
            if kind.kind == "i" and cell.weights is None:
                np.divide(self._values[places].sum(axis=0, dtype=kind), len(pixels), out=trace)
            else:
                self._sum_in_order(places, weights, trace)
                trace /= len(pixels) if weights is None else weights.sum()
        traces.flags.writeable = False
        return traces

    def _places(self, pixels: Indices) -> Indices:
        rows, columns = np.divmod(pixels, self.shape[1])
        return (rows - self.box.top) * (self.box.right - self.box.left) + columns - self.box.left

    def _sum_in_order(self, places: Indices, weights: FloatArray | None, trace: FloatArray) -> None:
        """Sum as the sparse product of `extract_traces` does, one pixel after the other: another order rounds else."""
        trace[:] = 0
        for number, place in enumerate(places.tolist()):
            course = self._values[place]
            # As float64: NumPy 1 multiplies float32 by a single number as float32.
            trace += course if weights is None else weights[number] * course.astype(np.float64)


def _fill(stack: Stack, box: Box, values: NDArray[Any]) -> Iterable[float]:
    """Fill the time courses of a box block after block, and yield the part that is done."""
    height, width = box.bottom - box.top, box.right - box.left
    with opened(stack) as reader:
        if isinstance(reader, PixelMajorReader):
            courses = values.reshape(height, width, -1)
            for column in range(width):
                first = (box.left + column) * stack.shape[0] + box.top
                courses[:, column] = reader.time_courses(first, first + height)
                yield (column + 1) / width
            return
        for start in range(0, stack.frames, stack.frames_per_block):
            stop = min(start + stack.frames_per_block, stack.frames)
            block = reader.read(start, stop)[:, box.top : box.bottom, box.left : box.right]
            values[:, start:stop] = block.reshape(stop - start, -1).T
            yield stop / stack.frames


class Neighbourhoods:
    """The neighbourhoods used last, within a limit of memory; may be asked from any thread.

    Parameters
    ----------
    budget : int, optional
        Bytes.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._kept: list[Neighbourhood] = []
        self._lock = threading.Lock()

    @property
    def holds_all(self) -> bool:
        """Whether one is of the whole picture."""
        with self._lock:
            return any(each.box == Box(0, 0, *each.shape) for each in self._kept)

    def find(self, cell: CellRegions) -> Neighbourhood | None:
        """Return one that holds a cell, if it is at hand."""
        with self._lock:
            for each in reversed(self._kept):
                if each.holds(cell):
                    self._kept.remove(each)
                    self._kept.append(each)
                    return each
        return None

    def keep(self, neighbourhood: Neighbourhood) -> None:
        """Keep one; the least recently used make room."""
        with self._lock:
            self._kept = [each for each in self._kept if not neighbourhood.box.holds(each.box)] + [neighbourhood]
            while len(self._kept) > 1 and sum(each.nbytes for each in self._kept) > self._budget:
                del self._kept[0]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
