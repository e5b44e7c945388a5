"""Reader of FISSA's files: ``prepared.npz``, ``separated.npz`` beside it, and ``separated.mat``."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, StoredResult, default_signal_names
from neuropil_gui.formats.paths import MOST_BYTES, Options, check_path, data_error, printable_name
from neuropil_gui.formats.plain.archive import MAGIC, Archive

_RESULT = ("result", "sep", "mixmat", "info")
_SIZES = ("signals", "n", "frames")  # where `fissa_out` has filled up with NaN


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is FISSA's output folder, or an archive with its names: traces, or results without raw.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    if path.is_dir():
        return (path / "prepared.npz").is_file()
    if not head.startswith(MAGIC):
        return False
    try:
        with Archive(path) as arrays:
            if "raw" in arrays.names:
                return arrays.header("raw").dtype.kind == "O" or set(_SIZES) <= set(arrays.names)
            return {"result", "sep", "mixmat"} <= set(arrays.names)
    except DataError:  # the plain reader says what is wrong with it
        return False


def read(path: Path, _options: Options) -> Recording:
    """Read ``prepared.npz``, with the result of a ``separated.npz`` beside it, or the other way round.

    Parameters
    ----------
    path : Path
        One of them, or the folder that holds them.

    Returns
    -------
    Recording
        Trials are joined; FISSA stores no frame rate.

    Raises
    ------
    DataError
        When the raw traces are not there, or not ``raw[cell, trial]`` of (signals, frames).
    """
    if path.is_dir():
        path = check_path(path / "prepared.npz")
    with Archive(path) as arrays:
        raw = arrays.get("raw")
        result = {name: arrays.array(name) for name in _RESULT if name in arrays.names}
        if raw is not None and raw.dtype.kind != "O":
            sizes = [arrays.array(name) for name in _SIZES]
            raw, result = _cut(path, raw, result, *sizes)
    warnings: list[str] = []
    if raw is None:
        companion = path.with_name("prepared.npz")
        if not companion.is_file():
            raise data_error(path, "it holds FISSA's result but no raw traces; prepared.npz should lie beside it.")
        with Archive(check_path(companion)) as arrays:
            if "raw" not in arrays.names:
                raise data_error(companion, "it holds no raw traces; FISSA's prepared.npz was expected.")
            raw = arrays.array("raw")
        return replace(recording(path, raw, result, printable_name(path), warnings), files=(str(companion),))
    companion = path.with_name("separated.npz")
    if result or path.name != "prepared.npz" or not companion.is_file():
        return recording(path, raw, result, printable_name(path), warnings)
    try:
        with Archive(check_path(companion)) as arrays:
            result = {name: arrays.array(name) for name in _RESULT if name in arrays.names}
    except DataError as error:  # the raw traces are good all the same
        warnings.append(f"Its stored result was left out: {error}")
    return replace(recording(path, raw, result, printable_name(companion), warnings), files=(str(companion),))


def recording(
    path: Path, raw: NDArray[Any], result: Mapping[str, NDArray[Any]], origin: str, warnings: list[str]
) -> Recording:
    """Make a recording of FISSA's object arrays.

    Parameters
    ----------
    path : Path
    raw : ndarray of object, shape (cells, trials)
        Each a (signals, frames) array; row 0 is the ROI.
    result : mapping
        ``result``, ``sep``, ``mixmat`` and ``info`` of the same shape, as far as they are there.
    origin : str
        The file that the result comes from.
    warnings : list of str
        A result that does not fit is left out, and this says so.

    Raises
    ------
    DataError
        When `raw` is of another shape.
    """
    if raw.ndim < 2 or 0 in raw.shape[:2]:
        raise data_error(path, f"raw has shape {raw.shape}, but FISSA's raw[cell, trial] was expected.")
    total = sum(_trial(path, "raw", raw, index).nbytes for index in np.ndindex(raw.shape[:2]))
    if total > MOST_BYTES:
        raise data_error(path, f"its {total / 2**30:.0f} GiB are more than can be held in memory.")
    cells = []
    for cell in range(raw.shape[0]):
        trials = [_trial(path, "raw", raw, (cell, trial)) for trial in range(raw.shape[1])]
        if len({len(trial) for trial in trials}) > 1:
            raise data_error(path, f"the trials of cell {cell + 1} differ in their number of signals.")
        starts = tuple(np.cumsum([0, *(trial.shape[1] for trial in trials[:-1])]).tolist())
        traces = np.concatenate(trials, axis=1)
        stored = None
        if "result" in result:
            try:
                stored = _stored(path, result, cell, traces.shape, f"FISSA {origin}")
            except DataError as error:
                warnings.append(f"The stored result of cell {cell + 1} was left out: {error}")
        names = default_signal_names(len(traces))
        cells.append(Cell(f"cell {cell + 1}", traces, names, starts, None, cell, stored))
    return Recording(printable_name(path), str(path), None, CellsInMemory(cells), "FISSA", tuple(warnings))


def _cut(
    path: Path,
    raw: NDArray[Any],
    result: dict[str, NDArray[Any]],
    signals: NDArray[Any],
    n: NDArray[Any],
    frames: NDArray[Any],
) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
    """Return arrays of numbers that were filled up with NaN as FISSA's arrays [cell, trial] of their true sizes."""
    shape = raw.shape[:2]
    sized = signals.shape == n.shape == shape[:1] and frames.shape == shape
    if raw.ndim != 4 or not sized or any(each.dtype.kind not in "iu" for each in (signals, n, frames)):
        raise data_error(
            path, f"signals, n and frames do not go with raw of shape {raw.shape}, as they do in FISSA's layout."
        )
    fits = {name: each.shape[:1] if name == "mixmat" else each.shape[:2] for name, each in result.items()}
    dimensions = {"mixmat": 3, "info": 0}
    result = {
        name: each
        for name, each in result.items()
        if each.ndim == dimensions.get(name, 4) and fits[name] == shape[: len(fits[name])]
    }
    cut = {name: np.empty(shape, object) for name in ("raw", *result)}
    for cell, trial in np.ndindex(shape):
        length = int(frames[cell, trial])
        sides = {"raw": (signals[cell], length), "mixmat": (signals[cell], n[cell])}
        for name, values in {"raw": raw, **result}.items():
            inner = values[cell] if name == "mixmat" else values[cell, trial]
            rows, columns = sides.get(name, (n[cell], length))
            cut[name][cell, trial] = inner[:rows, :columns]
    return cut.pop("raw"), cut


