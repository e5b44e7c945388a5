"""Figure of the events of a cell: its ROI and best match, and what became of each event."""

import numpy as np
from matplotlib.axes import Axes

from neuropil_gui.core.analysis.events import KINDS, Events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.figures import page, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, Entry, Ink, Panel
from neuropil_gui.figures.palette import EVENTS, LIGHT, OKABE_ITO, readable
from neuropil_gui.figures.result import described
from neuropil_gui.figures.time_span import TimeSpan
from neuropil_gui.figures.traces import SIGNAL

MARKERS = {"kept": "o", "shrunk": "v", "removed": "x", "new": "*"}


def plot_events(
    events: Events,
    cell: Cell,
    separation: Separation,
    *,
    frame_rate: float | None = None,
    inferred: InferredSpikes | None = None,
    time_range: tuple[float, float] | None = None,
    size_mm: tuple[float, float] = (180.0, 70.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw a cell's ROI and best match, with a mark above them for each event: kept, shrunk, removed or new.

    Parameters
    ----------
    events : Events
        Of `cell` and `separation`.
    cell : Cell
    separation : Separation
        Of `cell`; not a draft.
    inferred : InferredSpikes, optional
        Of the same, see `neuropil_gui.core.analysis.inferred_spikes.compare_inferred`. They are drawn below the traces,
        upwards for the best match and downwards for the ROI, as high as the transient that they add.
    frame_rate, time_range, size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range, the page is too small, or the separation is a draft.
    """
    if separation.frames_per_value > 1:
        raise DataError("A draft has no events: it is a separation of averages. Run the separation first.")
    figure = ResultFigure(size_mm, dpi)
    span = time_span.span_of(figure, cell, frame_rate, time_range)
    axes = figure.add_subplot()
    traces.draw_time(axes, span)
    roi, best = cell.traces[0], separation.matched[0]
    lines = {cell.signal_names[0]: (roi, Ink(FAINT, 0.6)), "c1": (best, page.component_ink(0, 0.75))}
    for trace, ink in lines.values():
        traces.draw_trace(axes, span, trace, ink)
    low, high = traces.limits(roi[span.shown], best[span.shown])
    level = high + 0.08 * (high - low)
    entries: list[Entry] = [(name, ink) for name, (_, ink) in lines.items()]
    for kind in KINDS:
        onsets = [each.onset for each in events.events if each.kind == kind]
        inside = [each for each in onsets if span.shown.start <= each < span.shown.stop]
        colour = readable(OKABE_ITO[EVENTS[kind]], LIGHT.base, LIGHT.line_contrast)
        times = np.array(inside, np.float64) / (frame_rate or 1.0)
        axes.plot(times, np.full(len(times), level), MARKERS[kind], color=colour, markersize=3)
        entries.append((f"{len(onsets)} {kind}", Ink(colour, 2.0)))
    if inferred is not None:
        entries.append((f"spikes by OASIS: c1 up, {cell.signal_names[0]} down", None))
        low = _draw_inferred(axes, span, inferred, low, high - low)
    traces.fit_values(axes, np.array([low, level]))
    axes.set_ylabel(SIGNAL)
    description = (
        f"{described(separation)} Events from {events.threshold:g} times the noise on: a peak of "
        f"{events.threshold * events.roi_noise:.3g} in the ROI, {events.threshold * events.noise:.3g} in the best "
        f"match. {'' if inferred is None else _in_words(inferred)}{span.remark}"
    )
    traces.fill_page([Panel(axes, "Events", entries)], figure, span.label, description.strip(), f"{cell.name}, events")
    return figure


def _draw_inferred(axes: Axes, span: TimeSpan, inferred: InferredSpikes, low: float, height: float) -> float:
    """Draw inferred spikes below traces that end at `low`, and return where they end."""
    most = traces.limits(inferred.roi, inferred.best)[1]
    level, room = low - 0.2 * height, 0.15 * height
    sides = ((inferred.best, room, page.component_ink(0, 0.75)), (inferred.roi, -room, Ink(LIGHT.muted, 0.75)))
    for spikes, reach, ink in sides:
        times, values = span.reduced(np.nan_to_num(spikes[span.shown]))
        times, values = times[values > 0], values[values > 0]
        ends = np.stack(
            [np.full(len(times), level), level + reach * values / most, np.full(len(times), np.nan)], axis=1
        )
        axes.plot(np.repeat(times, 3), ends.ravel(), color=ink.colour, linewidth=ink.points, solid_capstyle="butt")
    return level - room


def _in_words(inferred: InferredSpikes) -> str:
    """Return in how many frames spikes are inferred, and how high the highest is drawn, in a sentence."""
    best, roi = (int(np.count_nonzero(np.nan_to_num(each))) for each in (inferred.best, inferred.roi))
    most = traces.limits(inferred.roi, inferred.best)[1]
    return (
        f"Frames with spikes that OASIS infers: {best:,} of the best match, {roi:,} of the ROI; their transients have "
        f"peaks of up to {most:.3g}. "
    )
