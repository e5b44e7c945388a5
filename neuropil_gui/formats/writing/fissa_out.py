"""Writer of results by the names of FISSA's ``separated.npz`` and ``.mat``, without a pickle.

FISSA keeps ``raw[cell, trial]``, ``result[cell, trial]`` and ``sep[cell, trial]`` as arrays of objects, which NumPy
can only store as a pickle. In ``.fissa.npz`` they are arrays of numbers instead, of shape (cells, trials, signals,
frames), where FISSA's indexing gives the same; ``mixmat``, equal in all trials, is (cells, signals, n). Where cells or
trials differ in size, NaN fills up, and ``signals`` (cells,), ``n`` (cells,) and ``frames`` (cells, trials) say how
much of each array counts. In ``.fissa.mat`` they are MATLAB cells as in FISSA's ``separated.mat``:
``raw{cell, trial}``.
"""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.plain.npy import put
from neuropil_gui.formats.writing.added_fields import NAMES, AddedFields
from neuropil_gui.formats.writing.provenance import Provenance, clean

MAT_LIMIT = 2**31 - 2**20
#: Names of dF/F here and in FISSA, of which `deltaf_result` has the best match alone; FISSA has none of the last.
_DELTA_F = dict(zip(NAMES, ("deltaf_raw", "deltaf_result", "deltaf_subtraction"), strict=True))


def write_fissa_npz(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    """Write arrays of numbers by FISSA's names.

    Parameters
    ----------
    stream : binary file
    path : path
        For messages.
    recording : Recording
    pairs : iterable of (int, Separation)
    added : AddedFields
    marks : mapping of int to Mark

    Raises
    ------
    DataError
        When there is no result, or cells differ in their number of trials.
    """
    trials, plain = _gathered(path, recording, pairs, added, marks)
    raw, result = trials["raw"], trials["result"]
    values = {name: _filled(each) for name, each in trials.items()}
    values["mixmat"] = values["mixmat"][:, 0]
    if len({each.shape for each in raw.flat}) > 1 or len({each.shape for each in result.flat}) > 1:
        plain["signals"], plain["n"] = ([len(each) for each in row[:, 0]] for row in (raw, result))
        plain["frames"] = [[each.shape[1] for each in row] for row in raw]
    with zipfile.ZipFile(stream, "w") as archive:
        for name, value in (values | plain).items():
            put(archive, name, value)


def write_fissa_mat(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    """Write MATLAB cells by FISSA's names; see `write_fissa_npz`.

    Parameters
    ----------
    stream : binary file
        Open for writing.
    path : path
        The file.
    recording : Recording
    pairs : iterable of tuple[int, Separation]
    added : AddedFields
    marks : mapping of int to Mark
    """
    from scipy.io import savemat
    from scipy.io.matlab import MatWriteError

    trials, plain = _gathered(path, recording, pairs, added, marks)
    info = np.empty(trials["raw"].shape, object)
    for cell, trial in np.ndindex(info.shape):
        iterations, converged = int(plain["iterations"][cell]), bool(plain["converged"][cell])
        seed = int(plain["random_state"][cell])
        info[cell, trial] = {"iterations": iterations, "converged": converged, "random_state": seed}
    if sum(each.nbytes for value in trials.values() for each in value.flat) > MAT_LIMIT:
        raise data_error(path, "MATLAB's format holds at most 2 GB; export fewer cells, or as .npz.")
    plain |= {name: np.array([*map(clean, plain[name].tolist())], object) for name in ("name", "label", "note")}
    try:
        savemat(stream, trials | plain | {"info": info}, oned_as="row")  # type: ignore[arg-type]  # any file will do
    except (MatWriteError, OverflowError) as error:
        raise data_error(path, f"MATLAB's format cannot hold it ({error}); export as .npz.") from error


def _gathered(
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays [cell, trial] of objects by FISSA's names, and what is no such array."""
    provenance, rows, settings = Provenance(recording, added), [], None
    names = ("iterations", "converged", "random_state", "name", "number", "label", "note")
    facts: dict[str, list[Any]] = {name: [] for name in names}
    for index, separation in pairs:
        cell = recording.cells[index]
        settings = settings or separation.settings
        whole = {"raw": cell.traces, "result": separation.matched, "sep": separation.separated}
        relative = added.fields(index + 1, cell, separation)
        whole |= {_DELTA_F[name]: values[np.newaxis] for name, values in relative.items()}
        row = {name: [values[:, where] for where in cell.trial_slices] for name, values in whole.items()}
        rows.append(row | {"mixmat": [separation.mixing] * len(cell.trial_slices)})
        mark = marks.get(index, Mark())
        known = (separation.iterations, separation.converged, separation.seed)
        for kept, value in zip(facts.values(), (*known, cell.name, index + 1, mark.verdict, mark.note), strict=True):
            kept.append(value)
        provenance.add(index + 1, cell, separation)
    if settings is None:
        raise data_error(path, "there is no result to write.")
    if len({len(row["raw"]) for row in rows}) > 1:
        raise data_error(
            path, "FISSA's layout takes as many trials for each cell, but these differ; write them as .npz."
        )
    whole_names = [name for name in rows[0] if all(name in row for row in rows)]
    trials = {name: _objects([row[name] for row in rows]) for name in whole_names}
    plain: dict[str, Any] = {name: np.array(values) for name, values in facts.items()}
    plain |= {name: getattr(settings, name) for name in ("alpha", "tol", "max_iter", "max_tries", "method")}
    frame_rate = np.nan if recording.frame_rate is None else recording.frame_rate
    regions = max(len(row["raw"][0]) for row in rows) - 1
    return trials, plain | {"nRegions": regions, "frame_rate": frame_rate, "provenance": provenance.text()}


def _objects(rows: list[list[NDArray[Any]]]) -> NDArray[Any]:
    array = np.empty((len(rows), len(rows[0])), object)
    for cell, row in enumerate(rows):
        for trial, values in enumerate(row):
            array[cell, trial] = values
    return array


def _filled(arrays: NDArray[Any]) -> NDArray[np.float64]:
    """Return arrays [cell, trial] as one of numbers, with NaN behind those that are smaller."""
    sides = np.max([each.shape for each in arrays.flat], axis=0)
    values = np.full((*arrays.shape, *sides), np.nan)
    for cell, trial in np.ndindex(arrays.shape):
        rows, columns = arrays[cell, trial].shape
        values[cell, trial, :rows, :columns] = arrays[cell, trial]
    return values
