"""A first look at a long recording's separation, from averages over short bins."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.accelerated import SWEEPS
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Progress, Separation, separate_cell
from neuropil_gui.core.settings import SeparationSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

FRAMES_PER_VALUE = 20

TOLERANCE, MOST_STEPS = 1e-3, 12
"""A draft need not be more exact, and must not take long."""


def separate_draft(
    cell: Cell,
    settings: SeparationSettings,
    progress: Callable[[Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Separation:
    """Separate averages over bins of a cell's frames; see `separate_cell` for the parameters.

    The penalty of NMF acts as alpha over the square root of the number of samples, so that alpha
    over the square root of the bin's length keeps what is a zero and what is not. (A cut-out of
    the recording would not do: it has other minima.)

    Returns
    -------
    Separation
        Each value stands for `FRAMES_PER_VALUE` frames; its settings are those asked for.
    """
    quick = replace(
        settings,
        alpha=settings.alpha / math.sqrt(FRAMES_PER_VALUE),
        tol=max(settings.tol, TOLERANCE),
        max_iter=min(settings.max_iter, SWEEPS + MOST_STEPS),
        max_tries=1,
    )
    coarse = replace(cell, traces=averaged(cell.traces), trial_starts=(0,), truth=None, stored=None)
    draft = separate_cell(coarse, quick, progress, should_stop)
    return replace(draft, settings=settings, frames_per_value=FRAMES_PER_VALUE)


def averaged(traces: "FloatArray") -> "FloatArray":
    """Average `traces` (signals, frames) over bins of `FRAMES_PER_VALUE` frames; the last may be shorter."""
    frames = traces.shape[1]
    whole = frames - frames % FRAMES_PER_VALUE
    bins = traces[:, :whole].reshape(len(traces), -1, FRAMES_PER_VALUE).mean(axis=2)
    return bins if whole == frames else np.column_stack((bins, traces[:, whole:].mean(axis=1)))
