"""Grading: one row for each file of answers, and a table of them.

Answers are files that anyone can change: what grading recomputes is the points and the score, not who did the work.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuropil_gui.core.errors import Cancelled, DataError, printable_text
from neuropil_gui.core.exercises import AnswerSheet, Exercise, K, Scorer, points_of, written
from neuropil_gui.core.values import Value
from neuropil_gui.engine.runner import Report, ShouldStop
from neuropil_gui.formats.answer_sheets import SUFFIX, read_answer_sheet
from neuropil_gui.formats.exercises import is_exercise, read_exercise
from neuropil_gui.formats.paths import counted, data_error
from neuropil_gui.formats.writing.plain_table import without_formula, write_table

ALIKE = 1.0
"""Percent by which the score in a file may differ from the one that is made anew."""

MOST_FILES = 5000


@dataclass(frozen=True)
class Marks:
    """What a class has done.

    Attributes
    ----------
    columns : tuple of str
    rows : list of dict
        One for each file.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, Value]] = field(default_factory=list)

    @property
    def remarked(self) -> int:
        """Number of files with a remark."""
        return sum(bool(row["remarks"]) for row in self.rows)


def grade(exercise_path: Path, folder: Path, output: Path, report: Report, should_stop: ShouldStop) -> Marks:
    """Grade the answers in a folder, write the marks, and return them. Reports (done, of how many)."""
    exercise, paths = read_exercise(exercise_path), answers_in(folder)
    marks = marks_of(exercise, paths, report, should_stop)
    write_table(output, marks.columns, marks.rows)
    return marks


def answers_in(folder: Path) -> list[Path]:
    """Return the files of answers in a folder and those in it: systems for courses make a folder for each student."""
    if not folder.is_dir():
        raise data_error(folder, "there is no such folder.")
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file() and not is_exercise(path))
    if not paths:
        raise data_error(folder, f"no answers were found in it; expected files such as NAME{SUFFIX}.")
    if len(paths) > MOST_FILES:
        raise data_error(folder, f"more than {MOST_FILES:,} files were found in it.")
    return paths


def marks_of(exercise: Exercise, paths: Sequence[Path], report: Report, should_stop: ShouldStop) -> Marks:
    """Return a row for each file; what is wrong with one is a remark in its row."""
    questions = tuple(f"question {number}" for number in range(1, 1 + len(exercise.steps)))
    scored = ("score", "points for score") if exercise.grade.score else ()
    settings = tuple(exercise.free)
    columns = ("name", *questions, *scored, "points", "of", *settings, "finished", "file", "remarks")
    scorer, marks = Scorer(exercise), Marks(columns)
    for done, path in enumerate(paths):
        report((done, len(paths)))
        if should_stop():
            raise Cancelled
        row: dict[str, Value] = {"of": exercise.grade.total, "file": without_formula(printable_text(path.name))}
        try:
            remarks = _mark(exercise, scorer, read_answer_sheet(path), row)
        except DataError as error:
            remarks = [str(error)]
        marks.rows.append(row | {"remarks": without_formula("; ".join(each.rstrip(".") for each in remarks))})
    _note_doubles(marks.rows)
    return marks


def _mark(exercise: Exercise, scorer: Scorer, sheet: AnswerSheet, row: dict[str, Value]) -> list[str]:
    """Fill the row of a student, and return remarks."""
    row |= {"name": without_formula(printable_text(sheet.name)), "finished": without_formula(sheet.finished)}
    if sheet.exercise != exercise.digest:
        return ["other exercise"]
    values = sheet.settings.to_dict() | {K: sheet.k}
    row |= {name: written(name, values[name]) for name in exercise.free}
    remarks, points = [], points_of(exercise, sheet)
    row |= {f"question {number}": each for number, each in enumerate(points, 1)}
    asked = {index for index, step in enumerate(exercise.steps) if step.asks}
    if missing := asked - sheet.given.keys():
        remarks.append(f"{len(missing)} of {counted(len(asked), 'question')} not answered")
    total = sum(points)
    if refusal := exercise.refusal(sheet.settings, sheet.k):
        remarks.append(f"settings are not within the exercise: {refusal}")
    elif exercise.grade.score:
        try:
            found = scorer.score(sheet.name, sheet.settings, sheet.k)
        except DataError as error:
            return [*remarks, f"no score: {error}"]
        finally:
            row["points"] = total
        earned = exercise.grade.score if found >= exercise.grade.at_least else 0.0
        row |= {"score": round(found, 1) if math.isfinite(found) else None, "points for score": earned}
        total += earned
        if math.isfinite(found) and not abs(found - sheet.score) <= ALIKE:
            told = "none" if math.isnan(sheet.score) else f"{sheet.score:.1f}"
            remarks.append(f"score in the file differs: {told}")
    row["points"] = total
    return remarks


def _note_doubles(rows: Sequence[dict[str, Value]]) -> None:
    names = Counter(row.get("name") for row in rows)
    for row in rows:
        if row.get("name") is not None and names[row["name"]] > 1:
            row["remarks"] = "; ".join(filter(None, (str(row["remarks"]), "another file has this name")))
