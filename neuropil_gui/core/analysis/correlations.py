"""Correlations between cells: matrices of Pearson's r in one order, all pairs, and against distance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError

Matrix = NDArray[np.float32]

BLOCK = 256
"""Cells whose products are made in one step, between two looks at whether to stop."""

# A trace that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Correlations:
    """Pearson's r of all pairs of cells.

    Attributes
    ----------
    matrices : mapping of str to ndarray of float32, shape (cells, cells)
        By what the traces are of, such as ``"raw"``; NaN in the rows and columns of cells whose trace is constant or
        not finite.
    order : ndarray of int, shape (cells,)
        The cells such that those that go together stand together; the same for all matrices.
    cells : tuple of int
        The index in the recording of each row.
    """

    matrices: Mapping[str, Matrix]
    order: NDArray[np.intp]
    cells: tuple[int, ...]

    def pairs(self, side: str) -> Matrix:
        """Return r of each pair once, shape (pairs,), without those that are not known.

        Parameters
        ----------
        side : str
            A key of `matrices`.

        Returns
        -------
        ndarray of float32
        """
        matrix = self.matrices[side]
        values = matrix[np.triu_indices(len(matrix), 1)]
        found: Matrix = values[np.isfinite(values)]
        return found

    def mean(self, side: str) -> float:
        """Return the mean r of all pairs, NaN where there is none.

        Parameters
        ----------
        side : str
            A key of `matrices`.

        Returns
        -------
        float
        """
        pairs = self.pairs(side)
        return float(pairs.mean(dtype=np.float64)) if len(pairs) else np.nan


def correlations(
    traces: Mapping[str, FloatArray | Matrix],
    cells: Sequence[int] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Correlations:
    """Correlate all pairs of cells, on each side.

    Parameters
    ----------
    traces : mapping of str to ndarray, shape (cells, frames)
        By what they are of. Frames in which a value is not finite are left out for all cells.
    cells : sequence of int, optional
        The index in the recording of each row.
    should_stop : callable, optional
        Polled between blocks.

    Returns
    -------
    Correlations

    Raises
    ------
    DataError
        (a ValueError) When there are fewer than two cells, or sides differ in shape.
    Cancelled
        When `should_stop` returned True.
    """
    shapes = {each.shape for each in traces.values()}
    if len(shapes) != 1:
        raise DataError(f"All sides need the same cells and frames, but shapes {sorted(shapes)} were found.")
    count = next(iter(shapes))[0]
    if count < 2:
        raise DataError("Correlations between cells need two cells at least.")
    matrices = {side: pearson_matrix(each, should_stop) for side, each in traces.items()}
    order = similarity_order(next(iter(matrices.values())))
    return Correlations(matrices, order, tuple(range(count) if cells is None else cells))


def pearson_matrix(traces: FloatArray | Matrix, should_stop: Callable[[], bool] | None = None) -> Matrix:
    """Return Pearson's r of all pairs of rows, in single precision.

    Parameters
    ----------
    traces : ndarray, shape (cells, frames)
        Frames in which any value is not finite are left out for all.
    should_stop : callable, optional
        Polled between blocks.

    Returns
    -------
    ndarray of float32, shape (cells, cells), read-only
        NaN in the row and column of a constant trace; within 1e-5 of the values in double precision.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    kept = np.isfinite(traces).all(axis=0)
    count = len(traces)
    directions = np.empty((count, int(np.count_nonzero(kept))), np.float32)
    constant = np.zeros(count, bool)
    for row in range(count):
        trace = np.asarray(traces[row] if kept.all() else traces[row][kept], np.float64)
        centred = trace - trace.mean() if len(trace) else trace
        size = float(np.sqrt(centred @ centred))
        constant[row] = not size > _ROUNDING * float(np.sqrt(trace @ trace))
        directions[row] = 0 if constant[row] else centred / size
    found = np.empty((count, count), np.float32)
    for start in range(0, count, BLOCK):
        if should_stop is not None and should_stop():
            raise Cancelled
        block = slice(start, start + BLOCK)
        # Each pair once: what lies below the diagonal is copied.
        np.matmul(directions[block], directions[start:].T, out=found[block, start:])
        found[start:, block] = found[block, start:].T
    np.clip(found, -1, 1, out=found)
    np.fill_diagonal(found, 1)
    found[constant] = found[:, constant] = np.nan
    found.flags.writeable = False
    return found


def similarity_order(matrix: Matrix) -> NDArray[np.intp]:
    """Return an order in which rows that go together stand together: by the angle of the first two eigenvectors.

    Parameters
    ----------
    matrix : ndarray, shape (cells, cells)
        Of Pearson's r; cells that are not known come last.

    Returns
    -------
    ndarray of int, shape (cells,)

    References
    ----------
    Friendly (2002), doi:10.1198/000313002533
    """
    from scipy.sparse.linalg import eigsh

    known = np.flatnonzero(np.isfinite(np.diag(matrix)))
    rest = np.setdiff1d(np.arange(len(matrix)), known)
    if len(known) < 4:
        return np.concatenate((known, rest))
    values = matrix[np.ix_(known, known)].astype(np.float64)
    _, vectors = eigsh(values, k=2, which="LA", v0=np.ones(len(known)))
    angles = np.arctan2(vectors[:, 0], vectors[:, 1])
    order = np.argsort(angles, kind="stable")
    # The circle is cut where two neighbours are farthest apart.
    gaps = np.diff(angles[order], append=angles[order[0]] + 2 * np.pi)
    return np.concatenate((known[np.roll(order, -int(np.argmax(gaps)) - 1)], rest))


def by_distance(matrix: Matrix, places: FloatArray, bins: int = 20) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Return the mean r of pairs of cells by their distance.

    Parameters
    ----------
    matrix : ndarray, shape (cells, cells)
        Of Pearson's r.
    places : ndarray, shape (cells, 2)
        In any unit of length; cells at a place that is not finite are left out.
    bins : int
        Number of distances, with as many pairs in each.

    Returns
    -------
    distances, means : ndarray, shape (bins,)
        Mean distance and mean r of the pairs in each bin.
    counts : ndarray of int, shape (bins,)
        Number of pairs.

    Raises
    ------
    DataError
        (a ValueError) When there is no pair with a known distance and r.
    """
    rows, columns = np.triu_indices(len(matrix), 1)
    distance = np.hypot(*(places[rows] - places[columns]).T)
    r = matrix[rows, columns].astype(np.float64)
    known = np.isfinite(distance) & np.isfinite(r)
    if not known.any():
        raise DataError("No pair of cells has a known distance.")
    order = np.argsort(distance[known], kind="stable")
    distance, r = distance[known][order], r[known][order]
    groups = [each for each in np.array_split(np.arange(len(r)), min(bins, len(r))) if len(each)]
    return (
        np.array([distance[group].mean() for group in groups]),
        np.array([r[group].mean() for group in groups]),
        np.array([len(group) for group in groups]),
    )
