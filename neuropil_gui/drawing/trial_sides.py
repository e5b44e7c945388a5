"""Best matches of trials, separated jointly and each alone, prepared for plots."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.analysis.trials import average, separate_trials, stacked
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.pyramid import Pyramid

COLUMNS = 2000
"""Most columns of an image: longer trials are averaged over bins of frames."""


@dataclass(frozen=True, eq=False)
class Side:
    """Best matches of trials that were separated in one way.

    Attributes
    ----------
    joined : Pyramid
        One row, (frames,); NaN in trials that were refused.
    rows : Pyramid
        (trials, longest), NaN where a trial has ended.
    spread : Pyramid
        Rows: mean - standard deviation, mean, mean + standard deviation over trials.
    image : ndarray, shape (trials, columns)
        The rows, averaged over `frames_per_column` frames.
    frames_per_column : int
    """

    joined: Pyramid
    rows: Pyramid
    spread: Pyramid
    image: FloatArray
    frames_per_column: int


@dataclass(frozen=True, eq=False)
class TrialSides:
    """The best matches of a cell's trials, both ways.

    Attributes
    ----------
    jointly, alone : Side
    agreement : ndarray, shape (trials,)
        Pearson's r between the two in each trial; NaN where a trial was refused or is constant.
    refusals : tuple of str
        Why trials could not be separated alone.
    """

    jointly: Side
    alone: Side
    agreement: FloatArray
    refusals: tuple[str, ...]


def trial_sides(
    cell: Cell,
    separation: Separation,
    settings: SeparationSettings,
    *,
    same_effect: bool = False,
    progress: Callable[[int, int], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrialSides:
    """Separate each trial of a cell alone, and return the results beside the joint one.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of all trials jointly.
    settings : SeparationSettings
        Of each alone.
    same_effect : bool
        Whether alpha is made smaller so that it acts as it does on all trials, see `trials.effective_alpha`.
    progress : callable, optional
        Called with the number of trials done, and that of all.
    should_stop : callable, optional
        Polled every few milliseconds.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    alone = separate_trials(cell, settings, progress, should_stop, same_effect=same_effect)
    joint = separation.matched[0]
    refusals = tuple(
        f"Trial {number}: {result}" for number, result in enumerate(alone.results, 1) if isinstance(result, str)
    )
    return TrialSides(_side(joint, alone.slices), _side(alone.best, alone.slices), alone.agreement(joint), refusals)


def _side(best: FloatArray, slices: tuple[slice, ...]) -> Side:
    rows = stacked(best, slices)
    over = average(rows)
    # Where one trial alone is left, the band is as narrow as the line.
    sd = np.where(over.count == 1, 0.0, over.sd)
    size = math.ceil(rows.shape[1] / COLUMNS)
    return Side(
        Pyramid(best), Pyramid(rows), Pyramid(np.stack([over.mean - sd, over.mean, over.mean + sd])),
        binned(rows, size), size,
    )  # fmt: skip


def binned(rows: FloatArray, size: int) -> FloatArray:
    """Average rows over bins, ignoring NaN.

    Parameters
    ----------
    rows : ndarray, shape (rows, frames)
    size : int
        Values of a bin; the last bin may be shorter.

    Returns
    -------
    ndarray, shape (rows, ceil(frames / size))
        NaN where a bin has no value.
    """
    starts = np.arange(0, rows.shape[1], size)
    known = ~np.isnan(rows)
    sums = np.add.reduceat(np.where(known, rows, 0.0), starts, axis=1)
    counts = np.add.reduceat(known.astype(np.int64), starts, axis=1)
    means: FloatArray = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means
