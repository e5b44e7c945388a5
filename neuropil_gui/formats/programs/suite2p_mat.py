"""Reader of suite2p's ``Fall.mat``: the contents of a plane folder at the end of the run."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.child import h5_lookup, h5file, mat5, process
from neuropil_gui.formats.paths import WHOLE_BYTES, CellsOnDemand, Identity, Options, Slices, data_error, printable_name
from neuropil_gui.formats.plain.arrays import read_only, step_for
from neuropil_gui.formats.plain.store import Variable
from neuropil_gui.formats.programs.matlab_file import MatlabFile
from neuropil_gui.formats.programs.suite2p import rate_questions
from neuropil_gui.formats.programs.suite2p_plane import SIGNALS, Plane, frame_rate, judged, unpadded, warn_of_padding
from neuropil_gui.formats.questions import Inquiry, Preview

#: Stands for a variable that is missing or is no array of numbers.
_NONE = Variable("", (0, 0), "float64")
_TAKEN = ("F", "Fneu", "iscell", "redcell")


class _ArrayRows:
    """An array in memory with the method `row` of a file."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self._values = values

    def row(self, index: int) -> np.ndarray[Any, Any]:
        return np.asarray(self._values[index])


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is a MATLAB file with suite2p's F and Fneu.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    if head[126:128] in (b"IM", b"MI") and not head.startswith(b"MATLAB 7.3"):
        return {"F", "Fneu"} <= _names(Identity.of(path))
    # Version 7.3 is HDF5, whose variables need the child to be read: its name decides.
    return head.startswith(b"MATLAB 7.3") and path.name.lower() == "fall.mat"


@lru_cache(maxsize=8)
def _names(identity: Identity) -> frozenset[str]:
    try:
        return frozenset(process.call(mat5.names, identity.path, bytes_needed=mat5.memory_needed(identity.path)))
    except DataError:  # the general reader says what is wrong with it
        return frozenset()


def read(path: Path, options: Options) -> Recording:
    """Read a ``Fall.mat``, as suite2p writes it (version 5), or saved anew by MATLAB (7.3).

    Parameters
    ----------
    path : Path
    options : Options

    Returns
    -------
    Recording

    Raises
    ------
    DataError
        When F or Fneu is missing, or they do not fit each other.
    """
    found = process.call(variables, path, bytes_needed=max(WHOLE_BYTES, 4 * path.stat().st_size))
    signals: list[np.ndarray[Any, Any]] = [found[name] if name in found else np.zeros(0) for name in ("F", "Fneu")]
    _check(path, *(each.shape for each in signals))
    warnings = ["Fall.mat keeps the choice of cells as it was when suite2p ran; the plane folder has later changes."]
    count, frames = signals[0].shape
    # suite2p writes empty arrays for what there is not.
    marks = {name: found[name] if np.size(found.get(name, ())) else None for name in ("iscell", "redcell")}
    rows, facts = judged(path, count, marks, warnings)
    lengths = np.full(count, frames)
    ends = np.flatnonzero((signals[0][:, -1] == 0) & (signals[1][:, -1] == 0))
    lengths[ends] = [unpadded(np.stack([each[row] for each in signals])) for row in ends]
    warn_of_padding(printable_name(path), lengths[rows], frames, warnings)
    rate = options.frame_rate
    if rate is None:
        rate = frame_rate(found.get("fs"), "ops", warnings)
    plane = Plane(printable_name(path), (_ArrayRows(signals[0]), _ArrayRows(signals[1])), rows, lengths, facts, rate)
    headers = plane.headers(False)
    cells = CellsOnDemand(headers, lambda index: plane.cell(headers[index]))
    return Recording(printable_name(path), str(path), rate, cells, "suite2p Fall.mat", tuple(warnings))


def _check(path: Path, cell: tuple[int, ...], neuropil: tuple[int, ...]) -> None:
    if any(len(each) != 2 or 0 in each for each in (cell, neuropil)):
        raise data_error(path, "suite2p's F and Fneu were expected in it, as ROIs x frames.")
    if cell != neuropil:
        raise data_error(path, f"F has shape {cell}, but Fneu {neuropil}; they must be equal.")


def inquire(path: Path) -> Inquiry:
    """Return the questions about a file: a frame rate that may be a default.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        As `read` does, as far as that shows without reading the signals.
    """
    # What lies there for each ROI (stat) is a struct for each, which takes long.
    file = MatlabFile.open(path, (*_TAKEN, "ops"))
    found = file.store.variables
    _check(path, *(found[name].shape if name in found else () for name in ("F", "Fneu")))
    marks = {name: file.part(name, None) if found.get(name, _NONE).nbytes else None for name in ("iscell", "redcell")}
    count = found["F"].shape[0]
    rows, _ = judged(path, count, marks, [])
    fs = file.part("ops.fs", None).ravel() if 0 < found.get("ops.fs", _NONE).nbytes <= 8 else np.zeros(0)
    rate = frame_rate(fs[0], "ops", []) if fs.size else None

    def preview(options: Options) -> Preview:
        row: Slices = [int(rows[0]), (None, None, None)]
        pair = np.stack([file.part(name, row) for name in ("F", "Fneu")])
        used = unpadded(pair)
        step = step_for(used)
        known = options.frame_rate if options.frame_rate is not None else rate
        return Preview(read_only(pair[:, :used:step]), SIGNALS, used, len(rows), known, step)

    return Inquiry("suite2p Fall.mat", tuple(rate_questions(rate)), preview, "suite2p mat")


def variables(path: Path) -> dict[str, Any]:
    """Return ``F``, ``Fneu``, ``iscell``, ``redcell`` and ``fs``, as far as they are there; for the child process.

    Parameters
    ----------
    path : Path
    """
    with open(path, "rb") as stream:
        old = not stream.read(10).startswith(b"MATLAB 7.3")
    if old:
        found = mat5.values(path, (*_TAKEN, "ops"))
        ops = found.get("ops")
        inner = ops.flat[0] if isinstance(ops, np.ndarray) and ops.dtype.kind == "O" and ops.size else None
        fs = inner.get("fs") if isinstance(inner, dict) else None
        taken = {name: found.get(name) for name in _TAKEN}
    else:
        with h5file.opened(path) as file:
            arrays = {name: h5_lookup.numbers(file, name) for name in _TAKEN}
            fs = h5_lookup.numbers(file, "ops/fs", 2**10)
            # MATLAB stores the shape of an empty array in its place, and marks it; axes are in reversed order.
            empty = {name for name in arrays if (each := h5_lookup.step(file, name)) and "MATLAB_empty" in each.attrs}
        taken = {name: value.T for name, value in arrays.items() if value is not None and name not in empty}
    kept = {
        name: value for name, value in taken.items() if isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
    }
    rate = np.ravel(fs) if isinstance(fs, np.ndarray) and fs.dtype.kind in "fiu" else np.zeros(0)
    if "F" not in kept:
        raise DataError(f"{printable_name(path)}: suite2p's F was expected in it.")
    return {**kept, "fs": float(rate[0]) if rate.size else None}
