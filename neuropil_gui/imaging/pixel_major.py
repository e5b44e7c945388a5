"""Stacks that are stored pixel after pixel, each with all its frames, as CaImAn's order C."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.stack import BLOCK, Stack, as_native, read_into


class PixelMajorStack(Stack):
    """A file of the time course of each pixel, column after column of the picture.

    Parameters
    ----------
    path : Path
    dtype : dtype
        With its byte order.
    frames : int
    shape : (int, int)
    """

    def __init__(self, path: Path, dtype: np.dtype[Any], frames: int, shape: tuple[int, int]) -> None:
        self._path, self._stored = path, np.dtype(dtype)
        self.frames, self.shape, self.dtype = frames, shape, self._stored.newbyteorder("=")
        self._check()
        if os.stat(path).st_size < frames * math.prod(shape) * self._stored.itemsize:
            raise DataError("the file is cut short.")

    @contextmanager
    def open(self) -> "Iterator[PixelMajorReader]":
        """Open the file, and yield what reads frames or pixels."""
        with open(self._path, "rb", buffering=0) as stream:
            yield PixelMajorReader(self, stream, self._stored)


class PixelMajorReader:
    """Reads an open file of time courses.

    Parameters
    ----------
    stack : PixelMajorStack
    stream : binary file
    dtype : dtype
        As it is stored.
    """

    def __init__(self, stack: PixelMajorStack, stream: IO[bytes], dtype: np.dtype[Any]) -> None:
        self._stack, self._stream, self._dtype = stack, stream, dtype

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the frames `start` to `stop`; all of the file goes by."""
        rows, columns = self._stack.shape
        values = np.empty((rows * columns, stop - start), self._stack.dtype)
        for first, last in self.pixel_blocks():
            values[first:last] = self.time_courses(first, last)[:, start:stop]
        return np.ascontiguousarray(values.T.reshape(stop - start, columns, rows).transpose(0, 2, 1))

    def pixel_blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the first pixel and the one behind the last of blocks, in the order of the file."""
        count = math.prod(self._stack.shape)
        step = max(1, BLOCK // (self._stack.frames * self._dtype.itemsize))
        for first in range(0, count, step):
            yield first, min(first + step, count)

    def places(self, first: int, last: int) -> Indices:
        """Return where pixels of the file are in the picture, as flat indices."""
        columns, rows = np.divmod(np.arange(first, last), self._stack.shape[0])
        return rows * self._stack.shape[1] + columns

    def time_courses(self, first: int, last: int) -> NDArray[Any]:
        """Return all frames of the pixels `first` to `last` of the file, shape (pixels, frames)."""
        block = np.empty((last - first, self._stack.frames), self._dtype)
        read_into(self._stream, first * self._stack.frames * self._dtype.itemsize, block)
        return as_native(block)
