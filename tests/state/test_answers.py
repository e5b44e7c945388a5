import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtCore import QSettings

from neuropil_gui.core.frame_rate import GREATEST_RATE, LEAST_RATE
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry
from neuropil_gui.state.answers import NAMES, Answers, from_text, key_of_file, key_of_layout, to_text
from neuropil_gui.state.preferences import ANSWERS, Preferences

TEXTS = st.none() | st.text()
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "rows_are_frames": st.none() | st.booleans(),
        "frame_rate": st.none() | st.floats(LEAST_RATE, GREATEST_RATE),
        "time_unit": st.sampled_from(["s", "ms", "min", "frames"]),
        **dict.fromkeys(("dataset", "neuropil", "roi_column", "plane"), TEXTS),
    },
)


def inquiry(guess="F", signature="npz:1"):
    question = FileQuestion("dataset", "Which?", guess, "So.", (Choice("F", "F (3 × 9)"),))
    rate = FileQuestion("frame_rate", "Rate?", None, "So.")
    return Inquiry("NumPy", (question, rate), lambda options: None, signature)


@given(st.lists(st.tuples(st.text(), VALUES), max_size=4))
def test_answers_come_back_as_they_were(entries):
    kept = [(key, Answers(values)) for key, values in entries]
    assert from_text(to_text(kept)) == kept


@given(VALUES)
def test_a_reader_gets_what_was_answered(values):
    answers = Answers(values)
    assert answers.options == Options(**values)
    assert answers.rate_unknown == (values.get("frame_rate", 1) is None)


@pytest.mark.parametrize(
    "values",
    [
        {"color": "red"},
        {"rows_are_frames": 1},
        {"frame_rate": True},
        {"frame_rate": -1},
        {"frame_rate": float("nan")},
        {"frame_rate": 1e308},
        {"frame_rate": 10**400},
        {"dataset": 3},
        {"time_unit": "fortnights"},
    ],
)
def test_what_is_no_answer_is_refused(values):
    with pytest.raises(ValueError, match="no answer"):
        Answers(values)
    kept = json.dumps([["key", values], ["other", {"plane": None}]])
    assert from_text(kept) == [("other", Answers({"plane": None}))]


@pytest.mark.parametrize("text", ["", "[", "3", "null", "[1, 2]", '[["a"]]', '[["a", 3]]', '{"a": 1}'])
def test_garbage_is_nothing_remembered(text):
    assert from_text(text) == []


def test_files_are_alike_only_with_the_same_guesses(tmp_path):
    assert key_of_layout(inquiry()) == key_of_layout(inquiry())
    assert key_of_layout(inquiry()) != key_of_layout(inquiry(guess="dF"))
    assert key_of_layout(inquiry()) != key_of_layout(inquiry(signature="npz:2"))
    assert key_of_file(tmp_path / "a", inquiry()) != key_of_file(tmp_path / "b", inquiry())


def test_answers_in_words():
    assert Answers({"dataset": "F", "frame_rate": 7.5}).words(inquiry()) == "F; 7.5 Hz"
    assert Answers({"dataset": "gone", "frame_rate": None}).words(inquiry()) == "gone; frame rate unknown"
    unit = FileQuestion("time_unit", "Times are in", "s", "So.", (Choice("s", "seconds"), Choice("ms", "milliseconds")))
    table = Inquiry("Table of text", (unit,), lambda options: None, "text:1")
    assert Answers({"time_unit": "ms"}).words(table) == "times in milliseconds"


def test_they_survive_a_restart_and_the_oldest_are_forgotten(tmp_path):
    def preferences():
        return Preferences(QSettings(str(tmp_path / "p.ini"), QSettings.Format.IniFormat))

    for number in range(ANSWERS + 5):
        preferences().remember_answers(f"key {number}; ü%", Answers({"frame_rate": number + 0.1}))
    preferences().remember_answers("key 9; ü%", Answers({"dataset": 'a "name", with; all\\ that', "frame_rate": None}))
    kept = preferences()
    assert kept.answers("key 4; ü%") is None
    assert kept.answers("key 5; ü%") == Answers({"frame_rate": 5.1})
    assert kept.answers("key 9; ü%").options.dataset == 'a "name", with; all\\ that'
    assert kept.answers("key 9; ü%").rate_unknown
    kept.forget_answers()
    assert preferences().answers("key 9; ü%") is None
    kept.remember_answers("key", Answers({"plane": None}))
    kept.clear()
    assert preferences().answers("key") is None


def test_every_answer_has_a_name():
    assert set(NAMES) == set(vars(Options()))


def test_a_second_file_is_remembered_for_its_own_file_alone():
    answers = Answers({"rows": "cells", "neuropil_file": "/data/Fneu.npy"})
    assert dict(answers.of_layout.values) == {"rows": "cells"}
    with pytest.raises(ValueError, match="no answer"):
        Answers({"rows": "both"})
