"""Spikes inferred from a trace by OASIS, which the extra ``events`` installs."""

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from neuropil_gui.core.analysis.detection import THRESHOLD, noise_of
from neuropil_gui.core.analysis.spike_in_plan import UNKNOWN_RATE
from neuropil_gui.core.analysis.transients import INDICATORS, time_constants, transient
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.gaps import cell_without_gaps, with_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation

EXTRA = "pip install 'neuropil-gui[events]'"

SOURCE = "Friedrich et al. 2017, doi 10.1371/journal.pcbi.1005423"

_LEAST_RISE = 1e-3  # Part of a rise that is left at the next frame, below which it is none.
_BLOCK = 20_000  # Frames that are deconvolved at a time: OASIS holds the interpreter meanwhile, for about 50 ms.
_ROUNDING = 1e-3  # Of the least spike: less is rounding.
_LEAD = 6  # Decays before and after a block that are deconvolved with it.


@dataclass(frozen=True, eq=False)
class InferredSpikes:
    """Spikes that OASIS infers in a cell before and after a separation.

    Attributes
    ----------
    roi, best : ndarray, shape (frames,)
        Peak of the transient that spikes of each frame add to the ROI and to the best match, in the traces' unit: 0
        where there is none, NaN in frames that are left out. Their number is not known from this.
    noise : float
        Standard deviation of the noise that OASIS was given for both, that of the ROI from frame to frame.
    """

    roi: FloatArray
    best: FloatArray
    noise: float

    def within(self, onsets: Sequence[int], reach: int) -> tuple[FloatArray, FloatArray]:
        """Return what is inferred near events.

        Parameters
        ----------
        onsets : sequence of int
            Frames at which they begin.
        reach : int
            Frames before and after.

        Returns
        -------
        roi, best : ndarray, shape (len(onsets),)
            Sums over the frames within `reach`.
        """

        def near(values: FloatArray) -> FloatArray:
            return np.array([float(np.nansum(values[max(at - reach, 0) : at + reach + 1])) for at in onsets], float)

        return near(self.roi), near(self.best)


def infer_spikes(
    trace: FloatArray,
    rise: float,
    decay: float,
    frame_rate: float,
    noise: float,
    trial_starts: Sequence[int] = (0,),
    *,
    threshold: float = THRESHOLD,
    should_stop: Callable[[], bool] | None = None,
) -> FloatArray:
    """Infer spikes from a trace by OASIS, with the time course and the least size of a spike given, each trial alone.

    The baseline is the trial's median: the cell is at rest in most frames. Light that is there when a trial begins is
    of earlier spikes.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
        Finite.
    rise, decay : float
        Time constants of a transient in seconds, as `time_constants` returns them.
    frame_rate : float
        In Hz.
    noise : float
        Standard deviation of the noise from frame to frame, in the trace's unit, above 0.
    trial_starts : sequence of int
    threshold : float
        The least peak of a spike's transient, over the noise.
    should_stop : callable, optional
        Polled every 20,000 frames.

    Returns
    -------
    ndarray, shape (frames,)
        Peak of the transient that spikes of each frame add, in the trace's unit, not negative.

    Raises
    ------
    DataError
        (a ValueError) When OASIS is not installed.
    Cancelled
        When `should_stop` returned True.

    References
    ----------
    Friedrich et al. (2017), PLoS Comput. Biol. 13, e1005423, doi:10.1371/journal.pcbi.1005423.
    """
    oasis = _oasis()
    slow, fast = math.exp(-1 / (decay * frame_rate)), math.exp(-1 / (rise * frame_rate))
    unit = _peak_of_one(slow, fast)
    lead = math.ceil(_LEAD * decay * frame_rate)
    inferred = np.zeros(len(trace))
    for start, end in pairwise((*trial_starts, len(trace))):
        light = np.array(trace[start:end], np.float64)
        light -= np.median(light)
        for first in range(0, len(light), _BLOCK):
            if should_stop is not None and should_stop():
                raise Cancelled
            # What was before a block is in it, too, so that its transients are not taken for spikes at its beginning.
            before, last = max(first - lead, 0), min(first + _BLOCK, len(light))
            part = np.ascontiguousarray(light[before : min(last + lead, len(light))])
            least = threshold * noise / unit
            made = (
                oasis.oasisAR2(part, slow + fast, -slow * fast, 0.0, least)
                if fast > _LEAST_RISE
                else oasis.oasisAR1(part, slow, 0.0, least)
            )
            inferred[start + first : start + last] = np.asarray(made[1], np.float64)[first - before : last - before]
        inferred[start : start + 2] = 0.0  # what OASIS begins with is the light of earlier spikes
    inferred *= unit
    inferred[inferred < _ROUNDING * threshold * noise] = 0.0
    return inferred


