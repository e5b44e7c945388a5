"""Words, lines and ticks on paper: sizes in points, places in hundredths of a millimetre."""

import math

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QPen

from neuropil_gui.features.figures.content import PAPER, Ink

UNITS_PER_INCH = 2540
MM = 100.0
POINT = UNITS_PER_INCH / 72
#: What journals ask for, then what has the same widths, then what Linux has at least.
FAMILIES = ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "DejaVu Sans")
TITLE, LABEL, SMALL, LEAST = 8.0, 8.0, 7.0, 5.0
MARGIN, GAP, TICK = 2.0 * MM, 3.0 * MM, 1.0 * MM
EDGE = 0.3 * MM
LEAST_SIDE = 8.0 * MM
AXIS = Ink(PAPER.muted, 0.5)


def family() -> str:
    """Return the family of the figure's font."""
    # Where two foundries have a family, Qt adds the foundry in brackets.
    present = {each.split(" [")[0] for each in QFontDatabase().families()}
    return next((each for each in FAMILIES if each in present), QFont().defaultFamily())


class FigureWriter:
    """Writes and rules on a page."""

    def __init__(self, painter: QPainter, width: float, height: float) -> None:
        self._painter = painter
        self._page = QRectF(0, 0, width, height)
        self._family = family()

    def _flow(
        self, title: str, legend: tuple[tuple[str, Ink | None], ...], width: float, at: QPointF | None = None
    ) -> float:
        """Return the height of a title and its legend; draw them if `at` is given."""
        line, sample, apart = self._line(TITLE), 4.5 * MM, 3.0 * MM
        x, y = self._width(title, TITLE, bold=True) + apart, line / 2
        if at is not None:
            self._text(title, at.x(), at.y() + y, TITLE, Qt.AlignmentFlag.AlignLeft, bold=True)
        for text, ink in legend:
            lead = sample + 1.0 * MM if ink is not None else 0.0
            words = QFontMetricsF(self._font(SMALL)).elidedText(text, Qt.TextElideMode.ElideRight, width - lead)
            needed = lead + self._width(words, SMALL)
            if x > 0 and x + needed > width:
                x, y = 0.0, y + line
            if at is not None:
                if ink is not None:
                    self._rule(at.x() + x, at.y() + y, at.x() + x + sample, at.y() + y, ink)
                self._text(words, at.x() + x + lead, at.y() + y, SMALL, Qt.AlignmentFlag.AlignLeft, PAPER.muted)
            x += needed + apart
        return y + line / 2 + 1.0 * MM

    def _fitting(self, label: str, power: int, room: float) -> str:
        """Return an axis' label, without its unit where there is no room for it; the power of ten stays."""
        whole = scaled(label, power)
        return whole if self._width(whole, LABEL) <= room else scaled(label.split(" (")[0], power)

    def _font(self, points: float, bold: bool = False) -> QFont:
        font = QFont(self._family)
        font.setPixelSize(max(round(points * POINT), 1))
        font.setBold(bold)
        font.setHintingPreference(QFont.PreferNoHinting)
        return font

    def _width(self, text: str, points: float, bold: bool = False) -> float:
        return QFontMetricsF(self._font(points, bold)).horizontalAdvance(text)

    def _line(self, points: float) -> float:
        return 1.3 * points * POINT

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        points: float,
        align: Qt.AlignmentFlag,
        colour: str = PAPER.text,
        bold: bool = False,
    ) -> None:
        """Write a line of text with its capitals centred on `y`."""
        font = self._font(points, bold)
        metrics = QFontMetricsF(font)
        left = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignHCenter: 0.5, Qt.AlignmentFlag.AlignRight: 1.0}[
            align
        ]
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        self._painter.drawText(QPointF(x - left * metrics.horizontalAdvance(text), y + 0.5 * metrics.capHeight()), text)

    def _rule(self, x1: float, y1: float, x2: float, y2: float, ink: Ink = AXIS) -> None:
        self._painter.setPen(self._pen(ink))
        self._painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))

    def _pen(self, ink: Ink) -> QPen:
        return QPen(QColor(ink.colour), ink.points * POINT, ink.line, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def ticks(low: float, high: float, most: int) -> tuple[list[float], list[str], int]:
    """Return round places between two values, their texts, and the power of ten that the texts leave out."""
    raw = (high - low) / max(most, 1)
    size = 10.0 ** math.floor(math.log10(raw))
    part = next(each for each in (1, 2, 2.5, 5, 10) if each * size >= 0.75 * raw)
    step = part * size
    places = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    largest = max(abs(low), abs(high))
    power = math.floor(math.log10(largest)) if largest >= 1e5 or largest < 1e-2 else 0
    decimals = max(power - math.floor(math.log10(step) + 1e-9) + (part == 2.5), 0)
    texts = [f"{place / 10.0**power + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}") for place in places]
    return places, texts, power


def scaled(label: str, power: int) -> str:
    """Put a power of ten into an axis' label."""
    if not power:
        return label
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return label.replace("(", f"(10{raised} ", 1) if "(" in label else f"{label} (10{raised})"
