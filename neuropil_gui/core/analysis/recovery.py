"""Recovery of transients that were added to a recording: gain, leak, detection and shape, over repeats."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neuropil_gui.core.analysis.detection import IntArray, near
from neuropil_gui.core.analysis.transients import decay_frames
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.metrics import pearson

COVERED = 0.95
"""Part of further repeats that an interval is expected to hold."""


@dataclass(frozen=True)
class Estimate:
    """A number over repeats.

    Attributes
    ----------
    mean : float
        NaN where no repeat has one.
    low, high : float
        Where 95 % of further repeats are expected: the mean plus and minus Student's t times the standard deviation,
        times ``sqrt(1 + 1 / repeats)``. NaN of fewer than two.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: FloatArray) -> "Estimate":
        """Return the estimate of values, one a repeat; those that are NaN are left out.

        Parameters
        ----------
        values : ndarray, shape (repeats,)

        Returns
        -------
        Estimate
        """
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(math.nan, math.nan, math.nan)
        mean = float(known.mean())
        if len(known) < 2:
            return cls(mean, math.nan, math.nan)
        from scipy.special import stdtrit

        t = float(stdtrit(len(known) - 1, (1 + COVERED) / 2))
        reach = t * float(known.std(ddof=1)) * math.sqrt(1 + 1 / len(known))
        return cls(mean, mean - reach, mean + reach)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, eq=False)
class Repeat:
    """What one repeat has added, and what came back of it by one method.

    Attributes
    ----------
    shares : ndarray, shape (signals,)
        How much of the cell's added light each signal has seen: 1 in the ROI.
    put_in, came_back : ndarray, shape (count,)
        Peak of each of the cell's added transients in the ROI, and in the best match, in the traces' unit.
    leaked : ndarray, shape (count,)
        Peak in the best match of each transient that was added as light that is not the cell's; `put_in` is its peak in
        a region.
    before, after, other : ndarray, shape (length,)
        The mean added transient in the ROI; in the best match; and, of the light that is not the cell's, in the best
        match. NaN where no transient reaches so far.
    detected : float
        Part of the cell's added transients that were detected in the best match, of those that were not added to
        another that was detected there before; NaN where all were.
    false : int
        Transients detected in the best match that were neither there before nor added.
    appeared : float
        As `detected`, of the light that is not the cell's: transients that appear where the cell has none.
    """

    shares: FloatArray
    put_in: FloatArray
    came_back: FloatArray
    leaked: FloatArray
    before: FloatArray
    after: FloatArray
    other: FloatArray
    detected: float
    false: int
    appeared: float

    @property
    def gain(self) -> float:
        """Slope of what came back over what was put in, through 0."""
        return _slope(self.put_in, self.came_back)

    @property
    def leak(self) -> float:
        """Slope of what leaked over what was put in, through 0."""
        return _slope(self.put_in, self.leaked)


@dataclass(frozen=True, eq=False)
class Recovery:
    """What came back by one method, over repeats.

    Attributes
    ----------
    method : str
        ``"result"``, or a key of `RIVALS`.
    repeats : tuple of Repeat
    """

    method: str
    repeats: tuple[Repeat, ...]

    @cached_property
    def gain(self) -> Estimate:
        """How much of the cell's added light comes back: 1 is all of it."""
        return Estimate.of(np.array([each.gain for each in self.repeats]))

    @cached_property
    def leak(self) -> Estimate:
        """How much of the added light that is not the cell's comes back: 0 is none; below 0, light is taken away."""
        return Estimate.of(np.array([each.leak for each in self.repeats]))

    @cached_property
    def spread(self) -> float:
        """Standard deviation of what came back about the line of its repeat, over the mean that was put in."""
        rest = [each.came_back - each.gain * each.put_in for each in self.repeats]
        # A slope is fitted in each repeat.
        freedom = sum(len(each) - 1 for each in rest)
        total = float(np.square(np.concatenate(rest)).sum())
        return math.sqrt(total / freedom) / float(np.mean([each.put_in.mean() for each in self.repeats]))

    @cached_property
    def detected(self) -> Estimate:
        """Part of the added transients that are detected."""
        return Estimate.of(np.array([each.detected for each in self.repeats]))

    @cached_property
    def appeared(self) -> Estimate:
        """Part of the added transients that are not the cell's which are detected as the cell's."""
        return Estimate.of(np.array([each.appeared for each in self.repeats]))

    @cached_property
    def false(self) -> Estimate:
        """Transients detected in a repeat that were neither there before nor added."""
        return Estimate.of(np.array([each.false for each in self.repeats], np.float64))

    @cached_property
    def before(self) -> FloatArray:
        """The mean added transient in the ROI, shape (length,), in the traces' unit."""
        return _mean([each.before for each in self.repeats])

    @cached_property
    def after(self) -> FloatArray:
        """The mean of what came back of it in the best match, shape (length,)."""
        return _mean([each.after for each in self.repeats])

    @cached_property
    def other(self) -> FloatArray:
        """The mean of what came back of light that is not the cell's, shape (length,)."""
        return _mean([each.other for each in self.repeats])

    @property
    def shape_r(self) -> float:
        """Pearson's r of the mean transient before and after."""
        known = np.isfinite(self.before) & np.isfinite(self.after)
        return pearson(self.before[known], self.after[known])

    @property
    def decays(self) -> tuple[float, float]:
        """Frames from the peak of the mean transient to 1/e of it, before and after."""
        before, after = (decay_frames(np.nan_to_num(each)) for each in (self.before, self.after))
        return before, after


