"""Part of a recording that a figure shows, and the values to draw of long ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure, SubFigure

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell

FULL_POINTS = 10_000
"""Up to this many points of a trace are all drawn."""


@dataclass(frozen=True, eq=False)
class TimeSpan:
    """The frames of a recording that a figure shows.

    Attributes
    ----------
    x : ndarray, shape (shown,)
        Their times, in seconds where the frame rate is known, else in frames.
    shown : slice
        Of values; in a draft a value stands for several frames.
    limits : tuple of float
        Of the time axis.
    trials : tuple of float
        Where trials meet.
    label : str
    bins : int
        Of each the least and the greatest value are drawn, where there are more than two values for each.
    """

    x: FloatArray
    shown: slice
    limits: tuple[float, float]
    trials: tuple[float, ...]
    label: str
    bins: int

    @property
    def remark(self) -> str:
        """Return a sentence on what is left out, empty where all values are drawn."""
        count = len(self.x)
        if count <= 2 * self.bins:
            return ""
        width = -(-count // self.bins)
        return f"Of {count} frames a trace, the least and the greatest value of each {width} are drawn."

    def reduced(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the times and the values to draw of a trace, of those shown.

        Parameters
        ----------
        values : ndarray, shape (shown,)
        """
        if not self.remark:
            return self.x, values
        count = len(values)
        width = -(-count // self.bins)
        ends = np.arange(0, count, width)
        padded = np.full(len(ends) * width, np.nan)
        padded[:count] = values
        blocks = padded.reshape(len(ends), width)
        finite = np.isfinite(blocks)
        lows = np.where(finite, blocks, np.inf).argmin(axis=1) + ends
        highs = np.where(finite, blocks, -np.inf).argmax(axis=1) + ends
        # A gap stays a gap: the first value that is no number stands for it.
        gaps = np.flatnonzero(~np.isfinite(values))
        gaps = gaps[np.unique(gaps // width, return_index=True)[1]]
        kept = np.zeros(count, bool)
        for places in (lows, highs, gaps, [0, -1]):
            kept[places] = True
        return self.x[kept], values[kept]


def time_span(
    frames: int,
    pixels: int,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    trial_starts: Sequence[int] = (0,),
    frames_per_value: int = 1,
    points: int | None = None,
) -> TimeSpan:
    """Return the frames of a recording that a figure shows, with their times.

    Parameters
    ----------
    frames : int
        Frames of the recording.
    pixels : int
        Width of the figure.
    frame_rate : float, optional
        In Hz; the axis counts frames where it is unknown.
    time_range : (float, float), optional
        Range in view, in s, or in frames where the rate is unknown; the whole recording by default.
    trial_starts : sequence of int, optional
        First frame of each trial.
    frames_per_value : int, optional
        Frames that each value of a draft averages.
    points : int, optional
        Most points that are drawn of a trace; by default `FULL_POINTS`, or two a pixel where those are more.

    Returns
    -------
    TimeSpan

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range.
    """
    rate = float(frame_rate or 1.0)
    # A value of a draft stands in the middle of its frames.
    x = ((np.arange(-(-frames // frames_per_value), dtype=np.float64) + 0.5) * frames_per_value - 0.5) / rate
    start, end = 0.0, (frames - 1) / rate
    if time_range is not None:
        start, end = max(start, min(time_range)), min(end, max(time_range))
    inside = np.flatnonzero((x >= start) & (x <= end))
    if not len(inside):
        raise DataError("There is no frame in the time in view: show more of it, or the whole recording.")
    shown = slice(int(inside[0]), int(inside[-1]) + 1)
    trials = tuple(place for each in trial_starts[1:] if start < (place := (each - 0.5) / rate) < end)
    limits = (start, end if end > start else start + 1 / rate)
    label = "Time (s)" if frame_rate else "Frame"
    bins = max(FULL_POINTS // 2, pixels) if points is None else max(points // 2, 1)
    return TimeSpan(x[shown], shown, limits, trials, label, bins)


def span_of(
    figure: Figure | SubFigure | None,
    cell: Cell,
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
    frames_per_value: int = 1,
    points: int | None = None,
) -> TimeSpan:
    """Return the frames of a cell that a figure shows, with their times.

    Parameters
    ----------
    figure : Figure or SubFigure
    cell : Cell
    frame_rate, time_range, frames_per_value, points
        As in `time_span`.

    Returns
    -------
    TimeSpan

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range.
    """
    assert figure is not None
    pixels, frames = round(figure.get_window_extent().width), cell.traces.shape[1]
    return time_span(frames, pixels, frame_rate, time_range, cell.trial_starts, frames_per_value, points)


def edges(span: TimeSpan, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the edges of an area over time, reduced to the bins of a span.

    Parameters
    ----------
    span : TimeSpan
    low, high : ndarray, shape (frames,)
        Edges of the area.

    Returns
    -------
    x, low, high : ndarray
        Times and edges, one for each bin.
    """
    low, high = low[span.shown], high[span.shown]
    width = -(-len(low) // span.bins) if span.remark else 1
    starts = np.arange(0, len(low), width)
    return span.x[starts], np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
