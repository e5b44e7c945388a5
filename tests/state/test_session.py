from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.recording import Cell, Cells, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.state.hidden_truth import without_truth
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import StoredResults

SIGNALS = (
    "recording_changed",
    "selection_changed",
    "cell_changed",
    "frame_rate_changed",
    "settings_changed",
    "live_changed",
    "result_changed",
    "baseline_changed",
    "delta_f_changed",
)


@pytest.fixture
def recording():
    rng = np.random.default_rng(1)
    cells = [Cell.from_traces(rng.random((3, 60)) + 1, name=f"cell {k}") for k in (1, 2, 3)]
    return Recording("three cells", None, None, cells)


@pytest.fixture
def session(qapp):
    session = Session()
    session.emitted = []
    for name in SIGNALS:
        getattr(session, name).connect(lambda name=name: session.emitted.append(name))
    return session


def open_cell(session, recording, index=0):
    session.set_recording(recording)
    session.select(index)
    session.set_cell(recording.cells[index])
    session.emitted.clear()


def test_a_new_recording_selects_its_first_cell_and_forgets_the_rest(session, recording):
    open_cell(session, recording, 2)
    session.store(separate_cell(session.cell, session.settings), {})
    session.set_recording(recording)
    assert (session.index, session.cell, session.result) == (0, None, None)
    session.set_cell(recording.cells[0])
    session.select(2)
    session.set_cell(recording.cells[2])
    assert session.result is None


def test_result_is_that_of_the_selected_cell_and_comes_back_with_it(session, recording):
    open_cell(session, recording)
    result = separate_cell(session.cell, session.settings)
    session.store(result, {})
    assert session.result is result
    assert session.up_to_date
    session.select(1)
    assert session.result is None
    session.set_cell(recording.cells[1])
    assert session.result is None
    session.select(0)
    session.set_cell(recording.cells[0])
    assert session.result is result


def test_changed_settings_make_the_result_out_of_date_and_changing_back_restores_it(session, recording):
    open_cell(session, recording)
    first = separate_cell(session.cell, session.settings)
    session.store(first, {})
    other = SeparationSettings(alpha=0.5)
    session.set_settings(other)
    assert session.result is first
    assert not session.up_to_date
    second = separate_cell(session.cell, other)
    session.store(second, {})
    session.emitted.clear()
    session.set_settings(SeparationSettings())
    assert session.result is first
    assert session.up_to_date
    assert session.emitted == ["settings_changed", "result_changed"]


def test_a_random_seed_never_answers_from_memory(session, recording):
    open_cell(session, recording)
    random = SeparationSettings(method="ica", seed=None)
    session.set_settings(random)
    kept = separate_cell(session.cell, random)
    session.store(kept, {})
    session.set_settings(SeparationSettings())
    session.emitted.clear()
    session.set_settings(random)
    assert session.emitted == ["settings_changed"]


def test_signals_only_where_something_changed(session, recording):
    open_cell(session, recording)
    session.set_settings(session.settings)
    session.select(session.index)
    session.select(99)
    session.select(-1)
    session.set_live(True)
    session.set_frame_rate(None)
    assert session.emitted == []
    session.set_live(False)
    session.set_frame_rate(30)
    assert session.emitted == ["live_changed", "frame_rate_changed"]
    assert session.recording.frame_rate == 30.0


def test_a_cell_that_cannot_be_read_shows_nothing(session, recording):
    open_cell(session, recording)
    session.store(separate_cell(session.cell, session.settings), {})
    session.clear_cell()
    assert session.cell is None
    assert session.result is None


def test_outcomes_of_all_cells_and_failures(session, recording):
    open_cell(session, recording)
    settings = session.settings
    session.store_other(1, separate_cell(recording.cells[1], settings), {})
    session.store_failure(2, settings, "It holds negative values.")
    assert session.result is None
    assert session.outcome(1).converged
    assert session.outcome(2).failed == "It holds negative values."
    assert session.outcome(0) is None
    assert session.has_result(1, settings)
    assert session.has_result(2, settings)
    assert not session.has_result(1, SeparationSettings(alpha=0.9))
    kept = session.results.in_memory({0: settings, 1: settings, 2: replace(settings, alpha=0.9)})
    assert set(kept) == {1}
    own = separate_cell(recording.cells[0], settings)
    session.store_other(0, own, {})
    assert session.result is own


