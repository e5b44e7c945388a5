"""MATLAB v5 files (``-v6``, ``-v7``), read by `scipy.io` in the child process.

SciPy's reader is documented as not hardened, and altered files do crash it (seen with SciPy 1.17), so that everything
here but `heads` runs in the child. Layout of what `heads` reads: MATLAB's "MAT-File Format".
"""

import math
import struct
import warnings
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import (
    MOST_BYTES,
    WHOLE_BYTES,
    Identity,
    Slices,
    data_error,
    error_text,
    join_names,
    os_errors_as_data_errors,
)
from neuropil_gui.formats.progress import tick

_HEADER, _COMPRESSED, _COMPLEX = 128, 15, 0x0800
#: Bytes that are read at once: half a second of a slow network drive.
_READ = 2**20
#: Bytes of a packed variable from which its first 24 are surely unpacked.
_BLOCK = 4096
#: Packed masks reach 200 to 1; deflate itself ends at 1000 to 1.
BOMB_RATIO = 500
_DEEPEST, _DEEPEST_LISTED = 32, 8
#: Variables of a file, fields of its structs, and cells whose shapes are looked at for a list.
_MOST_VARIABLES, _MOST_FIELDS, _MOST_CELLS = 20_000, 20_000, 50_000
#: SciPy's names of classes, and NumPy's of their numbers.
_NUMBERS = {"double": "float64", "single": "float32", "logical": "bool"}
_NUMBERS |= {name: name for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")}
#: What scipy.io raises for damage, wherever it comes upon it; MatReadError and zlib.error derive from Exception alone.
_DAMAGE: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, EOFError, OSError, zlib.error),
    *(NameError, NotImplementedError, RecursionError, Warning),
)

#: Variables of the file that was read last, up to `WHOLE_BYTES`: one look follows another.
_held: dict[Identity, dict[str, Any]] = {}


class Head(NamedTuple):
    """Header of a variable in a MATLAB file.

    Parameters
    ----------
    nbytes : int
        Size that the variable claims to have in memory.
    is_complex : bool
        Whether its numbers are complex.
    """

    nbytes: int
    is_complex: bool


def heads(path: Path) -> list[Head]:
    """Return the claims of the variables, reading no more than the first bytes of each.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When the file cannot be read, or would unpack to more than a recording does.
    """
    found: list[Head] = []
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        size = path.stat().st_size
        order = ">" if _is_big_endian(stream.read(_HEADER)) else "<"
        while len(tag := stream.read(8)) == 8 and any(tag) and len(found) <= _MOST_VARIABLES:
            kind, length = struct.unpack(order + "II", tag)
            start = stream.tell()
            begin = stream.read(min(length, _BLOCK))
            if kind == _COMPRESSED:
                try:
                    begin = zlib.decompressobj().decompress(begin, 24)
                except zlib.error:
                    begin = b""
                kind, claimed, *_ = struct.unpack(order + "II", begin[:8].ljust(8, b"\0"))
                begin = begin[8:]
            else:
                claimed = length
            flags = struct.unpack(order + "I", begin[8:12].ljust(4, b"\0"))[0]
            found.append(Head(claimed, bool(flags & _COMPLEX)))
            stream.seek(start + length)
    claimed = sum(head.nbytes for head in found)
    if claimed > MOST_BYTES or (claimed > WHOLE_BYTES and claimed > BOMB_RATIO * size):
        raise data_error(path, f"its {size} bytes would unpack to {claimed}: that is no recording.")
    if len(found) > _MOST_VARIABLES:
        raise data_error(path, f"it holds more than {_MOST_VARIABLES} variables, more than any recording.")
    return found


def _is_big_endian(header: bytes) -> bool:
    return header[126:128] == b"MI"


def memory_needed(path: Path) -> int:
    """Return the bytes that reading all of a file takes: packed, unpacked and as arrays.

    Parameters
    ----------
    path : Path
        The file.
    """
    return path.stat().st_size + 3 * sum(head.nbytes for head in heads(path))


