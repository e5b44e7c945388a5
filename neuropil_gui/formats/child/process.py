"""Child process in which files are parsed whose readers a crafted file could crash.

HDF5's C library has been made to write beyond its memory by crafted files again and again, SciPy calls its MATLAB
reader not hardened, and a pickle is a program. In a child that costs a sentence, not the window. It is spawned, not
forked from a process with Qt's threads, imports this package and NumPy but not the main module, and plain data alone
comes back from it.
"""

import atexit
import logging
import multiprocessing
import multiprocessing.spawn
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.child import messages
from neuropil_gui.formats.child.server import NO_MEMORY, serve
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.progress import Progress, ShouldStop, watchers

#: Address space in bytes beyond what the data need.
MEMORY_BEYOND_DATA = 2 * 2**30
#: Seconds without progress after which a child is killed.
LONGEST_SILENCE = 5.0
#: Seconds that a child may take to start, on a machine that is busy.
_START = 30.0
#: Seconds that a child without work is used again, and those after which it ends.
_REUSED, _LEAVES = 5.0, 10.0
#: Seconds between two looks at a child that works, and those that a dying one has to end by itself.
_BETWEEN, _DIES = 0.05, 2.0
WITHOUT_MAIN = "neuropil_gui"
"""First word in the names of processes that do not run the main module again, which may be a script without a guard."""
_NAME = f"{WITHOUT_MAIN} reader"
NOT_STARTED = "the process that would read it could not be started, and nothing is known of the file"

_preparation_data = multiprocessing.spawn.get_preparation_data


def _without_main(name: str) -> dict[str, Any]:
    """Keep the main module from being run again in a process of this package."""
    data = _preparation_data(name)
    if name.startswith(WITHOUT_MAIN):
        data.pop("init_main_from_name", None)
        data.pop("init_main_from_path", None)
    return data


# Python has no switch for it: every way to spawn calls this function, in the middle of a method, and sends at once what
# it returns. Hiding the main module's name and file meanwhile would hide them from all threads. By the process's name,
# no other process, started by whichever thread, is touched by it.
multiprocessing.spawn.get_preparation_data = _without_main


class _Child:
    """A process that answers one call after another."""

    def __init__(self) -> None:
        self.connection, theirs = multiprocessing.get_context("spawn").Pipe()
        self.process = SpawnProcess(target=serve, args=(theirs, _LEAVES), name=_NAME, daemon=True)
        # Workers of a multiprocessing.Pool are daemons, which may have no children: these would outlive a worker that
        # is killed. A reading child does not, because it ends with its connection.
        config: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
        is_daemon = config.pop("daemon", None)
        try:
            self.process.start()
        finally:
            if is_daemon is not None:
                config["daemon"] = is_daemon
        theirs.close()
        self.is_ready = False
        self.idle_since = 0.0

    def is_usable(self) -> bool:
        return time.monotonic() - self.idle_since < _REUSED and self.process.is_alive()

    def exit_code(self) -> int | None:
        """Return the exit code of one that has died or soon does; None where another thread has taken it."""
        self.process.join(_DIES)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.process.exitcode

    def close(self) -> None:
        """End it at once, and wait for that."""
        self.process.kill()
        self.process.join()
        self.connection.close()


_lock = threading.Lock()
_idle: list[_Child] = []


