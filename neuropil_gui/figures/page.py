"""Layout of figures: fonts and line widths in points, axes with round numbers, panels with a title and a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from matplotlib.transforms import Affine2D, Affine2DBase, ScaledTranslation, Transform

from neuropil_gui.core.errors import DataError
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, TEXT_CONTRAST, readable

FAMILIES = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
"""Font families in order of preference: the journals', one with the same widths, and matplotlib's own."""

TITLE, LABEL, SMALL, LEAST = 8.0, 8.0, 7.0, 5.0
"""Sizes of text in points."""

MM = 72 / 25.4
"""Points in a millimetre."""

MARGIN, GAP, TICK, SAMPLE, APART = 2.0 * MM, 3.0 * MM, 1.0 * MM, 4.5 * MM, 3.0 * MM
LEAST_SIDE = 8.0 * MM
LineStyle = Literal["-", "--", ":", "-."]
LINES: tuple[LineStyle, ...] = ("-", "--", ":", "-.")
RAW, FAINT = LIGHT.text, "#9AA1A9"
NOT_SEPARATED = "not separated yet"
TOO_SMALL = "The figure is too small for these parts: make it larger, or show fewer of them."


@dataclass(frozen=True)
class Ink:
    """How a line is drawn: its colour, its width in points, its style in matplotlib's terms."""

    colour: str
    points: float
    line: LineStyle = "-"


Entry = tuple[str, Ink | None]
"""A word of a legend, and the line it names."""


@dataclass(eq=False)
class Panel:
    """Axes with a title and a legend above them; `lanes` are names and colours in place of a scale."""

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
    """Return the font at a size; glyphs that it lacks are those of another."""
    return FontProperties(family=[family(), "sans-serif"], size=points, weight="bold" if bold else "normal")


@cache
def text_width(text: str, points: float, bold: bool = False) -> float:
    """Return the width of a line of text in points."""
    return float(text_to_path.get_text_width_height_descent(text, font(points, bold), False)[0]) if text else 0.0


def elided(text: str, points: float, width: float) -> str:
    """Return as much of a text as there is room for."""
    if text_width(text, points) <= width:
        return text
    count = len(text)
    while count and text_width(text[:count] + "…", points) > width:
        count -= 1
    return text[:count] + "…"


def line_height(points: float) -> float:
    """Return the distance of lines of text."""
    return 1.3 * points


def component_colour(rank: int, ratio: float = LIGHT.line_contrast) -> str:
    """Return the colour of the component with this rank, 0 the best match, with this contrast on paper at least."""
    return readable(OKABE_ITO[rank % len(OKABE_ITO)], LIGHT.base, ratio)


def component_ink(rank: int, points: float = 0.6) -> Ink:
    """Return a component's line: eight colours, then the same again in another style."""
    return Ink(component_colour(rank), points, LINES[(rank // len(OKABE_ITO)) % len(LINES)])


def lane_names(count: int) -> list[tuple[str, str]]:
    """Return the names of the components, and the colours of their text."""
    return [(f"c{rank + 1}", component_colour(rank, TEXT_CONTRAST)) for rank in range(count)]


def dress(axes: Axes) -> None:
    """Give axes thin spines at the left and at the bottom, and round numbers."""
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=LIGHT.muted, linewidth=0.5)
    axes.tick_params(
        which="both", length=TICK, width=0.5, pad=0.6 * TICK, labelsize=SMALL, labelfontfamily=family(),
        color=LIGHT.muted, labelcolor=LIGHT.text, direction="out", top=False, right=False,
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(fontproperties=font(LABEL), color=LIGHT.text)
        axis.offsetText.set_visible(False)


COUNTED = ("Frame", "Iteration", "Run")
"""The labels of axes that have whole numbers."""


def scale_axis(axis: Axis, label: str, room: float, most: int, integer: bool = False) -> None:
    """Choose round (or whole) numbers, about so many, and write the label with their power of ten.

    The label's unit is left out where there is no room for it.
    """
    formatter = ScalarFormatter(useOffset=False)
    formatter.set_powerlimits((-3, 5))
    axis.set_major_formatter(formatter)
    axis.set_major_locator(MaxNLocator(max(most, 2), steps=[1, 2, 2.5, 5, 10], integer=integer or label in COUNTED))
    tick_texts(axis)
    power = formatter.get_offset().removeprefix("1e").replace("\N{MINUS SIGN}", "-")
    whole = with_power(label, power)
    if text_width(whole, LABEL) > room:
        whole = with_power(label.split(" (")[0], power)
    axis.set_label_text(elided(whole, LABEL, room))


def with_power(label: str, power: str) -> str:
    """Put a power of ten into an axis' label."""
    if not power:
        return label
    raised = power.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return label.replace("(", f"(10{raised} ", 1) if "(" in label else f"{label} (10{raised})"


def tick_places(axis: Axis) -> list[float]:
    """Return the places of the ticks that are seen."""
    low, high = sorted(axis.get_view_interval())
    room = 1e-9 * (high - low)
    return [place for place in axis.get_majorticklocs() if low - room <= place <= high + room]


def tick_texts(axis: Axis) -> list[str]:
    """Return what is written at these."""
    return axis.get_major_formatter().format_ticks(tick_places(axis))


def overhang(axis: Axis, length: float) -> float:
    """Return by how much the numbers of a horizontal axis of this length reach over its end and half the margin."""
    low, high = axis.get_view_interval()
    halves = [text_width(text, SMALL) / 2 for text in tick_texts(axis)]
    ends = [(place - low) / (high - low) * length for place in tick_places(axis)]
    return max(0.0, *(end + half - length - MARGIN / 2 for end, half in zip(ends, halves, strict=True)), 0.0)


def head_height(panel: Panel, width: float) -> float:
    """Return the room that a panel's title and legend take."""
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
    """Write a panel's title and legend over its axes, from `left` points beside and `above` points over them on."""
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
    """Return the transform of points on paper, counted from a place of the axes as parts of their size."""
    figure = axes.get_figure()
    assert isinstance(figure, FigureBase)
    scale = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    return scale + ScaledTranslation(x, y, cast(Affine2DBase, axes.transAxes))


def place(axes: Axes, left: float, bottom: float, width: float, height: float) -> None:
    """Put axes at a place of their figure, in points from its lower left."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    across, up = figure.get_size_inches() * 72
    axes.set_position((left / across, bottom / up, width / across, height / up))


def size_of(axes: Axes) -> tuple[float, float]:
    """Return the width and the height of axes in points."""
    box, figure = axes.get_window_extent(), axes.figure
    assert figure is not None
    return box.width / figure.dpi * 72, box.height / figure.dpi * 72


def whole(axes: Axes) -> Figure:
    """Return the figure of axes, also of those in a part of one."""
    figure = axes.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    assert isinstance(figure, Figure)
    return figure


def check_room(*sides: float, sentence: str = TOO_SMALL) -> None:
    """Refuse a figure in which a plot has a side that is too short to be read.

    Raises
    ------
    DataError
        (a ValueError) When one is.
    """
    if min(sides) < LEAST_SIDE:
        raise DataError(sentence)
