"""Detection of transients of a known course in a trace, by a matched filter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.transients import half_length
from neuropil_gui.core.arrays import FloatArray

THRESHOLD = 3.0
"""Standard deviations of the filtered noise from which on a transient counts as detected."""

_MATCHED = 0.1  # Part of its peak down to which the matched filter reaches: the rest is mostly other light.
_TO_DEVIATION = 1.4826  # A normal distribution's standard deviation over its median absolute deviation.
_ROUNDING = 1e-9
_PLACES = (
    2**18
)  # At most that transients are subtracted from at a time, so that memory does not grow with their number.
_ROUNDS = 10  # At most: each finds the noise anew, without the events of those before.

IntArray = NDArray[np.intp]


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
        found = _below(left)
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
            sizes = self.fitted(onsets)
            left = self.without(onsets, sizes)
        above = sizes > least
        return onsets[above], sizes[above], left[self.possible]

    def without(self, onsets: IntArray, sizes: FloatArray) -> FloatArray:
        """Return the amplitudes without what transients of these sizes add to them."""
        left = self.amplitudes.copy()
        at_a_time = max(_PLACES // len(self.echo), 1)
        for first in range(0, len(onsets), at_a_time):
            part = slice(first, first + at_a_time)
            places = onsets[part, np.newaxis] - self.lead + np.arange(len(self.echo))
            inside = (places >= 0) & (places < len(left))
            inside[inside] = self.trial[places[inside]] == np.repeat(self.trial[onsets[part]], inside.sum(axis=1))
            # One after the other where they overlap, which plain indices would not do.
            np.subtract.at(left, places[inside], (sizes[part, np.newaxis] * self.echo)[inside])
        return left

    def fitted(self, onsets: IntArray) -> FloatArray:
        """Return the sizes of transients, so that nothing is left of the amplitudes at their onsets."""
        from scipy.sparse import csc_array
        from scipy.sparse.linalg import spsolve

        if not len(onsets):
            return np.empty(0)
        # Onsets ascend, so that those which a transient reaches follow each other.
        first, behind = np.searchsorted(onsets, (onsets - self.lead, onsets - self.lead + len(self.echo)))
        counts = behind - first
        column = np.repeat(np.arange(len(onsets)), counts)
        row = np.arange(len(column)) + (first - np.cumsum(counts) + counts)[column]
        same = self.trial[onsets[row]] == self.trial[onsets[column]]
        row, column = row[same], column[same]
        ends = np.searchsorted(column, np.arange(len(onsets) + 1))
        # SciPy before 1.12 solves with indices of 32 bits alone.
        entries = self.echo[onsets[row] - onsets[column] + self.lead], row.astype(np.int32), ends.astype(np.int32)
        mixing = csc_array(entries, shape=(len(onsets), len(onsets)))
        return np.atleast_1d(np.asarray(spsolve(mixing, self.amplitudes[onsets]), np.float64))


def _below(values: FloatArray) -> float:
    """Return the standard deviation of the values below their median."""
    middle = float(np.median(values))
    return _TO_DEVIATION * float(np.median(middle - values[values <= middle]))


def amplitudes_at(
    trace: FloatArray, shape: FloatArray, onsets: IntArray, trial_starts: Sequence[int] = (0,)
) -> FloatArray:
    """Return the amplitudes of transients at given onsets, fitted together as in `detect`.

    They are linear in the trace: those of parts that add up to it add up to its own.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    shape : ndarray, shape (length,)
        The course of a transient from its onset, with its peak at 1.
    onsets : ndarray of int, shape (events,)
        Ascending.
    trial_starts : sequence of int

    Returns
    -------
    ndarray, shape (events,)
        NaN where a transient does not fit into its trial.
    """
    filtered = _Filtered.of(trace, shape, trial_starts)
    inside = filtered.possible[onsets]
    found = np.full(len(onsets), np.nan)
    found[inside] = filtered.fitted(onsets[inside])
    return found


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
