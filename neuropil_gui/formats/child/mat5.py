"""MATLAB's version 5 files, read without trusting them.

``scipy.io.loadmat`` documents that it is not hardened, and a few flipped bytes do end the process
(segmentation fault within 4,000 altered files, three runs of three, SciPy 1.17). This reader takes
numbers, text, cells and structs, and passes over the rest. Layout: MATLAB's "MAT-File Format".
"""

import math
import struct
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child.mat5_bytes import (
    CELL,
    CHAR,
    CLASSES,
    COMPLEX,
    COMPRESSED,
    HEAD,
    LOGICAL,
    STRUCT,
    Damaged,
    Elements,
    order_of,
    variables,
)
from neuropil_gui.formats.paths import MOST_BYTES, os_errors_as_data_errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEXT = {2: "latin-1", 1: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_DEEPEST = 32


def read(path: Path, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return the variables of a MATLAB file of version 5 (``-v6``, ``-v7``).

    Parameters
    ----------
    path : Path
    only : collection of str, optional
        The names of those that are wanted; the others are passed over. None takes all.

    Returns
    -------
    dict
        Numbers are arrays in MATLAB's shape; text is str; cells are arrays of object; a struct
        array is an array of object that holds a dict for each element. Sparse and other classes are left out.

    Raises
    ------
    DataError
        When it is damaged, cut short, of another version, or would unpack beyond all measure.
    """
    found: dict[str, Any] = {}
    with variables(path) as each:
        for _, walk in each:
            if only is not None and walk.matrix()[2] not in only:
                continue
            name, value = _matrix(Elements(memoryview(walk.data[:].tobytes()), walk.order), 0)
            if value is not None and name:
                found[name] = value
    return found


def names(path: Path) -> list[str]:
    """Return the names of the variables, reading little more than those.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str
        Up to the first that is damaged; empty for a file of another version.
    """
    found: list[str] = []
    with suppress(DataError), variables(path) as each:
        found.extend(walk.matrix()[2] for _, walk in each)
    return found


def declared(path: Path) -> int:
    """Return how many bytes a file's variables say that they take, looking at the start of each only.

    A file that is damaged says what it says; `read` finds that out.
    """
    total = 0
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        order = order_of(stream.read(HEAD)) or "<"
        while len(tag := stream.read(8)) == 8 and any(tag):
            kind, size = struct.unpack(order + "II", tag)
            start = stream.tell()
            if kind == COMPRESSED:
                with suppress(zlib.error):
                    inner = zlib.decompressobj().decompress(stream.read(min(size, 64)), 8)
                    total += struct.unpack(order + "II", inner)[1] if len(inner) == 8 else 0
            else:
                total += size
            stream.seek(start + size + (-size % 8 if kind != COMPRESSED else 0))
    return min(total, MOST_BYTES)


def _matrix(walk: Elements, depth: int) -> tuple[str, Any]:
    """Return name and value of a variable; the value is None for a class that is not read."""
    if depth > _DEEPEST:
        raise Damaged("its values are nested too deeply")
    word, shape, name = walk.matrix()
    kind, count = word & 0xFF, math.prod(shape)
    if kind in CLASSES:
        return name, _numeric(walk, word, shape, count)
    if kind == CHAR:
        encoding, data = walk.element()
        codec = _TEXT.get(encoding, "latin-1")
        if codec in ("utf-16", "utf-32"):
            codec += "-le" if walk.order == "<" else "-be"
        return name, data.tobytes().decode(codec, "replace")
    if kind == CELL:
        return name, _objects(shape, [_inner(walk, depth) for _ in range(walk.expect(count))])
    if kind == STRUCT:
        names = walk.fields()
        walk.expect(count * max(len(names), 1))
        rows = [{field: _inner(walk, depth) for field in names} for _ in range(count)]
        return name, _objects(shape, rows)
    return name, None


def _inner(walk: Elements, depth: int) -> Any:
    value = walk.value()
    return _matrix(value, depth + 1)[1] if value is not None else np.zeros((0, 0))


def _objects(shape: tuple[int, ...], values: list[Any]) -> "NDArray[Any]":
    array = np.empty(len(values), object)
    for index, value in enumerate(values):
        array[index] = value
    return array.reshape(shape, order="F")


def _numeric(walk: Elements, word: int, shape: tuple[int, ...], count: int) -> "NDArray[Any]":
    stored = walk.numbers()
    if len(stored) != count:
        raise Damaged(f"shape {shape} needs {count} numbers, but {len(stored)} are there")
    with np.errstate(invalid="ignore"):  # a crafted file may hold a NaN where the class says integers
        values = stored.astype(CLASSES[word & 0xFF])  # stored as small as they fit
    if word & COMPLEX:
        imaginary = walk.numbers()
        if len(imaginary) != count:
            raise Damaged("the imaginary part is cut short")
        real, values = values, np.empty(count, complex)
        values.real, values.imag = real, imaginary  # 1j * inf would not be what was stored
    if word & LOGICAL:
        values = values.astype(bool)
    return values.reshape(shape, order="F")
