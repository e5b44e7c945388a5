"""The numbers beside the plots: how far to trust a separation, with and without a known truth."""

import math
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.core.solvers.stepping import blocks, one_blas_thread

UNKNOWN = "–"

# A trace that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True)
class Number:
    """A row of the table of numbers.

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
    text : str
        As shown; with an arrow where there is a value before the separation, a dash where there is none at all.
    help : str
        What it means, for the tool tip.
    before : float or None
        The same of the raw ROI; None where that makes no sense.
    """

    key: str
    label: str
    value: float
    unit: str
    text: str
    help: str
    before: float | None = None


def pearson(a: "FloatArray", b: "FloatArray") -> float:
    """Return Pearson's r of two traces, NaN where one of them is constant or not finite.

    Parameters
    ----------
    a, b : ndarray, shape (frames,)
    """
    u, v = _direction(a), _direction(b)
    return math.nan if u is None or v is None else _clipped(float(u @ v))


def r_with_neuropil(trace: "FloatArray", traces: "FloatArray") -> float:
    """Return Pearson's r of `trace` with the mean of the neuropil regions.

    A cell that truly is active with its neuropil keeps a high r, and is no worse for it.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    traces : ndarray, shape (signals, frames)
        Row 0 is the ROI, the others are the regions; NaN is returned where there are none.
    """
    if len(traces) < 2:
        return math.nan
    with np.errstate(all="ignore"):
        neuropil: FloatArray = traces[1:].mean(axis=0)
    return pearson(trace, neuropil)


def explained(
    traces: "FloatArray",
    mixing: "FloatArray",
    separated: "FloatArray",
    offset: "float | FloatArray" = 0.0,
) -> float:
    """Return the part of the traces' variance that the components make up.

    ``1 - |X - offset - mixing @ separated|^2 / |X - row means|^2``: 1 is all of it, 0 is no better
    than a constant for each signal, and below 0 is worse than that.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
        X; in the unit that ``mixing @ separated`` has.
    mixing : ndarray, shape (signals, n)
    separated : ndarray, shape (n, frames)
    offset : float, or ndarray of shape (signals, 1)
        What was taken from the traces before the separation. For ICA, whose components have
        mean 0, the row means.

    Returns
    -------
    float
        NaN where all traces are constant.
    """
    if not traces.size:
        return math.nan
    residual = total = size = 0.0
    with np.errstate(all="ignore"):
        means = traces.mean(axis=1, keepdims=True)
        for block in blocks(traces.shape[1]):
            part = traces[:, block]
            residual += _square(part - offset - mixing @ separated[:, block])
            total += _square(part - means)
            size += _square(part)
        if not _ROUNDING**2 * size < total < math.inf:
            return math.nan
        return 1 - residual / total


def alive(separated: "FloatArray", mixing: "FloatArray") -> int:
    """Return how many components are not empty.

    Parameters
    ----------
    separated : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    """
    return int(np.count_nonzero(separated.any(axis=1) & mixing.any(axis=0)))


def negative_fraction(trace: "FloatArray") -> float:
    """Return the part of samples below zero, from 0 to 1."""
    return float(np.count_nonzero(trace < 0) / trace.size) if trace.size else math.nan


def truth_error(trace: "FloatArray", truth: "FloatArray") -> float:
    """Return the relative error of a trace after the scale and offset that fit the truth best.

    The root mean square of ``truth - (scale * trace + offset)`` over the standard deviation of the
    truth: 0 is perfect, 1 is no better than a constant. It equals ``sqrt(1 - r^2)``, which tells
    good traces apart where r is 0.99 for all of them.

    Parameters
    ----------
    trace, truth : ndarray, shape (frames,)

    Returns
    -------
    float
        NaN where the truth is constant, or either is not finite; 1 where the trace is constant.
    """
    u, v = _direction(trace), _direction(truth)
    if v is None or not np.isfinite(trace).all():
        return math.nan
    if u is None:
        return 1.0
    rest = v - float(u @ v) * u
    return math.sqrt(_square(rest))


