"""Background work: thumbnails, F - k Fneu and dF/F are each asked for once, and only while they are wanted."""

import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.baseline import delta_f as core_delta_f
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.background import Background

MEDIAN = BaselineSettings(percentile=50.0, window_seconds=None, window_frames=None)


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def background(runners, session):
    return Background(session)


@pytest.fixture
def thumbnails(background, runners):
    return runners[0]


@pytest.fixture
def subtractions(background, runners):
    return runners[1]


@pytest.fixture
def delta_f(background, runners):
    return runners[2]


def test_thumbnails_come_one_by_one_and_those_left_are_asked_again(background, thumbnails, session):
    ready = []
    background.thumbnail_ready.connect(lambda index, points: ready.append((index, points)))
    background.make_thumbnails([0, 1, 2])
    assert thumbnails.question is session.recording
    thumbnails.answer(({0: "points", 1: None}, [2]))
    assert ready == [(0, "points"), (1, None)]
    assert len(thumbnails.asked) == 2
    thumbnails.answer(({2: "more"}, []))
    assert ready[-1] == (2, "more")
    assert not thumbnails.busy


def test_thumbnails_of_a_recording_that_was_closed_are_dropped(background, thumbnails, session, cell):
    ready = []
    background.thumbnail_ready.connect(lambda *made: ready.append(made))
    background.make_thumbnails([0, 1])
    session.set_recording(Recording("another", None, None, [cell]))
    thumbnails.answer(({0: "points"}, [1]))
    assert ready == []
    assert not thumbnails.busy


def test_another_frame_rate_keeps_the_thumbnails(background, thumbnails, session):
    ready = []
    background.thumbnail_ready.connect(lambda index, _: ready.append(index))
    background.make_thumbnails([0])
    session.set_frame_rate(5.0)
    thumbnails.answer(({0: "points"}, []))
    assert ready == [0]


def test_the_same_subtraction_is_asked_once_while_it_is_made(qtbot, background, subtractions, cell):
    background.subtract(cell, 0.7)
    background.subtract(cell, 0.7)
    assert subtractions.asked == [(cell, 0.7)]
    background.subtract(cell, 0.5)
    assert subtractions.asked == [(cell, 0.7), (cell, 0.5)]
    with qtbot.waitSignal(background.subtraction_ready, timeout=0) as caught:
        subtractions.answer(subtractions.compute())
    of, r, trace = caught.args
    assert (of, r) == (cell, 0.5)
    np.testing.assert_allclose(trace, cell.traces[0] - 0.5 * cell.traces[1:].mean(axis=0))


def test_delta_f_is_made_when_wanted_and_dropped_when_not(delta_f, session):
    assert not delta_f.busy
    session.set_baseline(MEDIAN)
    assert delta_f.asked == [session.delta_f.question]
    session.baseline_changed.emit()
    assert len(delta_f.asked) == 1  # it is being made
    session.set_baseline(None)
    assert not delta_f.busy


def test_delta_f_goes_to_the_session(delta_f, session, cell):
    session.set_baseline(MEDIAN)
    made = delta_f.compute()
    delta_f.answer(made)
    assert session.delta_f.made is made
    expected = core_delta_f(cell.traces[0], MEDIAN, 20.0, cell.trial_starts)
    np.testing.assert_array_equal(made.raw.values, expected.values)
    session.baseline_changed.emit()
    assert len(delta_f.asked) == 1  # it is at hand


def test_a_new_result_takes_over_the_raw_delta_f(delta_f, session, cell, separation_of):
    session.set_baseline(MEDIAN)
    first = delta_f.compute()
    delta_f.answer(first)
    session.store(separation_of(cell), {})
    second = delta_f.compute()
    assert second.raw is first.raw
    session.set_baseline(BaselineSettings(percentile=10.0))
    assert delta_f.compute().raw is not first.raw


def test_a_refusal_of_delta_f_goes_to_the_session_as_a_sentence(delta_f, session):
    session.set_baseline(MEDIAN)
    delta_f.fail(DataError("The baseline is zero."))
    assert session.delta_f.refusal == "The baseline is zero."
    assert not session.delta_f.pending
