"""Lessons: steps that ask before they show, and the numbers of a simulated cell that their words name."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from neuropil_gui.core.analysis.numbers import NUMBERS, SUMMARY, numbers, numbers_of_trace
from neuropil_gui.core.analysis.score import errors, least_error_of_settings, least_error_of_subtraction, score
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, by_cross_validation, difference
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.history import History, RunHistory
from neuropil_gui.core.metrics import pearson, r_with_neuropil
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.core.simulation import Simulation, simulate

BASE = Simulation(frames=2000, neuropil=100, fluctuation=30, noise=2, spike_rate=0.3, seed=2)
"""The cell of all lessons; each changes a little of it."""

MOST_STEPS, MOST_WORDS = 6, 60
"""Limits of a lesson: longer ones are not read."""

SCORES, ALPHAS = ("sub.score", "alpha.score"), (0.0, 3.0)
"""Names of scores, and the alphas among which the best is looked for."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """What a number of a lesson is measured of.

    Attributes
    ----------
    simulation : Simulation
    settings : SeparationSettings
    k : float
        Of F - k Fneu.
    """

    simulation: Simulation = BASE
    settings: SeparationSettings = field(default_factory=SeparationSettings)
    k: float = 0.7

    def changed(self, changes: Mapping[str, Any]) -> "Situation":
        """Return the situation with some values in place.

        Parameters
        ----------
        changes : mapping of str to object
            By ``simulation.NAME``, ``settings.NAME`` or ``k``.

        Raises
        ------
        DataError
            (a ValueError) When there is no such value, or it is out of range.
        """
        simulation, settings, k = self.simulation.to_dict(), self.settings.to_dict(), self.k
        for name, value in changes.items():
            part, _, key = name.partition(".")
            known = {"simulation": simulation, "settings": settings}.get(part, {})
            if name == "k":
                k = float(value)
            elif key in known:
                known[key] = float(value) if isinstance(known[key], float) and isinstance(value, int) else value
            else:
                raise DataError(f"there is no {name!r} to set; expected simulation.NAME, settings.NAME or k.")
        return Situation(Simulation(**simulation), SeparationSettings(**settings), k)

    def value(self, name: str) -> float:
        """Return the value of a control, by the names of `changed`."""
        part, _, key = name.partition(".")
        owner = self if not key else self.simulation if part == "simulation" else self.settings
        return float(getattr(owner, key or part))


@dataclass(frozen=True)
class Choice:
    """An answer to choose: its words, and whether it is right, or the condition under which it is."""

    words: str
    right: bool | str


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    Attributes
    ----------
    text : str
        Markdown, shown first.
    after : str
        Markdown, shown after the answer; ``{name}`` is filled with a number.
    choices : tuple of Choice
    several : bool
        Whether several choices may be right.
    control : str
        The control whose place is the guess, by the names of `Situation.value`.
    answer : str
        Name of the number that the guess should be near.
    near : float
    goal : str
        Condition that ends the step.
    first : mapping
        Changes when the step begins.
    then : mapping
        Changes after the answer.
    also : mapping of str to mapping
        More situations, by the prefix of their numbers: changes to that after `then`.
    hide : tuple of str
        ``"truth"`` or ``"result"``: what is not shown before the answer; or the panels that the step does without.
    """

    text: str
    after: str = ""
    choices: tuple[Choice, ...] = ()
    several: bool = False
    control: str = ""
    answer: str = ""
    near: float = 0.1
    goal: str = ""
    first: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hide: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        """What the step asks for: ``"choose"``, ``"slide"``, ``"goal"`` or nothing."""
        return "choose" if self.choices else "slide" if self.control else "goal" if self.goal else ""

    def right(self, facts: "Facts") -> set[int]:
        """Return the indices of the right choices."""
        return {
            index
            for index, choice in enumerate(self.choices)
            if (choice.right if isinstance(choice.right, bool) else facts.holds(choice.right))
        }


@dataclass(frozen=True)
class Lesson:
    """A lesson: what it is called and about, how it begins, its steps, and the panels that they need."""

    name: str
    title: str
    about: str
    minutes: int
    start: Situation
    steps: tuple[Step, ...]
    panels: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _cell(simulation: Simulation) -> Cell:
    return simulate(simulation).cells[0]


@lru_cache(maxsize=64)
def _separation(simulation: Simulation, settings: SeparationSettings) -> Separation:
    fast = replace(settings, solver="accelerated") if uses(settings.method, "solver") else settings
    return separate_cell(_cell(simulation), fast)


