"""Exact non-negative sources for a given mixing, sample by sample, by active sets.

With the mixing H held, each sample x of NMF's objective (see `nmf`) is a small problem of
its own: the w >= 0 that minimises ``1/2 |x - H'w|^2 + l1 sum w + l2/2 |w|^2``. Its answer
is linear in x once it is known which components are above zero, the active set. Samples
with the same set are kept together, so that one matrix product answers for all of them and
finds the samples at which the set has to change; those are exchanged as in block principal
pivoting (Kim & Park 2011, doi 10.1137/110821172).
"""

from collections.abc import Generator
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.stepping import BLOCK, SAMPLES_PER_STEP, blocks

IntArray = NDArray[np.intp]

T = TypeVar("T")
Ticking = Generator[None, None, T]
"""Yields every few milliseconds of work, and returns its answer."""

MOST_COMPONENTS = 15
"""Most components: the number of possible sets doubles with each."""

FULL_EXCHANGES, MOST_EXCHANGES = 6, 200
"""Rounds of exchanging all that is wrong at once, which may go in circles; then one by one, which cannot, but for
rounding: without a penalty, where components depend on each other, a sample is left as it is after so many."""

TINY = float(np.finfo(float).tiny)

FEW = 32
"""Samples to a set below which a product for each sample is quicker than one for each set."""

STRAY_SHARE, LOST_SHARE = 0.06, 0.2
"""Parts of the samples that have left their group: from the first on they are grouped anew when their mixing is
kept, from the second on before anything else is done,"""

MOST_GROUPINGS = 3
"""but not more often than this for one mixing."""


@dataclass(frozen=True, eq=False)
class Sets:
    """Active sets, and the linear map from a sample to its sources for each.

    Attributes
    ----------
    codes : ndarray of int, shape (sets,)
        Bit k is set where component k is active.
    active : ndarray of bool, shape (sets, n)
    inverse : ndarray, shape (sets, n, n)
        Of the mixing's Gram matrix between active components, zero elsewhere.
    answer : ndarray, shape (sets, n, signals + 1)
        Takes a sample, with a 1 appended, to its w.
    test : ndarray, shape (sets, n, signals + 1)
        Takes it to w where a component is active, and to its slope where it is not: the set is
        right where none of these is negative.
    """

    codes: IntArray
    active: NDArray[np.bool_]
    inverse: FloatArray
    answer: FloatArray
    test: FloatArray

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, mixing: FloatArray, codes: IntArray, l1: float, l2: float) -> "Sets":
        """Return the maps of some sets for a mixing.

        Parameters
        ----------
        mixing : ndarray, shape (n, signals)
        codes : ndarray of int, shape (sets,)
        l1, l2 : float
            Weights of the penalties.

        Returns
        -------
        Sets
        """
        n, signals = mixing.shape
        gram = mixing @ mixing.T
        # A component without any mixing, or two with the same, would leave nothing to divide by where l2 is 0.
        gram.flat[:: n + 1] += l2 + 1e-12 * float(gram.trace()) + TINY
        active = (codes[:, np.newaxis] >> np.arange(n) & 1).astype(bool)
        both = active[:, :, np.newaxis] & active[:, np.newaxis, :]
        inverse = np.linalg.inv(np.where(both, gram, np.eye(n)))
        inverse *= both
        goal = np.full((n, signals + 1), -l1)
        goal[:, :-1] = mixing
        # A slope is gram @ answer - goal; the Gram matrix and the inverse are their own transposes.
        slope = _times(inverse, gram).transpose(0, 2, 1) - np.eye(n)
        answer, test = _times(inverse, goal), _times(np.where(active[:, :, np.newaxis], inverse, slope), goal)
        return cls(codes, active, inverse, answer, test)

    def join(self, other: "Sets") -> "Sets":
        """Return these sets followed by others.

        Parameters
        ----------
        other : Sets

        Returns
        -------
        Sets
        """
        pairs = ((getattr(self, each.name), getattr(other, each.name)) for each in fields(self))
        return Sets(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True, eq=False)
class Fit:
    """The best sources for one mixing, as sums over the samples of each active set.

    Attributes
    ----------
    mixing : ndarray, shape (n, signals)
    sets : Sets
    moments : ndarray, shape (sets, signals + 1, signals + 1)
        Sums of the samples' outer products with themselves, a 1 appended to each.
    strays : ndarray of int, shape (k,)
        Samples, by their place in the groups, that are not in their group's set,
    codes : ndarray of int, shape (k,)
        and in which they are.
    """

    mixing: FloatArray
    sets: Sets
    moments: FloatArray
    strays: IntArray
    codes: IntArray


