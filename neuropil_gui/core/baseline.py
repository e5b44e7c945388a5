"""Baseline F0 and dF/F of a trace."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np

from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import Parameter

KINDS = ("percentile", "fissa", "maximin")

DIVISORS = {
    "raw": "F0 of the raw ROI (FISSA)",
    "own": "its own F0",
    "subtraction": "F0 of F \N{MINUS SIGN} 0.7 Fneu",
}
"""By whose baseline the best match is divided, and what the form calls it."""

BASELINE_PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "kind",
            "baseline",
            str,
            choices={"percentile": "percentile in a window", "fissa": "FISSA's", "maximin": "maximin (suite2p)"},
            methods=KINDS,
            help="F0: where the baseline comes from. A percentile in a window that moves along the trial follows "
            "bleaching and drift. FISSA's is one level: the 5th percentile of the trace below 1 Hz. maximin, suite2p's "
            "default, follows drift too: the smoothed trace's minimum in a window, then the maximum of that.",
        ),
        Parameter(
            "percentile",
            "percentile",
            float,
            minimum=0.0,
            maximum=100.0,
            methods=("percentile",),
            unit="%",
            help="The part of a window's samples that lies below the baseline, from 0 to 100 %. Lower suits cells that "
            "are active most of the time; too low follows the noise.",
            ignored="FISSA's baseline is the 5th percentile, and maximin takes none.",
        ),
        Parameter(
            "window_seconds",
            "window",
            float,
            minimum=0.01,
            optional=True,
            methods=("percentile", "maximin"),
            unit="s",
            help="Length of the window in seconds, or auto for the whole trial. It should be several times as long as "
            "the longest activity, or that becomes part of the baseline.",
            ignored="FISSA's baseline is one level for all trials, or for each.",
        ),
        Parameter(
            "window_frames",
            "window",
            int,
            minimum=1,
            optional=True,
            methods=("percentile", "maximin"),
            unit="frames",
            help="The same in frames, used where the frame rate is unknown.",
            ignored="FISSA's baseline is one level for all trials, or for each.",
        ),
        Parameter(
            "across_trials",
            "one for all trials",
            bool,
            methods=("fissa",),
            help="Whether all trials share one baseline, as in FISSA by default, or each has its own.",
            ignored="A window never reaches across the border of a trial.",
        ),
        Parameter(
            "smoothing_frames",
            "smoothing",
            float,
            minimum=0.0,
            methods=("maximin",),
            unit="frames",
            help="Standard deviation of the Gaussian that smooths the trace first, 10 frames in suite2p: the minimum "
            "of a trace that is not smoothed is that of its noise.",
            ignored="Only maximin smooths the trace.",
        ),
        Parameter(
            "divisor",
            "best match over",
            str,
            choices=DIVISORS,
            methods=KINDS,
            help="By whose F0 the best match is divided. FISSA divides by the raw ROI's, which is the cell's and the "
            "neuropil's: where half of it is neuropil, dF/F of the best match is about half of the true one. Its own "
            "(FISSA's use_raw_f0=False) is the cell's only where the separation has kept the baseline, so look at F0 "
            "first. That of F \N{MINUS SIGN} 0.7 Fneu is the cell's where 0.7 of the neuropil is in the ROI; dF/F of "
            "this trace itself can then be drawn, and is exported, too.",
        ),
    )
}

# FISSA's choices (fissa.deltaf, 1.0.0).
_CUTOFF = 1.0
_TAPS = 30
_PERCENTILE = 5


@dataclass(frozen=True)
class BaselineSettings:
    """Settings of a baseline.

    Attributes are described by `BASELINE_PARAMETERS`, each with its limits, and checked when an
    instance is made.

    Raises
    ------
    DataError
        (a ValueError) When a value is out of range.
    TypeError
        When a value is of another type.
    """

    kind: str = "percentile"
    percentile: float = 8.0
    window_seconds: float | None = 60.0
    window_frames: int | None = 1000
    across_trials: bool = True
    smoothing_frames: float = 10.0
    divisor: str = "raw"

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, BASELINE_PARAMETERS[each.name].check(getattr(self, each.name)))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class DeltaF:
    """dF/F of a trace.

    Attributes
    ----------
    values : ndarray, shape (frames,)
        A ratio, 1 for a trace that has doubled; NaN where the baseline it is divided by is 0.
    f0 : ndarray, shape (frames,)
        What was subtracted from the trace, in its units.
    divisor : ndarray, shape (frames,)
        What the difference was divided by: `f0`, or the raw ROI's.
    warnings : tuple of str
        What the user should know, in sentences.
    """

    values: FloatArray
    f0: FloatArray
    divisor: FloatArray
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("values", "f0", "divisor"):
            array = getattr(self, name)
            array.flags.writeable = False
            object.__setattr__(self, name, as_read_only(array))


def baseline(
    trace: FloatArray,
    settings: BaselineSettings,
    frame_rate: float | None = None,
    trial_starts: Sequence[int] = (0,),
) -> FloatArray:
    """Return the baseline F0 of a trace, frame by frame.

    ``"percentile"``: of the samples in a window about each frame, the one at the percentile (an
    actual sample, nothing interpolated). A window never leaves its trial: near the ends of a trial
    it stops there, so the baseline stays level, and a trial shorter than the window has one level.

    ``"fissa"``: the level that FISSA 1.0.0 takes: without the first sample, the 5th percentile of
    the trace low-pass filtered at 1 Hz (30 taps or a third of the samples, forward and backward),
    or the least sample if that is higher. At 1 Hz and below nothing is filtered. FISSA fails above
    1 up to 2 Hz, where no filter can be made; here nothing is filtered there either.

    ``"maximin"``: suite2p's default. The trace, smoothed by a Gaussian of `smoothing_frames`, is replaced by its
    minimum in a window about each frame, and this by its maximum in such a window; beyond the ends it is mirrored.
    Each trial is one of its own, which suite2p does not know.

    Parameters
    ----------
    trace : ndarray of float64, shape (frames,)
    settings : BaselineSettings
    frame_rate : float, optional
        In Hz; None where it is not known.
    trial_starts : sequence of int
        The frame at which each trial starts; the first is 0.

    Returns
    -------
    ndarray, shape (frames,)

    Raises
    ------
    DataError
        (a ValueError) For values that are not finite, and for ``"fissa"`` without a frame rate or
        of fewer than 2 frames.

    References
    ----------
    Keemink et al. (2018), doi:10.1038/s41598-018-21640-2, for FISSA. Pachitariu et al. (2017), doi:10.1101/061507,
    for suite2p.
    """
    if not len(trace) or not np.isfinite(trace).all():
        raise DataError("A baseline needs finite values: fill or cut frames that are NaN or infinite first.")
    f0 = np.empty(len(trace))
    if settings.kind == "fissa":
        starts = (0,) if settings.across_trials else trial_starts
        for trial in _trials(len(trace), starts):
            f0[trial] = _fissa_level(trace[trial], frame_rate)
        return f0
    window = _window(settings, frame_rate)
    for trial in _trials(len(trace), trial_starts):
        if settings.kind == "maximin":
            f0[trial] = _maximin(trace[trial], settings.smoothing_frames, window)
        else:
            f0[trial] = _sliding(trace[trial], settings.percentile, window)
    return f0


def delta_f(
    trace: FloatArray,
    settings: BaselineSettings,
    frame_rate: float | None = None,
    trial_starts: Sequence[int] = (0,),
    raw: FloatArray | None = None,
    owner: str = "the raw ROI",
) -> DeltaF:
    """Return dF/F of a trace: ``(trace - F0) / F0``.

    For a separated trace give `raw`, and it is ``(trace - F0 of trace) / F0 of raw``, as FISSA's
    ``calc_deltaf`` does by default. Its own baseline is no measure of brightness: NMF takes the
    light that signals share out of the best match, whose baseline may then be near 0 and its dF/F
    of any size; ICA has none at all, as its traces have mean 0. F0 of raw keeps raw and
    best-matched dF/F on one scale. But it is that of cell and neuropil together, so that dF/F comes out
    smaller than the cell's by the neuropil's share, and by what the separation has shrunk: over a cell of 100
    in a neuropil of 90 about half.

    Nothing is clipped silently: a baseline at or below 0 is reported in `warnings`. (Of FISSA's rules
    one clips, and is kept: with a baseline for each trial, a separated trace's own baseline below
    0 counts as 0.)

    Parameters
    ----------
    trace : ndarray of float64, shape (frames,)
    settings : BaselineSettings
    frame_rate : float, optional
        In Hz; None where it is not known.
    trial_starts : sequence of int
        The frame at which each trial starts; the first is 0.
    raw : ndarray of float64, shape (frames,), optional
        The raw signal of the ROI that `trace` was separated from, or another whose F0 is to be divided by.
    owner : str, optional
        What sentences call `raw`.

    Returns
    -------
    DeltaF

    Raises
    ------
    DataError
        (a ValueError) As `baseline`, and when `raw` differs in length.
    """
    if raw is not None and raw.shape != trace.shape:
        raise DataError(f"The trace has {len(trace)} frames, but the raw signal has {len(raw)}.")
    warnings = []
    f0 = baseline(trace, settings, frame_rate, trial_starts)
    if settings.kind == "fissa" and frame_rate is not None and 1 < frame_rate <= 2:
        warnings.append(
            f"FISSA's own baseline fails at {frame_rate:g} Hz, as at every frame rate above 1 and up to 2 Hz. "
            "Here it was taken without a low-pass filter, as FISSA does at 1 Hz and below."
        )
    divisor = f0
    if raw is not None:
        divisor = f0.copy() if raw is trace else baseline(raw, settings, frame_rate, trial_starts)
        below = np.count_nonzero(f0 < 0)
        if settings.kind == "fissa" and not settings.across_trials and below:
            np.maximum(f0, 0, out=f0)
            warnings.append(
                f"The trace's own baseline is below 0 in {_part(below, len(f0))}, and was taken as 0 there, as FISSA "
                "does with a baseline for each trial. One for all trials is not changed."
            )
    if raw is None:
        owner = "the trace"
    zero, negative = np.count_nonzero(divisor == 0), np.count_nonzero(divisor < 0)
    remedy = "Use raw fluorescence, with its background added back, or a higher percentile."
    if zero:
        warnings.append(f"The baseline of {owner} is 0 in {_part(zero, len(f0))}: dF/F has no value there. {remedy}")
    if negative:
        warnings.append(
            f"The baseline of {owner} is below 0 in {_part(negative, len(f0))}: dF/F is upside down there, and means "
            f"nothing. {remedy}"
        )
    values = np.full(len(f0), np.nan)
    with np.errstate(over="ignore"):
        np.divide(trace - f0, divisor, out=values, where=divisor != 0)
    return DeltaF(values, f0, divisor, tuple(warnings))


def _trials(frames: int, starts: Sequence[int]) -> list[slice]:
    return [slice(start, end) for start, end in pairwise((*starts, frames))]


def _window(settings: BaselineSettings, frame_rate: float | None) -> int | None:
    """Return the window in frames, None for the whole trial."""
    if frame_rate is None:
        return settings.window_frames
    if settings.window_seconds is None:
        return None
    return max(1, round(min(settings.window_seconds * frame_rate, sys.maxsize)))


def _sliding(values: FloatArray, percentile: float, window: int | None) -> FloatArray:
    """Return the percentile in a window about each sample of one trial, or in all of it."""
    from scipy.ndimage import rank_filter

    size = len(values) if window is None else min(window, len(values))
    rank = round(percentile / 100 * (size - 1))
    before = size // 2
    # The windows that fit start at 0 ... last; near the ends of the trial the nearest one is taken.
    last = len(values) - size
    if last == 0:
        return np.full(len(values), np.partition(values, rank)[rank])
    level = rank_filter(values, rank=rank, size=size)[before : before + last + 1]
    result: FloatArray = level[np.clip(np.arange(len(values)) - before, 0, last)]
    return result


def _maximin(values: FloatArray, smoothing: float, window: int | None) -> FloatArray:
    """Return the maximum of the minimum of the smoothed samples of one trial, in a window about each or all of it."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d

    smooth = gaussian_filter1d(values, smoothing) if smoothing else values
    if window is None or window >= len(values):
        return np.full(len(values), smooth.min())
    level: FloatArray = maximum_filter1d(minimum_filter1d(smooth, window), window)
    return level


def _fissa_level(values: FloatArray, frame_rate: float | None) -> float:
    if frame_rate is None:
        raise DataError(
            "FISSA's baseline is found below 1 Hz, which needs the frame rate: type it below the cells, or choose the "
            "percentile in a window, which can count frames."
        )
    if len(values) < 2:
        raise DataError(
            "FISSA's baseline leaves out a first sample, so it needs at least 2 frames, but 1 was found. Choose one "
            "baseline for all trials, or the percentile in a window."
        )
    from scipy.signal import filtfilt, firwin

    kept = values[1:]
    smooth = kept
    if frame_rate > 2 * _CUTOFF:
        taps = min(_TAPS, max(3, len(kept) // 3))
        weights = firwin(taps, 2 * _CUTOFF / frame_rate, window="hamming")
        smooth = filtfilt(weights, [1.0], kept, padlen=min(3 * taps, len(kept) - 1))
    return max(float(np.percentile(smooth, _PERCENTILE)), float(kept.min()))


def _part(count: int | np.intp, frames: int) -> str:
    return "all frames" if count == frames else f"{count} of {frames} frames"
