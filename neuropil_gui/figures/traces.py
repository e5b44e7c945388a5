"""Figures of traces over time: raw signals, components in lanes, the best match with what it is compared with."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, GAP, MM, NOT_SEPARATED, RAW, TICK, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, readable
from neuropil_gui.figures.time_span import TimeSpan

SIGNAL = "Signal (a.u.)"
"""Label of the axis of values: the unit is the file's, and no format names it."""


def draw_time(axes: Axes, span: TimeSpan) -> None:
    """Give axes a time axis, with a dotted line where trials meet.

    Parameters
    ----------
    axes : Axes
    span : TimeSpan
    """
    scales.dress(axes)
    axes.set_xlim(*span.limits)
    for place in span.trials:
        axes.axvline(place, color=LIGHT.muted, linewidth=0.5, linestyle=":", zorder=0.5)


def draw_trace(
    axes: Axes, span: TimeSpan, values: FloatArray, ink: Ink, scale: float = 1.0, shift: float = 0.0
) -> None:
    """Draw a trace as `values` * `scale` + `shift`.

    Parameters
    ----------
    axes : Axes
    span : TimeSpan
    values : ndarray, shape (frames,)
        Of all frames; those of the span are drawn.
    ink : Ink
    scale, shift : float, optional
    """
    x, y = span.reduced(values[span.shown])
    y = y * scale + shift
    axes.plot(
        x, y, color=ink.colour, linewidth=ink.points, linestyle=ink.line, solid_capstyle="butt",
        solid_joinstyle="round", dash_joinstyle="round", dash_capstyle="butt",
    )  # fmt: skip
    finite = np.pad(np.isfinite(y), 1)
    alone = finite[1:-1] & ~finite[:-2] & ~finite[2:]
    if alone.any():
        axes.plot(x[alone], y[alone], ".", color=ink.colour, markersize=2 * ink.points)


def limits(*arrays: FloatArray) -> tuple[float, float]:
    """Return the least and the greatest finite value of arrays.

    Parameters
    ----------
    *arrays : ndarray

    Returns
    -------
    low, high : float
        0 and 1 where there is no finite value.
    """
    finite = [array[np.isfinite(array)] for array in arrays]
    ends = [(float(values.min()), float(values.max())) for values in finite if values.size]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (0.0, 1.0)


def fit_values(axes: Axes, *arrays: FloatArray) -> None:
    """Fit the value axis to arrays, with a margin.

    Parameters
    ----------
    axes : Axes
    *arrays : ndarray
    """
    low, high = limits(*arrays)
    room = 0.06 * (high - low) or 0.5
    axes.set_ylim(low - room, high + room)


def draw_raw(axes: Axes, cell: Cell, span: TimeSpan) -> Panel:
    """Draw the ROI over its neuropil regions.

    Parameters
    ----------
    axes : Axes
    cell : Cell
    span : TimeSpan

    Returns
    -------
    Panel
    """
    draw_time(axes, span)
    roi, region = Ink(RAW, 0.75), Ink(FAINT, 0.5)
    count, trials = len(cell.traces) - 1, len(cell.trial_starts)
    entries: list[Entry] = [(cell.signal_names[0], roi)]
    if count:
        entries.append((f"{count} neuropil region{'s' * (count > 1)}", region))
    if trials > 1:
        entries.append((f"{trials} trials", Ink(LIGHT.muted, 0.5, ":")))
    for row in cell.traces[1:]:
        draw_trace(axes, span, row, region)
    draw_trace(axes, span, cell.traces[0], roi)
    fit_values(axes, cell.traces[:, span.shown])
    axes.set_ylabel(SIGNAL)
    return Panel(axes, "Raw", entries)


