"""Contributions to a ROI prepared for plots: stacked for NMF, in lanes for ICA."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from neuropil_gui.core.analysis.contributions import Contributions, Shares, contributions
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import blocks
from neuropil_gui.drawing.pyramid import Pyramid

ShouldStop = Callable[[], bool] | None

BIN = 256
"""Values between two of the running sums: what is left over at both ends is summed as it is asked for."""


class RunningShares:
    """`Contributions.shares` of any stretch, in a time that does not depend on how long it is.

    Parameters
    ----------
    made : Contributions
    """

    def __init__(self, made: Contributions) -> None:
        self._made = made
        values = len(made.roi)
        sums = np.zeros((len(made.components) + 1, values // BIN + 1))
        for index in range(values // BIN):
            sums[:, index + 1] = sums[:, index] + self._sizes(index * BIN, (index + 1) * BIN)
        self._sums = sums

    def between(self, start: int, stop: int) -> Shares:
        """Return the shares of the ROI's light from `start` to before `stop`, see `Contributions.shares`.

        Parameters
        ----------
        start, stop : int
            In values; those outside the recording are left out. NaN in all places where none is left, or no light.
        """
        first, last = max(0, start), min(len(self._made.roi), stop)
        sizes = np.zeros(len(self._sums) + 1)
        if first < last:
            inner, end = -(-first // BIN), last // BIN
            if inner < end:
                found = self._sums[:, end] - self._sums[:, inner]
                found = found + self._sizes(first, inner * BIN) + self._sizes(end * BIN, last)
            else:
                found = self._sizes(first, last)
            sizes[:-2], sizes[-1] = found[:-1], found[-1]
            sizes[-2] = abs(self._made.constant) * (last - first)
        total = float(sizes.sum())
        percent = 100 * (sizes / total) if total > 0 else np.full_like(sizes, np.nan)
        *components, constant, residual = percent.tolist()
        return Shares(tuple(components), constant, residual)

    def _sizes(self, first: int, last: int) -> FloatArray:
        """Sum the magnitudes of the components and of the residual."""
        part = slice(first, last)
        return np.append(np.abs(self._made.components[:, part]).sum(axis=1), np.abs(self._made.residual[part]).sum())


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of a ROI's trace with the pyramids to draw them.

    Attributes
    ----------
    made : Contributions
    signed : bool
        Whether parts may be negative (ICA): areas one upon another would then lie.
    off : frozenset of int
        The ranks that are taken out.
    edges : Pyramid, rows (1 + n, values)
        Where they only add: the constant, then what is reached with each component that is not `off`. Where they have
        signs: the ROI less its mean, then each component.
    residual : Pyramid
    without : Pyramid or None
        The ROI without those that are off (less its mean, where they have signs); None where none is.
    shares : RunningShares
    """

    made: Contributions
    signed: bool
    off: frozenset[int]
    edges: Pyramid
    residual: Pyramid
    without: Pyramid | None
    shares: RunningShares


def take_apart(
    cell: Cell,
    separation: Separation,
    off: frozenset[int] = frozenset(),
    known: Parts | None = None,
    should_stop: ShouldStop = None,
) -> Parts:
    """Return the parts of a ROI's trace with the pyramids to draw them.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell.
    off : frozenset of int
        Which components to take out, by rank.
    known : Parts, optional
        Of the same separation: only what depends on `off` is made anew.
    should_stop : callable, optional
        Polled between steps.

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces, or has no such component.
    Cancelled
        When `should_stop` returned True.
    """
    made = known.made if known is not None else contributions(cell, separation)
    signed = separation.settings.method == "ica"
    level = made.constant if signed else 0.0
    without = Pyramid(made.without(off) - level) if off else None
    if should_stop is not None and should_stop():
        raise Cancelled
    if known is not None and signed:
        return replace(known, off=off, without=without)
    edges = np.empty((1 + len(made.components), len(made.roi)))
    edges[0] = made.roi - level if signed else made.constant
    for block in blocks(len(made.roi)):
        if should_stop is not None and should_stop():
            raise Cancelled
        for rank, component in enumerate(made.components):
            if signed:
                edges[rank + 1, block] = component[block]
            else:
                edges[rank + 1, block] = edges[rank, block]
                if rank not in off:
                    edges[rank + 1, block] += component[block]
    pyramid = Pyramid(edges)
    if known is not None:
        return replace(known, off=off, edges=pyramid, without=without)
    return Parts(made, signed, off, pyramid, Pyramid(made.residual), without, RunningShares(made))