def names(path: Path) -> list[str]:
    """Return the names of the variables.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    return [name for name, _, _ in _variables(path)]


def listing(path: Path, only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the variables of a file, and the fields of its structs as ``struct.field``.

    Parameters
    ----------
    path : Path
    only : collection of str, optional
        The variables that are wanted; None takes all.

    Returns
    -------
    list of dict
        As `mat73.listing` returns.

    Raises
    ------
    DataError
        When the file is damaged, or holds more than any recording.
    """
    found: list[dict[str, Any]] = []
    variables = zip(_variables(path), heads(path), strict=False)
    wanted = [(*each, head) for each, head in variables if only is None or each[0] in only]
    values = _load(path, [name for name, _, kind, _ in wanted if kind in ("cell", "struct")])
    for name, shape, kind, head in wanted:
        if kind in _NUMBERS and (min(shape, default=0) < 0 or math.prod(shape) > head.nbytes):
            raise _damaged(path, f"shape {shape} needs more numbers than {name} holds")
        if kind in _NUMBERS:
            found.append(_row(name, "other" if head.is_complex else "numbers", shape, _NUMBERS[kind]))
        elif kind == "char":
            found.append(_row(name, "text"))
        elif name in values:
            found.extend(_rows(name, values[name]))
        if len(found) > _MOST_FIELDS:
            raise data_error(path, f"it holds more than {_MOST_FIELDS} fields, more than any recording.")
    return found


