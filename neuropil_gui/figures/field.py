"""Figure of the field of view: a picture, the outlines of cells, and one cell with its regions."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import Normalize

from neuropil_gui.core.errors import DataError
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, MARGIN, MM, SMALL, Entry, Ink, Panel
from neuropil_gui.figures.palette import DARK, OKABE_ITO
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.pictures import Picture, moving_pictures
from neuropil_gui.imaging.pixels import Indices

TITLES = {
    "mean": "Mean",
    "max": "Maximum",
    "sd": "Standard deviation",
    "correlation": "Correlation with neighbours",
    "enhanced": "Enhanced mean",
}
"""Names of pictures by their keys."""

PERCENTILES = (1.0, 99.5)
PLAIN, UNKNOWN = OKABE_ITO[5], DARK.muted
LINE, BOLD = 0.5, 1.0
FILLS = (0.18, 0.37)


def plot_field(
    field: FieldOfView,
    picture: str | Picture = "mean",
    *,
    levels: tuple[float, float] | None = None,
    colours: Mapping[int, str] | None = None,
    values: Mapping[int, float] | None = None,
    label: str = "",
    legend: Mapping[str, str] | None = None,
    title: str = "",
    selected: int | None = None,
    size_mm: tuple[float, float] = (90.0, 90.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw a picture of the field of view with the outlines of all cells.

    Parameters
    ----------
    field : FieldOfView
        As `read_field` returns it.
    picture : str or ndarray, shape (rows, columns), optional
        ``"mean"``, ``"max"``, ``"sd"`` or ``"correlation"``, for which the movie is read once where the picture is not
        known yet; or any picture of the field's shape.
    levels : (float, float), optional
        Values drawn black and white; by default the percentiles 1 and 99.5.
    colours : mapping of int to str, optional
        Colours of outlines as ``"#rrggbb"``, by the index of the cell; others are grey.
    values : mapping of int to float, optional
        A number for each cell, which colours its outline in place of `colours`.
    label : str, optional
        What the number is.
    legend : mapping of str to str, optional
        Words for `colours`.
    title : str, optional
        What the picture is, where it is an array.
    selected : int, optional
        Index of a cell whose outline is bold, and whose regions are filled and numbered.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there is no such picture, it has another shape, or the page is too small.
    """
    image, name = _picture(field, picture)
    name = title or name
    rows, columns = field.shape
    figure = ResultFigure(size_mm, dpi)
    axes = figure.add_subplot()
    finite = image[np.isfinite(image)]
    if levels is None:
        low, high = np.percentile(finite, PERCENTILES) if finite.size else (0.0, 1.0)
        levels = float(low), float(high)
    axes.set_facecolor(DARK.base)
    axes.imshow(
        np.ma.masked_invalid(image), cmap="gray", vmin=levels[0], vmax=levels[1], extent=(0, columns, rows, 0),
        interpolation="nearest", aspect="equal",
    )  # fmt: skip
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    lines = {index: _outline(cell.regions.pixels[0], columns) for index, cell in field.cells.items()}
    scale = None
    if values is not None:
        known = {index: value for index, value in values.items() if index in lines and np.isfinite(value)}
        scale = _draw_values(axes, lines, known) if known else None
    for index, outline in lines.items():
        if values is None or index not in known:
            plain = PLAIN if colours is None and values is None else UNKNOWN
            colour = (colours or {}).get(index, plain) if values is None else UNKNOWN
            axes.add_collection(LineCollection(outline, colors=colour, linewidths=LINE), autolim=False)
    entries: list[Entry] = [(f"{len(field.cells):,} cell{'' if len(field.cells) == 1 else 's'}", None)]
    entries += [(word, Ink(colour, 1.0)) for word, colour in (legend or {}).items()]
    if scale is not None and label:
        entries.append((f"colours: {label}", None))
    if selected is not None and selected in field.cells:
        _draw_selected(axes, field, selected)
        entries.append((f"{field.cells[selected].regions.name} and its regions", None))
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    bar = 2 * MM + GAP + page.text_width("\N{MINUS SIGN}0.25", SMALL) + GAP if scale is not None else 0.0
    panel = Panel(axes, name, entries)
    head = page.head_height(panel, width)
    # The picture keeps its shape in the room that there is.
    factor = min((width - bar) / columns, (height - head) / rows)
    across, up = factor * columns, factor * rows
    page.check_room(across, up)
    bottom = MARGIN + (height - head - up)
    page.place(axes, MARGIN, bottom, across, up)
    page.write_head(panel, width)
    if scale is not None:
        colour_bar = figure.colorbar(scale, cax=figure.add_subplot())
        scales.dress(colour_bar.ax)
        colour_bar.outline.set_visible(False)
        page.place(colour_bar.ax, MARGIN + across + GAP, bottom + 0.2 * up, 2 * MM, 0.6 * up)
        colour_bar.ax.tick_params(left=False, right=True, labelleft=False, labelright=True)
        scales.scale_axis(colour_bar.ax.yaxis, "", 0.6 * up, int(0.6 * up // (6 * MM)))
    figure.title = f"{name} of {field.name}"
    coloured = f", coloured by {label}" if label else ""
    figure.description = f"{columns} x {rows} pixels, {len(field.cells):,} cells{coloured}."
    return figure


def _picture(field: FieldOfView, picture: str | Picture) -> tuple[Picture, str]:
    """Return a picture and its title."""
    if not isinstance(picture, str):
        if picture.shape != field.shape:
            raise DataError(f"A picture of shape {field.shape} was expected, but {picture.shape} was found.")
        return np.asarray(picture, np.float32), "Picture"
    if picture in field.pictures:
        return field.pictures[picture], TITLES.get(picture, picture)
    if picture in ("mean", "max", "sd", "correlation") and field.movie is not None:
        steps = [running for _, running in moving_pictures(field.movie)]
        return steps[-1].pictures()[picture], TITLES[picture]
    known = ", ".join(field.pictures) or "none"
    raise DataError(f"There is no picture {picture!r}: without a movie, {known} is known.")


def _outline(pixels: Indices, columns: int) -> list[np.ndarray]:
    """Return the closed paths around pixels."""
    return [np.vstack([path, path[:1]]) for path in outlines(pixels // columns, pixels % columns)]


def _draw_values(axes: Axes, lines: Mapping[int, list[np.ndarray]], known: Mapping[int, float]) -> LineCollection:
    """Draw the outlines of cells whose number is known, in its colours."""
    low, high = min(known.values()), max(known.values())
    if low < 0:
        low, high = -max(-low, high), max(-low, high)
    paths = [path for index in known for path in lines[index]]
    numbers = [value for index, value in known.items() for _ in lines[index]]
    drawn = LineCollection(
        paths, cmap="RdBu_r" if low < 0 else "viridis", norm=Normalize(low, high), linewidths=LINE
    )  # fmt: skip
    drawn.set_array(np.array(numbers, float))
    axes.add_collection(drawn, autolim=False)
    return drawn


def _draw_selected(axes: Axes, field: FieldOfView, index: int) -> None:
    """Draw a cell bold, and fill and number its regions."""
    (_, own), *regions = field.cells[index].signals
    columns = field.shape[1]
    for number, (_, pixels) in enumerate(regions):
        paths = _outline(pixels, columns)
        axes.add_collection(
            PolyCollection(
                paths, facecolors=(1, 1, 1, FILLS[number % 2]), edgecolors=(1, 1, 1, 0.9), linewidths=0.4
            ),
            autolim=False,
        )  # fmt: skip
        if len(regions) > 1:
            x, y = (pixels % columns).mean() + 0.5, (pixels // columns).mean() + 0.5
            axes.text(x, y, f"{number + 1}", color="white", ha="center", va="center", fontproperties=page.font(SMALL))
    axes.add_collection(LineCollection(_outline(own, columns), colors="white", linewidths=BOLD), autolim=False)