def fitted(difference: FloatArray, shape: FloatArray, onsets: IntArray, ends: IntArray) -> tuple[FloatArray, float]:
    """Fit the peaks of transients at known times, and a constant, by least squares.

    Parameters
    ----------
    difference : ndarray, shape (frames,)
    shape : ndarray, shape (length,)
        The course of a transient of peak 1.
    onsets, ends : ndarray of int, shape (count,)
        Frames at which each begins, and at which it is cut off by the end of its trial.

    Returns
    -------
    peaks : ndarray, shape (count,)
    constant : float
    """
    courses = np.zeros((len(onsets) + 1, len(difference)))
    for row, onset, end in zip(courses, onsets, ends, strict=False):
        length = min(len(shape), int(end - onset))
        row[onset : onset + length] = shape[:length]
    courses[-1] = 1.0
    # Of a few rows and many frames, the normal equations; transients do not coincide, so that these are regular.
    solved = np.asarray(np.linalg.solve(courses @ courses.T, courses @ difference), np.float64)
    return solved[:-1], float(solved[-1])


def added_light(frames: int, shape: FloatArray, onsets: IntArray, ends: IntArray, amplitudes: FloatArray) -> FloatArray:
    """Return the sum of transients, shape (frames,).

    Parameters
    ----------
    frames : int
    shape : ndarray, shape (length,)
    onsets, ends : ndarray of int, shape (count,)
        As in `fitted`.
    amplitudes : ndarray, shape (count,)

    Returns
    -------
    ndarray, shape (frames,)
    """
    light = np.zeros(frames)
    for onset, end, amplitude in zip(onsets, ends, amplitudes, strict=True):
        length = min(len(shape), int(end - onset))
        light[onset : onset + length] += amplitude * shape[:length]
    return light


def mean_course(trace: FloatArray, onsets: IntArray, ends: IntArray, length: int) -> FloatArray:
    """Return the mean of a trace after onsets, frame by frame; NaN where all are cut off.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    onsets, ends : ndarray of int, shape (count,)
        As in `fitted`.
    length : int

    Returns
    -------
    ndarray, shape (length,)
    """
    rows = np.full((len(onsets), length), np.nan)
    for row, onset, end in zip(rows, onsets, ends, strict=True):
        part = trace[onset : min(onset + length, int(end))]
        row[: len(part)] = part
    return _mean(rows)


def found_among(onsets: IntArray, detected: IntArray, earlier: IntArray, reach: int) -> float:
    """Return the part of added transients that were detected, of those without a transient that was there earlier.

    Parameters
    ----------
    onsets : ndarray of int, shape (count,)
        Of the added transients.
    detected, earlier : ndarray of int
        Onsets detected with and without them, ascending.
    reach : int
        Frames within which two onsets are the same.

    Returns
    -------
    float
        NaN where all were added to another.
    """
    free = onsets[~near(onsets, earlier, reach)]
    return float(near(free, detected, reach).mean()) if len(free) else math.nan


def _slope(x: FloatArray, y: FloatArray) -> float:
    return float(x @ y) / float(x @ x)


def _mean(rows: Sequence[FloatArray] | FloatArray) -> FloatArray:
    """Return the mean of rows, frame by frame, of those that are not NaN."""
    values = np.asarray(rows)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    means: FloatArray = np.divide(total, count, out=np.full(values.shape[1], np.nan), where=count > 0)
    return means
