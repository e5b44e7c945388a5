"""Which true source each component is, where the truth is known."""

from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Truth
from neuropil_gui.core.result import Separation

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FRAMES = 20_000


def true_columns(separation: Separation, truth: Truth) -> "tuple[FloatArray, NDArray[np.intp]]":
    """Return the true mixing beside the found one, by the traces that are most alike.

    Parameters
    ----------
    separation : Separation
    truth : Truth

    Returns
    -------
    columns : ndarray, shape (signals, n)
        For each component in matched order the mixing of its true source, scaled to fit the found column
        best (least squares, so the sign too); NaN where it has none.
    sources : ndarray of int, shape (n,)
        Which row of ``truth.sources`` it is, -1 for none. Each source is given once at most, so that the
        sum of all |Pearson's r| is greatest.
    """
    n = separation.n
    columns = np.full((len(separation.mixing), n), np.nan)
    sources = np.full(n, -1, dtype=np.intp)
    frames = separation.separated.shape[1]
    if truth.sources.shape[1] != frames or len(truth.mixing) != len(columns) or not len(truth.sources):
        return columns, sources
    every = slice(None, None, 1 + frames // MOST_FRAMES)
    found = _directions(separation.separated[separation.order][:, every])
    likeness = np.abs(found @ _directions(truth.sources[:, every]).T)
    for rank, source in assign(likeness):
        own = separation.mixing[:, separation.order[rank]]
        true = truth.mixing[:, source]
        if likeness[rank, source] > 0 and own.any() and true.any():
            sources[rank] = source
            columns[:, rank] = true * (float(true @ own) / float(true @ true))
    return columns, sources


def assign(gains: "FloatArray") -> list[tuple[int, int]]:
    """Pair rows with columns, each at most once, so that the sum of `gains` over the pairs is greatest.

    The Hungarian method with potentials (Jonker & Volgenant 1987, doi 10.1007/BF02278710): row by row, along
    the shortest augmenting path. scipy's ``linear_sum_assignment`` does the same, but importing it
    takes a quarter of a second, for which the first result would not be drawn.

    Parameters
    ----------
    gains : ndarray, shape (rows, columns)
        Finite.

    Returns
    -------
    pairs : list of (int, int)
        As many as there are of the fewer, by row.
    """
    if gains.shape[0] > gains.shape[1]:
        return sorted((row, column) for column, row in assign(gains.T))
    rows, columns = gains.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1, dtype=np.intp)
    for row in range(rows):
        shortest, before = np.full(columns, np.inf), np.full(columns, -1, dtype=np.intp)
        done = np.zeros(columns, dtype=bool)
        at, last, length = row, -1, 0.0
        while True:
            reached = length - gains[at] - of_row[at] - of_column
            nearer = ~done & (reached < shortest)
            shortest[nearer], before[nearer] = reached[nearer], last
            last = int(np.where(done, np.inf, shortest).argmin())
            length = float(shortest[last])
            done[last] = True
            if row_of[last] < 0:
                break
            at = int(row_of[last])
        of_row[row] += length
        passed = done & (row_of >= 0)
        of_row[row_of[passed]] += length - shortest[passed]
        of_column[passed] -= length - shortest[passed]
        while last >= 0:
            previous = int(before[last])
            row_of[last] = row if previous < 0 else row_of[previous]
            last = previous
    return sorted((int(row), column) for column, row in enumerate(row_of) if row >= 0)


def _directions(traces: "FloatArray") -> "FloatArray":
    """Return the centred traces at length 1, zeros for those that are constant."""
    centred = traces - traces.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.square(centred).sum(axis=1, keepdims=True))
    directions: FloatArray = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    return directions
