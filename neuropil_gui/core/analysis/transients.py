"""Transients of calcium indicators: their time course, and their detection in a trace by a matched filter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError

THRESHOLD = 3.0
"""Standard deviations of the filtered noise from which on a transient counts as detected."""

_ENDS = 0.01  # Part of its peak at which a transient is cut off.
_MATCHED = 0.1  # Part of its peak down to which the matched filter reaches: the rest is mostly other light.
_TO_DEVIATION = 1.4826  # A normal distribution's standard deviation over its median absolute deviation.
_ROUNDING = 1e-9
_ROUNDS = 10  # At most: each finds the noise anew, without the events of those before.

_CHEN = "Chen et al. 2013, doi 10.1038/nature12354"
_ZHANG = "Zhang et al. 2023, doi 10.1038/s41586-023-05828-9"


IntArray = NDArray[np.intp]


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
    "jgcamp7f": Indicator("jGCaMP7f", 0.0995, 0.182, _ZHANG),
    "jgcamp8f": Indicator("jGCaMP8f", 0.0248, 0.0674, _ZHANG),
    "jgcamp8m": Indicator("jGCaMP8m", 0.029, 0.1183, _ZHANG),
    "jgcamp8s": Indicator("jGCaMP8s", 0.057, 0.3067, _ZHANG),
}
"""By key: of neurons in the mouse's visual cortex (Chen) or in culture (Zhang)."""


