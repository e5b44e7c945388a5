"""Spikes of simultaneous electrophysiology against traces: averages around them, and how well each trace tells them.

A spike counts where none comes before it within the window, so that what precedes it is a baseline. The response is
the mean of the trace over the window from the spike's frame on, less that over the window before. It is compared with
the same of windows without any spike, at every threshold: the receiver operating characteristic (ROC) and the area
under it (AUC), over which Huang et al. (2021) choose the part of the neuropil to subtract.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.plug_ins import find_rival
from neuropil_gui.core.analysis.rival import Rival, trace_of
from neuropil_gui.core.analysis.spike_in_plan import RESULT, UNKNOWN_RATE, usual_rivals
from neuropil_gui.core.analysis.spike_windows import Roc, roc, triggered_average, windows_of
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, difference
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import cell_without_gaps, with_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.spike_times import SpikeTimes

WINDOW = 0.5
"""Seconds before and after a spike."""

AFTERWARDS = 4
"""Windows after a spike over which its average is drawn."""

LEAST = 5
"""Events, and windows without spikes, below which there is no ROC."""

FACTORS = np.round(np.arange(0.0, 1.5001, 0.05), 10)
"""Parts of the neuropil that are subtracted."""


COLUMNS = ("method", "r", "alpha", "events", "windows", "peak", "peak_error", "auc", "auc_error")
"""Of the table of a test."""


@dataclass(frozen=True, eq=False)
class SpikeResponse:
    """What a trace does at the spikes.

    Attributes
    ----------
    method : str
        `RESULT`, or a key of `RIVALS`.
    mean, error : ndarray, shape (frames,)
        The average around events, above its mean before them, and its standard error, in the traces' unit.
    roc : Roc
    """

    method: str
    mean: FloatArray
    error: FloatArray
    roc: Roc


@dataclass(frozen=True)
class AucPoint:
    """The AUC at one value.

    Attributes
    ----------
    value : float
        The part of the neuropil that is subtracted, or alpha.
    auc, error : float
        NaN for a value that is refused.
    """

    value: float
    auc: float
    error: float


@dataclass(frozen=True, eq=False)
class SpikeTest:
    """Traces of a cell against its spikes.

    Attributes
    ----------
    spikes : int
        Inside the recording.
    events : int
        Spikes without another in the window before them.
    windows : int
        Windows without any spike that they are compared with.
    times : ndarray, shape (frames,)
        Of the averages, from the spike's frame, in seconds; in frames where the frame rate is not known.
    responses : mapping of str to SpikeResponse
        By method: the result first, then the raw ROI and rivals.
    over_factor : tuple of AucPoint
        Of F - r Fneu, at each of `FACTORS`.
    remarks : tuple of str
    """

    spikes: int
    events: int
    windows: int
    times: FloatArray
    responses: Mapping[str, SpikeResponse]
    over_factor: tuple[AucPoint, ...]
    remarks: tuple[str, ...] = ()

    @property
    def best_factor(self) -> AucPoint:
        """Where the AUC of F - r Fneu is greatest."""
        return max(self.over_factor, key=lambda point: point.auc)

    def table(self, over_alpha: Sequence[AucPoint] = ()) -> list[dict[str, float | str]]:
        """Return what the page shows of each method, and the AUC over r and alpha, as rows of a table.

        Parameters
        ----------
        over_alpha : sequence of AucPoint
            As `spike_test_over_alpha` yields them.

        Returns
        -------
        list of dict
            ``method``, ``r`` and ``alpha`` (NaN where there is none), ``events``, ``windows``, ``peak`` and its error
            (NaN where there is no average), ``auc`` and its error.
        """
        rows: list[dict[str, float | str]] = []

        def add(method: str, r: float, alpha: float, peak: float, error: float, auc: float, auc_error: float) -> None:
            values = (method, r, alpha, self.events, self.windows, peak, error, auc, auc_error)
            rows.append(dict(zip(COLUMNS, values, strict=True)))

        for key, each in self.responses.items():
            at = int(np.nanargmax(each.mean))
            r = USUAL_FACTOR if key == "fixed" else math.nan
            add(key, r, math.nan, float(each.mean[at]), float(each.error[at]), each.roc.auc, each.roc.error)
        for point in self.over_factor:
            add("subtraction", point.value, math.nan, math.nan, math.nan, point.auc, point.error)
        for point in over_alpha:
            add(RESULT, math.nan, point.value, math.nan, math.nan, point.auc, point.error)
        return rows


class _Measured:
    """Windows of a cell, without the frames that are left out, and how a trace is measured in them."""

    def __init__(
        self, cell: Cell, spikes: SpikeTimes, window: float, frame_rate: float | None, kept: NDArray[np.bool_] | None
    ) -> None:
        if not 0 < window < math.inf:
            raise DataError(f"The window must be a number of seconds above 0, but {window} was found.")
        frames = cell.traces.shape[1]
        found = spikes.frames(frame_rate, frames)
        if found is None:
            raise DataError(spikes.words(frame_rate, frames))
        self.remarks: list[str] = []
        if frame_rate is None:
            self.remarks.append(f"The frame rate is not known: {UNKNOWN_RATE:g} Hz was assumed for the window.")
        length = max(1, round(window * (frame_rate or UNKNOWN_RATE)))
        self.spikes = len(found)
        self.windows = windows_of(found, length, cell.trial_starts, frames, kept)
        events, rest = len(self.windows.onsets), len(self.windows.rest)
        if events < LEAST or rest < LEAST:
            raise DataError(
                f"Of {self.spikes:,} spikes in the recording {events:,} have none in the {length} frames before them, "
                f"and {rest:,} windows have no spike; at least {LEAST} of each are needed. Try another window."
            )

    def roc(self, trace: FloatArray) -> Roc:
        return roc(*self.windows.responses(trace))

    def point(self, value: float, trace: FloatArray) -> AucPoint:
        found = self.roc(trace)
        return AucPoint(float(value), found.auc, found.error)


def spike_test(
    cell: Cell,
    separation: Separation,
    spikes: SpikeTimes,
    *,
    frame_rate: float | None = None,
    window: float = WINDOW,
    rivals: bool | Iterable[str | Rival] = True,
    should_stop: Callable[[], bool] | None = None,
) -> SpikeTest:
    """Compare traces of a cell with its spikes: averages around them, and ROC of telling them from no spike.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of `cell`; not a draft.
    spikes : SpikeTimes
        Of the same cell.
    frame_rate : float, optional
        In Hz; without it `UNKNOWN_RATE` is assumed for the window, and spikes have to be in frames.
    window : float
        In seconds, see the module.
    rivals : bool or iterable of str or Rival
        What is compared besides the raw ROI: True for `usual_rivals`, or which, by their keys.
    should_stop : callable, optional
        Asked while another method separates.

    Returns
    -------
    SpikeTest

    Raises
    ------
    DataError
        (a ValueError) When the separation is a draft, spikes cannot be placed, or there are fewer than `LEAST` events
        or windows without spikes.

    References
    ----------
    Huang et al. (2021), eLife 10, e51675, doi:10.7554/eLife.51675: the part of the neuropil by which single action
    potentials are best detected.
    """
    if separation.frames_per_value > 1:
        raise DataError("A draft has no frames to compare with spikes. Run the separation first.")
    measured = _Measured(cell, spikes, window, frame_rate, separation.kept)
    windows = measured.windows
    traces: dict[str, FloatArray] = {RESULT: separation.matched[0], "raw": cell.traces[0]}
    over_factor: tuple[AucPoint, ...] = ()
    if len(cell.traces) > 1:
        over_factor = tuple(measured.point(r, difference(cell, float(r))) for r in FACTORS)
        for each in usual_rivals(separation.settings.method) if rivals is True else rivals or ():
            rival = find_rival(each) if isinstance(each, str) else each
            if rival.key not in traces:
                try:
                    traces[rival.key] = _trace_of(rival, cell, separation, should_stop)
                except DataError as error:
                    measured.remarks.append(str(error) if rival.plug_in else f"{rival.label}: {error}")
    before, after = windows.length, AFTERWARDS * windows.length
    responses = {
        key: SpikeResponse(
            key, *triggered_average(trace, windows.onsets, before, after, cell.trial_starts), measured.roc(trace)
        )
        for key, trace in traces.items()
    }
    times = np.arange(-before, after) / (frame_rate or 1.0)
    return SpikeTest(
        measured.spikes, len(windows.onsets), len(windows.rest), times, responses, over_factor, tuple(measured.remarks)
    )


def _trace_of(rival: Rival, cell: Cell, separation: Separation, should_stop: Callable[[], bool] | None) -> FloatArray:
    """Return a rival's trace, with NaN in the frames that the separation has left out."""
    kept = separation.kept
    if rival.key == "fixed":
        return difference(cell, USUAL_FACTOR)
    if rival.trace is None:
        settings = replace(
            separation.settings, method=rival.key, solver="accelerated", seed=separation.seed, max_tries=1
        )
        trace: FloatArray = separate_cell(cell, settings, should_stop=should_stop).matched[0]
        return trace
    return with_gaps(trace_of(rival, cell_without_gaps(cell, kept).traces, should_stop=should_stop).trace, kept)


def spike_test_over_alpha(
    cell: Cell,
    settings: SeparationSettings,
    spikes: SpikeTimes,
    alphas: Sequence[float],
    *,
    frame_rate: float | None = None,
    window: float = WINDOW,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[AucPoint]:
    """Separate a cell at values of alpha, and yield the AUC of each best match.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
    spikes : SpikeTimes
    alphas : sequence of float
    frame_rate, window
        As of `spike_test`.
    should_stop : callable, optional

    Yields
    ------
    AucPoint
        NaN where a value of alpha is refused.

    Raises
    ------
    DataError
        (a ValueError) As `spike_test`.
    """
    measured = None
    for alpha in alphas:
        try:
            made = separate_cell(cell, replace(settings, alpha=alpha), should_stop=should_stop)
        except DataError:
            yield AucPoint(float(alpha), math.nan, math.nan)
            continue
        if measured is None:
            measured = _Measured(cell, spikes, window, frame_rate, made.kept)
        yield measured.point(alpha, made.matched[0])
