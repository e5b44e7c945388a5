import math
import time
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QObject, QPoint, Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit, QProgressBar, QPushButton, QTableView, QToolButton

from neuropil_gui.core.analysis.numbers import numbers
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import CellHeader, Cells, Recording
from neuropil_gui.drawing.thumbnail import thumbnail
from neuropil_gui.panels.cells.cell_filter import FILTER_COLUMNS, FILTER_HELP, parse_filter
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.cells.cell_model import FACT_NAMES, CellColumn, CellModel, natural_key, source_text
from neuropil_gui.panels.cells.cell_summary import CellSummary, summarise
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.ui import sizes, style

pytestmark = pytest.mark.any_version


class Unread(Cells):
    def __init__(self, count, frames=50_000):
        self.headers = tuple(CellHeader(f"cell {k + 1}", 2, frames, 1, k + 3) for k in range(count))

    def load(self, index):
        raise AssertionError("the list read a cell")


def summary(alive, n, r, score, converged, **other):
    return CellSummary({"alive": alive, "n": n, "r_neuropil": r, "score": score}, converged, **other)


@pytest.fixture
def cells(qtbot):
    cells = CellList()
    qtbot.addWidget(cells)
    cells.resize(290, 400)
    with qtbot.waitExposed(cells):
        cells.show()
    return cells


def test_only_rows_of_which_something_else_is_known_are_looked_at_again(cells):
    cells.show_recording(Recording("many", None, None, Unread(1000)))
    changed = []
    cells.model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    known = {5: summary(3, 5, 0.2, 0.8, True), 7: summary(4, 5, 0.3, 0.7, True)}
    marks = {9: Mark("accepted")}
    for _ in range(2):
        cells.show_summaries(known)
        cells.show_marks(marks)
    marks[11] = Mark("rejected")
    cells.show_marks(marks)
    cells.show_summaries({5: known[5]})
    assert changed == [(5, 7), (9, 9), (11, 11), (7, 7)]


class Counted(tuple):
    """Headers that count how often one is looked at."""

    looks = 0

    def __getitem__(self, place):
        Counted.looks += 1
        return super().__getitem__(place)

    def __iter__(self):
        raise AssertionError("all headers were looked at")


def test_only_what_is_in_view_is_looked_at(cells, monkeypatch):
    many = Unread(30_000)
    assert many.overview.most_frames == 50_000  # as the loader does, in its thread
    many.headers = Counted(many.headers)
    monkeypatch.setattr(Counted, "looks", 0)
    cells.show_recording(Recording("swapped axes", None, None, many))
    cells.show_selection(0)
    cells.grab()
    assert 0 < Counted.looks < 1500


def test_many_cells_are_sorted_and_filtered(cells):
    cells.show_recording(Recording("swapped axes", None, None, Unread(30_000, 20)))
    cells.proxy.sort(CellColumn.NAME, Qt.SortOrder.DescendingOrder)
    assert cells.proxy.index(0, CellColumn.NUMBER).data() == "30000"
    cells.proxy.sort(CellColumn.NUMBER, Qt.SortOrder.AscendingOrder)
    assert [cells.proxy.index(row, CellColumn.NUMBER).data() for row in (0, 1, 29_999)] == ["1", "2", "30000"]
    cells.filter.setText("number > 29998")
    assert cells.listed() == [29_998, 29_999]


def test_all_that_were_selected_are_still_so_once_a_filter_is_gone_and_no_others(cells):
    cells.show_recording(Recording("some", None, None, Unread(300)))
    cells.show_marks({row: Mark("accepted") for row in (0, 299, *range(20, 200, 2))})
    cells.show_selection(20)
    cells.filter.setText("accepted")
    cells.view.selectAll()
    accepted = cells.listed()
    assert cells.selected() == accepted
    cells.view.sortByColumn(CellColumn.NAME, Qt.SortOrder.DescendingOrder)
    assert cells.selected() == accepted
    cells.filter.setText("")
    assert cells.selected() == accepted


