"""Loader: what it asks of its thread, and which signals follow each answer."""

from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.loader import Loader
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.opening import Opened
from neuropil_gui.formats.questions import FileQuestion, Inquiry
from neuropil_gui.state.session import Session

PATH = Path("traces.npy")
OPTIONS = Options(dataset="F")
SIGNALS = ("started", "reported", "inquired", "loaded", "failed", "ended")


@pytest.fixture
def session(qapp):
    return Session()


@pytest.fixture
def works(monkeypatch):
    """Return mocks in place of the jobs `load` and `inquire`."""
    load, inquire = MagicMock(spec=jobs.load), MagicMock(spec=jobs.inquire)
    monkeypatch.setattr(jobs, "load", load)
    monkeypatch.setattr(jobs, "inquire", inquire)
    return load, inquire


@pytest.fixture
def loader(runners, works, session):
    return Loader(session)


@pytest.fixture
def runner(loader, runners):
    return runners[0]


@pytest.fixture
def emitted(loader):
    """Return the signals emitted so far, with their arguments."""
    emitted = []
    for name in SIGNALS:
        getattr(loader, name).connect(lambda *args, name=name: emitted.append((name, *args)))
    return emitted


@pytest.fixture
def recording(cell):
    return Recording("traces", str(PATH), 20.0, [cell], rows_are_frames=False)


def inquiry(*questions):
    return Inquiry("NumPy", questions, MagicMock())


def test_a_rate_that_was_answered_as_unknown_is_not_remarked_on(tmp_path):
    traces = np.random.default_rng(0).random((2, 50), np.float32) + 1
    for name in ("F", "Fneu"):
        np.save(tmp_path / f"{name}.npy", traces)
    np.save(tmp_path / "iscell.npy", np.ones((2, 2)))
    np.save(tmp_path / "ops.npy", {"fs": 10.0}, allow_pickle=True)

    def loaded(rate_unknown):
        return jobs.load(tmp_path, Options(), rate_unknown)(lambda _: None, lambda: False).recording

    assert "10 Hz, which is often a default" in " ".join(loaded(False).warnings)
    assert (loaded(True).frame_rate, loaded(True).warnings) == (None, ())


def test_a_recording_is_read_into_the_session(loader, runner, works, emitted, session, recording):
    loader.read(PATH, OPTIONS, rate_unknown=True)
    works[0].assert_called_once_with(PATH, OPTIONS, True)
    assert loader.busy
    assert session.recording is None
    runner.reported.emit(runner.question, 0.25)
    runner.answer(Opened(recording, runner.question.options))
    assert emitted == [("started", PATH), ("reported", PATH, 0.25), ("loaded", recording), ("ended",)]
    assert session.recording is recording
    assert loader.options_of(recording) == OPTIONS
    assert not loader.busy


def test_the_session_has_the_recording_before_it_is_announced(loader, runner, session, recording):
    seen = []
    loader.loaded.connect(lambda _: seen.append(session.recording))
    loader.read(PATH)
    runner.answer(Opened(recording, runner.question.options))
    assert seen == [recording]


def test_the_answers_are_those_of_the_last_recording_only(loader, runner, recording, cell):
    loader.read(PATH, OPTIONS)
    runner.answer(Opened(recording, runner.question.options))
    assert loader.options_of(Recording("another", "another.npy", None, [cell])) == Options()


@pytest.mark.parametrize(("questions", "always"), [((MagicMock(spec=FileQuestion),), False), ((), True)])
def test_what_a_file_leaves_open_is_passed_on(loader, runner, works, emitted, questions, always):
    loader.inquire(PATH, always=always)
    works[1].assert_called_once_with(PATH, None)
    found = inquiry(*questions)
    runner.answer(found)
    assert emitted == [("started", PATH), ("ended",), ("inquired", PATH, found)]
    assert not loader.busy


def test_a_file_that_leaves_nothing_open_is_read_at_once(loader, runner, works, emitted):
    loader.inquire(PATH)
    runner.answer(inquiry())
    works[0].assert_called_once_with(PATH, Options(), False)
    assert emitted == [("started", PATH), ("started", PATH)]
    assert loader.busy


def test_a_failure_keeps_what_is_open(loader, runner, emitted, session, recording):
    session.set_recording(recording)
    loader.read(PATH)
    runner.fail(DataError("It is empty."))
    assert emitted == [("started", PATH), ("failed", "It is empty."), ("ended",)]
    assert session.recording is recording


def test_cancel_ends_without_a_failure(loader, emitted):
    loader.read(PATH)
    loader.cancel()
    assert emitted == [("started", PATH), ("ended",)]
    assert not loader.busy


def test_busy_changed_comes_with_each_begin_and_end(loader, runner, recording):
    seen = []
    loader.busy_changed.connect(lambda: seen.append(loader.busy))
    loader.read(PATH)
    runner.answer(Opened(recording, runner.question.options))
    loader.read(PATH)
    runner.fail(DataError("It is empty."))
    loader.read(PATH)
    loader.cancel()
    assert seen == [True, False] * 3


@pytest.mark.parametrize("rate", [20.0, None])
def test_transpose_keeps_the_answers_and_the_frame_rate_as_it_stands(loader, runner, works, session, recording, rate):
    loader.read(PATH, OPTIONS)
    runner.answer(Opened(recording, runner.question.options))
    session.set_frame_rate(rate)
    loader.transpose()
    options = Options(dataset="F", rows_are_frames=True, frame_rate=rate)
    assert works[0].call_args.args == (PATH, options, rate is None)


def test_a_recording_without_an_orientation_is_not_transposed(loader, works, session, cell):
    loader.transpose()
    session.set_recording(Recording("traces", str(PATH), 20.0, [cell]))
    loader.transpose()
    works[0].assert_not_called()
