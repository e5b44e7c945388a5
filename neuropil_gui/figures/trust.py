"""Figures on trust: the best match over replicates, and the components' contributions to the ROI."""

import math

import numpy as np

from neuropil_gui.core.analysis.contributions import Contributions
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.recording import Cell
from neuropil_gui.figures import page, scales, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, MARGIN, MM, RAW, SMALL, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT, mixed
from neuropil_gui.figures.result import described
from neuropil_gui.figures.traces import SIGNAL


def plot_stability(
    stability: Stability,
    cell: Cell,
    *,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    size_mm: tuple[float, float] = (180.0, 70.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw the best match over replicates as a band, and how each component agrees.

    Parameters
    ----------
    stability : Stability
        Of `cell`.
    cell : Cell
    frame_rate : float, optional
        In Hz; without it the time axis counts frames.
    time_range : tuple of float, optional
        Start and end, in seconds where the frame rate is given, else in frames. The whole recording by default.
    size_mm : tuple of float
        Width and height of the page.
    dpi : int
        Pixels per inch of a PNG.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range, or the page is too small.
    """
    figure = ResultFigure(size_mm, dpi)
    span = time_span.span_of(figure, cell, frame_rate, time_range)
    axes, bars = figure.add_subplot(), figure.add_subplot()
    traces.draw_time(axes, span)
    low, median, high = stability.bands
    ribbon = mixed(page.component_colour(0), LIGHT.base, 0.3)
    axes.fill_between(*time_span.edges(span, low, high), color=ribbon, linewidth=0, zorder=1)
    best, middle = page.component_ink(0, 0.75), Ink(RAW, 0.6, "--")
    traces.draw_trace(axes, span, stability.reference.matched[0], best)
    traces.draw_trace(axes, span, median, middle)
    traces.fit_values(axes, low[span.shown], high[span.shown], stability.reference.matched[0][span.shown])
    axes.set_ylabel(SIGNAL)
    entries: list[Entry] = [
        ("c1", best),
        (f"median of {stability.replicates}", middle),
        (stability.ribbon, Ink(ribbon, 4.0)),
    ]
    kinds = {"seeds": "Seeds", "bootstrap": "Bootstrap", "leave_one_out": "A region left out"}
    scales.dress(bars)
    lanes = page.lane_names(len(stability.agreement))
    for rank, value in enumerate(stability.agreement):
        bars.barh(-rank - 0.5, 1.0, 0.36, color=LIGHT.grid)
        if not math.isnan(value):
            bars.barh(-rank - 0.5, value, 0.36, color=page.component_colour(rank))
        bars.text(
            1.04, -rank - 0.5, "empty" if math.isnan(value) else f"{value:.3f}", va="center_baseline",
            fontproperties=page.font(SMALL), color=LIGHT.text,
        )  # fmt: skip
    bars.set_xlim(0, 1)
    bars.set_ylim(-len(lanes), 0)
    bars.spines[:].set_visible(False)
    side = min(0.26 * size_mm[0], 50) * MM
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    traces.stack(
        [Panel(axes, kinds[stability.kind], entries)], span.label, MARGIN, MARGIN, width - side - 1.5 * GAP, height
    )
    # The value is written behind the bar.
    value_room = page.text_width("empty", SMALL) + GAP
    panel = Panel(bars, "Agreement", (("mean |r|", None),), lanes)
    head, name_room = page.head_height(panel, side), page.text_width("c10", SMALL, bold=True) + GAP
    tall = min(height - head, len(lanes) * 7 * MM)
    page.check_room(side - value_room - name_room, tall)
    left = MARGIN + width - side
    page.place(bars, left + name_room, MARGIN + height - head - tall, side - value_room - name_room, tall)
    traces.finish_values(panel, tall)
    bars.set_xticks([])
    page.write_head(panel, side, -name_room)
    figure.title = f"{cell.name}, stability"
    figure.description = " ".join((described(stability.reference), *stability.remarks, span.remark)).strip()
    return figure


def plot_contributions(
    contributions: Contributions,
    cell: Cell,
    *,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    size_mm: tuple[float, float] = (180.0, 100.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw the parts of the ROI's light, stacked or, where they have signs, as lines, and the residual.

    Parameters
    ----------
    contributions : Contributions
        Of `cell`.
    cell : Cell
    frame_rate : float, optional
        In Hz; without it the time axis counts frames.
    time_range : tuple of float, optional
        Start and end, in seconds where the frame rate is given, else in frames. The whole recording by default.
    size_mm : tuple of float
        Width and height of the page.
    dpi : int
        Pixels per inch of a PNG.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range, or the page is too small.
    """
    figure = ResultFigure(size_mm, dpi)
    span = time_span.span_of(figure, cell, frame_rate, time_range, contributions.frames_per_value)
    axes, below = figure.add_subplot(), figure.add_subplot()
    traces.draw_time(axes, span)
    stacked = not (contributions.components < 0).any()
    per = contributions.frames_per_value
    shares = contributions.shares(span.shown.start * per, span.shown.stop * per)
    roi = Ink(RAW, 0.6)
    entries: list[Entry] = [(cell.signal_names[0], roi)]
    lower = np.full(len(contributions.roi), contributions.constant)
    if stacked:
        axes.fill_between(*time_span.edges(span, np.zeros_like(lower), lower), color=LIGHT.grid, linewidth=0, zorder=1)
        entries.append((f"constant {shares.constant:.0f} %", Ink(LIGHT.grid, 4.0)))
    for rank, component in enumerate(contributions.components):
        share = f"c{rank + 1} {shares.components[rank]:.0f} %"
        if stacked:
            colour = mixed(page.component_colour(rank), LIGHT.base, 0.7)
            axes.fill_between(*time_span.edges(span, lower, lower + component), color=colour, linewidth=0, zorder=1)
            lower = lower + component
            entries.append((share, Ink(colour, 4.0)))
        else:
            traces.draw_trace(axes, span, component, page.component_ink(rank))
            entries.append((share, page.component_ink(rank)))
    own = contributions.roi if stacked else contributions.roi - contributions.constant
    traces.draw_trace(axes, span, own, roi)
    drawn = (own, lower, np.zeros(len(own))) if stacked else (own, *contributions.components)
    traces.fit_values(axes, *(each[span.shown] for each in drawn))
    axes.set_ylabel(SIGNAL)
    traces.draw_time(below, span)
    traces.draw_trace(below, span, contributions.residual, Ink(LIGHT.muted, 0.6))
    traces.fit_values(below, contributions.residual[span.shown])
    below.set_ylabel(SIGNAL)
    panels = [
        Panel(axes, "Contributions", entries, weight=2.5),
        Panel(below, "Residual", ((f"{shares.residual:.1f} %", None),)),
    ]
    description = f"What each component brings to {cell.signal_names[0]} of {cell.name}. {span.remark}"
    traces.fill_page(panels, figure, span.label, description, f"{cell.name}, contributions")
    return figure