def test_an_extended_selection_can_be_made_smaller_while_results_come(qtbot, cells):
    cells.show_recording(Recording("few", None, None, Unread(6)))
    cells.cell_selected.connect(cells.show_selection)
    cells.show_selection(0)
    for _ in range(3):
        qtbot.keyClick(cells.view, Qt.Key_Down, Qt.ShiftModifier)
    cells.show_summary(5, summary(3, 5, 0.13, 0.9, True))
    qtbot.keyClick(cells.view, Qt.Key_Up, Qt.ShiftModifier)
    assert cells.selected() == [0, 1, 2]


@pytest.mark.parametrize(("less", "more"), [("cell 9", "cell 10"), ("a1b2", "a01b10"), ("a2", "a b"), ("a", "a 1")])
def test_numbers_in_names_sort_as_they_count(less, more):
    assert natural_key(less) < natural_key(more)
    assert natural_key("a" + "9" * 20_000) < natural_key("a1" + "0" * 20_000)


@pytest.fixture
def selected(cells):
    seen = []
    cells.cell_selected.connect(seen.append)
    return seen


@pytest.fixture
def five(cells):
    """Five cells, of which the last has no result, and the fourth could not be separated."""
    cells.show_recording(Recording("few", None, None, Unread(5)))
    cells.show_summaries(
        {
            0: summary(3, 5, 0.13, 0.9, True),
            1: summary(5, 5, -0.2, 0.5, False),
            2: summary(2, 5, 0.8, 0.7, True, up_to_date=False),
            3: CellSummary(failed="Some values are not numbers."),
        }
    )
    return cells


def click(qtbot, cells, row, column=CellColumn.NAME):
    place = cells.view.visualRect(cells.proxy.index(row, column)).center()
    qtbot.mouseClick(cells.view.viewport(), Qt.LeftButton, pos=place)


