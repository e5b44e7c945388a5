"""The Help menu and the preferences, with fakes of the window's dialogs."""

from unittest.mock import MagicMock

import pytest
from PyQt5.QtWidgets import QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.preferences import MAX_THREADS, Preferences
from neuropil_gui.window import guide_window, help_requests, preference_requests
from neuropil_gui.window.action_table import key_list
from neuropil_gui.window.crash_reporter import data_folder, log_path
from neuropil_gui.window.help_requests import HelpRequests
from neuropil_gui.window.preference_requests import PreferenceRequests
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog
from neuropil_gui.window.program_facts import program_facts


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def dialogs(monkeypatch):
    dialogs = MagicMock(spec=help_requests.dialogs)
    monkeypatch.setattr(help_requests, "dialogs", dialogs)
    return dialogs


def test_keys_and_about_are_dialogs_of_the_window(parent, dialogs):
    requests = HelpRequests(parent)
    requests.keys()
    requests.about()
    dialogs.show_keys.assert_called_once_with(parent, key_list())
    dialogs.show_about.assert_called_once_with(parent, program_facts(data_folder(), log_path()), log_path())


def test_the_guide_is_made_once_and_closed_with_the_window(parent, monkeypatch):
    made = MagicMock(spec=guide_window.GuideWindow)
    monkeypatch.setattr(guide_window, "GuideWindow", made)
    requests = HelpRequests(parent)
    requests.close()
    made.assert_not_called()
    requests.guide()
    requests.guide()
    made.assert_called_once()
    assert made.return_value.show.call_count == 2
    requests.close()
    made.return_value.close.assert_called_once_with()


class Asked:
    """Requests whose dialog answers `answer`."""

    def __init__(self, parent, monkeypatch):
        self.preferences, self.controller, self.themes = Preferences(), MagicMock(spec=Controller), []
        self.requests = PreferenceRequests(parent, self.controller, self.preferences)
        self.requests.theme_changed.connect(self.themes.append)
        self.answer = None
        self.dialog = MagicMock(spec=PreferencesDialog)
        self.dialog.ask.side_effect = lambda *_: self.answer
        monkeypatch.setattr(preference_requests, "PreferencesDialog", self.dialog)


@pytest.fixture
def asked(parent, monkeypatch):
    return Asked(parent, monkeypatch)


def test_the_dialog_starts_from_the_preferences_and_cancel_changes_nothing(asked, parent):
    asked.preferences.theme, asked.preferences.live = "dark", False
    asked.requests.ask()
    before = Choices("dark", False, asked.preferences.threads, True)
    asked.dialog.ask.assert_called_once_with(before, MAX_THREADS, parent)
    assert asked.themes == []
    asked.controller.set_jobs.assert_called_once_with(asked.preferences.threads, "")  # at the start


@pytest.mark.parametrize("forget", [False, True])
def test_choices_are_stored_and_applied(asked, monkeypatch, forget):
    monkeypatch.setattr(asked.preferences, "forget_answers", MagicMock())
    asked.answer = Choices("light", False, 1, False, forget, 7, scheduler="tcp://here:8786")
    asked.requests.ask()
    kept = asked.preferences
    assert (kept.theme, kept.live, kept.threads, kept.restore_layout) == ("light", False, 1, False)
    assert (kept.project_gigabytes, kept.scheduler) == (7, "tcp://here:8786")
    asked.controller.set_jobs.assert_called_with(1, "tcp://here:8786")
    assert asked.themes == ["light"]
    assert kept.text_size == 100
    assert kept.forget_answers.call_count == forget


def test_another_text_size_is_stored_and_emitted(asked, qtbot):
    asked.answer = Choices("light", True, 1, True, text_size=150)
    with qtbot.waitSignal(asked.requests.text_size_changed) as emitted:
        asked.requests.ask()
    assert emitted.args == [150]
    assert asked.preferences.text_size == 150
    # The dialog shows it next time; the same again changes nothing.
    with qtbot.assertNotEmitted(asked.requests.text_size_changed):
        asked.requests.ask()
    assert asked.dialog.ask.call_args.args[0].text_size == 150


def test_the_dark_switch_is_stored(asked):
    asked.requests.set_dark(True)
    asked.requests.set_dark(False)
    assert asked.themes == ["dark", "light"]
    assert asked.preferences.theme == "light"
