"""Work on many cells on an executor: processes of this machine, a cluster, or threads. Without Qt."""

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import replace
from typing import Generic, TypeVar

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.engine.cluster import Cluster
from neuropil_gui.engine.processes import Processes

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Task = Callable[[Sequence[Cell], Sequence[Asked]], list[Answer | DataError]]
"""The work on some cells, done by a worker: a function of a module, which takes what is asked of each of them."""

TASK_SECONDS, CELLS_PER_TASK = 0.1, 16
"""Expected time that a task of several short cells takes at most, so that sending it costs little, and their number."""

START_SECONDS = 2.0
"""Work that takes less, as expected, is done sooner than processes are started for it."""

WORKERS_LOST = 3
"""Workers that a cell may take with it before it is left out."""

KILLED_WORKER = "KilledWorker"
"""Name of the error of dask.distributed, which need not be installed, for a task that took several workers with it."""

POLL = 0.05
"""Seconds between two looks at whether to stop."""


def distribute(
    recording: Recording,
    task: Task[Asked, Answer],
    asked_of: Callable[[int], Asked],
    cells: Sequence[int],
    seconds: Sequence[float],
    executor: Executor,
    workers: int | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    here: Callable[[int, Cell], Answer],
) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
    """Do the same work on many cells, and yield the answers as they come.

    Parameters
    ----------
    recording : Recording
    task : callable
        Takes cells, and what is asked of each; returns an answer or a DataError for each.
    asked_of : callable
        Returns what is asked of the cell at an index; called in this thread as the cell is handed on.
    cells : sequence of int
        Indices of the cells, in the order in which they are begun.
    seconds : sequence of float
        How long the work on each takes, as expected.
    executor : concurrent.futures.Executor
    workers : int, optional
        Number of workers that the executor has; by default as many as it says, or that of this machine's processors.
    should_stop : callable, optional
        Polled every few milliseconds.
    here : callable
        Takes the index and the cell; in place of `task` where so little is to be done that it is done in this thread.

    Yields
    ------
    index : int
    cell : Cell or None
        None where it cannot be read.
    answer
        Of the cell, or the DataError for which there is none.

    Raises
    ------
    DataError
        (a ValueError) When the executor has lost its workers.
    Cancelled
        When `should_stop` returned True.
    """
    if isinstance(executor, Processes) and not executor.started and sum(seconds) < START_SECONDS:
        return _one_by_one(recording, here, cells)
    if isinstance(executor, Cluster):
        executor.connect()
    known = executor.jobs if isinstance(executor, Processes | Cluster) else os.cpu_count()
    at_a_time = workers or known or 1
    tasks = deque(_tasks(cells, seconds, 4 * at_a_time))
    work = _Distribution(recording, task, asked_of, executor, 2 * at_a_time, should_stop or (lambda: False))
    return work.run(tasks)


def _one_by_one(
    recording: Recording, here: Callable[[int, Cell], Answer], cells: Sequence[int]
) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
    """Do the work in this thread."""
    for index in cells:
        cell: Cell | None = None
        try:
            cell = recording.cells[index]
            yield index, cell, here(index, cell)
        except DataError as error:
            yield index, cell, error


def _tasks(indices: Sequence[int], seconds: Sequence[float], least: int) -> Iterator[tuple[int, ...]]:
    """Yield the cells of each task: several where they are short, but not so many that there are less than `least`."""
    longest = min(TASK_SECONDS, sum(seconds) / least)
    task: list[int] = []
    spent = 0.0
    for index, each in zip(indices, seconds, strict=True):
        if task and (spent + each > longest or len(task) == CELLS_PER_TASK):
            yield tuple(task)
            task, spent = [], 0.0
        task.append(index)
        spent += each
    if task:
        yield tuple(task)


def _lost(executor: Executor) -> DataError:
    what = f"The scheduler {executor.address}" if isinstance(executor, Cluster) else "The executor"
    return DataError(f"{what} was lost, or its workers were; the results that came before are kept.")


def _deadly(times: int) -> DataError:
    return DataError(f"The process that separated it ended {times} times, as it does where memory runs out.")