def click_title(qtbot, cells, column):
    titles = cells.view.horizontalHeader()
    place = QPoint(titles.sectionViewportPosition(column) + titles.sectionSize(column) // 2, titles.height() // 2)
    qtbot.mouseClick(titles.viewport(), Qt.LeftButton, pos=place)


def order(cells):
    return [cells.proxy.mapToSource(cells.proxy.index(row, 0)).row() for row in range(cells.proxy.rowCount())]


def filter_by(qtbot, cells, text):
    edit = cells.findChild(QLineEdit, "cell_filter")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClick(edit, Qt.Key_Delete)
    qtbot.keyClicks(edit, text)


def test_the_model_keeps_qts_rules(qtmodeltester, five):
    qtmodeltester.check(five.model)
    qtmodeltester.check(five.proxy)
    qtmodeltester.check(CellModel())


def test_five_thousand_cells_are_listed_without_reading_one(cells, selected):
    cells.show_recording(Recording("big", None, 30.0, Unread(5000)))
    cells.show_selection(4999)
    cells.grab()
    assert cells.model.rowCount() == 5000
    assert cells.header.subtitle.toolTip() == "<qt>5,000 cells · 50,000 frames</qt>"
    assert not selected


def test_keys_and_mouse_select(qtbot, cells, selected):
    cells.show_recording(Recording("few", None, None, Unread(5)))
    cells.show_selection(0)
    cells.view.setFocus()
    qtbot.keyClick(cells.view, Qt.Key_Down)
    click(qtbot, cells, 3)
    assert selected == [1, 3]
    click(qtbot, cells, 3)
    assert selected == [1, 3]
    click(qtbot, cells, 3, CellColumn.TRACE)
    qtbot.keyClick(cells.view, Qt.Key_Right)
    assert selected == [1, 3]


def test_several_rows_are_selected_and_stay_so_while_they_are_marked(qtbot, cells, selected):
    cells.show_recording(Recording("few", None, None, Unread(6)))
    cells.cell_selected.connect(cells.show_selection)  # as the session does
    cells.show_selection(0)
    assert (cells.selected(), cells.listed()) == ([0], None)
    cells.view.setFocus()
    for _ in range(2):
        qtbot.keyClick(cells.view, Qt.Key_Down, Qt.ShiftModifier)
    assert selected == [1, 2]
    assert cells.selected() == [0, 1, 2]
    place = cells.view.visualRect(cells.proxy.index(4, CellColumn.NAME)).center()
    qtbot.mouseClick(cells.view.viewport(), Qt.LeftButton, Qt.ControlModifier, place)
    assert selected == [1, 2, 4]
    assert cells.selected() == [0, 1, 2, 4]
    cells.show_marks(dict.fromkeys(cells.selected(), Mark("accepted", "soma")))
    cells.show_summary(1, summary(3, 5, 0.13, 0.9, True))
    assert cells.selected() == [0, 1, 2, 4]
    cells.filter.setText("accepted and number > 1")
    assert cells.listed() == [1, 2, 4]
    assert cells.selected() == [1, 2, 4]
    cells.filter.setText("not marked")
    assert (cells.listed(), cells.selected()) == ([3, 5], [])
    cells.filter.setText('note ~ "soma"')
    assert (cells.listed(), cells.selected()) == ([0, 1, 2, 4], [4])
    cells.show_selection(2)  # from elsewhere
    assert cells.selected() == [2]


def test_own_settings_are_shown_where_there_are_any_and_given_up_by_a_click(qtbot, five):
    dropped = []
    five.own_dropped.connect(dropped.append)
    five.resize(600, 400)
    assert five.view.isColumnHidden(CellColumn.OWN)
    five.show_own({1: "alpha 0.02", 3: "n 3"})
    assert not five.view.isColumnHidden(CellColumn.OWN)
    assert [five.model.text(row, CellColumn.OWN) for row in range(5)] == ["", "alpha 0.02", "", "n 3", ""]
    five.filter.setText("own")
    assert five.listed() == [1, 3]
    click(qtbot, five, 1, CellColumn.NAME)
    assert dropped == []
    click(qtbot, five, 1, CellColumn.OWN)
    assert dropped == [3]
    five.grab()
    five.show_own({})
    assert five.view.isColumnHidden(CellColumn.OWN)


def test_what_became_of_each_cell(five):
    texts = [
        [five.model.text(row, column) for column in (CellColumn.ALIVE, CellColumn.R, CellColumn.CONVERGED)]
        for row in range(5)
    ]
    assert texts == [
        ["3/5", "0.13", "✓"], ["5/5", "\N{MINUS SIGN}0.20", "!"], ["2/5", "0.80", "✓"], ["", "", "×"], ["", "", ""],
    ]  # fmt: skip
    tips = [five.model.data(five.model.index(row, 0), Qt.ToolTipRole) for row in range(5)]
    assert "3 of 5 components alive" in tips[0]
    assert "other settings" in tips[2]
    assert "not numbers" in tips[3]
    assert "Not separated yet" in tips[4]
    five.show_summary(0, None)
    assert five.model.text(0, CellColumn.ALIVE) == ""


def test_a_summary_says_what_the_numbers_say(cell, separation_of):
    separation = separation_of(cell, empty=(2,))
    table = numbers(cell, separation)
    found = summarise(Outcome.of(Result(separation, table)), up_to_date=False)
    assert (found.alive_text, found.converged, found.up_to_date) == ("3/4", True, False)
    assert found.numbers == table


def test_every_column_of_the_filter_is_in_a_row_and_old_names_are_understood(five):
    known = {name: five.model.values(name, range(1))[0] for name in FILTER_COLUMNS}
    unknown = {name for name, value in known.items() if value is None}
    assert unknown == {*FACT_NAMES, "explained", "negative", "r_neuropil_raw", "iterations", "gain", "leak"}
    assert all(name in FILTER_HELP for name in FILTER_COLUMNS)
    for each in FILTER_COLUMNS.values():
        assert parse_filter(f"{each.name} = {'yes' if each.kind is bool else 1}").columns == {each.name}
    assert parse_filter("r > 0.1").matches(known) is parse_filter("r_neuropil > 0.1").matches(known) is True
    assert parse_filter("r_raw > 0.1").columns == {"r_neuropil_raw"}


def test_gain_and_leak_of_a_test_are_columns_and_can_be_filtered(five):
    first = five.model.summaries[0]
    columns = CellColumn.GAIN, CellColumn.LEAK
    five.resize(500, 400)
    assert all(five.view.isColumnHidden(column) for column in columns)
    five.show_summary(0, replace(first, numbers={**first.numbers, "gain": 0.82, "leak": 0.034}))
    assert not any(five.view.isColumnHidden(column) for column in columns)
    assert [five.model.text(0, column) for column in columns] == ["0.82", "0.03"]
    assert "Kept 0.82 of added events, leak 0.03" in five.model.data(five.model.index(0, 0), Qt.ToolTipRole)
    assert "added events" not in five.model.data(five.model.index(1, 0), Qt.ToolTipRole)
    assert parse_filter("gain > 0.8 and leak < 0.1").matches({"gain": 0.82, "leak": 0.034})
    five.filter.setText("gain > 0.8")
    assert order(five) == [0]
    five.filter.setText("")
    five.show_recording(Recording("others", None, None, Unread(3)))
    five.resize(500, 400)
    assert all(five.view.isColumnHidden(column) for column in columns)


@pytest.fixture
def usual_size(cells):
    """End the test in the usual size of text, in which the next one begins."""
    yield
    sizes.set_scale(1.0)


@pytest.mark.parametrize("scale", [1.0, 1.4])
@pytest.mark.parametrize("longer", [False, True])
def test_other_columns_make_room_for_those_of_a_test(cells, usual_size, scale, longer):
    sizes.set_scale(scale)
    unread = Unread(3)
    if longer:
        unread.headers = tuple(replace(each, name=f"{each.name} of the second plane") for each in unread.headers)
    cells.show_recording(Recording("few", None, None, unread))
    cells.restyle()
    cells.resize(cells.sizeHint())
    first = summary(3, 5, 0.13, 0.9, True)
    cells.show_summary(0, first)
    assert not cells.view.isColumnHidden(CellColumn.ALIVE)
    cells.show_summary(0, replace(first, numbers={**first.numbers, "gain": 0.82, "leak": 0.034}))
    for column in (CellColumn.NUMBER, CellColumn.NAME, CellColumn.CONVERGED, CellColumn.GAIN, CellColumn.LEAK):
        assert not cells.view.isColumnHidden(column), column
    assert cells.view.isColumnHidden(CellColumn.ALIVE)
    assert cells.view.isColumnHidden(CellColumn.TRACE) is longer
    assert cells.view.horizontalScrollBar().maximum() == 0
    cells.resize(2 * cells.sizeHint().width(), 400)
    assert not any(cells.view.isColumnHidden(column) for column in (CellColumn.ALIVE, CellColumn.TRACE, CellColumn.R))


def test_titles_sort_and_what_is_not_known_comes_last(qtbot, five, selected):
    five.show_selection(2)
    click_title(qtbot, five, CellColumn.R)
    first = order(five)
    click_title(qtbot, five, CellColumn.R)
    second = order(five)
    assert {tuple(first), tuple(second)} == {(1, 0, 2, 3, 4), (2, 0, 1, 3, 4)}
    assert five.view.currentIndex().row() == order(five).index(2)
    assert not selected
    five.view.setFocus()
    qtbot.keyClick(five.view, Qt.Key_Down)
    assert selected == [order(five)[order(five).index(2) + 1]]


def test_names_sort_as_they_count(qtbot, cells):
    cells.show_recording(Recording("many", None, None, Unread(12)))
    click_title(qtbot, cells, CellColumn.NAME)
    click_title(qtbot, cells, CellColumn.NAME)
    assert sorted([order(cells), order(cells)[::-1]])[0] == list(range(12))


def test_the_filter_shows_what_passes_and_the_selected_cell_survives(qtbot, five, selected):
    five.show_selection(1)
    filter_by(qtbot, five, "r > 0 and alive < 4")
    assert order(five) == [0, 2]
    assert five.header.subtitle.toolTip() == "<qt>2 of 5 cells</qt>"
    assert not selected
    assert not five.view.currentIndex().isValid()
    filter_by(qtbot, five, "not converged")
    assert order(five) == [1]
    assert five.view.currentIndex().row() == 0
    filter_by(qtbot, five, "")
    assert order(five) == list(range(5))
    assert five.view.currentIndex().row() == 1
    assert not selected


def test_up_and_down_move_in_what_is_shown(qtbot, five, selected):
    five.show_selection(0)
    filter_by(qtbot, five, "r > 0")
    five.view.setFocus()
    qtbot.keyClick(five.view, Qt.Key_Down)
    qtbot.keyClick(five.view, Qt.Key_Down)
    assert selected == [2]
    qtbot.keyClick(five.view, Qt.Key_Up)
    assert selected == [2, 0]


def test_a_filter_that_is_not_understood_says_so_and_changes_nothing(qtbot, five):
    problem = five.findChild(QLabel, "cell_filter_problem")
    filter_by(qtbot, five, "r > 0")
    filter_by(qtbot, five, "r >")
    assert problem.isVisible()
    assert "Expected a value" in problem.text()
    filter_by(qtbot, five, "zebra > 3")
    assert "no column 'zebra'" in problem.text()
    filter_by(qtbot, five, "")
    assert not problem.isVisible()
    assert order(five) == list(range(5))


def test_a_result_that_comes_in_moves_its_row_and_nobody_is_selected_by_it(qtbot, five, selected):
    five.show_selection(4)
    click_title(qtbot, five, CellColumn.R)
    filter_by(qtbot, five, "r < 0.9")
    assert 4 not in order(five)
    five.show_summary(4, summary(1, 5, 0.5, 0.5, True))
    assert 4 in order(five)
    assert order(five).index(4) == five.view.currentIndex().row()
    five.show_summary(4, summary(1, 5, 0.95, 0.5, True))
    assert 4 not in order(five)
    assert not selected


def test_another_recording_forgets_results_and_filter(qtbot, five):
    filter_by(qtbot, five, "r > 0")
    five.show_recording(Recording("other", None, None, Unread(7)))
    assert order(five) == list(range(7))
    assert five.findChild(QLineEdit, "cell_filter").text() == ""
    assert five.view.isColumnHidden(CellColumn.ALIVE)


def test_columns_fit_and_more_of_them_where_there_is_room(five):
    assert five.view.horizontalScrollBar().maximum() == 0
    assert five.view.isColumnHidden(CellColumn.SCORE)
    assert five.view.isColumnHidden(CellColumn.FRAMES)
    five.resize(480, 400)
    assert not five.view.isColumnHidden(CellColumn.SCORE)
    assert five.view.isColumnHidden(CellColumn.FRAMES)
    five.resize(120, 400)
    assert five.view.horizontalScrollBar().maximum() > 0


def test_frames_are_a_column_where_they_differ(cells):
    unequal = Unread(2)
    unequal.headers = (unequal.headers[0], CellHeader("long", 2, 60_000))
    cells.show_recording(Recording("two", None, None, unequal))
    assert not cells.view.isColumnHidden(CellColumn.FRAMES)
    assert cells.model.text(1, CellColumn.FRAMES) == "60,000"


def test_miniatures_are_wanted_for_what_is_in_view(qtbot, cells):
    asked = []
    cells.thumbnails_wanted.connect(asked.append)
    cells.show_recording(Recording("big", None, None, Unread(5000)))
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert asked[0][0] == 0
    assert 5 <= len(asked[0]) <= 25
    for index in asked[0][:-1]:
        cells.show_thumbnail(index, thumbnail(np.random.default_rng(index).normal(size=900)))
    cells.show_thumbnail(asked[0][-1], None)
    cells.view.verticalScrollBar().setValue(3000)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1][0] == 3000
    cells.view.verticalScrollBar().setValue(0)
    filter_by(qtbot, cells, "cell 4999")
    qtbot.waitUntil(lambda: asked[-1] == [4998])


