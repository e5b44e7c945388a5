"""Separation of many cells on an executor: processes of this machine, a cluster, or threads. Without Qt."""

import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import replace
from functools import partial
from typing import TypeVar

from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Progress
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.cluster import Cluster
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.worker_task import Result, separate_cells, whole

T = TypeVar("T")

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


def separate_all(
    recording: Recording,
    settings: SeparationSettings,
    *,
    cells: Iterable[int] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[int, Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, Result]]:
    """Separate many cells of a recording at a time, and yield the results as they come.

    Parameters
    ----------
    recording : Recording
    settings : SeparationSettings
    cells : iterable of int, optional
        Indices of the cells, from 0, in the order in which they are begun; all by default.
    executor : concurrent.futures.Executor, optional
        Where they are separated, such as ``dask.distributed.Client(address).get_executor()``. By default processes of
        this machine, or this thread where so little is to be done that it would take longer to start them.
    workers : int, optional
        Number of workers that the executor has; by default that of this machine's processors.
    progress : callable, optional
        Called with the index of a cell that is separated in this thread, and a `Progress`, every few milliseconds.
    should_stop : callable, optional
        Polled every few milliseconds; the separation ends when it returns True.

    Yields
    ------
    index : int
    result : Separation or DataError
        A cell that cannot be separated gives its error and does not keep the others from being separated.

    Raises
    ------
    DataError
        (a ValueError) When the executor has lost its workers.
    Cancelled
        When `should_stop` returned True.
    """
    indices = range(len(recording.cells)) if cells is None else cells
    used = executor or Processes(workers or os.cpu_count() or 1)
    try:
        results = separate_each(recording, lambda _: settings, indices, used, workers, progress, should_stop)
        yield from ((index, result) for index, _, result in results)
    finally:
        if executor is None:
            used.shutdown()


def separate_each(
    recording: Recording,
    settings_of: Callable[[int], SeparationSettings],
    cells: Iterable[int],
    executor: Executor,
    workers: int | None = None,
    progress: Callable[[int, Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, Cell | None, Result]]:
    """Do what `separate_all` does by settings of each cell, and yield each cell too, None where it cannot be read."""
    indices = list(cells)
    headers = recording.cells.headers
    seconds = [expected_seconds(settings_of(each), headers[each].signals, headers[each].frames) for each in indices]
    if isinstance(executor, Processes) and not executor.started and sum(seconds) < START_SECONDS:
        return _one_by_one(recording, settings_of, indices, progress, should_stop)
    if isinstance(executor, Cluster):
        executor.connect()
    known = executor.jobs if isinstance(executor, Processes | Cluster) else os.cpu_count()
    at_a_time = workers or known or 1
    tasks = deque(_tasks(indices, seconds, 4 * at_a_time))
    return _Distribution(recording, settings_of, executor, 2 * at_a_time, should_stop or (lambda: False)).run(tasks)


def workers_of(jobs: int, niceness: int = 0, scheduler: str = "") -> Processes | Cluster:
    """Return the workers of a scheduler where its address is given, else so many processes of this machine."""
    return Cluster(scheduler) if scheduler else Processes(jobs, niceness)


def in_order(indices: Iterable[int], results: Iterable[tuple[int, T]]) -> Iterator[tuple[int, T]]:
    """Yield results in the order of `indices`, each once those before it have come."""
    early: dict[int, T] = {}
    order = deque(indices)
    for came, result in results:
        early[came] = result
        while order and order[0] in early:
            index = order.popleft()
            yield index, early.pop(index)


def _one_by_one(
    recording: Recording,
    settings_of: Callable[[int], SeparationSettings],
    indices: Sequence[int],
    progress: Callable[[int, Progress], object] | None,
    should_stop: Callable[[], bool] | None,
) -> Iterator[tuple[int, Cell | None, Result]]:
    """Separate the cells in this thread."""
    for index in indices:
        cell: Cell | None = None
        try:
            cell = recording.cells[index]
            report = None if progress is None else partial(progress, index)
            yield index, cell, separate_cell(cell, settings_of(index), report, should_stop)
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


class _Distribution:
    """Hands tasks to an executor, few at a time, so that memory does not grow with the recording."""

    def __init__(
        self,
        recording: Recording,
        settings_of: Callable[[int], SeparationSettings],
        executor: Executor,
        at_a_time: int,
        should_stop: Callable[[], bool],
    ) -> None:
        self._recording, self._settings_of, self._executor = recording, settings_of, executor
        self._at_a_time, self._should_stop = at_a_time, should_stop
        self._waiting: deque[tuple[int, ...]] = deque()
        self._running: dict[Future[list[Result]], dict[int, Cell]] = {}
        self._lost: Counter[int] = Counter()

    def run(self, tasks: "deque[tuple[int, ...]]") -> Iterator[tuple[int, Cell | None, Result]]:
        self._waiting = tasks
        try:
            while self._waiting or self._running:
                yield from self._submit()
                done, _ = wait(self._running, POLL, FIRST_COMPLETED)
                if self._should_stop():
                    raise Cancelled
                for future in sorted(done, key=Future.cancelled):  # what was done comes before what was lost
                    yield from self._results(future)
                if isinstance(self._executor, Cluster) and self._executor.lost:
                    raise _lost(self._executor)
        finally:
            self._leave()

    def _submit(self) -> Iterator[tuple[int, Cell | None, Result]]:
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
                settings = [self._settings_of(index) for index in cells]
                self._running[self._executor.submit(separate_cells, bare, settings)] = cells
            except BrokenExecutor:
                yield from self._worker_lost(cells)
                return
            if any(self._lost[index] for index in cells):
                return

    def _results(self, future: "Future[list[Result]]") -> Iterator[tuple[int, Cell | None, Result]]:
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
            logging.getLogger(__name__).error("a separation in a worker failed", exc_info=error)
            failed = DataError(f"The separation ended in an unexpected error ({error!r}).")
            yield from ((index, cell, failed) for index, cell in cells.items())
        else:
            for (index, cell), result in zip(cells.items(), future.result(), strict=True):
                yield index, cell, whole(result)

    def _worker_lost(self, cells: dict[int, Cell]) -> Iterator[tuple[int, Cell | None, Result]]:
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

    def _workers_killed(self, cells: dict[int, Cell]) -> Iterator[tuple[int, Cell | None, Result]]:
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
