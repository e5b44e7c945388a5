"""Jobs that write results: of the cells that are chosen, separated where they are not yet.

Formats are imported in the thread, so that the window is there sooner.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.processes import NICENESS
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.engine.separate_all import in_order, separate_each, workers_of
from neuropil_gui.engine.worker_task import Result
from neuropil_gui.engine.workers import Workers
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import unpack_separation
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.stored_results import result_key

if TYPE_CHECKING:
    from neuropil_gui.formats.writing.receipt import Receipt


@dataclass(frozen=True, eq=False)
class Chosen:
    """Results that are to be written.

    Attributes
    ----------
    recording : Recording
    indices : sequence of int
        The cells, from 0.
    settings : CellSettings
        By which cells are separated that have no result yet.
    known : mapping of int to Separation
        The results at hand.
    project : Path or None
        Where results are kept that are not at hand.
    kept : collection of int
        The cells whose result of their settings it holds.
    baseline : BaselineSettings or None
        With one, dF/F is written too.
    marks : mapping of int to Mark
    answers : mapping of str to object, or None
        How the recording was read; with them, a receipt is written beside the results.
    workers : Workers or None
        Who separates those that have none, such as `Batch.lend` returns them; without them, one cell after the other.
    tests : mapping of int to CellSpikeIn
        What came back of transients that were added to the cells, by these settings.
    """

    recording: Recording
    indices: Sequence[int]
    settings: CellSettings
    known: Mapping[int, Separation] = field(default_factory=dict)
    project: Path | None = None
    kept: Collection[int] = ()
    baseline: BaselineSettings | None = None
    marks: Mapping[int, Mark] = field(default_factory=dict)
    answers: Mapping[str, object] | None = None
    workers: Workers | None = None
    tests: Mapping[int, CellSpikeIn] = field(default_factory=dict)

    def excluded(self) -> dict[str, int]:
        """Return how many cells are not among the chosen ones, by the reason."""
        chosen = set(self.indices)
        rejected = [index for index, mark in self.marks.items() if mark.verdict == "rejected" and index not in chosen]
        others = len(self.recording.cells) - len(chosen) - len(rejected)
        return {"rejected by eye": len(rejected), "not chosen": others}

    def receipt(self) -> "Receipt":
        """Return a receipt that is still to watch the results."""
        from neuropil_gui.formats.writing.receipt import Receipt

        return Receipt(self.recording, self.answers or {}, self.excluded())

    def results(self, missing: list[str], report: Report, should_stop: ShouldStop) -> Iterator[tuple[int, Separation]]:
        """Yield the index and the result of one cell after the other, in the order of `indices`.

        Report (done, of how many); add a sentence to `missing` for each cell that cannot be separated.
        """
        left = [index for index in self.indices if not self._seems_at_hand(index)]
        waiting = set(left)
        if left:
            load_solvers()
        with self._in_use(left, should_stop) as workers:
            results = separate_each(self.recording, self.settings.of, left, workers, should_stop=should_stop)
            separated = in_order(left, ((index, result) for index, _, result in results))
            for done, index in enumerate(self.indices):
                report((done, len(self.indices)))
                if should_stop():
                    raise Cancelled
                result = next(separated)[1] if index in waiting else self._at_hand(index, should_stop)
                if isinstance(result, Separation):
                    yield index, result
                else:
                    missing.append(f"cell {index + 1}: {result}")

    def _in_use(self, left: Sequence[int], should_stop: ShouldStop) -> AbstractContextManager[Workers]:
        """Return the workers until the end of a block: nobody waits for them where nothing is left for them."""
        if self.workers is None or not left:
            return workers_of(1, NICENESS)
        return self.workers.in_use(should_stop)

    def _seems_at_hand(self, index: int) -> bool:
        """Return whether a cell has a result of its settings, as far as is known without reading a project."""
        return (
            index in self.known or (self.project is not None and index in self.kept) or self._stored(index) is not None
        )

    def found(self, index: int) -> Separation | None:
        """Return the result of a cell's settings where there is one, in memory or in a file."""
        if index in self.known:
            return self.known[index]
        if self.project is not None and index in self.kept:
            found = result_in(self.project, index, self.settings.of(index))
            if found is not None:
                return found
        return self._stored(index)

    def _at_hand(self, index: int, should_stop: ShouldStop) -> Result:
        """Return the result of a cell's settings, separated only where the one that is kept is damaged."""
        if (found := self.found(index)) is not None:
            return found
        try:
            load_solvers()
            return separate_cell(self.recording.cells[index], self.settings.of(index), should_stop=should_stop)
        except DataError as error:
            return error

    def _stored(self, index: int) -> Separation | None:
        """Return the result that the recording's own file holds of a cell and its settings."""
        if self.recording.settings is None:
            return None
        try:
            stored = self.recording.cells[index].stored
        except DataError:  # separating the cell says why
            return None
        kept = stored.separation if stored is not None else None
        return kept if kept is not None and kept.settings == self.settings.of(index) else None


def result_in(project: Path, index: int, settings: SeparationSettings) -> Separation | None:
    """Return the result of a cell that a project holds, in whatever thread; None for none, or a damaged one."""
    try:
        with Database(project, check=False) as database:
            body = database.get("result", result_key(index, settings))
        return unpack_separation(body)[0] if body is not None else None
    except DataError as error:
        logging.getLogger("neuropil_gui").warning("%s", error)
        return None


def export(path: Path, chosen: Chosen) -> Work:
    """Write results to `path`; answer with the path and a sentence for each thing that is missing in it."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats import registry

        failed: list[str] = []
        results, receipt = chosen.results(failed, report, should_stop), None
        if chosen.answers is not None:
            receipt = chosen.receipt()
            results = receipt.watch(results)
        without = registry.write(path, chosen.recording, results, chosen.baseline, chosen.marks, chosen.tests)
        if receipt is not None:
            try:
                without += receipt.write(path, len(failed))
            except DataError as error:
                without.append(str(error))
        return path, failed + without

    return work


def export_copy(path: Path, chosen: Chosen, at_raw_level: bool) -> Work:
    """Write a copy of the recording's suite2p folder or NWB file with the best matches; answer as `export` does."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats.paths import Options
        from neuropil_gui.formats.writing.nwb_copy import write_nwb_copy
        from neuropil_gui.formats.writing.suite2p_out import write_suite2p

        recording, marks, failed = chosen.recording, chosen.marks, list[str]()
        receipt = chosen.receipt()
        results = receipt.watch(chosen.results(failed, report, should_stop))

        def text() -> str:
            return receipt.text("", len(failed))

        if recording.format == "suite2p":
            write_suite2p(path, recording, results, marks, at_raw_level, text)
            return path, [f"{each}; its row of F is as it was" for each in failed]
        options = Options(**(chosen.answers or {}))  # type: ignore[arg-type]
        write_nwb_copy(path, recording, options, results, marks, at_raw_level, text)
        return path, [f"{each}; it is not in the series of best matches" for each in failed]

    return work
