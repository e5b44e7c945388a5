"""Correlations between cells: matrices of Pearson's r in one order, all pairs, and against distance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.solvers.stepping import one_blas_thread

Matrix = NDArray[np.float32]

BLOCK = 256
"""Cells whose products are made in one step, between two looks at whether to stop."""

DENSE = 300
"""Cells up to which eigenvectors are found by a direct method."""

SPANNED, TURNS = 6, 30
"""Vectors and steps by which those of more cells are found."""

BINS, DRAWN = 101, 800
"""Bins of the distribution of r, and rows of a picture at most."""

EDGES = np.linspace(-1, 1, BINS + 1)
"""Edges of the bins."""

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
    pairs : mapping of str to Pairs
        The distribution of r over all pairs.
    pictures : mapping of str to ndarray of float32, shape (rows, rows)
        The matrices in `order`; of more than `DRAWN` cells, means over blocks of them.
    distances : ndarray, shape (cells, cells), or None
        Between cells, in pixels; NaN where it is not known. None where none is.
    curves : mapping of str to (ndarray, ndarray)
        Mean distance and mean r of pairs by their distance, see `by_distance`; empty where no distance is known.
    """

    matrices: Mapping[str, Matrix]
    order: NDArray[np.intp]
    cells: tuple[int, ...]
    pairs: "Mapping[str, Pairs]"
    pictures: Mapping[str, Matrix]
    distances: Matrix | None = None
    curves: Mapping[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)

    def with_places(self, middles: FloatArray, planes: "NDArray[np.intp] | None" = None) -> "Correlations":
        """Return the same with the distances of cells.

        Parameters
        ----------
        middles : ndarray, shape (all cells, 2)
            In pixels, by the index in the recording; NaN where it is not known.
        planes : ndarray of int, shape (all cells,), optional
            The plane of each cell: no distance is known between two.

        Returns
        -------
        Correlations
            Without distances where no pair has one.
        """
        rows = np.array(self.cells)
        distances = distances_of(middles[rows], None if planes is None else planes[rows])
        curves = {}
        for side, matrix in self.matrices.items():
            try:
                far, r, _ = by_distance(matrix, middles[rows], planes=None if planes is None else planes[rows])
            except DataError:
                return self
            curves[side] = far, r
        return replace(self, distances=distances, curves=curves)

    @property
    def limit(self) -> float:
        """The r below which 99 % of all pairs lie, whatever their sign, 0.05 at least: for the colours of matrices."""
        counts = np.sum([each.counts for each in self.pairs.values()], axis=0)
        sizes = np.abs(EDGES[:-1] + EDGES[1:]) / 2
        order = np.argsort(sizes, kind="stable")
        reached = np.cumsum(counts[order])
        if not reached[-1]:
            return 1.0
        return max(float(sizes[order][np.searchsorted(reached, 0.99 * reached[-1])]), 0.05)

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest r of a pair on any side, from -1 to 1 where there is none."""
        known = [each for each in self.pairs.values() if each.count]
        if not known:
            return -1.0, 1.0
        return min(each.low for each in known), max(each.high for each in known)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Distribution of r over pairs of cells, each counted once; pairs that are not known are left out.

    Attributes
    ----------
    counts : ndarray of int, shape (BINS,)
        How many pairs lie between two of `EDGES`.
    mean, low, high : float
        NaN where there is none.
    """

    counts: NDArray[np.intp]
    mean: float
    low: float
    high: float

    @property
    def count(self) -> int:
        """Number of pairs."""
        return int(self.counts.sum())

    @classmethod
    def of(cls, matrix: Matrix) -> "Pairs":
        """Return the distribution of a symmetric matrix.

        Parameters
        ----------
        matrix : ndarray, shape (cells, cells)

        Returns
        -------
        Pairs
        """
        counts, total = np.zeros(BINS, np.intp), 0.0
        low, high = np.inf, -np.inf
        columns = np.arange(len(matrix))
        for start in range(0, len(matrix), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(matrix)))
            part = matrix[rows][:, start:]
            values = part[(columns[start:] > rows[:, None]) & np.isfinite(part)]
            if len(values):
                places = np.clip(((values + 1) * (BINS / 2)).astype(int), 0, BINS - 1)
                counts += np.bincount(places, minlength=BINS)
                total += float(values.sum(dtype=np.float64))
                low, high = min(low, float(values.min())), max(high, float(values.max()))
        count = int(counts.sum())
        return cls(counts, total / count, low, high) if count else cls(counts, np.nan, np.nan, np.nan)


