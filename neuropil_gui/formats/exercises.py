"""Exercises in files: one JSON object, in which the simulation, what is right and the grading are packed.

Packing keeps them from being read by accident. It is no protection, and the file says so.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuropil_gui._version import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import FREE, HIDDEN, K_RANGE, Exercise, Grade, K
from neuropil_gui.core.lessons import MOST_STEPS, MOST_WORDS, Choice, Situation, Step, parts
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.formats.bounded_json import check_keys, checked, packed, read_object, unpacked
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.writing.atomic import replacing

SUFFIX = ".exercise.json"
FORMAT = "neuropil_gui exercise 1"
NOTE = (
    "The simulation, the right answers and the grading are packed, so that nobody reads them by accident. That is no "
    "protection: whoever wants to can unpack and change them."
)

MOST_TEXT, MOST_TITLE, MOST_CHOICES, MOST_POINTS = 4000, 120, 8, 1000.0
MOST_SAMPLES = 2_000_000
"""Signals times frames of a simulated cell: some seconds for a separation."""

MOST_COMPONENTS = 20
MOST_ITERATIONS = 10_000_000
"""Of all tries of a separation, a hundred times those of the default settings: grading runs one for each student."""

KEYS = {
    *("format", "note", "made_with", "title", "text", "questions", "allowed", "hidden", "seed_from", "recording"),
    "packed",
}
QUESTION_KEYS = {"text", "choices", "several", "control"}
PACKED_KEYS = {"simulation", "settings", "k", "answers", "grade"}
ANSWER_KEYS = {"right", "answer", "near"}
GRADE_KEYS = {"questions", "score", "at_least"}
RECORDING_KEYS = {"name", "cell", "sha256"}


def read_exercise(path: str | Path) -> Exercise:
    """Read an exercise.

    Parameters
    ----------
    path : path

    Returns
    -------
    Exercise

    Raises
    ------
    DataError
        (a ValueError) When it cannot be read, or holds something else; the sentence says what was expected.
    """
    path = Path(path)
    found = read_object(path)
    try:
        return _exercise(found)
    except (DataError, TypeError) as error:
        raise data_error(path, str(error)) from error


def write_exercise(path: str | Path, exercise: Exercise) -> None:
    """Write an exercise; what was there before stays until all of it is written.

    Parameters
    ----------
    path : path
    exercise : Exercise

    Raises
    ------
    DataError
        (a ValueError) When it holds what `read_exercise` would refuse, or cannot be written.
    """
    check_exercise(exercise)
    values = _values(exercise)
    with replacing(path) as stream:
        stream.write((json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def check_exercise(exercise: Exercise) -> None:
    """Refuse what `read_exercise` would refuse.

    Parameters
    ----------
    exercise : Exercise

    Raises
    ------
    DataError
        (a ValueError) The sentence says what is wrong.
    """
    _exercise(_values(exercise))


def is_exercise(path: str | Path) -> bool:
    """Return whether a path has the name of an exercise.

    Parameters
    ----------
    path : path
    """
    return Path(path).name.lower().endswith(SUFFIX)


def _values(exercise: Exercise) -> dict[str, Any]:
    simulated = not exercise.signals
    inside = {
        "settings": exercise.start.settings.to_dict(),
        "k": exercise.start.k,
        "answers": [_answer_values(step) for step in exercise.steps],
        "grade": {
            "questions": list(exercise.grade.questions),
            "score": exercise.grade.score,
            "at_least": exercise.grade.at_least,
        },
    }
    values: dict[str, Any] = {
        "format": FORMAT,
        "note": NOTE,
        "made_with": f"neuropil_gui {__version__}",
        "title": exercise.title,
        "text": exercise.text,
        "questions": [_question_values(step) for step in exercise.steps],
        "allowed": {name: list(limits) for name, limits in exercise.free.items()},
        "hidden": list(exercise.hidden),
    }
    if simulated:
        inside["simulation"] = exercise.start.simulation.to_dict()
        values["seed_from"] = "name" if exercise.own_cell else "exercise"
    else:
        values["recording"] = {"name": exercise.recording, "cell": exercise.cell, "sha256": exercise.signals}
    return values | {"packed": packed(inside)}


def _question_values(step: Step) -> dict[str, Any]:
    values: dict[str, Any] = {"text": step.text}
    if step.choices:
        values |= {"choices": [choice.words for choice in step.choices], "several": step.several}
    elif step.control:
        values["control"] = step.control
    return values


def _answer_values(step: Step) -> dict[str, Any]:
    if step.choices:
        return {"right": [choice.right for choice in step.choices]}
    return {"answer": step.answer, "near": step.near} if step.control else {}


def _exercise(found: Mapping[str, Any]) -> Exercise:
    if found.get("format") != FORMAT:
        raise DataError(f"it is no exercise of this version: expected the format {FORMAT!r}.")
    check_keys("the exercise", found, KEYS, {"title", "text", "questions", "packed"})
    inside = unpacked(checked("packed", found["packed"], str))
    check_keys("what is packed", inside, PACKED_KEYS, {"settings", "answers", "grade"})
    free = _free(checked("allowed", found.get("allowed", {}), dict))
    start = _start(inside, "recording" not in found)
    hidden = checked("hidden", found.get("hidden", []), list, len(HIDDEN))
    if any(each not in HIDDEN for each in hidden):
        raise DataError(f"hidden takes {' and '.join(HIDDEN)}.")
    steps = _steps(found["questions"], inside["answers"], free)
    grade = _grade(checked("grade", inside["grade"], dict), len(steps))
    if grade.score and not free:
        raise DataError("points for a score need a setting that is free.")
    seed_from = found.get("seed_from", "exercise")
    if seed_from not in ("name", "exercise"):
        raise DataError("seed_from must be 'name' or 'exercise'.")
    recording: Mapping[str, Any] = {}
    if "recording" in found:
        recording = checked("recording", found["recording"], dict)
        check_keys("recording", recording, RECORDING_KEYS, RECORDING_KEYS)
        if grade.score:
            raise DataError("a real recording has no truth, by which settings could be scored.")
        conditions = any(isinstance(choice.right, str) for step in steps for choice in step.choices)
        if conditions or any(step.answer and not _is_number(step.answer) for step in steps):
            raise DataError("answers about a real recording must be marked as right, or be numbers.")
    cell = checked("the number of the cell", recording.get("cell", 0), int)
    if cell < 0:
        raise DataError("the number of the cell must not be below 0.")
    return Exercise(
        checked("title", found["title"], str, MOST_TITLE),
        checked("text", found["text"], str, MOST_TEXT),
        start,
        steps,
        free,
        tuple(hidden),
        seed_from == "name" and not recording,
        grade,
        checked("sha256", recording.get("sha256", ""), str, 64),
        checked("the recording's name", recording.get("name", ""), str, 255),
        cell,
        checked("made_with", found.get("made_with", ""), str, MOST_TITLE),
        hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest(),
    )


def _start(inside: Mapping[str, Any], simulated: bool) -> Situation:
    settings = checked("settings", inside["settings"], dict)
    check_keys("settings", settings, PARAMETERS)
    k = checked(K, inside.get("k", 0.7), float)
    if not K_RANGE[0] <= k <= K_RANGE[1]:
        raise DataError(f"k must be from {K_RANGE[0]:g} to {K_RANGE[1]:g}.")
    made = SeparationSettings(**settings)
    if (made.n or 0) > MOST_COMPONENTS or made.max_iter * made.max_tries > MOST_ITERATIONS:
        raise DataError(
            f"settings may have at most {MOST_COMPONENTS} components, and {MOST_ITERATIONS:,} iterations in all tries."
        )
    if not simulated:
        return Situation(settings=made, k=k)
    if "simulation" not in inside:
        raise DataError("it has neither a simulation nor a recording.")
    values = checked("simulation", inside["simulation"], dict)
    check_keys("simulation", values, Simulation().to_dict())
    simulation = Simulation(**values)
    samples = (simulation.regions + 1) * simulation.frames * simulation.trials
    if simulation.cells != 1 or samples > MOST_SAMPLES:
        raise DataError(f"an exercise has one cell of at most {MOST_SAMPLES:,} samples.")
    return Situation(simulation, made, k)


def _free(found: Mapping[str, Any]) -> dict[str, Any]:
    check_keys("allowed", found, {*FREE, K})
    if K in found and len(found) > 1:
        raise DataError("allowed takes k alone, or settings: one trace is scored.")
    free: dict[str, Any] = {}
    for name, limits in found.items():
        checked(f"the range of {name}", limits, list, 20)
        choices = PARAMETERS[name].choices if name != K else {}
        if choices:
            if not limits or any(each not in choices for each in limits):
                raise DataError(f"the range of {name} takes {', '.join(choices)}.")
            free[name] = tuple(limits)
            continue
        if len(limits) != 2:
            raise DataError(f"the range of {name} must be two numbers.")
        low, high = (checked(f"the range of {name}", each, float) for each in limits)
        least, greatest = K_RANGE if name == K else (1, MOST_COMPONENTS) if name == "n" else (0.0, 1e9)
        if not (math.isfinite(high) and least <= low <= high <= greatest):
            raise DataError(f"the range of {name} must be two ascending numbers from {least:g} to {greatest:g}.")
        free[name] = (low, high)
    return free


def _steps(questions: Any, answers: Any, free: Mapping[str, Any]) -> tuple[Step, ...]:
    checked("questions", questions, list)
    checked("answers", answers, list)
    if len(questions) > MOST_STEPS:
        raise DataError(f"an exercise has at most {MOST_STEPS} questions, but {len(questions)} were found.")
    if len(answers) != len(questions):
        raise DataError(f"there are {len(questions)} questions, but {len(answers)} answers.")
    return tuple(
        _step(f"question {number}", question, answer, free)
        for number, (question, answer) in enumerate(zip(questions, answers, strict=True), 1)
    )


def _step(where: str, question: Any, answer: Any, free: Mapping[str, Any]) -> Step:
    check_keys(where, checked(where, question, dict), QUESTION_KEYS, {"text"})
    check_keys(where, checked(where, answer, dict), ANSWER_KEYS)
    text = checked(f"the text of {where}", question["text"], str)
    words = checked(f"the choices of {where}", question.get("choices", []), list, MOST_CHOICES)
    if any(not isinstance(each, str) or not each.strip() for each in words) or not text.strip():
        raise DataError(f"{where} has no words.")
    count = len(" ".join((text, *words)).split())
    if count > MOST_WORDS:
        raise DataError(f"{where} has {count} words; more than {MOST_WORDS} are not read.")
    control = checked(f"the control of {where}", question.get("control", ""), str)
    if words and control:
        raise DataError(f"{where} asks for more than one thing; expected choices or a control.")
    if control and control.removeprefix("settings.") not in free:
        raise DataError(f"{where}: its control {control[:40]!r} is not among those that are allowed.")
    right = checked(f"what is right of {where}", answer.get("right", []), list)
    if len(right) != len(words):
        raise DataError(f"{where} has {len(words)} choices, but {len(right)} are marked as right or wrong.")
    for each in right:
        if isinstance(each, str):
            parts(each)
        else:
            checked(f"what is right of {where}", each, bool)
    if words and not any(right):
        raise DataError(f"{where}: none of its choices is right.")
    near = checked(f"near of {where}", answer.get("near", 0.1), float)
    several = checked(f"several of {where}", question.get("several", False), bool)
    choices = tuple(Choice(word, mark) for word, mark in zip(words, right, strict=True))
    name = checked(f"the answer of {where}", answer.get("answer", ""), str, 80)
    return Step(text, choices=choices, several=several, control=control, answer=name, near=near)


def _grade(found: Mapping[str, Any], count: int) -> Grade:
    check_keys("grade", found, GRADE_KEYS)
    worth = checked("the points of questions", found.get("questions", []), list)
    if len(worth) != count:
        raise DataError(f"there are {count} questions, but points for {len(worth)}.")
    questions = tuple(checked("points", each, float) for each in worth)
    score = checked("the points for the score", found.get("score", 0.0), float)
    at_least = checked("at_least", found.get("at_least", 80.0), float)
    if any(not 0 <= each <= MOST_POINTS for each in (*questions, score)) or not 0 <= at_least <= 100:
        raise DataError(f"points must be from 0 to {MOST_POINTS:,.0f}, and at_least from 0 to 100.")
    return Grade(questions, score, at_least)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
