"""Outlines of many cells as one item, grouped by colour."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QColor, QPainter, QPainterPath

from neuropil_gui.core.arrays import FloatArray

Outline = Sequence[FloatArray]
"""Closed paths of corners (x, y), shape (corners, 2) each."""


def path_of(outlines: Sequence[Outline]) -> QPainterPath:
    """Return all outlines as one path."""
    paths = [path for outline in outlines for path in outline]
    if not paths:
        return QPainterPath()
    # Each closed by its first corner, after which nothing is drawn to the next.
    corners = np.concatenate([np.concatenate([path, path[:1]]) for path in paths])
    connect = np.ones(len(corners), np.int32)
    connect[np.cumsum([len(path) + 1 for path in paths]) - 1] = 0
    path: QPainterPath = pg.arrayToQPath(corners[:, 0], corners[:, 1], connect, finiteCheck=False)
    return path


class OutlineItem(pg.GraphicsObject):  # type: ignore[misc]
    """Outlines one pixel wide whatever the zoom; all of a colour are one path, which is the fast way to draw them."""

    def __init__(self) -> None:
        super().__init__()
        self._outlines: Mapping[int, Outline] = {}
        self._groups: list[tuple[Any, QPainterPath]] = []
        self._bounds = QRectF()

    def set_outlines(self, outlines: Mapping[int, Outline], bounds: QRectF) -> None:
        """Take the outlines of cells by index; nothing is drawn before they have colours."""
        self.prepareGeometryChange()
        self._outlines, self._groups, self._bounds = outlines, [], bounds
        self.update()

    def set_colours(self, colours: Mapping[int, QColor]) -> None:
        """Draw the cells in these colours, and no others."""
        groups: dict[str, list[Outline]] = {}
        for index, colour in colours.items():
            if index in self._outlines:
                groups.setdefault(colour.name(QColor.HexArgb), []).append(self._outlines[index])
        self._groups = [
            (pg.mkPen(QColor(name), width=1, cosmetic=True), path_of(outlines)) for name, outlines in groups.items()
        ]
        self.update()

    @property
    def coloured(self) -> bool:
        """Whether cells are drawn."""
        return bool(self._groups)

    def boundingRect(self) -> QRectF:
        """Return the rectangle of the picture."""
        return self._bounds

    def paint(self, painter: QPainter | None, *_: object) -> None:
        """Draw a path for each colour."""
        if painter is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for pen, path in self._groups:
            painter.setPen(pen)
            painter.drawPath(path)
