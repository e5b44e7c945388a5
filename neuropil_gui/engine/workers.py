"""Workers: an executor that several threads use, one at a time. Without Qt."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Self

from neuropil_gui.core.errors import Cancelled

POLL = 0.05
"""Seconds between two questions whether to stop waiting."""


class Workers(Executor):
    """Base of the executors that are kept for the next work."""

    def __init__(self) -> None:
        self._use = threading.Lock()

    @contextmanager
    def in_use(self, should_stop: Callable[[], bool]) -> Iterator[Self]:
        """Wait until no other thread uses them, and keep others waiting until the end of the block.

        Raises
        ------
        Cancelled
            When `should_stop` returned True before.
        """
        while not self._use.acquire(timeout=POLL):
            if should_stop():
                raise Cancelled
        try:
            yield self
        finally:
            self._use.release()

    def end_unused(self) -> bool:
        """Shut down, unless a thread uses them; return whether that was so."""
        if not self._use.acquire(blocking=False):
            return False
        try:
            self.shutdown(wait=False)
        finally:
            self._use.release()
        return True
