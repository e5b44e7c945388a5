"""MATLAB files: FISSA's ``separated.mat``, our own results, and plain variables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats import fissa, mat5, stored
from neuropil_gui.formats.arrays import from_array
from neuropil_gui.formats.files import Options, bad, listed, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Names that say which of several variables are the traces, the best first.
_KNOWN = ("raw", "traces", "signals", "F_raw", "F", "F_df", "F_dff", "dff", "data")


def sniff(_path: Path, head: bytes) -> bool:
    """Whether it starts as a MATLAB file of version 5 or 7.3."""
    return head.startswith((b"MATLAB ", b"\x89HDF\r\n")) or head[126:128] in (b"IM", b"MI")


def read(path: Path, options: Options) -> Recording:
    """Read a MATLAB file of version 5.

    Parameters
    ----------
    path : Path
    options : Options

    Returns
    -------
    Recording
        Of FISSA's ``raw{roi, trial}`` with its result, of our own ``cells``, or of the only
        variable (also in a struct) that is an array of 2 to 4 dimensions or cells of such.

    Raises
    ------
    DataError
        When there is none, or several without a telling name; the sentence names them.
    """
    variables = mat5.read(path)
    raw = variables.get("raw")
    if raw is not None and _objects(raw) and ("nRegions" in variables or "result" in variables):
        result = {name: variables[name] for name in ("result", "sep", "mixmat") if _objects(variables.get(name))}
        if _objects(variables.get("info")):
            result["info"] = _unwrapped(variables["info"])
        return fissa.recording(path, raw, result, shown(path), [])
    ours = variables.get("cells")
    if ours is not None and _objects(ours) and ours.size and all(_is_ours(each) for each in ours.flat):
        # MATLAB gives every element all fields; what a cell does not have is empty.
        rows = {_number(each, k): _filled(each) for k, each in enumerate(ours.flat, 1)}
        return stored.recording(path, rows, variables.get("frame_rate"), [])
    return _plain(path, variables, options)


def _objects(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def _is_ours(value: object) -> bool:
    return isinstance(value, dict) and "raw" in value


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if isinstance(value, str) or np.size(value)}


def _number(row: dict[str, Any], otherwise: int) -> int:
    value = np.asarray(row.get("number", otherwise)).ravel()
    return int(value[0]) if value.size == 1 and value.dtype.kind in "iuf" and np.isfinite(value[0]) else otherwise


def _unwrapped(info: "NDArray[Any]") -> "NDArray[Any]":
    """Return FISSA's ``info`` with each 1 x 1 struct as its dict."""
    flat = np.empty(info.size, object)
    for index, each in enumerate(info.flat):
        flat[index] = each.ravel()[0] if _objects(each) and each.size == 1 else {}
    return flat.reshape(info.shape)


def _plain(path: Path, variables: dict[str, Any], options: Options) -> Recording:
    named = dict(variables)
    for name, value in variables.items():
        if _objects(value) and value.size == 1 and isinstance(value.flat[0], dict):
            named |= {f"{name}.{field}": inner for field, inner in value.flat[0].items()}
    candidates = {name: value for name, value in named.items() if _array(value) or _trials(value)}
    known = [name for best in _KNOWN for name in candidates if name.rpartition(".")[2] == best]
    if not candidates:
        raise bad(
            path, f"no array of 2 to 4 dimensions among {listed(list(named)) or 'no variables'}; traces were expected."
        )
    if len(candidates) > 1 and not known:
        raise bad(
            path, f"several variables could be the traces ({listed(list(candidates))}); one named raw was expected."
        )
    name = known[0] if known else next(iter(candidates))
    said = (f"{name} was taken for the traces, of {listed(list(candidates))}.",) if len(candidates) > 1 else ()
    value = candidates[name]
    if _array(value):
        load = (lambda index: value[index]) if value.ndim > 2 else lambda _index: value
        recording = from_array(path, value.shape, load, options)
        warnings, turned, cells = recording.warnings, recording.rows_are_frames, recording.cells
    else:
        cells, turned = CellsInMemory(_cells(value)), None
        warnings = (_reading(name, value),)
    return Recording(shown(path), str(path), None, cells, "MATLAB", (*said, *warnings), rows_are_frames=turned)


def _array(value: object) -> bool:
    """Whether it can be traces: real numbers in 2 to 4 dimensions, more than a vector."""
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind in "fiub"
        and value.ndim in (2, 3, 4)
        and min(value.shape[-2:]) > 0
        and max(value.shape[-2:]) > 1
    )


def _trials(value: Any) -> bool:
    """Whether it is a cell array of matrices that have equal numbers of rows in each of its rows."""
    if not _objects(value) or value.ndim != 2 or not value.size:
        return False
    if not all(isinstance(each, np.ndarray) and _array(each) and each.ndim == 2 for each in value.flat):
        return False
    rows = value.reshape(1, -1) if 1 in value.shape else value
    return all(len({len(each) for each in row}) == 1 for row in rows)


def _cells(value: "NDArray[Any]") -> list[Cell]:
    rows = value.reshape(1, -1) if 1 in value.shape else value
    cells = []
    for index, row in enumerate(rows):
        starts = tuple(np.cumsum([0, *(each.shape[1] for each in row[:-1])]).tolist())
        traces = np.concatenate([each.astype(np.float64) for each in row], axis=1)
        cells.append(Cell(f"cell {index + 1}", traces, default_signal_names(len(traces)), starts, source_index=index))
    return cells


def _reading(name: str, value: "NDArray[Any]") -> str:
    """Say how a cell array was read."""
    if 1 in value.shape:
        return (
            f"{name} holds {value.size} matrices, read as {value.size} trials of one cell with {len(value.flat[0])} "
            "signals: row 1 as its ROI, the others as the regions around it. If the rows are ROIs of their own, "
            "they will be separated from each other."
        )
    return f"{name} was read as {value.shape[0]} cells (its rows) with {value.shape[1]} trials each (its columns)."
