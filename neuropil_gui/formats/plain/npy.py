"""NumPy's ``.npy`` files: their header, checked before anything is allocated, and parts of their values.

There is no memory map: the process would be killed when the file shrinks.
"""

import ast
import math
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child import pickles, process
from neuropil_gui.formats.paths import MOST_BYTES, Identity, data_error, os_errors_as_data_errors
from neuropil_gui.formats.progress import tick

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
BLOCK = 16 * 2**20
_DESCR = re.compile(r"([<>|=]?)([a-zA-Z])(\d*)(\[[^\]]*\])?")
_FOUND = {"c": "complex numbers", "S": "bytes", "U": "text", "M": "dates", "m": "times", "V": "records", "O": "objects"}


@dataclass(frozen=True)
class NpyHeader:
    """Header of a ``.npy`` file.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    fortran : bool
        Whether the first axis runs fastest.
    size : int
        Bytes of the header, with the magic.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    size: int

    @property
    def count(self) -> int:
        """The number of values."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes that the values take."""
        return self.count * self.dtype.itemsize

    @property
    def numeric(self) -> bool:
        """Whether the values are real numbers."""
        return self.dtype.kind in "fiub" and self.dtype.itemsize > 0

    @property
    def words(self) -> str:
        """The kind of values, for a sentence."""
        return _FOUND.get(self.dtype.kind, str(self.dtype))


def read_header(stream: IO[bytes], what: str | Path) -> NpyHeader:
    """Read the header of the .npy data that starts at `stream`, leaving it at the first value.

    Parameters
    ----------
    stream : binary file
    what : path
        The file, for messages.

    Raises
    ------
    DataError
        When it is not such data. Only numbers, booleans, text and objects are let through;
        nothing in the header is run.
    """
    start = stream.read(8)
    if len(start) < 8 or start[:6] != MAGIC:
        raise data_error(what, "this is not a NumPy array: it does not start as one.")
    width, form = (2, "<H") if start[6] == 1 else (4, "<I")
    field = stream.read(width)
    if start[6] not in (1, 2, 3) or len(field) < width:
        raise data_error(what, f"NumPy's array format {start[6]}.{start[7]} was found, but 1.0 to 3.0 can be read.")
    (length,) = struct.unpack(form, field)
    if length > _LONGEST_HEADER:
        raise data_error(
            what, f"its header claims {length} bytes; no array of signals has more than {_LONGEST_HEADER}."
        )
    raw = stream.read(length)
    if len(raw) < length:
        raise data_error(what, f"the file is cut short: only {len(raw)} of the {length} bytes of its header are there.")
    try:
        # Python 2 wrote long integers as 5L.
        entries = ast.literal_eval(re.sub(r"(\d)L\b", r"\1", raw.decode("utf-8")).strip())
        descr, fortran, shape = entries["descr"], entries["fortran_order"], entries["shape"]
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError) as error:
        raise data_error(what, "its header cannot be understood; a NumPy array was expected.") from error
    ints = isinstance(shape, tuple) and all(type(side) is int and side >= 0 for side in shape)
    if not ints or len(shape) > 32 or not isinstance(fortran, bool):
        raise data_error(what, "its header names no valid shape and order; a NumPy array was expected.")
    return NpyHeader(shape, _dtype(descr, what), fortran, 8 + width + length)


def _dtype(descr: object, what: str | Path) -> np.dtype[Any]:
    match = _DESCR.fullmatch(descr) if isinstance(descr, str) else None
    if match is None:
        raise data_error(what, "it holds records, but an array of numbers was expected.")
    order, letter, size, unit = match.groups()
    if letter == "O":
        return np.dtype(object)
    widths = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8, np.dtype(np.longdouble).itemsize)}
    if letter in widths and size and int(size) in widths[letter] and not unit:
        return np.dtype(f"{order}{letter}{size}")
    if letter == "U" and 0 < len(size) < 8:
        return np.dtype(f"{order}U{max(int(size), 1)}")
    raise data_error(what, f"it holds {_FOUND.get(letter, f'values of type {descr}')}, but real numbers were expected.")


