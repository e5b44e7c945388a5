"""The result of a separation, and the progress of one that runs."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.gaps import kept_frames, without_gaps
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.core.solvers.stepping import Step


@dataclass(frozen=True, eq=False)
class Separation:
    """Result of the separation of a cell.

    Attributes
    ----------
    separated : ndarray, shape (n, frames)
        The components in the solver's order, in units of the median; NaN at frames that were left out.
    matched : ndarray, shape (n, frames)
        The part of the ROI's signal that each component makes up, best match first, in the traces' units.
    mixing : ndarray, shape (signals, n)
        How much of each component is seen in each signal, in the solver's order.
    order : ndarray of int, shape (n,)
        ``matched[k]`` belongs to ``separated[order[k]]`` and ``mixing[:, order[k]]``.
    scores : ndarray, shape (n,)
        The ROI's share of each column of `mixing`, in the solver's order.
    iterations : int
        Of the last try.
    converged : bool
    n : int
        The number of components.
    seed : int
        The seed of the last try.
    tries : int
    settings : SeparationSettings
        As they were asked for.
    offset : float
        What was subtracted from all traces before the separation: the settings' pedestal and, where `offset`
        asks for it, what takes the least value left to 0. 0 where nothing was.
    median : float
        Of all traces, after the offset; what they were divided by.
    warnings : tuple of Remark
        What the user should know, what matters most first.
    seconds : float
        How long it took.
    objective : float
        What NMF has minimised, see `nmf`; NaN for ICA.
    frames_per_value : int
        How many frames each value of `separated` and `matched` stands for; above 1 in a draft.
    origin : str
        The file that the result was read from; empty where it was made here.
    """

    separated: FloatArray
    matched: FloatArray
    mixing: FloatArray
    order: NDArray[np.intp]
    scores: FloatArray
    iterations: int
    converged: bool
    n: int
    seed: int
    tries: int
    settings: SeparationSettings
    offset: float
    median: float
    warnings: tuple[Remark, ...]
    seconds: float
    objective: float = math.nan
    frames_per_value: int = 1
    origin: str = ""

    @cached_property
    def kept(self) -> NDArray[np.bool_] | None:
        """Values that are there, where frames were left out and those are NaN, shape (frames,); None for all."""
        return kept_frames(self.matched[:1]) if self.settings.drop_nan else None

    def repeatable(self) -> SeparationSettings:
        """Return the settings that make the separation again: a seed that was drawn is that of its first try."""
        if self.settings.seed is not None:
            return self.settings
        return replace(self.settings, seed=(self.seed - self.tries + 1) % (MAX_SEED + 1))

    def without_gaps(self) -> "Separation":
        """Return the separation with its gaps closed up, as it was solved."""
        if self.kept is None:
            return self
        return replace(
            self, separated=without_gaps(self.separated, self.kept), matched=without_gaps(self.matched, self.kept)
        )

    def __post_init__(self) -> None:
        for name in ("separated", "matched", "mixing", "scores"):
            array = getattr(self, name)
            array.flags.writeable = False
            object.__setattr__(self, name, as_read_only(array))
        self.order.flags.writeable = False


@dataclass(frozen=True)
class Progress:
    """Progress of a separation: the try and the solver's last step.

    Attributes
    ----------
    attempt : int
        Which try it is, from 1.
    step : Step
        Where its solver stands.
    """

    attempt: int
    step: Step