def call(
    function: Callable[..., Any],
    path: str | Path,
    *arguments: object,
    bytes_needed: int = 0,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Any:
    """Run ``function(path, *arguments)`` in a child process and return its answer.

    Parameters
    ----------
    function : callable
        A top-level function of a module. It says how far it is with `progress.tick`, at least every few seconds.
        It may return numbers, text, bytes, lists, tuples, dicts, and arrays of numbers or of such objects.
    path : path
        The file; a Path for the function.
    *arguments : object
        Of the same kinds as the answer.
    bytes_needed : int
        What the data take in memory; the child may take `MEMORY_BEYOND_DATA` more.
    progress, should_stop : callable, optional
        As in `progress.watched`; None takes those that are watching already.

    Returns
    -------
    object
        Plain data, whatever the child has become of.

    Raises
    ------
    DataError
        When the function does, when the child dies, takes too much memory or makes no progress for `LONGEST_SILENCE`
        seconds.
    Cancelled
        When `should_stop` says so; the child is killed.
    """
    reports, stops = watchers()
    progress, should_stop = progress or reports, should_stop or stops
    if should_stop():  # a child that waits may answer before the first look at it
        raise Cancelled
    try:
        child = _take()
    except OSError as error:
        raise data_error(path, f"{NOT_STARTED} ({error.strerror or error}).") from error
    request = {
        "module": function.__module__,
        "function": function.__qualname__,
        "path": str(path),
        "arguments": list(arguments),
        "limit": bytes_needed + MEMORY_BEYOND_DATA,
    }
    watch, is_alive = _ChildWatch(child, should_stop), False
    try:
        with watch:
            kind, value = _converse(child, request, progress, watch)
        is_alive = kind != "failed"
    except (messages.BrokenMessageError, OSError) as error:
        if watch.is_cancelled:
            raise Cancelled from None
        raise data_error(path, _cause_of_death(child.exit_code(), watch, bytes_needed)) from error
    finally:
        if is_alive:
            _give_back(child)
        else:
            child.close()
    if kind == "failed":
        logging.getLogger(__name__).info("a reading child failed: %s", value)
        raise data_error(path, _cause_of_death(1, watch, bytes_needed))
    if kind == "refused":
        raise DataError(str(value))
    return value


def _converse(child: _Child, request: dict[str, Any], progress: Progress, watch: "_ChildWatch") -> tuple[str, Any]:
    while not child.is_ready:
        child.is_ready = messages.receive(child.connection)[0] == "ready"
    watch.alive()
    watch.patience = LONGEST_SILENCE
    messages.send(child.connection, "call", request, lambda _part: watch.alive())
    while True:
        kind, value = messages.receive(child.connection, watch.alive)
        if kind != "progress":
            return kind, value
        watch.alive()
        progress(min(max(float(value), 0.0), 1.0))


class _ChildWatch:
    """Kills a child from another thread when it should stop, or is silent for too long."""

    def __init__(self, child: _Child, should_stop: ShouldStop) -> None:
        self.child, self.should_stop = child, should_stop
        self.patience = _START
        self.is_cancelled = self.is_late = False
        self._last = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch of a reading child", daemon=True)

    def alive(self) -> None:
        """Note that the child has just been heard of."""
        self._last = time.monotonic()

    def _run(self) -> None:
        while not self._over.wait(_BETWEEN):
            self.is_cancelled = self.should_stop()
            self.is_late = time.monotonic() - self._last > self.patience
            if self.is_cancelled or self.is_late:
                self.child.process.kill()
                return

    def __enter__(self) -> "_ChildWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _take() -> _Child:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.is_usable():
                return child
            child.close()
        return _Child()


def _give_back(child: _Child) -> None:
    child.idle_since = time.monotonic()
    with _lock:
        surplus, _idle[:] = _idle[:], [child]
    for each in surplus:
        each.close()


@atexit.register
def close_idle() -> None:
    """End the child that waits for another call; it would end by itself soon."""
    with _lock:
        left, _idle[:] = _idle[:], []
    for each in left:
        each.close()


def _cause_of_death(code: int | None, watch: _ChildWatch, bytes_needed: int) -> str:
    if not watch.child.is_ready:
        why = f"it took more than {watch.patience:.0f} s" if watch.is_late else f"exit code {code}"
        return f"{NOT_STARTED} ({why})."
    if watch.is_late:
        return (
            f"reading it made no progress for {watch.patience:.0f} s and was stopped; the drive may be out of reach, "
            "or the file damaged."
        )
    if code is not None and -code == getattr(signal, "SIGKILL", None):
        return (
            "the system ended the process that read it (SIGKILL), as it does where memory runs out. Close other "
            "programs, and open it again; nothing is known of the file."
        )
    if code == NO_MEMORY:
        limit = (bytes_needed + MEMORY_BEYOND_DATA) / 2**30
        return f"reading it takes more memory than the {limit:.1f} GiB that its data could need; it may be damaged."
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"the reader crashed on this file ({name}), so it is damaged or crafted; nothing of it was opened."
    return f"the reader failed on this file (exit code {code}), so it is damaged or crafted; nothing of it was opened."
