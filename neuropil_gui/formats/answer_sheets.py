"""Answer sheets in files: what a student hands in for an exercise, as one JSON object."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuropil_gui._version import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer
from neuropil_gui.core.lessons import MOST_STEPS
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.formats.bounded_json import check_keys, checked, read_object
from neuropil_gui.formats.exercises import MOST_CHOICES
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.writing.atomic import replacing

SUFFIX = ".answers.json"
FORMAT = "neuropil_gui answers 1"
MOST_NAME = 80

KEYS = {"format", "exercise", "title", "name", "answers", "settings", "k", "score", "finished", "version"}
ANSWER_KEYS = {"question", "choices", "value", "at"}


def read_answer_sheet(path: str | Path) -> AnswerSheet:
    """Read what a student handed in.

    Parameters
    ----------
    path : path

    Returns
    -------
    AnswerSheet

    Raises
    ------
    DataError
        (a ValueError) When it cannot be read, or holds something else.
    """
    path = Path(path)
    found = read_object(path)
    try:
        return _sheet(found)
    except (DataError, TypeError) as error:
        raise data_error(path, str(error)) from error


def write_answer_sheet(path: str | Path, exercise: Exercise, sheet: AnswerSheet) -> None:
    """Write what a student hands in; what was there before stays until all of it is written.

    Parameters
    ----------
    path : path
    exercise : Exercise
    sheet : AnswerSheet

    Raises
    ------
    DataError
        (a ValueError) When it cannot be written.
    """
    values = {
        "format": FORMAT,
        "exercise": sheet.exercise,
        "title": exercise.title,
        "name": sheet.name,
        "answers": [_answer_values(index, each) for index, each in sorted(sheet.given.items())],
        "settings": sheet.settings.to_dict(),
        "k": sheet.k,
        "score": None if math.isnan(sheet.score) else round(sheet.score, 2),
        "finished": sheet.finished,
        "version": sheet.version or __version__,
    }
    with replacing(path) as stream:
        stream.write((json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _answer_values(index: int, given: GivenAnswer) -> dict[str, Any]:
    values: dict[str, Any] = {"question": index + 1, "at": given.at}
    if math.isnan(given.value):
        return values | {"choices": [choice + 1 for choice in sorted(given.choices)]}
    return values | {"value": given.value}


def _sheet(found: Mapping[str, Any]) -> AnswerSheet:
    if found.get("format") != FORMAT:
        raise DataError(f"it holds no answers of this version: expected the format {FORMAT!r}.")
    check_keys("the file", found, KEYS, {"exercise", "name", "answers", "settings"})
    settings = checked("settings", found["settings"], dict)
    check_keys("settings", settings, PARAMETERS)
    given = dict(map(_answer, checked("answers", found["answers"], list, MOST_STEPS)))
    score = found.get("score")
    return AnswerSheet(
        checked("exercise", found["exercise"], str, 64),
        checked("name", found["name"], str, MOST_NAME),
        given,
        SeparationSettings(**settings),
        checked("k", found.get("k", 0.7), float),
        math.nan if score is None else checked("score", score, float),
        checked("finished", found.get("finished", ""), str, 40),
        checked("version", found.get("version", ""), str, 40),
    )


def _answer(found: Any) -> tuple[int, GivenAnswer]:
    check_keys("an answer", checked("an answer", found, dict), ANSWER_KEYS, {"question"})
    number = checked("the number of a question", found["question"], int)
    if not 1 <= number <= MOST_STEPS:
        raise DataError(f"the number of a question must be from 1 to {MOST_STEPS}.")
    choices = checked("choices", found.get("choices", []), list, MOST_CHOICES)
    chosen = frozenset(checked("a choice", each, int) - 1 for each in choices)
    value = found.get("value")
    place = math.nan if value is None else checked("value", value, float)
    return number - 1, GivenAnswer(chosen, place, checked("at", found.get("at", ""), str, 40))
