"""TrustTool: it asks what the visible page needs once the result stays the same, and keeps the answers."""

from dataclasses import replace
from unittest.mock import MagicMock, call

import numpy as np
import pytest

from neuropil_gui.core.analysis.events import Events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.engine.batch import Batch
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.trust import questions, tool
from neuropil_gui.features.trust.questions import (
    IndicatorSweepQuestion,
    JudgementQuestion,
    PartsQuestion,
    StabilityQuestion,
    TrialsQuestion,
)
from neuropil_gui.features.trust.tool import TrustTool
from neuropil_gui.features.trust.trials_page import ONE_TRIAL
from neuropil_gui.features.trust.words import NO_CELL, NO_NEUROPIL, NO_RESULT
from neuropil_gui.figures import events as events_figure
from neuropil_gui.state.session import Session

WORKING = call(f"{PartsQuestion.title} …")
RESTING = call("", False)


@pytest.fixture
def session(session_of, cell, separation_of):
    session = session_of(cell)
    session.store(separation_of(cell), {})
    return session


@pytest.fixture
def make(qtbot, runners, parent, fake_view, monkeypatch):
    """Make a tool whose page counts as visible, and which has asked what it can."""
    monkeypatch.setattr(tool, "TrustView", fake_view)

    def make(session, page="parts"):
        engine = MagicMock(spec=Controller, batch=MagicMock(spec=Batch))
        made = TrustTool(session, engine, parent)
        made.batch = engine.batch
        made.view.page = page
        made.page.shown.emit()
        qtbot.waitUntil(lambda: made.runner.busy or not made.busy)
        return made

    return make


def test_without_a_result_the_page_shows_why(make, session_of, cell):
    make(Session()).view.parts.say.assert_called_once_with(NO_CELL)
    tool = make(session_of(cell))
    tool.view.parts.say.assert_called_once_with(NO_RESULT)
    assert (tool.runner.asked, tool.busy, tool.figure()) == ([], False, None)
    alone = make(session_of(Cell("cell 1", cell.traces[:1], cell.signal_names[:1])))
    alone.view.parts.say.assert_called_once_with(NO_NEUROPIL)


def test_one_trial_cannot_be_compared_with_others(make, session_of, cell, separation_of):
    alone = Cell("cell 1", cell.traces, cell.signal_names)
    session = session_of(alone)
    session.store(separation_of(alone), {})
    tool = make(session, "trials")
    tool.view.trials.say.assert_called_once_with(ONE_TRIAL)
    assert tool.runner.asked == []


def test_an_answer_is_shown_and_not_asked_again(make, session, cell):
    tool = make(session)
    assert tool.view.parts.say.call_args == WORKING
    assert tool.view.row.show_work.call_args == WORKING
    question = tool.runner.question
    tool.runner.answer("the parts")
    assert tool.answered == [question]
    tool.view.parts.show_parts.assert_called_once_with(cell, 20.0, "the parts")
    assert tool.view.parts.say.call_args == call("")
    assert tool.view.row.show_rest.call_args == RESTING
    tool.follow()
    assert not tool.busy
    assert tool.runner.asked == [question]
    tool.view.parts.show_parts.assert_called_once()


def test_the_window_lends_its_processes_where_they_help(make, session):
    made = make(session, "stability")
    made.batch.lend.assert_not_called()
    made = make(session, "spike_in")
    made.batch.lend.assert_called_once_with()
    made.view.row.cancel_requested.emit()
    made.view.row.run_requested.emit()
    assert made.batch.lend.call_count == 2


def test_another_frame_rate_draws_the_answer_again(make, session, cell):
    tool = make(session)
    tool.runner.answer("the parts")
    session.set_frame_rate(5.0)
    assert tool.view.parts.show_parts.call_args == call(cell, 5.0, "the parts")
    assert len(tool.runner.asked) == 1


def test_the_next_question_of_a_page_follows_the_answer(qtbot, make, session):
    tool = make(session, "indicators")
    assert isinstance(tool.runner.question, JudgementQuestion)
    tool.runner.answer("the judgement")
    qtbot.waitUntil(lambda: tool.runner.busy)
    assert isinstance(tool.runner.question, IndicatorSweepQuestion)


def test_another_result_is_asked_about_once_it_stays_the_same(
    qtbot, qapp, make, session, cell, separation_of, monkeypatch
):
    made = make(session)
    monkeypatch.setattr(tool, "REST", 10**6)
    session.store(replace(separation_of(cell), iterations=13), {})
    qapp.processEvents()
    assert made.busy
    assert not made.runner.busy
    assert len(made.runner.asked) == 1
    monkeypatch.setattr(tool, "REST", 0)
    session.store(replace(separation_of(cell), iterations=14), {})
    qtbot.waitUntil(lambda: made.runner.busy)
    assert made.runner.question.result is session.result


