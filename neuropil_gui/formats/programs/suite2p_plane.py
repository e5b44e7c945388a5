"""Plane folder of suite2p: its signals, the rows that are cells, their lengths and facts, the frame rate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import RATES, is_frame_rate
from neuropil_gui.core.recording import Cell, CellHeader
from neuropil_gui.formats.paths import check_count, check_path, data_error, os_errors_as_data_errors
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.npy import NpyFile, open_numbers, read_npy_objects
from neuropil_gui.formats.plain.rows import BRING_NEUROPIL

#: Sampling rates in Hz that are often left in by default: suite2p's own default, and a round one.
DEFAULTS = (1.0, 10.0)
SIGNALS = ("ROI", "neuropil")


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane whose signals are on disk or in memory.

    Attributes
    ----------
    name : str
    signals : tuple
        F and Fneu, or F alone, each with ``row(index)``.
    rows : ndarray of int
        The rows that are cells.
    lengths : ndarray of int
        Frames of each row of F, without zeros that were put behind them.
    facts : tuple of dict
        What is known of each row, by the names of the table's columns.
    rate : float or None
        In Hz.
    """

    name: str
    signals: tuple[Any, ...]
    rows: NDArray[np.intp]
    lengths: NDArray[np.intp]
    facts: tuple[dict[str, float | str | bool], ...]
    rate: float | None

    def headers(self, named: bool) -> list[CellHeader]:
        """Return the headers of the cells.

        Parameters
        ----------
        named : bool
            Whether names and facts include the plane.

        Returns
        -------
        list of CellHeader
        """
        plane = {"plane": self.name} if named else {}
        return [
            CellHeader(
                f"{self.name} ROI {row}" if named else f"ROI {row}",
                *(len(self.signals), int(self.lengths[row]), 1, int(row), tuple((plane | self.facts[row]).items())),
            )
            for row in self.rows
        ]

    def cell(self, header: CellHeader) -> Cell:
        """Read the cell of `header`."""
        row = header.source_index
        assert row is not None
        traces = read_only(np.stack([signal.row(row)[: header.frames] for signal in self.signals]))
        return Cell(header.name, traces, SIGNALS[: len(traces)], source_index=row)


def open_plane(folder: Path, rate: float | None, warnings: list[str], channel: str = "", alone: bool = False) -> Plane:
    """Open a plane folder without reading its traces.

    Parameters
    ----------
    folder : Path
    rate : float or None
        In Hz; None takes suite2p's own.
    warnings : list of str
        What is doubtful is added.
    channel : str, optional
        Ending of the names of another channel's files, e.g. "_chan2".
    alone : bool, optional
        Whether F without Fneu is enough.

    Raises
    ------
    DataError
        When files are missing or do not fit each other.
    """
    names = [f"F{channel}.npy", f"Fneu{channel}.npy"]
    missing = [name for name in names if not (folder / name).is_file()]
    if alone and missing == names[1:]:
        del names[1:]
        warnings.append(f"{missing[0]} is missing. {BRING_NEUROPIL}")
    elif missing:
        verb = "is" if len(missing) == 1 else "are"
        raise data_error(
            folder, f"{' and '.join(missing)} {verb} missing; a suite2p plane folder holds {' and '.join(names)}."
        )
    for name in names:
        check_path(folder / name)
    signals = [open_numbers(folder / name, (2,), "ROIs x frames") for name in names]
    shapes = [signal.header.shape for signal in signals]
    if shapes[0] != shapes[-1]:
        raise data_error(folder, f"{names[0]} has shape {shapes[0]}, but {names[1]} {shapes[1]}; they must be equal.")
    count, frames = shapes[0]
    marks = {name: _table(folder, name, warnings) for name in ("iscell", "redcell")}
    lengths = np.full(count, frames)
    if folder.name == "combined":  # single planes are not padded, so they need no look at their ends
        ends = np.flatnonzero(~np.any([_last(signal) for signal in signals], axis=0))
        lengths[ends] = [unpadded(np.stack([signal.row(int(row)) for signal in signals])) for row in ends]
    rows, facts = judged(folder, count, marks, warnings)
    warn_of_padding(folder.name, lengths[rows], frames, warnings)
    known = rate if rate is not None else _frame_rate(folder, warnings)
    return Plane(folder.name, tuple(signals), rows, lengths, facts, known)


