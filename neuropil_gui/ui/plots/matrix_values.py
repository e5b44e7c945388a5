"""Numbers written on the tiles of a heatmap."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QFont, QPainter
from PyQt5.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

SMALLEST, LARGEST = 8, 13

CENTRED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip)


class TileValues(QGraphicsObject):
    """Numbers in black or white in a font that fits the tiles; none where they would not fit.

    One item draws all numbers: an item for each takes ten times as long.

    Attributes
    ----------
    texts : list of str
        Texts drawn, row by row; empty where there is no room.
    """

    def __init__(self, plot: Any, columns: Any, rows: Any) -> None:
        super().__init__()
        self._box = plot.getViewBox()
        self._axes = (columns, rows)
        self._wanted: list[str] = []
        self._colours: list[QColor] = []
        self._shape = (0, 0)
        self._room = (1.0, 0.0)
        self._font = _font(SMALLEST)
        self.texts: list[str] = []
        self.setZValue(10)
        self._box.addItem(self, ignoreBounds=True)

    def show_values(
        self,
        values: NDArray[np.float64],
        alive: Sequence[bool],
        backs: Sequence[QColor],
        share: float = 1.0,
        gap: float = 0.0,
    ) -> None:
        """Set the numbers of a matrix, to be drawn after `fit`; columns that are not alive show a dash.

        `backs` are the colours of the tiles, row by row, `share` the fraction of a tile's width to write on, and `gap`
        the
        space above the last row, in rows.
        """
        self.prepareGeometryChange()
        self._room = (share, gap)
        rows, columns = self._shape = (values.shape[0], values.shape[1])
        self._wanted = [
            _brief(float(values[row, column])) if alive[column] else "–"
            for row in range(rows)
            for column in range(columns)
        ]
        muted = QColor(style.current().muted)
        self._colours = [
            muted if text == "–" else style.ink(back) for text, back in zip(self._wanted, backs, strict=True)
        ]
        self.texts = []

    def fit(self) -> None:
        """Choose the font size that fits the tiles."""
        self.update()
        rows, columns = self._shape
        self.texts = []
        if not rows * columns:
            return
        share, gap = self._room
        width, height = self._box.width() / columns, self._box.height() / (rows + gap)
        for axis, size in zip(
            self._axes, (_size([f"c{columns}"], width, 1000), _size([""], 1000, 1.2 * height)), strict=True
        ):
            font = _font(max(size, SMALLEST))
            if axis.style["tickFont"] != font:
                axis.setTickFont(font)
        texts = self._wanted
        width *= share
        if _size(texts, width, height) < SMALLEST + 1:
            texts = [text.replace("0.", ".", 1) if "0." in text[:3] else text for text in texts]
        size = _size(texts, width, height)
        if size >= SMALLEST:
            self._font, self.texts = _font(size), texts

    @property
    def font_size(self) -> int:
        """Height of the font in pixels."""
        return self._font.pixelSize()

    def boundingRect(self) -> QRectF:
        """Return the rectangle of all tiles."""
        rows, columns = self._shape
        return QRectF(0, 0, columns, rows + self._room[1])

    def paint(self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: object = None) -> None:
        """Draw the texts in scene pixels, independent of the scale of the tiles."""
        if painter is None or not self.texts:
            return
        (rows, columns), (share, gap), to_scene = self._shape, self._room, self.sceneTransform()
        painter.save()
        painter.setWorldTransform(to_scene.inverted()[0] * painter.worldTransform())
        painter.setFont(self._font)
        for index, (text, colour) in enumerate(zip(self.texts, self._colours, strict=True)):
            row, column = divmod(index, columns)
            place = QPointF(column + 0.5 * share, row + 0.5 + (gap if row == rows - 1 else 0.0))
            painter.setPen(colour)
            painter.drawText(QRectF(to_scene.map(place), to_scene.map(place)), CENTRED, text)
        painter.restore()


def _font(size: int) -> QFont:
    font = QFont()
    font.setPixelSize(size)
    return font


def _size(texts: Sequence[str], width: float, height: float) -> int:
    longest = max(len(text) for text in texts)
    return int(min(scaled(LARGEST), 0.6 * height, (width - 3) / (0.62 * max(longest, 1))))


def _brief(value: float) -> str:
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.3g}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
