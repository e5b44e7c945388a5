"""Numbers of all cells before and after: of the raw ROI, of F - 0.7 Fneu, and of the best match."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from neuropil_gui.core.analysis.numbers import measure
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, difference
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import one_blas_thread

SIDES = {"raw": "raw ROI", "subtraction": "F \N{MINUS SIGN} 0.7 Fneu", "matched": "best match"}
"""Traces that are compared, with their names."""

COMPARED_NUMBERS = ("r_neuropil", "skewness", "noise", "snr", "kept")
"""Keys in `NUMBERS` of what is compared."""


@dataclass(frozen=True, eq=False)
class CellSides:
    """Numbers of one cell before and after.

    Attributes
    ----------
    index : int
        Of the cell.
    numbers : mapping of str to mapping of str to float
        By the key of `SIDES`, then by the number's; without those that are not known, such as noise without a frame
        rate; NaN where it is not defined, such as noise of a trace that is flat in many frames.
    """

    index: int
    numbers: Mapping[str, Mapping[str, float]]


def side_traces(cell: Cell, separation: Separation) -> dict[str, FloatArray]:
    """Return the traces that are compared.

    Parameters
    ----------
    cell : Cell
        With a neuropil region.
    separation : Separation
        Of this cell; no draft.

    Returns
    -------
    dict of str to ndarray, shape (frames,)
        By the key of `SIDES`, in the traces' unit; NaN in frames in which a signal is, on all sides.
    """
    known = np.isfinite(cell.traces).all(axis=0)
    return {
        "raw": cell.traces[0] if known.all() else np.where(known, cell.traces[0], np.nan),
        "subtraction": difference(cell, USUAL_FACTOR),
        "matched": separation.matched[0],
    }


@one_blas_thread()
def before_and_after(index: int, cell: Cell, separation: Separation, frame_rate: float | None = None) -> CellSides:
    """Measure a cell before and after, by the same numbers.

    Parameters
    ----------
    index : int
        Of the cell.
    cell : Cell
    separation : Separation
        Of this cell; no draft.
    frame_rate : float, optional
        In Hz; without it there is no noise.

    Returns
    -------
    CellSides
    """
    numbers = {}
    for side, trace in side_traces(cell, separation).items():
        sample = replace(Sample.of_trace(cell, trace), frame_rate=frame_rate)
        numbers[side] = MappingProxyType(measure(sample, COMPARED_NUMBERS))
    return CellSides(index, MappingProxyType(numbers))


def side_values(cells: Iterable[CellSides], key: str) -> dict[str, FloatArray]:
    """Return a number of all cells on each side.

    Parameters
    ----------
    cells : iterable of CellSides
    key : str
        One of `COMPARED_NUMBERS`.

    Returns
    -------
    dict of str to ndarray, shape (cells,)
        By the key of `SIDES`, in the cells' order; NaN where it is not known.
    """
    known = list(cells)
    return {side: np.array([each.numbers[side].get(key, np.nan) for each in known]) for side in SIDES}


def flat_matches(cells: Iterable[CellSides]) -> int:
    """Return of how many cells the best match is too flat to have noise, which the raw ROI has.

    Parameters
    ----------
    cells : iterable of CellSides

    Returns
    -------
    int
    """
    noise = side_values(cells, "noise")
    return int(np.count_nonzero(np.isfinite(noise["raw"]) & ~np.isfinite(noise["matched"])))
