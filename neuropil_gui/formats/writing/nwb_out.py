"""Writer of results as NWB 2 by pynwb, an optional dependency, with the identity of the source file."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui._version import __version__
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.paths import data_error, printable_name
from neuropil_gui.formats.writing.added_fields import AddedFields
from neuropil_gui.formats.writing.provenance import Provenance, clean

_COLUMNS = {
    "number": "the cell's place in the recording, from 1",
    "cell_name": "the cell's name",
    "source_index": "the cell's row in its source, from 0",
    "iterations": "of the solver's last try",
    "converged": "whether the solver converged",
    "seed": "of the last try",
    "offset": "what was subtracted from all traces before the separation",
    "label": "the user's verdict: accepted, rejected or look again; empty for none",
    "note": "the user's note",
    "trial_starts": "the frame at which each trial starts, from 0",
    "scores": "the ROI's share of each component, best match first",
    "mixing": "how much of each component is seen in each signal, (signals, components), best match first",
}
_MATCHED = "the part of the ROI's signal that this component makes up, in the traces' units"


def write_nwb(
    stream: IO[bytes],
    path: str | Path,
    recording: Recording,
    pairs: Iterable[tuple[int, Separation]],
    added: AddedFields,
    marks: Mapping[int, Mark],
) -> None:
    """Write results as NWB.

    The module ``processing/neuropil_gui`` holds a table of the ``cells`` and a ``Fluorescence`` with a series of all of
    them for each signal: ``raw``, the components ``matched_1`` (the best match) to ``matched_n``, and dF/F where it is
    wanted. What a cell does not have is NaN. The notes are the provenance as JSON; the source's session description,
    start and identifier go with them.

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
        When pynwb is not installed, the frame rate is not known, or there is no result.
    """
    import h5py

    try:
        import pynwb
    except ImportError as error:
        raise data_error(
            path, "to write NWB, pynwb is needed; install it with: pip install 'neuropil-gui[nwb]'."
        ) from error
    if recording.frame_rate is None:
        raise data_error(path, "NWB takes a frame rate, but it is not known; set it first.")
    provenance, rows = Provenance(recording, added), []
    signals: dict[str, list[Any]] = {}
    for index, separation in pairs:
        cell = recording.cells[index]
        rows.append(_row(index, cell, separation, marks.get(index, Mark())))
        kept = {"raw": cell.traces[0]} | {f"matched_{k}": each for k, each in enumerate(separation.matched, 1)}
        for name, values in (kept | added.fields(index + 1, cell, separation)).items():
            signals.setdefault(name, []).append((len(rows) - 1, values))
        provenance.add(index + 1, cell, separation)
    if not rows:
        raise data_error(path, "there is no result to write.")
    file = pynwb.NWBFile(**_identity(recording), notes=provenance.text())
    file.source_script, file.source_script_file_name = f"neuropil_gui {__version__}", "neuropil_gui"
    _fill(pynwb, file, recording.frame_rate, rows, signals)
    # In memory first: an error or a cancel while HDF5 writes to a Python file crashes the process later.
    content = BytesIO()
    with h5py.File(content, "w") as container, pynwb.NWBHDF5IO(file=container, mode="w") as writer:
        writer.write(file)
    stream.write(content.getbuffer())


def _row(index: int, cell: Cell, separation: Separation, mark: Mark) -> dict[str, Any]:
    order = np.asarray(separation.order)
    return {
        "number": index + 1,
        "cell_name": clean(cell.name),
        "source_index": index if cell.source_index is None else cell.source_index,
        "iterations": separation.iterations,
        "converged": separation.converged,
        "seed": separation.seed,
        "offset": float(separation.offset),
        "label": clean(mark.verdict),
        "note": clean(mark.note),
        "trial_starts": list(cell.trial_starts),
        "scores": separation.scores[order].tolist(),
        "mixing": separation.mixing[:, order].tolist(),
    }


def _identity(recording: Recording) -> dict[str, Any]:
    """Return the fields of a session that NWB needs: those of the source, as far as it has any."""
    known = dict(recording.origin)
    source = printable_name(recording.source or recording.name)
    start = _time(known.get("session_start_time", ""))
    note = f"Separated from {source}" + (f" ({known['identifier']})" if "identifier" in known else "")
    if start is None:
        start = datetime.datetime.now(datetime.UTC)
        if recording.source is not None and Path(recording.source).exists():
            start = datetime.datetime.fromtimestamp(Path(recording.source).stat().st_mtime, datetime.UTC)
        note += "; the source does not say when the session started: the time is that of the file"
    return {
        "session_description": known.get("session_description") or note,
        "identifier": str(uuid.uuid4()),  # each file's own, as NWB wants it
        "session_start_time": start,
        "session_id": known.get("identifier"),
        "data_collection": note,
    }


def _time(text: str) -> datetime.datetime | None:
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=datetime.UTC)


def _fill(pynwb: Any, file: Any, rate: float, rows: list[dict[str, Any]], signals: dict[str, list[Any]]) -> None:
    """Add the table of cells and the series to the file."""
    module = file.create_processing_module(name="neuropil_gui", description="cells separated from their neuropil")
    table = pynwb.core.DynamicTable(name="cells", description="the cells, in the order of the columns of each series")
    ragged = {"trial_starts": True, "scores": True, "mixing": 2}
    for name, description in _COLUMNS.items():
        index = ragged.get(name, False)
        table.add_column(name=name, description=description, data=[], **({"index": index} if index else {}))
    for row in rows:
        table.add_row(**row)
    module.add(table)
    container = pynwb.ophys.Fluorescence(name="Fluorescence")
    module.add(container)
    frames = max(len(values) for _, values in signals["raw"])
    for name, parts in signals.items():
        data: NDArray[np.float64] = np.full((frames, len(rows)), np.nan)
        for column, values in parts:
            data[: len(values), column] = values
        region = pynwb.core.DynamicTableRegion(
            name="rois", data=list(range(len(rows))), description="all cells", table=table
        )
        series = pynwb.ophys.RoiResponseSeries(
            name=name,
            description=_MATCHED if name.startswith("matched") else f"{name} of the ROI",
            data=data,
            unit="n.a.",
            rate=rate,
            rois=region,
        )
        container.add_roi_response_series(series)
