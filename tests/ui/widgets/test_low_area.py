"""LowArea: views keep the height that they need, and ask for their width and for little height."""

import pytest
from PyQt5.QtWidgets import QWidget

from neuropil_gui.ui.widgets.low_area import LEAST, LowArea

pytestmark = pytest.mark.any_version


def test_views_keep_their_height_in_a_low_window(qtbot):
    view = QWidget()
    view.setMinimumWidth(240)
    area = LowArea((view, 1))
    qtbot.addWidget(area)
    area.resize(300, LEAST + 50)
    with qtbot.waitExposed(area):
        area.show()
    assert (view.width(), view.height()) == (300, LEAST + 50)
    least = area.minimumSizeHint()
    assert least.width() == 240
    assert least.height() < LEAST // 2
    area.resize(300, 150)
    bar = area.verticalScrollBar()
    qtbot.waitUntil(bar.isVisible)
    assert view.height() == LEAST
    # The bar covers nothing.
    view.setMinimumWidth(280)
    qtbot.waitUntil(lambda: area.minimumSizeHint().width() == 280 + bar.width())
