"""Which component of one result is which of another, so that colours agree and differences make sense."""

from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.analysis.truth import assign
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.draft import FRAMES_PER_VALUE, averaged
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import blocks


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
    (linear assignment, see `truth.assign`). The magnitude, because the sign of ICA's components is arbitrary.

    Parameters
    ----------
    one, other : Separation
        Of the same frames. Where one of them is a draft, the other is averaged over the same bins.

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


def difference(one: Separation, other: Separation) -> "FloatArray":
    """Return the best-matched trace of `one` minus that of `other`.

    Parameters
    ----------
    one, other : Separation
        As in `pair`.

    Returns
    -------
    ndarray, shape (values,)
        In the traces' unit; over a draft's bins where one of them is a draft.

    Raises
    ------
    DataError
        (a ValueError) When they are not of the same frames.
    """
    first, second = _on_common_values(one.matched[:1], other.matched[:1], one, other)
    gap: FloatArray = first[0] - second[0]
    return gap


def _living(separation: Separation) -> "FloatArray":
    """Return the separated traces in matched order, zeros for those that are seen in no signal."""
    traces = separation.separated[separation.order]
    traces[~separation.mixing[:, separation.order].any(axis=0)] = 0
    return traces


def _on_common_values(
    first: "FloatArray", second: "FloatArray", one: Separation, other: Separation
) -> "tuple[FloatArray, FloatArray]":
    """Average what is finer over the bins of what is coarser."""
    lengths = one.frames_per_value, other.frames_per_value
    if lengths == (1, FRAMES_PER_VALUE):
        first = averaged(first)
    elif lengths == (FRAMES_PER_VALUE, 1):
        second = averaged(second)
    if first.shape[1] != second.shape[1] or (lengths[0] != lengths[1] and set(lengths) != {1, FRAMES_PER_VALUE}):
        raise DataError(
            f"Results of {one.matched.shape[1]} values of {lengths[0]} frames and of {other.matched.shape[1]} values "
            f"of {lengths[1]} frames cannot be compared: both must be of the same frames of one recording."
        )
    return first, second


def _likeness(first: "FloatArray", second: "FloatArray") -> "FloatArray":
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
