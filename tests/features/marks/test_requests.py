"""Marks of the Edit menu on the cells that are selected, with fakes of the dialog and of the table."""

from unittest.mock import MagicMock

import pytest
from PyQt5.QtWidgets import QAction

from neuropil_gui.core.marks import Mark
from neuropil_gui.features.marks import requests as module
from neuropil_gui.features.marks.requests import MarkRequests
from neuropil_gui.state.session import Session


@pytest.fixture
def dialogs(monkeypatch):
    dialogs = MagicMock(spec=module.dialogs)
    monkeypatch.setattr(module, "dialogs", dialogs)
    return dialogs


def test_a_key_marks_all_selected_cells_and_takes_it_away_again(parent, session_of, cell, dialogs):
    session, selected = session_of(*[cell] * 4), [1, 3]
    actions = MarkRequests(parent, session, lambda: selected).handlers()
    actions["accept"]()
    assert session.marks.all == {1: Mark("accepted"), 3: Mark("accepted")}
    actions["accept"]()
    assert session.marks.all == {}
    selected.clear()  # the filter hides the cell that is shown
    actions["reject"]()
    assert session.marks.all == {0: Mark("rejected")}


def test_a_note_is_written_on_all_selected_cells(parent, session_of, cell, dialogs):
    session = session_of(*[cell] * 4)
    actions = MarkRequests(parent, session, lambda: [0, 2]).handlers()
    dialogs.ask_text.return_value = " dendrite? "
    actions["note"]()
    assert dialogs.ask_text.call_args.args[2:] == ("Note on 2 cells:", "")
    assert session.marks.all == {0: Mark("", "dendrite?"), 2: Mark("", "dendrite?")}
    actions["note"]()
    assert dialogs.ask_text.call_args.args[3] == "dendrite?"  # all have the same
    session.marks.write_note([2], "soma")
    dialogs.ask_text.return_value = None
    actions["note"]()
    assert dialogs.ask_text.call_args.args[3] == ""
    assert session.marks[2].note == "soma"


def test_own_settings_are_given_to_all_selected_cells_and_the_action_follows(parent, session_of, cell, dialogs):
    session = session_of(*[cell] * 4)
    requests = MarkRequests(parent, session, lambda: [0, 2])
    action = QAction(parent)
    action.setCheckable(True)
    action.toggled.connect(requests.handlers()["own_settings"])
    requests.follow(action)
    action.trigger()
    assert set(session.own.all.own) == {0, 2}
    assert action.isChecked()
    session.select(1)
    assert not action.isChecked()
    assert set(session.own.all.own) == {0, 2}
    session.select(2)
    assert action.isChecked()
    action.trigger()
    assert session.own.all.own == {}


def test_without_a_recording_nothing_is_marked(parent, dialogs):
    session = Session()
    requests, action = MarkRequests(parent, session, list), QAction(parent)
    action.setCheckable(True)
    action.toggled.connect(requests.handlers()["own_settings"])
    requests.follow(action)
    action.trigger()
    for name in ("accept", "note"):
        requests.handlers()[name]()
    assert (session.marks.all, session.own.all.own, action.isChecked()) == ({}, {}, False)
    dialogs.ask_text.assert_not_called()
