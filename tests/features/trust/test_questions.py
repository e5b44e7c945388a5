"""Questions of the Trust tool: those of each page, when two are equal, and how long each takes."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.processes import Processes
from neuropil_gui.features.trust.inferred_question import InferredQuestion
from neuropil_gui.features.trust.questions import (
    ALPHAS,
    EventsQuestion,
    IndicatorSweepQuestion,
    JudgementQuestion,
    PartsQuestion,
    StabilityQuestion,
    TrialsQuestion,
    questions_of,
)
from neuropil_gui.features.trust.spike_in_questions import SPIKE_IN_ALPHAS, SpikeInAlphaQuestion, SpikeInQuestion
from neuropil_gui.features.trust.spike_questions import SpikesAlphaQuestion, SpikesQuestion


@pytest.fixture
def view(fake_view):
    return fake_view()


@pytest.fixture
def asked(view):
    """Return the questions of a page."""

    def asked(page, cell, result):
        view.page = page
        return questions_of(view, cell, result, None)

    return asked


@pytest.fixture
def result(cell, separation_of):
    return separation_of(cell)


def test_each_page_has_its_questions(view, asked, cell, result):
    kinds = {page: [type(each) for each in asked(page, cell, result)] for page in view.pages}
    assert kinds == {
        "stability": [StabilityQuestion],
        "parts": [PartsQuestion],
        "indicators": [JudgementQuestion, IndicatorSweepQuestion],
        "trials": [TrialsQuestion],
        "spike_in": [SpikeInQuestion, SpikeInAlphaQuestion],
        "events": [EventsQuestion],
        "spikes": [],
    }
    view.spikes.spikes = SpikeTimes(np.array([1.0, 5.0]), "frames")
    assert [type(each) for each in asked("spikes", cell, result)] == [SpikesQuestion, SpikesAlphaQuestion]
    for name, page in view.pages.items():
        assert all(each.page(view) is page for each in asked(name, cell, result))


def test_without_truth_or_alpha_no_alpha_is_swept(asked, cell, result, separation_of):
    blind = Cell("cell 1", cell.traces, cell.signal_names)
    assert [type(each) for each in asked("indicators", blind, result)] == [JudgementQuestion]
    ica = separation_of(cell, method="ica")
    assert [type(each) for each in asked("indicators", cell, ica)] == [JudgementQuestion]


def test_alpha_has_the_same_effect_only_where_it_is_used(view, asked, cell, result, separation_of):
    view.trials.same_effect.isChecked.return_value = True
    assert asked("trials", cell, result)[0].same_effect
    assert not asked("trials", cell, separation_of(cell, method="ica"))[0].same_effect


def test_leaving_one_out_takes_as_many_replicates_as_regions(view, asked, cell, result):
    view.stability.asks = ("leave_one_out", 50)
    assert asked("stability", cell, result)[0].replicates == len(cell.traces) - 1
    view.stability.asks = ("seeds", 50)
    assert asked("stability", cell, result)[0].replicates == 50


def test_known_parts_do_not_make_another_question(cell, result):
    first = PartsQuestion(cell, result, frozenset(), None)
    assert first == PartsQuestion(cell, result, frozenset(), object())
    assert first != PartsQuestion(cell, result, frozenset({1}), None)


def test_the_sweep_is_the_same_for_every_alpha(cell):
    settings = SeparationSettings()
    question = IndicatorSweepQuestion.of(cell, settings)
    assert question == IndicatorSweepQuestion.of(cell, replace(settings, alpha=0.7))
    assert question != IndicatorSweepQuestion.of(cell, replace(settings, n=2))


def test_durations_are_those_of_all_separations(cell, result):
    once = expected_seconds(fast(result.settings), *cell.traces.shape)
    assert once > 0
    assert StabilityQuestion(cell, result, "seeds", 7).seconds == pytest.approx(7 * once)
    assert TrialsQuestion(cell, result, False).seconds == pytest.approx(once)
    sweep = IndicatorSweepQuestion.of(cell, fast(result.settings))
    once = expected_seconds(sweep.plan.settings, *cell.traces.shape)
    assert sweep.seconds == pytest.approx(len(ALPHAS) * once)
    assert PartsQuestion(cell, result, frozenset(), None).seconds == 0
    once = expected_seconds(fast(result.settings), *cell.traces.shape)
    assert SpikeInQuestion(cell, result, SpikeInTest(repeats=6), 30.0).seconds == pytest.approx(12 * once)


def test_the_spike_in_test_over_alpha_is_the_same_for_every_alpha(asked, cell, result, separation_of):
    first = SpikeInAlphaQuestion.of(cell, result, SpikeInTest(repeats=6), 30.0)
    other = replace(result, settings=replace(result.settings, alpha=0.7))
    assert first == SpikeInAlphaQuestion.of(cell, other, SpikeInTest(repeats=9), 30.0)
    assert first != SpikeInAlphaQuestion.of(cell, result, SpikeInTest(count=4), 30.0)
    assert first != SpikeInAlphaQuestion.of(cell, result, SpikeInTest(), 20.0)
    ica = separation_of(cell, method="ica")
    assert [type(each) for each in asked("spike_in", cell, ica)] == [SpikeInQuestion]


def test_a_spike_in_test_over_alpha_reports_and_returns_its_points(view, cell, result):
    question = SpikeInAlphaQuestion.of(cell, result, SpikeInTest(count=3), 30.0)
    question = replace(question, test=replace(question.test, repeats=2))
    reports = []
    made = question.work(reports.append, lambda: False)
    assert [len(each) for each in reports] == list(range(1, len(SPIKE_IN_ALPHAS) + 1))
    assert [each.alpha for each in made] == list(SPIKE_IN_ALPHAS)
    question.show_report(view, reports[2])
    view.spike_in.show_points.assert_called_once_with(reports[2])


def test_processes_are_lent_to_spike_in_tests_alone(cell, result):
    workers, lent = Processes(1), []

    def lend():
        lent.append(workers)
        return workers

    test = SpikeInTest(count=3, repeats=2)
    for question in (SpikeInQuestion(cell, result, test, 30.0), SpikeInAlphaQuestion.of(cell, result, test, 30.0)):
        job = question.job(lend)
        assert lent.pop() is workers
        with workers.in_use(lambda: False):  # by another thread, which keeps them
            alone = job(lambda report: None, lambda: False)
        assert not workers.started
        assert alone
    StabilityQuestion(cell, result, "seeds", 2).job(lend)
    assert not lent


def test_a_spike_in_test_that_is_refused_leaves_its_form(view, cell, result):
    question = SpikeInQuestion(cell, result, SpikeInTest(), 30.0)
    assert question.show_missing(view, 30.0, "No room.", earlier=True, running=False)
    view.spike_in.show_cell.assert_called_once_with(cell)
    view.spike_in.show_alpha.assert_called_once_with(result.settings.alpha)
    view.spike_in.say.assert_called_once_with("")


def test_missing_points_are_cleared_unless_they_are_being_made(view, cell):
    question = IndicatorSweepQuestion.of(cell, SeparationSettings())
    assert not question.show_missing(view, None, "", True, running=True)
    view.indicators.show_points.assert_not_called()
    assert question.show_missing(view, None, "", True, running=False)
    view.indicators.show_points.assert_called_once_with(())


def test_a_sentence_does_not_cover_an_earlier_answer(view, cell, result):
    question = JudgementQuestion(cell, result)
    question.show_missing(view, None, "first", earlier=False, running=False)
    question.show_missing(view, None, "second", earlier=True, running=False)
    view.indicators.say.assert_called_once_with("first")


def test_spikes_are_asked_about_where_they_can_be_placed(view, asked, cell, result):
    seconds = SpikeTimes(np.array([0.1, 0.5]))
    view.spikes.spikes = seconds
    view.page = "spikes"
    assert questions_of(view, cell, result, None) == []
    first, over = questions_of(view, cell, result, None, 20.0)
    assert (first.spikes, first.window, first.frame_rate) == (seconds, 0.5, 20.0)
    assert over == questions_of(view, cell, replace(result), None, 20.0)[1]
    ica = replace(result, settings=replace(result.settings, method="ica"))
    assert [type(each) for each in asked("spikes", cell, ica)] == []
    assert len(questions_of(view, cell, ica, None, 20.0)) == 1


def test_spikes_are_inferred_where_that_is_switched_on(view, asked, cell, result):
    view.events.infers = True
    events, inferred = asked("events", cell, result)
    assert isinstance(inferred, InferredQuestion)
    assert (inferred.indicator, inferred.page(view)) == (events.indicator, view.events)
    inferred.show_missing(view, None, "Inferred spikes need OASIS.", False, False)
    view.events.show_inferred.assert_called_once_with(None, "Inferred spikes need OASIS.")
