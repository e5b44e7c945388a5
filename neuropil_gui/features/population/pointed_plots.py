"""Base of the plots that stand side by side: what is below the pointer is emitted, and a click chooses a cell."""

from typing import Any

import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import keep_scaled, letters, scaled
from neuropil_gui.ui.widgets.layouts import stack

FONT = 11


class PointedPlots(QWidget):
    """Plots in a grid.

    Signals: `chosen` (index of a cell) by a click, `pointed` (place, or None).

    Parameters
    ----------
    name, description : str
        Name of the graphics widget, and what it says to those who do not see it.
    least : int
        Its least height at the usual text size.
    """

    chosen = pyqtSignal(int)
    pointed = pyqtSignal(object)

    def __init__(self, name: str, description: str, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, Any] = {}
        self._place: Any = None
        self.widget = pg.GraphicsLayoutWidget()
        self.widget.setObjectName(name)
        self.widget.setAccessibleName(description)
        # In a scroll area a view with sentences gets its preferred height: it has none, and takes what is there.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        keep_scaled(self.widget, QWidget.setMinimumHeight, least)
        stack(self, self.widget)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self.widget.installEventFilter(self)

    def place_at(self, scene: QPointF) -> Any:
        """Return what is at a point of the scene, None for nothing."""
        raise NotImplementedError

    def cell_of(self, place: Any) -> int:
        """Return the index of the cell that a click on a place chooses."""
        raise NotImplementedError

    def _point(self, place: Any) -> None:
        if place != self._place:
            self._place = place
            self.pointed.emit(place)

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        self._point(self.place_at(scene))

    @pyqtSlot(object)
    def _on_clicked(self, ev: Any) -> None:
        place = self.place_at(ev.scenePos())
        if ev.button() == Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(self.cell_of(place))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Point at nothing once the pointer has left."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().eventFilter(watched, event)

    def _restyle_columns(self, width: int) -> int:
        """Apply the colours of the theme to the widget, and one width to all columns; return the pixels of letters."""
        self.widget.setBackground(style.current().base)
        for column in range(len(self.plots)):
            # More than a title needs, so that all columns have the same.
            self.widget.ci.layout.setColumnPreferredWidth(column, scaled(width))
        return letters(scaled(FONT))


def restyle_axis(axis: Any, pixels: int, colour: str) -> None:
    """Apply the colours of the theme and the size of letters to an axis."""
    small = QFont()
    small.setPixelSize(pixels)
    axis.setPen(style.current().border)
    axis.setTextPen(colour)
    axis.setTickFont(small)
