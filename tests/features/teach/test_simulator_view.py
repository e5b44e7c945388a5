"""SimulatorView: the sum that a signal is can be seen together with the picture, however low the view."""

import pytest
from PyQt5.QtCore import QPoint
from PyQt5.QtGui import QColor

from neuropil_gui.features.teach.simulator_view import SimulatorView

pytestmark = pytest.mark.any_version

SUM = "<b>ROI</b> = 1.00 × cell + 0.10 × neuropil + 0.04 × neighbour 1 + 0.05 × neighbour 2"


def test_the_sum_is_beside_a_smaller_picture_where_there_is_little_height(qtbot):
    view = SimulatorView()
    qtbot.addWidget(view)
    view.show_sum(SUM, [("cell", 0.9, QColor("blue")), ("neuropil", 0.1, QColor("red"))])
    view.show_simulated(True)
    view.resize(310, 240)
    with qtbot.waitExposed(view):
        view.show()

    def place(widget):
        return widget.mapTo(view, QPoint(0, 0))

    for height, beside in ((240, True), (700, False), (240, True)):
        view.resize(310, height)
        qtbot.waitUntil(lambda beside=beside: (place(view.sum).x() >= view.picture.width()) is beside)
        for widget in (view.picture, view.sum, view.bar):
            qtbot.waitUntil(lambda widget=widget: widget.visibleRegion().boundingRect() == widget.rect())
        assert (place(view.sum).y() >= place(view.picture).y() + view.picture.height()) is not beside
