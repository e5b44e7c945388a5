"""Exercises: what is within them, a cell for each name, and what an answer is worth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.analysis.score import errors, least_error_of_settings, score
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer, Grade, Scorer, points_of, seed_of
from neuropil_gui.core.lessons import BASE, Choice, Facts, Situation, Step
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.core.simulation import simulate

pytestmark = pytest.mark.any_version

FEW = replace(BASE, frames=300)


@given(st.text(), st.integers(0, MAX_SEED))
def test_a_name_has_one_seed_however_it_is_written(name, seed):
    found = seed_of(seed, name)
    assert 0 <= found <= MAX_SEED
    assert seed_of(seed, f"  {name} ") == found


def test_names_have_cells_of_their_own_where_the_exercise_says_so():
    assert seed_of(1, "Ada  LOVELACE") == seed_of(1, "ada lovelace") != seed_of(2, "ada lovelace")
    own = Exercise("", "", Situation(FEW), own_cell=True)
    assert own.situation("Ada").simulation.seed == seed_of(FEW.seed, "Ada")
    assert replace(own.situation("Ada").simulation, seed=FEW.seed) == FEW
    assert replace(own, own_cell=False).situation("Ada") == own.start


@pytest.mark.parametrize(
    ("changes", "k", "refusal"),
    [
        ({}, 0.7, ""), ({"alpha": 2.0, "method": "ica"}, 0.7, ""), ({"solver": "accelerated"}, 0.7, ""),
        ({"alpha": 2.1}, 0.7, "alpha must be from 1 to 2"), ({"method": "nmf", "tol": 0.1}, 0.7, "tol must stay at"),
        ({"n": 3}, 0.7, "n must stay at auto"), ({}, 0.5, ""),
    ],
)  # fmt: skip
def test_settings_are_within_an_exercise_or_named(changes, k, refusal):
    exercise = Exercise("", "", Situation(), free={"alpha": (1.0, 2.0), "method": ("nmf", "ica")})
    found = exercise.refusal(replace(SeparationSettings(), **changes), k)
    assert found.startswith(refusal)
    assert bool(found) == bool(refusal)


def test_a_score_is_that_of_fissas_solver_in_the_students_own_cell():
    exercise = Exercise("", "", Situation(FEW), free={"alpha": (0.0, 3.0)}, own_cell=True)
    scorer, settings = Scorer(exercise), SeparationSettings(alpha=1.0, solver="accelerated")
    cell = simulate(exercise.situation("Ada").simulation).cells[0]
    trace = separate_cell(cell, SeparationSettings(alpha=1.0)).matched[0]
    best = least_error_of_settings(cell, SeparationSettings(), exercise.free)
    assert scorer.score("Ada", settings, 0.7) == score(*errors(cell, trace), best)
    assert scorer.score("Bob", settings, 0.7) != scorer.score("Ada", settings, 0.7)


def test_answers_are_right_as_marked_by_a_condition_or_near_a_number():
    steps = (
        Step("", choices=(Choice("a", False), Choice("b", True))),
        Step("", choices=(Choice("a", "contamination > 0.5"), Choice("b", "contamination < 0.5")), several=True),
        Step("", control="k", answer="best_r", near=0.1),
        Step("", control="k", answer="0.25", near=0.1),
        Step("Think."),
    )
    exercise = Exercise("", "", Situation(FEW), steps, {"k": (0.0, 3.0)}, grade=Grade((1.0, 2.0, 3.0, 4.0, 0.0), 5.0))
    assert exercise.grade.total == 15
    best = Facts(Situation(FEW))["best_r"]
    right = {
        0: GivenAnswer(frozenset({1})), 1: GivenAnswer(frozenset({0})), 2: GivenAnswer(value=best - 0.1),
        3: GivenAnswer(value=0.35),
    }  # fmt: skip
    sheet = AnswerSheet("", "Ada", right, SeparationSettings())
    assert points_of(exercise, sheet) == [1, 2, 3, 4, 0]
    wrong = {
        0: GivenAnswer(frozenset({0, 1})), 1: GivenAnswer(frozenset({0, 1})), 2: GivenAnswer(value=best + 0.11),
        3: GivenAnswer(frozenset({1})),
    }  # fmt: skip
    assert points_of(exercise, replace(sheet, given=wrong)) == [0, 0, 0, 0, 0]
    assert points_of(exercise, replace(sheet, given={})) == [0, 0, 0, 0, 0]
    unknown = replace(exercise, steps=(replace(steps[2], answer="r_of_nothing"),), grade=Grade((1.0,)))
    with pytest.raises(DataError, match="there is no number 'r_of_nothing'"):
        points_of(unknown, replace(sheet, given={0: GivenAnswer(value=1.0)}))
