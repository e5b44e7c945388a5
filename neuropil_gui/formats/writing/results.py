"""Writer of results and simulations as ``.npz``, ``.mat`` and ``.csv``, by plain arrays without a pickle.

Cells are numbered from 1 as on the screen, by their place in the recording, also where only some are
written. What is counted within the data (`order`, `trial_starts`, `source_index`, a table's `frame`)
starts at 0; trials start at 1.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.plain.npy import put
from neuropil_gui.formats.writing.added_fields import NAMES, AddedFields
from neuropil_gui.formats.writing.atomic import check_not_source, replacing
from neuropil_gui.formats.writing.fissa_out import write_fissa_mat, write_fissa_npz
from neuropil_gui.formats.writing.nwb_out import write_nwb
from neuropil_gui.formats.writing.provenance import Provenance, clean, fields, inputs

_ROWS = 4096
MAT_LIMIT = 2**31 - 2**20  # MATLAB's version 5 holds 2 GiB a variable

Results = Mapping[int, Separation] | Iterable[Separation] | Iterable[tuple[int, Separation]]


def write(
    path: str | Path,
    recording: Recording,
    results: Results,
    baseline: BaselineSettings | None = None,
    marks: Mapping[int, Mark] | None = None,
    tests: Mapping[int, CellSpikeIn] | None = None,
) -> list[str]:
    """Write results as ``.npz``, ``.mat``, ``.csv`` or ``.nwb``, by the suffix of `path`.

    ``.fissa.npz`` and ``.fissa.mat`` are laid out by the names of FISSA's own files, see `fissa_out`.

    Parameters
    ----------
    path : path
        An existing file is replaced, once the new one is whole.
    recording : Recording
        That was separated. No file that it was read from is replaced.
    results : mapping, or iterable of Separation or of pairs
        A Separation for each cell of the recording in order, or for some of them by their index (from 0). For ``.npz``
        an iterable is written as it comes, one cell in memory at a time.
    baseline : BaselineSettings, optional
        Write dF/F by this baseline beside the data, which stay as they are. None writes no dF/F.
    marks : mapping of int to Mark, optional
        The user's marks by the index of their cell: the verdict is written as its label, beside the note.
    tests : mapping of int to CellSpikeIn, optional
        What came back of transients that were added, by the index of the cell: gain and leak are written with each cell
        as ``.npz`` and ``.mat``, and all of it into the provenance.

    Returns
    -------
    list of str
        Sentences on cells whose dF/F could not be made; they are written without it.

    Raises
    ------
    DataError
        When the suffix is another, there is no result, the recording has no such cell, or the file cannot be written.

    Examples
    --------
    >>> recording = read("Fall.mat")
    >>> settings = SeparationSettings()
    >>> write("separated.npz", recording, [separate_cell(cell, settings) for cell in recording.cells])
    """
    suffix = Path(path).suffix.lower()
    writer = {".npz": _write_npz, ".mat": _write_mat, ".csv": _write_csv, ".nwb": write_nwb}.get(suffix)
    if writer is None:
        ends = suffix or "no suffix"
        raise data_error(path, f"results are written as .npz, .csv, .mat or .nwb, but the name ends in {ends!r}.")
    if Path(path).stem.lower().endswith(".fissa"):
        writer = {".npz": write_fissa_npz, ".mat": write_fissa_mat}.get(suffix, writer)
    if recording.cells.absent:
        raise data_error(path, recording.cells.absent)
    check_not_source(path, recording)
    pairs = _pairs(path, recording, results)
    added = AddedFields(recording, baseline, tests or {})
    with replacing(path) as stream:
        writer(stream, path, recording, pairs, added, marks or {})
    return added.refusals()


def _pairs(path: str | Path, recording: Recording, results: Results) -> Iterator[tuple[int, Separation]]:
    for place, each in enumerate(results.items() if isinstance(results, Mapping) else results):
        index, separation = each if isinstance(each, tuple) else (place, each)
        if not 0 <= index < len(recording.cells):
            raise data_error(
                path, f"there is a result for cell {index + 1}, but the recording has {len(recording.cells)}."
            )
        yield index, separation


def write_recording(
    path: str | Path, recording: Recording, *, provenance: Mapping[str, Any] | None = None, compress: bool = True
) -> None:
    """Write the cells of a recording, with their truth where it is known, as ``.npz``.

    Parameters
    ----------
    path : path
        Ends in ``.npz``.
    recording : Recording
    provenance : mapping, optional
        How it was made, as JSON can hold it.
    compress : bool

    Raises
    ------
    DataError
        When the suffix is another, or the file cannot be written.
    """
    if Path(path).suffix.lower() != ".npz":
        raise data_error(path, "a recording is written as .npz.")
    packing = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with replacing(path) as stream, zipfile.ZipFile(stream, "w", packing) as archive:
        for index, cell in enumerate(recording.cells):
            for name, value in inputs(index, cell).items():
                put(archive, f"{index + 1}/{name}", value)
        put(archive, "frame_rate", _rate(recording))
        if provenance is not None:
            put(archive, "provenance", np.array(json.dumps(dict(provenance))))


def _rate(recording: Recording) -> np.float64:
    """Return the frame rate in Hz; NaN where it is not known."""
    return np.float64("nan" if recording.frame_rate is None else recording.frame_rate)


def _write_npz(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    provenance, written = Provenance(recording, added), set()
    with zipfile.ZipFile(stream, "w") as archive:
        for index, separation in pairs:
            if index in written:
                raise data_error(path, f"cell {index + 1} was given twice.")
            written.add(index)
            cell = recording.cells[index]
            row = fields(index, cell, separation, marks) | added.numbers(index)
            row |= added.fields(index + 1, cell, separation)
            for name, value in row.items():
                put(archive, f"{index + 1}/{name}", value)
            provenance.add(index + 1, cell, separation)
        if not written:
            raise _nothing(path)
        put(archive, "frame_rate", _rate(recording))
        put(archive, "provenance", np.array(provenance.text()))


def _nothing(path: str | Path) -> DataError:
    return data_error(path, "there is no result to write.")


def _write_mat(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    from scipy.io import savemat
    from scipy.io.matlab import MatWriteError

    provenance, rows, size = Provenance(recording, added), [], 0
    for index, separation in pairs:
        cell = recording.cells[index]
        row = fields(index, cell, separation, marks) | added.numbers(index) | added.fields(index + 1, cell, separation)
        size += sum(np.asarray(value).nbytes for value in row.values())
        if size > MAT_LIMIT:
            raise data_error(path, "MATLAB's format holds at most 2 GB; export fewer cells, or as .npz.")
        row["signal_names"] = np.array([*map(clean, cell.signal_names)], object)  # a cell array of text
        row |= {name: clean(str(row[name])) for name in ("name", "label", "note")}
        # A struct array counts its elements anew, so the number on the screen is a field.
        rows.append({"number": np.int64(index + 1), **row})
        provenance.add(index + 1, cell, separation)
    if not rows:
        raise _nothing(path)
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = np.empty((1, len(rows)), [(name, object) for name in names])
    for k, row in enumerate(rows):
        cells[0, k] = tuple(row.get(name, np.zeros((0, 0))) for name in names)
    try:
        variables = {"cells": cells, "frame_rate": _rate(recording), "provenance": provenance.text()}
        savemat(stream, variables, oned_as="row")  # type: ignore[arg-type]  # any writable file will do
    except (MatWriteError, OverflowError) as error:
        raise data_error(path, f"MATLAB's format cannot hold it ({error}); export as .npz.") from error


def _write_csv(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    # Header and first line say what is in all rows, so the results are gathered first.
    provenance, matched, relative = Provenance(recording, added), {}, {}
    for index, separation in pairs:
        cell = recording.cells[index]
        provenance.add(index + 1, cell, separation)
        matched[index] = separation.matched
        relative[index] = added.fields(index + 1, cell, separation)
    if not matched:
        raise _nothing(path)
    n = max(map(len, matched.values()))
    more = [name for name in NAMES if any(name in each for each in relative.values())]
    marked = ("label", "note") if any(index in marks for index in matched) else ()
    time = ("time_s",) if recording.frame_rate is not None else ()
    titles = ",".join(
        ["cell", "frame", *time, "trial", "raw", *(f"matched_{k}" for k in range(1, n + 1)), *more, *marked]
    )
    stream.write(f"# provenance: {provenance.text()}\n{titles}\n".encode())
    for index, traces in matched.items():
        columns: list[Any] = [recording.cells[index].traces[0], *traces, *[None] * (n - len(traces))]
        columns += [relative[index].get(name) for name in more]
        mark = marks.get(index, Mark())
        end = f",{_quoted(mark.verdict)},{_quoted(mark.note)}" if marked else ""
        _write_rows(stream, index + 1, recording.cells[index], recording.frame_rate, columns, end)


def _quoted(text: str) -> str:
    """Return text as a field of a table that is one line."""
    plain = " ".join(clean(text).split())
    return '"' + plain.replace('"', '""') + '"' if set(plain) & set(',"') else plain


def _write_rows(
    stream: IO[bytes], number: int, cell: Cell, rate: float | None, columns: Sequence[Any], end: str
) -> None:
    """Write a cell's rows, block after block, and nothing in columns of None; `repr` gives every float back exactly."""
    starts: Sequence[int] = cell.trial_starts
    frames = cell.traces.shape[1]
    for first in range(0, frames, _ROWS):
        count = min(_ROWS, frames - first)
        places = np.arange(first, first + count)
        trials = np.searchsorted(starts, places, side="right").tolist()
        times = [""] * count if rate is None else [f"{time!r}," for time in (places / rate).tolist()]
        written = [
            [""] * count if column is None else map(repr, column[first : first + count].tolist()) for column in columns
        ]
        lines = [
            f"{number},{first + k},{time}{trial},{','.join(row)}{end}\n"
            for k, (time, trial, row) in enumerate(zip(times, trials, zip(*written, strict=True), strict=True))
        ]
        stream.write("".join(lines).encode())
