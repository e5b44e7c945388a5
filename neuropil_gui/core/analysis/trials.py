"""Trials of a cell: stacked, averaged or joined; separated jointly, or each alone."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.stepping import one_blas_thread

IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class TrialAverage:
    """The mean over trials, frame by frame from the start of each, and its spread.

    Attributes
    ----------
    mean, sd, sem : ndarray, shape (longest,)
        Mean, standard deviation (over count - 1) and standard error of the mean, in the trace's unit. NaN where
        there are no trials; `sd` and `sem` also where there is one only.
    count : ndarray of int, shape (longest,)
        How many trials reach so far, and are not NaN there.
    """

    mean: FloatArray
    sd: FloatArray
    sem: FloatArray
    count: IntArray

    def __post_init__(self) -> None:
        for name in ("mean", "sd", "sem"):
            object.__setattr__(self, name, as_read_only(getattr(self, name), f"The {name}"))
        self.count.flags.writeable = False


@dataclass(frozen=True, eq=False)
class TrialSeparations:
    """The trials of a cell, each separated alone.

    Attributes
    ----------
    results : tuple of Separation or str
        One a trial; the sentence that refused it where it could not be separated alone.
    slices : tuple of slice
        The frames of each trial.
    best : ndarray, shape (frames,)
        Their best matches, joined, in the traces' unit; NaN in trials that were refused.
    """

    results: tuple[Separation | str, ...]
    slices: tuple[slice, ...]
    best: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "best", as_read_only(self.best, "The best matches"))

    def agreement(self, best: FloatArray) -> FloatArray:
        """Return Pearson's r with another trace, e.g. the best match of all trials jointly, in each trial.

        Parameters
        ----------
        best : ndarray, shape (frames,)

        Returns
        -------
        ndarray, shape (trials,)
            Over the frames that both have; NaN where a trial was refused, or either is constant in it.
        """
        known = np.isfinite(self.best) & np.isfinite(best)
        parts = [np.flatnonzero(known[part]) + part.start for part in self.slices]
        return np.array([pearson(self.best[part], best[part]) if len(part) else math.nan for part in parts])


def trial_cells(cell: Cell) -> list[Cell]:
    """Return each trial as a cell of its own, with its part of the truth where that is known.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    list of Cell
    """
    cells = []
    for number, part in enumerate(cell.trial_slices, 1):
        truth = cell.truth
        if truth is not None:
            truth = replace(truth, sources=truth.sources[:, part])
        name = f"{cell.name}, trial {number}"
        alone = replace(cell, name=name, traces=cell.traces[:, part], trial_starts=(0,), truth=truth, stored=None)
        cells.append(alone)
    return cells


def stacked(trace: FloatArray, slices: Sequence[slice]) -> FloatArray:
    """Cut a trace into its trials, one below the other.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    slices : sequence of slice
        `Cell.trial_slices`.

    Returns
    -------
    ndarray, shape (trials, longest)
        Shorter trials end in NaN.
    """
    parts = [trace[part] for part in slices]
    stack = np.full((len(parts), max(map(len, parts))), np.nan)
    for row, part in zip(stack, parts, strict=True):
        row[: len(part)] = part
    return stack


def joined(stack: FloatArray, slices: Sequence[slice]) -> FloatArray:
    """Concatenate stacked trials in time, without the padding of `stacked`.

    Parameters
    ----------
    stack : ndarray, shape (trials, frames of the longest trial)
        One trial a row.
    slices : sequence of slice
        Frames of each trial in the recording.

    Returns
    -------
    ndarray, shape (frames,)
    """
    return np.concatenate([row[: part.stop - part.start] for row, part in zip(stack, slices, strict=True)])


def average(stack: FloatArray) -> TrialAverage:
    """Average over trials.

    Parameters
    ----------
    stack : ndarray, shape (trials, longest)
        NaN is no value.

    Returns
    -------
    TrialAverage
    """
    known = ~np.isnan(stack)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, stack, 0.0).sum(axis=0) / count
        squares = np.square(np.where(known, stack - mean, 0.0)).sum(axis=0)
        sd = np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
        return TrialAverage(mean, sd, sd / np.sqrt(count), count)


def effective_alpha(alpha: float, frames: int, reference_frames: int) -> float:
    """Return the alpha that acts on `reference_frames` frames as `alpha` does on `frames`.

    NMF's penalty is not scaled by the number of frames, so alpha acts as alpha over their square root: with W
    longer and H not, both find their balance at other sizes. That is exact for the penalty of sums, and nearly so for
    FISSA's, half of which is one of squares.

    Parameters
    ----------
    alpha : float
    frames, reference_frames : int
        At least 1.

    Returns
    -------
    float
    """
    return alpha * math.sqrt(reference_frames / frames)


def alpha_sentence(alpha: float, frames: int, reference_frames: int) -> str:
    """Return a sentence on the strength of `alpha` at two numbers of frames.

    Parameters
    ----------
    alpha : float
        The setting.
    frames, reference_frames : int
        Numbers of frames that are separated at once.

    Returns
    -------
    str
    """
    like = effective_alpha(alpha, frames, reference_frames)
    return (
        f"alpha acts as alpha / \N{SQUARE ROOT}frames: {alpha:g} on {frames} frames is about as strong as {like:.3g} "
        f"on {reference_frames}."
    )


def separate_trials(
    cell: Cell,
    settings: SeparationSettings,
    progress: Callable[[int, int], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    same_effect: bool = False,
) -> TrialSeparations:
    """Separate each trial of a cell alone.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
        The same for each, so that alpha acts more strongly than on all trials jointly, see `effective_alpha`;
    progress : callable, optional
        Called with the number of trials done, and that of all.
    should_stop : callable, optional
        Polled every few milliseconds.
    same_effect : bool
        or with alpha made smaller, so that it acts as it does on all trials jointly.

    Returns
    -------
    TrialSeparations

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    results: list[Separation | str] = []
    best = np.full(cell.traces.shape[1], np.nan)
    slices = tuple(cell.trial_slices)
    with one_blas_thread():
        for part, alone in zip(slices, trial_cells(cell), strict=True):
            alpha = settings.alpha
            if same_effect:
                alpha = effective_alpha(alpha, len(best), part.stop - part.start)
            try:
                found = separate_cell(alone, replace(settings, alpha=alpha), should_stop=should_stop)
            except DataError as error:
                results.append(str(error))
            else:
                results.append(found)
                best[part] = found.matched[0]
            if progress is not None:
                progress(len(results), len(slices))
    return TrialSeparations(tuple(results), slices, best)
