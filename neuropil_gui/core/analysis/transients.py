"""Transients of calcium indicators: their time course, and its length and decay."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError

_ENDS = 0.01  # Part of its peak at which a transient is cut off.

_MOST_FRAMES = 100_000  # Of a transient: GCaMP6s has as many above 20 kHz.

_LEAST_FALL = 1.6784
"""Time from the peak to half of it over that to the peak, where rise and decay are alike: ``t * exp(-t)``."""

_CHEN = "Chen et al. 2013, doi 10.1038/nature12354"
_ZHANG = "Zhang et al. 2023, doi 10.1038/s41586-023-05828-9"


@dataclass(frozen=True)
class Indicator:
    """Time course of an indicator's response to one action potential.

    Attributes
    ----------
    label : str
    to_peak, half_decay : float
        In seconds: from the onset to the peak, and from there to half of it.
    source : str
        Whom to cite, with DOI.
    """

    label: str
    to_peak: float
    half_decay: float
    source: str


INDICATORS = {
    "gcamp6f": Indicator("GCaMP6f", 0.045, 0.142, _CHEN),
    "gcamp6s": Indicator("GCaMP6s", 0.179, 0.550, _CHEN),
    "jgcamp7f": Indicator("jGCaMP7f", 0.0995, 0.1819, _ZHANG),
    "jgcamp8f": Indicator("jGCaMP8f", 0.0248, 0.0674, _ZHANG),
    "jgcamp8m": Indicator("jGCaMP8m", 0.029, 0.1183, _ZHANG),
    "jgcamp8s": Indicator("jGCaMP8s", 0.057, 0.3067, _ZHANG),
}
"""By key: means of neurons in the mouse's visual cortex (Chen) or in culture (Zhang), for one action potential.

