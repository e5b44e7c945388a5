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


BAND, PART = 128, 30
"""Pixels of the picture, and cells, of which the outlines of a colour are one path: those out of view are not drawn."""


class OutlineItem(pg.GraphicsObject):  # type: ignore[misc]
    """Outlines one pixel wide whatever the zoom; neighbours of a colour are one path, which is the fast way to draw."""

    def __init__(self) -> None:
        super().__init__()
        self._outlines: Mapping[int, Outline] = {}
        self._groups: list[tuple[Any, list[tuple[QRectF, QPainterPath]]]] = []
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
            (pg.mkPen(QColor(name), width=1, cosmetic=True), _parts_of(outlines)) for name, outlines in groups.items()
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
        seen = self.viewRect()
        for pen, parts in self._groups:
            painter.setPen(pen)
            for bounds, path in parts:
                if bounds.intersects(seen):
                    painter.drawPath(path)


def _parts_of(outlines: Sequence[Outline]) -> list[tuple[QRectF, QPainterPath]]:
    """Return paths of outlines that lie together, each with its bounds."""
    placed = sorted((each for each in outlines if each), key=lambda each: (each[0][0, 1] // BAND, each[0][0, 0]))
    paths = [path_of(placed[start : start + PART]) for start in range(0, len(placed), PART)]
    return [(path.controlPointRect(), path) for path in paths]
