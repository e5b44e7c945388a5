"""MATLAB v7.3 files, which are HDF5, with variables in MATLAB's shapes; runs in the child process.

Structs are groups, cells and struct arrays are references to other objects, and all arrays lie transposed,
because MATLAB counts the first index fastest. Source: MathWorks' "MAT-File Versions" and files that it wrote.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child.h5file import address, check_count, dataset, is_hard_link, obstacle, opened, take
from neuropil_gui.formats.paths import Slices, data_error, join_names
from neuropil_gui.formats.progress import tick

if TYPE_CHECKING:
    import h5py

_HIDDEN = ("#refs#", "#subsystem#")
_DEEPEST, _MOST = 32, 1_000_000
#: Cells whose shapes are listed.
_LOOKED = 50_000


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
        ``name``, ``kind`` (numbers, cells, text, object or other), ``shape`` in MATLAB, ``dtype``, ``obstacle`` (why it
        cannot be read, or None) and ``inner`` (the shapes of the arrays in cells; None where they are no such arrays).

    Raises
    ------
    DataError
        When the file is damaged, or holds more than any recording.
    """
    found: list[dict[str, Any]] = []
    with opened(path) as file:
        _list(file, file["/"], "", found, set())
    return [row for row in found if only is None or row["name"].partition(".")[0] in only]


def _list(file: "h5py.File", group: "h5py.Group", prefix: str, found: list[dict[str, Any]], seen: set[int]) -> None:
    import h5py

    seen.add(address(group))
    check_count(file, group, len(found))
    for name in group:
        if (not prefix and name in _HIDDEN) or not is_hard_link(group, name):
            continue
        each, full = group[name], f"{prefix}{name}"
        tick(0)
        if isinstance(each, h5py.Group):
            if "MATLAB_sparse" not in each.attrs:
                found.append(_row(full, "other", (1, 1), "struct"))
                if address(each) not in seen and prefix.count(".") < _DEEPEST:
                    _list(file, each, f"{full}.", found, seen)
        elif isinstance(each, h5py.Dataset) and each.shape is not None:
            found.append(_described(file, full, each))


def _row(name: str, kind: str, shape: tuple[int, ...], dtype: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "shape": shape, "dtype": dtype, "obstacle": None, "inner": None}


def _described(file: "h5py.File", name: str, each: "h5py.Dataset") -> dict[str, Any]:
    import h5py

    shape = each.shape[::-1]
    if "MATLAB_object_decode" in each.attrs:  # its numbers only point into #subsystem#, where the values are
        return _row(name, "object", shape, _class(each))
    if h5py.check_ref_dtype(each.dtype) is h5py.Reference:
        row = _row(name, "cells" if _class(each) == "cell" else "other", shape, "object")
        if row["kind"] == "cells" and each.size <= _LOOKED:
            inner: list[Any] = [_target(file, ref) for ref in each[()].T.ravel(order="F")]
            arrays = all(isinstance(i, h5py.Dataset) and i.dtype.kind in "fiub" and _class(i) != "char" for i in inner)
            row["inner"] = [i.shape[::-1] for i in inner] if arrays else None
        return row
    if _class(each) in ("char", "cell") or "MATLAB_empty" in each.attrs:
        return _row(name, "text" if _class(each) == "char" else "other", (0, 0), str(each.dtype))
    row = _row(name, "numbers" if each.dtype.kind in "fiub" else "other", shape, str(each.dtype))
    row["obstacle"] = obstacle(each) if row["kind"] == "numbers" else None
    return row


def _class(each: "h5py.Dataset | h5py.Group") -> str:
    value = each.attrs.get("MATLAB_class", b"")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _target(file: "h5py.File", reference: Any) -> "h5py.Dataset | h5py.Group | None":
    return file[reference] if reference else None