def test_delta_f_is_switched_and_its_settings_are_remembered(session):
    other = BaselineSettings("fissa")
    assert (session.delta_f.baseline, session.delta_f.last_baseline) == (None, BaselineSettings())
    session.set_baseline(other)
    session.set_baseline(other)
    session.set_baseline(None)
    assert (session.delta_f.baseline, session.delta_f.last_baseline) == (None, other)
    assert session.emitted == ["baseline_changed"] * 2


def test_delta_f_is_that_of_cell_result_baseline_and_frame_rate(session, recording):
    assert session.delta_f.question is None
    open_cell(session, recording)
    assert not session.delta_f.pending
    session.set_baseline(BaselineSettings())
    assert session.delta_f.pending
    question = session.delta_f.question
    made = cell_delta_f(session.cell, None, session.delta_f.baseline)
    session.store_delta_f(question, made)
    assert (session.delta_f.made, session.delta_f.refusal, session.delta_f.pending) == (made, "", False)
    # Each of these asks anew, and what answers the old question is dropped.
    changes = [
        lambda: session.store(separate_cell(session.cell, session.settings), {}),
        lambda: session.set_frame_rate(10.0),
        lambda: session.set_baseline(BaselineSettings(percentile=20.0)),
        lambda: (session.select(1), session.set_cell(recording.cells[1])),
    ]
    for change in changes:
        change()
        session.emitted.clear()
        assert (session.delta_f.made, session.delta_f.pending) == (None, True)
        session.store_delta_f(question, made)
        assert session.delta_f.made is None
        assert session.emitted == []
        question = session.delta_f.question
        session.store_delta_f(question, None, "No.")
        assert (session.delta_f.refusal, session.delta_f.pending) == ("No.", False)
        assert session.emitted == ["delta_f_changed"]
    session.set_baseline(None)
    assert (session.delta_f.question, session.delta_f.refusal, session.delta_f.pending) == (None, "", False)


def test_a_draft_is_drawn_until_there_is_a_result_or_it_is_dropped(session, recording):
    open_cell(session, recording)
    result = separate_cell(session.cell, session.settings)
    session.show_draft(result)
    assert (session.drawn, session.result, session.up_to_date, session.answered) == (result, None, True, False)
    session.drop_draft()
    session.drop_draft()
    assert session.drawn is None
    session.show_draft(result)
    kept = separate_cell(session.cell, session.settings)
    session.store(kept, {})
    assert (session.drawn, session.draft) == (kept, None)
    session.show_draft(result)
    session.select(1)
    assert session.draft is None


def test_the_other_solvers_answer_is_one_click_away(session, recording):
    open_cell(session, recording)
    session.show_rival()
    assert session.result is None
    fast = separate_cell(session.cell, SeparationSettings(solver="accelerated"))
    exact = separate_cell(session.cell, SeparationSettings())
    session.store(fast, {})
    assert session.agreement is None
    session.store(exact, {})
    assert session.agreement.same
    assert session.agreement.objectives == (exact.objective, fast.objective)
    session.show_rival()
    assert session.result is fast
    assert session.up_to_date
    assert session.agreement.objectives == (fast.objective, exact.objective)


def test_what_is_made_of_other_cells_is_shown_only_where_it_answers_better(session, recording):
    open_cell(session, recording)
    fast = separate_cell(session.cell, SeparationSettings(solver="accelerated"))
    exact = separate_cell(session.cell, SeparationSettings())
    session.store_other(1, separate_cell(recording.cells[1], fast.settings), {})
    assert session.result is None
    session.store_other(0, fast, {})
    assert session.result is fast
    session.store_other(0, separate_cell(session.cell, SeparationSettings(alpha=0.7)), {})
    assert session.result is fast
    session.store_other(0, exact, {})
    assert session.result is exact
    session.store_other(0, fast, {})
    assert session.result is exact
    session.select(1)
    session.set_cell(recording.cells[1])
    assert session.up_to_date


