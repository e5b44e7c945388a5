"""Picture of the simulated field: the ROI, its neuropil regions and the neighbours, as bright as at one frame."""

import math
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled_size

REACH, INNER, ROI, BODY = 126, 46, 34, 15
"""Radii in the picture's own units: of the whole, of the regions' inner edge, of the ROI, and of a cell."""

LOW, HIGH = 120, 230
"""Pixels in height, where there is little room, and where there is more."""

DARK = 0.12
"""Part of its colour that a source has at its least light."""


@dataclass(frozen=True)
class Source:
    """A source of light as it is drawn.

    Attributes
    ----------
    rank : int or None
        Of the component that found it, whose colour it has.
    light : float or None
        From 0 to 1; None where it is not known.
    lost : bool
        Whether there is a result, in which no component found it.
    """

    rank: int | None = None
    light: float | None = None
    lost: bool = False


@dataclass(frozen=True)
class Field:
    """What the picture shows: sources (cell, neuropil, neighbours), how many regions, and each neighbour's region."""

    sources: tuple[Source, ...] = ()
    regions: int = 4
    homes: tuple[int, ...] = ()


class FieldPicture(QWidget):
    """Draws a `Field`; the signal under the pointer is lit.

    Signals: `signal_hovered` (row, 0 for the ROI, or None).
    """

    signal_hovered = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = Field()
        self._lit: int | None = None
        self._low = False
        self.setMouseTracking(True)
        self.setObjectName("field_picture")
        self.setAccessibleName("The simulated field")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_field(self, field: Field) -> None:
        """Draw another field."""
        if field != self.field:
            self.field = field
            self.update()

    def show_lit(self, row: int | None) -> None:
        """Draw a signal's outline thick; None for none."""
        if row != self._lit:
            self._lit = row
            self.update()

    def signal_at(self, place: QPointF) -> int | None:
        """Return the row of the signal at a place in the widget, None for none."""
        across, down = (place.x() - self.width() / 2) / self._scale, (place.y() - self.height() / 2) / self._scale
        away = math.hypot(across, down)
        if away <= ROI:
            return 0
        if not INNER <= away <= REACH:
            return None
        turn = (math.atan2(across, -down) / (2 * math.pi)) % 1
        return 1 + min(int(turn * self.field.regions), self.field.regions - 1)

    def neighbour_centre(self, index: int) -> QPointF:
        """Return the centre of a neighbour in the picture's units; those of one region lie along its arc."""
        home, homes = self.field.homes[index], self.field.homes
        place = (1 + homes[:index].count(home)) / (1 + homes.count(home))
        angle = 2 * math.pi * (home + place) / self.field.regions
        middle = (INNER + REACH) / 2
        return QPointF(middle * math.sin(angle), -middle * math.cos(angle))

    def sizeHint(self) -> QSize:
        """Return a size with room for the regions, and a smaller one where there is little."""
        return scaled_size(LOW, LOW) if self._low else scaled_size(270, HIGH)

    def set_low(self, on: bool) -> None:
        """Take less height, or the usual one."""
        self._low = on
        self.updateGeometry()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Emit the signal under the pointer."""
        if event is not None:
            self.signal_hovered.emit(self.signal_at(event.localPos()))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Emit that no signal is under the pointer."""
        self.signal_hovered.emit(None)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the neuropil in the regions, then the neighbours, then the cell in its ROI."""
        field, theme = self.field, style.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(self._scale, self._scale)
        if field.sources:
            neuropil = self._brush(field.sources[1])
            for row in range(1, 1 + field.regions):
                painter.setPen(self._pen(row))
                painter.setBrush(neuropil)
                painter.drawPath(self._sector(row))
            # Where nothing is filled, the outline alone has to be seen.
            edge = QPen(QColor(theme.muted if field.sources[0].light is None else theme.base), 1)
            painter.setPen(edge)
            for index in range(len(field.homes)):
                painter.setBrush(self._brush(field.sources[2 + index]))
                painter.drawEllipse(self.neighbour_centre(index), BODY, BODY)
            # The ROI holds neuropil as well, around and in the cell.
            painter.setPen(self._pen(0))
            painter.setBrush(neuropil)
            painter.drawEllipse(QPointF(0, 0), ROI, ROI)
            painter.setPen(edge)
            painter.setBrush(self._brush(field.sources[0]))
            painter.drawEllipse(QPointF(0, 0), 0.65 * ROI, 0.65 * ROI)
            if self._lit is not None:
                painter.setPen(self._pen(self._lit))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPath(self._sector(self._lit))
        painter.end()

    @property
    def _scale(self) -> float:
        return max(min(self.width(), self.height()) / (2 * REACH + 6), 1e-3)

    def _pen(self, row: int) -> QPen:
        theme = style.current()
        return QPen(QColor(theme.text), 4) if row == self._lit else QPen(QColor(theme.muted), 1)

    def _brush(self, source: Source) -> QBrush:
        if source.light is None:
            return QBrush(Qt.BrushStyle.NoBrush)
        colour = QColor(style.current().muted) if source.rank is None else style.component_colour(source.rank)
        shade = style.mixed(colour, DARK + (1 - DARK) * min(max(source.light, 0.0), 1.0))
        return QBrush(shade, Qt.BrushStyle.BDiagPattern if source.lost else Qt.BrushStyle.SolidPattern)

    def _sector(self, row: int) -> QPainterPath:
        path = QPainterPath()
        if row == 0:
            path.addEllipse(QPointF(0, 0), ROI, ROI)
            return path
        sweep = 360 / self.field.regions
        outer, inner = (QRectF(-radius, -radius, 2 * radius, 2 * radius) for radius in (REACH, INNER))
        # Qt counts anticlockwise from three o'clock; regions go clockwise from noon.
        start = 90 - (row - 1) * sweep
        path.arcMoveTo(outer, start)
        path.arcTo(outer, start, -sweep)
        path.arcTo(inner, start - sweep, sweep)
        path.closeSubpath()
        return path
