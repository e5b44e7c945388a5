"""A plot with its axes and nothing else, which looks like pyqtgraph's."""

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QMenu

from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.plots.time_plot import TimePlot


def drawn(qtbot, widget, log):
    """Return the picture of a plot widget with a curve, a line and labels at its axes."""
    qtbot.addWidget(widget)
    item = widget.item if isinstance(widget, BarePlotView) else widget.getPlotItem()
    item.setLogMode(False, log)
    item.addItem(pg.InfiniteLine(pos=1.0, angle=0), ignoreBounds=True)
    item.plot([1.0, 2.0, 3.0, 4.0], [1.0, 10.0, 100.0, 20.0])
    item.setLabel("left", "Light")
    item.setLabel("bottom", "Frame")
    widget.resize(400, 300)
    widget.show()
    widget.grab()  # the first tells the axes how wide their numbers are
    return widget.grab().toImage()


@pytest.mark.parametrize("log", [False, True])
def test_it_looks_like_pyqtgraphs(qtbot, log):
    theirs = pg.PlotWidget()
    theirs.getPlotItem().hideButtons()
    assert drawn(qtbot, BarePlotView(), log) == drawn(qtbot, theirs, log)


def test_an_item_that_is_removed_is_not_in_the_picture(qtbot):
    view = BarePlotView(axes={})
    qtbot.addWidget(view)
    view.item.getViewBox().setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
    empty = view.grab().toImage()
    curve = view.item.plot(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    view.item.getViewBox().setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
    assert view.grab().toImage() != empty
    view.item.removeItem(curve)
    assert view.grab().toImage() == empty


def test_no_control_and_no_axis_is_made_that_nobody_sees(qtbot):
    before = set(QApplication.allWidgets())
    view = BarePlotView()
    qtbot.addWidget(view)
    made = set(QApplication.allWidgets()) - before
    assert [each for each in made if isinstance(each, QAbstractButton | QAbstractSpinBox | QMenu)] == []
    plot = TimePlot("Raw", "")
    qtbot.addWidget(plot)
    axes = [each for each in plot.widget.scene().items() if isinstance(each, pg.AxisItem)]
    assert {each.orientation for each in axes} == {"left", "bottom"}
    plot.box.setRange(xRange=(3, 7), yRange=(20, 30))
    assert [plot.item.getAxis(name).range for name in ("bottom", "left")] == [[3, 7], [20, 30]]


def test_another_label_is_in_the_middle_too(qtbot):
    view = BarePlotView()
    qtbot.addWidget(view)
    view.item.setLabel("bottom", "Frame")
    view.show()
    axis = view.item.getAxis("bottom")
    view.item.setLabel("bottom", "Time from the onset (s)")
    middle = axis.mapFromItem(axis.label, axis.label.boundingRect().center()).x()
    assert middle == pytest.approx(axis.size().width() / 2, abs=1.0)
