"""Notes below the numbers: what is the matter is always in sight, the rest as far as there is room."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.remarks import Remark
from neuropil_gui.panels.note_list import MORE, Note, NoteList

EMPTY = "c3 and c4 are empty: at this alpha the signals need fewer components than n. A lower alpha keeps more."
LONG = "There is only one neuropil region. Its signal mixes neuropil with other cells. Extract 0.5 or 4 more regions."
SHORT = "No convergence"


@pytest.fixture
def notes(qtbot):
    notes = NoteList()
    qtbot.addWidget(notes)
    notes.resize(280, 400)
    with qtbot.waitExposed(notes):
        notes.show()
    return notes


def show(notes, *sentences):
    notes.show_notes([Remark(text) for text in sentences])


def first_part(text):
    """Return what is shown of a note without room."""
    note = Note()
    note.set_whole(text)
    note.show_parts(1)
    return note.text()


def texts(notes):
    return [note.text() for note in notes.notes]


def test_all_is_shown_where_there_is_room(notes):
    notes.set_room(280, 400)
    show(notes, EMPTY, LONG)
    assert texts(notes) == [EMPTY, LONG]


def test_without_room_each_says_what_is_the_matter(notes):
    notes.set_room(280, 10)
    show(notes, EMPTY, LONG, SHORT)
    assert texts(notes) == [
        "c3 and c4 are empty" + MORE, "There is only one neuropil region" + MORE, SHORT
    ]  # fmt: skip
    assert [note.accessibleName() for note in notes.notes] == [EMPTY, LONG, SHORT]


def test_a_click_or_the_space_bar_opens_and_closes(qtbot, notes):
    notes.set_room(280, 10)
    show(notes, EMPTY, LONG)
    first, second = notes.notes
    qtbot.mouseClick(first, Qt.LeftButton)
    assert texts(notes) == [EMPTY, "There is only one neuropil region" + MORE]
    qtbot.keyClick(second, Qt.Key_Space)
    assert texts(notes) == [EMPTY, LONG]
    show(notes, EMPTY, SHORT)  # what stays where it is stays open
    show(notes, EMPTY, LONG)
    assert texts(notes) == [EMPTY, "There is only one neuropil region" + MORE]
    qtbot.mouseClick(first, Qt.LeftButton)
    assert texts(notes)[0] == "c3 and c4 are empty" + MORE


def test_whole_notes_can_be_selected_and_do_not_fold_under_the_hand(qtbot, notes):
    notes.set_room(280, 400)
    show(notes, EMPTY)
    qtbot.mouseDClick(notes.notes[0], Qt.LeftButton)
    assert texts(notes) == [EMPTY]
    assert notes.notes[0].selectedText()


def test_fewer_notes_leave_no_empty_boxes(notes):
    show(notes, EMPTY, LONG)
    show(notes, SHORT)
    QApplication.processEvents()
    assert texts(notes) == [SHORT]
    assert [note.isVisible() for note in notes.findChildren(Note)] == [True, False]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(room=st.integers(0, 500), sentences=st.lists(st.sampled_from([EMPTY, LONG, SHORT]), max_size=4))
def test_what_is_shown_fits_or_is_the_least(notes, room, sentences):
    notes.set_room(280, room)
    show(notes, *sentences)
    for note in notes.notes:
        assert note.text() == note.whole or note.whole.startswith(note.text().removesuffix(MORE))
    height = sum(note.heightForWidth(280) for note in notes.notes) + notes.layout().spacing() * (len(notes.notes) - 1)
    assert height <= room or texts(notes) == [first_part(note.whole) for note in notes.notes]
