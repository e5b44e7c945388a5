"""Exercises: a cell, questions about it, the settings that are free, and what each answer is worth."""

import hashlib
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from neuropil_gui.core.analysis.score import (
    Range,
    errors,
    least_error_of_settings,
    least_error_of_subtraction,
    score,
)
from neuropil_gui.core.analysis.subtraction import difference
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.lessons import Facts, Situation, Step
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import MAX_SEED, PARAMETERS, SeparationSettings
from neuropil_gui.core.simulation import simulate

FREE = ("method", "n", "alpha", "pedestal", "start")
"""Settings that an exercise may leave free; `K` stands alone, because one trace is scored."""

K = "k"
K_RANGE = (0.0, 3.0)

ROUNDING = 1e-9
"""A guess that is just as far off as it may be is right, whatever its last digit became in the file."""

HIDDEN = ("truth", "numbers")
"""Parts of the window that an exercise may hide until it is finished: the truth, and the panel of numbers."""


@dataclass(frozen=True)
class Grade:
    """What an exercise is worth.

    Attributes
    ----------
    questions : tuple of float
        Points of each question.
    score : float
        Points for a score of `at_least`.
    at_least : float
        In percent.
    """

    questions: tuple[float, ...] = ()
    score: float = 0.0
    at_least: float = 80.0

    @property
    def total(self) -> float:
        """Greatest number of points."""
        return sum(self.questions) + self.score


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Attributes
    ----------
    title, text : str
        The text is Markdown.
    start : Situation
        The cell, and the settings at the beginning.
    steps : tuple of Step
        The questions, each with choices, a control, or text alone.
    free : mapping of str to Range
        The range of each setting that is not locked; "k" stands for F - k Fneu.
    hidden : tuple of str
    own_cell : bool
        Whether the seed comes from the name that is typed.
    grade : Grade
    signals : str
        SHA-256 of a real cell's signals; empty where the cell is simulated.
    recording, cell : str, int
        The file's name and the cell's index in it, of a real one.
    made_with : str
    digest : str
        SHA-256 of the exercise's file.
    """

    title: str
    text: str
    start: Situation
    steps: tuple[Step, ...] = ()
    free: Mapping[str, Range] = field(default_factory=dict)
    hidden: tuple[str, ...] = HIDDEN
    own_cell: bool = False
    grade: Grade = field(default_factory=Grade)
    signals: str = ""
    recording: str = ""
    cell: int = 0
    made_with: str = ""
    digest: str = ""

    def situation(self, name: str) -> Situation:
        """Return the situation in which a student begins, whose cell may be another for each name."""
        if not self.own_cell:
            return self.start
        seed = seed_of(self.start.simulation.seed, name)
        return replace(self.start, simulation=replace(self.start.simulation, seed=seed))

    def locked(self, settings: SeparationSettings) -> str:
        """Return the name of a setting that is locked, and not as at the beginning; empty where there is none."""
        found, begun = settings.to_dict(), self.start.settings.to_dict()
        return next((name for name in found if name not in (*self.free, "solver") and found[name] != begun[name]), "")

    def refusal(self, settings: SeparationSettings, k: float) -> str:
        """Return why settings are not within the exercise, such as ``alpha must be from 0 to 3``; empty if they are."""
        found, begun = settings.to_dict() | {K: k}, self.start.settings.to_dict() | {K: self.start.k}
        for name, value in found.items():
            limits = self.free.get(name)
            # Both solvers minimise the same, and grading takes FISSA's; k changes nothing where settings are scored.
            if name == "solver" or (name == K and limits is None):
                continue
            if limits is None:
                if value != begun[name]:
                    return f"{name} must stay at {written(name, begun[name])}"
            elif isinstance(limits[0], str):
                if value not in limits:
                    return f"{name} must be {' or '.join(map(str, limits))}"
            elif value != begun[name] and (value is None or not limits[0] <= value <= limits[-1]):
                return f"{name} must be from {limits[0]:g} to {limits[-1]:g}"
        return ""


@dataclass(frozen=True)
class GivenAnswer:
    """An answer to a question: indices of choices, or the place of a control; and when it was given."""

    choices: frozenset[int] = frozenset()
    value: float = math.nan
    at: str = ""


@dataclass(frozen=True)
class AnswerSheet:
    """What a student hands in.

    Attributes
    ----------
    exercise : str
        Digest of the exercise.
    name : str
    given : mapping of int to GivenAnswer
        By the index of the question.
    settings : SeparationSettings
    k : float
    score : float
        As the window showed it; NaN where there is none.
    finished, version : str
        When, and of the program.
    """

    exercise: str
    name: str
    given: Mapping[int, GivenAnswer]
    settings: SeparationSettings
    k: float = 0.7
    score: float = math.nan
    finished: str = ""
    version: str = ""


def seed_of(seed: int, name: str) -> int:
    """Return a seed for a name, the same however it is spaced or capitalised.

    Parameters
    ----------
    seed : int
        The exercise's own.
    name : str

    Returns
    -------
    int
        From 0 to `MAX_SEED`.
    """
    made = hashlib.sha256(f"{seed} {plain_name(name)}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(made[:8], "big") % (MAX_SEED + 1)


def plain_name(name: str) -> str:
    """Return a name as it is compared with others, without regard to its spaces and capitals.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def written(name: str, value: Any) -> str:
    """Return a setting, or k, as a table writes it."""
    return f"{value:.10g}" if name == K else PARAMETERS[name].write(value)