def test_a_result_from_memory_emits_a_change_of_its_outcome(session, recording):
    open_cell(session, recording)
    first = separate_cell(session.cell, session.settings)
    session.store(first, {})
    other = SeparationSettings(alpha=50.0)
    session.set_settings(other)
    session.store(separate_cell(session.cell, other), {})
    assert session.outcome(0).settings == other
    emitted = []
    session.outcome_changed.connect(emitted.append)
    session.set_settings(SeparationSettings())
    assert session.outcome(0).settings == first.settings
    assert emitted == [0]


def test_outcomes_of_an_earlier_state_are_taken_back_once_the_signals_prove_the_same(session, recording):
    made = separate_cell(recording.cells[0], session.settings)
    kept, elsewhere = Outcome.of(Result(made, {})), Outcome(SeparationSettings(alpha=0.7), "it failed")
    stored = MagicMock(spec=StoredResults)
    stored.get.side_effect = lambda index, settings: Result(made, {}) if settings == made.settings else None
    stored.newest.return_value = None
    session.set_recording(recording)
    many = []
    session.outcomes_changed.connect(many.append)
    session.restore({0: replace(kept, earlier=True), 1: replace(elsewhere, earlier=True)}, None)
    assert not session.has_result(0, made.settings), "of other signals"
    session.set_cell(recording.cells[0])
    assert session.result is None
    session.results.stored = stored
    session.take_back({0: kept})
    assert session.result is made
    assert session.has_result(0, made.settings)
    assert session.outcome(1).earlier
    assert many == [[0, 1], [0]]


def test_another_version_of_a_cell_takes_its_place_with_its_result_and_choices_stay(session, recording):
    open_cell(session, recording)
    session.set_settings(SeparationSettings(alpha=0.5))
    session.store(separate_cell(session.cell, session.settings), {})
    session.pins.pin()
    session.highlight.keep_component(1)
    session.set_baseline(BaselineSettings())
    replaced = []
    session.cell_replaced.connect(lambda: replaced.append((session.cell, session.result)))
    session.emitted.clear()
    rng = np.random.default_rng(2)
    again = Recording("again", None, None, [Cell.from_traces(rng.random((3, 60)) + 1)])
    result = Result(separate_cell(again.cells[0], session.settings), {"score": 0.5})
    logged = len(session.runs)
    session.replace_cell(again, result)
    assert replaced == [(again.cells[0], result.separation)]
    assert session.emitted == ["cell_changed", "result_changed"]
    assert (session.recording, session.cell, session.latest) == (again, again.cells[0], result)
    assert (session.settings.alpha, session.highlight.component, len(session.runs)) == (0.5, 1, logged)
    assert session.delta_f.baseline is not None
    assert list(session.pins.here) == ["A"]
    assert session.up_to_date
    # The results of the version before are not those of this one.
    session.set_settings(SeparationSettings(alpha=0.6))
    session.set_settings(SeparationSettings(alpha=0.5))
    assert session.result is result.separation
    session.replace_cell(recording)
    assert session.result is None
    assert session.outcome(0) is None


def test_pins_of_another_number_of_frames_rest_until_there_are_as_many_again(session, recording):
    open_cell(session, recording)
    session.store(separate_cell(session.cell, session.settings), {})
    session.pins.pin()
    session.replace_cell(Recording("shorter", None, None, [Cell.from_traces(recording.cells[0].traces[:, :40])]))
    assert session.pins.here == {}
    session.replace_cell(recording)
    assert list(session.pins.here) == ["A"]


def test_the_simulation_is_that_of_the_open_recording(session, recording):
    changes = []
    session.teaching.simulation_changed.connect(lambda: changes.append(session.teaching.simulation))
    session.set_recording(recording, Simulation(seed=3))
    session.teaching.set_simulation(Simulation(seed=4))
    session.teaching.set_simulation(Simulation(seed=4))
    session.set_recording(recording)
    assert changes == [Simulation(seed=3), Simulation(seed=4), None]


