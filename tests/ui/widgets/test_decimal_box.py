import pytest
from PyQt5.QtCore import Qt

from neuropil_gui.ui.widgets.decimal_box import DecimalBox


@pytest.fixture
def box(qtbot):
    box = DecimalBox()
    box.setValue(0.5)
    qtbot.addWidget(box)
    return box


def type_in(qtbot, box, text):
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key_Return)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("5e-4", 0.0005), ("1E-2", 0.01), ("2.5e-3", 0.0025), ("1e2", 100), ("0,25", 0.25), (".5", 0.5),
     ("7", 7), ("0", 0), ("0.000001", 1e-6)],
)  # fmt: skip
def test_numbers_as_people_write_them(qtbot, box, text, value):
    type_in(qtbot, box, text)
    assert box.value() == value


@pytest.mark.parametrize("text", ["1e-7", "e", "1e", "-", "abc", "nan", "inf", "--1", "1e9"])
def test_what_cannot_be_kept_is_not_taken_for_another_number(qtbot, box, text):
    type_in(qtbot, box, text)
    assert box.value() in (0.5, 1), "neither 0 nor a number that was not typed"


def test_too_small_is_refused_and_not_zero(qtbot, box):
    type_in(qtbot, box, "1e-7")
    assert box.value() != 0
