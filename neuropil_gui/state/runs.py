"""Log of runs: one line for each finished result that was shown, kept when the result itself is dropped."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.core.values import Value
from neuropil_gui.state.filtering import FilterColumn
from neuropil_gui.state.present import Present

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from neuropil_gui.core.result import Separation

MOST = 2000
"""Runs that are kept; those shown longest ago make room."""

BRIEF = 0.7
"""Seconds: a result that the next step of the same setting replaces sooner was only passed on the way."""

DRAGGED = ("n", "alpha", "pedestal")
"""The settings that a hand goes along."""

Key = tuple[int, SeparationSettings]


@dataclass(frozen=True)
class Run:
    """One finished separation, in a line.

    Attributes
    ----------
    number : int
        From 1, in the order in which they were first shown; a run keeps it.
    at : float
        When it was made or shown first, in seconds since 1970.
    index : int
        The cell's place in the recording, from 0.
    cell : str
        The cell's name.
    settings : SeparationSettings
        Such as make it again: a seed that was drawn is filled in.
    n, iterations : int
        Components, and iterations of the last try.
    converged : bool
    seconds : float
        How long it took.
    numbers : mapping of str to float
        By key in `NUMBERS`.
    """

    number: int
    at: float
    index: int
    cell: str
    settings: SeparationSettings
    n: int
    iterations: int
    converged: bool
    seconds: float
    numbers: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> Key:
        """Identity of a run: the cell, and the settings with the solver."""
        return self.index, self.settings

    @classmethod
    def of(
        cls, number: int, at: float, index: int, cell: str, separation: "Separation", numbers: Mapping[str, float]
    ) -> "Run":
        """Sum up a result and its numbers; nothing is computed of its traces."""
        return cls(
            number=number,
            at=at,
            index=index,
            cell=cell,
            settings=separation.repeatable(),
            n=separation.n,
            iterations=separation.iterations,
            converged=separation.converged,
            seconds=separation.seconds,
            numbers=numbers,
        )

    def values(self) -> dict[str, Value]:
        """Return the run by the names of `RUN_COLUMNS`, and of `TABLE_COLUMNS` where they differ.

        A setting that the method does not use is None; so is n where auto chose, in favour of `components`.
        """
        used = {
            each.name: getattr(self.settings, each.name) if uses(self.settings.method, each.name) else None
            for each in fields(SeparationSettings)
        }
        return {
            "run": self.number,
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self.at)),
            "cell": self.index + 1,
            "name": self.cell,
            **used,
            "components": self.n,
            "alive": int(self.numbers.get("alive", 0)),
            "iterations": self.iterations,
            "converged": self.converged,
            "seconds": self.seconds,
            **{key: self.value(key) for key in RUN_NUMBERS},
            "r_raw": self.value("r_neuropil_raw"),
            "r": self.value("r_neuropil"),
        }

    def value(self, key: str) -> float:
        """Return a number by its key, NaN where it is not defined."""
        return self.numbers.get(key, math.nan)


@dataclass(frozen=True)
class _Passing:
    """A run that a hand came to by one setting, and when; it is only passed if the hand soon goes on."""

    key: Key
    name: str
    at: float


RUN_NUMBERS = ("score", "explained", "r_neuropil_raw", "r_neuropil", "negative")
"""Keys in `NUMBERS` of the numbers of a run, beside those of the solver."""

RUN_COLUMNS = {
    column.name: column
    for column in (
        FilterColumn("run", float),
        FilterColumn("time", str),
        FilterColumn("cell", float),
        FilterColumn("name", str),
        *(FilterColumn(each.name, each.kind if each.kind in (str, bool) else float) for each in PARAMETERS.values()),
        FilterColumn("components", float),
        FilterColumn("alive", float),
        FilterColumn("iterations", float),
        FilterColumn("converged", bool),
        FilterColumn("score", float),
        FilterColumn("explained", float),
        FilterColumn("r_neuropil_raw", float, aliases=("r_raw",)),
        FilterColumn("r_neuropil", float, aliases=("r",)),
        FilterColumn("negative", float),
        FilterColumn("seconds", float),
    )
}
"""Columns that a filter of runs can compare."""

TABLE_COLUMNS = tuple(column.aliases[0] if column.aliases else name for name, column in RUN_COLUMNS.items())
"""Columns of a table of runs that is copied or written, in this order."""


class Runs(QObject):
    """Logs each finished result that the session shows, of whichever cell; drafts are none.

    A result that is shown again keeps its line; one that was made again, with the same settings, takes it over. Of a
    setting that is dragged, only what the eye could rest on stays.

    Signals: `added`, `updated` (the `Run`), `removed` (its number), `cleared`, `present_changed`.
    """

    added = pyqtSignal(object)
    updated = pyqtSignal(object)
    removed = pyqtSignal(int)
    cleared = pyqtSignal()
    present_changed = pyqtSignal()

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clock = clock
        self._kept: dict[Key, Run] = {}  # shown longest ago first
        self._count = 0
        self._present: Key | None = None
        self._passing: _Passing | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def all(self) -> list[Run]:
        """Return all runs by their number."""
        return sorted(self._kept.values(), key=lambda run: run.number)

    @property
    def present(self) -> Run | None:
        """The run whose result is shown."""
        return self._kept.get(self._present) if self._present is not None else None

    def clear(self) -> None:
        """Forget all runs, because another recording is open."""
        self._kept.clear()
        self._count, self._present, self._passing = 0, None, None
        self.cleared.emit()

    def restore(self, runs: Iterable[Run]) -> None:
        """Take the runs of an earlier session in place of all."""
        self.clear()
        for run in runs:
            self._kept[run.key] = run
            self._count = max(self._count, run.number)
            self.added.emit(run)

    def move(self, places: Mapping[int, int], gone: Iterable[int]) -> None:
        """Let runs be of cells at other places; those of cells that are gone are forgotten."""
        for index in gone:
            for run in [each for each in self._kept.values() if each.index == index]:
                del self._kept[run.key]
                self.removed.emit(run.number)
        moved = [run for run in self._kept.values() if places.get(run.index, run.index) != run.index]
        self._kept = {
            (places.get(index, index), settings): replace(run, index=places.get(index, index))
            for (index, settings), run in self._kept.items()
        }
        self._present = self._passing = None
        for run in moved:
            self.updated.emit(self._kept[places[run.index], run.settings])

    def log(self, present: Present) -> None:
        """Take the result that is shown now."""
        cell, latest = present.cell, present.latest
        key = None
        if cell is not None and latest is not None:
            number = self._count + 1
            run = Run.of(number, time.time(), present.index, cell.name, latest.separation, latest.numbers)
            key = run.key
            self._take(run)
        if key != self._present:
            self._present = key
            self.present_changed.emit()

    def _take(self, run: Run) -> None:
        key, now, name = run.key, self.clock(), self._dragged(run.key)
        last, self._passing = self._passing, None
        old = self._kept.pop(key, None)
        if old is not None:
            # No two runs take the same time to the nanosecond: this tells being shown again from being made again.
            again = (old.seconds, old.iterations) == (run.seconds, run.iterations)
            self._kept[key] = old if again else replace(run, number=old.number)
            if not again:
                self.updated.emit(self._kept[key])
            return
        if name is not None:
            self._passing = _Passing(key, name, now)
        if name is not None and last is not None and last.name == name and now - last.at <= BRIEF:
            self._kept[key] = replace(run, number=self._kept.pop(last.key).number)
            self.updated.emit(self._kept[key])
            return
        self._count = run.number
        self._kept[key] = run
        if len(self._kept) > MOST:
            gone = self._kept.pop(next(iter(self._kept)))
            self.removed.emit(gone.number)
        self.added.emit(run)

    def _dragged(self, key: Key) -> str | None:
        """Return the setting by which a hand may have come here from what is shown now."""
        if self._present is None or self._present[0] != key[0]:
            return None
        changed = differing(self._present[1], key[1])
        return changed[0] if len(changed) == 1 and changed[0] in DRAGGED else None


def differing(one: "DataclassInstance", other: "DataclassInstance") -> list[str]:
    """Return the names of the settings, or parameters, that are not the same in both."""
    return [each.name for each in fields(one) if getattr(one, each.name) != getattr(other, each.name)]
