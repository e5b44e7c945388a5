"""Boxes for parameters: they show the default and the range, whatever their size and sign."""

import pytest
from PyQt5.QtWidgets import QDoubleSpinBox

from neuropil_gui.core.analysis.plug_ins import LONGEST_LABEL
from neuropil_gui.core.analysis.rival import Rival, RivalParameter
from neuropil_gui.features.compare.candidate_list import LEAST_WIDTH
from neuropil_gui.features.compare.parameter_row import ParameterRow


@pytest.fixture
def make(qtbot):
    def make(*parameters):
        row = ParameterRow(Rival("mine", "Mine", "Me", "A.", "B.", None, parameters))
        qtbot.addWidget(row)
        return row

    return make


def test_values_are_the_defaults_and_what_is_typed(make, qtbot):
    row = make(
        RivalParameter("part", "part", 0.7, 0.0, 2.0, "How much <of it>"),
        RivalParameter("shift", "shift", -3.5, -10.0, 10.0, "By how much"),
        RivalParameter("tiny", "tiny", 2e-8, 0.0, 1.0, "How little"),
        RivalParameter("none", "none", 0.0, 0.0, 0.0, "Nothing"),
    )
    assert row.values == {"part": 0.7, "shift": -3.5, "tiny": 2e-8, "none": 0.0}
    box = row.findChild(QDoubleSpinBox, "compare_mine_shift")
    assert row.boxes["part"].toolTip() == "<qt>How much &lt;of it&gt;; from 0 to 2</qt>"
    with qtbot.waitSignal(row.changed) as changed:
        box.lineEdit().setText("-7.25")
        box.interpretText()
    assert changed.args == ["mine"]
    assert row.values["shift"] == -7.25
    box.setValue(-11)
    assert row.values["shift"] == -10


def test_many_with_long_labels_are_no_wider_than_the_list(make):
    assert len("signal share") == LONGEST_LABEL
    row = make(*(RivalParameter(f"p{k}", "signal share", 1, 0, 2, "A tip") for k in range(7)))
    assert row.sizeHint().width() < LEAST_WIDTH
