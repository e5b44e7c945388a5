"""Exercises and answers are read whole, or refused in a sentence; what is packed or nested is bounded."""

import base64
import json
import math
import re
import zlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer, Grade
from neuropil_gui.core.lessons import BASE, Choice, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats import bounded_json
from neuropil_gui.formats.answer_sheets import read_answer_sheet, write_answer_sheet
from neuropil_gui.formats.bounded_json import packed, parsed, unpacked
from neuropil_gui.formats.exercises import is_exercise, read_exercise, write_exercise

pytestmark = pytest.mark.any_version

EXERCISE = Exercise(
    "Whose flash?",
    "Look at *both* methods.",
    Situation(replace(BASE, contamination=1.1), SeparationSettings(alpha=0.5)),
    (
        Step("Which?", choices=(Choice("c1", True), Choice("c2", False), Choice("c3", "alive > 3")), several=True),
        Step("How much?", control="settings.alpha", answer="0.2", near=0.05),
        Step("Think."),
    ),
    {"alpha": (0.0, 3.0), "method": ("nmf", "ica")},
    own_cell=True,
    grade=Grade((1.0, 2.0, 0.0), 3.0, 70.0),
)
SHEET = AnswerSheet(
    "d" * 64,
    "Ada Ünal",
    {0: GivenAnswer(frozenset({0, 2}), at="2026-01-02T03:04:05"), 1: GivenAnswer(value=0.25)},
    SeparationSettings(alpha=0.25),
    0.5,
    81.25,
    "2026-01-02T03:05:00",
    "1.0",
)


@pytest.fixture
def write(tmp_path):
    """Write an exercise whose values are changed: those of the file, and those packed in it."""

    def write(changes, inside=None):
        path = tmp_path / "one.exercise.json"
        write_exercise(path, EXERCISE)
        values = json.loads(path.read_text(encoding="utf-8"))
        packed_values = unpacked(values["packed"])
        for target, each in ((values, changes), (packed_values, inside or {})):
            for key, value in each.items():
                if value is None:
                    del target[key]
                else:
                    target[key] = value
        if "packed" not in changes:
            values["packed"] = packed(packed_values)
        path.write_text(json.dumps(values), encoding="utf-8")
        return path

    return write


def test_an_exercise_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "flash.exercise.json"
    write_exercise(path, EXERCISE)
    found = read_exercise(path)
    assert re.fullmatch("[0-9a-f]{64}", found.digest)
    assert found.made_with.startswith("neuropil_gui ")
    assert replace(found, digest="", made_with="") == EXERCISE
    text = path.read_text(encoding="utf-8")
    assert 1000 < len(text) < 3000
    for hidden in ("contamination", "1.1", "alive", "at_least"):
        assert hidden not in text
    assert "no protection" in text
    assert is_exercise(path)
    assert not is_exercise(tmp_path / "ada.answers.json")


def test_the_digest_is_of_what_the_file_says_not_of_its_spaces(tmp_path):
    path = tmp_path / "flash.exercise.json"
    write_exercise(path, EXERCISE)
    before = read_exercise(path).digest
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(values), encoding="utf-8-sig")
    assert read_exercise(path).digest == before
    path.write_text(json.dumps(values | {"title": "Another"}), encoding="utf-8")
    assert read_exercise(path).digest != before


def test_one_on_a_real_recording_names_its_signals(tmp_path):
    real = replace(
        EXERCISE, start=Situation(), steps=(Step("Which?", choices=(Choice("a", True), Choice("b", False))),),
        own_cell=False, grade=Grade((1.0,)), signals="a" * 64, recording="mine.npz", cell=3,
    )  # fmt: skip
    path = tmp_path / "real.exercise.json"
    write_exercise(path, real)
    found = read_exercise(path)
    assert (found.signals, found.recording, found.cell) == ("a" * 64, "mine.npz", 3)
    assert "simulation" not in unpacked(json.loads(path.read_text(encoding="utf-8"))["packed"])
    with pytest.raises(DataError, match="a real recording has no truth"):
        write_exercise(path, replace(real, grade=Grade((1.0,), 2.0)))
    conditional = (Step("Which?", choices=(Choice("a", "alive > 1"), Choice("b", False))),)
    with pytest.raises(DataError, match="must be marked as right"):
        write_exercise(path, replace(real, steps=conditional))


QUESTION, ANSWER = {"text": "Which?", "choices": ["a", "b"]}, {"right": [True, False]}


