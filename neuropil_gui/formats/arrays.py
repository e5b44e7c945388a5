"""Plain NumPy arrays: ``.npy``, and ``.npz`` without objects."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.core.recording import (
    Cell,
    CellHeader,
    CellsInMemory,
    Recording,
    StoredResult,
    default_signal_names,
)
from neuropil_gui.formats import archive, npy
from neuropil_gui.formats.archive import Archive
from neuropil_gui.formats.files import CellsOnDemand, Options, bad, listed, shown
from neuropil_gui.formats.npy import Header, open_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAYOUTS = "signals x frames, cells x signals x frames or cells x trials x signals x frames"


def orient(rows: int, columns: int, asked: bool | None) -> tuple[bool, tuple[str, ...]]:
    """Decide whether the rows of an array are frames.

    Recordings have few signals and many frames, so the shorter side is the signals; where
    neither side is twice the other, rows are signals, and that is said.

    Parameters
    ----------
    rows, columns : int
    asked : bool or None
        What the user said; None decides.

    Returns
    -------
    rows_are_frames : bool
    warnings : tuple of str
    """
    if asked is not None:
        return asked, ()
    if rows >= 2 * columns:
        return True, (
            f"{rows} rows and {columns} columns: the rows were read as frames, which gives {columns} signals "
            f"of {rows} frames.",
        )
    if columns >= 2 * rows:
        return False, ()
    return False, (
        f"{rows} rows and {columns} columns: which are the signals is in doubt, read as {rows} signals of "
        f"{columns} frames. Transpose (--transpose) reads them as {columns} signals of {rows} frames.",
    )


def from_array(
    path: Path, shape: tuple[int, ...], load: Callable[[int], "NDArray[Any]"], options: Options
) -> Recording:
    """Make a recording of an array in one of the plain layouts.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        (signals, frames), (cells, signals, frames) or (cells, trials, signals, frames).
    load : callable
        Takes a cell's index, returns its part of the array.
    options : Options

    Raises
    ------
    DataError
        For any other shape, or an empty array.
    """
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise bad(path, f"an array of shape {shape} was found, but {LAYOUTS} was expected.")
    turned, warnings = orient(shape[-2], shape[-1], options.rows_are_frames)
    signals, frames = (shape[-1], shape[-2]) if turned else (shape[-2], shape[-1])
    count = 1 if len(shape) == 2 else shape[0]
    trials = shape[1] if len(shape) == 4 else 1

    def cell(index: int) -> Cell:
        values = load(index)
        if turned:
            values = values.swapaxes(-1, -2)
        if trials > 1 or len(shape) == 4:
            values = np.concatenate(list(values), axis=1)
        starts = tuple(range(0, frames * trials, frames))
        return Cell(f"cell {index + 1}", own(values), default_signal_names(signals), starts, source_index=index)

    headers = [CellHeader(f"cell {k + 1}", signals, frames * trials, trials, k) for k in range(count)]
    return Recording(
        shown(path), str(path), None, CellsOnDemand(headers, cell), "NumPy array", warnings, rows_are_frames=turned
    )


def own(values: "NDArray[Any]") -> "NDArray[np.float64]":
    """Return fresh values as read-only float64, so that a Cell takes them without another copy."""
    with np.errstate(all="ignore"):  # a signalling NaN or a long double beyond float64 needs no warning on stderr
        array = np.ascontiguousarray(values, np.float64)
    array.flags.writeable = False
    return array


def read_npy(path: Path, options: Options) -> Recording:
    """Read a ``.npy`` file of 2 to 4 dimensions.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When it is not such an array, or is cut short.
    """
    file = open_numbers(path, (2, 3, 4), LAYOUTS)
    load = file.row if len(file.header.shape) > 2 else lambda _index: file.read()
    return from_array(path, file.header.shape, load, options)


def read_npz(path: Path, options: Options) -> Recording:
    """Read a ``.npz`` file: its array ``raw``, or its only one of numbers in 2 to 4 dimensions.

    Where FISSA's other arrays (``result``, ``sep``, ``mixmat``) go with ``raw``, they are kept as the stored result.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When there is no such array, or several; the sentence names what is there.
    """
    with Archive(path) as arrays:
        if not arrays.names:
            raise bad(path, "the archive is empty.")
        headers = arrays.headers()
        found = [k for k, h in headers.items() if h.numeric and 2 <= len(h.shape) <= 4 and h.count]
        name = "raw" if "raw" in headers else found[0] if len(found) == 1 else None
        if name is None:
            what = "several arrays that could be the signals" if found else "no array of 2 to 4 dimensions"
            raise bad(path, f"{what} among {listed(list(arrays.names))}; one named raw was expected.")
        if not headers[name].numeric:
            raise bad(path, f"raw holds {headers[name].words}, but real numbers were expected.")
        values = arrays.array(name)
        load = (lambda index: values[index]) if values.ndim > 2 else lambda _index: values
        recording = from_array(path, values.shape, load, options)
        if name == "raw" and values.ndim == 4 and not recording.rows_are_frames:
            recording = _with_stored(recording, arrays, headers)
    return recording


def _with_stored(recording: Recording, arrays: Archive, headers: dict[str, Header]) -> Recording:
    """Attach FISSA's result, as (cells, trials, n, frames) without objects, where it fits."""
    shapes = {name: header.shape for name, header in headers.items() if header.numeric}
    raw, result = shapes["raw"], shapes.get("result", ())
    if len(result) != 4 or (result[:2], result[3]) != (raw[:2], raw[3]):
        return recording
    count, n = raw[0], result[2]
    fits: dict[str, tuple[int, ...]] = {"result": result, "sep": result, "mixmat": (count, raw[2], n)}
    fits |= {"iterations": (count,), "converged": (count,)}
    kept = {name: arrays.array(name) for name, shape in fits.items() if shapes.get(name) == shape}

    def stored(index: int) -> StoredResult:
        parts = {name: values[index] for name, values in kept.items()}
        return StoredResult(
            f"result in {recording.name}",
            own(np.concatenate(list(parts["result"]), axis=1)),
            own(np.concatenate(list(parts["sep"]), axis=1)) if "sep" in parts else None,
            parts.get("mixmat"),
            int(parts["iterations"]) if "iterations" in parts else None,
            bool(parts["converged"]) if "converged" in parts else None,
        )

    full = [replace(cell, stored=stored(index)) for index, cell in enumerate(recording.cells)]
    return replace(recording, cells=CellsInMemory(full))


def sniff_npy(_path: Path, head: bytes) -> bool:
    """Whether it starts as a NumPy array."""
    return head.startswith(npy.MAGIC)


def sniff_npz(_path: Path, head: bytes) -> bool:
    """Whether it starts as a zip archive."""
    return head.startswith(archive.MAGIC)
