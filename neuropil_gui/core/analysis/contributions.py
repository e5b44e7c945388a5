"""Contributions of the components to the ROI's trace, which add up to it with a constant and a residual."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.draft import averaged
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import kept_frames, with_gaps, without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import blocks


@dataclass(frozen=True)
class Shares:
    """Shares of the ROI's light in a stretch of frames, in per cent of the sizes of all parts; 100 in all.

    Attributes
    ----------
    components : tuple of float
        In matched order.
    constant : float
    residual : float
    """

    components: tuple[float, ...]
    constant: float
    residual: float


@dataclass(frozen=True, eq=False)
class Contributions:
    """Parts of a ROI's trace: ``roi = components.sum(axis=0) + constant + residual``, to rounding.

    Attributes
    ----------
    roi : ndarray, shape (values,)
        The ROI's trace, in its unit; of a draft, its averages over bins.
    components : ndarray, shape (n, values)
        What each component brings to the ROI, best match first: ``Separation.matched`` itself.
    constant : float
        What no component holds: the offset that was subtracted before NMF; the ROI's mean for ICA, whose
        components have mean 0.
    frames_per_value : int
        How many frames a value stands for; above 1 in a draft.
    """

    roi: FloatArray
    components: FloatArray
    constant: float
    frames_per_value: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "roi", as_read_only(self.roi, "The ROI's trace"))
        object.__setattr__(self, "components", as_read_only(self.components, "The components"))

    @cached_property
    def residual(self) -> FloatArray:
        """The ROI's trace less the components and the constant, shape (values,), read-only."""
        rest = self.without(range(len(self.components)))
        rest -= self.constant
        rest.flags.writeable = False
        return rest

    def shares(self, start: int, stop: int) -> Shares:
        """Return the shares of the ROI's light in the frames from `start` to before `stop`.

        The share of a part is the sum of its magnitudes over that of all parts. Where no part is negative this
        is plainly its share of the light. NMF's components never are; its offset and residual may be. ICA's
        components swing about 0, and light that one adds another can take away: there the shares
        tell how much each moves, beside the ROI's mean as the constant. Divide by the sum over the
        components to compare those alone.

        Parameters
        ----------
        start, stop : int
            In frames, also of a draft, whose bins count when they overlap. Frames outside the recording are
            left out.

        Returns
        -------
        Shares
            NaN in all places where there is no light at all.

        Raises
        ------
        DataError
            (a ValueError) When no frame of the recording is left.
        """
        first = max(0, start) // self.frames_per_value
        last = min(len(self.roi), -(-stop // self.frames_per_value))
        if stop <= start or first >= last:
            raise DataError(
                f"There are no frames from {start} to {stop} in a recording of "
                f"{len(self.roi) * self.frames_per_value}: choose a window inside it."
            )
        sizes = np.zeros(len(self.components) + 2)
        for part in blocks(last - first):
            block = slice(first + part.start, first + part.stop)
            known = np.isfinite(self.roi[block])
            sizes[:-2] += np.abs(self.components[:, block][:, known]).sum(axis=1)
            sizes[-1] += np.abs(self.residual[block][known]).sum()
            sizes[-2] += abs(self.constant) * np.count_nonzero(known)
        total = float(sizes.sum())
        percent = sizes * (100 / total) if total > 0 else np.full_like(sizes, np.nan)
        *components, constant, residual = percent.tolist()
        return Shares(tuple(components), constant, residual)

    def without(self, ranks: Iterable[int]) -> FloatArray:
        """Return the ROI's trace with some components taken out, constant and residual left in.

        Parameters
        ----------
        ranks : iterable of int
            Places in matched order, from 0; each counts once.

        Returns
        -------
        ndarray, shape (values,)
            A new array.

        Raises
        ------
        DataError
            (a ValueError) When there is no such component.
        """
        chosen = sorted(set(ranks))
        if chosen and not 0 <= chosen[0] <= chosen[-1] < len(self.components):
            raise DataError(f"Components are counted from 0 to {len(self.components) - 1}, but {chosen} was asked for.")
        trace = self.roi.copy()
        for block in blocks(len(trace)):
            for rank in chosen:
                trace[block] -= self.components[rank, block]
        return trace


def contributions(cell: Cell, separation: Separation) -> Contributions:
    """Return the contributions of a separation's components to the ROI's trace.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; may be a draft.

    Returns
    -------
    Contributions

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    roi = seen_by(cell, separation)[0]
    constant = (
        separation.offset
        if separation.settings.method == "nmf"
        else float(without_gaps(roi, kept_frames(roi[None])).mean())
    )
    return Contributions(roi, separation.matched, constant, separation.frames_per_value)


def seen_by(cell: Cell, separation: Separation) -> FloatArray:
    """Return the traces that a separation was made from, before offset and scale: (signals, values).

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; for a draft, the traces are averaged as it has done, and at frames that were left out they are
        NaN in all signals.

    Returns
    -------
    ndarray, shape (signals, values)

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    traces = cell.traces
    if separation.settings.drop_nan:
        kept = kept_frames(traces)
        traces = with_gaps(without_gaps(traces, kept), kept)
    traces = averaged(traces, separation.frames_per_value)
    if traces.shape != (len(separation.mixing), separation.matched.shape[1]):
        raise DataError(
            f"{cell.name} has {len(cell.traces)} signals of {cell.traces.shape[1]} frames, but the result is of "
            f"{len(separation.mixing)} signals and {separation.matched.shape[1]} values of "
            f"{separation.frames_per_value} frames: it was made from other traces. Separate the cell again."
        )
    return traces
