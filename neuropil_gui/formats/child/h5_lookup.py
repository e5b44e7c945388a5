"""Access to objects of HDF5 files of a known layout, along soft links too, but never out of the file.

Everything but `is_kind` runs in the child process: the file may be crafted.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import process
from neuropil_gui.formats.child.h5file import MAGIC, obstacle, opened, take
from neuropil_gui.formats.paths import MOST_BYTES, Identity, printable_name
from neuropil_gui.formats.progress import tick

_FOLLOWED = 16
_TEXT = 2000
_BLOCK = 2**20  # half a second of a slow network drive


def step(group: Any, name: str, left: int = _FOLLOWED) -> Any:
    """Return the object that `name` leads to from `group`, never out of the file; None where there is none.

    Parameters
    ----------
    group : h5py.Group
    name : str
        A path; from the root where it starts with a slash.
    left : int
        Soft links that may still be followed.
    """
    import h5py

    place = group.file["/"] if name.startswith("/") else group
    for part in name.split("/"):
        if part in ("", "."):
            continue
        if not isinstance(place, h5py.Group):
            return None
        link = place.get(part, getlink=True)
        if isinstance(link, h5py.SoftLink):
            if left <= 0:
                return None
            place = step(place, link.path, left - 1)
        elif isinstance(link, h5py.HardLink):
            place = place.get(part)
        else:
            return None
    return place


def is_numbers(value: Any) -> bool:
    """Return whether it is a data set of real numbers that can be read from this file alone.

    Parameters
    ----------
    value : object
    """
    import h5py

    return isinstance(value, h5py.Dataset) and obstacle(value) is None


def numbers(group: Any, name: str, most: int = MOST_BYTES) -> NDArray[Any] | None:
    """Return the real numbers of a data set; None where there is none of that name.

    Parameters
    ----------
    group : h5py.Group
    name : str
    most : int
        Bytes.

    Raises
    ------
    DataError
        When there are more.
    """
    found = step(group, name)
    if not is_numbers(found):
        return None
    _check_size(found, most)
    return np.asarray(take(found) if found.shape else found[()])


def _check_size(data: Any, most: int = MOST_BYTES) -> None:
    """Raise a DataError for a data set of more bytes than `most`.

    Raises
    ------
    DataError
    """
    size = data.size * data.dtype.itemsize
    if size > most:
        raise DataError(
            f"{printable_name(data.name.rpartition('/')[2])}: its {size / 2**30:.1f} GiB are more than can be read."
        )


def part(data: Any, time_first: bool, start: int, stop: int, frames: int) -> NDArray[Any]:
    """Return rows `start` to `stop` of a data set of traces, each with `frames` frames, in blocks of time.

    Parameters
    ----------
    data : h5py.Dataset, shape (time, ROIs), or (ROIs, time) or (time,)
    time_first : bool
    start, stop, frames : int

    Returns
    -------
    ndarray, shape (stop - start, frames)
        In the data's own type.
    """
    values = np.empty((stop - start, frames), data.dtype)
    length = max(1, _BLOCK // max((stop - start) * data.dtype.itemsize, 1))
    if data.chunks:  # a chunk that is cut in two is unpacked twice
        chunk = data.chunks[0 if time_first else -1]
        length = -(-length // chunk) * chunk
    for first in range(0, frames, length):
        last = min(first + length, frames)
        if data.ndim == 1:
            values[0, first:last] = data[first:last]
        elif time_first:
            values[:, first:last] = data[first:last, start:stop].T
        else:
            values[:, first:last] = data[start:stop, first:last]
        tick(last / frames)
    return values


def text(value: Any) -> str:
    """Return a scalar as text of bounded length; empty where it is no scalar.

    Parameters
    ----------
    value : object
        An attribute or a data set.
    """
    import h5py

    if isinstance(value, h5py.Dataset):
        if value.shape != () or value.external or value.is_virtual:
            return ""
        value = value[()]
    if isinstance(value, (bytes, np.bytes_)):
        value = bytes(value).decode("utf-8", "replace")
    return str(value)[:_TEXT] if isinstance(value, (str, np.str_, int, float, np.number)) else ""


def kind(path: Path) -> str:
    """Return "nwb", "caiman" or nothing, by what the file holds; for the child process.

    Parameters
    ----------
    path : Path
    """
    with opened(path) as file:
        if "nwb_version" in file.attrs or step(file, "nwb_version") is not None:
            return "nwb"
        estimates = [step(file, f"estimates/{name}") for name in ("A", "C")]
        return "caiman" if all(each is not None for each in estimates) else ""


@lru_cache(maxsize=8)
def _kind(identity: Identity) -> str:
    return str(process.call(kind, identity.path))


def is_kind(path: Path, head: bytes, wanted: str) -> bool:
    """Return whether the file at `path`, which starts with `head`, is HDF5 of this kind; each file is opened once.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    wanted : str
        "nwb" or "caiman".
    """
    # A damaged file is refused here: all other readers would fail on it, one after the other.
    return head.startswith(MAGIC) and _kind(Identity.of(path)) == wanted
