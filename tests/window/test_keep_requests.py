"""The File menu's entries on projects, and the messages on what is kept, with fakes of the keeper and the dialogs."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import project_room
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import Runner
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.window import keep_requests as module
from neuropil_gui.window.keep_requests import AFRESH, FIND, KeepRequests

WORK = Path("/kept/work.npgui")


class FakeKeeper(QObject):
    continued = pyqtSignal(str)
    absent = pyqtSignal(str)
    saved = pyqtSignal(str)
    left_unsaved = pyqtSignal(str)
    named = pyqtSignal(object)
    begun = pyqtSignal(object)

    def __init__(self):
        super().__init__()
        self.path, self.folder, self.has_name, self.brought_back = WORK, Path("/kept"), False, False
        self.save_as, self.flush, self.start_afresh = MagicMock(), MagicMock(), MagicMock()


class Asked:
    def __init__(self, window, monkeypatch, keeper):
        self.keeper, self.session, self.preferences = keeper, Session(), Preferences()
        self.controller, self.loader = MagicMock(spec=Controller), MagicMock(spec=Loader)
        self.messages = MessageBar(window)
        self.dialogs = MagicMock(spec=module.dialogs, folder_beside=module.dialogs.folder_beside)
        self.runner = MagicMock(spec=Runner)
        monkeypatch.setattr(module, "dialogs", self.dialogs)
        monkeypatch.setattr(module, "Runner", lambda *_: self.runner)
        self.requests = KeepRequests(
            window, self.session, self.controller, keeper, self.loader, self.preferences, self.messages
        )


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def asked(window, monkeypatch, cell, tmp_path):
    asked = Asked(window, monkeypatch, FakeKeeper())
    asked.session.set_recording(Recording("cells", str(tmp_path / "cells.npy"), None, [cell]))
    return asked


def test_a_name_is_asked_for_beside_the_recording_and_taken(asked, tmp_path):
    asked.dialogs.ask_save.return_value = tmp_path / "mine.npgui"
    asked.requests.save_project()
    assert asked.dialogs.ask_save.call_args[0][2] == str(tmp_path / "cells.npgui")
    asked.keeper.save_as.assert_called_once_with(tmp_path / "mine.npgui")
    assert asked.preferences.folder == str(tmp_path)
    asked.keeper.named.emit(tmp_path / "mine.npgui")
    assert "What you do from now on is kept there" in asked.messages.text.text()


def test_a_recording_that_is_in_no_file_is_saved_itself_first(asked, cell):
    asked.session.set_recording(Recording("simulated", None, None, [cell]))
    asked.requests.save_project()
    asked.dialogs.ask_save.assert_not_called()
    assert asked.messages.text.text().startswith("simulated is in no file that a project could refer to")


@pytest.mark.parametrize("name", ["cells.npy", "cells.npgui.bak"])
def test_a_name_of_another_kind_of_file_is_refused(asked, tmp_path, name):
    asked.dialogs.ask_save.return_value = tmp_path / name
    asked.requests.save_project()
    asked.keeper.save_as.assert_not_called()
    assert asked.messages.text.text() == f"The name of a project ends in .npgui, but {name} was found."


def test_nothing_happens_where_the_user_cancels_or_nothing_is_open(asked):
    asked.dialogs.ask_save.return_value = asked.dialogs.ask_file.return_value = None
    asked.requests.save_project()
    asked.requests.save_copy()
    asked.requests.find_recording()
    asked.session = Session()
    asked.keeper.save_as.assert_not_called()
    asked.controller.save_copy.assert_not_called()
    asked.loader.find_recording.assert_not_called()


def test_a_copy_is_written_of_all_that_was_done_until_then(asked, tmp_path):
    asked.dialogs.ask_save.return_value = tmp_path / "whole.npgui"
    asked.requests.save_copy()
    asked.keeper.flush.assert_called_once_with()
    asked.controller.save_copy.assert_called_once_with(tmp_path / "whole.npgui", WORK)


def test_no_copy_is_written_while_the_truth_is_hidden_of_which_it_would_hold_numbers(asked):
    asked.session.teaching.hide_truth(True)
    asked.requests.save_copy()
    assert asked.messages.text.text().startswith("While the truth is hidden, no copy is written")
    asked.dialogs.ask_save.assert_not_called()
    asked.controller.save_copy.assert_not_called()


def test_a_copy_does_not_replace_the_project_and_needs_one(asked):
    asked.dialogs.ask_save.return_value = WORK
    asked.requests.save_copy()
    assert "is the project itself" in asked.messages.text.text()
    asked.keeper.path = None
    asked.requests.save_copy()
    assert "Nothing is kept of this recording" in asked.messages.text.text()
    asked.controller.save_copy.assert_not_called()


def test_a_window_closes_where_all_is_saved_and_asks_once_where_it_is_not(asked):
    asked.keeper.flush.return_value = True
    assert asked.requests.may_close()
    asked.dialogs.show_loss.assert_not_called()
    asked.keeper.flush.return_value = False
    asked.keeper.saved.emit("The disk is full.")
    assert not asked.requests.may_close()
    assert not asked.requests.may_close()
    assert [each.args[1] for each in asked.dialogs.show_loss.call_args_list] == ["The disk is full."]
    asked.dialogs.is_clicked.return_value = False
    asked.requests._on_answered()
    asked.keeper.saved.emit("")
    assert not asked.requests.may_close()
    assert "takes longer" in asked.dialogs.show_loss.call_args.args[1]
    asked.dialogs.is_clicked.return_value = True
    asked.requests._on_answered()
    assert asked.requests.may_close()


def test_the_message_of_what_was_brought_back_offers_to_start_afresh_unless_it_has_a_name(asked):
    asked.keeper.continued.emit("Continued.")
    assert asked.messages.action_button.text() == AFRESH
    asked.messages.action_button.click()
    asked.keeper.start_afresh.assert_called_once_with()
    asked.keeper.has_name = True
    asked.keeper.continued.emit("Continued.")
    assert asked.messages.action_button.text() == ""


def test_the_message_of_a_recording_that_is_not_there_asks_for_it(asked, tmp_path):
    asked.keeper.absent.emit("It was not found.")
    assert asked.messages.action_button.text() == FIND
    asked.dialogs.ask_file.return_value = tmp_path / "there.npy"
    asked.messages.action_button.click()
    asked.loader.find_recording.assert_called_once_with(tmp_path / "there.npy")


def test_why_something_was_not_saved_is_shown_and_that_it_was_is_not(asked):
    asked.keeper.saved.emit("")
    assert asked.messages.text.text() == ""
    asked.keeper.saved.emit("The disk is full.")
    assert asked.messages.text.text() == "The disk is full."


def test_room_is_made_as_the_preferences_say_when_a_project_is_begun(asked, monkeypatch):
    made = MagicMock(spec=project_room.make_room)
    monkeypatch.setattr(module, "make_room", made)
    asked.preferences.project_gigabytes = 3
    asked.keeper.begun.emit(WORK)
    made.assert_called_once_with(Path("/kept"), 3 * 10**9)
    asked.runner.submit.assert_called_once_with(made.return_value)


def test_a_window_that_keeps_nothing_says_so(asked):
    asked.keeper.folder = asked.keeper.path = None
    asked.requests.save_copy()
    assert "Nothing is kept of this recording" in asked.messages.text.text()
    asked.requests.save_project()
    assert "has no project to save" in asked.messages.text.text()
    asked.dialogs.ask_save.assert_not_called()
