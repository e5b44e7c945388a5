"""Windows with and without spikes: what a trace does in them, ROC of telling them apart, and averages around events."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray

IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Roc:
    """How well a number tells windows with an event from windows without.

    Attributes
    ----------
    false_rate, true_rate : ndarray, shape (points,)
        Parts of the windows without and with an event above each threshold, from (0, 0) to (1, 1).
    auc : float
        Area below: the chance that an event's number is greater than that of a window without. 0.5 is guessing.
    error : float
        Its standard error, by DeLong et al. (1988).
    """

    false_rate: FloatArray
    true_rate: FloatArray
    auc: float
    error: float


@dataclass(frozen=True, eq=False)
class Windows:
    """Frames that traces are measured at.

    Attributes
    ----------
    onsets : ndarray of int
        Of events.
    rest : ndarray of int
        First frames of windows that hold no spike, nor does the window before.
    length : int
        Of a window.
    """

    onsets: IntArray
    rest: IntArray
    length: int

    def responses(self, trace: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return a trace's responses at the events and at rest: mean after less mean before.

        Parameters
        ----------
        trace : ndarray, shape (frames,)

        Returns
        -------
        events, rest : ndarray
        """
        steps = np.arange(self.length)

        def at(frames: IntArray) -> FloatArray:
            after, before = trace[frames[:, np.newaxis] + steps], trace[frames[:, np.newaxis] - 1 - steps]
            response: FloatArray = after.mean(axis=1) - before.mean(axis=1)
            return response

        return at(self.onsets), at(self.rest)


def windows_of(
    spikes: IntArray, length: int, trial_starts: Sequence[int], frames: int, usable: NDArray[np.bool_] | None = None
) -> Windows:
    """Return the events among spikes, and as many windows without any as have room.

    Parameters
    ----------
    spikes : ndarray of int
        Ascending frames.
    length : int
        Of a window, in frames.
    trial_starts : sequence of int
    frames : int
    usable : ndarray of bool, shape (frames,), optional
        Frames at which all traces have a value; windows with others are left out.

    Returns
    -------
    Windows
        Windows at rest do not overlap each other.
    """
    counts = np.bincount(spikes, minlength=frames)[:frames]
    bad = np.zeros(frames, np.intp) if usable is None else (~usable).astype(np.intp)
    spiking, missing = (np.concatenate([[0], np.cumsum(each)]) for each in (counts, bad))
    onsets: list[int] = []
    rest: list[int] = []
    for start, end in pairwise((*trial_starts, frames)):
        inside = np.arange(start + length, end - length + 1)
        inside = inside[missing[inside + length] == missing[inside - length]]
        before = spiking[inside] - spiking[inside - length]
        onsets += inside[(counts[inside] > 0) & (before == 0)].tolist()
        free = inside[spiking[inside + length] == spiking[inside - length]]
        last = -length
        for at in free.tolist():
            if at >= last + length:
                rest.append(at)
                last = at
    return Windows(np.array(onsets, np.intp), np.array(rest, np.intp), length)


def roc(events: FloatArray, rest: FloatArray) -> Roc:
    """Return the ROC of a number that is greater in events than at rest.

    Parameters
    ----------
    events, rest : ndarray
        The number in windows with and without an event.

    Returns
    -------
    Roc

    References
    ----------
    DeLong et al. (1988), Biometrics 44, 837-845, doi:10.2307/2531595: the standard error.
    """
    levels = np.unique(np.concatenate([events, rest]))[::-1]
    above = np.searchsorted(np.sort(events), levels, "left")
    over = np.searchsorted(np.sort(rest), levels, "left")
    true_rate = np.concatenate([[0.0], 1 - above / len(events)])
    false_rate = np.concatenate([[0.0], 1 - over / len(rest)])
    # How much of the other side each number exceeds; of an equal one, half.
    of_events = _exceeded(events, rest)
    of_rest = 1 - _exceeded(rest, events)
    auc = float(of_events.mean())
    error = math.sqrt(_variance(of_events) / len(events) + _variance(of_rest) / len(rest))
    return Roc(false_rate, true_rate, auc, error)


def _exceeded(values: FloatArray, others: FloatArray) -> FloatArray:
    others = np.sort(others)
    below, up_to = np.searchsorted(others, values, "left"), np.searchsorted(others, values, "right")
    part: FloatArray = (below + up_to) / (2 * len(others))
    return part


def _variance(values: FloatArray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else math.nan


def triggered_average(
    trace: FloatArray, onsets: IntArray, before: int, after: int, trial_starts: Sequence[int] = (0,)
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of a trace around events, above its mean before each, and its standard error.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    onsets : ndarray of int
        At least `before` frames from the beginning.
    before, after : int
        Frames before the event, and from it on.
    trial_starts : sequence of int
        An event counts as far as its trial reaches.

    Returns
    -------
    mean, error : ndarray, shape (before + after,)
        NaN where no event has a value, or where one alone has no error.
    """
    place = onsets[:, np.newaxis] + np.arange(-before, after)
    ends = np.array([*trial_starts[1:], len(trace)])[np.searchsorted(trial_starts, onsets, "right") - 1]
    reached = place < ends[:, np.newaxis]
    rows = np.where(reached, trace[np.minimum(place, len(trace) - 1)], np.nan)
    rows = rows - rows[:, :before].mean(axis=1, keepdims=True)
    there = np.isfinite(rows)
    count = there.sum(axis=0)
    total = np.where(there, rows, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(before + after, np.nan), where=count > 0)
    squares = np.square(np.where(there, rows - mean, 0.0)).sum(axis=0)
    variance = np.divide(squares, count - 1, out=np.full(before + after, np.nan), where=count > 1)
    return mean, np.sqrt(variance / np.maximum(count, 1))