@pytest.mark.parametrize(
    ("changes", "inside", "sentence"),
    [
        ({"format": "other"}, {}, "it is no exercise of this version"),
        ({"colour": 1}, {}, "the exercise has an unknown key 'colour'"),
        ({"title": None}, {}, "the exercise has no 'title'"),
        ({"title": 5}, {}, "title must be text, but 5 was found"),
        ({"title": "a" * 121}, {}, "title is longer than 120"),
        ({"text": ["a"]}, {}, "text must be text, but a list was found"),
        ({"hidden": ["window"]}, {}, "hidden takes truth and numbers"),
        ({"seed_from": "moon"}, {}, "seed_from must be 'name' or 'exercise'"),
        ({"packed": "!!"}, {}, "what is packed in it is damaged"),
        ({"packed": base64.b64encode(zlib.compress(b"{}")[:-3]).decode()}, {}, "what is packed in it is cut off"),
        ({"packed": base64.b64encode(zlib.compress(b" " * 10**8)).decode()}, {}, "is larger than it can be"),
        ({"allowed": {"tol": [0, 1]}}, {}, "allowed has an unknown key 'tol'"),
        ({"allowed": {"k": [0, 2], "alpha": [0, 3]}}, {}, "allowed takes k alone, or settings"),
        ({"allowed": {"alpha": [3, 0]}}, {}, "the range of alpha must be two ascending numbers"),
        ({"allowed": {"alpha": [0, True]}}, {}, "the range of alpha must be a number, but True was found"),
        ({"allowed": {"n": [1, 10**400]}}, {}, "the range of n is too large a number"),
        ({"allowed": {"alpha": [0, 3], "method": ["pca"]}}, {}, "the range of method takes nmf, ica"),
        ({"allowed": {}}, {}, "question 2: its control 'settings.alpha' is not among those that are allowed"),
        ({"questions": [QUESTION]}, {}, "there are 1 questions, but 3 answers"),
        ({"questions": [QUESTION] * 7}, {}, "at most 6 questions, but 7 were found"),
        ({"questions": [QUESTION | {"text": "a " * 61}]}, {"answers": [ANSWER]}, "question 1 has 63 words"),
        ({"questions": [QUESTION | {"goal": "a"}]}, {"answers": [ANSWER]}, "question 1 has an unknown key 'goal'"),
        ({"questions": [QUESTION | {"choices": [""]}]}, {"answers": [ANSWER]}, "question 1 has no words"),
        ({"questions": [QUESTION]}, {"answers": [{"right": [True]}]}, "2 choices, but 1 are marked"),
        ({"questions": [QUESTION]}, {"answers": [{"right": [False, False]}]}, "none of its choices is right"),
        ({"questions": [QUESTION]}, {"answers": [{"right": ["alive is 1", False]}]}, "expected conditions such as"),
        ({"questions": [QUESTION]}, {"answers": [ANSWER]}, "there are 1 questions, but points for 3"),
        ({}, {"grade": {"questions": [1, 1, -1]}}, "points must be from 0 to 1,000"),
        ({}, {"grade": {"questions": [1, 1, 1], "bonus": 3}}, "grade has an unknown key 'bonus'"),
        ({}, {"simulation": None}, "it has neither a simulation nor a recording"),
        ({}, {"simulation": {"noise": -1}}, "noise must be"),
        ({}, {"simulation": {"noise": "much"}}, "noise must be"),
        ({}, {"simulation": {"frames": 10_000_000}}, "one cell of at most 2,000,000 samples"),
        ({}, {"simulation": {"cells": 10_000}}, "one cell of at most"),
        ({}, {"settings": {"beta": 1}}, "settings has an unknown key 'beta'"),
        ({}, {"settings": {"n": 21}}, "settings may have at most 20 components"),
        ({}, {"settings": {"max_iter": 10**9}}, "10,000,000 iterations in all tries"),
        ({}, {"k": 9}, "k must be from 0 to 3"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_said_in_a_sentence(write, changes, inside, sentence):
    with pytest.raises(DataError, match=r"^one\.exercise\.json: ") as refusal:
        read_exercise(write(changes, inside))
    assert sentence in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the file is empty"),
        (b"not json", "it is not JSON"),
        (b"[1]", "the file must be an object, but a list was found"),
        (b'{"a": NaN}', "it is not JSON"),
        (b'{"format": ' + b"9" * 5000 + b"}", "it is not JSON"),
        (b'{"a":' * 50_000, "it is not JSON|nested too deeply|more than 256 kB"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply|not JSON"),
        (b" " * (bounded_json.MOST_BYTES + 1), "it has more than 256 kB"),
        (b"\xff\xfe{", "it is not JSON"),
    ],
)
def test_what_is_no_object_is_said_in_a_sentence(tmp_path, body, sentence):
    path = tmp_path / "one.exercise.json"
    path.write_bytes(body)
    for read in (read_exercise, read_answer_sheet):
        with pytest.raises(DataError, match=sentence):
            read(path)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5)))
def test_what_is_packed_comes_back(values):
    assert unpacked(packed(values)) == values


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_refused(body):
    for read in (parsed, lambda body: unpacked(base64.b64encode(body).decode())):
        with suppress(DataError):
            assert isinstance(read(body), dict)


def test_answers_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "ada.answers.json"
    write_answer_sheet(path, EXERCISE, SHEET)
    found = read_answer_sheet(path)
    assert found.given[0] == SHEET.given[0]
    assert found.given[1].value == 0.25
    assert replace(found, given={}) == replace(SHEET, given={})
    write_answer_sheet(path, EXERCISE, replace(SHEET, score=math.nan, given={}))
    assert math.isnan(read_answer_sheet(path).score)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 3}, "it holds no answers of this version"),
        ({"name": None}, "the file has no 'name'"),
        ({"name": "a" * 81}, "name is longer than 80"),
        ({"mood": 1}, "the file has an unknown key 'mood'"),
        ({"score": "100"}, "score must be a number, but '100' was found"),
        ({"settings": {"alpha": -1}}, "alpha must be"),
        ({"settings": {"alpha": []}}, "alpha must be"),
        ({"answers": [{"question": 7}]}, "the number of a question must be from 1 to 6"),
        ({"answers": [{"question": 1, "choices": ["a"]}]}, "a choice must be a whole number"),
        ({"answers": [{"question": 1}] * 7}, "answers is longer than 6"),
        ({"answers": [3]}, "an answer must be an object, but 3 was found"),
    ],
)
def test_what_is_wrong_with_answers_is_said_in_a_sentence(tmp_path, changes, sentence):
    path = tmp_path / "ada.answers.json"
    write_answer_sheet(path, EXERCISE, SHEET)
    values = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in values.items() if value is not None}), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(sentence)):
        read_answer_sheet(path)
