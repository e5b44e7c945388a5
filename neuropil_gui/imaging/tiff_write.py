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
    dtype: type[np.uint8] | type[np.uint16],
    frame_rate: float,
    packed: bool = False,
) -> None:
    """Write frames as a stack that ImageJ and FISSA read, with its frame rate.

    Parameters
    ----------
    file : path or binary file
    frames : iterable of ndarray, shape (rows, columns)
    shape : (int, int, int)
        Frames, rows and columns.
    dtype : type
    frame_rate : float
        In Hz.
    packed : bool
        Whether each frame is packed by zlib, as an OME-TIFF, which ImageJ's own reader does not open.
    """
    import tifffile

    kind = np.dtype(dtype)
    step = 1 / frame_rate
    if packed:
        # An identifier of its own would make each file another one.
        metadata = {"axes": "TYX", "TimeIncrement": step, "TimeIncrementUnit": "s", "UUID": "simulated"}
        extra: dict[str, Any] = {"ome": True, "compression": "zlib", "compressionargs": {"level": 9}}
    else:
        metadata = {"axes": "TYX", "finterval": step, "tunit": "s"}
        extra = {"imagej": True}
    target = file if isinstance(file, str | Path) else _Unnamed(file)
    tifffile.imwrite(target, iter(frames), shape=shape, dtype=kind, metadata=metadata, **extra)
