"""Writer of separated cells back into a copy of their suite2p folder."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui._version import __version__
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.plain.npy import open_numbers
from neuropil_gui.formats.progress import stop_if_asked
from neuropil_gui.formats.writing.atomic import check_new, made_new
from neuropil_gui.formats.writing.levels import best_match
from neuropil_gui.formats.writing.provenance import clean

TEXT = "neuropil_gui.txt"

Rows = dict[str, dict[int, NDArray[np.float32]]]
"""The best matches by plane and row of F; of a recording of one plane the plane is ""."""


def write_suite2p(
    target: Path,
    recording: Recording,
    results: Iterable[tuple[int, Separation]],
    marks: Mapping[int, Mark],
    at_raw_level: bool = False,
    receipt: Callable[[], str] = str,
) -> None:
    """Write a copy of a suite2p folder whose F is the best match of each cell.

    ``F.npy`` holds the best match where there is a result, and what it held where not; ``Fneu.npy`` zeros;
    ``iscell.npy`` the user's verdicts, and suite2p's where there is none. Other arrays are copied byte for byte.

    Parameters
    ----------
    target : Path
        The new folder, which must not be there yet: of the plane, or of all planes.
    recording : Recording
        Read from a suite2p folder.
    results : iterable of (int, Separation)
        With the index of their cell, from 0.
    marks : mapping of int to Mark
    at_raw_level : bool
        Whether each best match is lifted by a constant, such that its baseline is that of the raw ROI.
    receipt : callable
        Returns a text on the results, once they are all there, which is added to that on the folder.

    Raises
    ------
    DataError
        When the recording is no suite2p folder, there is something at `target`, or it cannot be written.
    """
    source = Path(recording.source or "")
    if recording.format != "suite2p" or not source.is_dir():
        raise data_error(target, "only a recording that was opened as a suite2p folder can be written as one.")
    check_new(target)
    rows: Rows = defaultdict(dict)
    for index, separation in results:
        cell = recording.cells[index]
        rows[_plane(recording, index)][_row(recording, index)] = best_match(cell, separation, at_raw_level).astype(
            np.float32
        )
    if not rows:
        raise data_error(target, "there is no result to write.")
    with made_new(target) as copy:
        for plane in dict.fromkeys(_plane(recording, index) for index in range(len(recording.cells))):
            verdicts = {
                _row(recording, index): mark.verdict == "accepted"
                for index, mark in marks.items()
                if _plane(recording, index) == plane and mark.verdict in ("accepted", "rejected")
            }
            _write_plane(source / plane, copy / plane, rows[plane], verdicts)
        (copy / TEXT).write_text(_text(source, at_raw_level) + receipt(), encoding="utf-8", newline="\n")


def _text(source: Path, at_raw_level: bool) -> str:
    lifted = ", lifted by a constant such that its baseline is that of the raw ROI" * at_raw_level
    return (
        f"A copy of {clean(str(source))}\nmade by neuropil_gui {__version__}.\n\n"
        f"F.npy       the best match of each cell that was separated{lifted}; the other rows as they were\n"
        "Fneu.npy    zeros, so that nothing is subtracted once more\n"
        "iscell.npy  1 for cells accepted and 0 for cells rejected by eye; the others, and the probabilities, as they "
        "were\nAll other arrays are copied byte for byte: spks.npy still belongs to the raw signals.\n\n"
    )


def _plane(recording: Recording, index: int) -> str:
    return str(dict(recording.cells.headers[index].facts).get("plane", ""))


def _row(recording: Recording, index: int) -> int:
    row = recording.cells.headers[index].source_index
    assert row is not None
    return row


def _write_plane(
    source: Path, target: Path, traces: Mapping[int, NDArray[np.float32]], verdicts: Mapping[int, bool]
) -> None:
    target.mkdir(parents=True)
    for path in sorted(source.glob("*.npy")):
        stop_if_asked()
        if path.name not in ("F.npy", "Fneu.npy", "iscell.npy"):
            shutil.copyfile(path, target / path.name)
    signals = open_numbers(source / "F.npy", (2,), "ROIs x frames").read().astype(np.float32)
    for row, trace in traces.items():
        signals[row, : len(trace)] = trace
    np.save(target / "F.npy", signals)
    stop_if_asked()
    np.save(target / "Fneu.npy", np.zeros_like(signals))
    np.save(target / "iscell.npy", _iscell(source / "iscell.npy", len(signals), verdicts))


def _iscell(path: Path, count: int, verdicts: Mapping[int, bool]) -> NDArray[np.float64]:
    """Return suite2p's own marks with its probabilities, and the user's verdicts in their place."""
    found = np.ones((count, 2))
    if path.is_file():
        own = open_numbers(path, (1, 2), "one row for each ROI").read().reshape(count, -1)
        found[:, : own.shape[1]] = own[:, :2]
    for row, accepted in verdicts.items():
        found[row, 0] = accepted
    return found
