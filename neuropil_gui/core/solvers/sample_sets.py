"""The answers of `active_sets` for few samples, which are not grouped: each has an active set of its own.

All possible sets are made at once, so that a sample's code is the place of its set, and all
samples are worked on at once: for short recordings calls cost more than what they compute.
"""

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.active_sets import MOST_EXCHANGES, ActiveSets, Fit, Sets, Ticking, apply_each, exchanged

MOST_SAMPLES, MOST_SETS = 2048, 64
"""More samples, or more possible sets, are quicker in groups."""


def sets_of(X: FloatArray, n: int, l1: float, l2: float) -> "ActiveSets | SampleSets":
    """Return the active sets of samples, in groups where that is quicker.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
    n : int
        The number of components.
    l1, l2 : float
        Weights of the penalties.

    Returns
    -------
    ActiveSets or SampleSets
    """
    few = len(X) <= MOST_SAMPLES and 1 << n <= MOST_SETS
    return SampleSets(X, n, l1, l2) if few else ActiveSets(X, n, l1, l2)


class SampleSets:
    """The samples of a short recording with their active sets; parameters and methods are those of `ActiveSets`."""

    def __init__(self, X: FloatArray, n: int, l1: float, l2: float) -> None:
        self.n, self.l1, self.l2 = n, l1, l2
        self._samples = np.ones((len(X), X.shape[1] + 1))
        self._samples[:, :-1] = X
        self._products = np.einsum("fi,fj->fij", self._samples, self._samples).reshape(len(X), -1)
        self._every = np.arange(len(X))
        self._codes = np.full(len(X), (1 << n) - 1)

    def fit(self, mixing: FloatArray) -> Ticking[Fit]:
        """Find the best sources for a mixing."""
        sets = Sets.of(mixing, np.arange(1 << self.n), self.l1, self.l2)
        codes, left, rounds = self._codes.copy(), self._every, 0
        while len(left) and rounds < MOST_EXCHANGES:
            rounds += 1
            old = codes[left]
            new = exchanged(old, apply_each(sets.test, old, self._samples.take(left, axis=0).T) < 0, rounds)
            codes[left] = new
            left = left[new != old]
            yield
        order = np.argsort(codes.astype(np.uint16), kind="stable")
        counts = np.bincount(codes, minlength=len(sets))
        there = np.flatnonzero(counts)
        moments = np.zeros((len(sets), self._products.shape[1]))
        moments[there] = np.add.reduceat(
            self._products.take(order, axis=0), (np.cumsum(counts) - counts)[there], axis=0
        )
        size = self._samples.shape[1]
        return Fit(mixing, sets, moments.reshape(-1, size, size), self._every, codes)

    def keep(self, fit: Fit) -> Ticking[Fit]:
        """Continue from a fit, and return it."""
        self._codes = fit.codes
        yield
        return fit

    def sources(self, fit: Fit) -> Ticking[FloatArray]:
        """Return the sources of a fit."""
        sources = np.maximum(apply_each(fit.sets.answer, fit.codes, self._samples.T).T, 0)
        yield
        return np.ascontiguousarray(sources)
