"""Cells that the separate command separates, with what it prints of each."""

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from neuropil_gui.cli.shared import print_message, print_progress
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.remarks import doubts
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.separate_all import in_order, separate_each
from neuropil_gui.engine.worker_task import Result

if TYPE_CHECKING:
    from neuropil_gui.engine.project_output import ProjectOutput
    from neuropil_gui.state.results import Outcome


class SeparatedCells:
    """Separates cells, and reports each that cannot be separated or used.

    A writer of files iterates over it and has the results in order; a project takes them as they come, by `write_to`.

    Attributes
    ----------
    done, before, failed, doubtful, serious, not_converged : int
        Number of cells: with a result, with one that the project had before, refused, with warnings, with warnings
        that are serious, and not converged.
    """

    def __init__(
        self,
        recording: Recording,
        settings: SeparationSettings,
        chosen: Sequence[int],
        executor: Executor,
    ) -> None:
        self._recording, self._settings, self._executor = recording, settings, executor
        self._indices = [number - 1 for number in chosen]
        self.done = self.before = self.failed = self.doubtful = self.serious = self.not_converged = 0
        self._warnings: dict[str, list[int]] = {}
        self._printed: dict[str, list[int]] = {}

    @property
    def warnings(self) -> dict[str, list[int]]:
        """Warnings in brief with the numbers of their cells, the serious ones that several cells have first."""
        several = {kind: numbers for kind, numbers in self._printed.items() if len(numbers) > 1}
        return {kind: sorted(numbers) for kind, numbers in (several | self._warnings).items()}

    def __iter__(self) -> Iterator[tuple[int, Separation]]:
        results = ((index, result) for index, _, result in self._separate(self._indices))
        for index, result in in_order(self._indices, results):
            if isinstance(result, DataError):
                self._report_failed(index, result)
            else:
                self._report(index, result)
                yield index, result
        if not self.done:
            raise DataError("No cell could be separated, so nothing was written.")

    def write_to(self, project: "ProjectOutput") -> None:
        """Separate the cells of which a project has no result, and hand it each as it comes."""
        kept = project.results_of(self._indices)
        self.before = len(kept)
        for index, outcome in kept.items():
            self._report(index, outcome)
        for index, cell, result in self._separate([index for index in self._indices if index not in kept]):
            if isinstance(result, DataError):
                project.put_failed(index, result)
                self._report_failed(index, result)
            elif cell is not None:
                project.put(index, cell, result)
                self._report(index, result)
        if not self.done:
            raise DataError("No cell could be separated.")

    def _separate(self, indices: Sequence[int]) -> Iterator[tuple[int, Cell | None, Result]]:
        line = _ProgressLine(len(indices))
        for each in separate_each(
            self._recording, lambda _: self._settings, indices, self._executor, progress=line.show
        ):
            line.count()
            yield each
        line.clear()

    def _report_failed(self, index: int, error: DataError) -> None:
        self.failed += 1
        print_above_progress(f"cell {index + 1}: {error}")

    def _report(self, index: int, result: "Separation | Outcome") -> None:
        """Print what is serious in full and at once, each kind of it once; keep the rest to be printed in brief."""
        remarks = doubts(result.warnings)
        serious = [each for each in remarks if each.level == "error"]
        self.done += 1
        self.not_converged += not result.converged
        self.doubtful += bool(remarks)
        self.serious += bool(serious)
        for each in remarks:
            if each not in serious:
                self._warnings.setdefault(each.brief, []).append(index + 1)
                continue
            alike = self._printed.setdefault(each.brief.partition(":")[0], [])
            alike.append(index + 1)
            if len(alike) == 1:
                print_above_progress(f"cell {index + 1}: {each}")


def print_above_progress(sentence: str) -> None:
    """Print a message in place of the line of progress, which comes again."""
    if sys.stderr.isatty():
        print_progress("\r\x1b[K")
    print_message(sentence)


class _ProgressLine:
    """One line on a terminal that is written over; nothing where stderr is a file."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = time.monotonic()
        self._shown = 0.0
        self._on = sys.stderr.isatty()

    def show(self, index: int, progress: Progress) -> None:
        """Show where a cell's solver stands."""
        step = progress.step
        self._print(
            f"cell {index + 1} ({self._done + 1} of {self._total}): try {progress.attempt}, iteration "
            f"{step.iteration}, violation {step.violation:.1e}"
        )

    def count(self) -> None:
        """Count a cell, and show how many are done and how long the others take as these did."""
        self._done += 1
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        self._print(f"{self._done} of {self._total} cells, about {left:.0f} s left")

    def clear(self) -> None:
        """Leave the line empty."""
        if self._on:
            print_progress("\r\x1b[K")

    def _print(self, state: str) -> None:
        now = time.monotonic()
        if self._on and now - self._shown > 0.1:
            self._shown = now
            print_progress(f"\r{state}\x1b[K")
