"""Separation of many cells on an executor: processes of this machine, a cluster, or threads. Without Qt."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.cluster import Cluster
from neuropil_gui.engine.distribution import distribute
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.worker_task import Result, separate_cells, whole

T = TypeVar("T")


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

    def here(index: int, cell: Cell) -> Separation:
        report = None if progress is None else partial(progress, index)
        return separate_cell(cell, settings_of(index), report, should_stop)

    results = distribute(
        recording, separate_cells, settings_of, indices, seconds, executor, workers, should_stop, here=here
    )
    yield from ((index, cell, whole(result)) for index, cell, result in results)


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
