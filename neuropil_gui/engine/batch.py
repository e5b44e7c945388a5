"""Batch: separation of many cells in processes of low priority, with a signal for each cell."""

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from PyQt5.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.prepared import prepare_separation
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.processes import NICENESS
from neuropil_gui.engine.runner import REPORT_INTERVAL, Report, Runner, ShouldStop, Work
from neuropil_gui.engine.separate_all import separate_each, workers_of
from neuropil_gui.engine.workers import Workers
from neuropil_gui.state.own_settings import CellSettings

IDLE_MILLISECONDS = 60_000
"""Time after a use of the workers for which they are kept for the next."""

CellEnd = tuple[int, Separation, Mapping[str, float], Cell] | tuple[int, DataError]
"""Index, separation, numbers and cell; or index and error."""


def quietly(work: Work) -> Work:
    """Return the same work at low priority."""

    def at_low_priority(report: Report, should_stop: ShouldStop) -> object:
        _lower_priority()
        return work(report, should_stop)

    return at_low_priority


def _lower_priority() -> None:
    if sys.platform.startswith("linux"):
        # Qt cannot lower a thread's priority here, but on Linux a thread has a niceness of its own.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def separate_many(recording: Recording, settings: CellSettings, indices: Sequence[int], workers: Workers) -> Work:
    """Separate many cells; reports lists of `CellEnd`, and answers with those that were not reported."""

    def work(report: Report, should_stop: ShouldStop) -> list[CellEnd]:
        load_solvers()
        ends: list[CellEnd] = []
        last = 0.0
        with workers.in_use(should_stop):
            results = separate_each(recording, settings.of, indices, workers, should_stop=should_stop)
            for index, cell, result in results:
                if cell is not None and isinstance(result, Separation):
                    ends.append((index, prepare_separation(result), numbers(cell, result, SUMMARY), cell))
                elif isinstance(result, DataError):
                    ends.append((index, result))
                now = time.monotonic()
                if now - last > 1.5 * REPORT_INTERVAL:
                    report(ends)
                    ends, last = [], now
        return ends

    return quietly(work)


class Batch(QObject):
    """Separates many cells, as many at a time as there are processes, or workers of a scheduler.

    Signals: `cell_done` (index, separation, numbers, cell), `cell_failed` (index, sentence), `progressed` (done, of
    how many), `ended` (whether all cells were tried), `failed` (sentence, after `ended`).

    Attributes
    ----------
    jobs : int
        How many cells are separated at a time, from the next start on.
    scheduler : str
        Address of the scheduler whose workers do it, from the next start on; empty for processes of this machine.
    """

    cell_done = pyqtSignal(int, object, object, object)
    cell_failed = pyqtSignal(int, str)
    progressed = pyqtSignal(int, int)
    ended = pyqtSignal(bool)
    failed = pyqtSignal(str)

    def __init__(self, jobs: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._done = 0
        self._running = False
        self._settings = CellSettings()
        self.jobs, self.scheduler = jobs, ""
        self._workers: Workers = workers_of(jobs, NICENESS)
        self._made_for = self.place
        self._runner = Runner(self, "Separating all cells")
        self._runner.reported.connect(self._on_reported)
        self._runner.finished.connect(self._on_finished)
        self._runner.failed.connect(self._on_failed)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MILLISECONDS)
        self._idle.timeout.connect(self._end_workers)

    @property
    def place(self) -> tuple[int, str]:
        """Where cells are separated: `jobs` and `scheduler`."""
        return self.jobs, self.scheduler

    @property
    def running(self) -> bool:
        """Whether cells are left to be separated."""
        return self._running

    @property
    def settings(self) -> CellSettings:
        """The settings of the batch that runs, or ran last."""
        return self._settings

    def start(self, recording: Recording, settings: CellSettings, indices: Sequence[int]) -> None:
        """Separate the cells at `indices`, in this order, in place of what was running."""
        self.drop()
        workers = self.lend()
        self._settings = settings
        self._done, self._total = 0, len(indices)
        self._running = bool(indices)
        self.progressed.emit(0, self._total)
        if not self._running:
            self.ended.emit(True)
            return
        self._runner.submit(separate_many(recording, settings, indices, workers))

    def lend(self) -> Workers:
        """Return the workers of `place` for a thread, which takes them by `in_use`; they end some time after that.

        A batch that runs has them until its end, and so has who asks meanwhile.
        """
        if self._made_for != self.place and not self._running:
            self._workers.shutdown(wait=False)
            self._made_for = self.place
            self._workers = workers_of(self.jobs, NICENESS, self.scheduler)
        self._idle.start()
        return self._workers

    def cancel(self) -> None:
        """Stop; starting again with the cells that are left resumes."""
        if self.running:
            self.drop()
            self.ended.emit(False)

    def drop(self) -> None:
        """Stop without a signal."""
        self._running = False
        self._runner.drop()

    def close(self) -> None:
        """End the workers; call it when the runner is closed."""
        self._workers.shutdown()

    @pyqtSlot()
    def _end_workers(self) -> None:
        if not self._workers.end_unused():
            self._idle.start()

    @pyqtSlot(object, object)
    def _on_reported(self, question: object, ends: Sequence[CellEnd]) -> None:
        for end in ends:
            if not self._running:
                return  # a listener has cancelled the rest
            if len(end) == 2:
                self.cell_failed.emit(end[0], str(end[1]))
            else:
                self.cell_done.emit(*end)
            if self._running:
                self._done += 1
                self.progressed.emit(self._done, self._total)

    @pyqtSlot(object, object)
    def _on_finished(self, question: object, ends: Sequence[CellEnd]) -> None:
        self._on_reported(question, ends)
        if self._running:
            self._end(True)

    @pyqtSlot(object, object)
    def _on_failed(self, question: object, error: DataError) -> None:
        self._end(False)
        self.failed.emit(str(error))

    def _end(self, whole: bool) -> None:
        self._running = False
        self._idle.start()
        self.ended.emit(whole)