def test_spike_in_tests_are_kept_of_the_results_as_they_stand_and_of_one_test(session, cell, separation_of):
    session.set_recording(Recording("two", None, 20.0, [cell, cell, cell]))
    for index in (0, 1):
        session.store_other(index, separation_of(cell), {"alive": 2.0})
    changed = []
    session.tests.changed.connect(changed.append)
    found = CellSpikeIn(SpikeInTest(), 20.0, Estimate(0.82, 0.7, 0.94), Estimate(0.03, -0.1, 0.16))
    settings = session.own.all
    session.tests.store({0: found, 1: found, 2: found}, settings)
    assert changed == [[0, 1]], "the third cell has no result"
    assert session.outcome(0).values == {"alive": 2.0, "gain": 0.82, "leak": 0.03}
    assert session.tests.of([1, 2], settings) == {1: found}
    assert session.tests.of([1], replace(settings, common=replace(settings.common, alpha=0.7))) == {}
    # Of another test none stays beside it.
    session.tests.drop_others(SpikeInTest(), 20.0)
    assert len(changed) == 1
    session.tests.drop_others(SpikeInTest(kernel="jgcamp8f"), 20.0)
    assert changed[1:] == [[0, 1]]
    assert session.outcome(1).spike_in is None
    # What was tested by other settings is not of this result.
    session.tests.store({0: found}, replace(settings, common=replace(settings.common, alpha=0.7)))
    assert session.outcome(0).spike_in is None


@pytest.fixture
def simulated():
    return simulate(Simulation(cells=2, frames=200, seed=3))


def test_a_hidden_truth_is_given_to_nothing_and_comes_back_with_all_numbers(session, simulated):
    open_cell(session, simulated)
    cell = session.cell
    result = separate_cell(cell, session.settings)
    session.store(result, numbers(cell, result, SUMMARY))
    session.pins.pin()
    known = dict(session.numbers)
    session.teaching.hide_truth(True)
    assert (session.cell.truth, session.recording.cells[1].truth) == (None, None)
    assert session.cell.traces is cell.traces
    assert session.result is result
    assert not {"r_truth", "error_truth_raw"} & {*session.numbers, *session.outcome(0).numbers}
    # What was pinned before brings back nothing.
    session.set_settings(SeparationSettings(alpha=0.5))
    session.pins.show("A")
    assert session.result is result
    assert "r_truth" not in session.numbers
    session.set_frame_rate(7.0)
    session.emitted.clear()
    session.teaching.hide_truth(False)
    assert session.emitted == ["selection_changed"]  # which has the cell read again
    assert session.recording.frame_rate == 7.0
    session.set_cell(session.recording.cells[0])
    assert session.cell.truth is cell.truth
    assert session.result is result
    assert session.numbers == known


def test_a_recording_or_another_version_of_a_cell_comes_without_its_truth_while_that_is_hidden(session, simulated):
    session.teaching.hide_truth(True)
    open_cell(session, simulated)
    assert session.cell.truth is not None  # as it was handed over here; a reader gets it from the recording
    assert session.recording.cells[0].truth is None
    result = separate_cell(simulated.cells[0], session.settings)
    session.replace_cell(simulated, Result(result, numbers(simulated.cells[0], result, SUMMARY)))
    assert session.cell.truth is None
    assert "r_truth" not in session.numbers


def test_cells_that_are_read_on_demand_are_read_without_their_truth(simulated):
    class OnDemand(Cells):
        headers, absent = simulated.cells.headers, "as it is"

        def load(self, index):
            return simulated.cells[index]

    hidden = without_truth(replace(simulated, cells=OnDemand())).cells
    assert (hidden.headers, hidden.absent) == (OnDemand.headers, "as it is")
    assert [cell.truth for cell in hidden] == [None, None]
    assert hidden[1].traces is simulated.cells[1].traces
