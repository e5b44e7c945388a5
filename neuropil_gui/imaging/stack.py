"""Stacks of frames: one file of a movie, or an array, read in blocks and never mapped into memory."""

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError

#: Bytes of frames that are read at once; a frame that is larger is read alone.
BLOCK = 8 * 2**20
#: Bytes of one frame above which no camera made it.
MOST_FRAME_BYTES = 512 * 2**20


#: Bytes above which no file reaches, and no system seeks.
_FARTHEST = 2**62


class FrameReader(Protocol):
    """What reads frames of an open stack."""

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the frames `start` to `stop`, shape (stop - start, rows, columns)."""


class Stack(ABC):
    """Frames of equal size, one file of a movie.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    frames : int
    shape : (int, int)
        Rows and columns of a frame.
    dtype : numpy.dtype
        As it is read.
    frame_rate : float or None
        In Hz, where the file says it.
    notes : tuple of str
        What was decided about the file, in sentences.
    channels, planes : int
        How many the file has, one of which is read.
    """

    name: str = "the movie"
    frames: int
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    frame_rate: float | None = None
    notes: tuple[str, ...] = ()
    channels: int = 1
    planes: int = 1

    @abstractmethod
    def open(self) -> AbstractContextManager[FrameReader]:
        """Open the file for reading, as a context."""

    @property
    def frames_per_block(self) -> int:
        """Frames that are read at once."""
        return max(1, BLOCK // max(1, math.prod(self.shape) * self.dtype.itemsize))

    def _check(self) -> None:
        """Raise a DataError for frames that no movie has."""
        if self.dtype.kind not in "iufb":
            raise DataError(f"its pixels are {self.dtype}, but real numbers were expected.")
        if self.frames < 1 or 0 in self.shape:
            raise DataError(f"it holds {self.frames} frames of {self.shape[0]} x {self.shape[1]} pixels.")
        size = math.prod(self.shape) * self.dtype.itemsize
        if size > MOST_FRAME_BYTES:
            raise DataError(f"a frame of {self.shape[0]} x {self.shape[1]} pixels has {size / 2**30:.1f} GiB.")


class ArrayStack(Stack):
    """An array in memory.

    Parameters
    ----------
    frames : ndarray, shape (frames, rows, columns)
    name : str
    """

    def __init__(self, frames: NDArray[Any], name: str = "the movie") -> None:
        if frames.ndim != 3:
            raise DataError(f"a movie has the shape (frames, rows, columns), but {frames.shape} was found.")
        self._array = frames
        self.name = name
        self.frames, *rows_and_columns = frames.shape
        self.shape = (rows_and_columns[0], rows_and_columns[1])
        self.dtype = frames.dtype
        self._check()

    @contextmanager
    def open(self) -> Iterator[FrameReader]:
        """Yield what reads frames."""
        yield self

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the frames `start` to `stop`."""
        return self._array[start:stop]


class BinaryStack(Stack):
    """A file of frames without anything between them.

    Parameters
    ----------
    path : Path
    dtype : dtype
        With its byte order.
    frames : int
    shape : (int, int)
    offset : int
        Bytes before the first frame.
    columns_first : bool
        Whether a frame is stored column after column.
    """

    def __init__(
        self,
        path: Path,
        dtype: np.dtype[Any],
        frames: int,
        shape: tuple[int, int],
        offset: int = 0,
        columns_first: bool = False,
    ) -> None:
        self._path, self._offset, self._columns_first = path, offset, columns_first
        self._stored = np.dtype(dtype)
        self.frames, self.shape, self.dtype = frames, shape, self._stored.newbyteorder("=")
        self._check()
        there = os.stat(path).st_size - offset
        needed = frames * math.prod(shape) * self._stored.itemsize
        if there < needed:
            raise DataError(
                f"the file is cut short: {frames} frames of {shape[0]} x {shape[1]} pixels need {needed} bytes, but "
                f"{there} are there."
            )

    @contextmanager
    def open(self) -> Iterator[FrameReader]:
        """Open the file, and yield what reads frames."""
        with open(self._path, "rb", buffering=0) as stream:
            yield _BinaryReader(self, stream, self._stored, self._offset, self._columns_first)


class _BinaryReader:
    def __init__(self, stack: Stack, stream: IO[bytes], dtype: np.dtype[Any], offset: int, columns_first: bool) -> None:
        self._stack, self._stream, self._dtype = stack, stream, dtype
        self._offset, self._columns_first = offset, columns_first

    def read(self, start: int, stop: int) -> NDArray[Any]:
        rows, columns = self._stack.shape
        shape = (columns, rows) if self._columns_first else (rows, columns)
        block = np.empty((stop - start, *shape), self._dtype)
        read_into(self._stream, self._offset + start * block[0].nbytes, block)
        return as_native(block.transpose(0, 2, 1) if self._columns_first else block)


def read_into(stream: Any, offset: int, block: NDArray[Any]) -> None:
    """Fill an array with the bytes of an open file from `offset` on.

    Raises
    ------
    DataError
        When the file ends before.
    """
    if offset > _FARTHEST:
        raise DataError("the file is damaged: it places a frame beyond its end.")
    stream.seek(offset)
    view = block.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(view):
        count = stream.readinto(view[done:])
        if not count:
            raise DataError("the file is cut short: frames are missing at its end.")
        done += count


def as_native(block: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in the byte order of this machine."""
    return block if block.dtype.isnative else block.astype(block.dtype.newbyteorder("="))
