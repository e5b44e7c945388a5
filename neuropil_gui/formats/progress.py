"""Progress and cancellation of reading and writing, for any depth of calls: `watched`, `tick` and `stop_if_asked`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from neuropil_gui.core.errors import Cancelled

Progress = Callable[[float], object]
ShouldStop = Callable[[], bool]


def _nothing(_fraction: float) -> None:
    pass


def _never() -> bool:
    return False


#: A context variable rather than an argument of every reader: what is read later, cell by cell, has no watcher.
_watchers: ContextVar[tuple[Progress, ShouldStop]] = ContextVar("watchers", default=(_nothing, _never))


@contextmanager
def watched(progress: Progress | None = None, should_stop: ShouldStop | None = None) -> Iterator[None]:
    """Let `tick` call these two, in this thread while the block runs.

    Parameters
    ----------
    progress : callable, optional
        Takes the part that is done, from 0 to 1. None keeps the present one.
    should_stop : callable, optional
        Returns whether to stop.
    """
    before = _watchers.get()
    token = _watchers.set((progress or before[0], should_stop or before[1]))
    try:
        yield
    finally:
        _watchers.reset(token)


def watchers() -> tuple[Progress, ShouldStop]:
    """Return the two that `tick` calls in this thread."""
    return _watchers.get()


def tick(fraction: float) -> None:
    """Report that `fraction` of the reading is done.

    Parameters
    ----------
    fraction : float
        From 0 to 1.

    Raises
    ------
    Cancelled
        When it should stop.
    """
    stop_if_asked()
    _watchers.get()[0](min(max(fraction, 0.0), 1.0))


def stop_if_asked() -> None:
    """Raise Cancelled when reading or writing should stop.

    Raises
    ------
    Cancelled
    """
    if _watchers.get()[1]():
        raise Cancelled
