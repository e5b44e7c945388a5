"""Drafts: quick separations that start from a near result, or use averages over short bins."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.separation import check_cell, separate_traces
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.accelerated import SWEEPS
from neuropil_gui.core.solvers.active_sets import MOST_COMPONENTS
from neuropil_gui.core.solvers.costs import steps_pay

FRAMES_PER_VALUE = 20
"""Frames of a bin in a draft that starts anew; the most in a draft that starts from another separation."""

BINS_PER_SIGNAL = 4
"""Least number of bins for each signal: with as many bins as signals, every set of bins is a perfect fit."""

ENOUGH_VALUES = 6_000
"""Values of a signal above which a draft that starts from another separation takes averages too."""

TOLERANCE, MOST_STEPS, STEPS_ON = 1e-3, 12, 1
"""Tolerance of a draft, and its most Newton steps: after the first sweeps, and from another separation."""


def separate_draft(
    cell: Cell,
    settings: SeparationSettings,
    near: Separation | None = None,
    progress: Callable[[Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Separation:
    """Separate a cell quickly.

    What it refuses, it refuses for the recording, not for its averages.

    Averages over bins of frames are separated in place of long traces. The penalty of NMF acts
    as alpha over the square root of the number of samples, so that alpha over the square root
    of the bin's length keeps what is a zero and what is not. (A cut-out of the recording would
    not do: it has other minima.)

    Parameters
    ----------
    cell, settings, progress, should_stop
        As in `separate_cell`.
    near : Separation, optional
        Of the same cell. Where only the penalty has changed since (`leads_to`), the draft goes on
        from its mixing, which takes a fraction of the time and stays in the same minimum.

    Returns
    -------
    Separation
        Each value stands for `frames_per_value` frames, one where there are too few for bins (`fills_bins`). Its
        settings are those asked for; it is not judged, and so has no `warnings`.

    Raises
    ------
    DataError
        (a ValueError) When the signals or the settings cannot be used.
    Cancelled
        When `should_stop` returned True.
    """
    traces, offset = check_cell(cell, settings)
    mixing, steps = None, SWEEPS + MOST_STEPS
    bin_length = FRAMES_PER_VALUE if fills_bins(*cell.traces.shape) else 1
    if near is not None and leads_to(near, settings):
        bin_length = min(FRAMES_PER_VALUE, max(1, cell.traces.shape[1] // ENOUGH_VALUES))
        # Where samples are fewer, the balance of the penalties of W (most of it l1) and H (l2) lies elsewhere.
        mixing, steps = near.mixing * np.cbrt(near.frames_per_value / bin_length), STEPS_ON
    quick = replace(
        settings,
        alpha=settings.alpha / math.sqrt(bin_length),
        tol=max(settings.tol, TOLERANCE),
        max_iter=min(settings.max_iter, steps),
        max_tries=1,
    )
    draft = separate_traces(averaged(traces, bin_length), offset, quick, progress, should_stop, mixing)
    return replace(draft, settings=settings, frames_per_value=bin_length)


def fills_bins(signals: int, frames: int) -> bool:
    """Return whether there are enough bins for averages over them to be separated in place of all frames.

    Parameters
    ----------
    signals, frames : int

    Returns
    -------
    bool
    """
    return frames >= BINS_PER_SIGNAL * FRAMES_PER_VALUE * signals


def leads_to(near: Separation, settings: SeparationSettings) -> bool:
    """Return whether a draft with `settings` can start from `near`.

    Parameters
    ----------
    near : Separation
        An earlier result of the same cell.
    settings : SeparationSettings
        Settings of the draft.

    Returns
    -------
    bool
        True for NMF of few components and signals where only the penalty, the tolerance, the iterations or the solver
        differ.
    """
    was = near.settings
    same = replace(was, alpha=settings.alpha, tol=settings.tol, max_iter=settings.max_iter, solver=settings.solver)
    signals, n = near.mixing.shape
    few = n <= MOST_COMPONENTS and steps_pay(near.matched.shape[1], signals, n)
    return settings.method == "nmf" and same == settings and few


def averaged(traces: FloatArray, bin_length: int = FRAMES_PER_VALUE) -> FloatArray:
    """Average traces over bins of frames.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
        Missing values (NaN) are left out; a bin of nothing else is NaN.
    bin_length : int, optional
        Frames of a bin; the last bin may be shorter.

    Returns
    -------
    ndarray, shape (signals, ceil(frames / bin_length))
        `traces` itself for a `bin_length` of 1.
    """
    if bin_length == 1:
        return traces
    frames = traces.shape[1]
    whole = frames - frames % bin_length
    parts = traces[:, :whole].reshape(len(traces), -1, bin_length)
    bins = parts.mean(axis=2)
    if np.isnan(bins).any():
        bins = _mean_of_known(parts)
    return bins if whole == frames else np.column_stack((bins, _mean_of_known(traces[:, whole:])))


def _mean_of_known(parts: FloatArray) -> FloatArray:
    """Return the mean over the last axis of the values that are not NaN; NaN where there is none."""
    known = ~np.isnan(parts)
    count = known.sum(axis=-1)
    means: FloatArray = np.full(count.shape, np.nan)
    np.divide(np.where(known, parts, 0.0).sum(axis=-1), count, out=means, where=count > 0)
    return means