def test_a_miniature_is_drawn(qtbot, cells):
    cells.show_recording(Recording("one", None, None, Unread(3)))

    def ink(row):
        place = cells.view.visualRect(cells.proxy.index(row, CellColumn.TRACE))
        picture = cells.view.viewport().grab(place).toImage()
        return len({picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())})

    before = ink(1)
    cells.show_thumbnail(1, thumbnail(np.sin(np.arange(1000.0) / 30)))
    assert ink(1) > before
    cells.show_thumbnail(2, np.full(200, np.nan, np.float32))
    assert ink(2) == 1
    cells.show_thumbnail(1, np.full(200, np.nan, np.float32))
    assert ink(1) == 1


@pytest.mark.parametrize(
    ("r", "up_to_date", "asks"), [(-0.35, True, True), (-0.15, True, False), (-0.35, False, False)]
)
def test_r_with_neuropil_is_yellow_where_too_much_may_have_been_taken_out(qtbot, cells, r, up_to_date, asks):
    cells.show_recording(Recording("three", None, None, Unread(3)))
    cells.show_summary(1, summary(3, 5, r, 0.5, True, up_to_date=up_to_date))
    picture = cells.view.viewport().grab(cells.view.visualRect(cells.proxy.index(1, CellColumn.R))).toImage()
    hue = QColor(style.current().warning).hsvHue()
    drawn = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    assert any(each.hsvSaturation() > 60 and abs(each.hsvHue() - hue) < 12 for each in drawn) is asks


