"""Events of a cell before and after a separation: kept, shrunk, removed or new, and which component took each."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.detection import THRESHOLD, amplitudes_at, detect, near, noise_of
from neuropil_gui.core.analysis.spike_in_plan import UNKNOWN_RATE
from neuropil_gui.core.analysis.transients import INDICATORS, half_length, time_constants, transient
from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import cell_without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation

KINDS = ("kept", "shrunk", "removed", "new")

LEAST_KEPT = 0.5
"""Amplitude in the best match over that in the ROI from which on an event that is in both is kept; and in the ROI over
that in the best match, below which an event of the best match is new."""

OWN, NEUROPILS = 0.25, 0.75
"""Mean amplitude in the regions over that in the ROI: up to the first an event is the cell's own, from the second on
the neuropil's, between them shared."""


@dataclass(frozen=True)
class Event:
    """A transient in the ROI, in the best match, or in both.

    Attributes
    ----------
    onset : int
        The frame at which it begins.
    kind : str
        One of `KINDS`. Removed: of the ROI, and below the threshold in the best match; shrunk: less than `LEAST_KEPT`
        of it is left there; new: of the best match, and less than `LEAST_KEPT` of it is in the ROI; kept: any other.
    in_roi, in_best : float
        Its peak in the ROI and in the best match, in the traces' unit.
    parts : tuple of float
        Its peak in each component's part of the ROI, best match first; with what no component explains they add up to
        `in_roi`.
    regions : tuple of float
        Its peak in each neuropil region.
    """

    onset: int
    kind: str
    in_roi: float
    in_best: float
    parts: tuple[float, ...]
    regions: tuple[float, ...]

    @property
    def took(self) -> int:
        """Rank of the component that holds most of it, from 0."""
        return int(np.argmax(self.parts))

    @property
    def spread(self) -> float:
        """Mean peak in the regions over that in the ROI; NaN where there is none in the ROI."""
        return float(np.mean(self.regions)) / self.in_roi if self.in_roi > 0 else math.nan

    @property
    def origin(self) -> str:
        """Where its light is seen: "own", "shared" or "neuropil's"; empty where there is none in the ROI."""
        if math.isnan(self.spread):
            return ""
        return "own" if self.spread <= OWN else "neuropil's" if self.spread >= NEUROPILS else "shared"


@dataclass(frozen=True, eq=False)
class Events:
    """Events of a cell before and after a separation.

    Attributes
    ----------
    events : tuple of Event
        By time.
    kernel : ndarray, shape (length,)
        The course that was looked for, from the onset; its peak is 1.
    threshold : float
        In standard deviations of the noise.
    noise : float
        Standard deviation of an amplitude in the best match where there is no event, in the traces' unit. What is above
        `threshold` times as much is an event there.
    roi_noise : float
        The same of the ROI, where neuropil that is no transient is part of it.
    clipped : bool
        Whether `noise` is not the best match's own, which has less, but what the ROI's noise from frame to frame makes
        of an amplitude.
    """

    events: tuple[Event, ...]
    kernel: FloatArray
    threshold: float
    noise: float
    roi_noise: float
    clipped: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel", as_read_only(self.kernel, "The kernel"))

    def count(self, kind: str) -> int:
        """Return how many events are of a kind.

        Parameters
        ----------
        kind : str
            One of `KINDS`.

        Returns
        -------
        int
        """
        return sum(each.kind == kind for each in self.events)

    def count_origin(self, kind: str, origin: str) -> int:
        """Return how many events of a kind are the cell's own, shared or the neuropil's.

        Parameters
        ----------
        kind : str
            One of `KINDS`.
        origin : str
            As `Event.origin`.

        Returns
        -------
        int
        """
        return sum(each.kind == kind and each.origin == origin for each in self.events)


