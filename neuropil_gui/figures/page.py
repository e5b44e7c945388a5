"""Layout of figures: fonts and line widths in points, panels with a title and a legend, places of axes."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Affine2DBase, ScaledTranslation, Transform

from neuropil_gui.core.errors import DataError
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, TEXT_CONTRAST, mixed, readable

FAMILIES = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
"""Font families in order of preference: the journals', one with the same widths, and matplotlib's own."""

TITLE, LABEL, SMALL, LEAST = 8.0, 8.0, 7.0, 5.0
"""Sizes of text in points."""

MM = 72 / 25.4
"""Points in a millimetre."""

LONGEST = 200
"""Characters of a text that are looked at: more fit into no figure."""

MARGIN, GAP, TICK, SAMPLE, APART = 2.0 * MM, 3.0 * MM, 1.0 * MM, 4.5 * MM, 3.0 * MM
LEAST_SIDE = 8.0 * MM
LineStyle = Literal["-", "--", ":", "-."]
LINES: tuple[LineStyle, ...] = ("-", "--", ":", "-.")
RAW, FAINT = LIGHT.text, mixed(LIGHT.muted, LIGHT.base, 0.6)
NOT_SEPARATED = "not separated yet"
TOO_SMALL = "The figure is too small for these parts: make it larger, or show fewer of them."


@dataclass(frozen=True)
class Ink:
    """Style of a line.

    Parameters
    ----------
    colour : str
        As ``"#rrggbb"``.
    points : float
        Width in points.
    line : str or tuple, optional
        A line style of matplotlib.
    """

    colour: str
    points: float
    line: LineStyle = "-"


Entry = tuple[str, Ink | None]
"""A word of a legend, and the line it names."""


@dataclass(eq=False)
class Panel:
    """Axes with a title and a legend above them.

    Parameters
    ----------
    axes : Axes
    title : str
    entries : sequence of (str, Ink or None), optional
        Entries of the legend.
    lanes : sequence of (str, str), optional
        Names and colours of lanes, which replace the numbers of the value axis.
    weight : float, optional
        Height relative to those of other panels.
    is_log : bool, optional
        Whether the value axis is logarithmic.
    """

    axes: Axes
    title: str
    entries: Sequence[Entry] = ()
    lanes: Sequence[tuple[str, str]] | None = None
    weight: float = 1.0
    is_log: bool = False


@cache
def family() -> str:
    """Return the figures' font; TrueType only, because a PDF embeds no other as it is."""
    known = {each.name for each in fontManager.ttflist if each.fname.lower().endswith((".ttf", ".ttc"))}
    return next(each for each in FAMILIES if each in known)


@cache
def font(points: float, bold: bool = False) -> FontProperties:
    """Return the font of figures; glyphs that it lacks come from another.

    Parameters
    ----------
    points : float
        Size in points.
    bold : bool, optional

    Returns
    -------
    FontProperties
    """
    return FontProperties(family=[family(), "sans-serif"], size=points, weight="bold" if bold else "normal")


@cache
def text_width(text: str, points: float, bold: bool = False) -> float:
    """Return the width of a line of text.

    Parameters
    ----------
    text : str
    points : float
        Size of the font in points.
    bold : bool, optional

    Returns
    -------
    float
        In points.
    """
    return float(text_to_path.get_text_width_height_descent(text, font(points, bold), False)[0]) if text else 0.0


def elided(text: str, points: float, width: float) -> str:
    """Return a text, shortened by an ellipsis where it is too wide.

    Parameters
    ----------
    text : str
    points, width : float
        Size of the font, and the width that there is, in points.

    Returns
    -------
    str
    """
    if len(text) <= LONGEST and text_width(text, points) <= width:
        return text
    text = text[:LONGEST]
    return (
        text[: bisect_right(range(len(text)), width, key=lambda count: text_width(text[: count + 1] + "…", points))]
        + "…"
    )


def line_height(points: float) -> float:
    """Return the distance between lines of text.

    Parameters
    ----------
    points : float
        Size of the font in points.

    Returns
    -------
    float
        In points.
    """
    return 1.3 * points


def component_colour(rank: int, ratio: float = LIGHT.line_contrast) -> str:
    """Return the colour of a component.

    Parameters
    ----------
    rank : int
        Place in matched order, 0 for the best match.
    ratio : float, optional
        Least contrast with paper.

    Returns
    -------
    str
        As ``"#rrggbb"``.
    """
    return readable(OKABE_ITO[rank % len(OKABE_ITO)], LIGHT.base, ratio)