def test_the_titles_are_not_painted_again_when_a_cell_is_selected(qtbot, cells):
    cells.show_recording(Recording("big", None, None, Unread(50)))
    qtbot.waitUntil(lambda: cells.view.isVisible() and cells.view.horizontalHeader().isVisible())
    cells.show_selection(1)
    QApplication.processEvents()
    painted = []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    watch = Watch()
    titles, rows = cells.view.horizontalHeader().viewport(), cells.view.viewport()
    for each in (titles, rows):
        each.installEventFilter(watch)
    cells.show_selection(2)
    qtbot.waitUntil(lambda: rows in painted)
    QApplication.processEvents()
    assert titles not in painted


def test_scrolling_sorting_and_filtering_five_thousand_is_smooth(qtbot, cells):
    cells.show_recording(Recording("big", None, None, Unread(5000)))
    rng = np.random.default_rng(1)
    small = thumbnail(rng.normal(size=1000))
    began = time.thread_time()
    cells.show_summaries({k: summary(k % 5, 5, float(rng.normal()), 0.5, True) for k in range(5000)})
    for row in range(5000):
        cells.model.thumbnails[row] = small
    bulk = time.thread_time() - began
    bar, frames = cells.view.verticalScrollBar(), []
    for place in range(0, 4900, 70):
        began = time.thread_time()
        bar.setValue(place)
        cells.view.viewport().grab()
        frames.append(time.thread_time() - began)
    began = time.thread_time()
    cells.view.sortByColumn(CellColumn.R, Qt.DescendingOrder)
    sorting = time.thread_time() - began
    began = time.thread_time()
    filter_by(qtbot, cells, "r>0")
    filtering = time.thread_time() - began
    began = time.thread_time()
    cells.show_summary(17, summary(1, 5, 0.33, 0.5, True))
    one = time.thread_time() - began
    print(f"bulk {bulk:.3f} frame {np.median(frames):.4f} (worst {max(frames):.4f}) sort {sorting:.3f} "
          f"filter {filtering:.3f} one {one:.4f}")  # fmt: skip
    assert np.median(frames) < 0.05
    assert sorting < 2
    assert one < 0.3