def part(path: Path, name: str, slices: Slices | None = None) -> NDArray[Any]:
    """Return numbers of a variable or of a field ``struct.field``, or a part of them; see `mat5.part`.

    Parameters
    ----------
    path : Path
        The file.
    name : str
    slices : Slices, optional
        For each axis an index, or (start, stop, step); None takes all.
    """
    with opened(path) as file:
        data = dataset(file, name.replace(".", "/"))
        return take(data, None if slices is None else slices[::-1]).T


def values(path: Path, names: Collection[str]) -> dict[str, Any]:
    """Return whole variables, as far as they are there; see `mat5.values`.

    Parameters
    ----------
    path : Path
        The file.
    names : collection of str
        Those that are not there are passed over.
    """
    with opened(path) as file:
        seen: set[int] = set()
        return {name: _value(file, file[name], 0, seen) for name in names if name in file and name not in _HIDDEN}


def _value(file: "h5py.File", each: "h5py.Dataset | h5py.Group | None", depth: int, seen: set[int]) -> Any:
    import h5py

    if depth > _DEEPEST:
        raise data_error(file.filename, "its values are nested too deeply.")
    tick(0)
    if isinstance(each, h5py.Group):
        if "MATLAB_sparse" in each.attrs:
            return None
        _once(file, each, seen)
        return _struct(file, each, depth, seen)
    if not isinstance(each, h5py.Dataset) or each.shape is None:
        return None
    if "MATLAB_object_decode" in each.attrs:
        return None
    if "MATLAB_empty" in each.attrs:
        return "" if _class(each) == "char" else np.zeros((0, 0))
    if h5py.check_ref_dtype(each.dtype) is h5py.Reference:
        _once(file, each, seen)
        return _cells(file, each, depth, seen)
    if why := obstacle(each):
        return None if each.dtype.kind not in "fiub" else _refuse(file, each, why)
    array = take(each).T
    if _class(each) == "char":
        codes = array.ravel(order="F").astype(np.uint16)
        return codes.tobytes().decode("utf-16-le" if codes.dtype.byteorder != ">" else "utf-16-be", "replace")
    return array.astype(bool) if _class(each) == "logical" else array


def _once(file: "h5py.File", each: "h5py.Dataset | h5py.Group", seen: set[int]) -> None:
    """Raise a DataError for cells and structs that are part of several values, which could be endless."""
    if address(each) in seen:
        raise data_error(
            file.filename, f"{join_names([str(each.name)])} is part of several values, as MATLAB writes none."
        )
    seen.add(address(each))


def _refuse(file: "h5py.File", each: "h5py.Dataset", why: str) -> None:
    raise data_error(file.filename, f"{join_names([str(each.name)])} {why}.")


def _cells(file: "h5py.File", each: "h5py.Dataset", depth: int, seen: set[int]) -> NDArray[Any]:
    if each.size > _MOST:
        raise data_error(file.filename, f"it holds {each.size} cells, more than any recording.")
    references = each[()].T
    objects = np.empty(references.shape, object)
    for index in np.ndindex(references.shape):
        objects[index] = _value(file, _target(file, references[index]), depth + 1, seen)
    return objects


def _struct(file: "h5py.File", group: "h5py.Group", depth: int, seen: set[int]) -> NDArray[Any]:
    """Return a struct as an array of dicts; that of a struct array holds references in each field."""
    import h5py

    fields = {}
    for name in group:
        if is_hard_link(group, name):
            fields[name] = group[name]
    arrays = [f for f in fields.values() if isinstance(f, h5py.Dataset) and not _class(f) and f.dtype.kind == "O"]
    if fields and len(arrays) == len(fields) and len({f.shape for f in arrays}) == 1:
        parts = {name: _cells(file, field, depth, seen) for name, field in fields.items()}
        shape = next(iter(parts.values())).shape
        rows = np.empty(shape, object)
        for index in np.ndindex(shape):
            rows[index] = {name: part[index] for name, part in parts.items()}
        return rows
    one = np.empty((1, 1), object)
    one[0, 0] = {name: _value(file, field, depth + 1, seen) for name, field in fields.items()}
    return one
