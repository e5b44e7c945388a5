"""suite2p's plane folders: each cell is its trace F and its neuropil Fneu, read when asked for."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellHeader, Recording
from neuropil_gui.formats.arrays import own
from neuropil_gui.formats.files import CellsOnDemand, Options, bad, check_path, listed, told
from neuropil_gui.formats.npy import NpyFile, open_numbers
from neuropil_gui.formats.pickles import load_npy_objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What suite2p writes into a plane folder; any of them stands for the folder.
FILES = (
    *("F", "Fneu", "spks", "iscell", "stat", "ops", "redcell", "F_chan2", "Fneu_chan2", "zcorr"),
    *("db", "settings", "reg_outputs", "detect_outputs"),
)
_NAMES = {f"{name}.npy" for name in FILES} | {"Fall.mat", "data.bin"}
_MARKS = ("Fneu.npy", "iscell.npy", "stat.npy", "ops.npy")
#: Sampling rates in Hz that many leave in without meaning them.
_DEFAULTS = (1.0, 10.0)


def sniff(path: Path, _head: bytes) -> bool:
    """Whether it is a folder, or one of suite2p's files among others of them."""
    if path.is_dir():
        return True
    others = [name for name in ("F.npy", *_MARKS) if name != path.name]
    return path.name in _NAMES and any((path.parent / name).is_file() for name in others)


def read(path: Path, options: Options) -> Recording:
    """Read a plane folder, a folder with one plane in it, or any file of a plane folder.

    Parameters
    ----------
    path : Path
    options : Options
        A given frame rate is taken, and suite2p's own is not looked at.

    Returns
    -------
    Recording
        Cells are those that ``iscell.npy`` marks; `source_index` is the row in ``F.npy``.

    Raises
    ------
    DataError
        When there is no plane, or several; when files are missing or do not fit each other.
    """
    plane = _plane(path if path.is_dir() else path.parent)
    missing = [name for name in ("F.npy", "Fneu.npy") if not (plane / name).is_file()]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise bad(plane, f"{' and '.join(missing)} {verb} missing; a suite2p plane folder holds F.npy and Fneu.npy.")
    for name in ("F.npy", "Fneu.npy"):
        check_path(plane / name)
    signals = [open_numbers(plane / name, (2,), "ROIs x frames") for name in ("F.npy", "Fneu.npy")]
    shapes = [signal.header.shape for signal in signals]
    if shapes[0] != shapes[1]:
        raise bad(plane, f"F.npy has shape {shapes[0]}, but Fneu.npy {shapes[1]}; they must be equal.")
    warnings: list[str] = []
    rows = _rows(plane, shapes[0][0], warnings)
    if plane.name == "combined":
        warnings.append("A combined folder pads planes that have fewer frames with zeros at the end.")
    rate = options.frame_rate if options.frame_rate is not None else _frame_rate(plane, warnings)
    frames = shapes[0][1]

    def load(index: int) -> Cell:
        row = int(rows[index])
        traces = _pair(signals, row)
        return Cell(f"ROI {row}", traces, ("ROI", "neuropil"), source_index=row)

    headers = [CellHeader(f"ROI {row}", 2, frames, 1, int(row)) for row in rows]
    # Each cell is read from disk, so what counts is what the cells take as float64.
    name = "/".join(plane.absolute().parts[-2:])
    return Recording(name, str(plane), rate, CellsOnDemand(headers, load), "suite2p", tuple(warnings))


def holds_plane(folder: Path) -> bool:
    """Whether there is a file of a plane, or a folder with some, in `folder`."""
    with told(folder):
        places = [folder, folder / "suite2p", *(child for child in folder.iterdir() if child.is_dir())]
        return any((place / name).is_file() for place in places for name in ("F.npy", *_MARKS))


def _pair(signals: list[NpyFile], row: int) -> "NDArray[np.float64]":
    return own(np.stack([signal.row(row) for signal in signals]))


def _plane(folder: Path) -> Path:
    """Find the one plane folder at or below `folder`."""
    with told(folder):
        if any((folder / name).is_file() for name in ("F.npy", *_MARKS)):
            return folder
        below = sorted(child for child in folder.iterdir() if child.is_dir())
        planes = [child for child in below if any((child / name).is_file() for name in ("F.npy", *_MARKS))]
        if len(planes) > 1:  # where there is more than its planes, the sum of them is not one
            planes = [child for child in planes if child.name != "combined"]
        saved = folder / "suite2p"
        if not planes and saved.is_dir():
            return _plane(saved)
    if not planes:
        raise bad(folder, "no suite2p plane was found in this folder; one with F.npy and Fneu.npy was expected.")
    if len(planes) > 1:
        raise bad(folder, f"it holds several planes ({listed([p.name for p in planes])}); open one of them.")
    return planes[0]


def _rows(plane: Path, count: int, warnings: list[str]) -> "NDArray[np.intp]":
    """Return the rows of F.npy that are cells."""
    path = plane / "iscell.npy"
    if not path.is_file():
        warnings.append(f"iscell.npy is missing: all {count} ROIs are shown.")
        return np.arange(count)
    check_path(path)
    found: NDArray[Any] = open_numbers(path, (1, 2), "one row for each ROI").read()
    marks = found if found.ndim == 1 else found[:, 0]
    if len(marks) != count:
        raise bad(plane, f"iscell.npy has {len(marks)} rows, but F.npy {count}; they must be equal.")
    rows = np.flatnonzero(marks > 0)
    if not len(rows):
        raise bad(plane, f"iscell.npy marks none of its {count} ROIs as a cell.")
    return rows


def _frame_rate(plane: Path, warnings: list[str]) -> float | None:
    """Return ``fs`` in Hz from ops.npy (suite2p 0.x) or settings.npy (1.x)."""
    for name in ("ops.npy", "settings.npy"):
        path = plane / name
        if not path.is_file():
            continue
        try:
            check_path(path)
            ops = load_npy_objects(path)
        except DataError as error:  # the traces are good all the same
            warnings.append(f"The frame rate is unknown: {error}")
            continue
        fs = ops.get("fs") if isinstance(ops, dict) else None
        if not isinstance(fs, (int, float, np.number)) or isinstance(fs, (complex, np.complexfloating)):
            continue
        rate = float(fs)
        if not (math.isfinite(rate) and rate > 0):
            warnings.append(f"{name} says {rate:g} Hz, which is no frame rate; set the frame rate.")
            continue
        if rate in _DEFAULTS:
            warnings.append(
                f"{name} says {rate:g} Hz, which is often a default left in; set the frame rate if it is not true."
            )
        return rate
    return None
