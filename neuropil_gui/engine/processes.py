"""Processes of this machine that separate cells: started when there is work, ended with the program."""

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import ExitStack
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event
from typing import Any, ParamSpec, TypeVar

from neuropil_gui.core.solvers import coordinate_sweep
from neuropil_gui.core.solvers.stepping import one_blas_thread
from neuropil_gui.engine.freed_memory import keep_freed_memory
from neuropil_gui.engine.workers import Workers
from neuropil_gui.formats.child.process import WITHOUT_MAIN

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 10
"""Niceness, on Linux and macOS, of work that nobody waits for."""

LEAVING_SECONDS = 0.25
"""Seconds for which work that is left is waited for: a step takes less, but not the start of a process."""

UNNOTICED_SECONDS = 2.0
"""Seconds after which a pool that waits has not noticed that a process has died: it does at once otherwise."""

POLL = 0.005
"""Seconds between two looks at whether to stop: a solver asks after each sweep, and a look takes 2 % of a short one."""

_held = ExitStack()
"""Of a worker: what holds for as long as it lives."""

_stop: Event | None = None
"""Set in a worker: whether what it does is to be left."""


_looked = -math.inf
"""When it was looked at last."""


def should_stop() -> bool:
    """Whether the work of this process is to be left; polled by it, and False in a process that is no worker."""
    global _looked
    if _stop is None or time.monotonic() - _looked < POLL:
        return False
    _looked = time.monotonic()
    return _stop.is_set()


class _Worker(SpawnProcess):
    """A spawned process that does not run the main module again, which may be a script without a guard."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        # `start` forgets the arguments, whose semaphores have to be there until the process has opened them.
        self._opened = arguments, keywords
        self.name = f"{WITHOUT_MAIN} worker"


class _Context(SpawnContext):
    """Makes the processes and the queue of results of a pool, and knows them."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []
        self.results: Any = None

    def Process(self, *arguments: Any, **keywords: Any) -> _Worker:  # type: ignore[override]  # noqa: N802 -- its name
        self.workers.append(_Worker(*arguments, **keywords))
        return self.workers[-1]

    def SimpleQueue(self) -> Any:  # noqa: N802 -- its name
        self.results = super().SimpleQueue()
        return self.results


def _start_worker(stop: Event, niceness: int) -> None:
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which ends its workers
    if niceness and sys.platform != "win32":
        os.nice(niceness)
    keep_freed_memory()
    coordinate_sweep.preload()  # before there is another thread
    _held.enter_context(one_blas_thread())  # there are as many processes as cores
    end_with_parent()


def end_with_parent() -> None:
    """Have this process end when its parent has ended, killed or not, whatever it is doing then."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


class Processes(Workers):
    """Executor of processes of this machine, each spawned when there is work for it and kept for more.

    Parameters
    ----------
    jobs : int
        Number of processes.
    niceness : int
        How much lower their priority is, on Linux and macOS.
    """

    def __init__(self, jobs: int, niceness: int = 0) -> None:
        super().__init__()
        self.jobs, self._niceness = jobs, niceness
        self._context = _Context()
        self._stop = self._context.Event()
        self._pool: ProcessPoolExecutor | None = None
        self._dead_since: float | None = None

    @property
    def started(self) -> bool:
        """Whether there are processes, which the next work need not wait for."""
        return self._pool is not None

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
        """Run a function of a module in one of the processes."""
        if self._pool is None:
            self._stop = self._context.Event()  # the one before may be that of processes that have still to end
            self._pool = ProcessPoolExecutor(
                self.jobs, self._context, initializer=_start_worker, initargs=(self._stop, self._niceness)
            )
        return self._pool.submit(function, *arguments, **keywords)

    def notice_death(self) -> None:
        """Break a pool that does not notice that a process has died; to be called by who waits, now and then.

        Where it has died while it was writing an answer, the pool would wait for the rest of that for ever.
        """
        workers, results = self._context.workers, self._context.results  # another thread may shut down meanwhile
        if self._pool is None or results is None or not wait([worker.sentinel for worker in workers], 0):
            self._dead_since = None
        elif self._dead_since is None:
            self._dead_since = time.monotonic()
        elif time.monotonic() - self._dead_since > UNNOTICED_SECONDS:
            for worker in workers:
                worker.kill()
            # With the last end that could be written to, the answer ends, and the pool is told that it is broken.
            results._writer.close()

    def leave(self, futures: Collection[Future[Any]]) -> None:
        """Let all that runs, which is `futures`, end at its next step, and wait for it.

        Processes that are being started are not waited for: they end by themselves, and new ones are spawned for the
        next work.
        """
        self._stop.set()
        if wait_for(futures, LEAVING_SECONDS).not_done:
            self.shutdown(wait=False)
        else:
            self._stop.clear()

    def restart(self) -> None:
        """Leave processes of which one has died; new ones are spawned for the next work."""
        pool = self._forget()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Stop what runs, and end the processes."""
        self._stop.set()
        pool = self._forget()
        if pool is not None:
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def _forget(self) -> ProcessPoolExecutor | None:
        """Return the pool, which is that of these processes no more; nothing else keeps its files open."""
        pool, self._pool, self._dead_since = self._pool, None, None
        self._context.workers, self._context.results = [], None
        return pool
