"""Drafts of answers come back by exercise and name, in another window too; a strange file is refused in words."""

import os
from dataclasses import replace

import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer
from neuropil_gui.core.lessons import Choice, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats import exercise_drafts
from neuropil_gui.formats.exercise_drafts import ExerciseDrafts

pytestmark = pytest.mark.any_version

QUESTION = Step("Which?", choices=(Choice("a", True), Choice("b", False)))
EXERCISE = Exercise("One", "", Situation(), (QUESTION,), digest="d" * 64)
SHEET = AnswerSheet("d" * 64, "Ada L.", {0: GivenAnswer(frozenset({1}), at="now")}, SeparationSettings(alpha=0.3), 0.5)


@pytest.mark.parametrize("on_disk", [True, False])
def test_answers_come_back_until_they_are_handed_in(tmp_path, on_disk):
    folder = tmp_path / "new" / "exercises" if on_disk else None
    drafts = ExerciseDrafts(folder)
    assert drafts.get(EXERCISE, "Ada L.") is None
    drafts.keep(EXERCISE, SHEET)
    again = ExerciseDrafts(folder) if on_disk else drafts
    found = again.get(EXERCISE, "  ada l. ")
    assert (found.given, found.settings, found.k) == (SHEET.given, SHEET.settings, SHEET.k)
    assert again.get(EXERCISE, "Bob") is None
    assert again.get(replace(EXERCISE, digest="e" * 64), "Ada L.") is None
    again.drop(EXERCISE, "Ada L.")
    again.drop(EXERCISE, "Bob")
    assert ExerciseDrafts(folder).get(EXERCISE, "Ada L.") is None
    assert again.get(EXERCISE, "Ada L.") is None


def test_strange_files_are_refused_and_the_oldest_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(exercise_drafts, "MOST", 2)
    drafts = ExerciseDrafts(tmp_path)
    drafts.keep(EXERCISE, SHEET)
    (path,) = tmp_path.iterdir()
    text = path.read_text(encoding="utf-8")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="not JSON"):
        ExerciseDrafts(tmp_path).get(EXERCISE, "Ada L.")
    for before, after in (("Ada L.", "Bob"), ('"question": 1', '"question": 2')):
        path.write_text(text.replace(before, after), encoding="utf-8")
        with pytest.raises(DataError, match="holds the answers to another exercise"):
            ExerciseDrafts(tmp_path).get(EXERCISE, "Ada L.")
    os.utime(path, (1, 1))
    for name in ("Bob", "Cy"):
        drafts.keep(EXERCISE, replace(SHEET, name=name))
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 2
    blocked = ExerciseDrafts(tmp_path / "file" / "below")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError):
        blocked.keep(EXERCISE, SHEET)
    assert blocked.get(EXERCISE, "Ada L.") == SHEET
