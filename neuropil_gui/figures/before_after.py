"""Figures of all cells before and after: numbers, and correlations between cells."""

from collections.abc import Sequence

import numpy as np

from neuropil_gui.core.analysis.before_after import COMPARED_NUMBERS, SIDES, CellSides, flat_matches, side_values
from neuropil_gui.core.analysis.correlations import EDGES, Correlations
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, LABEL, MARGIN, MM, RAW, SMALL, TICK, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, readable
from neuropil_gui.figures.sweep import number_label

SPREAD = 0.3
"""Half the width of a column of points, of the distance between two."""

MOST_MARKS = 100
"""Cells whose points are drawn as marks in an SVG or PDF; of more, as a picture."""

INKS = {
    "raw": Ink(RAW, 1.0),
    "subtraction": Ink(readable(OKABE_ITO[3], LIGHT.base, LIGHT.line_contrast), 0.8, "-."),
    "matched": Ink(readable(OKABE_ITO[0], LIGHT.base, LIGHT.line_contrast), 0.8),
}


def plot_before_after(
    cells: Sequence[CellSides],
    *,
    settings: SeparationSettings | None = None,
    size_mm: tuple[float, float] = (180.0, 65.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw numbers of all cells before and after: a point for each cell, and the median.

    Parameters
    ----------
    cells : sequence of CellSides
        See `before_and_after`. Numbers that no cell has are left out.
    settings : SeparationSettings, optional
        By which they were separated, to be named.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there is no cell, or the page is too small.
    """
    values = {key: side_values(cells, key) for key in COMPARED_NUMBERS} if cells else {}
    keys = [key for key, sides in values.items() if any(np.isfinite(each).any() for each in sides.values())]
    if not keys:
        raise DataError("There are no numbers to draw: separate the cells first.")
    figure = ResultFigure(size_mm, dpi)
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    indices = np.array([each.index for each in cells], float)
    offsets = SPREAD * (2 * np.modf(0.618034 * indices)[0] - 1)
    axis = 11.0 * MM
    each = (width + GAP) / len(keys)
    entries: list[Entry] = [(word, INKS[side]) for side, word in SIDES.items()]
    flat = flat_matches(cells)
    entries += [("bar: median", None)] + [(f"{flat:,} flat best matches: no noise known", None)] * bool(flat)
    entries += [(brief(settings), None)] if settings is not None else []
    first = Panel(figure.add_subplot(), f"{len(cells):,} cells", entries)
    head = page.head_height(first, width)
    foot = TICK + page.line_height(SMALL)
    across, up = each - GAP - axis, height - head - foot
    page.check_room(across, up)
    for place, key in enumerate(keys):
        axes = first.axes if place == 0 else figure.add_subplot()
        scales.dress(axes)
        for column, side in enumerate(SIDES):
            y = values[key][side]
            if key == "kept" and side == "raw":
                continue  # 100 % of itself
            axes.scatter(
                column + offsets, y, s=3, color=INKS[side].colour, alpha=0.5, linewidths=0,
                rasterized=len(cells) > MOST_MARKS,
            )  # fmt: skip
            if np.isfinite(y).any():
                axes.hlines(np.nanmedian(y), column - 0.42, column + 0.42, color=RAW, linewidth=1.2)
        axes.set_xlim(-0.5, len(SIDES) - 0.5)
        axes.set_xticks([])
        page.place(axes, MARGIN + place * each + axis, MARGIN + foot, across, up)
        unit = f" ({NUMBERS[key].unit})" if NUMBERS[key].unit else ""
        scales.scale_axis(axes.yaxis, number_label(key) + unit, up, int(up // (8 * MM)))
    page.write_head(first, width, -axis)
    figure.title = "Before and after"
    figure.description = f"{', '.join(NUMBERS[key].name for key in keys)} of {len(cells):,} cells."
    if flat:
        figure.description += f" Noise is not known of {flat:,} best matches that are flat most of the time."
    if settings is not None:
        figure.description += f" Separated by {brief(settings)}."
    return figure


def plot_correlations(
    found: Correlations,
    *,
    settings: SeparationSettings | None = None,
    size_mm: tuple[float, float] = (180.0, 110.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw the correlations between cells as a matrix for each side, all in one order, and their distributions.

    Parameters
    ----------
    found : Correlations
        Of the keys of `neuropil_gui.core.analysis.before_after.SIDES`.
    settings : SeparationSettings, optional
        By which they were separated, to be named.
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
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    limit = found.limit
    bar = 3 * MM + page.text_width("\N{MINUS SIGN}0.25", SMALL) + GAP
    each = (width - bar) / len(SIDES)
    means = {side: f"{found.pairs[side].mean:.3f}".replace("-", "\N{MINUS SIGN}") for side in SIDES}
    panels = [Panel(figure.add_subplot(), SIDES[side], ((f"mean r {means[side]}", None),)) for side in SIDES]
    head = max(page.head_height(panel, each - GAP) for panel in panels)
    length = min(each - GAP, 0.6 * (height - head))
    page.check_room(length)
    top = MARGIN + height - head - length
    for place, (side, panel) in enumerate(zip(SIDES, panels, strict=True)):
        scales.dress(panel.axes)
        drawn = panel.axes.imshow(
            np.ma.masked_invalid(found.pictures[side]),
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
            interpolation="nearest",
            aspect="auto",
        )
        panel.axes.set_xticks([])
        panel.axes.set_yticks([])
        page.place(panel.axes, MARGIN + place * each, top, length, length)
        page.write_head(panel, each - GAP)
    colours = figure.colorbar(drawn, cax=figure.add_subplot())
    scales.dress(colours.ax)
    colours.ax.tick_params(left=False, right=True)
    page.place(colours.ax, MARGIN + width - bar + GAP, top + 0.15 * length, 2 * MM, 0.7 * length)
    counts = figure.add_subplot()
    scales.dress(counts)
    for side in SIDES:
        pairs, ink = found.pairs[side], INKS[side]
        heights = pairs.counts / max(pairs.count, 1) * 100
        counts.stairs(heights, EDGES, color=ink.colour, linewidth=ink.points, linestyle=ink.line)
    low, high = found.ends
    counts.set_xlim(max(low - 0.04, -1.0), min(high + 0.04, 1.0))
    axis, foot = 11.0 * MM, TICK + page.line_height(SMALL) + page.line_height(LABEL)
    entries: list[Entry] = [(word, INKS[side]) for side, word in SIDES.items()]
    entries += [(brief(settings), None)] if settings is not None else []
    lower = Panel(counts, "All pairs", entries)
    up = top - MARGIN - foot - page.head_height(lower, width) - GAP
    page.check_room(up)
    across = (width if not found.curves else 0.62 * width) - axis
    page.place(counts, MARGIN + axis, MARGIN + foot, across, up)
    page.write_head(lower, width, -axis)
    scales.scale_axis(counts.xaxis, "Pearson's r of two cells", across, 10 if not found.curves else 6)
    scales.scale_axis(counts.yaxis, "Pairs (%)", up, int(up // (7 * MM)))
    if found.curves:
        distance = figure.add_subplot()
        scales.dress(distance)
        for side, (far, r) in found.curves.items():
            ink = INKS[side]
            distance.plot(far, r, color=ink.colour, linewidth=ink.points, linestyle=ink.line)
        distance.set_xlim(0, max(float(far.max()) for far, _ in found.curves.values()))
        least = min(float(r.min()) for _, r in found.curves.values())
        distance.set_ylim(bottom=min(least, 0.0))
        beside = width - across - 2 * axis - GAP
        page.place(distance, MARGIN + across + 2 * axis + GAP, MARGIN + foot, beside, up)
        scales.scale_axis(distance.xaxis, "Distance (pixels)", beside, 4)
        scales.scale_axis(distance.yaxis, "Mean r", up, int(up // (7 * MM)))
    figure.title = "Correlations between cells"
    said = ", ".join(f"{word} {means[side]}" for side, word in SIDES.items())
    figure.description = f"Pearson's r of all pairs of {len(found.cells):,} cells; mean: {said}."
    if settings is not None:
        figure.description += f" Separated by {brief(settings)}."
    return figure