@lru_cache(maxsize=8)
def _run(simulation: Simulation, settings: SeparationSettings) -> tuple[RunHistory, Separation]:
    """Return the course of FISSA's solver, and what it ends with."""
    history = History(settings)
    made = separate_cell(_cell(simulation), replace(settings, solver="fissa"), history.add)
    return history.to_run_history(), made


@lru_cache(maxsize=64)
def _best_k(simulation: Simulation) -> tuple[float, float]:
    """Return the k whose difference is nearest to the truth, and its error."""
    return least_error_of_subtraction(_cell(simulation))


@lru_cache(maxsize=8)
def _least_error_over_alpha(simulation: Simulation, settings: SeparationSettings) -> float:
    return least_error_of_settings(_cell(simulation), settings, {"alpha": ALPHAS})


@lru_cache(maxsize=64)
def _zero_k(simulation: Simulation) -> float:
    """Return the k from 0 to 3 whose difference is least correlated with the neuropil."""
    cell, grid = _cell(simulation), np.arange(0, 3.005, 0.01)
    cost = [abs(r_with_neuropil(difference(cell, k), cell.traces)) for k in grid]
    return round(float(grid[int(np.argmin(cost))]), 2)


class Facts:
    """The numbers of a situation, by the names that the words of lessons use.

    ``r_truth``, ``alive`` and the other keys of the table of numbers are those of the result; with ``raw.``, ``sub.``
    (F - k Fneu), ``sub07.`` (k 0.7), ``best.``, ``zero.`` and ``cell.`` (the true cell) before them, of those traces.
    ``k``, ``contamination``, ``alpha`` and the other parameters and settings are their own values.
    ``best_r``, ``zero_r`` and ``cv_r`` are values of k: the one most like the truth, the one least correlated with the
    neuropil, and that of cross-validation. ``sub.score`` and ``alpha.score`` are the parts, in percent, of what the
    best k and the best of twenty alphas win over the raw ROI. ``orders``, ``upside_down``, ``alike`` and ``spread`` are
    what ten seeds change: how many orders of components there are, how many best matches have a negative weight, the
    least r of a best match with the first, and how far one is from it, as a part of its range.
    ``iterations`` are those of FISSA's solver; with ``after10.`` or ``end.`` before them, numbers are those of the
    state nearest to the one after 10 of its iterations, or after the last. ``contamination_at_0.8`` is where the raw
    ROI's r with the truth is 0.8.

    Parameters
    ----------
    situation : Situation
    others : mapping of str to Situation
        More situations, by the prefix of their names.
    given : mapping of str to float
        Numbers that are known otherwise, such as ``guess``.
    """

    def __init__(
        self,
        situation: Situation,
        others: Mapping[str, Situation] | None = None,
        given: Mapping[str, float] | None = None,
    ) -> None:
        self.situation = situation
        self._others, self._given = dict(others or {}), dict(given or {})

    def __getitem__(self, name: str) -> float:
        """Return a number; raise KeyError where there is none of this name."""
        if name in self._given:
            return self._given[name]
        part, _, key = name.partition(".")
        if key and part in self._others:
            return Facts(self._others[part], self._others)[key]
        if name == "iterations":
            return float(_run(self.situation.simulation, self.situation.settings)[1].iterations)
        if key and (part == "end" or re.fullmatch(r"after\d+", part)):
            return self._on_the_way(part)[key]
        if name in SUMMARY:
            return numbers(self.cell, self._result, (name,))[name]
        if name == "best_r":
            return _best_k(self.situation.simulation)[0]
        if name == "zero_r":
            return _zero_k(self.situation.simulation)
        if name == "cv_r":
            return float(by_cross_validation(self.cell).k)
        if name in SCORES:
            return self._score(name)
        if name in ("orders", "upside_down", "alike", "spread"):
            return self._over_seeds(name)
        if name.startswith("contamination_at_"):
            return self._contamination_at(float(name.removeprefix("contamination_at_")))
        for owner in (self.situation, self.situation.simulation, self.situation.settings):
            if name in (each.name for each in fields(owner)):
                return float(getattr(owner, name))
        trace = self._trace(part) if key in NUMBERS else None
        if trace is None:
            raise KeyError(name)
        return numbers_of_trace(self.cell, trace, (key,))[key]

    def given(self, known: Mapping[str, float]) -> "Facts":
        """Return the same numbers with others that are known otherwise."""
        return Facts(self.situation, self._others, known)

    def holds(self, condition: str) -> bool:
        """Return whether a condition such as ``alpha >= 0.5 and r_truth < A.r_truth`` holds."""
        return all(COMPARISONS[sign](self.number(left), self.number(right)) for left, sign, right in parts(condition))

    def number(self, text: str) -> float:
        """Return a number that is written out, or the one of a name."""
        try:
            return float(text)
        except ValueError:
            return self[text]

    def fill(self, words: str) -> str:
        """Return words with each ``{name}`` or ``{name|shown}`` filled."""
        return re.sub(r"\{([^}|]+)(?:\|[^}]*)?\}", lambda found: text_of(found[1], self[found[1]]), words)

    @property
    def cell(self) -> Cell:
        """The simulated cell, with its truth."""
        return _cell(self.situation.simulation)

    @property
    def _result(self) -> Separation:
        return _separation(self.situation.simulation, self.situation.settings)

    @property
    def _truth(self) -> Any:
        assert self.cell.truth is not None
        return self.cell.truth.sources[0]

    def _on_the_way(self, part: str) -> dict[str, float]:
        history, made = _run(self.situation.simulation, self.situation.settings)
        if part != "end":
            state = history.nearest(float(part.removeprefix("after")))
            then = history.at(state.iteration, made) if state is not None else None
            made = then if then is not None else made
        return dict(numbers(self.cell, made, SUMMARY))

    def _trace(self, part: str) -> Any:
        if part == "raw":
            return self.cell.traces[0]
        if part == "cell":
            return self._truth
        simulation = self.situation.simulation
        ks = {
            "sub": lambda: self.situation.k,
            "sub07": lambda: USUAL_FACTOR,
            "best": lambda: _best_k(simulation)[0],
            "zero": lambda: _zero_k(simulation),
        }
        return difference(self.cell, ks[part]()) if part in ks else None

    def _score(self, name: str) -> float:
        if name == "sub.score":
            trace, best = self._trace("sub"), _best_k(self.situation.simulation)[1]
        else:
            trace = self._result.matched[0]
            best = _least_error_over_alpha(self.situation.simulation, self.situation.settings)
        return score(*errors(self.cell, trace), best)

    def _over_seeds(self, name: str) -> float:
        """Return what ten seeds change, by the names of the class."""
        seeds = [replace(self.situation.settings, seed=seed) for seed in range(10)]
        results = [_separation(self.situation.simulation, each) for each in seeds]
        if name == "orders":
            return float(len({tuple(each.order) for each in results}))
        if name == "upside_down":
            return float(sum(each.mixing[0, each.order[0]] < 0 for each in results))
        first = results[0].matched[0]
        if name == "alike":
            return min(pearson(each.matched[0], first) for each in results)
        return max(float(np.abs(each.matched[0] - first).max() / np.ptp(first)) for each in results)

    def _contamination_at(self, r: float) -> float:
        low, high = 0.0, 3.0
        for _ in range(12):  # it falls all the way
            middle = (low + high) / 2
            at = Facts(self.situation.changed({"simulation.contamination": middle}))
            low, high = (middle, high) if at["raw.r_truth"] > r else (low, middle)
        return low


