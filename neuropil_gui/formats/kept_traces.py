"""Extracted traces, kept in a folder of bounded size, so that a movie that was opened before is not read again."""

import hashlib
import logging
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import Identity, by_age
from neuropil_gui.formats.plain.npy import open_numbers
from neuropil_gui.formats.writing.atomic import replacing
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.regions import CellRegions

log = logging.getLogger("neuropil_gui")

#: Bytes of a movie from which on its traces are kept; smaller ones are read in a tenth of a second.
WORTH_BYTES = 32 * 2**20
#: Bytes of all that is kept, and of one movie's traces.
MOST_BYTES = 2 * 2**30
MOST_OF_ONE = 512 * 2**20
_VERSION = "1"

_folder: ContextVar[Path | None] = ContextVar("folder", default=None)


@contextmanager
def traces_kept_in(folder: Path | None) -> Iterator[None]:
    """Keep what is extracted while the block runs in a folder, and take it from there.

    Parameters
    ----------
    folder : Path or None
        Made where there is none. None keeps nothing.
    """
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


def key_of(movie: Movie, selection: str, cells: Sequence[CellRegions]) -> str:
    """Return a key that is the same for the same files, as they are now, and the same pixels of each region.

    Parameters
    ----------
    movie : Movie
        Read from files.
    selection : str
        What of the files it is, such as their channel.
    cells : sequence of CellRegions
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in (movie.source or "", *movie.files):
        found = Identity.of(Path(path))
        digest.update(f"{path}|{found.size}|{found.modified}|{found.inode}\n".encode(errors="surrogatepass"))
    digest.update(f"{_VERSION}|{selection}|{movie.shape}|{movie.dtype}".encode())
    for cell in cells:
        for pixels in (*cell.pixels, np.zeros(0) if cell.weights is None else cell.weights):
            digest.update(f"|{len(pixels)}|".encode())
            digest.update(np.ascontiguousarray(pixels, "<f8").tobytes())
    return digest.hexdigest()


def kept(key: str, signals: Sequence[int], frames: int) -> list[FloatArray] | None:
    """Return the traces that are kept by a key; None where there are none, or they are damaged.

    Parameters
    ----------
    key : str
    signals : sequence of int
        Number of each cell's.
    frames : int

    Returns
    -------
    list of ndarray, shape (signals, frames), read-only
    """
    folder = _folder.get()
    path = folder / f"{key}.npy" if folder is not None else None
    if path is None or not path.is_file():
        return None
    try:
        file = open_numbers(path, (2,), "traces that were extracted before")
        if file.header.shape != (sum(signals), frames) or file.header.dtype != np.float64 or file.header.fortran:
            return None
        traces = np.asarray(file.read(), np.float64)
        os.utime(path)  # what was used last stays longest
    except (DataError, OSError) as error:
        log.warning("%s", error)
        return None
    traces.flags.writeable = False
    ends = np.cumsum(signals)
    return [traces[end - count : end] for count, end in zip(signals, ends, strict=True)]


def keep(key: str, movie: Movie, traces: Sequence[FloatArray]) -> None:
    """Keep the traces of a movie by a key; what was used longest ago makes room. Nothing is raised where that fails.

    Parameters
    ----------
    key : str
    movie : Movie
    traces : sequence of ndarray, shape (signals, frames)
    """
    folder = _folder.get()
    size = sum(each.nbytes for each in traces)
    if folder is None or size > MOST_OF_ONE or math.prod(movie.shape) * movie.dtype.itemsize < WORTH_BYTES:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, size)
        with replacing(folder / f"{key}.npy") as stream:
            shape = (sum(map(len, traces)), traces[0].shape[1])
            header = {"descr": "<f8", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(stream, header)
            for each in traces:
                stream.write(np.ascontiguousarray(each, "<f8").tobytes())
    except (DataError, OSError) as error:
        log.warning("The extracted traces of %s are not kept: %s", movie.name, error)


def _make_room(folder: Path, size: int) -> None:
    """Delete what was used longest ago until there is room for so many bytes."""
    found = by_age(folder.glob("*.npy"))
    total = sum(seen.st_size for _, seen in found) + size
    for each, seen in found:
        if total <= MOST_BYTES:
            return
        each.unlink(missing_ok=True)
        total -= seen.st_size
