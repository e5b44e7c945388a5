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
from neuropil_gui.state.answers import Answers, from_text, key_of_file, key_of_layout, key_of_movie, to_text
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


@pytest.mark.parametrize("ask", [None, True])
def test_an_array_that_was_a_movie_the_last_time_is_one_again(opening, ask):
    answers = Answers({"rois": "/there/rois.zip", "trial_files": ("/there/b.npy",), "gap": 2, "frame_rate": None})
    opening.preferences.remember_answers(key_of_movie(opening.path), answers)
    opening.requests.open_path(opening.path, ask=ask)
    if ask:  # it may be traces all the same
        opening.loader.inquire.assert_called_once_with(opening.path, True)
        return
    given = Options(rois="/there/rois.zip", trial_files=("/there/b.npy",))
    opening.loader.inquire.assert_called_once_with(opening.path, False, given)
    inquiry = Inquiry("a movie", (), MagicMock(), "movie", given=given, extracts=True)
    opening.loader.inquired.emit(opening.path, inquiry)
    opening.loader.read.assert_called_once_with(opening.path, answers.options, True)
    assert opening.sentences == []


def test_files_that_are_no_pair_open_the_first_and_a_pair_is_inquired(opening, tmp_path):
    other = tmp_path / "b.csv"
    other.write_text("1 2")
    opening.path.write_text("3 4")
    opening.requests.open_paths([opening.path, other])
    opening.loader.inquire.assert_called_once_with(opening.path, False)
    opening.loader.loaded.emit(None)
    assert len(opening.sentences) == 1
    assert f"Only {opening.path.name} was opened, of 2 files" in opening.sentences[0]
    movie = tmp_path / "movie.tif"
    movie.write_bytes(b"II*\0" + bytes(40))
    rois = tmp_path / "a.roi"
    rois.write_bytes(b"Iout" + bytes(40))
    opening.requests.open_paths([rois, movie], ask=True)
    opening.loader.inquire.assert_called_with(movie, True, Options(rois=str(rois)))
    opening.requests.open_paths([rois, movie], ask=False)
    opening.loader.read.assert_called_with(movie, Options(rois=str(rois)))
    opening.loader.loaded.emit(None)
    assert len(opening.sentences) == 1, "movie and ROIs are all of them"
    opening.requests.open_paths([tmp_path / "gone.tif", rois])
    opening.loader.inquire.assert_called_with(tmp_path / "gone.tif", False)


def test_a_file_that_is_opened_alone_is_not_named_with_the_next(opening, tmp_path):
    other = tmp_path / "b.csv"
    for path in (opening.path, other):
        path.write_text("1 2")
    opening.requests.open_paths([opening.path, other])
    opening.loader.failed.emit("It cannot be read.")
    opening.loader.loaded.emit(None)  # a demo, which is not opened from here
    assert opening.sentences == []


def test_answers_of_movies_are_kept_as_text(opening):
    values = {"rois": "/r.zip", "trial_files": ("/a.tif", "/b.tif"), "channel": 2, "regions": 3, "expansion": 0.5}
    answers = Answers({**values, "gap": 0, "exclude_others": True, "weighted": False})
    assert from_text(to_text([("key", answers)])) == [("key", answers)]
    assert answers.agrees_with(Options(rois="/r.zip", regions=3))
    assert not answers.agrees_with(Options(rois="/other.zip"))
    assert set(answers.of_layout.values) == {"channel", "regions", "expansion", "gap", "exclude_others", "weighted"}
    wrong = (("channel", True), ("gap", 1.0), ("trial_files", ("a", 1)), ("weighted", 1), ("expansion", "1"))
    for name, value in wrong:
        with pytest.raises(ValueError, match="is no answer"):
            Answers({name: value})


def test_several_files_of_rois_are_refused_in_a_sentence(opening, tmp_path):
    for name, head in (("movie.tif", b"II*\0"), ("a.roi", b"Iout"), ("b.roi", b"Iout")):
        (tmp_path / name).write_bytes(head + bytes(40))
    said = []
    opening.loader.failed.connect(said.append)
    opening.requests.open_paths([tmp_path / name for name in ("a.roi", "movie.tif", "b.roi")])
    assert len(said) == 1
    assert "save them as one .zip" in said[0]
    opening.loader.inquire.assert_not_called()
