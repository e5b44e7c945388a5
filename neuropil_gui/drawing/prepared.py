"""Cache of pyramids by array: threads fill it beforehand, plots look pyramids up."""

import weakref
from dataclasses import dataclass

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.baseline import DeltaF
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.pyramid import Pyramid, Reduction, reduced_bytes


@dataclass(frozen=True, eq=False)
class _Entry:
    array: weakref.ref[FloatArray]
    reduction: Reduction


# By the array's id and the number of rows. Single operations of a dict are atomic, so no lock is needed; a lock could
# not be taken in the callback of a weak reference, which may run in the middle of any statement.
_entries: dict[tuple[int, int], _Entry] = {}


def pyramid_of(values: FloatArray, rows: int | None = None) -> Pyramid:
    """Return the pyramid of an array's first rows; it is kept as long as the array, without keeping that alive.

    May be called from any thread. Two that ask for the same one at once both make it.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, frames) or (frames,)
        Read-only. Nothing is kept of an array that can be written to.
    rows : int, optional
        How many rows, all by default.
    """
    part = values if rows is None else values[:rows]
    if values.flags.writeable:
        return Pyramid(part)
    key = (id(values), len(part))
    entry = _entries.get(key)
    if entry is None or entry.array() is not values:
        pyramid = Pyramid(part)
        _entries[key] = _Entry(weakref.ref(values, lambda _: _entries.pop(key, None)), pyramid.reduction)
        return pyramid
    return Pyramid(part, entry.reduction)


def prepare_cell(cell: Cell) -> Cell:
    """Make the pyramids that a cell is drawn with, and return the cell.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    Cell
        The same object.
    """
    pyramid_of(cell.traces)
    if cell.truth is not None:
        pyramid_of(cell.truth.sources, rows=1)
        pyramid_of(cell.truth.sources)
    if cell.stored is not None:
        pyramid_of(cell.stored.matched, rows=1)
    return cell


def prepare_separation(separation: Separation) -> Separation:
    """Make the pyramids that a separation is drawn with, and return the separation.

    Parameters
    ----------
    separation : Separation

    Returns
    -------
    Separation
        The same object.
    """
    pyramid_of(separation.separated)
    pyramid_of(separation.matched, rows=1)
    return separation


def prepare_delta_f(*traces: DeltaF | None) -> None:
    """Make the pyramids that dF/F is drawn with.

    Parameters
    ----------
    *traces : DeltaF or None
    """
    for trace in traces:
        if trace is not None:
            pyramid_of(trace.values)


def separation_bytes(separation: Separation) -> int:
    """Return the memory that a separation takes with its pyramids, whether they are made yet or not.

    Parameters
    ----------
    separation : Separation

    Returns
    -------
    int
        In bytes.
    """
    separated, matched = separation.separated, separation.matched
    drawn = reduced_bytes(*separated.shape) + reduced_bytes(1, matched.shape[1])
    return separated.nbytes + matched.nbytes + drawn