def judged(
    what: Path, count: int, marks: dict[str, NDArray[Any] | None], warnings: list[str]
) -> tuple[NDArray[np.intp], tuple[dict[str, float | str | bool], ...]]:
    """Return the rows that are cells, and what ``iscell`` and ``redcell`` say of each row.

    Parameters
    ----------
    what : Path
        For messages.
    count : int
        Rows of F.
    marks : dict
        ``iscell`` and ``redcell``, shape (count,) or (count, 2) with a probability; None where they are not there.
    warnings : list of str

    Raises
    ------
    DataError
        When ``iscell`` has another number of rows, or marks none.
    """
    check_count(what, count)
    facts: list[dict[str, float | str | bool]] = [{} for _ in range(count)]
    red = marks["redcell"]
    if red is not None and len(red) != count:
        warnings.append(f"redcell has {len(red)} rows, but F {count}; it was left out.")
        red = None
    iscell = marks["iscell"]
    if iscell is None:
        warnings.append(f"iscell.npy is missing: all {count} ROIs are shown.")
    elif len(iscell) != count:
        raise data_error(what, f"iscell.npy has {len(iscell)} rows, but F.npy {count}; they must be equal.")
    for row, known in enumerate(facts):
        if iscell is not None and iscell.ndim == 2 and iscell.shape[1] > 1:
            known["probability"] = float(iscell[row, 1])
        if red is not None:
            known["red"] = bool(np.ravel(red[row])[0] > 0)
    if iscell is None:
        return np.arange(count), tuple(facts)
    rows = np.flatnonzero((iscell if iscell.ndim == 1 else iscell[:, 0]) > 0)
    if not len(rows):
        raise data_error(what, f"iscell.npy marks none of its {count} ROIs as a cell.")
    return rows, tuple(facts)


def unpadded(pair: NDArray[Any]) -> int:
    """Return how many frames are left without zeros at the end of both signals; all of them where nothing else is.

    Parameters
    ----------
    pair : ndarray, shape (signals, frames)
    """
    used = np.flatnonzero(pair.any(axis=0))
    return int(used[-1]) + 1 if len(used) else pair.shape[1]


def warn_of_padding(name: str, lengths: NDArray[np.intp], frames: int, warnings: list[str]) -> None:
    """Add a warning where cells lost zeros at their end.

    Parameters
    ----------
    name : str
    lengths : ndarray of int
        Frames of each cell without the zeros.
    frames : int
        Of the file's traces.
    warnings : list of str
        What is doubtful is added.
    """
    cut = lengths[lengths < frames]
    if len(cut):
        warnings.append(
            f"{name}: {len(cut)} of {len(lengths)} cells had up to {frames - int(cut.min())} zeros at their end, which "
            "suite2p adds to planes that have fewer frames; they were left out."
        )


def frame_rate(value: object, name: str, warnings: list[str]) -> float | None:
    """Return ``fs`` in Hz if it is a frame rate; add a warning where it is none or may be a default.

    Parameters
    ----------
    value : object
        What the file holds as ``fs``.
    name : str
        Of the file, for warnings.
    warnings : list of str
        What is doubtful is added.
    """
    if isinstance(value, np.number):
        value = value.item()
    if not isinstance(value, int | float):
        return None
    if not is_frame_rate(value):
        warnings.append(f"{name} says {value!s:.20} Hz, which is no frame rate {RATES} Hz; set the frame rate.")
        return None
    rate = float(value)
    if rate in DEFAULTS:
        warnings.append(
            f"{name} says {rate:g} Hz, which is often a default left in; set the frame rate if it is not true."
        )
    return rate


def _frame_rate(folder: Path, warnings: list[str]) -> float | None:
    """Return ``fs`` in Hz from ops.npy (suite2p 0.x), or settings.npy or db.npy (1.x)."""
    for name in ("ops.npy", "settings.npy", "db.npy"):
        path = folder / name
        if not path.is_file():
            continue
        try:
            check_path(path)
            ops = read_npy_objects(path)
        except DataError as error:  # the traces are good all the same
            warnings.append(f"The frame rate is unknown: {error}")
            continue
        rate = frame_rate(ops.get("fs") if isinstance(ops, dict) else None, name, warnings)
        if rate is not None:
            return rate
    return None


def _table(folder: Path, name: str, warnings: list[str]) -> NDArray[Any] | None:
    path = folder / f"{name}.npy"
    if not path.is_file():
        return None
    try:
        check_path(path)
        return open_numbers(path, (1, 2), "one row for each ROI").read()
    except DataError as error:
        if name == "iscell":
            raise
        warnings.append(f"What it says of red cells was left out: {error}")
        return None


def _last(signal: NpyFile) -> NDArray[Any]:
    """Return the last frame of each row, reading no more than that."""
    rows, frames = signal.header.shape
    width = signal.header.dtype.itemsize
    signal.identity.check()
    with os_errors_as_data_errors(signal.path), open(signal.path, "rb") as stream:
        if signal.header.fortran:
            stream.seek(signal.header.size + (frames - 1) * rows * width)
            data = stream.read(rows * width)
        else:
            parts = []
            for row in range(1, rows + 1):
                stream.seek(signal.header.size + (row * frames - 1) * width)
                parts.append(stream.read(width))
            data = b"".join(parts)
    if len(data) < rows * width:
        raise data_error(signal.path, "the file is cut short.")
    return np.frombuffer(data, signal.header.dtype)
