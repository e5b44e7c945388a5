"""Pictures of a movie, found in one pass: mean, maximum, standard deviation, correlation with neighbours."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.imaging.movie import Movie, opened
from neuropil_gui.imaging.pixel_major import PixelMajorReader, PixelMajorStack
from neuropil_gui.imaging.stack import Stack

Picture = NDArray[np.float32]

MOST_FRAMES = 4000
"""Frames that standard deviation and correlation are found of; of longer movies every k-th is taken."""


def moving_pictures(movie: Movie, most_frames: int = MOST_FRAMES) -> Iterator[tuple[float, "RunningPictures"]]:
    """Read a movie once, block after block, and yield what is known so far.

    Parameters
    ----------
    movie : Movie
    most_frames : int, optional
        Frames that standard deviation and correlation are found of, spread evenly over the movie.

    Yields
    ------
    part : float
        The part that is read, from 0 to 1.
    pictures : RunningPictures
        The same object each time; its `pictures` are those of the frames read so far.

    Raises
    ------
    DataError
        When the movie cannot be read; it names the file.
    """
    frames, rows, columns = movie.shape
    running = RunningPictures((rows, columns), max(1, -(-frames // most_frames)))
    first = 0
    for stack in movie.stacks:
        steps = _by_pixels(stack, running) if isinstance(stack, PixelMajorStack) else _by_frames(stack, running)
        for done in steps:
            yield (first + done * stack.frames) / frames, running
        first += stack.frames


def _by_frames(stack: Stack, running: "RunningPictures") -> Iterator[float]:
    """Add the frames of a stack, and yield the part that is done."""
    with opened(stack) as reader:
        for start in range(0, stack.frames, stack.frames_per_block):
            stop = min(start + stack.frames_per_block, stack.frames)
            running.add(reader.read(start, stop))
            yield stop / stack.frames


def _by_pixels(stack: PixelMajorStack, running: "RunningPictures") -> Iterator[float]:
    """Do the same with a stack that has all frames of a pixel together: for each frame, all of it would be read."""
    with opened(stack) as reader:
        assert isinstance(reader, PixelMajorReader)
        for first, last in reader.pixel_blocks():
            running.add_pixels(first, reader.time_courses(first, last))
            yield last / (stack.shape[0] * stack.shape[1])


class RunningPictures:
    """Sums over frames, from which pictures are made at any time.

    Sums are of differences from the first frame, so that large values lose no digits.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    step : int, optional
        Standard deviation and correlation take every frame whose number is a multiple of this.

    Attributes
    ----------
    frames : int
        Frames that were added to all pixels.
    """

    def __init__(self, shape: tuple[int, int], step: int = 1) -> None:
        self.frames, self._step, self._taken = 0, step, 0
        self._shape = shape
        self._first = np.zeros(shape, np.float32)
        self._most: NDArray[Any] = np.full(shape, np.nan, np.float32)
        self._column = np.zeros((0, 0), np.float32)
        self._whole = True
        self._all = np.zeros(shape)
        self._sum, self._squares = np.zeros(shape), np.zeros(shape)
        self._across = np.zeros((shape[0], max(shape[1] - 1, 0)))
        self._down = np.zeros((max(shape[0] - 1, 0), shape[1]))

    def add(self, block: NDArray[Any]) -> None:
        """Add frames, shape (frames, rows, columns)."""
        most = block.max(axis=0).astype(np.float32)
        if self.frames:
            np.maximum(self._most, most, out=self._most)
        else:
            self._first, self._most = block[0].astype(np.float32), most
        skipped = -self.frames % self._step
        for at in range(0, len(block), 8):
            # A few frames at a time, which stay in the processor's cache.
            frames = block[at : at + 8].astype(np.float32)
            frames -= self._first
            self._all += frames.sum(axis=0)
            taken = frames[(skipped - at) % self._step :: self._step]
            if len(taken):
                self._take(taken)
        self.frames += len(block)

    def add_pixels(self, start: int, courses: NDArray[Any]) -> None:
        """Add the time courses of some pixels, shape (pixels, frames), of which all follow one by one.

        Parameters
        ----------
        start : int
            The first pixel, counted down the columns of the picture. What is added counts once the last pixel is.
        courses : ndarray, shape (pixels, frames)
        """
        rows, columns = self._shape
        pixels = np.arange(start, start + len(courses))
        row, column = pixels % rows, pixels // rows
        most = courses.max(axis=1).astype(np.float32)
        if self.frames:
            self._most[row, column] = np.maximum(self._most[row, column], most)
        else:
            self._first[row, column], self._most[row, column] = courses[:, 0], most
        moved = courses.astype(np.float32) - self._first[row, column][:, None]
        self._all[row, column] += moved.sum(axis=1, dtype=np.float64)
        taken = moved[:, -self.frames % self._step :: self._step]
        self._sum[row, column] += taken.sum(axis=1, dtype=np.float64)
        self._squares[row, column] += _products(taken, taken)
        # The neighbours at the left are one column of the picture before, which is kept.
        joined = np.concatenate([self._column, taken]) if start else taken
        place = len(joined) - len(taken) + np.arange(len(taken))
        below, right = row > 0, column > 0
        self._down[row[below] - 1, column[below]] += _products(joined[place[below]], joined[place[below] - 1])
        self._across[row[right], column[right] - 1] += _products(joined[place[right]], joined[place[right] - rows])
        self._column = joined[-rows:]
        self._whole = start + len(courses) == rows * columns
        if self._whole:
            self._taken += taken.shape[1]
            self.frames += courses.shape[1]

    def _take(self, frames: NDArray[np.float32]) -> None:
        self._taken += len(frames)
        self._sum += frames.sum(axis=0)
        self._squares += np.einsum("tij,tij->ij", frames, frames)
        self._across += np.einsum("tij,tij->ij", frames[:, :, 1:], frames[:, :, :-1])
        self._down += np.einsum("tij,tij->ij", frames[:, 1:], frames[:, :-1])

    def pictures(self) -> Mapping[str, Picture]:
        """Return the pictures of the frames that were added.

        Returns
        -------
        mapping of str to ndarray of float32, shape (rows, columns)
            ``"mean"``, ``"max"``, ``"sd"``, and ``"correlation"``: the mean of Pearson's r of a pixel with its
            neighbours above, below, left and right. NaN where a pixel is not known in all frames, or, for the
            correlation, constant. None while some pixels have more frames than others.
        """
        if not self.frames or not self._whole:
            return {}
        mean = self._all / self.frames + self._first
        centre = self._sum / self._taken
        # A picture with a pixel that is not finite is not finite there, without a warning.
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = np.maximum(self._squares / self._taken - centre**2, 0)
            sd = np.sqrt(variance)
            # Below the digits of the sums a variance is none.
            known = variance > 1e-6 * self._squares / self._taken
            scale = np.where(known, 1 / sd, np.nan)
            across = self._across / self._taken - centre[:, 1:] * centre[:, :-1]
            down = self._down / self._taken - centre[1:] * centre[:-1]
            across *= scale[:, 1:] * scale[:, :-1]
            down *= scale[1:] * scale[:-1]
        return {
            "mean": mean.astype(np.float32),
            "max": self._most.copy(),
            "sd": sd.astype(np.float32),
            "correlation": self._of_neighbours(across, down).astype(np.float32),
        }

    def _of_neighbours(self, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over the neighbours of each pixel that are known."""
        total, count = np.zeros(self._shape), np.zeros(self._shape)
        for r, places in (
            (across, ((slice(None), slice(1, None)), (slice(None), slice(None, -1)))),
            (down, ((slice(1, None), slice(None)), (slice(None, -1), slice(None)))),
        ):
            finite = np.isfinite(r)
            for place in places:
                total[place] += np.where(finite, r, 0)
                count[place] += finite
        mean: NDArray[np.float64] = np.divide(total, count, out=np.full(self._shape, np.nan), where=count > 0)
        return mean


def _products(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sum of the products of each row of two arrays, without losing digits over many frames."""
    total: NDArray[np.float64] = np.einsum("ij,ij->i", first, second, dtype=np.float64)
    return total