def take(stream: IO[bytes], header: NpyHeader, what: str | Path) -> NDArray[Any]:
    """Read the values that follow `header`, in the header's shape.

    Parameters
    ----------
    stream : binary file
    header : NpyHeader
        That was read from the same stream.
    what : path
        The file, for messages.

    Raises
    ------
    DataError
        When they are cut short, or more than `MOST` bytes.
    """
    if header.nbytes > MOST_BYTES:
        raise data_error(what, f"its {header.nbytes / 2**30:.0f} GiB are more than can be held in memory.")
    with os_errors_as_data_errors(what):
        values = np.empty(header.count, header.dtype)
    view = values.view(np.uint8).data if values.size else memoryview(b"")
    done = 0
    while done < len(view):
        part = stream.read(min(BLOCK, len(view) - done))
        if not part:
            raise data_error(what, f"the data are cut short: {done} of {len(view)} bytes are there.")
        view[done : done + len(part)] = part
        done += len(part)
        tick(done / len(view))
    return values.reshape(header.shape, order="F" if header.fortran else "C")


def take_objects(stream: IO[bytes], header: NpyHeader, path: Path) -> NDArray[Any]:
    """Read the pickled objects that follow `header`, in the child process.

    Parameters
    ----------
    stream : binary file
    header : NpyHeader
    path : Path
        The file, for messages.

    Returns
    -------
    ndarray of object
        As `pickles.object_array` returns it.

    Raises
    ------
    DataError
        When they are damaged, or more than plain data.
    """
    data = stream.read()
    needed = 8 * len(data)
    return np.asarray(process.call(pickles.object_array, path, data, header.shape, bytes_needed=needed))


def read_npy_objects(path: Path) -> object:
    """Return what a .npy file of pickled objects holds, e.g. the dict in suite2p's ``ops.npy``.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        As `take_objects` does, and when it holds no objects.
    """
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        header = read_header(stream, path)
        if header.dtype.kind != "O" or path.stat().st_size > MOST_BYTES:
            raise data_error(path, f"it holds {header.words}, but pickled objects were expected.")
        array = take_objects(stream, header, path)
    return array.item() if array.ndim == 0 else array


def as_array(value: object) -> NDArray[Any]:
    """Return an entry of a dict of pickled objects as an array; an empty one where it is none, such as uneven lists.

    Parameters
    ----------
    value : object
    """
    try:
        return np.asarray(value)
    except ValueError:
        return np.empty(0)


