import pytest
from PyQt5.QtCore import Qt

from neuropil_gui.core.recording import CellHeader, Cells, Recording
from neuropil_gui.views.cell_list import CellList
from neuropil_gui.views.cell_model import source_text


class Unread(Cells):
    def __init__(self, count):
        self.headers = tuple(CellHeader(f"cell {k + 1}", 2, 50_000, 1, k + 3) for k in range(count))

    def load(self, index):
        raise AssertionError("the list read a cell")


@pytest.fixture
def cells(qtbot):
    cells = CellList()
    qtbot.addWidget(cells)
    cells.resize(280, 400)
    with qtbot.waitExposed(cells):
        cells.show()
    return cells


@pytest.fixture
def selected(cells):
    seen = []
    cells.cell_selected.connect(seen.append)
    return seen


def test_five_thousand_cells_are_listed_without_reading_one(cells, selected):
    cells.show_recording(Recording("big", None, 30.0, Unread(5000)))
    cells.show_selection(4999)
    cells.grab()
    assert cells.model.rowCount() == 5000
    assert cells.header.subtitle.text() == "5,000 cells"
    assert cells.sizes.text() == "2 signals · 50,000 frames"
    assert not selected


def test_keys_and_mouse_select(qtbot, cells, selected):
    cells.show_recording(Recording("few", None, None, Unread(5)))
    cells.show_selection(0)
    cells.view.setFocus()
    qtbot.keyClick(cells.view, Qt.Key_Down)
    place = cells.view.visualRect(cells.model.index(3, 0)).center()
    qtbot.mouseClick(cells.view.viewport(), Qt.LeftButton, pos=place)
    assert selected == [1, 3]
    qtbot.mouseClick(cells.view.viewport(), Qt.LeftButton, pos=place)
    assert selected == [1, 3]


def test_the_source_row_is_shown_where_the_name_does_not_say_it():
    assert source_text(CellHeader("cell 1", 2, 10, 1, 7), 0) == "row 7"
    assert source_text(CellHeader("ROI 7", 2, 10, 1, 7), 0) == ""
    assert source_text(CellHeader("cell 1", 2, 10), 0) == ""
    assert source_text(CellHeader("cell 8", 2, 10, 1, 7), 7) == ""


def test_the_frame_rate_is_told_once_it_is_typed(qtbot, cells):
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
def test_a_text_that_is_no_frame_rate_is_marked_and_not_told(qtbot, cells, text):
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