def test_separate_all_and_its_progress(qtbot, five):
    button, row = five.findChild(QPushButton, "separate_all"), five.batch
    cancel = five.findChild(QToolButton, "batch_cancel")
    assert not row.isVisible()
    with qtbot.waitSignal(five.batch_requested):
        qtbot.mouseClick(button, Qt.LeftButton)
    five.show_batch(1200, 5000)
    assert row.isVisible()
    assert not button.isEnabled()
    assert row.text.text() == "1,200 of 5,000"
    assert five.findChild(QProgressBar, "batch_progress").value() == 1200
    with qtbot.waitSignal(five.batch_cancel_requested):
        qtbot.mouseClick(cancel, Qt.LeftButton)
    five.show_batch(0, None)
    assert not row.isVisible()
    assert button.isEnabled()


@pytest.mark.parametrize(
    ("kind", "name"),
    [(QLineEdit, "cell_filter"), (QPushButton, "separate_all"), (QToolButton, "batch_cancel"), (QTableView, "cells")],
)
def test_controls_have_names_and_help(cells, kind, name):
    widget = cells.findChild(kind, name)
    assert widget.accessibleName()
    assert widget.toolTip() or kind is QTableView


def test_unknown_numbers_sort_last_too(qtbot, cells):
    cells.show_recording(Recording("two", None, None, Unread(2)))
    cells.show_summaries({0: summary(1, 2, math.nan, 0.5, True), 1: summary(1, 2, 0.1, 0.5, True)})
    for way in (Qt.AscendingOrder, Qt.DescendingOrder):
        cells.view.sortByColumn(CellColumn.R, way)
        assert order(cells) == [1, 0]


