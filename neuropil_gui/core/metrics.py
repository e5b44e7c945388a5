"""Functions that measure a trace or a separation by one number; `core.analysis.numbers` has names for them."""

import math

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.stepping import blocks

BEYOND = 3.0
"""Standard deviations of the noise below the baseline, from which on an excursion counts."""

# A trace that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-13
# The same of sums over many frames.
_ROUNDING_OF_SUMS = 1e-9

_MOST_SORTED = 20_000
_TO_DEVIATION = 1.4826  # A normal distribution's standard deviation over its median absolute deviation.
_BELOW_MEDIAN = 0.6745  # Standard deviations from its median to a quartile.


def pearson(a: FloatArray, b: FloatArray) -> float:
    """Return Pearson's correlation coefficient of two traces.

    Parameters
    ----------
    a, b : ndarray, shape (frames,)

    Returns
    -------
    float
        From -1 to 1; NaN where a trace is constant or not finite.
    """
    u, v = _direction(a), _direction(b)
    return math.nan if u is None or v is None else min(1.0, max(-1.0, float(u @ v)))


def r_with_neuropil(trace: FloatArray, traces: FloatArray) -> float:
    """Return Pearson's r of a trace with the mean of the neuropil regions.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    traces : ndarray, shape (signals, frames)
        Row 0 is the ROI, the others are the regions.

    Returns
    -------
    float
        From -1 to 1; NaN where there is no region, or one of the two is constant or not finite.
    """
    if len(traces) < 2:
        return math.nan
    with np.errstate(all="ignore"):
        neuropil: FloatArray = traces[1:].mean(axis=0)
    return pearson(trace, neuropil)