@one_blas_thread()
def numbers(cell: Cell, separation: Separation) -> tuple[Number, ...]:
    """Return the numbers of a separated cell, those against the truth where it is known.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell.

    Returns
    -------
    tuple of Number
        With the keys ``r_neuropil``, ``explained``, ``score``, ``alive`` and ``negative``; for a
        simulated cell also ``r_truth`` and ``error_truth``.
    """
    raw, best = cell.traces[0], separation.matched[0]
    offset: float | FloatArray = separation.offset
    if separation.settings.method == "ica":
        with np.errstate(all="ignore"):
            offset = cell.traces.mean(axis=1, keepdims=True)
    fit = explained(cell.traces, separation.median * separation.mixing, separation.separated, offset)
    count = alive(separation.separated, separation.mixing)
    score = float(separation.scores[separation.order[0]])
    below = 100 * negative_fraction(best)
    table = [
        _change(
            "r_neuropil",
            "r with neuropil",
            r_with_neuropil(raw, cell.traces),
            r_with_neuropil(best, cell.traces),
            "Pearson's r with the mean of the neuropil regions: of the raw ROI, and of the best-matched trace. "
            "A fall tells of neuropil taken out; far below 0 suggests that too much was taken. A cell that "
            "truly is active with its neuropil keeps a high r.",
        ),
        Number(
            "explained",
            "explained",
            fit,
            "",
            _text(fit, 3),
            "Part of the variance of all signals that the components make up. 1 is all of it; a low value "
            "tells that components are missing. For ICA each signal's mean is added back first.",
        ),
        Number(
            "score",
            "match score",
            score,
            "",
            _text(score, 2),
            "Share of the ROI in the best-matched component, from 0 to 1. It tells how specific the component "
            "is to the ROI, not how good the separation is.",
        ),
        Number(
            "alive",
            "components alive",
            count,
            "components",
            f"{count} of {separation.n}",
            "Components that are not empty. Few are left where alpha is high, or where constant light makes "
            "the signals nearly alike.",
        ),
        Number(
            "negative",
            "negative samples",
            below,
            "%",
            _text(below, 1, " %"),
            "Part of the best-matched trace that lies below 0. NMF gives none; ICA's traces have mean 0, so "
            "half or more is usual.",
        ),
    ]
    truth = cell.truth
    if truth is not None and len(truth.sources) and truth.sources.shape[1] == raw.size:
        own = truth.sources[0]
        table += [
            _change(
                "r_truth",
                "r with truth",
                pearson(raw, own),
                pearson(best, own),
                "Pearson's r with the true signal of the cell, known because the recording is simulated: of the "
                "raw ROI, and of the best-matched trace.",
            ),
            _change(
                "error_truth",
                "error against truth",
                truth_error(raw, own),
                truth_error(best, own),
                "Root mean square error against the true signal after the best scale and offset, relative to the "
                "true signal's standard deviation: of the raw ROI, and of the best-matched trace. 0 is perfect, "
                "1 no better than a constant.",
            ),
        ]
    return tuple(table)


def _change(key: str, label: str, before: float, after: float, text: str) -> Number:
    shown = UNKNOWN if math.isnan(before) and math.isnan(after) else f"{_text(before, 2)} → {_text(after, 2)}"
    return Number(key, label, after, "", shown, text, before)


def _text(value: float, digits: int, unit: str = "") -> str:
    if not math.isfinite(value):
        return UNKNOWN
    # Adding 0 turns the -0.00 of rounding into 0.00.
    return f"{round(value, digits) + 0.0:.{digits}f}{unit}".replace("-", "\N{MINUS SIGN}")


def _direction(trace: "FloatArray") -> "FloatArray | None":
    """Return the centred trace at length 1, None where it has no direction."""
    if not trace.size:
        return None
    with np.errstate(all="ignore"):
        centred: FloatArray = trace - trace.mean()
        peak = float(np.abs(centred).max())
        if not _ROUNDING * float(np.abs(trace).max()) < peak < math.inf:
            return None
        # By the peak first: squares of very large or small numbers would leave float64's range.
        centred /= peak
        centred /= math.sqrt(_square(centred))
    return centred


def _square(values: "FloatArray") -> float:
    """Return the sum of squares."""
    flat = values.ravel()
    return float(flat @ flat)


def _clipped(r: float) -> float:
    return min(1.0, max(-1.0, r))
