"""Batch: separation of many cells in threads of low priority, with a signal for each cell."""

import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import prepare_separation
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, Runner, ShouldStop, Work

NICENESS = 10
"""Niceness of a thread of low priority on Linux."""


def separate_quietly(recording: Recording, index: int, settings: SeparationSettings) -> Work:
    """Read and separate one cell of `recording` at low priority."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Separation, Mapping[str, float], Cell]:
        load_solvers()
        cell = recording.cells[index]
        separation = separate_cell(cell, settings, report, should_stop)
        return prepare_separation(separation), numbers(cell, separation, SUMMARY), cell

    return quietly(work)


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


class Batch(QObject):
    """Separates many cells, as many at a time as it has threads.

    Signals: `cell_done` (index, separation, numbers, cell), `cell_failed` (index, sentence), `progressed` (done, of
    how many), `ended` (whether all cells were tried).
    """

    cell_done = pyqtSignal(int, object, object, object)
    cell_failed = pyqtSignal(int, str)
    progressed = pyqtSignal(int, int)
    ended = pyqtSignal(bool)

    def __init__(self, threads: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[int] = deque()
        self._total = 0
        self._done = 0
        self._running = False
        self._recording: Recording | None = None
        self._settings = SeparationSettings()
        self._runners: list[Runner] = []
        self.set_threads(threads)

    def set_threads(self, threads: int) -> None:
        """Set how many cells are separated at a time, from the next start on."""
        while len(self._runners) < threads:
            runner = Runner(self)
            runner.finished.connect(self._on_finished)
            runner.failed.connect(self._on_failed)
            self._runners.append(runner)
        self._threads = threads

    @property
    def running(self) -> bool:
        """Whether cells are left to be separated."""
        return self._running

    @property
    def settings(self) -> SeparationSettings:
        """The settings of the batch that runs, or ran last."""
        return self._settings

    def start(self, recording: Recording, settings: SeparationSettings, indices: Iterable[int]) -> None:
        """Separate the cells at `indices`, in this order, in place of what was running."""
        self.drop()
        self._recording, self._settings = recording, settings
        self._waiting = deque(indices)
        self._done, self._total = 0, len(self._waiting)
        self._running = bool(self._waiting)
        self.progressed.emit(0, self._total)
        if not self._running:
            self.ended.emit(True)
        for runner in self._runners[: self._threads]:
            self._next(runner)

    def cancel(self) -> None:
        """Stop; starting again with the cells that are left resumes."""
        if self.running:
            self.drop()
            self.ended.emit(False)

    def drop(self) -> None:
        """Stop without a signal."""
        self._running = False
        self._waiting.clear()
        for runner in self._runners:
            runner.drop()

    def _next(self, runner: Runner) -> None:
        if self._waiting and self._recording is not None:
            index = self._waiting.popleft()
            runner.submit(separate_quietly(self._recording, index, self._settings), index)

    def _count(self) -> None:
        if not self._running:
            return  # a listener has cancelled the rest
        self._done += 1
        self.progressed.emit(self._done, self._total)
        if self._done == self._total:
            self._running = False
            self.ended.emit(True)
            return
        runner = self.sender()
        if isinstance(runner, Runner):
            self._next(runner)

    @pyqtSlot(object, object)
    def _on_finished(self, index: int, answer: tuple[Separation, Mapping[str, float], Cell]) -> None:
        self.cell_done.emit(index, *answer)
        self._count()

    @pyqtSlot(object, object)
    def _on_failed(self, index: int, error: DataError) -> None:
        self.cell_failed.emit(index, str(error))
        self._count()
