import math
import time

import pytest
from PyQt5.QtCore import QItemSelectionModel, Qt
from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.history.model import COLUMNS, PRESENT
from neuropil_gui.features.history.table import FILTER_HELP, NOTHING_PASSES, NOTHING_YET, RunTable
from neuropil_gui.state.runs import RUN_COLUMNS, Run
from neuropil_gui.ui import style


def run(number, cell="cell 1", r=0.25, at=0.0, **settings):
    return Run(
        number,
        at or number,
        0,
        cell,
        SeparationSettings(**settings),
        4,
        1201,
        True,
        0.1,
        {"alive": 3, "score": 0.873, "explained": 0.9974, "r_neuropil": r, "r_neuropil_raw": 0.83, "negative": 0.0},
    )


@pytest.fixture
def table(qtbot):
    table = RunTable()
    qtbot.addWidget(table)
    table.resize(1400, 400)
    table.show()
    return table


def column(title):
    return next(place for place, each in enumerate(COLUMNS) if each.title == title)


def texts(table, title):
    place = column(title)
    return [table.proxy.index(row, place).data().strip() for row in range(table.proxy.rowCount())]


def click_row(qtbot, table, row, modifier=Qt.KeyboardModifier.NoModifier):
    place = table.view.visualRect(table.proxy.index(row, column("alpha"))).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_it_says_why_it_is_empty(table):
    sentence = table.findChild(QLabel, "no_runs")
    assert sentence.isVisible()
    assert sentence.text() == NOTHING_YET
    assert not table.findChild(QPushButton, "export_runs").isEnabled()
    table.model.add(run(1))
    assert not sentence.isVisible()
    table.findChild(QLineEdit, "run_filter").setText("alpha > 5")
    assert sentence.isVisible()
    assert sentence.text() == NOTHING_PASSES


def test_what_is_written(table):
    table.model.set_runs([run(1, alpha=0.35, at=time.mktime((2026, 3, 1, 14, 5, 9, 0, 0, -1)), start="random")])
    table.model.set_present(1)
    row = [table.proxy.index(0, place).data().strip() for place in range(len(COLUMNS))]
    assert row == [
        f"{PRESENT} 1", "14:05:09", "cell 1", "NMF FISSA", "auto 4", "0.35", "892", "1,201", "✓", "3", "0.87", "0.997",
        "0.83", "0.25", "0.0", "0.10", "start random",
    ]  # fmt: skip
    assert table.proxy.index(0, 0).data(Qt.ItemDataRole.FontRole).bold()
    table.model.set_present(None)
    assert table.proxy.index(0, 0).data() == "1"


def test_what_is_not_known_or_not_used_is_a_dash_and_sorted_last(table):
    table.model.set_runs([run(1, r=math.nan), run(2, r=-0.1), run(3, method="ica"), run(4, r=0.9)])
    assert texts(table, "alpha") == ["0.1", "–", "0.1", "0.1"]
    header = table.view.horizontalHeader()
    for order, expected in (
        (Qt.SortOrder.AscendingOrder, ["−0.10", "0.25", "0.90", "–"]),
        (Qt.SortOrder.DescendingOrder, ["0.90", "0.25", "−0.10", "–"]),
    ):
        header.setSortIndicator(column("r neu"), order)
        assert texts(table, "r neu") == expected


def test_the_newest_is_on_top_and_one_that_was_made_again_moves_up(table):
    for number in (1, 2, 3):
        table.model.add(run(number))
    assert texts(table, "#") == ["3", "2", "1"]
    table.model.update_run(run(1, at=9.0))
    assert texts(table, "#") == ["1", "3", "2"]
    table.model.remove(2)
    assert texts(table, "#") == ["1", "3"]
    table.model.remove(2)
    table.model.update_run(run(2))
    assert texts(table, "#") == ["1", "3"]


def test_the_filter(table, qtbot):
    summaries = []
    table.summary_changed.connect(summaries.append)
    table.model.set_runs([run(1, "ROI 1"), run(2, "ROI 2", alpha=0.5), run(3, "ROI 2", alpha=2.0)])
    edit = table.findChild(QLineEdit, "run_filter")
    qtbot.keyClicks(edit, "alpha > 0.2 and roi 2")
    assert texts(table, "#") == ["3", "2"]
    assert summaries[-1] == "2 of 3 runs"
    table.model.add(run(4, "ROI 1"))
    table.model.add(run(5, "ROI 2", alpha=0.3))
    assert texts(table, "#") == ["5", "3", "2"]
    edit.setText("alpha > much")
    assert "compared with a number" in table.findChild(QLabel, "run_filter_problem").text()
    assert texts(table, "#") == ["5", "3", "2"]
    edit.clear()
    assert summaries[-1] == "5 runs"
    assert all(name in FILTER_HELP for name in RUN_COLUMNS)


