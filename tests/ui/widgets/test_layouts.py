"""Layouts without margins and gaps."""

import pytest
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from neuropil_gui.ui.widgets.layouts import row, stack


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(90, 90)
    with qtbot.waitExposed(parent):
        parent.show()
    return parent


@pytest.mark.parametrize(("make", "place"), [(stack, "y"), (row, "x")])
def test_parts_follow_each_other_without_margins_and_gaps(qtbot, parent, make, place):
    fixed, free = QLabel("a"), QLabel("b")
    fixed.setFixedSize(20, 20)
    layout = make(parent, fixed, (free, 1))
    qtbot.waitUntil(lambda: getattr(free, place)() == 20)
    assert parent.layout() is layout
    assert (free.width(), free.height()) == ((90, 70) if make is stack else (70, 90))


def test_a_part_may_be_a_layout(qtbot, parent):
    inner = QHBoxLayout()
    label = QLabel("a")
    inner.addWidget(label)
    stack(parent, (inner, 1), QLabel("b"))
    qtbot.waitUntil(label.isVisible)
    assert label.parent() is parent
    assert stack(None, label).count() == 1
