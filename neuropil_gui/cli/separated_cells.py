"""Cells that the separate command separates, with what it prints of each."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from neuropil_gui.cli.shared import print_message, print_progress
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.remarks import Remark, doubts
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.separate_all import Result, in_order, separate_all


class SeparatedCells:
    """Separates cells as the writer asks for them, in order, and reports each that cannot be separated or used.

    Attributes
    ----------
    done, failed, doubtful, serious, not_converged : int
        Number of cells: separated, refused, with warnings, with warnings that are serious, and not converged.
    warnings : dict of str to list of int
        Warnings in brief, each with the numbers of the cells that have it.
    """

    def __init__(
        self, recording: Recording, settings: SeparationSettings, chosen: Sequence[int], processes: Processes
    ) -> None:
        self._recording, self._settings, self._chosen, self._processes = recording, settings, chosen, processes
        self.done = self.failed = self.doubtful = self.serious = self.not_converged = 0
        self.warnings: dict[str, list[int]] = {}

    def __iter__(self) -> Iterator[tuple[int, Separation]]:
        line = _ProgressLine(len(self._chosen))
        for number, result in self._in_order(line):
            line.clear()
            if isinstance(result, DataError):
                self.failed += 1
                print_message(f"cell {number}: {result}")
                continue
            self._report(number, doubts(result.warnings))
            self.done += 1
            self.not_converged += not result.converged
            yield number - 1, result
        if not self.done:
            raise DataError("No cell could be separated, so nothing was written.")

    def _in_order(self, line: "_ProgressLine") -> Iterator[tuple[int, Result]]:
        """Yield the number and the result of each cell in the order in which they were chosen."""
        indices = [number - 1 for number in self._chosen]
        results = separate_all(
            self._recording, self._settings, cells=indices, executor=self._processes, progress=line.show
        )
        for index, result in in_order(indices, line.counting(results)):
            yield index + 1, result

    def _report(self, number: int, remarks: Sequence[Remark]) -> None:
        """Print what is serious in full and at once, and keep the rest to be printed in brief."""
        serious = [each for each in remarks if each.level == "error"]
        self.doubtful += bool(remarks)
        self.serious += bool(serious)
        for each in remarks:
            if each in serious:
                print_message(f"cell {number}: {each}")
            else:
                self.warnings.setdefault(each.brief, []).append(number)


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

    def counting(self, results: Iterable[tuple[int, Result]]) -> Iterator[tuple[int, Result]]:
        """Yield the same, and count each."""
        for each in results:
            self.count()
            yield each

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
