import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.analysis.numbers import numbers
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.state import runs as module
from neuropil_gui.state.filtering import parse
from neuropil_gui.state.runs import RUN_COLUMNS, TABLE_COLUMNS, Run
from neuropil_gui.state.session import Session

DEFAULTS = SeparationSettings()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def recording():
    rng = np.random.default_rng(3)
    return Recording(
        "three", None, None, [Cell.from_traces(rng.random((3, 60)) + 1, name=f"cell {k}") for k in range(3)]
    )


@pytest.fixture(scope="module")
def result(recording):
    return separate_cell(recording.cells[0], DEFAULTS)


@pytest.fixture
def session(qapp, recording, clock):
    session = Session(clock=clock)
    session.set_recording(recording)
    session.set_cell(recording.cells[0])
    return session


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log(session):
    """The log, with what happens to it."""
    log = session.runs
    log.emitted = []
    log.added.connect(lambda run: log.emitted.append(("added", run.number)))
    log.updated.connect(lambda run: log.emitted.append(("updated", run.number)))
    log.removed.connect(lambda number: log.emitted.append(("removed", number)))
    log.cleared.connect(lambda: log.emitted.append(("cleared",)))
    return log


def variant(result, seconds=None, **changes):
    """The same arrays, as other settings would have made them: what is logged is not computed of them."""
    return replace(result, settings=replace(DEFAULTS, **changes), seconds=seconds or result.seconds)


def test_a_run_says_what_came_out(session, recording, result):
    session.store(result, numbers(recording.cells[0], result))
    (run,) = session.runs.all()
    assert session.runs.present is run
    assert (run.number, run.index, run.cell, run.settings) == (1, 0, "cell 0", DEFAULTS)
    assert (run.n, run.iterations, run.converged, run.seconds) == (
        result.n, result.iterations, result.converged, result.seconds,
    )  # fmt: skip
    assert run.numbers == session.numbers
    assert abs(run.at - time.time()) < 60


def test_drafts_and_other_cells_results_are_not_logged_until_they_are_shown(session, recording, result):
    session.show_draft(result)
    session.store_other(1, separate_cell(recording.cells[1], DEFAULTS), {})
    assert len(session.runs) == 0
    session.select(1)
    session.set_cell(recording.cells[1])
    (run,) = session.runs.all()
    assert (run.cell, session.runs.present) == ("cell 1", run)


def test_shown_again_it_keeps_its_line_and_made_again_it_takes_it_over(session, log, clock, result):
    for alpha in (0.1, 0.5):
        clock.now += 10
        session.store(variant(result, alpha=alpha), {})
    session.store(variant(result, alpha=0.1), {})
    assert log.emitted == [("added", 1), ("added", 2)]
    assert log.present.number == 1
    session.store(variant(result, seconds=99.0, alpha=0.1), {})
    assert log.emitted[2:] == [("updated", 1)]
    assert [(run.number, run.seconds) for run in log.all()] == [(1, 99.0), (2, result.seconds)]


def test_of_a_drag_only_where_it_rested_stays(session, log, clock, result):
    session.store(variant(result, alpha=0.1), {})
    clock.now = 5.0
    for alpha in (0.2, 0.3, 0.4):
        session.store(variant(result, alpha=alpha), {})
        clock.now += 0.1
    clock.now += 2
    session.store(variant(result, alpha=0.5), {})
    assert [(run.number, run.settings.alpha) for run in log.all()] == [(1, 0.1), (2, 0.4), (3, 0.5)]


@pytest.mark.parametrize("changes", [{"solver": "accelerated"}, {"seed": 3}, {"method": "ica"}, {"alpha": 0.3, "n": 2}])
def test_what_no_hand_goes_along_is_never_passed(session, log, result, changes):
    session.store(result, {})
    session.store(variant(result, **changes), {})
    assert [run.settings for run in log.all()] == [DEFAULTS, replace(DEFAULTS, **changes)]


def test_another_recording_clears_it(session, log, recording, result):
    session.store(result, {})
    session.set_recording(recording)
    assert (len(log), log.present, log.emitted) == (0, None, [("added", 1), ("cleared",)])
    session.set_cell(recording.cells[0])
    session.store(result, {})
    assert log.present.number == 1


def test_those_shown_longest_ago_make_room(session, log, clock, result, monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    for alpha in (1.0, 2.0, 3.0, 1.0, 4.0, 5.0):
        clock.now += 10
        session.store(variant(result, alpha=alpha), {})
    assert [run.settings.alpha for run in log.all()] == [1.0, 4.0, 5.0]
    assert [each for each in log.emitted if each[0] == "removed"] == [("removed", 2), ("removed", 3)]


def test_a_drawn_seed_is_logged_such_that_it_makes_the_same_again(recording):
    cell = recording.cells[0]
    drawn = separate_cell(cell, SeparationSettings(start="random", seed=None, max_iter=3, max_tries=4))
    assert drawn.tries == 4
    again = separate_cell(cell, drawn.repeatable())
    np.testing.assert_array_equal(again.mixing, drawn.mixing)
    assert (again.seed, again.tries) == (drawn.seed, drawn.tries)
    late = replace(drawn, seed=1, tries=4)
    assert late.repeatable().seed == MAX_SEED - 1


def test_each_drawn_seed_is_a_run_of_its_own(session, log, result):
    for seed in (11, 12):
        session.store(replace(result, settings=replace(DEFAULTS, seed=None), seed=seed), {})
    assert [run.settings.seed for run in log.all()] == [11, 12]


def test_runs_are_filtered_by_the_language_of_the_cells(result):
    run = Run.of(7, 0.0, 2, "ROI 12", variant(result, alpha=0.3, tol=1e-3), {"r_neuropil": -0.5})
    assert set(run.values()) == {*RUN_COLUMNS, *TABLE_COLUMNS}
    assert run.values()["r"] == run.values()["r_neuropil"] == -0.5
    assert TABLE_COLUMNS[-7:] == ("converged", "score", "explained", "r_raw", "r", "negative", "seconds")
    for text, passes in (
        ("alpha > 0.2 and cell = 3", True), ("roi 12", True), ("not converged", not result.converged),
        ("solver = fissa and method = nmf", True), ("n > 0", False), ("run < 7", False), ("r > -2", True),
        ("r_neuropil > 0", False), ("r_raw > -2", False),
    ):  # fmt: skip
        assert parse(text, RUN_COLUMNS).matches(run.values()) is passes, text
    ica = Run.of(8, 0.0, 2, "ROI 12", variant(result, method="ica"), {})
    assert not parse("alpha > 0", RUN_COLUMNS).matches(ica.values())


@settings(deadline=None, max_examples=50)
@given(steps=st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([0.1, 5.0])), max_size=20))
def test_whatever_is_shown_last_is_present_and_each_run_is_there_once(qapp, recording, result, steps):
    clock = Clock()
    session = Session(clock=clock)
    session.set_recording(recording)
    session.set_cell(recording.cells[0])
    log = session.runs
    for alpha, wait in steps:
        clock.now += wait
        session.store(variant(result, alpha=alpha), {})
        assert log.present.settings.alpha == alpha
    kept = log.all()
    assert len({run.key for run in kept}) == len({run.number for run in kept}) == len(kept)
