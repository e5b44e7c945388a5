"""The list of recent recordings: what is opened or saved goes to its head, and their projects are looked into."""

from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs, loader
from neuropil_gui.engine.loader import Loader
from neuropil_gui.formats.project.glance import Glance
from neuropil_gui.state.answers import Answers, key_of_movie
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.window import recent as module
from neuropil_gui.window.actions import Actions
from neuropil_gui.window.recent import Recent
from neuropil_gui.window.welcome import Welcome


class FakeKeeper(QObject):
    named = pyqtSignal(object)
    begun = pyqtSignal(object)


class FakeWelcome(QObject):
    recent_requested = pyqtSignal(str)


class Listed:
    def __init__(self, runners, preferences):
        self.session, self.keeper, self.opened = Session(), FakeKeeper(), []
        self.loader, self.commands = MagicMock(spec=Loader), MagicMock(spec=Actions)
        self.loader.project_of.return_value = None
        self.welcome = FakeWelcome()
        self.welcome.show_recent, self.welcome.show_glances = MagicMock(spec=Welcome.show_recent), MagicMock()
        self.preferences, self.parent = preferences, QObject()
        self.start_again()
        self.runner = runners[0]

    def start_again(self):
        self.recent = Recent(
            self.parent, self.session, self.loader, self.keeper, self.preferences, self.commands, self.welcome,
            self.opened.append,
        )  # fmt: skip

    def open(self, path, cell):
        self.session.set_recording(Recording("made", str(path), None, [cell]))


@pytest.fixture
def listed(runners, monkeypatch):
    monkeypatch.setattr(module, "Runner", loader.Runner)  # the fake of `runners`
    return Listed(runners, Preferences())


def test_what_is_opened_and_what_is_saved_goes_to_the_head(listed, tmp_path, cell):
    recording, project = tmp_path / "a.npy", tmp_path / "work.npgui"
    listed.open(recording, cell)
    assert listed.preferences.recent == [str(recording)]
    listed.keeper.named.emit(project)
    assert listed.preferences.recent == [str(project), str(recording)]
    names = listed.commands.replace_choices.call_args[0][1]
    assert list(names) == [str(project), str(recording)]
    listed.open(RESOURCES / "demos" / "easy.npz", cell)
    assert listed.preferences.recent == [str(project), str(recording)]
    listed.welcome.recent_requested.emit(str(recording))
    assert listed.opened == [str(recording)]


def test_a_recording_that_was_opened_by_its_project_is_listed_as_that(listed, tmp_path, cell):
    listed.loader.project_of.return_value = tmp_path / "work.npgui"
    listed.open(tmp_path / "a.npy", cell)
    assert listed.preferences.recent == [str(tmp_path / "work.npgui")]


def test_a_movie_of_several_trials_says_how_many_more(listed, tmp_path, cell):
    movie, further = tmp_path / "A01.tif", [str(tmp_path / f"A0{k}.tif") for k in (2, 3)]
    listed.preferences.remember_answers(key_of_movie(movie), Answers({"rois": "/r.zip", "trial_files": further}))
    listed.open(movie, cell)
    ((shown, tip),) = listed.commands.replace_choices.call_args[0][1].values()
    assert shown.endswith("A01.tif and 2 more")
    assert tip == f"Open {movie} and 2 more"
    listed.start_again()
    assert listed.welcome.show_recent.call_args[0] == ([str(movie)], {str(movie): 2})


def test_projects_are_looked_into_once_asked_for(listed, tmp_path, cell, monkeypatch):
    recording, kept, project = tmp_path / "a.npy", tmp_path / "kept.npgui", tmp_path / "work.npgui"
    listed.open(recording, cell)
    listed.keeper.begun.emit(kept)
    listed.keeper.named.emit(project)
    listed.preferences.add_recent(str(tmp_path / "never.npy"))
    glances = MagicMock(spec=jobs.glances)
    monkeypatch.setattr(jobs, "glances", glances)
    listed.recent.look()
    glances.assert_called_once_with({str(project): project, str(recording): kept})
    line = np.zeros(5)
    listed.runner.answer({str(recording): Glance(0.0, "made", 21, 2, 0, 1, line)})
    ((path, (shown, words)),) = listed.welcome.show_glances.call_args[0][0].items()
    assert (Path(path), shown is line) == (recording, True)
    assert words.startswith("21 results, 2 marks · 19")


def test_projects_that_cannot_be_read_show_nothing(tmp_path):
    (tmp_path / "damaged.npgui").write_bytes(b"SQLite format 3" + bytes(200))
    asked = {"a": tmp_path / "damaged.npgui", "b": tmp_path / "gone.npgui"}
    assert jobs.glances(asked)(lambda _: None, lambda: False) == {}