def component_ink(rank: int, points: float = 0.6) -> Ink:
    """Return the line of a component: eight colours, then the same again in another style.

    Parameters
    ----------
    rank : int
        Place in matched order, 0 for the best match.
    points : float, optional
        Width in points.

    Returns
    -------
    Ink
    """
    return Ink(component_colour(rank), points, LINES[(rank // len(OKABE_ITO)) % len(LINES)])


def lane_names(count: int) -> list[tuple[str, str]]:
    """Return the names of components with the colours of their text.

    Parameters
    ----------
    count : int
        Number of components.

    Returns
    -------
    list of (str, str)
    """
    return [(f"c{rank + 1}", component_colour(rank, TEXT_CONTRAST)) for rank in range(count)]


def head_height(panel: Panel, width: float) -> float:
    """Return the height of a panel's title and legend.

    Parameters
    ----------
    panel : Panel
    width : float
        Width that they may have, in points.

    Returns
    -------
    float
        In points.
    """
    return _flow(panel, width)[1] * line_height(TITLE) + MM


def _flow(panel: Panel, width: float) -> tuple[list[tuple[float, int, str, Ink | None]], int]:
    """Return the places of a legend's words, (x, line, text, ink), and how many lines they take with the title."""
    x, line = text_width(panel.title, TITLE, True) + APART, 0
    placed = []
    for text, ink in panel.entries:
        lead = SAMPLE + MM if ink is not None else 0.0
        words = elided(text, SMALL, width - lead)
        needed = lead + text_width(words, SMALL)
        if x > 0 and x + needed > width:
            x, line = 0.0, line + 1
        placed.append((x, line, words, ink))
        x += needed + APART
    return placed, line + 1


def write_head(panel: Panel, width: float, left: float = 0.0, above: float = 0.0) -> None:
    """Write a panel's title and legend above its axes.

    Parameters
    ----------
    panel : Panel
    width : float
        Width that they may have, in points.
    left, above : float, optional
        Offset from the upper left of the axes, to the right and upwards, in points.
    """
    axes = panel.axes
    placed, lines = _flow(panel, width)

    def height(line: int) -> float:
        return above + MM + (lines - line - 0.5) * line_height(TITLE)

    to_page = points_from(axes, 0, 1)
    down = 0.36  # of the size: what capitals reach above the base line, halved
    axes.text(left, height(0) - down * TITLE, panel.title, transform=to_page, color=LIGHT.text,
              fontproperties=font(TITLE, True))  # fmt: skip
    for x, line, words, ink in placed:
        y = height(line)
        if ink is not None:
            axes.add_artist(
                Line2D([left + x, left + x + SAMPLE], [y, y], transform=to_page, clip_on=False, color=ink.colour,
                       linewidth=ink.points, linestyle=ink.line, dash_capstyle="butt")
            )  # fmt: skip
            x += SAMPLE + MM
        axes.text(left + x, y - down * SMALL, words, transform=to_page, color=LIGHT.muted, fontproperties=font(SMALL))


def points_from(axes: Axes, x: float, y: float) -> Transform:
    """Return the transform of points on paper, counted from a place of the axes.

    Parameters
    ----------
    axes : Axes
    x, y : float
        The place, as parts of the axes' size.

    Returns
    -------
    Transform
    """
    figure = axes.get_figure()
    assert isinstance(figure, FigureBase)
    scale = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    return scale + ScaledTranslation(x, y, cast(Affine2DBase, axes.transAxes))


def place(axes: Axes, left: float, bottom: float, width: float, height: float) -> None:
    """Set the position of axes in their figure.

    Parameters
    ----------
    axes : Axes
    left, bottom, width, height : float
        In points from the lower left of the figure.
    """
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    across, up = figure.get_size_inches() * 72
    axes.set_position((left / across, bottom / up, width / across, height / up))


def size_of(axes: Axes) -> tuple[float, float]:
    """Return the size of axes.

    Parameters
    ----------
    axes : Axes

    Returns
    -------
    width, height : float
        In points.
    """
    box, figure = axes.get_window_extent(), axes.figure
    assert figure is not None
    return box.width / figure.dpi * 72, box.height / figure.dpi * 72


def whole(axes: Axes) -> Figure:
    """Return the figure of axes, also of axes in a subfigure.

    Parameters
    ----------
    axes : Axes

    Returns
    -------
    Figure
    """
    figure = axes.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    assert isinstance(figure, Figure)
    return figure


def check_room(*sides: float, sentence: str = TOO_SMALL) -> None:
    """Refuse a figure in which a plot is too small to be read.

    Parameters
    ----------
    *sides : float
        Widths and heights of plots in points.
    sentence : str, optional
        Message of the error.

    Raises
    ------
    DataError
        (a ValueError) When a side is shorter than `LEAST_SIDE`.
    """
    if min(sides) < LEAST_SIDE:
        raise DataError(sentence)
