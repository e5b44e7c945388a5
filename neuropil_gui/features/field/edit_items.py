"""Items of ROIs that are drawn and changed: the stroke, and the handles of the selected ROI."""

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QBrush, QColor, QPainterPath
from PyQt5.QtWidgets import QGraphicsItem, QGraphicsPathItem

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.field.outline_item import path_of
from neuropil_gui.figures.palette import OKABE_ITO
from neuropil_gui.ui.sizes import line_width, scaled

HANDLE = 7
"""Width of a handle, in pixels of the screen."""

MOST_HANDLES = 150
"""Corners up to which a handle is drawn for each; of a stroke of more, the nearest is taken all the same."""


class EditItems:
    """The stroke that is being drawn, and handles.

    Attributes
    ----------
    items : list of QGraphicsItem
    """

    def __init__(self) -> None:
        self._stroke = QGraphicsPathItem()
        self._handles = pg.ScatterPlotItem(symbol="s", pxMode=True)
        self._handles.setEnabled(False)  # else it takes the clicks on handles for itself
        self.items: list[QGraphicsItem] = [self._stroke, self._handles]
        self.restyle()

    def show_line(self, points: FloatArray, closed: bool = False) -> None:
        """Draw a line through points (x, y)."""
        if len(points) < 2:
            self._stroke.setPath(QPainterPath())
        elif closed:
            self._stroke.setPath(path_of([[points]]))
        else:
            self._stroke.setPath(pg.arrayToQPath(points[:, 0], points[:, 1], finiteCheck=False))

    def show_box(self, start: tuple[float, float], end: tuple[float, float], ellipse: bool = False) -> None:
        """Draw the box between two points, or the ellipse in it."""
        (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        path = QPainterPath()
        (path.addEllipse if ellipse else path.addRect)(QRectF(left, top, right - left, bottom - top))
        self._stroke.setPath(path)

    def show_handles(self, points: FloatArray | None) -> None:
        """Draw handles at points (x, y)."""
        shown = points is not None and 0 < len(points) <= MOST_HANDLES
        places = np.asarray(points if shown and points is not None else np.zeros((0, 2)))
        if len(places) or len(self._handles.data):
            self._handles.setData(places[:, 0], places[:, 1])

    def clear(self) -> None:
        """Draw no stroke."""
        self._stroke.setPath(QPainterPath())

    def restyle(self) -> None:
        """Apply the widths of lines and the size of handles."""
        colour = QColor(OKABE_ITO[1])
        self._stroke.setPen(pg.mkPen(colour, width=line_width(2), cosmetic=True))
        fill = QColor(colour)
        fill.setAlpha(40)
        self._stroke.setBrush(QBrush(fill))
        self._handles.setSize(scaled(HANDLE))
        self._handles.setPen(pg.mkPen("black", width=1))
        self._handles.setBrush(QBrush(colour))