def compare_events(
    cell: Cell,
    separation: Separation,
    *,
    frame_rate: float | None = None,
    indicator: str = "gcamp6s",
    threshold: float = THRESHOLD,
) -> Events:
    """Detect transients in the ROI and in the best match, and return what became of each.

    Transients are looked for by a matched filter, see `neuropil_gui.core.analysis.detection`, in each trace with its
    own noise. In the ROI, neuropil is part of that. A separation that clips at 0 leaves the best match next to no noise
    where the cell is at rest; it is then taken for as uncertain as the ROI's noise from frame to frame makes it. Two
    within half of a transient's length are the same event. Amplitudes of all events are fitted together, in the ROI, in
    each component's part of it, and in each region; they are linear, so that the parts tell which component took an
    event, and the regions whether it is the cell's at all. An event of the best match that neuropil hides in the ROI is
    kept, not new, where its light is there.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of `cell`; not a draft.
    frame_rate : float, optional
        In Hz; without it `UNKNOWN_RATE` is assumed for the course of a transient.
    indicator : str
        Whose course is looked for, a key of `INDICATORS`.
    threshold : float
        In standard deviations of the noise.

    Returns
    -------
    Events

    Raises
    ------
    DataError
        (a ValueError) When the indicator is unknown, or the separation is a draft.

    References
    ----------
    Gauthier et al. (2022), doi:10.1038/s41592-022-01422-5: widely used methods attribute 10 to 20 % of transients to
    the wrong cell.
    """
    if indicator not in INDICATORS:
        raise DataError(f"indicator must be one of {', '.join(INDICATORS)}, but {indicator!r} was found.")
    if separation.frames_per_value > 1:
        raise DataError("A draft has no events: it is a separation of averages. Run the separation first.")
    known = INDICATORS[indicator]
    shape = transient(*time_constants(known.to_peak, known.half_decay), frame_rate or UNKNOWN_RATE)
    kept, frames = separation.kept, np.arange(cell.traces.shape[1])
    cell, separation = cell_without_gaps(cell, kept), separation.without_gaps()
    roi, best, starts = cell.traces[0], separation.matched[0], cell.trial_starts
    own, in_roi = detect(best, shape, threshold, starts), detect(roi, shape, threshold, starts)
    # A separation that clips at 0 leaves no noise where the cell is at rest.
    in_best = detect(best, shape, threshold, starts, frame_noise=noise_of(roi))
    reach = half_length(shape)
    new = ~near(in_best.onsets, in_roi.onsets, reach)
    onsets = np.sort(np.concatenate([in_roi.onsets, in_best.onsets[new]]))
    of_roi = np.isin(onsets, in_roi.onsets)

    def at(trace: FloatArray) -> FloatArray:
        return amplitudes_at(trace, shape, onsets, starts)

    sizes, parts = at(roi), np.array([at(each) for each in separation.matched])
    regions = np.array([at(each) for each in cell.traces[1:]])
    kinds = _kinds(of_roi, near(onsets, in_best.onsets, reach), sizes, parts[0])
    frames = frames if kept is None else frames[kept]
    events = tuple(
        Event(int(frames[onset]), kind, float(size), float(part[0]), tuple(part.tolist()), tuple(region.tolist()))
        for onset, kind, size, part, region in zip(onsets, kinds, sizes, parts.T, regions.T, strict=True)
    )
    return Events(events, shape, threshold, in_best.noise, in_roi.noise, in_best.noise > own.noise)


def _kinds(of_roi: NDArray[np.bool_], in_best: NDArray[np.bool_], roi: FloatArray, best: FloatArray) -> list[str]:
    """Return the kind of each event: whether it was found in the ROI and in the best match, and its peaks."""
    kinds = []
    for found, stays, whole, left in zip(of_roi.tolist(), in_best.tolist(), roi.tolist(), best.tolist(), strict=True):
        if not found:
            kinds.append("kept" if whole >= LEAST_KEPT * left else "new")
        elif not stays:
            kinds.append("removed")
        else:
            kinds.append("kept" if left >= LEAST_KEPT * whole else "shrunk")
    return kinds
