"""Results by cell and settings, in bounded memory; without Qt."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from neuropil_gui.core.history import RunHistory
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import separation_bytes
from neuropil_gui.state.hidden_truth import without_true_numbers

if TYPE_CHECKING:
    from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn

MAX_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class Result:
    """A separation with its numbers, the history of its run where that is known, and the cell where only this holds it.

    `CellsOnDemand` does not read a cell again that is still held.
    """

    separation: Separation
    numbers: Mapping[str, float]
    history: RunHistory | None = None
    cell: Cell | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its traces, of what they are drawn with, of its past states, and of the cell."""
        past = sum(snapshot.nbytes for snapshot in self.history.snapshots) if self.history else 0
        return separation_bytes(self.separation) + past + (self.cell.traces.nbytes if self.cell is not None else 0)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Summary of a cell's last separation; kept for every cell, however many there are.

    Attributes
    ----------
    settings : SeparationSettings
    failed : str
        Why it could not be separated; empty where it could.
    numbers : mapping of str to float
        Those of `SUMMARY`, by key; empty where it failed.
    n, iterations : int
    converged : bool
    warnings : tuple of Remark
    earlier : bool
        Whether it is of an earlier state of the recording, whose signals are others now.
    spike_in : CellSpikeIn or None
        What came back of transients that were added to the recording, where that was tested.
    """

    settings: SeparationSettings
    failed: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    n: int = 0
    iterations: int = 0
    converged: bool = False
    warnings: tuple[Remark, ...] = ()
    earlier: bool = False
    spike_in: "CellSpikeIn | None" = None

    @property
    def values(self) -> Mapping[str, float]:
        """The numbers of the result, and those of its spike-in test."""
        return self.numbers if self.spike_in is None else {**self.numbers, **self.spike_in.numbers}

    def answers(self, settings: SeparationSettings) -> bool:
        """Return whether it sums up a result of just these settings, and of the signals as they are."""
        return not self.failed and not self.earlier and self.settings == settings

    @classmethod
    def of(cls, result: Result) -> "Outcome":
        """Return the summary of a result."""
        separation = result.separation
        return cls(
            separation.settings,
            "",
            result.numbers,
            separation.n,
            separation.iterations,
            separation.converged,
            separation.warnings,
        )


class Outcomes(dict[int, Outcome]):
    """The outcome of each cell of which something is known, by its index."""

    def answers(self, index: int, settings: SeparationSettings) -> bool:
        """Return whether the cell was separated, or refused, with just these settings."""
        known = self.get(index)
        return known is not None and not known.earlier and known.settings == settings and settings.seed is not None

    def is_of(self, index: int, settings: SeparationSettings) -> bool:
        """Return whether the cell was separated with these settings, by whichever solver, and its signals are those."""
        known = self.get(index)
        return known is not None and not known.failed and not known.earlier and known.settings.asks_like(settings)

    def take(self, index: int, result: Result) -> bool:
        """Take the outcome of a result, unless FISSA's solver has answered the same question; return whether."""
        known, settings = self.get(index), result.separation.settings
        exact = known is not None and not known.failed and not known.earlier and known.settings.solver == "fissa"
        if known is not None and exact and settings.solver != "fissa" and settings.asks_like(known.settings):
            return False
        self.put(index, Outcome.of(result))
        return True

    def move(self, places: Mapping[int, int]) -> None:
        """Let outcomes be those of cells at other places; those of cells that have none are forgotten."""
        moved = {places[index]: outcome for index, outcome in self.items() if index in places}
        self.clear()
        self.update(moved)

    def put(self, index: int, outcome: Outcome) -> None:
        """Take an outcome; what was tested of the same question, by whichever solver, stays with it."""
        kept = self[index].spike_in if self.is_of(index, outcome.settings) else None
        self[index] = replace(outcome, spike_in=kept)


