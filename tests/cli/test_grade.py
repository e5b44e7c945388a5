"""The grade command."""

from dataclasses import replace

import pytest

from neuropil_gui.__main__ import main
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer, Grade
from neuropil_gui.core.lessons import BASE, Choice, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.answer_sheets import write_answer_sheet
from neuropil_gui.formats.exercises import read_exercise, write_exercise

pytestmark = pytest.mark.any_version

STEPS = (Step("Which?", choices=(Choice("a", False), Choice("b", True))),)
EXERCISE = Exercise("One", "", Situation(replace(BASE, frames=300)), STEPS, grade=Grade((2.0,)))


def test_grade_writes_a_table_and_says_how_many(tmp_path, capsys):
    path, out = tmp_path / "one.exercise.json", tmp_path / "marks.csv"
    write_exercise(path, EXERCISE)
    sheet = AnswerSheet(read_exercise(path).digest, "Ada", {0: GivenAnswer(frozenset({1}))}, SeparationSettings())
    write_answer_sheet(tmp_path / "ada.answers.json", EXERCISE, sheet)
    (tmp_path / "bob.answers.json").write_text("?", encoding="utf-8")
    assert main(["grade", str(path), str(tmp_path), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 2 files graded, 1 with remarks\n"
    assert out.read_text(encoding="utf-8").splitlines()[:2] == [
        "name,question 1,points,of,finished,file,remarks",
        "Ada,2,2,2,,ada.answers.json,",
    ]


def test_what_cannot_be_graded_is_a_sentence(tmp_path, capsys):
    out = tmp_path / "marks.csv"
    assert main(["grade", str(tmp_path / "none.exercise.json"), str(tmp_path), "-o", str(out)]) == 1
    assert "there is no such file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["grade", "a", "b", "-o", "marks.txt"])
    assert not out.exists()


def test_no_picture_is_made_of_an_exercise(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--screenshot", "out.png", "one.exercise.json"])
    assert "an exercise asks for a name first" in capsys.readouterr().err
