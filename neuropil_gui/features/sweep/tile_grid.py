"""Tile grid: one tile for each pair of settings, coloured by a number, with a miniature of the best match."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PyQt5.QtWidgets import QToolTip, QWidget

from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.features.sweep import words
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import Scale
from neuropil_gui.ui.sizes import letters, scaled, scaled_size

Place = tuple[int, int]

THUMB = (90, 40)
"""Least width and height in pixels of a tile that shows its best match."""

LEFT, BOTTOM, TOP, RIGHT = 76, 44, 8, 12
"""Margins around the tiles in pixels."""

INSIDE = 9
"""Pixels from a tile's edge to its number and trace: clear of the frame of the current settings."""

FONT, MARK = 11, 13
"""Pixels of the texts, and from a tile's edges to the middle of a mark."""

NOT_CONVERGED, COLLAPSED = Qt.BrushStyle.FDiagPattern, Qt.BrushStyle.BDiagPattern
STEPS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1),
}  # fmt: skip


class TileGrid(QWidget):
    """Tiles of a plan, x to the right and y upwards.

    Signals: `chosen` (place) by a click or Enter, `pointed` (place or None) by the pointer or the arrow keys.

    Attributes
    ----------
    picture : QPixmap or None
        Tiles as they were painted last; None where all must be painted again.
    """

    chosen = pyqtSignal(object)
    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tile_grid")
        self.setAccessibleName("Map of separations")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.plan: SweepPlan | None = None
        self.tiles: dict[Place, Tile] = {}
        self.number = "r_neuropil"
        self.scale = Scale(np.empty(0))
        self.cursor_at: Place = (0, 0)
        self._present: tuple[Place, bool] | None = None
        self.picture: QPixmap | None = None
        self._changed: set[Place] = set()

    def show_tiles(self, plan: SweepPlan | None, tiles: Mapping[Place, Tile], number: str) -> None:
        """Draw the tiles of a plan that are done, coloured by the number with this key."""
        is_new = plan != self.plan or number != self.number
        if plan != self.plan:
            self.cursor_at = (0, 0) if self._present is None else self._present[0]
        before, self.tiles = self.tiles, dict(tiles)
        self.plan, self.number, scale = plan, number, self.scale
        self.scale = Scale(np.array(list(self.values().values())), number in ("iterations", "seconds"))
        if is_new or not self.scale.is_like(scale):
            self.redraw()
        else:
            places = before.keys() | self.tiles.keys()
            self._changed |= {place for place in places if self.tiles.get(place) is not before.get(place)}
            self.update()

    def show_present(self, present: tuple[Place, bool] | None) -> None:
        """Frame the tile of the current settings; the flag is False where it is only the nearest."""
        if present != self._present:
            self._present = present
            if present is not None and not self.hasFocus():
                self.cursor_at = present[0]
            self.update()

    @property
    def present(self) -> tuple[Place, bool] | None:
        """The framed tile, and whether it has exactly the current settings; or None."""
        return self._present

    def values(self) -> dict[Place, float]:
        """Return the number of each tile, NaN where it has none."""
        return {place: tile.value(self.number) for place, tile in self.tiles.items()}

    def redraw(self) -> None:
        """Paint all tiles again at the next paint event."""
        self.picture = None
        self.update()

    # Places

    def rect_of(self, place: Place) -> QRectF:
        """Return the rectangle of a tile."""
        width, height = self.tile_size()
        rows = self.plan.rows if self.plan is not None else 1
        return QRectF(scaled(LEFT) + place[0] * width, scaled(TOP) + (rows - 1 - place[1]) * height, width, height)

    def tile_size(self) -> tuple[float, float]:
        """Return width and height of a tile in pixels."""
        columns, rows = (self.plan.columns, self.plan.rows) if self.plan is not None else (1, 1)
        width, height = self.width() - scaled(LEFT) - scaled(RIGHT), self.height() - scaled(TOP) - scaled(BOTTOM)
        return max(width, 1) / columns, max(height, 1) / rows

    def place_at(self, point: QPoint) -> Place | None:
        """Return the tile at a point, or None."""
        if self.plan is None:
            return None
        width, height = self.tile_size()
        column = math.floor((point.x() - scaled(LEFT)) / width)
        row = self.plan.rows - 1 - math.floor((point.y() - scaled(TOP)) / height)
        return (column, row) if 0 <= column < self.plan.columns and 0 <= row < self.plan.rows else None

    @property
    def has_thumbnails(self) -> bool:
        """Whether tiles are large enough to show their best match."""
        width, height = self.tile_size()
        return width >= scaled(THUMB[0]) and height >= scaled(THUMB[1])

    # The pointer and the keys

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Emit `pointed`."""
        if event is not None:
            self.pointed.emit(self.place_at(event.pos()))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Emit `pointed` with None."""
        self.pointed.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Emit `chosen`."""
        place = self.place_at(event.pos()) if event is not None else None
        if event is not None and event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.cursor_at = place
            self.update()
            self.chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move the cursor with the arrow keys, and choose its tile with Enter."""
        if event is None or self.plan is None:
            return
        step = STEPS.get(cast(Qt.Key, event.key()))
        if step is not None:
            column = min(max(self.cursor_at[0] + step[0], 0), self.plan.columns - 1)
            self.cursor_at = (column, min(max(self.cursor_at[1] + step[1], 0), self.plan.rows - 1))
            self.update()
            self.pointed.emit(self.cursor_at)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.cursor_at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Show the tool tip of the tile under the pointer."""
        if event is not None and event.type() == QEvent.Type.ToolTip:
            help_event = cast(QHelpEvent, event)
            QToolTip.showText(help_event.globalPos(), self.tip_at(help_event.pos()), self)
            return True
        return super().event(event)

    def tip_at(self, point: QPoint) -> str:
        """Return the tool tip at a point."""
        place = self.place_at(point)
        return "" if self.plan is None or place is None else words.tip(self.plan, place, self.tiles.get(place))

    # Drawing

    def sizeHint(self) -> QSize:
        """Return a size in which the tiles can be read."""
        return scaled_size(700, 380)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Paint tiles that have changed, then the frames over them."""
        if self.plan is None:
            return
        ratio = self.devicePixelRatioF()
        if self.picture is None or self.picture.size() != self.size() * ratio:
            self.picture = QPixmap(self.size() * ratio)
            self.picture.setDevicePixelRatio(ratio)
            self.picture.fill(QColor(style.current().base))
            self._changed = set(self.plan.tiles())
            painter = QPainter(self.picture)
            painter.setFont(_font(letters(scaled(FONT))))
            self._paint_axes(painter, self.plan)
            painter.end()
        if self._changed:
            # Paint only these: painting all tiles takes longer than a frame of the screen.
            painter = QPainter(self.picture)
            painter.setFont(_font(letters(scaled(FONT))))
            for place in self._changed:
                self._paint_tile(painter, place)
            painter.end()
            self._changed = set()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self.picture)
        if self._present is not None:
            self._frame(
                painter, self._present[0], 3, Qt.PenStyle.SolidLine if self._present[1] else Qt.PenStyle.DotLine
            )
        if self.hasFocus():
            self._frame(painter, self.cursor_at, 1, Qt.PenStyle.DashLine, 9)
        painter.end()

    def _frame(self, painter: QPainter, place: Place, width: int, line: Qt.PenStyle, inset: int = 3) -> None:
        rect = self.rect_of(place).adjusted(inset, inset, -inset - 1, -inset - 1)
        # Dark between two light lines is visible on light and on dark tiles.
        for colour, wide, pattern in (("white", width + 4, Qt.PenStyle.SolidLine), ("black", width, line)):
            pen = QPen(QColor(colour), wide, pattern)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(rect)

    def _paint_tile(self, painter: QPainter, place: Place) -> None:
        rect, tile = self.rect_of(place).adjusted(0, 0, -1, -1), self.tiles.get(place)
        value = tile.value(self.number) if tile is not None else math.nan
        back = QColor(style.current().window if tile is None else style.current().grid)
        if math.isfinite(value):
            back = self.scale.colour(value)
        painter.fillRect(rect, back)
        if tile is None:
            return
        colour = style.ink(back)
        if tile.error:
            painter.setPen(QPen(QColor(style.current().error), 1.5))
            inner = rect.adjusted(4, 4, -4, -4)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.bottomLeft(), inner.topRight())
            return
        hatch = QColor(colour)
        hatch.setAlpha(150)
        if tile.collapsed:
            painter.fillRect(rect, QBrush(hatch, COLLAPSED))
        if not tile.converged and not tile.draft:
            painter.fillRect(rect, QBrush(hatch, NOT_CONVERGED))
        self._paint_inside(painter, rect, tile, value, back)
        if min(rect.width(), rect.height()) >= 3 * scaled(MARK):
            corner = QPointF(rect.right() - scaled(MARK), rect.top() + scaled(MARK))
            if tile.unchecked and not tile.draft:
                paint_ring(painter, corner, colour)
            if tile.over_subtracted:
                paint_triangle(painter, corner + QPointF(0, rect.height() - 2 * scaled(MARK)), back)

    def _paint_inside(self, painter: QPainter, rect: QRectF, tile: Tile, value: float, back: QColor) -> None:
        """Write the number, and draw the best match below it where there is room."""
        text, metrics = words.number_text(self.number, value), QFontMetricsF(painter.font())
        large = self.has_thumbnails
        colour, line = style.ink(back), metrics.height()
        width = metrics.horizontalAdvance(text)
        if width + 6 <= rect.width() and line <= rect.height():
            written = QRectF(0, 0, width + 6, line)
            if large:
                written.moveTopLeft(rect.topLeft() + QPointF(scaled(INSIDE), scaled(INSIDE)))
            else:
                written.moveCenter(rect.center())
            if tile.collapsed or not tile.converged:
                painter.fillRect(written, back)
            painter.setPen(colour)
            painter.drawText(written, int(Qt.AlignmentFlag.AlignCenter), text)
        if large:
            room = rect.adjusted(scaled(INSIDE), line + scaled(INSIDE), -scaled(INSIDE), -scaled(INSIDE))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour, 1))
            painter.drawPolyline(thumbnail(tile.trace[1], room))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_axes(self, painter: QPainter, plan: SweepPlan) -> None:
        theme, metrics = style.current(), QFontMetricsF(painter.font())
        width, height = self.tile_size()
        painter.setPen(QColor(theme.text))
        texts = words.labels(plan.x)
        stride = max(1, math.ceil((max(map(metrics.horizontalAdvance, texts)) + 6) / width))
        foot = scaled(TOP) + plan.rows * height
        for column in range(0, plan.columns, stride):
            centre = scaled(LEFT) + (column + 0.5) * width
            room = QRectF(centre - scaled(60), foot + scaled(3), scaled(120), scaled(16))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), texts[column])
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if plan.y is not None:
            stride = max(1, math.ceil(metrics.height() / height))
            for row, text in list(enumerate(words.labels(plan.y)))[::stride]:
                room = QRectF(scaled(22), self.rect_of((0, row)).top(), scaled(LEFT - 28), height)
                painter.drawText(room, right, text)
        painter.setPen(QColor(theme.muted))
        room = QRectF(scaled(LEFT), foot + scaled(22), plan.columns * width, scaled(18))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), plan.x.name)
        if plan.y is not None:
            painter.save()
            painter.translate(4, scaled(TOP) + plan.rows * height / 2)
            painter.rotate(-90)
            painter.drawText(
                QRectF(-scaled(80), 0, scaled(160), scaled(18)), int(Qt.AlignmentFlag.AlignCenter), plan.y.name
            )
            painter.restore()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.redraw()