def parts(condition: str) -> list[tuple[str, str, str]]:
    """Return the comparisons of a condition: (name, sign, name or number).

    Parameters
    ----------
    condition : str
        Such as ``raw.r_truth < 0.65 and alive > 1``.

    Returns
    -------
    list of (str, str, str)

    Raises
    ------
    DataError
        (a ValueError) When it is something else.
    """
    found = []
    for each in condition.split(" and "):
        match = re.fullmatch(r"\s*([\w.]+)\s*(<=|>=|<|>)\s*(-?[\w.]+)\s*", each)
        if match is None:
            raise DataError(f"expected conditions such as 'r_truth < 0.65', joined by 'and', but {each!r} was found.")
        found.append((match[1], match[2], match[3]))
    return found


def names_in(words: str) -> list[tuple[str, str]]:
    """Return the names that words are filled with, each with the text written behind it, empty for none."""
    return [(name, shown) for name, _, shown in re.findall(r"\{([^}|]+)(\|([^}]*))?\}", words)]


def text_of(name: str, value: float) -> str:
    """Return a number of a lesson as text, with as many digits as its kind has."""
    key = name.rpartition(".")[2]
    if name in SCORES or key in ("orders", "upside_down", "iterations"):
        return f"{value:,.0f}"
    number = NUMBERS.get(key)
    return number.text(value) if number is not None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
