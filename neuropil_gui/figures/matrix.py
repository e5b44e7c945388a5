"""Heat map of the mixing matrix, each value written on its tile."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure, SubFigure

from neuropil_gui.core.matching import column_shares
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.page import GAP, LABEL, LEAST, MM, NOT_SEPARATED, SMALL, TICK, Panel
from neuropil_gui.figures.palette import DIVERGING, LIGHT, ink

SIGNED = LinearSegmentedColormap.from_list("signed", DIVERGING)

BAR = 2.2 * MM
TOO_SMALL = "The figure is too small for the mixing matrix: make it larger, or leave the matrix out."


SCALE_STEPS = 64
"""Tiles of a colour scale: as many as the eye tells apart, for small drawings."""


@dataclass(eq=False)
class MatrixPanel(Panel):
    """Axes with a heat map.

    Parameters
    ----------
    axes, title, entries, lanes, weight, is_log
        As in `Panel`.
    values : masked array, shape (rows, columns)
        Masked where a tile has no value.
    texts : sequence of str
        Written on the tiles, row by row.
    rows : sequence of str
        Names of the rows.
    columns : sequence of (str, str)
        Names of the columns and their colours.
    label : str
        Label of the colour scale.
    mesh : QuadMesh, optional
        The tiles, once they are drawn.
    """

    values: Any = field(default_factory=lambda: np.ma.zeros((0, 0)))
    texts: Sequence[str] = ()
    rows: Sequence[str] = ()
    columns: Sequence[tuple[str, str]] = ()
    label: str = ""
    mesh: QuadMesh | None = None


def draw_matrix(axes: Axes, separation: Separation | None, cell: Cell, normalised: bool) -> MatrixPanel:
    """Draw the tiles of a mixing matrix in matched order; `write_values` writes on them.

    Parameters
    ----------
    axes : Axes
    separation : Separation or None
        None leaves the axes empty.
    cell : Cell
    normalised : bool
        Draw the shares of each column instead of weights.

    Returns
    -------
    MatrixPanel
    """
    scales.dress(axes)
    if separation is None:
        axes.set_axis_off()
        return MatrixPanel(axes, "Mixing matrix", ((NOT_SEPARATED, None),))
    values = separation.mixing[:, separation.order]
    living = [bool(separation.separated[row].any() and separation.mixing[:, row].any()) for row in separation.order]
    if normalised:
        values = column_shares(values)
    most, signed = float(np.abs(values).max()) or 1.0, bool((values < 0).any())
    label = ("Signed share" if signed else "Share") + " of the component" if normalised else "Weight (solver's units)"
    note = ("absolute columns sum to 1" if signed else "columns sum to 1") if normalised else ""
    rows = tuple(name if len(name) <= 12 else name[:11] + "…" for name in cell.signal_names)
    alive = np.broadcast_to(living, values.shape)
    texts = [brief(float(value)) if lives else "–" for value, lives in zip(values.flat, alive.flat, strict=True)]
    panel = MatrixPanel(
        axes,
        "Mixing matrix",
        ((note, None),) if note else (),
        values=np.ma.masked_array(values, ~alive),
        texts=texts,
        rows=rows,
        columns=page.lane_names(values.shape[1]),
        label=label,
    )
    levels = Normalize(-most, most) if signed else Normalize(0.0, 1.0 if normalised else most)
    draw_tiles(panel, SIGNED if signed else "viridis", levels)
    return panel


def draw_tiles(panel: MatrixPanel, colours: Colormap | str, levels: Normalize) -> None:
    """Draw the tiles of a heat map, the first row on top; tiles without a value are grey.

    Parameters
    ----------
    panel : MatrixPanel
        Its `mesh` is set.
    colours : Colormap or str
    levels : Normalize
        Range of the values.
    """
    axes = panel.axes
    axes.set_facecolor(LIGHT.grid)
    axes.spines[:].set_visible(False)
    panel.mesh = axes.pcolormesh(panel.values, cmap=colours, norm=levels, edgecolors=LIGHT.base, linewidth=0.5 * MM)
    axes.invert_yaxis()
    axes.tick_params(length=0, labeltop=True, labelbottom=False, pad=0.5 * TICK)


def write_values(panel: MatrixPanel, width: float, height: float) -> None:
    """Write the values on the tiles, as large as all of them fit, and the names at the edges.

    Parameters
    ----------
    panel : MatrixPanel
    width, height : float
        Size of a tile in points.
    """
    axes, (rows, columns) = panel.axes, panel.values.shape
    assert panel.mesh is not None
    texts = panel.texts
    room = width - min(0.5 * MM, 0.08 * width)
    panel.mesh.set_linewidth(min(0.5 * MM, 0.08 * width))
    points = _fitting(texts, room, height)
    if points < LEAST:
        texts = [text.replace("0.", ".", 1) for text in texts]
        points = _fitting(texts, room, height)
    backs, empty = panel.mesh.to_rgba(panel.values), np.ma.getmaskarray(panel.values)
    for index, text in enumerate(texts if points >= LEAST else ()):
        row, column = divmod(index, columns)
        back = LIGHT.grid if empty[row, column] else to_hex(backs[row, column])
        axes.text(
            column + 0.5, row + 0.5, text, ha="center", va="center_baseline", color=ink(back),
            fontproperties=page.font(points),
        )  # fmt: skip
    names = panel.columns
    longest = 1.12 * max(page.text_width(name, SMALL, bold=True) for name, _ in names)
    points = max(min(SMALL, SMALL * width / longest), LEAST)
    named = range(0, columns, math.ceil(longest * points / SMALL / width - 1e-6))
    axes.set_xticks([column + 0.5 for column in named], [names[column][0] for column in named])
    for column, word in zip(named, axes.get_xticklabels(), strict=True):
        word.set(fontproperties=page.font(points, bold=True), color=names[column][1])
    named = range(0, rows, math.ceil(SMALL / height))
    axes.set_yticks([row + 0.5 for row in named], [panel.rows[row] for row in named])


def write_scale(panel: MatrixPanel, bar: Axes, width: float, room: float) -> None:
    """Draw the colour scale.

    Parameters
    ----------
    panel : MatrixPanel
    bar : Axes
        Axes of the scale.
    width, room : float
        Width of `bar`, and the width that its label may have, in points.
    """
    assert panel.mesh is not None
    assert isinstance(bar.figure, Figure | SubFigure)
    steps = np.linspace(*panel.mesh.get_clim(), SCALE_STEPS + 1)
    bar.figure.colorbar(panel.mesh, cax=bar, orientation="horizontal", boundaries=steps)
    # Tiles of their own colour, not a picture: the drawing stays one of lines.
    for solids in bar.collections:
        solids.set(edgecolor="face", rasterized=False)
    scales.dress(bar)
    bar.spines[:].set_visible(False)
    scales.scale_axis(bar.xaxis, panel.label, room, max(4, int(width / (16 * MM))))


def place_matrix(panel: MatrixPanel, left: float, bottom: float, width: float, height: float) -> None:
    """Place a matrix with its title and its scale.

    Parameters
    ----------
    panel : MatrixPanel
    left, bottom, width, height : float
        In points from the lower left of the figure.

    Raises
    ------
    DataError
        (a ValueError) When there is no room for it.
    """
    head = page.head_height(panel, width)
    top = bottom + height - head
    if not panel.values.size:
        page.place(panel.axes, left, bottom, width, top - bottom)
        page.write_head(panel, width)
        return
    signals, count = panel.values.shape
    side = max(page.text_width(name, SMALL) for name in panel.rows) + 1.5 * TICK
    foot = GAP + BAR + TICK + page.line_height(SMALL) + page.line_height(LABEL)
    top -= page.line_height(SMALL)
    # Tiles may be somewhat higher than wide, or wider than high, but do not become stripes.
    tall = min(top - bottom - foot, 1.35 * (width - side) / count * signals)
    wide = min(width - side, 2.6 * tall / signals * count)
    page.check_room(wide, tall, sentence=TOO_SMALL)
    assert isinstance(panel.axes.figure, Figure)
    bar = panel.axes.figure.add_axes((0, 0, 1, 1))
    write_scale(panel, bar, wide, width)
    wide -= scales.overhang(bar.xaxis, wide)
    page.place(bar, left + side, top - tall - GAP - BAR, wide, BAR)
    page.place(panel.axes, left + side, top - tall, wide, tall)
    write_values(panel, wide / count, tall / signals)
    page.write_head(panel, width, -side, page.line_height(SMALL))
    half = page.text_width(bar.get_xlabel(), LABEL) / 2
    middle = min(max(wide / 2, half - side), width - side - half)
    bar.xaxis.set_label_coords(middle / wide, -(TICK + page.line_height(SMALL) + page.line_height(LABEL) / 2) / BAR)
    bar.xaxis.label.set_verticalalignment("center")


def finish(panel: MatrixPanel) -> Figure:
    """Write the values, the scale, the title and the names of a matrix at the present size of its axes.

    Parameters
    ----------
    panel : MatrixPanel

    Returns
    -------
    Figure
    """
    axes, figure = panel.axes, page.whole(panel.axes)
    if panel.values.size:
        width, height = page.size_of(axes)
        bar = axes.inset_axes((0, -(GAP + BAR) / height, 1, BAR / height))
        write_values(panel, width / panel.values.shape[1], height / len(panel.values))
        write_scale(panel, bar, width, width)
    page.write_head(panel, page.size_of(axes)[0], 0.0, page.line_height(SMALL))
    return figure


def _fitting(texts: Sequence[str], width: float, height: float) -> float:
    """Return the size in points at which all texts fit their tiles."""
    widest = max(page.text_width(text, 100.0) for text in texts) / 100.0
    return min(SMALL, 0.6 * height, 0.86 * width / widest)


def brief(value: float) -> str:
    """Return a value as a tile shows it, to about three digits.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.3g}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
