"""Pairs of components: of two results, or of a result and the truth; and whether two solvers' results agree."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.draft import FRAMES_PER_VALUE, averaged
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import kept_frames, without_gaps
from neuropil_gui.core.recording import Truth
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import blocks

MOST_FRAMES = 20_000
"""Frames at most by which components are paired with the truth, evenly spaced."""

SAME = 0.999
"""Pearson's r of the best matches from which on two results are the same."""


@dataclass(frozen=True)
class Pairing:
    """The components of a second result, matched to those of a first.

    Attributes
    ----------
    partners : tuple of int or None
        For each rank (place in matched order) of the second, the rank of its partner in the first. None where
        there is none left, or where it is dead: without light, or seen in no signal.
    likeness : tuple of float
        |Pearson's r| with the partner, from 0 to 1; 0 where there is none. A partner is the best there was,
        not always a good one.
    """

    partners: tuple[int | None, ...]
    likeness: tuple[float, ...]


def pair(one: Separation, other: Separation) -> Pairing:
    """Match the components of `other` to those of `one`.

    Each is given to one partner at most, so that the sum of |Pearson's r| of the separated traces is greatest
    (linear assignment, see `assign`). The magnitude, because the sign of ICA's components is arbitrary.

    Parameters
    ----------
    one, other : Separation
        Of the same frames. Where one of them is a draft, the other is averaged over the same bins.

    Returns
    -------
    Pairing

    Raises
    ------
    DataError
        (a ValueError) When they are not of the same frames.
    """
    first, second = _on_common_values(_living(one), _living(other), one, other)
    likeness = _likeness(first, second)
    partners: list[int | None] = [None] * len(second)
    found = [0.0] * len(second)
    for theirs, ours in assign(likeness):
        if likeness[theirs, ours] > 0:
            partners[theirs], found[theirs] = ours, float(likeness[theirs, ours])
    return Pairing(tuple(partners), tuple(found))


def true_columns(separation: Separation, truth: Truth) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the true mixing of the source of each component, paired by the traces that are most alike.

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
    every = np.arange(0, frames, 1 + frames // MOST_FRAMES)
    if separation.kept is not None:
        every = every[separation.kept[every]]
    found = _directions(separation.separated[separation.order][:, every])
    likeness = np.abs(found @ _directions(truth.sources[:, every]).T)
    for rank, source in assign(likeness):
        own = separation.mixing[:, separation.order[rank]]
        true = truth.mixing[:, source]
        if likeness[rank, source] > 0 and own.any() and true.any():
            sources[rank] = source
            columns[:, rank] = true * (float(true @ own) / float(true @ true))
    return columns, sources


def assign(gains: FloatArray) -> list[tuple[int, int]]:
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


@dataclass(frozen=True)
class Agreement:
    """Comparison of two separations of one cell, by the same settings but another solver.

    Attributes
    ----------
    r : float
        Pearson's r of the best matches; NaN where both are constant, 0 where one is.
    objectives : tuple of float
        The minimised objective of each, the first one's first.
    ran_on : Agreement or None
        That of FISSA's result, run on to the minimum beside it, with the other one's, where that is known.
    """

    r: float
    objectives: tuple[float, float]
    ran_on: "Agreement | None" = None

    @property
    def empty(self) -> bool:
        """Whether neither best match moves, so that there is nothing to correlate."""
        return math.isnan(self.r)

    @property
    def same(self) -> bool:
        """Whether the best matches look the same in a plot; where both are empty, they do."""
        return self.empty or self.r >= SAME

    @classmethod
    def of(cls, one: Separation, other: Separation) -> "Agreement":
        """Return the agreement of two separations.

        Parameters
        ----------
        one, other : Separation
            Of the same cell, with best matches of equal length.

        Returns
        -------
        Agreement
            Correlation of the best matches, and the objectives of both.
        """
        best = [each.without_gaps().matched[0] for each in (one, other)]
        a, b = (each - each.mean() for each in best)
        power, rest = float(a @ a), float(b @ b)
        r = math.nan if power == rest == 0 else 0.0
        if power and rest:
            r = float(np.clip(float(a @ b) / (power * rest) ** 0.5, -1, 1))
        return cls(r, (one.objective, other.objective))


def _living(separation: Separation) -> FloatArray:
    """Return the separated traces in matched order, zeros for those that are seen in no signal."""
    traces = separation.separated[separation.order]
    traces[~separation.mixing[:, separation.order].any(axis=0)] = 0
    return traces


def _on_common_values(
    first: FloatArray, second: FloatArray, one: Separation, other: Separation
) -> tuple[FloatArray, FloatArray]:
    """Average what is finer over the bins of what is coarser."""
    lengths = one.frames_per_value, other.frames_per_value
    if lengths == (1, FRAMES_PER_VALUE):
        first = averaged(first)
    elif lengths == (FRAMES_PER_VALUE, 1):
        second = averaged(second)
    kept = kept_frames(np.vstack((first, second))) if first.shape[1] == second.shape[1] else None
    first, second = without_gaps(first, kept), without_gaps(second, kept)
    if first.shape[1] != second.shape[1] or (lengths[0] != lengths[1] and set(lengths) != {1, FRAMES_PER_VALUE}):
        raise DataError(
            f"Results of {one.matched.shape[1]} values of {lengths[0]} frames and of {other.matched.shape[1]} values "
            f"of {lengths[1]} frames cannot be compared: both must be of the same frames of one recording."
        )
    return first, second


def _likeness(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return |Pearson's r| of each row of `second` with each of `first`, 0 where one is constant."""
    stacked = np.vstack((second, first))
    means = stacked.mean(axis=1, keepdims=True)
    products = np.zeros((len(stacked), len(stacked)))
    for block in blocks(stacked.shape[1]):
        part = stacked[:, block] - means
        products += part @ part.T
    power = np.diag(products)
    # Rounding leaves a little of a constant.
    moves = power > 1e-24 * stacked.shape[1] * means[:, 0] ** 2
    lengths = np.sqrt(np.where(moves, power, 1.0))
    r = np.abs(products) / np.outer(lengths, lengths)
    r *= np.outer(moves, moves)
    likeness: FloatArray = np.minimum(r[: len(second), len(second) :], 1.0)
    return likeness


def _directions(traces: FloatArray) -> FloatArray:
    """Return the centred traces at length 1, zeros for those that are constant."""
    centred = traces - traces.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.square(centred).sum(axis=1, keepdims=True))
    directions: FloatArray = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    return directions
