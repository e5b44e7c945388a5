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
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """Whether a thread waits for them: who can do without them ends its use."""
        return self._waiting > 0

    @contextmanager
    def in_use(self, should_stop: Callable[[], bool]) -> Iterator[Self]:
        """Wait until no other thread uses them, and keep others waiting until the end of the block.

        Raises
        ------
        Cancelled
            When `should_stop` returned True before.
        """
        self._waiting += 1
        try:
            while not self._use.acquire(timeout=POLL):
                if should_stop():
                    raise Cancelled
        finally:
            self._waiting -= 1
        try:
            yield self
        finally:
            self._use.release()

    @contextmanager
    def in_use_if_free(self) -> Iterator[bool]:
        """Keep others waiting until the end of the block, and yield True; False where another thread uses them."""
        is_free = self._use.acquire(blocking=False)
        try:
            yield is_free
        finally:
            if is_free:
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
