"""Axes of figures: thin spines, and round numbers whose power of ten is in the label."""

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from neuropil_gui.figures.page import LABEL, MARGIN, SMALL, TICK, elided, family, font, text_width
from neuropil_gui.figures.palette import LIGHT


def dress(axes: Axes) -> None:
    """Style axes: thin spines at the left and at the bottom, small ticks, the font of figures.

    Parameters
    ----------
    axes : Axes
    """
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
    """Choose round numbers for an axis, and write its label with their power of ten.

    The label's unit is left out where there is no room for it.

    Parameters
    ----------
    axis : Axis
    label : str
    room : float
        Length that the label may have, in points.
    most : int
        Most intervals between the numbers.
    integer : bool, optional
        Use whole numbers only.
    """
    formatter = ScalarFormatter(useOffset=False)
    formatter.set_powerlimits((-3, 5))
    axis.set_major_formatter(formatter)
    axis.set_major_locator(MaxNLocator(max(most, 2), steps=[1, 2, 2.5, 5, 10], integer=integer or label in COUNTED))
    tick_texts(axis)
    power = formatter.get_offset().removeprefix("1e").replace("\N{MINUS SIGN}", "-")
    whole = _with_power(label, power)
    if text_width(whole, LABEL) > room:
        whole = _with_power(label.split(" (")[0], power)
    axis.set_label_text(elided(whole, LABEL, room))


def _with_power(label: str, power: str) -> str:
    """Return the label of an axis with a power of ten, whose exponent may be empty."""
    if not power:
        return label
    raised = power.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return label.replace("(", f"(10{raised} ", 1) if "(" in label else f"{label} (10{raised})"


def _tick_places(axis: Axis) -> list[float]:
    """Return the values of the ticks in view."""
    low, high = sorted(axis.get_view_interval())
    room = 1e-9 * (high - low)
    return [place for place in axis.get_majorticklocs() if low - room <= place <= high + room]


def tick_texts(axis: Axis) -> list[str]:
    """Return the texts of the ticks in view.

    Parameters
    ----------
    axis : Axis

    Returns
    -------
    list of str
    """
    return axis.get_major_formatter().format_ticks(_tick_places(axis))


def overhang(axis: Axis, length: float) -> float:
    """Return by how much the numbers of a horizontal axis reach beyond its end and half the margin.

    Parameters
    ----------
    axis : Axis
    length : float
        In points.

    Returns
    -------
    float
        In points, at least 0.
    """
    low, high = axis.get_view_interval()
    halves = [text_width(text, SMALL) / 2 for text in tick_texts(axis)]
    ends = [(place - low) / (high - low) * length for place in _tick_places(axis)]
    return max(0.0, *(end + half - length - MARGIN / 2 for end, half in zip(ends, halves, strict=True)), 0.0)
