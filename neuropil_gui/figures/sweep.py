"""Figures of a sweep: a film strip over one setting, a map over two."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.colors import Normalize

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.sweep import TILE_NUMBERS, Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan, value_text
from neuropil_gui.core.errors import DataError
from neuropil_gui.figures import matrix, page, scales, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.matrix import MatrixPanel
from neuropil_gui.figures.page import MARGIN, MM, RAW, SMALL, TICK, Panel
from neuropil_gui.figures.palette import LIGHT


def plot_sweep(
    plan: SweepPlan,
    tiles: Iterable[Tile],
    *,
    number: str = "score",
    frames: int = 0,
    frame_rate: float | None = None,
    size_mm: tuple[float, float] = (180.0, 100.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw a sweep: of one setting as a film strip of best matches with numbers beside it, of two as a map of a number.

    Parameters
    ----------
    plan : SweepPlan
    tiles : iterable of Tile
        What is known of it, see `run_sweep`.
    number : str
        One of `neuropil_gui.core.analysis.sweep.TILE_NUMBERS`.
    frames : int
        How many frames the recording has; without it the strip's axis counts bins.
    frame_rate, size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When the number is unknown, nothing was separated, or the page is too small.
    """
    known = {(tile.ix, tile.iy): tile for tile in tiles if not tile.error}
    if number not in TILE_NUMBERS:
        raise DataError(f"number must be one of {', '.join(TILE_NUMBERS)}, but {number!r} was found.")
    if not known:
        raise DataError("Nothing of this sweep was separated yet.")
    figure = ResultFigure(size_mm, dpi)
    (_map if plan.y is not None else _strip)(figure, plan, known, number, frames, frame_rate)
    names = " and ".join(axis.name for axis in (plan.x, plan.y) if axis is not None)
    figure.title = f"Sweep of {names}"
    figure.description = f"{len(known)} of {plan.columns * plan.rows} separations; {NUMBERS[number].name}."
    return figure


def _strip(
    figure: ResultFigure, plan: SweepPlan, known: Mapping[tuple[int, int], Tile], number: str, frames: int,
    frame_rate: float | None,
) -> None:  # fmt: skip
    count = len(plan.x)
    bins = max(tile.trace.shape[1] for tile in known.values())
    image = np.full((count, bins), np.nan)
    for (row, _), tile in known.items():
        trace = tile.trace[1]
        low, high = traces.limits(trace)
        image[row, : len(trace)] = (trace - low) / (high - low or 1.0)
    length = frames or bins
    span = time_span.time_span(length, bins, frame_rate if frames else None)
    axes = [figure.add_subplot() for _ in range(3)]
    strip, alive, chosen = axes
    traces.draw_time(strip, span)
    end = span.limits[1]
    strip.imshow(
        np.ma.masked_invalid(image), aspect="auto", origin="lower", cmap="viridis", interpolation="nearest",
        extent=(0.0, end, -0.5, count - 0.5),
    )  # fmt: skip
    strip.set_ylabel(plan.x.name)
    for side, key in ((alive, "alive"), (chosen, number)):
        scales.dress(side)
        places = sorted(row for row, _ in known)
        values = [known[row, 0].value(key) for row in places]
        side.plot(values, places, color=LIGHT.faint, linewidth=0.6, zorder=1)
        filled = [RAW if known[row, 0].converged else LIGHT.base for row in places]
        marks = [("x" if known[row, 0].collapsed else "o") for row in places]
        for mark in ("o", "x"):
            chosen_rows = [k for k, each in enumerate(marks) if each == mark]
            side.scatter(
                [values[k] for k in chosen_rows], [places[k] for k in chosen_rows], s=9, marker=mark, linewidths=0.6,
                **({"c": RAW} if mark == "x" else {"c": [filled[k] for k in chosen_rows], "edgecolors": RAW}),
            )  # fmt: skip
        low, high = traces.limits(np.array(values))
        room = 0.06 * (high - low) or 0.5
        side.set_xlim(low - room, high + room)
        side.set_ylim(-0.5, count - 0.5)
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    panels = [
        Panel(strip, f"Best match over {plan.x.name}", (("dark least, bright greatest of each row", None),)),
        Panel(alive, "Alive", (("× collapsed", None),)),
        Panel(chosen, number_label(number), (("○ not converged", None),)),
    ]
    wide = [0.62 * width, 0.17 * width, 0.17 * width]
    head = max(page.head_height(panel, each) for panel, each in zip(panels, wide, strict=True))
    foot = TICK + page.line_height(SMALL) + page.line_height(page.LABEL)
    tall = height - head - foot
    names = [value_text(plan.x.name, value) for value in plan.x.values]
    step = math.ceil(page.line_height(SMALL) / (tall / count))
    shown = range(0, count, step)
    side_room = max(page.text_width(names[k], SMALL) for k in shown) + page.line_height(page.LABEL) + 2 * TICK
    page.check_room(tall, wide[0] - side_room, wide[1])
    left = MARGIN
    for panel, each in zip(panels, wide, strict=True):
        first = panel.axes is strip
        indent = side_room if first else 0.0
        page.place(panel.axes, left + indent, MARGIN + foot, each - indent, tall)
        panel.axes.set_yticks(list(shown), [names[k] for k in shown] if first else [""] * len(shown))
        label = span.label if first else ""
        scales.scale_axis(panel.axes.xaxis, label, each - indent, int(each / (14 * MM)), panel.axes is alive)
        page.write_head(panel, each, -indent)
        left += each + 0.02 * width
    strip.yaxis.set_label_coords((page.line_height(page.LABEL) / 2 - side_room) / (wide[0] - side_room), 0.5)


def _map(figure: ResultFigure, plan: SweepPlan, known: Mapping[tuple[int, int], Tile], number: str, *_: object) -> None:
    assert plan.y is not None
    values = np.full((plan.rows, plan.columns), np.nan)
    texts = ["–"] * values.size
    for (column, row), tile in known.items():
        # The lowest at the bottom, as on the screen.
        line = plan.rows - 1 - row
        if not tile.collapsed:
            values[line, column] = tile.value(number)
        texts[line * plan.columns + column] = matrix.brief(float(tile.value(number))) + ("" if tile.converged else "*")
    panel = MatrixPanel(
        figure.add_subplot(), number_label(number),
        ((f"{plan.x.name} across, {plan.y.name} up", None), ("grey: collapsed", None), ("* not converged", None)),
        values=np.ma.masked_invalid(values), texts=texts,
        rows=[value_text(plan.y.name, value) for value in reversed(plan.y.values)],
        columns=[(value_text(plan.x.name, value), LIGHT.text) for value in plan.x.values], label=number_label(number),
    )  # fmt: skip
    scales.dress(panel.axes)
    low, high = traces.limits(values)
    matrix.draw_tiles(panel, "viridis", Normalize(low, high if high > low else low + 1.0))
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    matrix.place_matrix(panel, MARGIN, MARGIN, width, height)


def number_label(number: str) -> str:
    """Return the name of a number as a title.

    Parameters
    ----------
    number : str
        Key in `NUMBERS`.

    Returns
    -------
    str
    """
    label = NUMBERS[number].name
    return label if label.startswith("r ") else label[0].upper() + label[1:]
