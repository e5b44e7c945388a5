import math

import pytest
from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.analysis.numbers import numbers
from neuropil_gui.panels.numbers_table import OF_THE_BEST_MATCH, ROWS, NumbersTable


@pytest.fixture
def table(qtbot, cell, separation_of):
    table = NumbersTable()
    qtbot.addWidget(table)
    table.resize(300, 300)
    table.show_numbers(numbers(cell, separation_of(cell)))
    with qtbot.waitExposed(table):
        table.show()
    return table


def test_each_number_says_what_it_is_good_for_and_when_it_misleads(table):
    assert set(table.rows) == set(ROWS)
    for key in table.rows:
        tip = table.rows[key][1].toolTip()
        assert "When it misleads" in tip
        assert len(tip) > 100
    assert "Unit: %" in table.rows["negative"][0].toolTip()


def test_before_and_after(table):
    assert table.header.subtitle.text() == "raw → best match"
    assert "→" in table.rows["r_neuropil"][1].text()
    known = {"r_neuropil": math.nan, "r_neuropil_raw": 0.5, "r_truth": -0.001, "r_truth_raw": 0.25, "alive": 2, "n": 5}
    table.show_numbers(known | {"error_truth": math.nan, "error_truth_raw": math.nan})
    for key, text in {
        "r_neuropil": "0.50 → –",
        "r_truth": "0.25 → 0.00",
        "alive": "2 of 5",
        "error_truth": "–",
    }.items():
        assert table.rows[key][1].text() == text
    table.show_numbers({})
    assert table.header.subtitle.text() == ""


def test_hovering_a_number_of_the_best_match_emits_it(table):
    seen = []
    table.component_hovered.connect(seen.append)
    for key, kind in (("score", QEvent.Enter), ("score", QEvent.Leave), ("explained", QEvent.Enter)):
        QApplication.sendEvent(table.rows[key][1], QEvent(kind))
    assert seen == [0, None]


def test_clicking_it_too(qtbot, table):
    seen = []
    table.component_clicked.connect(seen.append)
    qtbot.mouseClick(table.rows["score"][0], Qt.LeftButton)
    qtbot.mouseClick(table.rows["explained"][0], Qt.LeftButton)
    assert seen == [0]


def test_what_is_lit_is_underlined(table):
    table.show_highlight(0)
    for key in table.rows:
        assert ("underline" in table.rows[key][0].styleSheet()) == (key in OF_THE_BEST_MATCH)
    table.show_highlight(3)
    assert all(label.styleSheet() == "" for label, _ in table.rows.values())


def test_rows_are_used_again(table):
    labels = [label for pair in table.rows.values() for label in pair]
    table.show_numbers({"alive": 2, "n": 5})
    assert list(table.rows) == ["alive"]
    assert [label for label in labels if label.isVisible()] == list(table.rows["alive"])
