"""Work on the parts of one question in this thread, in which processes of this machine help. Without Qt."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import ExitStack
from typing import Generic, TypeVar

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.workers import POLL, Workers

Part = TypeVar("Part")
Answer = TypeVar("Answer")

HELP_SECONDS = 0.5
"""Expected work from which on processes are started: with less, this thread is done before they can help."""

CORES = os.cpu_count() or 1
"""Processes beside which this thread does nothing: it would take a core from one of them."""

CALL_SECONDS = 0.02
"""Seconds for which processes are waited for before the first part: those that are there answer in less."""


def share(
    task: Callable[[Part], Answer],
    parts: Sequence[Part],
    seconds: float,
    workers: Workers | None,
    should_stop: Callable[[], bool],
    *,
    here: Callable[[Part], Answer],
) -> Iterator[tuple[int, Answer]]:
    """Do the same work on several parts, and yield the answers as they come.

    This thread takes one part after the other, and so does each process once it has started; as many of them as there
    are cores do all. The thread alone does what is left where there are no processes, they are those of another
    machine, another thread uses them or begins to wait for them, or one of them has died: nothing is lost with it.

    Parameters
    ----------
    task : callable
        A function of a module, or a `functools.partial` of one, which a process can be sent.
    parts : sequence
    seconds : float
        How long the work on all takes in this thread, as expected.
    workers : Workers, optional
    should_stop : callable
        Polled every few milliseconds.
    here : callable
        Does in this thread what `task` does, and raises `Cancelled` where `should_stop` returned True.

    Yields
    ------
    number : int
        Of the part, from 0.
    answer

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    return _Sharing(task, parts, should_stop, here).run(workers, seconds)


class _Sharing(Generic[Part, Answer]):
    """Parts that wait, those that processes have, and who uses them."""

    def __init__(
        self,
        task: Callable[[Part], Answer],
        parts: Sequence[Part],
        should_stop: Callable[[], bool],
        here: Callable[[Part], Answer],
    ) -> None:
        self._task, self._parts, self._should_stop, self._here = task, parts, should_stop, here
        self._waiting = deque(range(len(parts)))
        self._running: dict[Future[Answer], int] = {}
        self._helpers: Processes | None = None
        self._starting: list[Future[int]] = []
        self._use = ExitStack()

    def run(self, workers: Workers | None, seconds: float) -> Iterator[tuple[int, Answer]]:
        try:
            if isinstance(workers, Processes) and (workers.started or seconds >= HELP_SECONDS):
                self._call(workers)
            while self._waiting or self._running:
                self._hand_on()
                yield from self._answers()
                if self._helpers is not None and self._started >= CORES:
                    self._wait()
                    continue
                if not self._waiting:
                    self._take_back()
                if self._waiting:
                    number = self._waiting.popleft()
                    yield number, self._here(self._parts[number])
                elif self._running:
                    self._wait()
        finally:
            self._do_without()

    @property
    def _started(self) -> int:
        """Number of processes that are there."""
        return sum(each.done() and not each.cancelled() and not each.exception() for each in self._starting)

    def _wait(self) -> None:
        wait(self._running, POLL, FIRST_COMPLETED)
        if self._helpers is not None:
            self._helpers.notice_death()
        if self._should_stop():
            raise Cancelled

    def _call(self, workers: Processes) -> None:
        """Ask processes whether they are there: a part that waits for one to start would be done here meanwhile."""
        if not self._use.enter_context(workers.in_use_if_free()):
            return
        self._helpers = workers
        try:
            self._starting = [workers.submit(os.getpid) for _ in range(workers.jobs)]
        except BrokenExecutor:
            self._lose(workers)
        else:
            wait(self._starting, CALL_SECONDS, FIRST_COMPLETED)

    def _hand_on(self) -> None:
        """Have the processes take parts, as many as keep them busy while this thread takes one."""
        if self._helpers is None:
            return
        if self._helpers.wanted:
            self._do_without()
            return
        if not self._started:
            return
        while self._waiting and len(self._running) < 2 * self._helpers.jobs:
            number = self._waiting.popleft()
            try:
                self._running[self._helpers.submit(self._task, self._parts[number])] = number
            except BrokenExecutor:
                self._waiting.appendleft(number)
                self._lose(self._helpers)
                return

    def _answers(self) -> Iterator[tuple[int, Answer]]:
        """Yield what the processes have done."""
        for future in [each for each in self._running if each.done()]:
            number = self._running.pop(future, None)
            if number is None:
                return  # given back with the processes
            error = None if future.cancelled() else future.exception()
            if error is None and not future.cancelled():
                yield number, future.result()
                continue
            self._waiting.appendleft(number)
            if isinstance(error, BrokenExecutor) and self._helpers is not None:
                self._lose(self._helpers)
            else:
                # What is no fault of the process is raised once more, by this thread.
                logging.getLogger(__name__).info("a process has not done its part", exc_info=error)
                self._do_without()

    def _take_back(self) -> None:
        """Take back a part that no process has begun."""
        for future, number in reversed(self._running.items()):
            if future.cancel():
                del self._running[future]
                self._waiting.append(number)
                return

    def _lose(self, helpers: Processes) -> None:
        """Leave processes of which one has died."""
        self._waiting.extendleft(reversed(self._running.values()))
        self._running.clear()
        helpers.restart()
        self._do_without()

    def _do_without(self) -> None:
        """Leave the processes to others, and what they were doing to this thread."""
        running, self._running = self._running, {}
        for future in running:
            future.cancel()
        if running and self._helpers is not None:
            self._helpers.leave(running)
        self._waiting.extendleft(reversed(running.values()))
        self._helpers = None
        self._use.close()