@one_blas_thread()  # several wait for each other where the machine has something else to do: five times as long
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
    pictures, pairs = {}, {}
    for side, matrix in matrices.items():
        if should_stop is not None and should_stop():
            raise Cancelled
        pictures[side], pairs[side] = _picture(matrix, order), Pairs.of(matrix)
    return Correlations(matrices, order, tuple(range(count) if cells is None else cells), pairs, pictures)


def _picture(matrix: Matrix, order: NDArray[np.intp]) -> Matrix:
    """Return a matrix in an order, averaged over blocks of cells where there are more than `DRAWN`."""
    size = -(-len(order) // DRAWN)
    if size == 1:
        return matrix[np.ix_(order, order)]
    starts = np.arange(0, len(order), size)
    rows = []
    for start in starts:
        part = np.nan_to_num(matrix[order[start : start + size]][:, order])
        rows.append(np.add.reduceat(part.mean(axis=0), starts) / np.diff(starts, append=len(order)))
    return np.array(rows, np.float32)


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

    It is the same each time, also where r is equal for many pairs.

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
    known = np.flatnonzero(np.isfinite(np.diag(matrix)))
    rest = np.setdiff1d(np.arange(len(matrix)), known)
    if len(known) < 4:
        return np.concatenate((known, rest))
    values = matrix[np.ix_(known, known)].astype(np.float64)
    vectors = _first_vectors(values)
    angles = np.arctan2(vectors[:, 0], vectors[:, 1])
    order = np.argsort(angles, kind="stable")
    # The circle is cut where two neighbours are farthest apart.
    gaps = np.diff(angles[order], append=angles[order[0]] + 2 * np.pi)
    return np.concatenate((known[np.roll(order, -int(np.argmax(gaps)) - 1)], rest))


def _first_vectors(values: FloatArray) -> FloatArray:
    """Return the eigenvectors of the two largest eigenvalues, their largest element positive, shape (rows, 2).

    Lanczos' method starts anew at random where it finds an invariant subspace, as it does where r is equal for all.
    """
    from scipy.linalg import eigh

    count = len(values)
    if count <= DENSE:
        _, vectors = eigh(values, subset_by_index=[count - 2, count - 1])
    else:
        basis = np.random.default_rng(0).normal(size=(count, SPANNED))
        for _ in range(TURNS):
            basis, _ = np.linalg.qr(values @ basis)
        _, turned = eigh(basis.T @ values @ basis)
        vectors = basis @ turned[:, -2:]
    largest = vectors[np.abs(vectors).argmax(axis=0), [0, 1]]
    found: FloatArray = vectors * np.where(largest < 0, -1.0, 1.0)
    return found


def distances_of(places: FloatArray, planes: "NDArray[np.intp] | None" = None) -> Matrix:
    """Return the distances between cells, in single precision.

    Parameters
    ----------
    places : ndarray, shape (cells, 2)
    planes : ndarray of int, shape (cells,), optional

    Returns
    -------
    ndarray of float32, shape (cells, cells), read-only
        NaN where a place is not known, and between planes.
    """
    found = np.empty((len(places), len(places)), np.float32)
    for row, place in enumerate(places):
        found[row] = np.hypot(*(places - place).T)
        if planes is not None:
            found[row, planes != planes[row]] = np.nan
    found.flags.writeable = False
    return found


def by_distance(
    matrix: Matrix, places: FloatArray, bins: int = 20, *, planes: "NDArray[np.intp] | None" = None
) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Return the mean r of pairs of cells by their distance.

    Parameters
    ----------
    matrix : ndarray, shape (cells, cells)
        Of Pearson's r.
    places : ndarray, shape (cells, 2)
        In any unit of length; cells at a place that is not finite are left out.
    bins : int
        Number of distances, with as many pairs in each.
    planes : ndarray of int, shape (cells,), optional
        The plane of each cell: pairs in two planes are left out.

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
    if planes is not None:
        known &= planes[rows] == planes[columns]
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
