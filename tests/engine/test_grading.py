"""Grading gives the marks of a table made by hand, and names what is wrong with a file."""

import csv
import json
import math
from dataclasses import replace

import pytest

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer, Grade, Scorer
from neuropil_gui.core.lessons import BASE, Choice, Facts, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.grading import answers_in, grade
from neuropil_gui.formats.answer_sheets import write_answer_sheet
from neuropil_gui.formats.exercises import read_exercise, write_exercise

pytestmark = pytest.mark.any_version

STEPS = (
    Step("Which?", choices=(Choice("a", False), Choice("b", True), Choice("c", False))),
    Step("Which two?", choices=(Choice("a", True), Choice("b", False), Choice("c", True)), several=True),
    Step("Your k?", control="k", answer="best_r", near=0.1),
)
EXERCISE = Exercise(
    "Your k", "", Situation(replace(BASE, frames=300), k=0.0), STEPS, {"k": (0.0, 3.0)},
    grade=Grade((2.0, 3.0, 1.0), 4.0, 80.0),
)  # fmt: skip

# By hand: which questions are right (R), wrong (W) or left out (-), the last with its k; and the points for each.
BY_HAND = {
    "RRR": (2, 3, 1, 4), "RRW": (2, 3, 0, 0), "RWR": (2, 0, 1, 4), "RWW": (2, 0, 0, 0), "WRR": (0, 3, 1, 4),
    "WRW": (0, 3, 0, 0), "WWR": (0, 0, 1, 4), "WWW": (0, 0, 0, 0), "-RR": (0, 3, 1, 4), "R-W": (2, 0, 0, 0),
}  # fmt: skip


@pytest.fixture
def exercise(tmp_path):
    path = tmp_path / "k.exercise.json"
    write_exercise(path, EXERCISE)
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    return folder


def rows_of(exercise, folder, output):
    marks = grade(exercise, folder, output, lambda _: None, lambda: False)
    with open(output, newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(marks.rows)
    return rows


def hand_in(folder, made_for, name, pattern="RRR", **changes):
    best = Facts(EXERCISE.start)["best_r"]
    given, k = {}, best if pattern[2] == "R" else 0.0
    for index, (right, wrong) in enumerate((({1}, {0}), ({0, 2}, {0}))):
        if pattern[index] != "-":
            given[index] = GivenAnswer(frozenset(right if pattern[index] == "R" else wrong))
    given[2] = GivenAnswer(value=k)
    shown = 100.0 if k else 0.0
    sheet = AnswerSheet(read_exercise(made_for).digest, name, given, SeparationSettings(), k, shown)
    path = folder / f"{name.strip('=+-@')}.answers.json"
    write_answer_sheet(path, EXERCISE, replace(sheet, **changes))
    return path


def test_thirty_answers_have_the_marks_of_a_table_made_by_hand(exercise, folder, tmp_path):
    patterns = [list(BY_HAND)[number % len(BY_HAND)] for number in range(30)]
    for number, pattern in enumerate(patterns):
        hand_in(folder, exercise, f"student {number:02}", pattern)
    rows = rows_of(exercise, folder, tmp_path / "marks.csv")
    assert [row["name"] for row in rows] == [f"student {number:02}" for number in range(30)]
    for row, pattern in zip(rows, patterns, strict=True):
        points = [row[name] for name in ("question 1", "question 2", "question 3", "points for score")]
        assert tuple(map(float, points)) == BY_HAND[pattern], pattern
        assert float(row["points"]) == sum(BY_HAND[pattern])
        assert row["of"] == "10"
        assert float(row["score"]) == (100 if pattern[2] == "R" else 0)
        assert row["remarks"] == ("1 of 3 questions not answered" if "-" in pattern else "")


def test_what_is_wrong_with_a_file_is_a_remark_in_its_row(exercise, folder, tmp_path):
    hand_in(folder, exercise, "changed", score=60.0)
    hand_in(folder, exercise, "nothing", score=math.nan)
    hand_in(folder, exercise, "other", exercise="0" * 64)
    hand_in(folder, exercise, "beyond", settings=SeparationSettings(alpha=3.0))
    hand_in(folder, exercise, "twice")
    (folder / "a course").mkdir()
    hand_in(folder / "a course", exercise, "twice")
    hand_in(folder, exercise, "=1+1", "WWW")
    (folder / "broken.answers.json").write_text('{"format": ', encoding="utf-8")
    (folder / "@evil.json").write_text(json.dumps({"format": "=1"}), encoding="utf-8")
    rows = {row["file"]: row for row in rows_of(exercise, folder, tmp_path / "marks.csv")}
    assert rows["changed.answers.json"]["remarks"] == "score in the file differs: 60.0"
    assert rows["changed.answers.json"]["points"] == "10"
    assert rows["nothing.answers.json"]["remarks"] == "score in the file differs: none"
    other = rows["other.answers.json"]
    assert (other["remarks"], other["points"], other["score"], other["of"]) == ("other exercise", "", "", "10")
    beyond = rows["beyond.answers.json"]
    assert beyond["remarks"] == "settings are not within the exercise: alpha must stay at 0.1"
    assert (beyond["points"], beyond["score"]) == ("6", "")
    assert rows["twice.answers.json"]["remarks"] == "another file has this name"
    assert rows["1+1.answers.json"]["name"] == "'=1+1"
    assert "it is not JSON" in rows["broken.answers.json"]["remarks"]
    assert "it holds no answers" in rows["'@evil.json"]["remarks"]


def test_settings_are_separated_anew_by_fissas_solver(folder, tmp_path):
    made = replace(EXERCISE, steps=(), free={"alpha": (0.0, 3.0)}, own_cell=True, grade=Grade((), 4.0, 80.0))
    made = replace(made, start=replace(made.start, k=0.7))
    path = tmp_path / "alpha.exercise.json"
    write_exercise(path, made)
    for name in ("Ada", "Bob"):
        settings = SeparationSettings(alpha=0.2, solver="accelerated")
        shown = Scorer(made).score(name, settings, 0.7)
        hand_in(folder, path, name, settings=settings, k=0.7, given={}, score=shown)
    ada, bob = rows_of(path, folder, tmp_path / "marks.csv")
    assert (ada["remarks"], bob["remarks"], ada["alpha"]) == ("", "", "0.2")
    assert ada["score"] != bob["score"]


def test_nothing_is_written_where_there_is_nothing_to_grade(exercise, folder, tmp_path):
    output = tmp_path / "marks.csv"
    output.write_text("as it was", encoding="utf-8")
    with pytest.raises(DataError, match=r"no answers were found in it; expected files such as NAME\.answers\.json"):
        grade(exercise, folder, output, lambda _: None, lambda: False)
    with pytest.raises(DataError, match="there is no such folder"):
        answers_in(folder / "not there")
    hand_in(folder, exercise, "one")
    with pytest.raises(Cancelled):
        grade(exercise, folder, output, lambda _: None, lambda: True)
    assert output.read_text(encoding="utf-8") == "as it was"
