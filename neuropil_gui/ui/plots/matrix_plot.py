"""Heatmap of a mixing matrix: named rows and columns, an image, and the numbers on its tiles."""

import pyqtgraph as pg

from neuropil_gui.ui import style
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.plots.matrix_values import TileValues


class MatrixPlot(BarePlotView):
    """Plot widget with the first row at the top, which neither pans nor zooms.

    Attributes
    ----------
    columns, rows : LabelAxis
    item : BarePlot
    box : pyqtgraph.ViewBox
    image : pyqtgraph.ImageItem
    values : TileValues
    """

    def __init__(self) -> None:
        self.columns, self.rows = LabelAxis("top"), LabelAxis("left")
        super().__init__(axes={"top": self.columns, "left": self.rows})
        self.box = self.item.getViewBox()
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.box.invertY(True)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.item.addItem(self.image)
        self.values = TileValues(self.item, self.columns, self.rows)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.setBackground(theme.base)
        for axis in (self.columns, self.rows):
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(theme.text)
