"""Writer of separated cells into a copy of their NWB file, beside the series that they were read from."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui._version import __version__
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import printable_text
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.child import nwb_append, process
from neuropil_gui.formats.paths import Options, data_error
from neuropil_gui.formats.programs.nwb import series_read
from neuropil_gui.formats.progress import stop_if_asked
from neuropil_gui.formats.writing.atomic import BLOCK, check_new, made_new
from neuropil_gui.formats.writing.levels import best_match
from neuropil_gui.formats.writing.provenance import clean

_COLUMNS = {
    "number": "the cell's place in the recording, from 1",
    "cell_name": "the cell's name",
    "series": "the series that holds its best match",
    "column": "its column in that series, from 0",
    "label": "the user's verdict: accepted, rejected or look again; empty for none",
    "note": "the user's note",
}

Matches = dict[int, tuple[int, FloatArray]]
"""By the row of a ROI in its series: the cell's index, and its best match."""


def is_nwb_2(recording: Recording) -> bool:
    """Return whether a recording was read from an NWB 2 file, such that a copy of it can be written.

    Parameters
    ----------
    recording : Recording
    """
    return recording.format.startswith("NWB 2") and recording.source is not None


def write_nwb_copy(
    target: Path,
    recording: Recording,
    options: Options,
    results: Iterable[tuple[int, Separation]],
    marks: Mapping[int, Mark],
    at_raw_level: bool = False,
    receipt: Callable[[], str] = str,
) -> None:
    """Write a copy of an NWB file with the best match of each cell in a series of its own.

    What was in the file stays. The module ``processing/neuropil_gui`` is added, with a ``RoiResponseSeries`` beside
    each that was read, which refers to the same ``PlaneSegmentation``, and a table of the ``cells`` with the marks;
    its description says what was done.

    Parameters
    ----------
    target : Path
        The new file, which must not be there yet.
    recording : Recording
        Read from an NWB 2 file.
    options : Options
        With which it was read.
    results : iterable of (int, Separation)
        With the index of their cell, from 0.
    marks : mapping of int to Mark
    at_raw_level : bool
        Whether each best match is lifted by a constant, such that its baseline is that of the raw ROI.
    receipt : callable
        Returns a text on the results, once they are all there, for the description.

    Raises
    ------
    DataError
        When the recording is no NWB 2 file, there is something at `target`, or it cannot be written.
    """
    if not is_nwb_2(recording):
        raise data_error(target, "only a recording that was opened as an NWB 2 file can be written as a copy of it.")
    check_new(target)
    source = Path(recording.source or "")
    series = series_read(source, options)
    matches: dict[str, Matches] = {plane: {} for plane in series}
    for index, separation in results:
        header = recording.cells.headers[index]
        plane = str(dict(header.facts).get("plane", "")) if len(series) > 1 else next(iter(series))
        assert header.source_index is not None
        matches[plane][header.source_index] = index, best_match(recording.cells[index], separation, at_raw_level)
    if not any(matches.values()):
        raise data_error(target, "there is no result to write.")
    level = ", lifted by a constant such that its baseline is that of the raw ROI" * at_raw_level
    what = f"the best match of each cell: the part of the ROI's signal that is its own{level}"
    added: list[dict[str, Any]] = []
    table: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for plane, found in matches.items():
        if found:
            name = f"best_match_{clean(plane).replace('/', '_')}" if len(series) > 1 else "best_match"
            place, rows = series[plane], sorted(found)
            unit = printable_text(place.unit) or "n.a."
            own = {"name": name, "unit": unit, "description": f"{what}; beside {place.path}", "source": place.path}
            added.append(own | {"rows": np.array(rows), "data": _columns([found[row][1] for row in rows])})
            for column, row in enumerate(rows):
                index, mark = found[row][0], marks.get(found[row][0], Mark())
                cell = clean(recording.cells.headers[index].name)
                values = (index + 1, cell, name, column, clean(mark.verdict), clean(mark.note))
                for key, value in zip(_COLUMNS, values, strict=True):
                    table[key].append(value)
    text = f"Best matches of cells separated from their neuropil by neuropil_gui {__version__}.\n\n{receipt()}"
    columns = [[name, description, table[name]] for name, description in _COLUMNS.items()]
    with made_new(target) as copy:
        _copy_file(source, copy)
        size = sum(each["data"].nbytes for each in added)
        process.call(nwb_append.append, copy, text, columns, added, bytes_needed=2 * size)


def _columns(traces: list[FloatArray]) -> FloatArray:
    """Return traces as the columns of one array; NaN beyond the end of shorter ones."""
    values: FloatArray = np.full((max(map(len, traces)), len(traces)), np.nan)
    for column, trace in enumerate(traces):
        values[: len(trace), column] = trace
    return values


def _copy_file(source: Path, copy: Path) -> None:
    with open(source, "rb") as before, open(copy, "xb") as after:
        while block := before.read(BLOCK):
            stop_if_asked()
            after.write(block)
    shutil.copymode(source, copy)
