"""What is in a MATLAB file of version 5, and parts of its arrays, without the rest. Runs in the child."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.formats.child.mat5_bytes import (
    CELL,
    CHAR,
    CLASSES,
    COMPLEX,
    LOGICAL,
    STRUCT,
    Damaged,
    Elements,
    Packed,
    Stretch,
    number_type,
    variables,
)
from neuropil_gui.formats.paths import WHOLE_BYTES, Identity, data_error, join_names
from neuropil_gui.formats.progress import tick

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neuropil_gui.formats.paths import Slices

_DEEPEST = 8
#: Fields of structs in a file; cells whose shapes are looked at for a list.
_MOST, _LOOKED = 20_000, 50_000
#: Bytes that are read at once, and those for whose sake the file is read on rather than sought in.
_BLOCK, _NEAR = 4 * 2**20, 2**16

#: The packed variables of the file that was looked into last, as far as they are unpacked: one look follows another.
_last: list[tuple[Identity, dict[int, Packed]]] = []


@dataclass(frozen=True)
class _Found:
    """A variable or a field of a struct: its row in the list, and where its numbers or the values in its cells are."""

    row: dict[str, Any]
    data: Stretch | None = None
    stored: "np.dtype[Any] | None" = None
    inside: Elements | None = None


def listing(path: Path) -> list[dict[str, Any]]:
    """Return the variables of a file, and the fields of its structs as ``struct.field``; see `mat73.listing`.

    Each also says whether it is ``packed``: unpacked from its start to be read.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When the file is damaged where it says what it holds.
    """
    with _opened(path) as each:
        return [found.row for found in _found(each)]


def part(path: Path, name: str, which: "Slices | None" = None) -> "NDArray[Any]":
    """Return numbers of a variable or of a field ``struct.field``, or a part of them.

    Parameters
    ----------
    path : Path
    name : str
    which : sequence, optional
        For each axis an index, or (start, stop, step); None takes all.

    Raises
    ------
    DataError
        When it is not there, or damaged.
    """
    with _opened(path) as each:
        found = _named(each, name)
        if found is None or found.data is None or found.stored is None:
            raise data_error(path, f"there is no array {join_names([name])} in it.")
        return _take(found.data, found.stored, found.row["shape"], np.dtype(found.row["dtype"]), which)


def cells(path: Path, name: str, numbers: Sequence[int]) -> "list[NDArray[Any]]":
    """Return arrays that are in cells.

    Parameters
    ----------
    path : Path
    name : str
        Of a variable or of a field ``struct.field``.
    numbers : sequence of int
        Which cells, rising, as MATLAB counts them, but from 0.

    Raises
    ------
    DataError
        When there are no such cells, or they hold no numbers.
    """
    with _opened(path) as each:
        found = _named(each, name)
        if found is None or found.inside is None or found.row["inner"] is None:
            raise data_error(path, f"there are no cells {join_names([name])} with arrays in it.")
        arrays: list[NDArray[Any]] = []
        wanted = set(numbers)
        for number in range(max(wanted) + 1):
            value = found.inside.value()
            if number in wanted and value is None:
                arrays.append(np.zeros((0, 0)))
            elif number in wanted and value is not None:
                word, shape, _ = value.matrix()
                dtype = np.dtype("bool" if word & LOGICAL else CLASSES[word & 0xFF])
                arrays.append(_take(*_data(value, shape, math.prod(shape)), shape, dtype, None))
        return arrays


def _named(each: Iterator[tuple[int, Elements]], name: str) -> _Found | None:
    """Return the last of several by a name, as everywhere."""
    return {found.row["name"]: found for found in _found(each)}.get(name)


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[tuple[int, Elements]]]:
    identity = Identity.of(path)
    if not _last or _last[0][0] != identity:
        _last[:] = [(identity, {})]
    kept = _last[0][1]
    with variables(path, kept) as each:
        yield each
    if sum(packed.held for packed in kept.values()) > WHOLE_BYTES:
        kept.clear()


def _found(each: Iterator[tuple[int, Elements]]) -> Iterator[_Found]:
    left = [_MOST]
    for _, walk in each:
        word, shape, name = walk.matrix()
        if name:
            yield from _described(walk, word, shape, name, left)


def _described(walk: Elements, word: int, shape: tuple[int, ...], name: str, left: list[int]) -> Iterator[_Found]:
    """Describe a variable whose flags, shape and name are read, and what is in it if it is a struct."""
    kind, count = word & 0xFF, math.prod(shape)
    assert isinstance(walk.data, Stretch)
    row: dict[str, Any] = {
        "name": name,
        "kind": "other",
        "shape": (0, 0),
        "dtype": "object",
        "obstacle": None,
        "inner": None,
    }
    row |= {"packed": isinstance(walk.data.source, Packed)}
    if kind == CHAR:
        yield _Found(row | {"kind": "text"})
    elif kind in CLASSES:
        data, stored = _data(walk, shape, count)
        if word & COMPLEX:
            yield _Found(row | {"shape": shape, "dtype": "complex128"})
        else:
            dtype = "bool" if word & LOGICAL else CLASSES[kind]
            yield _Found(row | {"kind": "numbers", "shape": shape, "dtype": str(np.dtype(dtype))}, data, stored)
    elif kind == CELL:
        inside = Elements(walk.data, walk.order)
        inside.at = walk.at
        yield _Found(row | {"kind": "cells", "shape": shape, "inner": _inner(walk, count)}, inside=inside)
    elif kind == STRUCT:
        fields = walk.fields()
        walk.expect(count * max(len(fields), 1))
        yield _Found(row | {"shape": shape})
        if count == 1 and name.count(".") < _DEEPEST:
            left[0] -= len(fields)
            if left[0] < 0:
                raise Damaged(f"structs with more than {_MOST} fields are no recording")
            for field in fields:
                yield from _field(walk, f"{name}.{field}", row, left)
    elif "." in name:
        yield _Found(row)


def _field(walk: Elements, name: str, row: dict[str, Any], left: list[int]) -> Iterator[_Found]:
    inner = walk.value()
    if inner is None:  # MATLAB's [] may be stored as nothing at all
        yield _Found(row | {"name": name, "kind": "numbers", "dtype": "float64"})
    else:
        word, shape, _ = inner.matrix()
        yield from _described(inner, word, shape, name, left)


def _inner(walk: Elements, count: int) -> list[tuple[int, ...]] | None:
    """Return the shapes of the arrays in cells; None where there is something else in them."""
    shapes: list[tuple[int, ...]] = []
    for number in range(walk.expect(count) if count <= _LOOKED else 0):
        tick(0.25 * number / count)
        value = walk.value()
        word, shape, _ = value.matrix() if value is not None else (next(iter(CLASSES)), (0, 0), "")
        if word & 0xFF not in CLASSES or word & COMPLEX:
            return None
        shapes.append(shape)
    return shapes if count <= _LOOKED else None


def _data(walk: Elements, shape: tuple[int, ...], count: int) -> "tuple[Stretch, np.dtype[Any]]":
    """Return the bytes of an array, unread, and the type of numbers that they are."""
    kind, data = walk.element()
    assert isinstance(data, Stretch)
    stored = number_type(kind, walk.order)  # as small as the numbers fit
    if len(data) // stored.itemsize != count:
        raise Damaged(f"shape {shape} needs {count} numbers, but {len(data) // stored.itemsize} are there")
    return data, stored


def _take(
    data: Stretch,
    stored: "np.dtype[Any]",
    shape: tuple[int, ...],
    dtype: "np.dtype[Any]",
    which: "Slices | None",
) -> "NDArray[Any]":
    """Read a part in blocks along the last axis, which is the slowest in MATLAB."""
    wanted: Sequence[Any] = which if which is not None else [(None, None, None)] * len(shape)
    cuts = [slice(p, p + 1) if isinstance(p, int) else slice(*p) for p in wanted]
    sizes = [len(range(side)[cut]) for side, cut in zip(shape, cuts, strict=True)]
    values = np.empty(sizes, dtype, order="F")
    along = range(shape[-1])[cuts[-1]]
    each = math.prod(shape[:-1]) * stored.itemsize
    near = each * along.step <= _NEAR
    count = max(1, _BLOCK // max(each * along.step, 1)) if near else 1
    for start in range(0, len(along) if values.size else 0, count):
        here = along[start : start + count]
        raw = data[each * here[0] : each * (here[-1] + 1)].tobytes()
        block = np.frombuffer(raw, stored).reshape((*shape[:-1], -1), order="F")
        with np.errstate(invalid="ignore"):  # a crafted file may hold a NaN where the class says integers
            values[..., start : start + len(here)] = block[(*cuts[:-1], slice(None, None, along.step))]
        tick(0.25 + 0.75 * (start + len(here)) / len(along))
    return values[tuple(0 if isinstance(p, int) else slice(None) for p in wanted)]
