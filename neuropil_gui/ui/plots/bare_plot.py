"""Plot with the axes that are in view and nothing else: what pyqtgraph's makes for its menu is never seen here."""

from typing import Any

import pyqtgraph as pg
from PyQt5.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy

PLACES = {"top": (1, 1), "left": (2, 0), "bottom": (3, 1)}
"""Row and column of each axis; the view box is in the middle."""


class BarePlot(pg.GraphicsWidget):  # type: ignore[misc]
    """View box with axes.

    pyqtgraph's `PlotItem` takes ten times as long to make: it has two forms of controls for its context menu, a
    button, a title, and all four axes. Without them fewer widgets also follow a change of the theme.

    Parameters
    ----------
    box : pyqtgraph.ViewBox, optional
    axes : dict of str to pyqtgraph.AxisItem, optional
        Top, left or bottom. By default left and bottom, with numbers.
    """

    def __init__(self, box: pg.ViewBox | None = None, axes: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.layout = QGraphicsGridLayout()
        self.layout.setContentsMargins(1, 1, 1, 1)
        self.layout.setSpacing(0)
        self.setLayout(self.layout)
        self.vb = pg.ViewBox(enableMenu=False) if box is None else box
        self.layout.addItem(self.vb, 2, 1)
        self._axes = {name: pg.AxisItem(name) for name in ("left", "bottom")} if axes is None else axes
        self._log = False, False
        for name, axis in self._axes.items():
            axis.linkToView(self.vb)
            self.layout.addItem(axis, *PLACES[name])
            # Above images, below what is to lie over the axes.
            axis.setZValue(0.5)
            axis.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        self.layout.setRowStretchFactor(2, 100)
        self.layout.setColumnStretchFactor(1, 100)

    def getViewBox(self) -> pg.ViewBox:  # noqa: N802 -- as pyqtgraph's
        """Return the view box."""
        return self.vb

    def getAxis(self, name: str) -> pg.AxisItem:  # noqa: N802
        """Return the axis of that name."""
        return self._axes[name]

    def setLabel(self, name: str, text: str) -> None:  # noqa: N802
        """Write the label of an axis in its middle, to which pyqtgraph brings one only with the axis' next size."""
        self._axes[name].setLabel(text)
        self._axes[name].resizeEvent()

    def setLogMode(self, x: bool, y: bool) -> None:  # noqa: N802
        """Have axes, and the items that are added from now on, be logarithmic."""
        self._log = x, y
        for axis in self._axes.values():
            axis.setLogMode(x, y)

    def addItem(self, item: Any, ignoreBounds: bool = False) -> None:  # noqa: N802, N803
        """Add an item to the view box."""
        self.vb.addItem(item, ignoreBounds=ignoreBounds)
        if hasattr(item, "setLogMode"):
            item.setLogMode(*self._log)

    def removeItem(self, item: Any) -> None:  # noqa: N802
        """Remove an item from the view box."""
        self.vb.removeItem(item)

    def plot(self, *data: Any, **look: Any) -> pg.PlotDataItem:
        """Add a curve, and return it."""
        item = pg.PlotDataItem(*data, **look)
        self.addItem(item)
        return item


class BarePlotView(pg.GraphicsView):  # type: ignore[misc]
    """Widget with a `BarePlot`, its `item`."""

    def __init__(self, box: pg.ViewBox | None = None, axes: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.enableMouse(False)
        self.item = BarePlot(box, axes)
        self.setCentralItem(self.item)