def part(path: Path, name: str, slices: Slices | None = None) -> NDArray[Any]:
    """Return numbers of a variable or of a field ``struct.field``, or a part of them.

    Parameters
    ----------
    path : Path
    name : str
    slices : sequence, optional
        For each axis an index, or (start, stop, step); None takes all.

    Raises
    ------
    DataError
        When it is not there, or damaged.
    """
    top, *fields = name.split(".")
    value: Any = _load(path, [top]).get(top)
    for field in fields:
        is_struct = type(value) is np.ndarray and field in (value.dtype.names or ()) and value.size == 1
        value = value.flat[0][field] if is_struct else None
    value = _plain(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        raise data_error(path, f"there is no array {join_names([name])} in it.")
    if slices is None:
        return value
    return np.asarray(value[tuple(each if isinstance(each, int) else slice(*each) for each in slices)])


def values(path: Path, names: Collection[str]) -> dict[str, Any]:
    """Return whole variables.

    Parameters
    ----------
    path : Path
    names : collection of str
        Those that are not there are passed over.

    Returns
    -------
    dict
        Numbers are arrays in MATLAB's shape; text is str; cells are arrays of object; a struct array is an array of
        object that holds a dict for each element. Sparse and other classes are left out.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    found = {name: _plain(value) for name, value in _load(path, names).items()}
    return {name: value for name, value in found.items() if value is not None}


class _Stream(BufferedReader):
    """A file that reports how far it is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path), 2**17)
        self._size = max(path.stat().st_size, 1)

    def read(self, size: int | None = -1, /) -> bytes:
        left = self._size if size is None or size < 0 else size
        parts = []
        while left > 0:
            tick(self.tell() / self._size)
            parts.append(super().read(min(left, _READ)))
            left -= len(parts[-1])
            if not parts[-1]:
                break
        return b"".join(parts)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from scipy.io.matlab import MatReadError

    damage: tuple[type[Exception], ...] = (MatReadError, *_DAMAGE)
    with os_errors_as_data_errors(path), _Stream(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", "Unreadable variable")
        warnings.filterwarnings("error", category=np.exceptions.ComplexWarning)
        header = stream.peek(_HEADER)[:_HEADER]
        if header[126:] not in (b"IM", b"MI") or 0 in header[:4]:  # SciPy would read it as version 4
            raise data_error(
                path, "this is not a MATLAB file of version 5 (saved with '-v7' or '-v6'), which was expected."
            )
        try:
            yield stream
        except damage as error:
            if isinstance(error, DataError):
                raise
            raise _damaged(path, error_text(error)) from error


def _damaged(path: Path, reason: str) -> DataError:
    return data_error(path, f"the file is damaged or cut short ({reason}); a MATLAB v5 file was expected.")


def _variables(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Return name, shape and class of the variables."""
    from scipy.io import whosmat

    with _opened(path) as stream:
        return [(name, tuple(shape), kind) for name, shape, kind in whosmat(stream)]


def _load(path: Path, names: Collection[str]) -> dict[str, Any]:
    """Return variables as SciPy reads them."""
    from scipy.io import loadmat

    identity = Identity.of(path)
    if identity not in _held:
        _held.clear()
    held = _held.setdefault(identity, {})
    missing = [name for name in names if name not in held]
    if not missing:
        return {name: held[name] for name in names}
    with _opened(path) as stream:
        codec = "utf-16-be" if _is_big_endian(stream.read(_HEADER)) else "utf-16-le"
        options: dict[str, Any] = {"chars_as_strings": False, "uint16_codec": codec}
        try:
            found = loadmat(stream, variable_names=missing, mat_dtype=True, **options)
        except np.exceptions.ComplexWarning:  # mat_dtype would leave the imaginary part out
            found = loadmat(stream, variable_names=missing, **options)
    identity.check()
    held |= {name: found.get(name) for name in missing}
    kept = dict(held)
    if sum(head.nbytes for head in heads(path)) > WHOLE_BYTES:
        held.clear()
    return {name: kept[name] for name in names if kept[name] is not None}


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value of SciPy's in the form that `values` describes; None for a class that is not read."""
    if depth > _DEEPEST:
        raise DataError("Its values are nested too deeply.")
    if type(value) is not np.ndarray:  # objects, functions, tables and sparse matrices are classes of their own
        return None
    if value.dtype.kind == "U":
        return "".join(value.ravel(order="F").tolist())
    if value.dtype.names is None and value.dtype.kind != "O":
        return np.asarray(value, value.dtype.newbyteorder("="))
    objects = np.empty(value.shape, object)
    for index in np.ndindex(value.shape):
        tick(0.0)
        if value.dtype.names is None:
            objects[index] = _plain(value[index], depth + 1)
        else:
            objects[index] = {field: _plain(value[index][field], depth + 1) for field in value.dtype.names}
    return objects


def _row(name: str, kind: str, shape: tuple[int, ...] = (0, 0), dtype: str = "object") -> dict[str, Any]:
    return {"name": name, "kind": kind, "shape": shape, "dtype": dtype, "obstacle": None, "inner": None}


def _rows(name: str, value: Any) -> Iterator[dict[str, Any]]:
    """Describe a value, and what is in it if it is a struct."""
    if type(value) is not np.ndarray:
        yield _row(name, "other")
    elif value.dtype.names is not None:
        yield _row(name, "other", value.shape)
        if value.size == 1 and name.count(".") < _DEEPEST_LISTED:
            for field in value.dtype.names:
                yield from _rows(f"{name}.{field}", value.flat[0][field])
    elif value.dtype.kind == "U":
        yield _row(name, "text")
    elif value.dtype.kind == "O":
        inner = value.ravel(order="F")[: _MOST_CELLS + 1]
        arrays = len(inner) <= _MOST_CELLS and all(_is_numbers(each) for each in inner)
        yield _row(name, "cells", value.shape) | {"inner": [each.shape for each in inner] if arrays else None}
    else:
        yield _row(name, "numbers" if _is_numbers(value) else "other", value.shape, value.dtype.newbyteorder("=").name)


def _is_numbers(value: Any) -> bool:
    return type(value) is np.ndarray and value.dtype.kind in "fiub"
