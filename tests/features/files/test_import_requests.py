"""Opening files with a fake loader: when the questions are asked, and which answers are used."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.features.files.import_requests import ImportRequests
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import FileQuestion, Inquiry
from neuropil_gui.state.answers import Answers, key_of_file, key_of_layout
from neuropil_gui.state.preferences import Preferences


class FakeLoader(QObject):
    inquired = pyqtSignal(object, object)
    loaded = pyqtSignal(object)
    failed = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self):
        super().__init__()
        self.inquire, self.read = MagicMock(spec=Loader.inquire), MagicMock(spec=Loader.read)


class Opening:
    def __init__(self, parent, path):
        self.path, self.inquiry = path, Inquiry("an array", (), MagicMock(), "layout")
        self.loader, self.preferences = FakeLoader(), Preferences()
        self.requests = ImportRequests(parent, self.loader, self.preferences)
        self.sentences = []
        self.requests.answered.connect(self.sentences.append)


@pytest.fixture
def opening(qtbot, tmp_path):
    parent = QWidget()
    qtbot.addWidget(parent)
    path = tmp_path / "a.npy"
    path.write_bytes(b"")
    opening = Opening(parent, path)
    yield opening
    assert close_runners(opening.requests, 1000)


def test_a_file_is_inquired_unless_there_are_options(opening):
    opening.requests.open_path(opening.path)
    opening.loader.inquire.assert_called_once_with(opening.path, False)
    options = Options(rows_are_frames=True)
    opening.requests.open_path(opening.path, options)
    opening.loader.read.assert_called_once_with(opening.path, options)
    opening.requests.open_path(opening.path, options, ask=True)
    opening.loader.inquire.assert_called_with(opening.path, True)
    opening.requests.open_path(opening.path, ask=False)
    opening.loader.read.assert_called_with(opening.path, None)


@pytest.mark.parametrize("of_file", [True, False])
def test_remembered_answers_are_used_and_those_of_another_file_are_named(opening, of_file):
    answers = Answers({"rows_are_frames": True})
    key = key_of_file(opening.path, opening.inquiry) if of_file else key_of_layout(opening.inquiry)
    opening.preferences.remember_answers(key, answers)
    opening.requests.open_path(opening.path)
    opening.loader.inquired.emit(opening.path, opening.inquiry)
    opening.loader.read.assert_called_once_with(opening.path, answers.options, answers.rate_unknown)
    opening.loader.loaded.emit(None)
    assert len(opening.sentences) == (0 if of_file else 1)


@pytest.mark.parametrize("asked", [True, False])
def test_a_frame_rate_that_is_set_later_is_the_answer_to_its_question(opening, asked):
    question = FileQuestion("frame_rate", "At how many frames a second?", 10.0, "It is often a default left in.")
    opening.inquiry = Inquiry("suite2p", (question,) if asked else (), MagicMock(), "layout")
    key = key_of_file(opening.path, opening.inquiry)
    opening.preferences.remember_answers(key_of_layout(opening.inquiry), Answers({"plane": "0"}))
    opening.requests.open_path(opening.path)
    opening.loader.inquired.emit(opening.path, opening.inquiry)
    opening.loader.loaded.emit(None)
    for rate in (30.0, None):
        opening.requests.keep_frame_rate(rate)
        assert opening.preferences.answers(key) == (Answers({"plane": "0", "frame_rate": rate}) if asked else None)
    opening.requests.open_path(Path("b.npy"), ask=False)
    opening.loader.loaded.emit(None)
    opening.requests.keep_frame_rate(7.0)
    assert opening.preferences.answers(key) == (Answers({"plane": "0", "frame_rate": None}) if asked else None)


def test_a_file_that_is_left_for_another_says_nothing_of_its_answers(opening):
    opening.preferences.remember_answers(key_of_layout(opening.inquiry), Answers({"rows_are_frames": True}))
    opening.requests.open_path(opening.path)
    opening.loader.inquired.emit(opening.path, opening.inquiry)
    opening.requests.open_path(Path("b.npy"), ask=False)
    opening.loader.loaded.emit(None)
    assert opening.sentences == []