class Stored(Protocol):
    """Results that are kept elsewhere, as in a project file."""

    @property
    def project(self) -> Path | None:
        """The project that holds them, from which other threads read them."""

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of exactly these settings."""

    def newest(self, index: int) -> Result | None:
        """Return the result of a cell that was shown last."""


class Results:
    """Keeps the results used last; the newest stays, whatever its size.

    Attributes
    ----------
    stored : Stored or None
        Asked for what is not at hand.
    in_memory_only : int or None
        Index of a cell whose stored results are not such of its signals as they are tried now.
    truth_hidden : bool
        Whether results are kept without the numbers that need the truth.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[tuple[int, SeparationSettings], Result] = OrderedDict()
        self._nbytes = 0
        self.stored: Stored | None = None
        self.in_memory_only: int | None = None
        self.truth_hidden = False

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        """Bytes of all of them."""
        return self._nbytes

    @property
    def project(self) -> Path | None:
        """The project that holds what is not at hand."""
        return self.stored.project if self.stored is not None else None

    def hide_truth(self, hidden: bool) -> None:
        """Keep results without the numbers that need the truth from now on, those at hand too."""
        self.truth_hidden = hidden
        for (index, _), result in list(self._kept.items()):
            self.store(index, result)

    def store(self, index: int, result: Result) -> Result:
        """Keep the result of the cell at `index`, and return it as it is kept; the least recently used make room."""
        if self.truth_hidden:
            result = replace(result, numbers=without_true_numbers(result.numbers))
        key = (index, result.separation.settings)
        if key in self._kept:
            self._nbytes -= self._kept.pop(key).nbytes
        self._kept[key] = result
        self._nbytes += result.nbytes
        while self._nbytes > self.max_bytes and len(self._kept) > 1:
            self._nbytes -= self._kept.popitem(last=False)[1].nbytes
        return result

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of exactly these settings, if it is at hand."""
        key = (index, settings)
        if key in self._kept:
            self._kept.move_to_end(key)
        elif (stored := self._stored_of(index)) is not None and (found := stored.get(index, settings)) is not None:
            self.store(index, found)
        return self._kept.get(key)

    def best(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return what FISSA's solver answered to these settings, else what the accelerated one did."""
        answers = (self.get(index, replace(settings, solver=solver)) for solver in ("fissa", "accelerated"))
        return next((answer for answer in answers if answer is not None), None)

    def rival(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return what the other solver answered to these settings."""
        other = "accelerated" if settings.solver == "fissa" else "fissa"
        return self.get(index, replace(settings, solver=other))

    def newest(self, index: int) -> Result | None:
        """Return the cell's result that was stored or used last."""
        kept = next((result for (cell, _), result in reversed(self._kept.items()) if cell == index), None)
        if (
            kept is None
            and (stored := self._stored_of(index)) is not None
            and (found := stored.newest(index)) is not None
        ):
            return self.store(index, found)
        return kept

    def _stored_of(self, index: int) -> Stored | None:
        return self.stored if index != self.in_memory_only else None

    def in_memory(self, settings: Mapping[int, SeparationSettings]) -> dict[int, Separation]:
        """Return the separations of cells by these settings of theirs, as far as no file is to be read for them."""
        found = {index: self._kept.get((index, each)) for index, each in settings.items()}
        return {index: result.separation for index, result in found.items() if result is not None}

    def take(self, index: int) -> list[Result]:
        """Take the results of a cell that are at hand out, and return them."""
        taken = [result for (each, _), result in self._kept.items() if each == index]
        self.move({each: each for each, _ in self._kept if each != index})
        return taken

    def move(self, places: Mapping[int, int]) -> None:
        """Let results be those of cells at other places; those of cells that have none are forgotten."""
        self._kept = OrderedDict(
            ((places[index], settings), result) for (index, settings), result in self._kept.items() if index in places
        )
        self._nbytes = sum(result.nbytes for result in self._kept.values())

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._nbytes = 0
        self.stored = None