def test_the_source_row_is_shown_where_the_name_lacks_it():
    assert source_text(CellHeader("cell 1", 2, 10, 1, 7), 0) == "index 7"
    assert source_text(CellHeader("ROI 7", 2, 10, 1, 7), 0) == ""
    assert source_text(CellHeader("cell 1", 2, 10), 0) == ""
    assert source_text(CellHeader("cell 8", 2, 10, 1, 7), 7) == ""


def test_the_frame_rate_is_emitted_once_it_is_typed(qtbot, cells):
    seen = []
    cells.frame_rate_changed.connect(seen.append)
    cells.show_recording(Recording("few", None, None, Unread(5)))
    edit = cells.frame_rate.edit
    assert edit.objectName() == "frame_rate"
    assert edit.placeholderText() == "unknown (frames)"
    edit.setFocus()
    qtbot.keyClicks(edit, "30,5")
    assert not seen
    qtbot.keyClick(edit, Qt.Key_Return)
    assert seen == [30.5]
    cells.frame_rate.clear_action.trigger()
    assert seen == [30.5, None]


@pytest.mark.parametrize("text", ["0", "-3", "fast", "nan", "inf"])
def test_a_text_that_is_no_frame_rate_is_marked_and_not_emitted(qtbot, cells, text):
    seen = []
    cells.frame_rate_changed.connect(seen.append)
    cells.show_recording(Recording("few", None, 12.0, Unread(5)))
    edit = cells.frame_rate.edit
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key_Return)
    assert not seen
    assert edit.property("invalid") is True
    assert "above 0" in edit.toolTip()


class Judged(Unread):
    """Cells with facts of suite2p, but for the last but one."""

    def __init__(self, facts):
        self.headers = tuple(CellHeader(f"ROI {k}", 2, 100, 1, k, tuple(each.items())) for k, each in enumerate(facts))


def test_what_the_source_says_of_cells_is_shown_sorted_and_searched(qtbot, cells):
    facts = [{"probability": 0.5, "red": True}, {"probability": 0.912, "red": False}, {}, {"probability": 0.1}]
    cells.resize(400, 400)
    cells.show_recording(Recording("judged", None, None, Judged(facts)))
    for column in (CellColumn.PROBABILITY, CellColumn.RED):
        assert not cells.view.isColumnHidden(column)
    assert [cells.model.text(row, CellColumn.PROBABILITY) for row in range(4)] == ["0.50", "0.91", "", "0.10"]
    assert [cells.model.text(row, CellColumn.RED) for row in range(4)] == ["●", "", "", ""]
    click_title(qtbot, cells, CellColumn.PROBABILITY)
    assert order(cells) in ([3, 0, 1, 2], [1, 0, 3, 2])
    filter_by(qtbot, cells, "probability > 0.3 and not red")
    assert order(cells) == [1]
    tip = cells.model.data(cells.model.index(0, 0), Qt.ToolTipRole)
    assert "probability 0.5 · red yes" in tip
    cells.show_recording(Recording("few", None, None, Unread(5)))
    assert cells.view.isColumnHidden(CellColumn.PROBABILITY)


def test_the_row_under_the_pointer_is_told_and_one_that_is_hovered_elsewhere_is_shaded(qtbot, cells):
    cells.show_recording(Recording("made", None, None, Unread(5)))
    cells.show_selection(0)
    told = []
    cells.cell_hovered.connect(told.append)
    table = cells.findChild(QTableView, "cells")
    table.sortByColumn(CellColumn.NUMBER, Qt.DescendingOrder)

    def middle(cell):
        return table.visualRect(cells.proxy.mapFromSource(cells.model.index(cell, CellColumn.NAME))).center()

    for cell in (1, 3):
        qtbot.mouseMove(table.viewport(), middle(cell))
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Leave))
    assert told == [1, 3, None]

    def ground(cell):
        place = middle(cell) - QPoint(0, table.rowHeight(0) // 2 - 2)
        return table.viewport().grab().toImage().pixelColor(place).name()

    plain = ground(3)
    cells.show_hovered(3)
    assert ground(3) != plain
    assert ground(2) == plain
    assert cells.selected() == [0]
    cells.show_hovered(None)
    assert ground(3) == plain