def test_click_and_enter_choose_a_run_and_selecting_several_does_not(table, qtbot):
    table.model.set_runs([run(1), run(2), run(3)])
    chosen = []
    table.run_chosen.connect(lambda each: chosen.append(each.number))
    click_row(qtbot, table, 1)
    assert chosen == [2]
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert chosen == [2]
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert chosen == [2, 1]
    copies = []
    table.copy_requested.connect(lambda: copies.append([each.number for each in table.selected()]))
    table.view.selectionModel().select(
        table.proxy.index(0, 0), QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    )
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copies == [[3, 1]]
    assert [each.number for each in table.listed()] == [3, 2, 1]


def test_the_cursor_goes_to_what_is_shown(table):
    table.model.set_runs([run(1), run(2), run(3)])
    table.model.set_present(1)
    table.go_to_present()
    assert [each.number for each in table.selected()] == [1]


@pytest.mark.parametrize("width", [700, 760, 1080, 1240, 1900])
def test_columns_go_where_there_is_no_room_and_none_is_cut(table, qapp, width):
    table.model.set_runs([run(2000, "a cell of a long name", seed=2**32 - 1, start="random", max_iter=5)])
    table.model.set_present(2000)
    table.resize(width, 300)
    qapp.processEvents()
    shown = [place for place in range(len(COLUMNS)) if not table.view.isColumnHidden(place)]
    assert sum(table.view.columnWidth(place) for place in shown) <= table.view.viewport().width()
    assert {column(title) for title in ("#", "cell", "method", "alpha", "score", "r neu")} <= set(shown)
    bold = QFontMetrics(table.proxy.index(0, 0).data(Qt.ItemDataRole.FontRole))
    for place in shown:
        index = table.proxy.index(0, place)
        # The list of other settings may end in dots; the tool tip has all of it.
        room = table.view.columnWidth(place) + (1000 if place == column("other settings") else 0)
        assert bold.horizontalAdvance(index.data()) + 6 <= room, COLUMNS[place].title
    assert (len(shown) == len(COLUMNS)) == (width == 1900)


def test_settings_without_a_column_have_one_only_where_there_are_some(table, qapp):
    table.resize(1900, 300)
    table.model.set_runs([run(1)])
    qapp.processEvents()
    assert table.view.isColumnHidden(column("other settings"))
    table.model.add(run(2, tol=1e-3, offset=True, pedestal=2.5))
    assert not table.view.isColumnHidden(column("other settings"))
    assert texts(table, "other settings") == ["tol 0.001, subtract minimum on, pedestal 2.5", ""]


def test_every_control_has_a_name_and_says_what_it_does(table):
    for kind, name in (
        (QLineEdit, "run_filter"), (QPushButton, "copy_runs"), (QPushButton, "export_runs"), (QTableView, "runs"),
    ):  # fmt: skip
        widget = table.findChild(kind, name)
        assert widget.accessibleName()
        assert name == "runs" or widget.toolTip()
    table.model.set_runs([run(1, "<cell>")])
    assert "&lt;cell>" in table.proxy.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_drawn_in_both_themes(table, qapp, theme):
    style.apply_theme(qapp, theme)
    table.model.set_runs([run(number) for number in range(1, 4)])
    qapp.processEvents()
    image = table.grab().toImage()
    dark = image.pixelColor(image.width() // 2, image.height() - 20).lightness() < 128
    assert dark == (theme == "dark")


def test_two_thousand_runs_come_and_grow_at_once(table):
    table.model.set_runs([run(number) for number in range(1, 2001)])
    table.findChild(QLineEdit, "run_filter").setText("alpha < 1")
    began = time.thread_time()
    for number in range(2001, 2011):
        table.model.add(run(number))
        table.model.set_present(number)
    seconds = (time.thread_time() - began) / 10
    print(f"{1000 * seconds:.2f} ms for one more")
    assert table.proxy.rowCount() == 2010
    assert seconds < 0.08