def _trial(path: Path, name: str, arrays: NDArray[Any], index: tuple[int, ...]) -> NDArray[Any]:
    """Return the 2-D array of numbers at ``arrays[cell, trial]``."""
    try:
        values = np.asarray(arrays[index])
        if values.dtype.kind == "O":  # trials of equal length can end up as one large array of objects
            values = values.astype(np.float64)
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        raise data_error(path, f"{name}[{', '.join(map(str, index))}] does not hold an array of numbers.") from error
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        raise data_error(
            path,
            f"{name}[{', '.join(map(str, index))}] has shape {values.shape} of {values.dtype}, "
            "but numbers as signals x frames were expected.",
        )
    return values


def _stored(
    path: Path, result: Mapping[str, NDArray[Any]], cell: int, shape: tuple[int, ...], origin: str
) -> StoredResult:
    joined = {}
    for name in ("result", "sep"):
        if name in result and result[name].ndim >= 2:
            count = result[name].shape[1]
            trials = [_trial(path, name, result[name], (cell, trial)) for trial in range(count)]
            if len({len(trial) for trial in trials}) != 1 or sum(trial.shape[1] for trial in trials) != shape[1]:
                raise data_error(path, f"{name} does not have the {shape[1]} frames of raw.")
            joined[name] = np.concatenate(trials, axis=1)
    if "result" not in joined:
        raise data_error(path, "result is not FISSA's result[cell, trial].")
    mixing = _trial(path, "mixmat", result["mixmat"], (cell, 0)) if "mixmat" in result else None
    if mixing is not None and mixing.shape != (shape[0], len(joined["result"])):
        raise data_error(
            path, f"mixmat has shape {mixing.shape}, but {(shape[0], len(joined['result']))} was expected."
        )
    infos = result.get("info")
    info = infos[cell, 0] if infos is not None and infos.ndim == 2 and infos.shape[1] and cell < len(infos) else None
    return StoredResult(origin, joined["result"], joined.get("sep"), mixing, *_convergence(info))


def _convergence(info: object) -> tuple[int | None, bool | None]:
    """Return iterations and converged from FISSA's ``info[cell, trial]``."""
    if not isinstance(info, Mapping):
        return None, None
    found: list[int | None] = []
    for name in ("iterations", "converged"):
        value = np.asarray(info.get(name))
        found.append(int(value.ravel()[0]) if value.size == 1 and value.dtype.kind in "iub" else None)
    return found[0], None if found[1] is None else bool(found[1])
