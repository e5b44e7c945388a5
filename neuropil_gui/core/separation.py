"""Separate one cell: check, scale, solve (with retries), match, scale back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import frozen
from neuropil_gui.core.settings import SeparationSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Separation:
    """A cell taken apart.

    Attributes
    ----------
    separated : ndarray, shape (n, frames)
        The components in the solver's order, in units of the median.
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
        What was subtracted from all traces before the separation; 0 where nothing was.
    median : float
        Of all traces, after the offset; what they were divided by.
    warnings : tuple of str
        What the user should know, in sentences.
    seconds : float
        How long it took.
    """

    separated: "FloatArray"
    matched: "FloatArray"
    mixing: "FloatArray"
    order: "NDArray[np.intp]"
    scores: "FloatArray"
    iterations: int
    converged: bool
    n: int
    seed: int
    tries: int
    settings: SeparationSettings
    offset: float
    median: float
    warnings: tuple[str, ...]
    seconds: float

    def __post_init__(self) -> None:
        for name in ("separated", "matched", "mixing", "scores"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        self.order.flags.writeable = False
