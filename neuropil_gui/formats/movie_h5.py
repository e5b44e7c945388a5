"""Movies in HDF5 and NWB files, whose frames come from the reading process block by block."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child import movie_file, process
from neuropil_gui.formats.paths import Identity
from neuropil_gui.imaging.stack import FrameReader, Stack

_BLOCK = 32 * 2**20


class H5Stack(Stack):
    """A movie in a data set of an HDF5 file.

    Parameters
    ----------
    path : Path
    dataset : str, optional
        Its path in the file; the largest of three dimensions by default.

    Raises
    ------
    DataError
        When there is none that can be read.
    """

    def __init__(self, path: Path, dataset: str | None = None) -> None:
        self._identity = Identity.of(path)
        found = process.call(movie_file.survey, path, dataset)
        self._name, self._chunk = str(found["name"]), int(found["chunk"])
        self._columns_first = bool(found["columns_first"])
        self.frames, first, second = (int(side) for side in found["shape"])
        self.shape = (second, first) if self._columns_first else (first, second)
        self.dtype = np.dtype(found["dtype"]).newbyteorder("=")
        self.frame_rate, self.notes = found["rate"], tuple(found["notes"])
        self._check()

    @property
    def frames_per_block(self) -> int:
        """Frames that are read at once: whole chunks, as a chunk that is cut in two is unpacked twice."""
        size = math.prod(self.shape) * self.dtype.itemsize
        wanted = max(1, _BLOCK // size)
        chunk = min(self._chunk, max(1, 8 * _BLOCK // size))
        return max(1, wanted // chunk) * chunk

    @contextmanager
    def open(self) -> Iterator[FrameReader]:
        """Yield what reads frames."""
        self._identity.check()
        yield self
        self._identity.check()

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the frames `start` to `stop`."""
        size = math.prod(self.shape) * self.dtype.itemsize * (stop - start)
        block = process.call(movie_file.frames, self._identity.path, self._name, start, stop, bytes_needed=2 * size)
        block = np.asarray(block, self.dtype)
        return np.ascontiguousarray(block.transpose(0, 2, 1)) if self._columns_first else block
