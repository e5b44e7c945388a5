"""Marks and notes by keys, in the table, in the filter, and undone."""

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction

from neuropil_gui.core.marks import Mark
from neuropil_gui.panels.cells.cell_model import CellColumn
from neuropil_gui.ui import dialogs


def test_keys_mark_the_selected_cell_and_undo_takes_it_back(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    model, view = window.cells.model, window.cells.view
    assert view.isColumnHidden(CellColumn.MARK)
    window.traces.raw.setFocus()
    qtbot.keyClick(window.traces.raw, Qt.Key_A)
    window.session.select(1)
    qtbot.keyClick(window.traces.raw, Qt.Key_R)
    assert window.session.marks.all == {0: Mark("accepted"), 1: Mark("rejected")}
    assert not view.isColumnHidden(CellColumn.MARK)
    assert [model.text(row, CellColumn.MARK) for row in range(3)] == ["A", "R", ""]
    window.cells.filter.setText("rejected")
    assert window.cells.proxy.rowCount() == 1
    window.cells.filter.setText("")
    undo = window.findChild(QAction, "undo")
    assert "mark of cell 2" in undo.text()
    undo.trigger()
    assert window.session.marks.all == {0: Mark("accepted")}
    qtbot.keyClick(window.traces.raw, Qt.Key_L)
    assert window.session.marks[1].verdict == "look again"
    qtbot.keyClick(window.traces.raw, Qt.Key_L)
    assert window.session.marks[1] == Mark()


def test_a_note_is_written_found_and_kept_when_cancelled(qtbot, window, demo, open_and_wait, monkeypatch):
    open_and_wait(demo)
    answers = iter(["dendrite?", None])
    monkeypatch.setattr(dialogs, "ask_text", lambda *_: next(answers))
    window.traces.raw.setFocus()
    for _ in range(2):
        qtbot.keyClick(window.traces.raw, Qt.Key_Return, Qt.ControlModifier)
    assert window.session.marks.all == {0: Mark("", "dendrite?")}
    assert window.cells.model.text(0, CellColumn.MARK) == "•"
    window.cells.filter.setText('note ~ "dendrite"')
    assert window.cells.proxy.rowCount() == 1


def test_another_recording_has_no_marks(window, demo, open_and_wait):
    open_and_wait(demo)
    window.session.marks.judge([0, 1], "accepted")
    open_and_wait(demo.with_name("easy.npz"))
    assert window.session.marks.all == {}
    assert window.cells.model.text(0, CellColumn.MARK) == ""
