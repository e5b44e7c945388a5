"""Drafts of answers: what a student has answered of an exercise, kept until it is handed in."""

import hashlib
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, plain_name
from neuropil_gui.formats.answer_sheets import SUFFIX, read_answer_sheet, write_answer_sheet
from neuropil_gui.formats.paths import by_age, os_errors_as_data_errors

MOST = 200
"""Drafts in the folder; those written longest ago make room."""


class ExerciseDrafts:
    """Answers that are not handed in yet, one file for each exercise and name.

    Parameters
    ----------
    folder : Path or None
        Made with the first draft; with None they are kept as long as the object is.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], AnswerSheet] = {}

    def keep(self, exercise: Exercise, sheet: AnswerSheet) -> None:
        """Keep answers in place of those that were kept before of this exercise and name.

        Parameters
        ----------
        exercise : Exercise
        sheet : AnswerSheet

        Raises
        ------
        DataError
            (a ValueError) When they cannot be written; they are kept in memory all the same.
        """
        self._known[_key(exercise, sheet.name)] = sheet
        if self._folder is None:
            return
        with os_errors_as_data_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / _file_name(exercise, sheet.name)
            write_answer_sheet(path, exercise, sheet)
            kept = by_age(self._folder.glob(f"*{SUFFIX}"))
            for each, _ in kept[: max(len(kept) - MOST, 0)]:
                each.unlink(missing_ok=True)

    def get(self, exercise: Exercise, name: str) -> AnswerSheet | None:
        """Return what is kept of an exercise and a name; None where nothing is.

        Parameters
        ----------
        exercise : Exercise
        name : str
            However it is spaced or capitalised.

        Returns
        -------
        AnswerSheet or None

        Raises
        ------
        DataError
            (a ValueError) When the file cannot be read, or is another exercise's.
        """
        key = _key(exercise, name)
        if key in self._known or self._folder is None:
            return self._known.get(key)
        path = self._folder / _file_name(exercise, name)
        with os_errors_as_data_errors(path):
            if not path.is_file():
                return None
        sheet = read_answer_sheet(path)
        if _key_of(sheet) != key or any(not 0 <= index < len(exercise.steps) for index in sheet.given):
            raise DataError(f"{path.name} holds the answers to another exercise.")
        return sheet

    def drop(self, exercise: Exercise, name: str) -> None:
        """Forget what is kept of an exercise and a name, because it is handed in.

        Parameters
        ----------
        exercise : Exercise
        name : str

        Raises
        ------
        DataError
            (a ValueError) When the file cannot be removed.
        """
        self._known.pop(_key(exercise, name), None)
        if self._folder is not None:
            path = self._folder / _file_name(exercise, name)
            with os_errors_as_data_errors(path):
                path.unlink(missing_ok=True)


def _key(exercise: Exercise, name: str) -> tuple[str, str]:
    return exercise.digest, plain_name(name)


def _key_of(sheet: AnswerSheet) -> tuple[str, str]:
    return sheet.exercise, plain_name(sheet.name)


def _file_name(exercise: Exercise, name: str) -> str:
    made = hashlib.sha256("\n".join(_key(exercise, name)).encode(errors="surrogatepass"))
    return made.hexdigest()[:32] + SUFFIX
