"""Items of the selected cell: its ROI and its regions, filled, with their numbers, and the one that is lit."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF
from PyQt5.QtGui import QBrush, QColor, QFont, QPainterPath
from PyQt5.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsSimpleTextItem

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.field.outline_item import Outline, path_of
from neuropil_gui.figures.palette import DARK, OKABE_ITO
from neuropil_gui.ui.sizes import letters, line_width, scaled

FILLS, LIT = (45, 95), 130
"""Opacity of regions in turn, of 255, and of one that is lit."""

SHADOW = 110

FONT = 11

LEAST_REGION = 18
"""Pixels across the widest region, below which numbers would hide the regions."""


class SelectionItems:
    """The ROI with a bold edge and each region filled, in the colours that their raw traces have on a dark ground.

    The picture is dark in both themes, and so are the colours on it.

    Attributes
    ----------
    items : list of QGraphicsItem
        The last holds the numbers of regions as its children.
    """

    def __init__(self) -> None:
        self._fills = [QGraphicsPathItem() for _ in FILLS]
        self._shadow, self._lit_item, self._roi = QGraphicsPathItem(), QGraphicsPathItem(), QGraphicsPathItem()
        self.items: list[QGraphicsItem] = [self._shadow, *self._fills, self._lit_item, self._roi]
        self._numbers: list[QGraphicsSimpleTextItem] = []
        self._signals: Sequence[QPainterPath] = ()
        self._lit: int | None = None
        self._pixel = 1.0
        self.restyle()

    def show_signals(self, signals: Sequence[Outline]) -> None:
        """Draw the ROI, then the regions, by their outlines."""
        self._signals = [path_of([each]) for each in signals]
        for turn, item in enumerate(self._fills):
            path = QPainterPath()
            for each in self._signals[1 + turn :: len(FILLS)]:
                path.addPath(each)
            item.setPath(path)
        self._roi.setPath(self._signals[0] if self._signals else QPainterPath())
        shadow = QPainterPath()
        for each in self._signals:
            shadow.addPath(each)
        self._shadow.setPath(shadow)
        self._number(signals[1:])
        self.show_lit(self._lit)

    def show_lit(self, row: int | None) -> None:
        """Light the region of a signal, or the ROI (0)."""
        self._lit = row
        known = row is not None and row < len(self._signals)
        self._lit_item.setPath(self._signals[row] if known and row is not None else QPainterPath())

    def show_zoom(self, pixel: float) -> None:
        """Take the size of a pixel of the picture on the screen: numbers of regions that are small are hidden."""
        self._pixel = pixel
        shown = self._shows_numbers()
        for text in self._numbers[: max(len(self._signals) - 1, 0)]:
            text.setVisible(shown)

    def _shows_numbers(self) -> bool:
        across = max((each.boundingRect().width() for each in self._signals[1:]), default=0.0)
        return len(self._signals) > 2 and across * self._pixel >= scaled(LEAST_REGION)

    def _number(self, regions: Sequence[Outline]) -> None:
        """Write the number of each region into it; a single one needs none."""
        shown = self._shows_numbers()
        while len(self._numbers) < len(regions):
            text = QGraphicsSimpleTextItem(str(len(self._numbers) + 1), self._roi)
            text.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
            self._numbers.append(text)
            self._restyle_number(text)
        for place, text in enumerate(self._numbers):
            text.setVisible(shown and place < len(regions))
            if place < len(regions):
                text.setPos(_middle(max(regions[place], key=len)))  # of several parts, into the largest

    def _restyle_number(self, text: QGraphicsSimpleTextItem) -> None:
        font = QFont()
        font.setPixelSize(letters(scaled(FONT)))
        font.setBold(True)
        text.setFont(font)
        text.setBrush(QBrush(QColor("white")))
        text.setPen(pg.mkPen(_see_through(QColor("black"), SHADOW), width=0.6))
        # About its middle, whatever the zoom.
        middle = text.boundingRect().center()
        text.setTransform(text.transform().fromTranslate(-middle.x(), -middle.y()))

    def restyle(self) -> None:
        """Apply the widths of lines and the size of letters."""
        region, roi, lit = QColor(DARK.text), QColor("white"), QColor(OKABE_ITO[1])
        for item, alpha in zip(self._fills, FILLS, strict=True):
            item.setPen(pg.mkPen(region, width=1, cosmetic=True))
            item.setBrush(QBrush(_see_through(region, alpha)))
        # Around white lines, which would not be seen on what is bright.
        self._shadow.setPen(pg.mkPen(_see_through(QColor("black"), SHADOW), width=line_width(4), cosmetic=True))
        self._lit_item.setPen(pg.mkPen(lit, width=line_width(2), cosmetic=True))
        self._lit_item.setBrush(QBrush(_see_through(lit, LIT)))
        self._roi.setPen(pg.mkPen(roi, width=line_width(2), cosmetic=True))
        self._roi.setBrush(QBrush(_see_through(roi, FILLS[0])))
        for text in self._numbers:
            self._restyle_number(text)


def _middle(path: FloatArray) -> QPointF:
    """Return the centre of mass of the area within a closed path."""
    corners = path - path[0]
    (x, y), (next_x, next_y) = corners.T, np.concatenate((corners[1:], corners[:1])).T
    cross = x * next_y - next_x * y
    area = float(cross.sum()) / 2 or 1.0
    middle = ((x + next_x) * cross).sum() / (6 * area), ((y + next_y) * cross).sum() / (6 * area)
    return QPointF(float(path[0, 0] + middle[0]), float(path[0, 1] + middle[1]))


def _see_through(colour: QColor, alpha: int) -> QColor:
    found = QColor(colour)
    found.setAlpha(alpha)
    return found
