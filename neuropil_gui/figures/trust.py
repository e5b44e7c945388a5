"""Figures on trust: replicates of the best match, the components' contributions to the ROI, indicators."""

import math
from collections.abc import Iterable

import numpy as np

from neuropil_gui.core.analysis.contributions import Contributions
from neuropil_gui.core.analysis.judgement import Judgement
from neuropil_gui.core.analysis.numbers import INDICATORS, NUMBERS
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.figures import page, scales, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, GAP, MARGIN, MM, RAW, SMALL, TOO_SMALL, Entry, Ink, Panel
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
    frame_rate, time_range, size_mm, dpi
        As of `plot_separation`.

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
    frame_rate, time_range, size_mm, dpi
        As of `plot_separation`.

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


def plot_indicators(
    judgement: Judgement,
    cell: Cell,
    *,
    tiles: Iterable[Tile] = (),
    number: str = "",
    size_mm: tuple[float, float] = (180.0, 60.0),
    dpi: int = 300,
) -> ResultFigure:
    """Write a result's indicators as a table, with one of them against the true error beside it where that is known.

    Parameters
    ----------
    judgement : Judgement
        Of `cell`.
    cell : Cell
    tiles : iterable of Tile, optional
        Of a sweep over alpha, measured by `neuropil_gui.core.analysis.numbers.INDICATORS`.
    number : str, optional
        The indicator that is held against the truth; one that needs the truth itself is drawn over alpha. The first
        by default.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When the page is too small.
    """
    figure = ResultFigure(size_mm, dpi)
    chosen = NUMBERS[number or INDICATORS[0]]
    points = [
        (math.log10(max(tile.settings.alpha, 1e-9)) if chosen.needs == "truth" else tile.value(chosen.key), tile)
        for tile in tiles
    ]
    points = [(x, tile) for x, tile in points if math.isfinite(x) and math.isfinite(tile.value("error_truth"))]
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    side = 0.42 * width if points else 0.0
    _write_table(figure, judgement, cell, width - side - (1.5 * GAP if points else 0.0), height)
    if points:
        panel = _draw_against_truth(figure, judgement, chosen.key, points)
        label = "log10 of alpha" if chosen.needs == "truth" else chosen.name
        traces.stack([panel], label, MARGIN + width - side, MARGIN, side, height)
    figure.title = f"{cell.name}, indicators"
    figure.description = (
        f"Indicators of the result, the raw ROI and F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu of {cell.name}; none of "
        "them is a measure of quality."
    )
    return figure


def _write_table(figure: ResultFigure, judgement: Judgement, cell: Cell, width: float, height: float) -> None:
    axes = figure.add_subplot()
    axes.set_axis_off()
    columns = judgement.raw, judgement.result, judgement.subtraction
    rows = [["", "raw ROI", "result", f"F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu"]]
    for key in INDICATORS:
        if key in judgement.result:
            number = NUMBERS[key]
            rows.append([number.title, *(number.text(column.get(key, math.nan), 3) for column in columns)])
    panel = Panel(axes, "Indicators", ((cell.name, None),))
    free = height - page.head_height(panel, width)
    name_room = max(page.text_width(row[0], SMALL) for row in rows)
    value_room = (width - name_room) / len(columns)
    if max(page.text_width(text, SMALL, bold=True) for row in rows for text in row[1:]) + GAP / 2 > value_room:
        raise DataError(TOO_SMALL)
    tall = min(free / len(rows), 6 * MM)
    if tall < page.line_height(SMALL):
        raise DataError(TOO_SMALL)
    page.place(axes, MARGIN, MARGIN + free - tall * len(rows), width, tall * len(rows))
    axes.set_xlim(0, width)
    axes.set_ylim(-len(rows), 0)
    for line, row in enumerate(rows):
        axes.axhline(-line - 1, color=LIGHT.grid, linewidth=0.4)
        for column, text in enumerate(row):
            axes.text(
                name_room + value_room * column if column else 0.0, -line - 0.5, text, va="center_baseline",
                ha="right" if column else "left", color=LIGHT.text, fontproperties=page.font(SMALL, bold=not line),
            )  # fmt: skip
    page.write_head(panel, width)


def _draw_against_truth(
    figure: ResultFigure, judgement: Judgement, key: str, points: list[tuple[float, Tile]]
) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    error, colour = NUMBERS["error_truth"], page.component_colour(0)
    places = np.array([(x, tile.value(error.key)) for x, tile in points])
    axes.plot(*places.T, color=FAINT, linewidth=0.5, zorder=1)
    for (_, tile), place in zip(points, places, strict=True):
        axes.plot(
            *place,
            "o",
            markersize=3.5,
            markeredgecolor=colour,
            markerfacecolor=LIGHT.base if tile.collapsed else colour,
        )
    entries: list[Entry] = [("a point for each alpha", None)]
    here = [judgement.result.get(each, math.nan) for each in (key, error.key)]
    if NUMBERS[key].needs != "truth" and all(map(math.isfinite, here)):
        axes.plot(*here, "o", markersize=8, markeredgecolor=RAW, markerfacecolor="none", markeredgewidth=0.8)
        places = np.vstack([places, here])
        entries.append(("ring: the result", None))
    traces.fit_values(axes, places[:, 1])
    low, high = traces.limits(places[:, 0])
    room = 0.1 * (high - low) or 0.5
    axes.set_xlim(low - room, high + room)
    axes.set_ylabel(error.name)
    return Panel(axes, "Against the truth", entries)
