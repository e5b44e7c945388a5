"""Cells of one file with the neuropil of a second one, as Allen's pipelines and scripts store them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from neuropil_gui.core.recording import Cell, Recording, default_signal_names
from neuropil_gui.formats.paths import CellsOnDemand, counted, data_error, printable_name
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.rows import BRING_NEUROPIL


def with_neuropil(path: Path, recording: Recording, second: Path, neuropil: Recording) -> Recording:
    """Return a recording whose cells have the neuropil of another one, cell by cell.

    Parameters
    ----------
    path : Path
        File of the cells.
    recording : Recording
        Cells of one signal, their ROI.
    second : Path
        File of the neuropil.
    neuropil : Recording
        As many cells of as many frames; all of their signals are neuropil.

    Returns
    -------
    Recording

    Raises
    ------
    DataError
        When cells have neuropil already, or the two differ in cells or frames.
    """
    own, other = recording.cells.headers, neuropil.cells.headers
    if max(header.signals for header in own) > 1:
        raise data_error(
            path,
            f"its cells have {own[0].signals} signals each already; the neuropil of a second file goes with cells of "
            "one signal. Open it without --neuropil-file.",
        )
    if len(own) != len(other):
        raise data_error(
            second,
            f"it holds the neuropil of {counted(len(other), 'cell')}, but {printable_name(path)} holds "
            f"{counted(len(own), 'cell')}; one for each was expected.",
        )
    differ = next((k for k, pair in enumerate(zip(own, other, strict=True)) if pair[0].frames != pair[1].frames), None)
    if differ is not None:
        raise data_error(
            second,
            f"its trace {differ + 1} has {other[differ].frames} frames, but {own[differ].name} in "
            f"{printable_name(path)} {own[differ].frames}; they must be equal.",
        )

    def load(index: int) -> Cell:
        cell, around = recording.cells[index], neuropil.cells[index]
        traces = read_only(np.concatenate([cell.traces, around.traces]))
        names = ("ROI", "neuropil") if len(traces) == 2 else default_signal_names(len(traces))
        return replace(cell, traces=traces, signal_names=names)

    headers = [replace(a, signals=1 + b.signals) for a, b in zip(own, other, strict=True)]
    notes = [f"Each trace of {printable_name(second)} was read as the neuropil of the cell in the same place."]
    notes += [each for each in (*recording.warnings, *neuropil.warnings) if BRING_NEUROPIL not in each]
    return replace(
        recording,
        cells=CellsOnDemand(headers, load),
        warnings=tuple(dict.fromkeys(notes)),
        origin=(*recording.origin, ("neuropil", str(second.absolute()))),
        files=(*recording.files, str(second), *neuropil.files),
    )