def time_constants(to_peak: float, half_decay: float) -> tuple[float, float]:
    """Return the time constants of the difference of two exponentials with this peak and decay.

    Parameters
    ----------
    to_peak, half_decay : float
        In seconds, above 0. The decay's time constant is ``half_decay / log(2)``, that of the tail.

    Returns
    -------
    rise, decay : float
        In seconds, so that ``exp(-t / decay) - exp(-t / rise)`` is greatest at `to_peak`.

    Raises
    ------
    DataError
        (a ValueError) When no such difference has its peak there: it lies before the decay's time constant.
    """
    decay = half_decay / math.log(2)
    if not 0 < to_peak < decay:
        raise DataError(f"A transient peaks before {decay:.3g} s, its decay, but {to_peak:.3g} s was found.")
    low, high = 1e-9 * decay, decay * (1 - 1e-9)
    for _ in range(100):  # The time of the peak grows with the rise: bisection.
        rise = (low + high) / 2
        if math.log(decay / rise) * rise * decay / (decay - rise) < to_peak:
            low = rise
        else:
            high = rise
    return rise, decay


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
        (a ValueError) When the decay is not longer than the rise, or one of the values is not above 0.
    """
    if not 0 < rise < decay < math.inf or not 0 < frame_rate < math.inf:
        raise DataError(f"A transient decays more slowly than it rises, but {rise:g} s and {decay:g} s were found.")
    peak = math.log(decay / rise) * rise * decay / (decay - rise)
    frames = math.ceil((peak - decay * math.log(_ENDS)) * frame_rate) + 2
    times = np.arange(frames) / frame_rate
    light = np.exp(-times / decay) - np.exp(-times / rise)
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


@dataclass(frozen=True, eq=False)
class Detection:
    """Transients that were found in a trace.

    Attributes
    ----------
    onsets : ndarray of int, shape (events,)
        Frames at which they begin, ascending.
    amplitudes : ndarray, shape (events,)
        Their peaks above the trace around them, in the trace's unit.
    noise : float
        Standard deviation of such an amplitude where there is no transient, in the trace's unit.
    threshold : float
        Least amplitude over `noise` that counts.
    """

    onsets: IntArray
    amplitudes: FloatArray
    noise: float
    threshold: float


def detect(
    trace: FloatArray,
    shape: FloatArray,
    threshold: float = THRESHOLD,
    trial_starts: Sequence[int] = (0,),
    *,
    noise: float | None = None,
    frame_noise: float | None = None,
) -> Detection:
    """Find transients of a known course by a matched filter.

    At each frame the amplitude is fitted by least squares, together with a constant, to the frames in which the course
    is above a tenth of its peak. The greatest amplitudes within half of a transient's length are candidates; all are
    fitted together, so that the tail of a large transient is not taken for more of them, those that are not above the
    threshold any more are dropped, and what is left is searched again. The noise is the deviation of the amplitudes
    that are left below their median: slow light that is no transient is part of it. It is looked for from below, since
    transients that were not found yet would count as noise.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
        Finite.
    shape : ndarray, shape (length,)
        The course of a transient from its onset, with its peak at 1.
    threshold : float
        In standard deviations of the noise.
    trial_starts : sequence of int
        The frame at which each trial starts; no event reaches across.
    noise : float, optional
        Standard deviation of the amplitudes where there is no transient, where it is known.
    frame_noise : float, optional
        The least noise from frame to frame, in the trace's unit: of the ROI, where a separation that clips at 0 has
        left a trace without any. The trace's own by default.

    Returns
    -------
    Detection

    References
    ----------
    Turin (1960), An introduction to matched filters, doi:10.1109/TIT.1960.1057571.
    """
    filtered = _Filtered.of(trace, shape, trial_starts)
    if not filtered.possible.any():
        return Detection(np.empty(0, np.intp), np.empty(0), math.nan, threshold)
    # Of a trace without noise, rounding is none of its transients.
    rounding = _ROUNDING * float(np.abs(trace).max())
    reach = half_length(shape)
    if noise is not None:
        onsets, sizes, _ = filtered.events(max(threshold * noise, rounding), reach)
        return Detection(onsets, sizes, noise, threshold)
    noise = filtered.of_one * (noise_of(trace) if frame_noise is None else frame_noise)
    for _ in range(_ROUNDS):
        onsets, sizes, left = filtered.events(max(threshold * noise, rounding), reach)
        middle = float(np.median(left))
        found = _TO_DEVIATION * float(np.median(middle - left[left <= middle]))
        if not found > noise:
            break
        noise = found
    return Detection(onsets, sizes, noise, threshold)


@dataclass(frozen=True, eq=False)
class _Filtered:
    """Amplitudes of a transient fitted at each frame, and what one transient adds to those of the frames around it.

    Attributes
    ----------
    amplitudes : ndarray, shape (frames,)
    possible : ndarray of bool, shape (frames,)
        Frames at which a transient fits into its trial.
    echo : ndarray
        What a transient of peak 1 adds to the amplitudes from `lead` frames before its onset on.
    lead : int
    trial : ndarray of int, shape (frames,)
        Which trial each frame belongs to.
    of_one : float
        Standard deviation of the amplitudes where that from frame to frame is 1.
    """

    amplitudes: FloatArray
    possible: NDArray[np.bool_]
    echo: FloatArray
    lead: int
    trial: IntArray
    of_one: float

    @classmethod
    def of(cls, trace: FloatArray, shape: FloatArray, trial_starts: Sequence[int]) -> "_Filtered":
        """Fit a transient at each frame of a trace."""
        last = np.flatnonzero(shape > _MATCHED * shape.max())[-1]
        course = shape[: max(int(last) + 1, 3)]
        template = course - course.mean()
        template = template / float(template @ template)
        amplitudes = np.full(len(trace), -np.inf)
        for start, end in pairwise((*trial_starts, len(trace))):
            if end - start >= len(template):
                amplitudes[start : end - len(template) + 1] = np.correlate(trace[start:end], template, "valid")
        trial = np.searchsorted(trial_starts, np.arange(len(trace)), "right")
        echo = np.correlate(shape, template, "full")
        of_one = float(np.linalg.norm(template))
        return cls(amplitudes, np.isfinite(amplitudes), echo, len(template) - 1, trial, of_one)

    def events(self, least: float, reach: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return onsets and sizes of transients above `least`, and the amplitudes that they leave where possible."""
        onsets, sizes, left = np.empty(0, np.intp), np.empty(0), self.amplitudes
        barred = ~self.possible
        for _ in range(_ROUNDS):
            taken = barred.copy()
            for at in onsets.tolist():
                taken[max(at - reach, 0) : at + reach + 1] = True
            tops = left > least
            tops[1:] &= left[1:] >= left[:-1]
            tops[:-1] &= left[:-1] > left[1:]
            candidates = np.flatnonzero(tops & ~taken)
            more = []
            for at in candidates[np.argsort(-left[candidates], kind="stable")].tolist():
                if not taken[at]:
                    more.append(at)
                    taken[max(at - reach, 0) : at + reach + 1] = True
            both = np.sort(np.append(onsets, np.array(more, np.intp)))
            kept = self.fitted(both) > least
            barred[both[~kept]] = True
            if not more and kept.all():
                break
            onsets = both[kept]
            sizes, left = self.fitted(onsets), self.amplitudes.copy()
            for at, size in zip(onsets.tolist(), sizes.tolist(), strict=True):
                self.subtract(left, at, size)
        above = sizes > least
        return onsets[above], sizes[above], left[self.possible]

    def subtract(self, amplitudes: FloatArray, at: int, size: float) -> None:
        """Subtract what a transient of this size adds to the amplitudes."""
        first = max(at - self.lead, 0)
        part = slice(first, first + len(self.echo) - (first - (at - self.lead)))
        same = self.trial[part] == self.trial[at]
        amplitudes[part] -= size * self.echo[first - (at - self.lead) :][: len(same)] * same

    def fitted(self, onsets: IntArray) -> FloatArray:
        """Return the sizes of transients, so that nothing is left of the amplitudes at their onsets."""
        from scipy.sparse import csc_array
        from scipy.sparse.linalg import spsolve

        if not len(onsets):
            return np.empty(0)
        rows, columns = [np.arange(len(onsets))], [np.arange(len(onsets))]
        for step in range(1, len(onsets)):
            first = np.flatnonzero(onsets[step:] - onsets[:-step] < len(self.echo))
            if not len(first):
                break
            rows += [first, first + step]
            columns += [first + step, first]
        row, column = np.concatenate(rows), np.concatenate(columns)
        place = onsets[row] - onsets[column] + self.lead
        inside = (place >= 0) & (place < len(self.echo)) & (self.trial[onsets[row]] == self.trial[onsets[column]])
        row, column, place = row[inside], column[inside], place[inside]
        mixing = csc_array((self.echo[place], (row, column)), shape=(len(onsets), len(onsets)))
        return np.atleast_1d(np.asarray(spsolve(mixing, self.amplitudes[onsets]), np.float64))


