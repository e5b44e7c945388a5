"""Axis of labels."""

import pyqtgraph as pg
from PyQt5.QtGui import QPainter, QPicture

from neuropil_gui.ui.plots.label_axis import LabelAxis


def drawn(axis):
    """Return the texts that the axis draws."""
    painter = QPainter(picture := QPicture())
    texts = [text for _, _, text in axis.generateDrawSpecs(painter)[2]]
    painter.end()
    assert not picture.isNull() or not texts
    return texts


def test_without_labels_there_are_no_numbers(qtbot):
    axis = LabelAxis("left")
    plot = pg.PlotWidget(axisItems={"left": axis})
    qtbot.addWidget(plot)
    plot.resize(300, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.setYRange(0, 1)
    for labels, shown in (([], []), ([(0.5, "c1", None)], ["c1"]), ([], [])):
        axis.set_labels(labels)
        assert drawn(axis) == shown