def test_another_cell_forgets_the_answers(make, session_of, cell, separation_of):
    other = replace(cell, name="cell 2")
    session = session_of(cell, other)
    session.store(separation_of(cell), {})
    tool = make(session)
    tool.runner.answer("the parts")
    session.select(1)
    session.set_cell(other)
    assert tool.answered == []
    assert tool.figure() is None


def test_another_page_drops_the_question(qtbot, make, session):
    tool = make(session)
    tool.view.turn_to("trials")
    assert tool.runner.question is None
    qtbot.waitUntil(lambda: tool.runner.busy)
    assert isinstance(tool.runner.question, TrialsQuestion)


def test_cancel_holds_until_run(make, session):
    tool = make(session)
    question = tool.runner.question
    tool.view.row.cancel_requested.emit()
    tool.follow()
    assert not tool.busy
    assert tool.view.row.show_rest.call_args == call("Cancelled", True)
    tool.view.row.run_requested.emit()
    assert tool.runner.asked == [question, question]


def test_a_refusal_is_shown_on_the_page_and_below(make, session):
    tool = make(session)
    tool.runner.fail(DataError("This cell is flat."))
    assert not tool.busy
    assert tool.view.parts.say.call_args == call("This cell is flat.")
    assert tool.view.row.show_rest.call_args == call("This cell is flat.", True)


def test_what_takes_long_waits_for_run(make, session, monkeypatch):
    monkeypatch.setattr(questions, "expected_seconds", lambda *_: 60.0)
    tool = make(session, "trials")
    assert tool.runner.asked == []
    assert tool.view.row.show_rest.call_args == call("This takes about 1 min or more: press Run to start it.", True)
    tool.view.row.run_requested.emit()
    assert isinstance(tool.runner.question, TrialsQuestion)


def test_a_report_moves_the_progress(make, session):
    tool = make(session, "stability")
    assert isinstance(tool.runner.question, StabilityQuestion)
    tool.runner.reported.emit(tool.runner.question, (2, 5))
    assert tool.view.row.show_work.call_args == call(f"{StabilityQuestion.title}, 2 of 5 done", 2, 5)


def test_a_hidden_page_asks_nothing(make, session, cell, separation_of):
    tool = make(session)
    tool.page.hidden.emit()
    session.store(separation_of(cell), {})
    assert not tool.busy
    assert len(tool.runner.asked) == 1


def test_the_figure_is_that_of_the_visible_page(make, session):
    tool = make(session, "stability")
    assert tool.figure() is None
    tool.runner.answer(MagicMock(spec=Stability))
    assert callable(tool.figure())
    tool.view.turn_to("parts")
    assert tool.figure() is None


def test_the_figure_of_events_has_the_inferred_spikes_of_the_same_course(qtbot, make, session, monkeypatch):
    drawn = []
    monkeypatch.setattr(events_figure, "plot_events", lambda *_, inferred, **__: drawn.append(inferred))
    tool = make(session, "events")
    tool.runner.answer(MagicMock(spec=Events))
    tool.figure()()
    tool.view.events.infers = True
    tool.follow()
    qtbot.waitUntil(lambda: tool.runner.busy)
    inferred = MagicMock(spec=InferredSpikes)
    tool.runner.answer(inferred)
    tool.figure()()
    tool.view.events.asks = ("gcamp6f", 3.0)
    tool.figure()()
    assert drawn == [None, inferred, None]


def test_the_page_of_spikes_shows_the_cell_until_there_are_spikes_of_it(qtbot, make, session, cell):
    tool = make(session, "spikes")
    tool.view.spikes.show_cell.assert_called_once_with(cell, 20.0, session.result)
    assert tool.view.spikes.say.call_args == call("")
    assert not tool.busy
    tool.view.spikes.set_spikes.assert_called_with(None)
    spikes = SpikeTimes(np.array([0.1, 0.5]))
    tool.view.spikes.spikes = spikes
    session.spikes.put(0, spikes)
    tool.view.spikes.set_spikes.assert_called_with(spikes)
    qtbot.waitUntil(lambda: tool.runner.busy)
    assert tool.runner.question.spikes is spikes
    session.spikes.put(3, spikes)
    assert len(tool.runner.asked) == 1


def test_why_spikes_could_not_be_read_is_said(make, session):
    tool = make(session, "spikes")
    tool.spike_files.failed.emit("a.csv: it holds no spike times.")
    tool.view.spikes.show_refusal.assert_called_once_with("a.csv: it holds no spike times.")