They are a typical course to look for: cells differ, and times in culture are not those in the brain. The jGCaMP's are
Janelia's table (janelia.org/jgcamp8-calcium-indicators): to the peak and from there to half of it, mean and standard
deviation of wells in ms, 7f 99.5 (30.2) and 181.9 (76.0), 8f 24.8 (6.1) and 67.4 (11.2), 8m 29.0 (11.2) and 118.3
(13.2), 8s 57.0 (12.9) and 306.7 (32.2). The GCaMP6's are those of Chen's Supplementary Table 3 as it is usually quoted,
and were not compared with the print; its text has spikes resolved from 50 to 75 ms (6f) or 100 to 150 ms (6s) on, by
about the time to the peak.
"""


def time_constants(to_peak: float, half_decay: float) -> tuple[float, float]:
    """Return the time constants of the difference of two exponentials with this peak and decay.

    Parameters
    ----------
    to_peak : float
        In seconds, from the onset to the peak.
    half_decay : float
        In seconds, from the peak to half of it. The tail decays a little faster: its own half-life is less.

    Returns
    -------
    rise, decay : float
        In seconds: ``exp(-t / decay) - exp(-t / rise)``.

    Raises
    ------
    DataError
        (a ValueError) When no such difference falls so fast after so slow a rise: `half_decay` is at least 1.68 times
        `to_peak`.
    """
    if not 0 < to_peak < math.inf or not _LEAST_FALL * to_peak < half_decay < math.inf:
        raise DataError(
            f"A transient falls to half no sooner than {_LEAST_FALL:.3g} times its time to the peak, but "
            f"{to_peak:.3g} s to the peak and {half_decay:.3g} s from there to half were found."
        )
    # Of a decay of 1, the rise for which the fall to half takes so many times as long as the rise to the peak.
    rise = _where(lambda each: _fall(each) / _peak(each, 1.0) - half_decay / to_peak, 1e-9, 1 - 1e-6)
    decay = to_peak / _peak(rise, 1.0)
    return rise * decay, decay


def _peak(rise: float, decay: float) -> float:
    """Return when the difference of two exponentials peaks."""
    return math.log(decay / rise) * rise * decay / (decay - rise)


def _fall(rise: float) -> float:
    """Return how long the difference of two exponentials, of a decay of 1, takes from its peak to half of it."""

    def light(time: float) -> float:
        return math.exp(-time) - math.exp(-time / rise)

    peak = _peak(rise, 1.0)
    half = light(peak) / 2
    return _where(lambda time: light(peak + time) - half, 0.0, 3.0)


def _where(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function is 0, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def transient(rise: float, decay: float, frame_rate: float) -> FloatArray:
    """Return a transient, the difference of two exponentials, sampled at the frames.

    Parameters
    ----------
    rise, decay : float
        Time constants in seconds; the decay is the longer.
    frame_rate : float
        In Hz.

    Returns
    -------
    ndarray, shape (length,)
        From its onset, where it is 0, to where 1 % is left; its greatest sample is 1.

    Raises
    ------
    DataError
        (a ValueError) When the decay is not longer than the rise, one of the values is not above 0, or the frame rate
        is so low that nothing is left at the next frame, or so high that it has more frames than any recording.
    """
    if not 0 < rise < decay < math.inf or not 0 < frame_rate < math.inf:
        raise DataError(f"A transient decays more slowly than it rises, but {rise:g} s and {decay:g} s were found.")
    peak = _peak(rise, decay)
    frames = math.ceil((peak - decay * math.log(_ENDS)) * frame_rate) + 2
    if frames > _MOST_FRAMES:
        raise DataError(
            f"A transient has {frames:,} frames at {frame_rate:g} Hz; {_MOST_FRAMES:,} at most are looked for."
        )
    times = np.arange(frames) / frame_rate
    light = np.exp(-times / decay) - np.exp(-times / rise)
    if not light.max() > 0:
        raise DataError(f"A transient that decays in {decay:.3g} s is over before the next frame at {frame_rate:g} Hz.")
    shape: FloatArray = light / light.max()
    return shape


def mean_transient(trace: FloatArray, onsets: Sequence[int], length: int) -> FloatArray:
    """Return the mean course of a trace after onsets, above its value there, with its peak at 1.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    onsets : sequence of int
        Frames at which transients begin; those with fewer than `length` frames behind them are left out.
    length : int
        Frames of the course.

    Returns
    -------
    ndarray, shape (length,)
        Not negative, and 0 from where it first returns to its onset's level.

    Raises
    ------
    DataError
        (a ValueError) When there are fewer than 3 onsets, or nothing rises after them.
    """
    whole = [onset for onset in onsets if onset + length <= len(trace)]
    if len(whole) < 3:
        raise DataError(
            f"The cell's own mean transient needs at least 3 of its transients, but {len(whole)} were found. Choose an "
            "indicator instead."
        )
    course = np.mean([trace[onset : onset + length] - trace[onset] for onset in whole], axis=0)
    peak = int(course.argmax())
    if not course[peak] > 0:
        raise DataError("Nothing rises in the mean of the cell's own transients. Choose an indicator instead.")
    below = np.flatnonzero(course[peak:] <= 0)
    if len(below):
        course[peak + below[0] :] = 0
    shape: FloatArray = np.maximum(course, 0) / course[peak]
    return shape


def half_length(shape: FloatArray) -> int:
    """Return the frames from a transient's onset to where it has fallen to half, at least 2.

    Parameters
    ----------
    shape : ndarray, shape (length,)

    Returns
    -------
    int
    """
    peak = int(shape.argmax())
    below = np.flatnonzero(shape[peak:] < shape[peak] / 2)
    return max(2, peak + int(below[0]) if len(below) else len(shape))


def decay_frames(course: FloatArray) -> float:
    """Return how many frames after its peak a course has fallen to 1/e of it.

    Parameters
    ----------
    course : ndarray, shape (length,)

    Returns
    -------
    float
        Between two frames by linear interpolation; NaN where it does not fall so far, or has no peak above 0.
    """
    peak = int(np.argmax(course))
    level = float(course[peak]) / math.e
    below = np.flatnonzero(course[peak:] < level)
    if not level > 0 or not len(below):
        return math.nan
    at = peak + int(below[0])
    above, under = float(course[at - 1]), float(course[at])
    return at - 1 - peak + (above - level) / (above - under)
