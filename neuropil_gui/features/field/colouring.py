"""Colours of the cells' outlines: one for all, by mark, or by a number."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PyQt5.QtGui import QColor

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.marks import VERDICTS
from neuropil_gui.core.recording import Recording
from neuropil_gui.figures.palette import DARK, OKABE_ITO
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.state.session import Session
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import Scale

LEAST_CONTRAST = 2.5
"""Of the colour of a number with black."""

PLAIN = OKABE_ITO[5]
UNKNOWN = DARK.muted
MARKS = dict(zip(VERDICTS, (OKABE_ITO[2], OKABE_ITO[4], OKABE_ITO[1]), strict=True))
"""Colour of each verdict; of the picture, which is dark in both themes."""

FACTS = {
    "probability": ("suite2p's probability", "suite2p's probability that it is a cell, from its iscell"),
    "snr": ("CaImAn's SNR", "CaImAn's signal to noise ratio"),
}

OF_RESULT = ("r_neuropil", "r_neuropil_raw", "score", "alive", "explained", "negative", "r_truth")


@dataclass(frozen=True)
class Way:
    """A way to colour cells: its key, name and tool tip."""

    key: str
    name: str
    tip: str


@dataclass(frozen=True, eq=False)
class Coloured:
    """Colours of cells by index, and the scale of their values; None where they are not of numbers."""

    colours: Mapping[int, QColor]
    scale: Scale | None = None
    text: Callable[[float], str] = str
    name: str = ""
    values: Mapping[int, float] | None = None
    legend: Mapping[str, str] | None = None


def ways() -> list[Way]:
    """Return all ways to colour cells."""
    return [
        Way("plain", "one colour", "All cells alike"),
        Way("mark", "mark", "Green accepted, red rejected, orange to look at again, grey without a mark"),
        *(Way(key, NUMBERS[key].name, f"{NUMBERS[key].help} {NUMBERS[key].lies_when}") for key in OF_RESULT),
        *(Way(key, name, tip) for key, (name, tip) in FACTS.items()),
        Way("others", "other cells in a region", "The greatest share of other cells in any region of a cell"),
        Way("pixels", "pixels", "Pixels of the ROI"),
    ]


def coloured(key: str, field: FieldOfView, session: Session, recording: Recording) -> Coloured:
    """Return the colours of the cells of a field of view."""
    if key == "plain":
        return Coloured(dict.fromkeys(field.cells, QColor(PLAIN)))
    if key == "mark":
        marks = session.marks.all
        return Coloured(
            {
                index: QColor(MARKS.get(marks[index].verdict, UNKNOWN) if index in marks else UNKNOWN)
                for index in field.cells
            },
            legend={**MARKS, "no mark": UNKNOWN},
        )
    values = _values(key, field, session, recording)
    scale = Scale(np.array(list(values.values()) or [0.0, 1.0]))
    if not values:
        return Coloured(dict.fromkeys(field.cells, QColor(UNKNOWN)))
    # Dark colours would not be seen on the picture.
    light = {index: style.readable(scale.colour(each), DARK.base, LEAST_CONTRAST) for index, each in values.items()}
    colours = {index: light.get(index, QColor(UNKNOWN)) for index in field.cells}
    number = NUMBERS.get(key)
    name = number.name if number is not None else next(way.name for way in ways() if way.key == key)
    return Coloured(colours, scale, number.text if number is not None else _plain_text(key), name, values)


def _plain_text(key: str) -> Callable[[float], str]:
    return (lambda value: f"{100 * value:.0f} %") if key == "others" else (lambda value: f"{value:,.3g}")


def _values(key: str, field: FieldOfView, session: Session, recording: Recording) -> dict[int, float]:
    """Return the finite values of a number by the index of the cell."""
    found: dict[int, float]
    if key == "others":
        found = field.greatest_shares
    elif key == "pixels":
        found = {index: float(len(cell.regions.pixels[0])) for index, cell in field.cells.items()}
    elif key in FACTS:
        headers = recording.cells.headers
        facts = {index: dict(headers[index].facts).get(key) for index in field.cells}
        found = {index: float(value) for index, value in facts.items() if isinstance(value, int | float)}
    else:
        found = {index: outcome.numbers.get(key, math.nan) for index, outcome in session.outcomes()}
    return {index: value for index, value in found.items() if index in field.cells and math.isfinite(value)}