class Scorer:
    """Scores of one exercise; the best that its settings reach is found once for each cell.

    Parameters
    ----------
    exercise : Exercise
        Of a simulated cell.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._cells: dict[int, tuple[Cell, float]] = {}

    def score(self, name: str, settings: SeparationSettings, k: float) -> float:
        """Return the score of a student's settings, separated by FISSA's solver.

        Parameters
        ----------
        name : str
        settings : SeparationSettings
        k : float

        Returns
        -------
        float
            In percent; NaN where there is nothing to win.

        Raises
        ------
        DataError
            (a ValueError) When the settings allow no separation.
        """
        cell, best = self._of(name)
        if K in self._exercise.free:
            trace = difference(cell, k)
        else:
            trace = separate_cell(cell, replace(settings, solver="fissa")).matched[0]
        error, raw = errors(cell, trace)
        return score(error, raw, best)

    def _of(self, name: str) -> tuple[Cell, float]:
        simulation, free = self._exercise.situation(name).simulation, self._exercise.free
        if simulation.seed not in self._cells:
            cell = simulate(simulation).cells[0]
            if K in free:
                low, high = (float(limit) for limit in free[K])
                best = least_error_of_subtraction(cell, low, high)[1]
            else:
                best = least_error_of_settings(cell, self._exercise.start.settings, free)
            self._cells[simulation.seed] = cell, best
        return self._cells[simulation.seed]


def points_of(exercise: Exercise, sheet: AnswerSheet) -> list[float]:
    """Return the points for each question.

    Parameters
    ----------
    exercise : Exercise
    sheet : AnswerSheet

    Returns
    -------
    list of float
        All or none of each; none without an answer.

    Raises
    ------
    DataError
        (a ValueError) When what is right cannot be found out, because the cell cannot be separated.
    """
    facts = Facts(exercise.situation(sheet.name))
    found = []
    for index, (step, worth) in enumerate(zip(exercise.steps, exercise.grade.questions, strict=True)):
        given = sheet.given.get(index)
        found.append(worth if given is not None and is_right(step, given, facts) else 0.0)
    return found


def is_right(step: Step, given: GivenAnswer, facts: Facts) -> bool:
    """Return whether an answer is right."""
    try:
        if step.choices:
            return given.choices == step.right(facts)
        return bool(step.answer) and abs(given.value - facts.number(step.answer)) <= step.near + ROUNDING
    except KeyError as error:
        raise DataError(f"there is no number {error.args[0]!r}.") from error
