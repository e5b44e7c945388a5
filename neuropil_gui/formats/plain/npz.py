"""Reader of NumPy archives without objects: signals among their arrays, with FISSA's result."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import CellsInMemory, Recording, StoredResult
from neuropil_gui.formats.paths import Options, Slices, data_error, join_names
from neuropil_gui.formats.plain import archive, choice, preview
from neuropil_gui.formats.plain.archive import Archive
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.npy import NpyHeader
from neuropil_gui.formats.plain.store import Store, Variable, index
from neuropil_gui.formats.plain.trials import TrialList, are_trials, inquire_trials, shapes_of
from neuropil_gui.formats.questions import Inquiry


def sniff(_path: Path, head: bytes) -> bool:
    """Return whether the path starts as a zip archive.

    Parameters
    ----------
    _path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return head.startswith(archive.MAGIC)


def read(path: Path, options: Options) -> Recording:
    """Read a ``.npz`` file: the array that is asked for, `raw`, or the best guess among those of numbers.

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
        headers = _headers(path, arrays)
        store = _store(path, arrays, headers, arrays.array)
        if trials := _trials(path, arrays, headers, store, options):
            return trials.recording(options, "NumPy array")
        recording = choice.recording(store, options)
        picked = choice.pick(store, options).name
        if picked == "raw" and len(headers["raw"].shape) == 4 and not recording.rows_are_frames:
            recording = _with_stored(recording, arrays, headers)
    return recording


def inquire(path: Path) -> Inquiry:
    """Return the questions about a ``.npz`` file; see `preview.inquiry`.

    Parameters
    ----------
    path : Path
    """
    held: dict[str, NDArray[Any]] = {}

    def array(name: str) -> NDArray[Any]:
        # A zip member is unpacked from its start, so it is kept for the next look.
        if name not in held:
            with Archive(path) as arrays:
                while len(held) > 2:
                    del held[next(iter(held))]
                held[name] = arrays.array(name)
        return held[name]

    with Archive(path) as arrays:
        headers = _headers(path, arrays)
        store = _store(path, arrays, headers, array)
        trials = _trials(path, arrays, headers, store, Options())
        return inquire_trials(trials, "NumPy array") if trials else preview.inquiry(store)


def _trials(
    path: Path, arrays: Archive, headers: dict[str, NpyHeader], store: Store, options: Options
) -> TrialList | None:
    """Return the list of trials that is asked for, or the only one where no array of numbers could be traces."""
    lists = [name for name, header in headers.items() if header.dtype.kind == "O" and len(header.shape) in (1, 2)]
    if options.dataset is not None:
        lists = [name for name in lists if name == options.dataset]
    elif store.candidates:
        return None
    for name in lists:
        values = arrays.array(name)
        if are_trials(values.shape, shapes_of(values)):
            return TrialList(path, name, values)
    return None


def _headers(path: Path, arrays: Archive) -> dict[str, NpyHeader]:
    if not arrays.names:
        raise data_error(path, "the archive is empty.")
    headers = arrays.headers()
    if "raw" in headers and not headers["raw"].numeric:
        raise data_error(path, f"raw holds {headers['raw'].words}, but real numbers were expected.")
    return headers


def _store(path: Path, arrays: Archive, headers: dict[str, NpyHeader], array: Callable[[str], NDArray[Any]]) -> Store:
    numeric = {}
    for name, header in headers.items():
        if header.numeric:
            cut = header.size + header.nbytes > arrays.names[name].file_size
            obstacle = f"is cut short: shape {header.shape} needs more bytes" if cut else arrays.obstacle(name)
            numeric[name] = Variable(name, header.shape, str(header.dtype), obstacle)

    def read(name: str, part: Slices | None) -> NDArray[Any]:
        values = array(name)
        return values if part is None else values[index(part)]

    others = tuple(join_names([name]) for name in headers if name not in numeric)
    return Store(path, "NumPy array", numeric, read, others=others, seekable=False)


def _with_stored(recording: Recording, arrays: Archive, headers: dict[str, NpyHeader]) -> Recording:
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
            read_only(np.concatenate(list(parts["result"]), axis=1)),
            read_only(np.concatenate(list(parts["sep"]), axis=1)) if "sep" in parts else None,
            parts.get("mixmat"),
            int(parts["iterations"]) if "iterations" in parts else None,
            bool(parts["converged"]) if "converged" in parts else None,
        )

    full = [replace(cell, stored=stored(index)) for index, cell in enumerate(recording.cells)]
    return replace(recording, cells=CellsInMemory(full))