def compare_inferred(
    cell: Cell,
    separation: Separation,
    *,
    frame_rate: float | None = None,
    indicator: str = "gcamp6s",
    threshold: float = THRESHOLD,
    should_stop: Callable[[], bool] | None = None,
) -> InferredSpikes:
    """Infer spikes from the ROI and from the best match of a cell.

    Both get the ROI's noise from frame to frame: a separation that clips at 0 leaves the best match next to none, and
    OASIS would take each step of it for a spike.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of `cell`; not a draft.
    frame_rate : float, optional
        In Hz; without it `UNKNOWN_RATE` is assumed.
    indicator : str
        Whose course is looked for, a key of `INDICATORS`.
    threshold, should_stop
        As of `infer_spikes`.

    Returns
    -------
    InferredSpikes

    Raises
    ------
    DataError
        (a ValueError) When OASIS is not installed, the separation is a draft, the indicator is unknown, the ROI
        has no noise, or the frame rate is too low or too high for a transient.
    """
    if indicator not in INDICATORS:
        raise DataError(f"indicator must be one of {', '.join(INDICATORS)}, but {indicator!r} was found.")
    if separation.frames_per_value > 1:
        raise DataError("A draft has no events: it is a separation of averages. Run the separation first.")
    kept = separation.kept
    bare, made = cell_without_gaps(cell, kept), separation.without_gaps()
    known, noise = INDICATORS[indicator], noise_of(bare.traces[0])
    if not noise > 0:
        raise DataError(f"The noise of the ROI is {noise:g}, so that OASIS cannot tell spikes from it.")
    rise, decay = time_constants(known.to_peak, known.half_decay)
    transient(rise, decay, frame_rate or UNKNOWN_RATE)  # raises where nothing of it is seen at this rate
    rate, starts = frame_rate or UNKNOWN_RATE, bare.trial_starts
    roi, best = (
        infer_spikes(each, rise, decay, rate, noise, starts, threshold=threshold, should_stop=should_stop)
        for each in (bare.traces[0], made.matched[0])
    )
    return InferredSpikes(with_gaps(roi, kept), with_gaps(best, kept), noise)


def _peak_of_one(slow: float, fast: float) -> float:
    """Return the peak of what OASIS makes of one spike of size 1, by what is left of decay and rise at the next frame.

    That is ``c_t = (slow + fast) c_(t-1) - slow fast c_(t-2) + s_t``.
    """
    if fast <= _LEAST_RISE:
        return 1.0
    most = math.ceil(math.log(math.log(slow) / math.log(fast)) / math.log(fast / slow)) + 2
    frames = np.arange(1, max(most, 3) + 1)
    return float(((slow**frames - fast**frames) / (slow - fast)).max())


def _oasis() -> Any:
    """Return OASIS' module, or raise a sentence on how to get it."""
    try:
        return importlib.import_module("oasis.oasis_methods")
    except ModuleNotFoundError as error:
        if error.name not in ("oasis", "oasis.oasis_methods"):
            raise
        raise DataError(f"Inferred spikes need OASIS, which is not installed: {EXTRA} brings it.") from error
