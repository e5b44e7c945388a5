"""The numbers written on the tiles of a heatmap."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt5.QtGui import QColor, QFont

from neuropil_gui.views import style

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST, LARGEST = 8, 13


class TileValues:
    """Writes each value in black or white, as small as the tiles need, and not at all where it would not fit."""

    def __init__(self, plot: Any, columns: Any, rows: Any) -> None:
        self._plot = plot
        self._axes = (columns, rows)
        self._items: list[Any] = []
        self._texts: list[str] = []
        self._shape = (0, 0)
        self._room = (1.0, 0.0)
        self.written = False

    def show_values(
        self,
        values: "NDArray[np.float64]",
        alive: Sequence[bool],
        backs: Sequence[QColor],
        share: float = 1.0,
        gap: float = 0.0,
    ) -> None:
        """Write a matrix; the columns that are not alive get a dash.

        `backs` are the colours of the tiles, `share` the part of their width to write on, and `gap` the room
        above the last row, in rows. `written` then tells whether there was room at all.
        """
        self._room = (share, gap)
        rows, columns = self._shape = (values.shape[0], values.shape[1])
        self._texts = [
            _brief(float(values[row, column])) if alive[column] else "–"
            for row in range(rows)
            for column in range(columns)
        ]
        while len(self._items) < len(self._texts):
            item = pg.TextItem(anchor=(0.5, 0.5))
            item.setZValue(5)
            self._plot.addItem(item)
            self._items.append(item)
        for index, text in enumerate(self._texts):
            row, column = divmod(index, columns)
            item = self._items[index]
            light = style.contrast(backs[index], "black") > style.contrast(backs[index], "white")
            item.setColor(style.current().muted if text == "–" else "black" if light else "white")
            item.setPos(column + 0.5 * share, row + 0.5 + (gap if row == rows - 1 else 0.0))
        self.fit()

    def fit(self) -> None:
        """Choose the size of the writing by that of the tiles."""
        rows, columns = self._shape
        for item in self._items[rows * columns :]:
            item.setVisible(False)
        if not rows * columns:
            return
        box, (share, gap) = self._plot.getViewBox(), self._room
        width, height = box.width() / columns, box.height() / (rows + gap)
        for axis, size in zip(
            self._axes, (_size([f"c{columns}"], width, 1000), _size([""], 1000, 1.2 * height)), strict=True
        ):
            axis.setTickFont(_font(max(size, SMALLEST)))
        texts = self._texts
        width *= share
        if _size(texts, width, height) < SMALLEST + 1:
            texts = [text.replace("0.", ".", 1) if "0." in text[:3] else text for text in texts]
        size = _size(texts, width, height)
        font = _font(max(size, 1))
        self.written = size >= SMALLEST
        for item, text in zip(self._items, texts, strict=False):
            item.setVisible(size >= SMALLEST)
            if size >= SMALLEST:
                item.setFont(font)
                item.setText(text)


def _font(size: int) -> QFont:
    font = QFont()
    font.setPixelSize(size)
    return font


def _size(texts: Sequence[str], width: float, height: float) -> int:
    longest = max(len(text) for text in texts)
    return int(min(LARGEST, 0.6 * height, (width - 3) / (0.62 * max(longest, 1))))


def _brief(value: float) -> str:
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.3g}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
