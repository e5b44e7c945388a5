"""Heatmaps of signals, mixing, components and residual: the product that a separation is."""

import numpy as np
from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.core.analysis.factors import Factors, factors
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled, scaled_size

NAMES = ("signals", "mixing", "components", "residual")
SHARES = (3.0, 1.6, 3.0)
"""Widths of signals, mixing and components relative to each other; the residual is as wide as the signals, below."""

CENTRE = int(Qt.AlignmentFlag.AlignCenter)

STRIPE = 3
"""Pixels of the stripe in a component's colour."""

FADED = 170
"""Opacity, to 255, of the veil over what is not lit."""


class FactorMaps(QWidget):
    """Heatmaps of the product in a row, and of the residual below the signals.

    The residual's colours go as far as the signals' do, but about 0.

    Signals: `component_hovered` (rank from 0, or None).
    """

    component_hovered = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.factors: Factors | None = None
        self._images: tuple[QImage, ...] = ()
        self._lit: int | None = None
        self._hovered: int | None = None
        self.setObjectName("factor_maps")
        self.setAccessibleName("Signals as mixing times components")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_result(self, cell: Cell | None, separation: Separation | None) -> None:
        """Draw the factors of a separation; nothing where there is none."""
        self.factors = factors(cell, separation) if cell is not None and separation is not None else None
        self._colour()

    def show_lit(self, component: int | None) -> None:
        """Fade all columns and rows but those of a component, by its rank; None fades none."""
        if component != self._lit:
            self._lit = component
            self.update()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self._colour()

    def sizeHint(self) -> QSize:
        """Return a size in which the rows can be told apart."""
        return scaled_size(290, 240)

    def minimumSizeHint(self) -> QSize:
        """Return a size in which names and maps do not overlap."""
        return QSize(scaled(200), 2 * self._top() + scaled(50))

    def _colour(self) -> None:
        made = self.factors
        self._images = ()
        if made is not None:
            half = float(np.nanmax(made.signals) - np.nanmin(made.signals)) / 2 or 1.0
            self._images = (
                _image(made.signals, float(np.nanmin(made.signals)), float(np.nanmax(made.signals)), False),
                _own_image(made.mixing),
                _own_image(made.components),
                _image(made.residual, -half, half, True),
            )
        self.update()

    # Places

    def _top(self) -> int:
        return self.fontMetrics().height() + STRIPE + 4

    def rooms(self) -> list[QRectF]:
        """Return where each map is."""
        gap = float(self.fontMetrics().horizontalAdvance(" ≈ "))
        across = self.width() - 20 - gap * (len(SHARES) - 1)
        high = (self.height() - 2 * self._top() - 6) / 2
        rooms, left = [], 10.0
        for share in SHARES:
            width = across * share / sum(SHARES)
            rooms.append(QRectF(left, self._top(), width, high))
            left += width + gap
        return [*rooms, rooms[0].translated(0, high + self._top())]

    def component_at(self, place: QPointF) -> int | None:
        """Return the rank of the component whose column or row is at a place, None for none."""
        if self.factors is None:
            return None
        _, mixing, components, _ = self.rooms()
        count = len(self.factors.components)
        if mixing.contains(place):
            return min(int((place.x() - mixing.left()) / mixing.width() * count), count - 1)
        if components.contains(place):
            return min(int((place.y() - components.top()) / components.height() * count), count - 1)
        return None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Emit the component under the pointer, and name it in the tool tip."""
        if event is not None:
            self._hover(self.component_at(event.localPos()))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Emit that no component is under the pointer."""
        self._hover(None)

    def _hover(self, rank: int | None) -> None:
        if rank != self._hovered:
            self._hovered = rank
            name = f"c{rank + 1}: its column of the mixing times its row of the components" if rank is not None else ""
            self.setToolTip(name or "Each signal is a sum of the components, as much of each as the mixing holds")
            self.component_hovered.emit(rank)

    # Drawing

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the maps with their names, and stripes in the colours of the components."""
        painter, theme, rooms = QPainter(self), style.current(), self.rooms()
        if not self._images or self.factors is None:
            return
        for name, room, image in zip(NAMES, rooms, self._images, strict=True):
            painter.drawImage(room, image)
            painter.setPen(QColor(theme.muted))
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()) + 12)
            line = QRectF(room.left() - 6, room.top() - self._top(), room.width() + 12, self.fontMetrics().height())
            painter.drawText(line, CENTRE, text)
        painter.setPen(QColor(theme.text))
        for sign, before, room in zip(("≈", "×"), rooms, rooms[1:3], strict=False):
            between = QRectF(before.right(), room.top(), room.left() - before.right(), room.height())
            painter.drawText(between, CENTRE, sign)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        veil = QColor(theme.base)
        veil.setAlpha(FADED)
        count = len(self.factors.components)
        _, mixing, components, _ = rooms
        for rank in range(count):
            wide, high = mixing.width() / count, components.height() / count
            column = QRectF(mixing.left() + rank * wide, mixing.top(), wide, mixing.height())
            row = QRectF(components.left(), components.top() + rank * high, components.width(), high)
            colour = style.component_colour(rank)
            painter.fillRect(QRectF(column.left(), column.top() - STRIPE - 1, wide - 1, STRIPE), colour)
            painter.fillRect(QRectF(row.left() - STRIPE - 1, row.top(), STRIPE, high - 1), colour)
            if self._lit is not None and rank != self._lit:
                painter.fillRect(column, veil)
                painter.fillRect(row, veil)


def _own_image(values: FloatArray) -> QImage:
    """Return values as colours from 0 to their greatest, or about 0 where some are negative."""
    most = float(np.nanmax(np.abs(values))) or 1.0
    signed = bool((values < 0).any())
    return _image(values, -most if signed else 0.0, most, signed)


def _image(values: FloatArray, low: float, high: float, signed: bool) -> QImage:
    """Return values as colours between two limits; NaN has the colour of the lower."""
    scaled = np.nan_to_num((values - low) / ((high - low) or 1.0)).clip(0, 1)
    pixels = np.ascontiguousarray(style.heatmap_colours(signed).map(scaled.ravel(), mode="byte"))
    rows, columns = values.shape
    pixels = pixels.reshape(rows, columns, 4)
    return QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
