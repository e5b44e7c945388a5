"""Write movies as TIFF, as ImageJ does."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


class _Unnamed:
    """A binary file without its name, which tifffile takes for a path even where it is a number."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.write, self.read, self.seek, self.tell = stream.write, stream.read, stream.seek, stream.tell
        self.flush, self.truncate = stream.flush, stream.truncate

    def fileno(self) -> int:
        """Let NumPy write by `write`, whose bytes are counted."""
        raise io.UnsupportedOperation


def write_tiff(
    file: str | Path | IO[bytes],
    frames: Iterable[NDArray[Any]],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    frame_rate: float,
) -> None:
    """Write frames as a stack that ImageJ and FISSA read, with its frame rate.

    Parameters
    ----------
    file : path or binary file
    frames : iterable of ndarray, shape (rows, columns)
    shape : (int, int, int)
        Frames, rows and columns.
    dtype : numpy.dtype
    frame_rate : float
        In Hz.
    """
    import tifffile

    metadata = {"axes": "TYX", "finterval": 1 / frame_rate, "tunit": "s"}
    target = file if isinstance(file, str | Path) else _Unnamed(file)
    tifffile.imwrite(
        target, iter(frames), shape=shape, dtype=dtype, metadata=metadata, imagej=True, photometric="minisblack"
    )
