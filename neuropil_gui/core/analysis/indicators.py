"""Numbers that judge a result without a truth, each with what it is good for and when it lies.

None of them is a measure of quality: each can be at its best on a wrong result. Where the truth is known,
`true_error` is what they can be held against.
"""

import math
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.contributions import contributions, seen_by
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.core.solvers.stepping import blocks, one_blas_thread

BEYOND = 3.0
"""Standard deviations of the noise below the baseline, from which on an excursion counts."""

_MOST_SORTED = 20_000
_TO_DEVIATION = 1.4826  # A normal distribution's standard deviation over its median absolute deviation.
_BELOW_MEDIAN = 0.6745  # Standard deviations from its median to a quartile.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Indicator:
    """A number that judges a result.

    Attributes
    ----------
    key : str
        One word, for scripts.
    label : str
        What the table calls it.
    value : float
        In `unit`; NaN where it is not defined.
    unit : str
        Empty for ratios.
    better : str
        ``"lower"`` or ``"higher"``: the side that speaks for the result, other things being equal.
    good_for : str
        What it shows, in a sentence.
    lies_when : str
        When it misleads, in a sentence.
    """

    key: str
    label: str
    value: float
    unit: str
    better: str
    good_for: str
    lies_when: str


def of_trace(trace: "FloatArray", traces: "FloatArray") -> tuple[Indicator, ...]:
    """Judge a corrected trace, whatever corrected it: a separation, or a subtraction.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    traces : ndarray, shape (signals, frames)
        Of the cell, the ROI first.

    Returns
    -------
    tuple of Indicator
        ``r_neuropil``, ``skewness`` and ``excursions``.
    """
    return (
        Indicator(
            "r_neuropil",
            "|r| with neuropil",
            abs(metrics.r_with_neuropil(trace, traces)),
            "",
            "lower",
            "Shows how much of the neuropil's course is left in the trace, or was taken too often: both raise it.",
            "It punishes a cell that truly is active with its neuropil, and rewards a trace of noise, or of a "
            "neighbour, that has nothing to do with either.",
        ),
        Indicator(
            "skewness",
            "skewness",
            skewness(trace),
            "",
            "higher",
            "Calcium transients are rare and upward, neuropil and noise are nearly symmetric: what is left of those "
            "pulls it down.",
            "One large artefact, or a sparsity so strong that small transients are cut off, raises it; a cell that is "
            "active most of the time has a low one however clean it is.",
        ),
        Indicator(
            "excursions",
            "negative excursions",
            negative_excursions(trace),
            "%",
            "lower",
            "Light cannot fall below a cell at rest, so that dips beyond the noise tell of too much taken away.",
            "NMF cannot go below zero and hides over-subtraction from it; it says nothing of neuropil that is left "
            "in; real inhibition, a drifting baseline and smoothed data look like dips.",
        ),
    )


