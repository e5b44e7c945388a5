"""A number beyond the limits can be typed, and the limit that is used in its place is said."""

import pytest
from PyQt5.QtCore import Qt

from neuropil_gui.ui.widgets.limited_spin_box import LimitedSpinBox


@pytest.fixture
def box(qtbot):
    box = LimitedSpinBox()
    qtbot.addWidget(box)
    box.setRange(2, 200)
    box.setValue(20)
    box.setKeyboardTracking(False)
    box.said = []
    box.limited.connect(lambda sentence, _: box.said.append(sentence))
    box.show()
    return box


def type_in(qtbot, box, text):
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key_Return)


@pytest.mark.parametrize(
    ("typed", "value", "said"),
    [
        ("50", 50, []),
        ("200", 200, []),
        ("500", 200, ["From 2 to 200: 200 was taken, not 500."]),
        ("20000", 200, ["From 2 to 200: 200 was taken, not 20,000."]),
        ("1", 2, ["From 2 to 200: 2 was taken, not 1."]),
    ],
)
def test_the_limit_that_is_used_is_said(qtbot, box, typed, value, said):
    type_in(qtbot, box, typed)
    assert box.value() == value
    assert box.said == said


def test_nothing_typed_leaves_the_number(qtbot, box):
    box.selectAll()
    qtbot.keyClick(box, Qt.Key_Delete)
    qtbot.keyClick(box, Qt.Key_Return)
    assert box.value() == 20
    assert box.text() == "20"
    assert box.said == []


def test_arrows_stay_within_the_limits(qtbot, box):
    box.setValue(200)
    qtbot.keyClick(box, Qt.Key_Up)
    assert box.value() == 200
    assert box.said == []