@dataclass(frozen=True)
class NpyFile:
    """A .npy file of real numbers on disk.

    Attributes
    ----------
    path : Path
    header : NpyHeader
    identity : Identity
        As it was opened: a file that changes later is refused.
    """

    path: Path
    header: NpyHeader
    identity: Identity

    @classmethod
    def open(cls, path: Path) -> "NpyFile":
        """Read the header of a file, and check the length of the file against it.

        Parameters
        ----------
        path : Path

        Returns
        -------
        NpyFile

        Raises
        ------
        DataError
            When it is not an array of real numbers, or shorter than its header says.
        """
        identity = Identity.of(path)
        with os_errors_as_data_errors(path), open(path, "rb") as stream:
            header = read_header(stream, path)
        if not header.numeric:
            raise data_error(path, f"it holds {header.words}, but real numbers were expected.")
        there = identity.size - header.size
        if header.nbytes > there:
            raise data_error(
                path,
                f"the file is cut short: shape {header.shape} of {header.dtype} needs {header.nbytes} bytes, "
                f"but {there} follow its header.",
            )
        return cls(path, header, identity)

    def read(self) -> NDArray[Any]:
        """Return the whole array."""
        self.identity.check()
        with os_errors_as_data_errors(self.path), open(self.path, "rb") as stream:
            stream.seek(self.header.size)
            values = take(stream, self.header, self.path)
        self.identity.check()
        return values

    def row(self, index: int) -> NDArray[Any]:
        """Return ``array[index]``, reading no more than that where the order of the file allows it.

        Parameters
        ----------
        index : int

        Returns
        -------
        ndarray

        Raises
        ------
        DataError
            When the file cannot be read, or has changed since it was opened.
        """
        self.identity.check()
        rows, *rest = self.header.shape
        dtype = self.header.dtype
        values: NDArray[Any]
        with os_errors_as_data_errors(self.path), open(self.path, "rb") as stream:
            if not self.header.fortran or len(self.header.shape) == 1:
                one = NpyHeader(tuple(rest), dtype, False, 0)
                stream.seek(self.header.size + index * one.nbytes)
                values = take(stream, one, self.path)
            else:
                # In Fortran order a row's values lie `rows` apart: all of it goes by, block after block.
                stream.seek(self.header.size)
                values = np.empty(self.header.count // rows, dtype)
                step = max(1, BLOCK // (rows * dtype.itemsize))
                for start in range(0, len(values), step):
                    stop = min(start + step, len(values))
                    block = take(stream, NpyHeader((stop - start, rows), dtype, False, 0), self.path)
                    values[start:stop] = block[:, index]
                values = values.reshape(rest, order="F")
        self.identity.check()
        return values

    def thinned(self, axis: int, fixed: int | None, step: int) -> NDArray[Any]:
        """Return every `step`-th index along an axis, of the first index of another, for a preview.

        Parameters
        ----------
        axis : int
            That is thinned out.
        fixed : int or None
            The axis of which only index 0 is returned, and which is not in the answer; it is the first.
        step : int
        """
        self.identity.check()
        shape = self.header.shape if fixed is None else self.header.shape[1:]
        axis -= fixed is not None
        if fixed is not None or self.header.fortran or len(shape) != 2:
            values = self.read() if fixed is None else self.row(0)
            return values[(slice(None),) * axis + (slice(None, None, step),)]
        # Of two dimensions in C order, whole rows or their beginnings are enough.
        size = self.header.dtype.itemsize
        indices = range(0, shape[0], 1 if axis else step)
        count = min(shape[1], max(BLOCK * 4 // size // len(indices), 1)) if axis else shape[1]
        row = NpyHeader((count,), self.header.dtype, False, 0)
        with os_errors_as_data_errors(self.path), open(self.path, "rb") as stream:
            rows = []
            for index in indices:
                stream.seek(self.header.size + index * shape[1] * size)
                rows.append(take(stream, row, self.path)[:: step if axis else 1])
        return np.stack(rows)


def open_numbers(path: Path, dimensions: tuple[int, ...], expected: str) -> NpyFile:
    """Open a .npy file that must have one of these numbers of `dimensions` and hold at least one value.

    Parameters
    ----------
    path : Path
        The file.
    dimensions : tuple of int
        Numbers of dimensions, one of which the array must have.
    expected : str
        Description of such an array, for the message.

    Raises
    ------
    DataError
        Naming what was `expected`.
    """
    file = NpyFile.open(path)
    if len(file.header.shape) not in dimensions or file.header.count == 0:
        raise data_error(path, f"an array of shape {file.header.shape} was found, but {expected} was expected.")
    return file


def put(archive: zipfile.ZipFile, name: str, value: Any) -> None:
    """Write an array, without pickle, into a NumPy archive.

    Parameters
    ----------
    archive : zipfile.ZipFile
    name : str
        Without ``.npy``.
    value : object
        As `numpy.asarray` takes it.
    """
    info = zipfile.ZipInfo(f"{name}.npy")  # with zip's earliest date, so that equal contents are equal files
    info.compress_type = archive.compression
    with archive.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.asarray(value), allow_pickle=False)