@one_blas_thread()
def indicators(cell: Cell, separation: Separation) -> tuple[Indicator, ...]:
    """Judge a separation without a truth.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; a draft is judged over its bins.

    Returns
    -------
    tuple of Indicator
        Those of `of_trace` for the best-matched trace, ``explained`` and ``structure``.

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    traces = seen_by(cell, separation)
    offset: float | FloatArray = separation.offset
    if separation.settings.method == "ica":
        offset = traces.mean(axis=1, keepdims=True)
    explained = metrics.explained(traces, separation.median * separation.mixing, separation.separated, offset)
    return (
        *of_trace(separation.matched[0], traces),
        Indicator(
            "explained",
            "explained",
            explained,
            "",
            "higher",
            "A low value tells that components are missing, or that the penalty has taken too much of them.",
            "It grows with n and with a smaller alpha whether or not the components mean anything: with as many "
            "components as signals and no penalty it is 1.",
        ),
        Indicator(
            "structure",
            "structure in the residual",
            autocorrelation(contributions(cell, separation).residual, traces[0]),
            "",
            "lower",
            "Frame-to-frame noise is not correlated with itself, and calcium is: where the ROI's residual is, light "
            "of some source was left out.",
            "Light given to the wrong component leaves no trace in the residual; NMF's penalty shrinks components that "
            "were rightly found, and what it took from them is slow too; filtered data have correlated noise; it is "
            "undefined where nothing is left, as for ICA with all components.",
        ),
    )


def true_error(cell: Cell, separation: Separation) -> tuple[Indicator, ...]:
    """Hold the best-matched trace against the cell's true signal, where it is known.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell.

    Returns
    -------
    tuple of Indicator
        ``lost_r``, 1 - Pearson's r with the true signal, and ``error_truth``, the relative error after the scale and
        offset that fit best (`metrics.truth_error`). Empty where no truth is known, and for drafts.
    """
    truth = cell.truth
    best = separation.matched[0]
    if truth is None or not len(truth.sources) or truth.sources.shape[1] != len(best):
        return ()
    own = truth.sources[0]
    return (
        Indicator(
            "lost_r",
            "1 \N{MINUS SIGN} r with truth",
            1 - metrics.pearson(best, own),
            "",
            "lower",
            "Is the distance from the true course of the cell, known because the recording is simulated.",
            "It is true of this simulation only, and real tissue differs; scale and baseline do not count.",
        ),
        Indicator(
            "error_truth",
            "error against truth",
            metrics.truth_error(best, own),
            "",
            "lower",
            "Tells good traces apart where r is 0.99 for all: 0 is perfect, 1 no better than a constant.",
            "It is true of this simulation only; a trace upside down scores as one the right way up.",
        ),
    )


def skewness(trace: "FloatArray") -> float:
    """Return the third moment about the mean over the standard deviation cubed, NaN for a constant.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    """
    mean, second, third = float(trace.mean()), 0.0, 0.0
    for block in blocks(len(trace)):
        apart = trace[block] - mean
        square = apart * apart
        second += float(square.sum())
        third += float(square @ apart)
    if not second > len(trace) * (_ROUNDING * mean) ** 2:
        return math.nan
    return third / len(trace) / math.pow(second / len(trace), 1.5)


def negative_excursions(trace: "FloatArray") -> float:
    """Return how much of a trace's movement lies below its baseline, beyond the noise, in per cent.

    The noise is the median absolute step from frame to frame, which slow light hardly changes. The baseline is the
    lower quartile plus 0.67 of the noise's deviation: of a cell at rest its middle, and only a little
    above it where a cell is active in up to half of the frames. What is deeper than three
    deviations below it is summed, relative to the trace's sum of distances from the baseline.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        From 0 to 100; NaN for a constant, or for fewer than 3 frames.
    """
    if len(trace) < 3:
        return math.nan
    # Of a long trace, frames all over it: quantiles need no more, and sorting would hold up others.
    every = slice(None, None, 1 + len(trace) // _MOST_SORTED)
    spaced, steps = trace[every], np.abs(np.diff(trace)[every])
    noise = _TO_DEVIATION * float(np.median(steps)) / math.sqrt(2)
    baseline = float(np.quantile(spaced, 0.25)) + _BELOW_MEDIAN * noise
    below = moved = 0.0
    for block in blocks(len(trace)):
        apart = trace[block] - baseline
        moved += float(np.abs(apart).sum())
        below += float(np.maximum(-apart - BEYOND * noise, 0).sum())
    if not moved > _ROUNDING * len(trace) * abs(baseline):
        return math.nan
    return 100 * below / moved


def autocorrelation(residual: "FloatArray", roi: "FloatArray") -> float:
    """Return Pearson's r of a residual with itself one frame later, NaN where it is only rounding.

    Chosen before the residual's r with the best-matched trace, which sees only what resembles that one. Any
    light that was left out, whosever it is, is slow beside the frame rate, and is seen here. What
    NMF's penalty takes from every component raises both.

    Parameters
    ----------
    residual, roi : ndarray, shape (frames,)
        What is left of the ROI's trace, and that trace, for its scale.
    """
    if float(np.abs(residual).max()) <= _ROUNDING * float(np.abs(roi).max()):
        return math.nan
    return metrics.pearson(residual[:-1], residual[1:])
