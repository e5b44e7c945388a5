"""Small plot of a page: a header, axes that do not pan, and ranges that are set with the data."""

import numpy as np
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import restyle_axes, with_margin
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack


class SmallPlot(QWidget):
    """Plot with a header, which does not pan, and a range that is set with its data."""

    def __init__(self, title: str, help_text: str, name: str) -> None:
        super().__init__()
        self.header = Header(title, help_text)
        self.widget = BarePlotView()
        self.widget.setObjectName(name)
        self.widget.setAccessibleName(title)
        self.item = self.widget.item
        for each in ("left", "bottom"):
            self.item.getAxis(each).enableAutoSIPrefix(False)
        self.item.getViewBox().setMouseEnabled(False, False)
        stack(self, self.header, (self.widget, 1))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.widget.setBackground(style.current().base)
        restyle_axes(self.item)
        self.draw()

    def draw(self) -> None:
        """Draw what is shown."""
        raise NotImplementedError

    def fit(self, xs: FloatArray, ys: FloatArray) -> None:
        """Set the ranges to these values with a margin."""
        box = self.item.getViewBox()
        box.setXRange(*with_margin(float(np.nanmin(xs)), float(np.nanmax(xs))), padding=0)
        box.setYRange(*with_margin(float(np.nanmin(ys)), float(np.nanmax(ys))), padding=0)