def _below(values: FloatArray) -> float:
    """Return the standard deviation of the values below their median."""
    middle = float(np.median(values))
    return _TO_DEVIATION * float(np.median(middle - values[values <= middle]))


def near(onsets: IntArray, others: IntArray, reach: int) -> NDArray[np.bool_]:
    """Return which onsets have another within a number of frames.

    Parameters
    ----------
    onsets, others : ndarray of int
        `others` ascends.
    reach : int
        In frames.

    Returns
    -------
    ndarray of bool, shape (len(onsets),)
    """
    if not len(others):
        return np.zeros(len(onsets), bool)
    place = np.searchsorted(others, onsets)
    before, after = others[np.maximum(place - 1, 0)], others[np.minimum(place, len(others) - 1)]
    distance = np.minimum(np.abs(onsets - before), np.abs(onsets - after))
    return np.asarray(distance <= reach)


def noise_of(trace: FloatArray) -> float:
    """Return the standard deviation of a trace's noise, from its median absolute step from frame to frame.

    Parameters
    ----------
    trace : ndarray, shape (frames,)

    Returns
    -------
    float
        In the trace's unit; transients and slow light hardly change it.
    """
    return _TO_DEVIATION * float(np.median(np.abs(np.diff(trace)))) / math.sqrt(2) if len(trace) > 1 else 0.0