def draw_components(axes: Axes, separation: Separation | None, span: TimeSpan) -> Panel:
    """Draw each component in a lane, the best match first; the legend names empty components.

    Parameters
    ----------
    axes : Axes
    separation : Separation or None
    span : TimeSpan

    Returns
    -------
    Panel
    """
    draw_time(axes, span)
    axes.set_ylabel("Component")
    if separation is None:
        return Panel(axes, "Separated", ((NOT_SEPARATED, None),), (), weight=1.3)
    lanes: list[tuple[str, str]] = []
    empty: list[str] = []
    for rank, (row, lane) in enumerate(zip(separation.order, page.lane_names(len(separation.order)), strict=True)):
        component = separation.separated[row]
        if not component.any():
            empty.append(lane[0])
            continue
        # The whole recording sets the scale, as on the screen, so that noise is not blown up to fill a lane.
        low, high = limits(component)
        scale = 0.8 / (high - low) if high > low else 1.0
        draw_trace(axes, span, component, page.component_ink(rank), scale, -len(lanes) - 0.9 - low * scale)
        lanes.append(lane)
    entries: list[Entry] = []
    if empty:
        entries.append((f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty (all zero)", None))
    if lanes:
        signed = "sign and " if separation.settings.method == "ica" else ""
        entries.append((f"each lane its own {signed}scale", None))
    axes.set_ylim(-max(len(lanes), 1), 0)
    for border in range(1, len(lanes)):
        axes.axhline(-border, color=LIGHT.grid, linewidth=0.4, zorder=0.4)
    return Panel(axes, "Separated", entries, lanes, weight=1.3)


def draw_best_match(axes: Axes, separation: Separation | None, cell: Cell, span: TimeSpan) -> Panel:
    """Draw the best match, the raw ROI at its level, and the truth and the file's own result where they are known.

    Parameters
    ----------
    axes : Axes
    separation : Separation or None
    cell : Cell
    span : TimeSpan

    Returns
    -------
    Panel
    """
    draw_time(axes, span)
    best = separation.matched[0] if separation is not None else None
    raw, level = levelled(cell.traces[0], best, separation)
    lines = [(f"raw {cell.signal_names[0]}{level}", raw, Ink(FAINT, 0.6))]
    if best is not None:
        lines.append(("c1", best, page.component_ink(0, 0.75)))
    # Dashes come last, as the lines below them stay visible.
    frames = len(raw)
    if cell.truth is not None and cell.truth.sources.shape[-1] == frames:
        own = cell.truth.mixing[0, 0] * cell.truth.sources[0]
        truth, _ = levelled(own, raw if best is None else best, separation)
        lines.append(("truth", truth, Ink(RAW, 0.6, "--")))
    is_stored = separation is not None and bool(separation.origin)  # the best match is what the file carried
    if cell.stored is not None and not is_stored and cell.stored.matched.shape[-1] == frames:
        colour = readable(OKABE_ITO[4], LIGHT.base, LIGHT.line_contrast)
        lines.append((cell.stored.origin, cell.stored.matched[0], Ink(colour, 0.6, "--")))
    for _, values, ink in lines:
        draw_trace(axes, span, values, ink)
    fit_values(axes, *(values[span.shown] for _, values, _ in lines))
    axes.set_ylabel(SIGNAL)
    entries: list[Entry] = [(name, ink) for name, _, ink in lines]
    if best is None:
        entries.append((NOT_SEPARATED, None))
    else:
        entries[:2] = entries[1::-1]
    return Panel(axes, "Best match", entries)


def levelled(raw: FloatArray, best: FloatArray | None, separation: Separation | None) -> tuple[FloatArray, str]:
    """Return the raw ROI at the level of the best match, as the window shows it.

    Parameters
    ----------
    raw : ndarray, shape (frames,)
    best : ndarray, shape (frames,), or None
    separation : Separation or None

    Returns
    -------
    trace : ndarray, shape (frames,)
    shift : str
        The shift as the legend writes it; empty for none.
    """
    if best is None:
        return raw, ""
    if separation is not None and separation.settings.method == "ica":
        return raw - np.mean(raw, where=np.isfinite(raw)), " \N{MINUS SIGN} its mean"
    gap = raw - best
    shift = float(np.median(gap[np.isfinite(gap)])) if np.isfinite(gap).any() else 0.0
    return raw - shift, f" {'+' if shift < 0 else chr(0x2212)} {abs(shift):.4g}"


def finish(panel: Panel) -> Figure:
    """Write the numbers, the labels, the title and the legend of a panel at the present size of its axes.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    Figure
    """
    axes = panel.axes
    width, height = page.size_of(axes)
    finish_values(panel, height)
    scales.scale_axis(axes.xaxis, axes.get_xlabel(), width, int(width / (14 * MM)))
    page.write_head(panel, width)
    return page.whole(axes)


def finish_values(panel: Panel, height: float) -> None:
    """Write the numbers of the value axis, or the names of the lanes as large as they fit.

    Parameters
    ----------
    panel : Panel
    height : float
        Of the axes, in points.
    """
    axes = panel.axes
    if panel.is_log:
        axes.yaxis.set_major_locator(LogLocator(numticks=max(int(height / (7 * MM)), 2)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "\N{MINUS SIGN}")))
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif panel.lanes is None:
        scales.scale_axis(axes.yaxis, axes.get_ylabel(), height + GAP, int(height / (5 * MM)))
    else:
        _write_lanes(axes, panel.lanes, height)


def _write_lanes(axes: Axes, lanes: Sequence[tuple[str, str]], height: float) -> None:
    lane = height / max(len(lanes), 1)
    step = math.ceil(page.LEAST / lane)
    points = max(min(page.SMALL, 0.9 * lane), page.LEAST)
    named = range(0, len(lanes), step)
    axes.set_yticks([-k - 0.5 for k in named], [lanes[k][0] for k in named])
    axes.tick_params(axis="y", length=0)
    for k, text in zip(named, axes.get_yticklabels(), strict=True):
        text.set(fontproperties=page.font(points, bold=True), color=lanes[k][1])


def stack(panels: Sequence[Panel], label: str, left: float, bottom: float, width: float, height: float) -> None:
    """Place panels above each other on one time axis.

    Parameters
    ----------
    panels : sequence of Panel
    label : str
        Of the time axis.
    left, bottom, width, height : float
        In points from the lower left of the figure.

    Raises
    ------
    DataError
        (a ValueError) When there is no room for them.
    """
    heads = [page.head_height(panel, width) for panel in panels]
    foot = TICK + page.line_height(page.SMALL) + page.line_height(page.LABEL)
    free = height - sum(heads) - foot - GAP * (len(panels) - 1)
    weights = sum(panel.weight for panel in panels)
    heights = [free * panel.weight / weights for panel in panels]
    page.check_room(*heights)
    side = 0.0
    for panel, tall in zip(panels, heights, strict=True):
        finish_values(panel, tall)
        words = [text for text, _ in panel.lanes] if panel.lanes is not None else scales.tick_texts(panel.axes.yaxis)
        side = max(side, *(page.text_width(text, page.SMALL, bold=True) for text in words), 0)
    side += page.line_height(page.LABEL) + 2 * TICK
    last = panels[-1].axes
    wide = width - side
    page.check_room(wide / 2)
    scales.scale_axis(last.xaxis, label, wide, int(wide / (14 * MM)))
    wide -= scales.overhang(last.xaxis, wide)
    top = bottom + height
    for panel, head, tall in zip(panels, heads, heights, strict=True):
        page.place(panel.axes, left + side, top - head - tall, wide, tall)
        panel.axes.yaxis.set_label_coords((page.line_height(page.LABEL) / 2 - side) / wide, 0.5)
        panel.axes.yaxis.label.set_verticalalignment("center")
        if panel.axes is not last:
            scales.scale_axis(panel.axes.xaxis, "", wide, int(wide / (14 * MM)))
            panel.axes.tick_params(axis="x", labelbottom=False)
        page.write_head(panel, width, -side)
        top -= head + tall + GAP
    last.xaxis.set_label_coords(
        0.5, -(TICK + page.line_height(page.SMALL) + page.line_height(page.LABEL) / 2) / heights[-1]
    )
    last.xaxis.label.set_verticalalignment("center")


def fill_page(panels: Sequence[Panel], figure: ResultFigure, label: str, description: str, title: str) -> None:
    """Place panels above each other on a whole page, and set its title and description.

    Parameters
    ----------
    panels : sequence of Panel
    figure : ResultFigure
    label : str
        Of the time axis.
    description, title : str
        Written into the file.

    Raises
    ------
    DataError
        (a ValueError) When there is no room for the panels.
    """
    width, height = (each - 2 * page.MARGIN for each in figure.get_size_inches() * 72)
    stack(panels, label, page.MARGIN, page.MARGIN, width, height)
    figure.title, figure.description = title, description.strip()
