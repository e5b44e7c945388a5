"""The time axis beside pyqtgraph's own."""

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtGui import QImage, QPainter
from PyQt5.QtWidgets import QApplication

from neuropil_gui.ui.plots.time_axis import TimeAxis


def ink(qtbot, axis, start, end, shown, width):
    widget = pg.PlotWidget(background="w", axisItems={"bottom": axis})
    qtbot.addWidget(widget)
    item = widget.getPlotItem()
    item.hideAxis("left")
    item.hideButtons()
    axis.enableAutoSIPrefix(False)
    axis.setPen("k")
    axis.setTextPen("k")
    axis.setStyle(showValues=shown)
    widget.resize(width, 80)
    item.getViewBox().disableAutoRange()
    item.getViewBox().setXRange(start, end, padding=0)
    with qtbot.waitExposed(widget):
        widget.show()
    QApplication.processEvents()
    image = QImage(width, 80, QImage.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    widget.render(painter)
    painter.end()
    bits = image.constBits()
    bits.setsize(image.byteCount())
    return np.frombuffer(bits, np.uint8).reshape(80, image.bytesPerLine())[:, :width] < 250


@pytest.mark.parametrize("width", [300, 900])
@pytest.mark.parametrize(
    ("start", "end"), [(0.0, 28.7), (0.0, 10_000_000.0), (1234.5, 1234.6), (333_333.3, 333_336.1), (0.0, 863.0)]
)
def test_it_looks_like_pyqtgraphs(qtbot, start, end, width):
    for shown in (True, False):
        ours, theirs = (ink(qtbot, axis, start, end, shown, width) for axis in (TimeAxis(), pg.AxisItem("bottom")))
        assert ours.any()
        # Ticks and figures may be a pixel aside.
        around = theirs.copy()
        for shift in (-1, 1):
            around |= np.roll(theirs, shift, axis=1)
        assert (ours & ~around).sum() <= 0.02 * ours.sum()
        assert 0.85 * theirs.sum() <= ours.sum() <= 1.15 * theirs.sum()
