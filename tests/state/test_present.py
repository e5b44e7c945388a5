"""The children of a session, each by itself: they are handed a frozen view of it."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.delta_f import DeltaFQuestion, DeltaFStatus
from neuropil_gui.state.pins import Pins
from neuropil_gui.state.present import Present
from neuropil_gui.state.results import Result
from neuropil_gui.state.runs import Runs
from neuropil_gui.state.session import Session

CELL = Cell.from_traces(np.random.default_rng(1).random((3, 60)) + 1, name="one")


@pytest.fixture(scope="module")
def present():
    result = Result(separate_cell(CELL, SeparationSettings(solver="accelerated")), {})
    return Present(Recording("one cell", None, 10.0, [CELL]), 0, CELL, SeparationSettings(), result)


def test_it_cannot_be_changed(present):
    with pytest.raises(FrozenInstanceError):
        present.index = 1
    assert present.result is present.latest.separation
    assert present.frame_rate == 10.0
    assert Present().result is Present().frame_rate is None


def test_the_session_shows_itself(qapp, present):
    session = Session()
    session.set_recording(present.recording)
    session.select(0)
    session.set_cell(CELL)
    session.store(present.result, {})
    seen = session.present
    assert (seen.recording, seen.index, seen.cell) == (present.recording, 0, CELL)
    assert seen.latest is session.latest
    assert seen.settings is session.settings


def test_pins_take_what_is_handed_and_ask_for_what_they_show(qapp, present):
    pins, chosen = Pins(), []
    pins.chosen.connect(chosen.append)
    assert pins.pin() is None
    pins.follow(present)
    assert pins.pin() == "A"
    other = Result(replace(present.result, seconds=1.0), {})
    pins.follow(replace(present, latest=other))
    assert pins.current is None
    pins.show("A")
    assert chosen == [present.latest]
    pins.swap("A")
    assert chosen == [present.latest, present.latest]
    assert pins["A"].result is other
    pins.follow(replace(present, index=1, cell=None, latest=None))
    assert pins.here == {}
    pins.show("A")
    assert len(chosen) == 2


def test_runs_log_what_is_handed(qapp, present):
    runs = Runs()
    runs.log(replace(present, latest=None))
    assert runs.all() == []
    runs.log(present)
    assert runs.present.cell == "one"
    assert runs.present.number == len(runs) == 1
    runs.log(replace(present, cell=None, latest=None))
    assert runs.present is None
    assert len(runs) == 1


def test_delta_f_is_asked_of_what_is_handed(present):
    status = DeltaFStatus()
    status.follow(present)
    assert status.question is None
    baseline = BaselineSettings()
    assert status.want(baseline)
    assert not status.want(baseline)
    question = DeltaFQuestion(CELL, present.result, baseline, 10.0)
    assert status.question == question
    assert status.pending
    assert not status.store(replace(question, frame_rate=20.0), None, "No.")
    assert status.store(question, None, "No.")
    assert (status.refusal, status.pending) == ("No.", False)
    status.follow(replace(present, latest=None))
    assert status.pending