def explained(traces: FloatArray, mixing: FloatArray, separated: FloatArray, offset: float | FloatArray = 0.0) -> float:
    """Return the part of the traces' variance that the components make up.

    ``1 - |X - offset - mixing @ separated|^2 / |X - row means|^2``: 1 is all of it, 0 is no better than a constant for
    each signal, and below 0 is worse than that.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
        X, in the unit of ``mixing @ separated``.
    mixing : ndarray, shape (signals, n)
    separated : ndarray, shape (n, frames)
    offset : float, or ndarray of shape (signals, 1)
        The constant that was subtracted from the traces before the separation. For ICA, whose components have mean 0,
        the row means.

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
            residual += _sum_of_squares(part - offset - mixing @ separated[:, block])
            total += _sum_of_squares(part - means)
            size += _sum_of_squares(part)
        if not _ROUNDING**2 * size < total < math.inf:
            return math.nan
        return 1 - residual / total


def alive(separated: FloatArray, mixing: FloatArray) -> int:
    """Return how many components are not empty.

    Parameters
    ----------
    separated : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)

    Returns
    -------
    int
        Components with a trace and a column that are not all 0.
    """
    return int(np.count_nonzero(separated.any(axis=1) & mixing.any(axis=0)))


def negative_fraction(trace: FloatArray) -> float:
    """Return the part of samples below zero.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        From 0 to 1; NaN for a trace without samples.
    """
    return float(np.count_nonzero(trace < 0) / trace.size) if trace.size else math.nan


def truth_error(trace: FloatArray, truth: FloatArray) -> float:
    """Return the relative error of a trace after the scale and offset that fit the truth best.

    The root mean square of ``truth - (scale * trace + offset)`` over the standard deviation of the truth: 0 is perfect,
    1 is no better than a constant. It equals ``sqrt(1 - r^2)``, which separates good traces where r is 0.99 for all.

    Parameters
    ----------
    trace, truth : ndarray, shape (frames,)

    Returns
    -------
    float
        From 0 to 1. NaN where the truth is constant, or either is not finite; 1 where the trace is constant.
    """
    u, v = _direction(trace), _direction(truth)
    if v is None or not np.isfinite(trace).all():
        return math.nan
    if u is None:
        return 1.0
    return math.sqrt(_sum_of_squares(v - float(u @ v) * u))


def skewness(trace: FloatArray) -> float:
    """Return the third moment about the mean over the standard deviation cubed.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        NaN for a constant, and for no frames.
    """
    if not len(trace):
        return math.nan
    mean, second, third = float(trace.mean()), 0.0, 0.0
    for block in blocks(len(trace)):
        centred = trace[block] - mean
        square = centred * centred
        second += float(square.sum())
        third += float(square @ centred)
    if not second > len(trace) * (_ROUNDING_OF_SUMS * mean) ** 2:
        return math.nan
    return third / len(trace) / math.pow(second / len(trace), 1.5)


def kept_fraction(trace: FloatArray, roi: FloatArray) -> float:
    """Return the part of the ROI's movement that a trace has kept: the slope of the trace over the ROI's.

    Slopes of parts that add up to the ROI's trace add up to 1.

    Parameters
    ----------
    trace, roi : ndarray, shape (frames,)

    Returns
    -------
    float
        0 for a constant trace; NaN where the ROI's is constant, or a value is not finite.
    """
    if not len(roi) or not np.isfinite(trace).all():
        return math.nan
    direction = _direction(roi)
    if direction is None:
        return math.nan
    return float(direction @ trace) / float(direction @ roi)


def signal_to_noise(trace: FloatArray) -> float:
    """Return suite2p's signal-to-noise ratio: 1 less half the variance of steps over the variance of the trace.

    Frame-to-frame noise alone gives 0, and a trace without it nearly 1.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        From -1 to 1, but for very short traces; NaN where the trace is constant or not finite.
    """
    direction = _direction(trace)
    if direction is None or len(trace) < 3:
        return math.nan
    return 1 - 0.5 * float(np.diff(direction).var()) / float(direction.var())


def flat_share(trace: FloatArray) -> float:
    """Return the part of the frames in which a trace has its lowest value, as NMF's has that is cut off at 0.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        From 0 to 1; NaN without frames.
    """
    return float(np.mean(trace == trace.min())) if len(trace) else math.nan


def noise_level(delta_f: FloatArray, frame_rate: float) -> float:
    """Return CASCADE's noise level of dF/F: the median absolute step from frame to frame over the root of the rate.

    Parameters
    ----------
    delta_f : ndarray, shape (frames,)
        A ratio, 1 for a trace that has doubled.
    frame_rate : float
        In Hz.

    Returns
    -------
    float
        In per cent over the square root of Hz; NaN for fewer than 2 frames.

    References
    ----------
    Rupprecht et al. (2021), doi:10.1038/s41593-021-00895-5
    """
    if len(delta_f) < 2:
        return math.nan
    return 100 * float(np.median(np.abs(np.diff(delta_f)))) / math.sqrt(frame_rate)


def negative_excursions(trace: FloatArray) -> float:
    """Return how much of a trace's movement lies below its baseline, beyond the noise.

    The noise is the median absolute step from frame to frame, which slow light hardly changes. The baseline is the
    lower quartile plus 0.67 of the noise's deviation: of a cell at rest its middle, and only a little above it where a
    cell is active in up to half of the frames. What is deeper than `BEYOND` deviations below it is summed, relative to
    the trace's sum of distances from the baseline.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        In per cent, from 0 to 100; NaN for a constant, or for fewer than 3 frames.
    """
    if len(trace) < 3:
        return math.nan
    # Of a long trace, evenly spaced frames: quantiles need no more, and sorting all would block other threads.
    every = slice(None, None, 1 + len(trace) // _MOST_SORTED)
    spaced, steps = trace[every], np.abs(np.diff(trace)[every])
    noise = _TO_DEVIATION * float(np.median(steps)) / math.sqrt(2)
    baseline = float(np.quantile(spaced, 0.25)) + _BELOW_MEDIAN * noise
    below = moved = 0.0
    for block in blocks(len(trace)):
        distance = trace[block] - baseline
        moved += float(np.abs(distance).sum())
        below += float(np.maximum(-distance - BEYOND * noise, 0).sum())
    if not moved > _ROUNDING_OF_SUMS * len(trace) * abs(baseline):
        return math.nan
    return 100 * below / moved


def autocorrelation(residual: FloatArray, roi: FloatArray) -> float:
    """Return Pearson's r of a residual with itself one frame later.

    Chosen before the residual's r with the best match, which is sensitive only to light that resembles that one. Any
    light that was left out is slow beside the frame rate, and raises this. What NMF's penalty takes from every
    component raises both.

    Parameters
    ----------
    residual : ndarray, shape (frames,)
        The ROI's trace less all components and the constant.
    roi : ndarray, shape (frames,)
        The ROI's trace, for its scale.

    Returns
    -------
    float
        From -1 to 1; NaN where the residual is only rounding.
    """
    if float(np.abs(residual).max()) <= _ROUNDING_OF_SUMS * float(np.abs(roi).max()):
        return math.nan
    return pearson(residual[:-1], residual[1:])


def _direction(trace: FloatArray) -> FloatArray | None:
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
        centred /= math.sqrt(_sum_of_squares(centred))
    return centred


def _sum_of_squares(values: FloatArray) -> float:
    flat = values.ravel()
    return float(flat @ flat)
