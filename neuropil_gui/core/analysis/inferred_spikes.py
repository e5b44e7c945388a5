"""Spikes inferred from a trace by OASIS, which the extra ``events`` installs."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from neuropil_gui.core.analysis.detection import noise_of
from neuropil_gui.core.analysis.spike_in_plan import UNKNOWN_RATE
from neuropil_gui.core.analysis.transients import INDICATORS, time_constants
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import cell_without_gaps, with_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation

EXTRA = "pip install 'neuropil-gui[events]'"

SOURCE = "Friedrich et al. 2017, doi 10.1371/journal.pcbi.1005423"

_LEAST = 1e-6  # Part of the greatest inferred spike up to which one is rounding.
_FEWEST = 10  # Frames of a trial that can be deconvolved.


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
) -> FloatArray:
    """Infer spikes from a trace by OASIS, with the time course given and the baseline fitted, each trial alone.

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

    Returns
    -------
    ndarray, shape (frames,)
        Peak of the transient that spikes of each frame add, in the trace's unit, not negative.

    Raises
    ------
    DataError
        (a ValueError) When OASIS is not installed.

    References
    ----------
    Friedrich et al. (2017), PLoS Comput. Biol. 13, e1005423, doi:10.1371/journal.pcbi.1005423.
    """
    deconvolve = _deconvolve()
    inferred = np.zeros(len(trace))
    unit = _peak_of_one(rise, decay, frame_rate)
    for start, end in pairwise((*trial_starts, len(trace))):
        part = np.array(trace[start:end], np.float64)
        if len(part) < _FEWEST or not np.ptp(part) > 0:
            continue
        made = deconvolve(part, tau_d=decay, tau_r=rise, framerate=frame_rate, sn=noise, b_nonneg=False)
        spikes = np.maximum(np.asarray(made[1], np.float64), 0.0)
        spikes[spikes <= _LEAST * spikes.max()] = 0.0
        inferred[start:end] = unit * spikes
    return inferred


def compare_inferred(
    cell: Cell, separation: Separation, *, frame_rate: float | None = None, indicator: str = "gcamp6s"
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

    Returns
    -------
    InferredSpikes

    Raises
    ------
    DataError
        (a ValueError) When OASIS is not installed, the separation is a draft, the indicator is unknown, or the ROI has
        no noise.
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
    roi, best = (
        infer_spikes(each, rise, decay, frame_rate or UNKNOWN_RATE, noise, bare.trial_starts)
        for each in (bare.traces[0], made.matched[0])
    )
    return InferredSpikes(with_gaps(roi, kept), with_gaps(best, kept), noise)


def _peak_of_one(rise: float, decay: float, frame_rate: float) -> float:
    """Return the peak of what OASIS makes of one spike of size 1: ``c_t = g1 c_(t-1) + g2 c_(t-2) + s_t``."""
    slow, fast = np.exp(-1 / (decay * frame_rate)), np.exp(-1 / (rise * frame_rate))
    frames = np.arange(1, int(np.ceil(5 * decay * frame_rate)) + 3)
    return float(((slow**frames - fast**frames) / (slow - fast)).max())


def _deconvolve() -> Callable[..., Any]:
    """Return OASIS' function, or raise a sentence on how to get it."""
    try:
        found = importlib.import_module("oasis.functions").deconvolve
    except ModuleNotFoundError as error:
        if error.name not in ("oasis", "oasis.functions"):
            raise
        raise DataError(f"Inferred spikes need OASIS, which is not installed: {EXTRA} brings it.") from error
    return found  # type: ignore[no-any-return]