class ActiveSets:
    """The samples of a recording, grouped by their active sets.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
    n : int
        The number of components.
    l1, l2 : float
        Weights of the penalties.
    """

    def __init__(self, X: FloatArray, n: int, l1: float, l2: float) -> None:
        self.n, self.l1, self.l2 = n, l1, l2
        self._samples = np.ones((X.shape[1] + 1, len(X)))
        self._samples[:-1] = X.T
        self._order = np.arange(len(X))
        self._slot = np.full(1 << n, -1)
        self._group(np.full(len(X), (1 << n) - 1))

    def fit(self, mixing: FloatArray) -> Ticking[Fit]:
        """Find the best sources for a mixing.

        Parameters
        ----------
        mixing : ndarray, shape (n, signals)

        Yields
        ------
        None
            After each block of work.

        Returns
        -------
        Fit
        """
        groupings = 0
        while True:
            sets = Sets.of(mixing, self._codes, self.l1, self.l2)
            wrong, flips = yield from self._check(sets)
            old = self._code_of(wrong)
            if len(wrong) <= LOST_SHARE * len(self._order) or groupings == MOST_GROUPINGS:
                break
            groupings += 1
            yield from self._regroup(wrong, old ^ flips)
        codes, sets = yield from self._exchange(mixing, sets, self._samples[:, wrong], old ^ flips)
        moved = codes != old
        wrong, codes = wrong[moved], codes[moved]
        moments = self._moments
        if len(wrong):
            moments = np.zeros((len(sets), *moments.shape[1:]))
            moments[: len(self._moments)] = self._moments
            columns = self._samples[:, wrong]
            places = np.arange(len(sets))
            self._slot[sets.codes] = places
            for slots, sign in ((self._slot[old[moved]], -1.0), (self._slot[codes], 1.0)):
                order = np.argsort(slots.astype(np.int16), kind="stable")
                ends = np.searchsorted(slots[order], places, side="right")
                for slot in np.unique(slots):
                    part = columns[:, order[ends[slot - 1] if slot else 0 : ends[slot]]]
                    moments[slot] += sign * (part @ part.T)
            self._slot[sets.codes] = -1
        return Fit(mixing, sets, moments, wrong, codes)

    def keep(self, fit: Fit) -> Ticking[Fit]:
        """Continue from a fit: group the samples by its active sets where enough of them have moved.

        Parameters
        ----------
        fit : Fit
            The last answer of `fit`.

        Yields
        ------
        None
            After each block of work.

        Returns
        -------
        Fit
            The same for the groups that there are now.
        """
        if len(fit.strays) <= STRAY_SHARE * len(self._order):
            return fit
        yield from self._regroup(fit.strays, fit.codes)
        none = np.zeros(0, np.intp)
        return Fit(fit.mixing, Sets.of(fit.mixing, self._codes, self.l1, self.l2), self._moments, none, none)

    def sources(self, fit: Fit) -> Ticking[FloatArray]:
        """Return the sources of a fit that was made, or kept, since samples were grouped last.

        Parameters
        ----------
        fit : Fit

        Yields
        ------
        None
            After each block of work.

        Returns
        -------
        ndarray, shape (n, frames)
            Without negative values.
        """
        sources = np.empty((self.n, len(self._order)))
        for group, answer in enumerate(fit.sets.answer[: len(self._codes)]):
            for block in self._blocks_of(group):
                values = answer @ self._samples[:, block]
                sources[:, self._order[block]] = np.maximum(values, 0, out=values)
                yield
        self._slot[fit.sets.codes] = np.arange(len(fit.sets))
        slots = self._slot[fit.codes]
        self._slot[fit.sets.codes] = -1
        values = apply_each(fit.sets.answer, slots, self._samples[:, fit.strays])
        sources[:, self._order[fit.strays]] = np.maximum(values, 0).T
        return sources

    def _check(self, sets: Sets) -> Ticking[tuple[IntArray, IntArray]]:
        """Find the samples whose group's set is wrong, and what to exchange there."""
        wrong, flips = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
        if len(self._order) < FEW * len(sets):
            slots = np.repeat(np.arange(len(sets)), np.diff(self._starts))
            for block in blocks(len(slots)):
                negative = apply_each(sets.test, slots[block], self._samples[:, block]) < 0
                found = np.flatnonzero(negative.any(axis=1))
                wrong.append(found + block.start)
                flips.append(_pack(negative[found].T))
                yield
        else:
            seen = 0
            for group, test in enumerate(sets.test):
                for block in self._blocks_of(group):
                    negative = test @ self._samples[:, block] < 0
                    if negative.any():
                        found = np.flatnonzero(negative.any(axis=0))
                        wrong.append(found + block.start)
                        flips.append(_pack(negative[:, found]))
                    seen += block.stop - block.start
                    if seen >= SAMPLES_PER_STEP:
                        seen = 0
                        yield
        return np.concatenate(wrong), np.concatenate(flips)

    def _exchange(
        self, mixing: FloatArray, sets: Sets, columns: FloatArray, codes: IntArray
    ) -> Ticking[tuple[IntArray, Sets]]:
        """Go on from `codes` until each sample of `columns` has its right set."""
        self._slot[sets.codes] = np.arange(len(sets))
        left, rounds = np.arange(len(codes)), 0
        while len(left) and rounds < MOST_EXCHANGES:
            rounds += 1
            unseen = np.unique(codes[left][self._slot[codes[left]] < 0])
            if len(unseen):
                self._slot[unseen] = np.arange(len(sets), len(sets) + len(unseen))
                sets = sets.join(Sets.of(mixing, unseen, self.l1, self.l2))
            wrong = []
            for block in blocks(len(left), BLOCK // 2):
                part = left[block]
                old = codes[part]
                new = exchanged(old, apply_each(sets.test, self._slot[old], columns[:, part]) < 0, rounds)
                codes[part] = new
                wrong.append(part[new != old])
                yield
            left = np.concatenate(wrong)
        self._slot[sets.codes] = -1
        return codes, sets

    def _code_of(self, places: IntArray) -> IntArray:
        return self._codes[np.searchsorted(self._starts, places, side="right") - 1]

    def _blocks_of(self, group: int) -> list[slice]:
        first, last = self._starts[group], self._starts[group + 1]
        return [slice(first + part.start, first + part.stop) for part in blocks(last - first)]

    def _regroup(self, strays: IntArray, codes: IntArray) -> Ticking[None]:
        every = np.repeat(self._codes, np.diff(self._starts))
        every[strays] = codes
        yield
        self._group(every)
        yield

    def _group(self, codes: IntArray) -> None:
        order = np.argsort(codes.astype(np.uint16), kind="stable")  # of 16 bits: by radix, in linear time
        self._samples = np.take(self._samples, order, axis=1)
        self._order = self._order[order]
        codes = codes[order]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        self._codes, self._starts = codes[starts], np.append(starts, len(codes))
        self._moments = np.zeros((len(starts), len(self._samples), len(self._samples)))
        for group, moment in enumerate(self._moments):
            for block in self._blocks_of(group):
                part = self._samples[:, block]
                moment += part @ part.T


def _times(stack: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return each matrix of a stack times another, by one product, which takes less time than many small ones."""
    products: FloatArray = stack.reshape(-1, stack.shape[2]) @ matrix
    return products.reshape(*stack.shape[:2], -1)


def apply_each(maps: FloatArray, slots: IntArray, columns: FloatArray) -> FloatArray:
    """Apply to each column (signals + 1, k) the map (n, signals + 1) in its slot; returns (k, n)."""
    products: FloatArray = np.einsum("kij,jk->ki", maps.take(slots, axis=0), columns)
    return products


def exchanged(codes: IntArray, wrong: NDArray[np.bool_], rounds: int) -> IntArray:
    """Return the sets (k,) that follow after so many rounds where what is `wrong` (k, n) is to be exchanged."""
    flips = _pack(wrong.T)
    if rounds > FULL_EXCHANGES:
        flips = np.where(flips > 0, 1 << np.log2(np.maximum(flips, 1)).astype(np.intp), 0)
    return codes ^ flips


def _pack(bits: NDArray[np.bool_]) -> IntArray:
    """Turn columns of bits (n, k) into numbers (k,)."""
    packed = np.packbits(bits, axis=0, bitorder="little").astype(np.intp)
    numbers: IntArray = packed[0] if len(packed) == 1 else packed[0] | packed[1] << 8
    return numbers