def paint_ring(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """Mark a tile as not compared with FISSA's own result."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 2.5, 2.5)
    painter.restore()


def paint_triangle(painter: QPainter, at: QPointF, back: QColor) -> None:
    """Ask of a tile whether too much was taken out: in the colour of warnings, edged where it would not be seen."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.ink(back), 1))
    painter.setBrush(QColor(style.current().warning))
    painter.drawPolygon(QPolygonF([at + QPointF(-4, -3), at + QPointF(4, -3), at + QPointF(0, 4)]))
    painter.restore()


def thumbnail(trace: NDArray[np.float32], room: QRectF) -> QPolygonF:
    """Return `trace` as a polygon that fills `room`, with one point for each pixel."""
    if trace.size == 0:
        return QPolygonF()
    points = max(2, min(trace.size, int(room.width())))
    starts = np.arange(points) * trace.size // points
    values = np.maximum.reduceat(trace, starts)
    low, high = float(values.min()), float(values.max())
    polygon: QPolygonF = pg.functions.create_qpolygonf(points)
    corners = pg.functions.ndarray_from_qpolygonf(polygon)
    corners[:, 0] = room.left() + np.arange(points) * (room.width() / (points - 1))
    corners[:, 1] = room.bottom() - (values - low) * (room.height() / (high - low or 1.0))
    return polygon


def _font(pixels: int) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    return font