class _Distribution(Generic[Asked, Answer]):
    """Hands tasks to an executor, few at a time, so that memory does not grow with the recording."""

    def __init__(
        self,
        recording: Recording,
        task: Task[Asked, Answer],
        asked_of: Callable[[int], Asked],
        executor: Executor,
        at_a_time: int,
        should_stop: Callable[[], bool],
    ) -> None:
        self._recording, self._task, self._asked_of, self._executor = recording, task, asked_of, executor
        self._at_a_time, self._should_stop = at_a_time, should_stop
        self._waiting: deque[tuple[int, ...]] = deque()
        self._running: dict[Future[list[Answer | DataError]], dict[int, Cell]] = {}
        self._lost: Counter[int] = Counter()

    def run(self, tasks: "deque[tuple[int, ...]]") -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
        self._waiting = tasks
        try:
            while self._waiting or self._running:
                yield from self._submit()
                done, _ = wait(self._running, POLL, FIRST_COMPLETED)
                if isinstance(self._executor, Processes):
                    self._executor.notice_death()
                if self._should_stop():
                    raise Cancelled
                for future in sorted(done, key=Future.cancelled):  # what was done comes before what was lost
                    yield from self._results(future)
                if isinstance(self._executor, Cluster) and self._executor.lost:
                    raise _lost(self._executor)
        finally:
            self._leave()

    def _submit(self) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
        """Submit what is waiting, as much as may run at a time; yield the cells that cannot be read."""
        while self._waiting and len(self._running) < self._at_a_time:
            # One that was under way when a worker died is tried again alone, so that it is known which it was.
            if self._running and any(self._lost[index] for index in self._waiting[0]):
                return
            cells: dict[int, Cell] = {}
            for index in self._waiting.popleft():
                try:
                    cells[index] = self._recording.cells[index]
                except DataError as error:
                    yield index, None, error
            if not cells:
                continue
            bare = [replace(cell, truth=None, stored=None) for cell in cells.values()]
            try:
                asked = [self._asked_of(index) for index in cells]
                self._running[self._executor.submit(self._task, bare, asked)] = cells
            except BrokenExecutor:
                yield from self._worker_lost(cells)
                return
            if any(self._lost[index] for index in cells):
                return

    def _results(
        self, future: "Future[list[Answer | DataError]]"
    ) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
        cells = self._running.pop(future, None)
        if cells is None:
            return  # left with its executor
        if future.cancelled():
            raise _lost(self._executor)
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            yield from self._worker_lost(cells)
        elif type(error).__name__ == KILLED_WORKER:
            yield from self._workers_killed(cells)
        elif error is not None:
            logging.getLogger(__name__).error("the work on a cell failed in a worker", exc_info=error)
            failed = DataError(f"The separation ended in an unexpected error ({error!r}).")
            yield from ((index, cell, failed) for index, cell in cells.items())
        else:
            for (index, cell), result in zip(cells.items(), future.result(), strict=True):
                yield index, cell, result

    def _worker_lost(self, cells: dict[int, Cell]) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
        """Try again what was under way when a worker died, each cell as a task of its own."""
        if not isinstance(self._executor, Processes):
            raise _lost(self._executor)
        under_way = dict(cells)
        for each in self._running.values():
            under_way |= each
        self._running.clear()
        self._executor.restart()
        self._lost.update(under_way.keys())
        for index, cell in reversed(under_way.items()):
            if self._lost[index] < WORKERS_LOST:
                self._waiting.appendleft((index,))
            else:
                yield index, cell, _deadly(WORKERS_LOST)

    def _workers_killed(self, cells: dict[int, Cell]) -> Iterator[tuple[int, Cell | None, Answer | DataError]]:
        """Try each cell of a task that a scheduler gave up alone, and once: it had been tried several times."""
        alone = len(cells) == 1 and all(self._lost[index] for index in cells)
        self._lost.update(cells.keys())
        for index, cell in reversed(cells.items()):
            if alone:
                yield index, cell, _deadly(WORKERS_LOST)
            else:
                self._waiting.appendleft((index,))

    def _leave(self) -> None:
        """Withdraw what waits, and let what runs in processes of this machine end."""
        for future in self._running:
            future.cancel()
        if self._running and isinstance(self._executor, Processes):
            self._executor.leave(self._running)
