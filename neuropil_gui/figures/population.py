"""Figures of all cells of a recording: a number over one setting, and how numbers are distributed."""

from collections.abc import Mapping, Sequence

import numpy as np

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.population import TROUBLES, PopulationSweep, advise, trouble_words
from neuropil_gui.core.analysis.sweep_plans import place_of, value_text
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, LABEL, MARGIN, MM, RAW, SMALL, TICK, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, mixed, readable
from neuropil_gui.figures.sweep import number_label

AXIS = 9.0 * MM
"""Room for the numbers and the label of an axis."""

BINS = 20

TROUBLE_COLOURS = {"collapsed": 4, "unstable": 0, "not converged": 3}
"""Places of the colours of `TROUBLES` among those of Okabe and Ito."""

TROUBLE_LINES: dict[str, page.LineStyle] = dict(zip(TROUBLES, ("-", "--", ":"), strict=True))


def plot_distributions(
    numbers: Mapping[str, Sequence[float]], *, size_mm: tuple[float, float] = (180.0, 50.0), dpi: int = 300
) -> ResultFigure:
    """Draw a histogram of each of some numbers over cells, side by side.

    Parameters
    ----------
    numbers : mapping of str to sequence of float
        By key in `neuropil_gui.core.analysis.numbers.NUMBERS`, a value for each cell; NaN is left out.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there is nothing to draw, or the page is too small.
    """
    known = {key: np.array([each for each in values if np.isfinite(each)]) for key, values in numbers.items()}
    known = {key: values for key, values in known.items() if len(values)}
    if not known:
        raise DataError("There are no numbers to draw: separate the cells first.")
    figure = ResultFigure(size_mm, dpi)
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    each = (width + GAP) / len(known)
    across, up = each - GAP - AXIS, height - AXIS
    page.check_room(across, up)
    for place, (key, values) in enumerate(known.items()):
        axes = figure.add_subplot()
        scales.dress(axes)
        axes.hist(values, BINS, color=page.component_colour(0))
        page.place(axes, MARGIN + place * each + AXIS, MARGIN + AXIS, across, up)
        scales.scale_axis(axes.xaxis, NUMBERS[key].name, across, int(across // (12 * MM)))
        scales.scale_axis(axes.yaxis, "Cells", up, int(up // (8 * MM)), integer=True)
    cells = max(map(len, known.values()))
    figure.title = "Distributions"
    figure.description = f"{', '.join(NUMBERS[key].name for key in known)} of {cells} cells."
    return figure


def plot_population_sweep(
    found: PopulationSweep,
    *,
    number: str = "r_neuropil",
    settings: SeparationSettings | None = None,
    size_mm: tuple[float, float] = (120.0, 140.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw a number of all cells at each value of a setting, and how many cells are in trouble at each.

    Parameters
    ----------
    found : PopulationSweep
    number : str
        One of `neuropil_gui.core.analysis.population.POPULATION_NUMBERS`.
    settings : SeparationSettings, optional
        Those that were chosen for the recording: their value is framed, and named.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When the number is unknown, nothing was separated, or the page is too small.
    """
    if number not in found.numbers:
        raise DataError(f"number must be one of {', '.join(found.numbers)}, but {number!r} was found.")
    if not (found.done & ~found.refused).any():
        raise DataError("No cell was separated yet.")
    figure = ResultFigure(size_mm, dpi)
    image, counts = figure.add_subplot(), figure.add_subplot()
    columns = found.plan.columns
    for axes in (image, counts):
        scales.dress(axes)
        axes.set_xlim(-0.5, columns - 0.5)
    values = np.ma.masked_where(found.collapsed | ~np.isfinite(found.numbers[number]), found.numbers[number])
    low, high = (float(values.min()), float(values.max())) if values.count() else (0.0, 1.0)
    signed = low < 0
    if signed:
        low, high = -max(-low, high), max(-low, high)
    extent = (-0.5, columns - 0.5, found.cells - 0.5, -0.5)
    grey = np.ma.masked_where(~found.collapsed, np.zeros(found.collapsed.shape))
    image.imshow(grey, aspect="auto", extent=extent, cmap="gray", vmin=-2, vmax=1, interpolation="nearest")
    drawn = image.imshow(
        values, aspect="auto", extent=extent, cmap="RdBu_r" if signed else "viridis", vmin=low, vmax=high,
        interpolation="nearest",
    )  # fmt: skip
    known = np.flatnonzero(found.done.all(axis=0))
    entries: list[Entry] = []
    for name, number_of in found.counts().items():
        ink = Ink(readable(OKABE_ITO[TROUBLE_COLOURS[name]], LIGHT.base, LIGHT.line_contrast), 0.8, TROUBLE_LINES[name])
        counts.plot(known, number_of[known], color=ink.colour, linewidth=ink.points, linestyle=ink.line, zorder=2)
        entries.append((trouble_words(found.plan.x.name, name), ink))
    advice = advise(found)
    if advice.first is not None and advice.last is not None:
        shade = mixed(LIGHT.good, LIGHT.base, 0.15)
        counts.axvspan(advice.first - 0.5, advice.last + 0.5, color=shade, linewidth=0, zorder=0)
        entries.append(("none", Ink(shade, 4.0)))
    most = max(1, *(int(each.max(initial=0)) for each in found.counts().values()))
    counts.set_ylim(-0.05 * most, 1.08 * most)
    name = number_label(number)
    described: list[Entry] = [("grey: collapsed", None)]
    if settings is not None:
        chosen = f"{found.plan.x.name} {value_text(found.plan.x.name, getattr(settings, found.plan.x.name))}"
        described.append((f"chosen: {chosen}", Ink(RAW, 0.8)))
        place = place_of(found.plan.x, settings, 0)
        for end in () if place is None else (place[0] - 0.5, place[0] + 0.5):
            for axes in (image, counts):
                axes.axvline(end, color=RAW, linewidth=0.8, zorder=3)
    upper = Panel(image, name, described)
    lower = Panel(counts, "Cells in trouble", entries)
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    bar_room = 3 * MM + page.text_width("\N{MINUS SIGN}0.25", SMALL) + GAP
    across = width - AXIS - bar_room
    heads = [page.head_height(panel, width) for panel in (upper, lower)]
    foot = TICK + page.line_height(SMALL) + page.line_height(LABEL)
    down = 0.22 * (height - sum(heads) - foot)
    up = height - sum(heads) - foot - GAP - down
    page.check_room(across, down, up)
    page.place(counts, MARGIN + AXIS, MARGIN + foot, across, down)
    page.place(image, MARGIN + AXIS, MARGIN + foot + down + heads[1] + GAP, across, up)
    colours = figure.colorbar(drawn, cax=figure.add_subplot())
    scales.dress(colours.ax)
    page.place(
        colours.ax, MARGIN + AXIS + across + GAP, MARGIN + foot + down + heads[1] + GAP + 0.25 * up, 2 * MM, 0.5 * up
    )
    colours.ax.tick_params(left=False, right=True)
    for panel in (upper, lower):
        page.write_head(panel, width, -AXIS)
    scales.scale_axis(image.yaxis, "Cell", up, int(up // (8 * MM)), integer=True)
    image.set_yticks([int(tick) for tick in image.get_yticks() if 0 <= tick < found.cells])
    image.set_yticklabels([f"{int(tick) + 1}" for tick in image.get_yticks()])
    scales.scale_axis(counts.yaxis, "Cells", down, int(down // (6 * MM)), integer=True)
    texts = [value_text(found.plan.x.name, value) for value in found.plan.x.values]
    image.set_xticks(range(columns), [""] * columns)
    counts.set_xticks(range(columns), texts)
    counts.set_xlabel(found.plan.x.name)
    figure.title = f"{name} over {found.plan.x.name}, all cells"
    figure.description = f"{name} of {found.cells:,} cells at {columns} values of {found.plan.x.name}. {advice.text}"
    if settings is not None:
        figure.description += f" Chosen for the recording: {brief(settings)}."
    return figure
