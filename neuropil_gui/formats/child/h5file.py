"""HDF5 files of any layout: a list of their data sets, and numbers from them; runs in the child process.

A file can refer to other files (links, storage, virtual data sets) and ask for filters of other makers: none of that
is followed. h5py is imported when it is used, so that only the child loads HDF5.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import (
    MOST_BYTES,
    WHOLE_BYTES,
    Slices,
    data_error,
    error_text,
    join_names,
    os_errors_as_data_errors,
)
from neuropil_gui.formats.progress import tick

if TYPE_CHECKING:
    import h5py

#: The first bytes of an HDF5 file, which may also come 512, 1024, 2048 ... bytes later.
MAGIC = b"\x89HDF\r\n\x1a\n"
MOST_OBJECTS, _DEEPEST = 20_000, 32
_BLOCK = 2**20  # half a second of a slow network drive
_CHUNK_CACHE = 64 * 2**20
BOMB_RATIO = 500
#: Filters that HDF5 and h5py have themselves: deflate, shuffle, fletcher32, szip, scale-offset, lzf.
_FILTERS = {1, 2, 3, 4, 6, 32000}

#: Exceptions that h5py raises for damage.
_DAMAGE = (OSError, KeyError, RuntimeError, TypeError, AttributeError, OverflowError)


@contextmanager
def opened(path: Path) -> "Iterator[h5py.File]":
    """Open an HDF5 file for reading, and turn exceptions for damage into a DataError.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    DataError
        When it is not an HDF5 file, or what is read from it meanwhile is damaged.
    """
    import h5py

    with os_errors_as_data_errors(path), open(path, "rb"):  # what the system refuses has its own words
        pass
    try:
        # Not locked: it is only read, and some network drives cannot lock.
        with h5py.File(path, "r", rdcc_nbytes=_CHUNK_CACHE, locking=False) as file:
            yield file
    except DataError:
        raise
    except (*_DAMAGE, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> Exception:
    return data_error(path, f"it is damaged or cut short ({error_text(error)}); an HDF5 file was expected.")


def walk(file: "h5py.File", skip: Sequence[str] = ()) -> "Iterator[tuple[str, h5py.Dataset | h5py.Group]]":
    """Yield name and object of every group and data set that is in the file itself, each once.

    Soft links lead to what is in the file under another name, or outside of it; external ones always outside.
    Neither is followed.

    Parameters
    ----------
    file : h5py.File
    skip : sequence of str
        Names at the top that are left out.

    Raises
    ------
    DataError
        When there are more objects than any recording has.
    """
    import h5py

    seen = {address(file["/"])}
    left: list[tuple[str, h5py.Group, int]] = [("", file["/"], 0)]
    count = check_count(file, file["/"], 0)
    while left:
        prefix, group, depth = left.pop()
        for name in group:
            if (not prefix and name in skip) or not is_hard_link(group, name):
                continue
            each = group[name]
            place = address(each)
            if place in seen:
                continue
            seen.add(place)
            tick(0)
            full = f"{prefix}{name}"
            if isinstance(each, h5py.Group):
                count = check_count(file, each, count)
                yield full, each
                if depth < _DEEPEST:
                    left.append((f"{full}/", each, depth + 1))
            elif isinstance(each, h5py.Dataset):
                yield full, each


def check_count(file: "h5py.File", group: "h5py.Group", count: int) -> int:
    """Return `count` with the members of a group added; raise a DataError above `MOST_OBJECTS`.

    Parameters
    ----------
    file : h5py.File
        An open file.
    group : h5py.Group
    count : int
        Objects that were counted before.
    """
    count += len(group)
    if count > MOST_OBJECTS:
        raise data_error(file.filename, f"it holds more than {MOST_OBJECTS} objects, more than any recording.")
    return count


def is_hard_link(group: "h5py.Group", name: str) -> bool:
    """Return whether a name in a group is a hard link, to an object in the file itself.

    Parameters
    ----------
    group : h5py.Group
    name : str
        Of a member.
    """
    import h5py

    kind = group.id.links.get_info(name.encode("utf-8", "surrogateescape")).type
    return bool(kind == h5py.h5l.TYPE_HARD)


def address(each: "h5py.Dataset | h5py.Group") -> int:
    """Return the address of an object in its file, which is the same under all its names.

    Parameters
    ----------
    each : h5py.Dataset | h5py.Group
    """
    import h5py

    return int(h5py.h5o.get_info(each.id).addr)


def obstacle(data: "h5py.Dataset", most: int = MOST_BYTES) -> str | None:
    """Return why a data set is not read, in words that follow its name, or None if it can be.

    Parameters
    ----------
    data : h5py.Dataset
    most : int, optional
        Bytes; more than can be held in memory where it is read in parts.
    """
    if data.shape is None or data.dtype.kind not in "fiub" or not data.dtype.itemsize:
        return f"holds {data.dtype}, but real numbers were expected"
    plist = data.id.get_create_plist()
    if plist.get_external_count():
        return "is stored in another file, which is not opened"
    if data.is_virtual:
        return "is put together from other data sets (a virtual one), which is not followed"
    foreign = {plist.get_filter(k)[0] for k in range(plist.get_nfilters())} - _FILTERS
    if foreign:
        return f"is packed by a filter of another maker (number {min(foreign)}); save it with gzip or unpacked"
    stored, size = data.id.get_storage_size(), math.prod(data.shape) * data.dtype.itemsize
    if size > most:
        return f"has {size / 2**30:.0f} GiB, more than can be held in memory"
    if size > WHOLE_BYTES and size > BOMB_RATIO * max(stored, 1):
        return f"would unpack {stored} bytes to {size}: that is no recording"
    if not plist.get_nfilters() and plist.get_layout() == 1 and stored < size:
        return f"needs {size} bytes, but {stored} are there"
    return None


def dataset(file: "h5py.File", name: str, most: int = MOST_BYTES) -> "h5py.Dataset":
    """Return a data set of numbers by its path, going through nothing but the file itself.

    Parameters
    ----------
    file : h5py.File
        An open file.
    name : str
        Path in the file.
    most : int, optional
        As in `obstacle`.

    Raises
    ------
    DataError
        When it is not there, or is not to be read; the sentence says why.
    """
    import h5py

    place: Any = file["/"]
    for part in name.strip("/").split("/"):
        link = place.get(part, getlink=True) if isinstance(place, h5py.Group) and part in place else None
        if link is None:
            raise data_error(file.filename, f"there is no data set {join_names([name])} in it.")
        if not isinstance(link, h5py.HardLink):
            raise data_error(file.filename, f"{join_names([name])} is a link to somewhere else, which is not followed.")
        place = place[part]
    if not isinstance(place, h5py.Dataset):
        raise data_error(file.filename, f"{join_names([name])} is a group; a data set of numbers was expected.")
    if why := obstacle(place, most):
        raise data_error(file.filename, f"{join_names([name])} {why}.")
    return place


def take(data: "h5py.Dataset", part: Slices | None = None) -> NDArray[Any]:
    """Read a part of a data set in blocks, along the axis with most chunks, and report progress.

    Parameters
    ----------
    data : h5py.Dataset
        One without an `obstacle`.
    part : sequence, optional
        For each axis an index, or (start, stop, step); None takes all.
    """
    wanted = [slice(None)] * data.ndim if part is None else [p if isinstance(p, int) else slice(*p) for p in part]
    spans = [
        range(n)[p] if isinstance(p, slice) else range(n)[p : p + 1] for n, p in zip(data.shape, wanted, strict=True)
    ]
    shape = tuple(map(len, spans))
    values = np.empty(shape, data.dtype)
    if values.size:
        chunk = data.chunks or (1,) * data.ndim
        axis = max(range(data.ndim), key=lambda k: (len(spans[k]) * spans[k].step / chunk[k], -k))
        each = values.nbytes // shape[axis] or 1
        step = max(1, _BLOCK // each)
        whole = max(1, chunk[axis] // spans[axis].step)
        step = max(whole, step // whole * whole)
        for start in range(0, shape[axis], step):
            stop = min(start + step, shape[axis])
            there = [slice(s.start, s.stop, s.step) for s in spans]
            there[axis] = slice(spans[axis][start], spans[axis][stop - 1] + 1, spans[axis].step)
            here = [slice(None)] * data.ndim
            here[axis] = slice(start, stop)
            values[tuple(here)] = data[tuple(there)]
            tick(stop / shape[axis])
    return values[tuple(0 if isinstance(p, int) else slice(None) for p in wanted)]


def listing(path: Path) -> list[dict[str, Any]]:
    """Return the data sets of a file: their name, shape, type, and why they cannot be read, if so.

    Those that hold text or compound values are left out.

    Parameters
    ----------
    path : Path
        The file.
    """
    import h5py

    found = []
    with opened(path) as file:
        for name, each in walk(file):
            if not isinstance(each, h5py.Dataset):
                continue
            shape, dtype = each.shape, each.dtype  # each is a call of HDF5
            if shape is not None and dtype.kind in "fiubc":
                why = obstacle(each) if len(shape) > 1 else None
                found.append({"name": name, "shape": shape, "dtype": str(dtype), "obstacle": why})
    return found


def part(path: Path, name: str, which: Slices | None = None) -> NDArray[Any]:
    """Return numbers of one data set, as `take` does.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Path of the data set.
    which : Slices, optional
        For each axis an index, or (start, stop, step); None takes all.
    """
    with opened(path) as file:
        return take(dataset(file, name), which)
