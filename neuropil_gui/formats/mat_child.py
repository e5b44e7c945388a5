"""What is in a MATLAB file, of version 5 or 7.3 alike. Runs in the child."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.formats import mat5, mat73
from neuropil_gui.formats.files import WHOLE, Identity, bad, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neuropil_gui.formats.h5file import Part

#: The file of version 5 that was read last: a preview asks for one array after another.
_last: list[tuple[Identity, dict[str, Any]]] = []
_DEEPEST = 8


def _version5(path: Path) -> dict[str, Any]:
    identity = Identity.of(path)
    if _last and _last[0][0] == identity:
        return _last[0][1]
    _last.clear()
    variables = mat5.read(path)
    if sum(_size(value) for value in variables.values()) <= WHOLE:
        _last.append((identity, variables))
    return variables


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 64 + sum(map(_size, value.values()))
    if isinstance(value, np.ndarray):
        return value.nbytes + (sum(map(_size, value.flat)) if value.dtype.kind == "O" else 0)
    return 64


def listing(path: Path, is_hdf5: bool) -> list[dict[str, Any]]:
    """Return the variables of a file, and the fields of its structs as ``struct.field``; see `mat73.listing`."""
    if is_hdf5:
        return mat73.listing(path)
    return [_row(name, value) for name, value in _named(_version5(path)).items()]


def _named(variables: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, value in variables.items():
        named[f"{prefix}{name}"] = value
        inside = isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size == 1
        if inside and isinstance(value.flat[0], dict) and prefix.count(".") < _DEEPEST:
            named |= _named(value.flat[0], f"{prefix}{name}.")
    return named


def _row(name: str, value: Any) -> dict[str, Any]:
    row = {"name": name, "kind": "other", "shape": (0, 0), "dtype": "object", "obstacle": None, "inner": None}
    if isinstance(value, str):
        return row | {"kind": "text"}
    if not isinstance(value, np.ndarray):
        return row
    row |= {"shape": value.shape, "dtype": str(value.dtype)}
    if value.dtype.kind in "fiub":
        return row | {"kind": "numbers"}
    if value.dtype.kind == "O" and not any(isinstance(each, dict) for each in value.flat):
        inner = list(value.ravel(order="F"))
        arrays = all(isinstance(each, np.ndarray) and each.dtype.kind in "fiub" for each in inner)
        return row | {"kind": "cells", "inner": [each.shape for each in inner] if arrays else None}
    return row


def part(path: Path, is_hdf5: bool, name: str, which: "Part | None" = None) -> "NDArray[Any]":
    """Return numbers of one variable or field, or a part of them.

    Raises
    ------
    DataError
        When it is not there.
    """
    if is_hdf5:
        return mat73.part(path, name, which)
    value = _named(_version5(path)).get(name)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        raise bad(path, f"there is no array {listed([name])} in it.")
    return value if which is None else value[tuple(p if isinstance(p, int) else slice(*p) for p in which)]


def values(path: Path, is_hdf5: bool, names: list[str]) -> dict[str, Any]:
    """Return whole variables as `mat5.read` does, as far as they are there."""
    if is_hdf5:
        return mat73.values(path, names)
    return {name: value for name, value in _version5(path).items() if name in names}
