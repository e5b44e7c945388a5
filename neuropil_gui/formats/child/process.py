"""A door to a child process, in which files are parsed whose readers a crafted file could crash.

HDF5's C library has been made to write beyond its memory by crafted files again and again, and SciPy calls
its MATLAB reader not hardened. In a child that costs a sentence, not the window. The child is started
afresh, not forked from a process with Qt's threads; it imports this package and NumPy, not the main module.
"""

import atexit
import faulthandler
import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.child import messages
from neuropil_gui.formats.paths import data_error, os_errors_as_data_errors
from neuropil_gui.formats.progress import Progress, ShouldStop, watched, watchers

#: Address space beyond what the data need.
ROOM = 2 * 2**30
#: Seconds without progress after which a child is killed.
PATIENCE = 5.0
#: Seconds that a child may take to start, on a machine that is busy.
_START = 30.0
#: Seconds that a child without work is used again, and those after which it ends.
_REUSED, _LEAVES = 5.0, 10.0
_BETWEEN = 0.05
_DIES, _LAST_WORDS = 2.0, 10_000
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from neuropil_gui.formats.child.process import serve; serve(float(sys.argv[2]))"
)


class _Child:
    """A process that answers one call after another."""

    def __init__(self) -> None:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
        environment.pop("HDF5_PLUGIN_PATH", None)  # foreign filters are code beside the file
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 -- it lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, json.dumps(sys.path), str(_LEAVES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.started = False
        self.idle_since = 0.0

    def usable(self) -> bool:
        return time.monotonic() - self.idle_since < _REUSED and self.process.poll() is None

    def bury(self) -> None:
        """Let one that has died do so by itself, for its exit code, and keep its last words for the log."""
        try:
            self.process.wait(_DIES)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.seek(0)
        if words := self.errors.read(_LAST_WORDS):
            logging.getLogger(__name__).info("a reading child died: %s", words.decode("utf-8", "replace"))

    def close(self) -> None:
        """End it at once, and wait for that."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written to it has nobody to read it
                    continue


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
        A top-level function of a module. It says how far it is with `watch.tick`, at least every few seconds.
        It may return numbers, text, bytes, lists, tuples, dicts, and arrays of numbers or of such objects.
    path : path
        The file; a Path for the function.
    *arguments : object
        Of the same kinds as the answer.
    bytes_needed : int
        What the data take in memory; the child may take `ROOM` more.
    progress, should_stop : callable, optional
        As in `watch.watched`; None takes those that are watching already.

    Raises
    ------
    DataError
        When the function does, when the child dies, takes too much memory or makes no progress for `PATIENCE`
        seconds.
    Cancelled
        When `should_stop` says so; the child is killed.
    """
    reports, stops = watchers()
    progress, should_stop = progress or reports, should_stop or stops
    with os_errors_as_data_errors(path):
        child = _take()
    request = {
        "module": function.__module__,
        "function": function.__qualname__,
        "path": str(path),
        "arguments": list(arguments),
        "limit": bytes_needed + ROOM,
    }
    watch, alive = _Watch(child, should_stop), False
    try:
        with watch:
            kind, value = _converse(child, request, progress, watch)
    except (messages.BrokenMessageError, OSError) as error:
        if watch.cancelled:
            raise Cancelled from None
        child.bury()
        raise data_error(path, _obituary(child, watch, bytes_needed)) from error
    else:
        alive = True
    finally:
        if alive:
            _give_back(child)
        else:
            child.close()
    if kind == "refused":
        raise DataError(str(value))
    return value


def _converse(child: _Child, request: dict[str, Any], progress: Progress, watch: "_Watch") -> tuple[str, Any]:
    into, out = child.process.stdin, child.process.stdout
    assert into is not None
    assert out is not None
    while not child.started:
        child.started = messages.receive(out)[0] == "ready"
    watch.alive()
    watch.patience = PATIENCE
    messages.send(into, "call", request)
    while True:
        kind, value = messages.receive(out, watch.alive)
        if kind != "progress":
            return kind, value
        progress(min(max(float(value), 0.0), 1.0))


class _Watch:
    """Kills a child from another thread when it should stop, or is silent for too long."""

    def __init__(self, child: _Child, should_stop: ShouldStop) -> None:
        self.child, self.should_stop = child, should_stop
        self.patience = _START
        self.cancelled = self.late = False
        self._last = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading child's watch", daemon=True)

    def alive(self) -> None:
        self._last = time.monotonic()

    def _run(self) -> None:
        while not self._over.wait(_BETWEEN):
            self.cancelled = self.should_stop()
            self.late = time.monotonic() - self._last > self.patience
            if self.cancelled or self.late:
                self.child.process.kill()
                return

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _take() -> _Child:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.usable():
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


def _obituary(child: _Child, watch: _Watch, bytes_needed: int) -> str:
    code = child.process.returncode
    if watch.late:
        return f"reading it made no progress for {watch.patience:.0f} s and was stopped; it may be damaged."
    if code == _NO_MEMORY:
        limit = (bytes_needed + ROOM) / 2**30
        return f"reading it takes more memory than the {limit:.1f} GiB that its data could need; it may be damaged."
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"the reader crashed on this file ({name}), so it is damaged or crafted; nothing of it was opened."
    return f"the reader failed on this file (exit code {code}), so it is damaged or crafted; nothing of it was opened."


# What follows runs in the child.

_NO_MEMORY = 77


def serve(leaves: float) -> None:
    """Answer calls from standard input until it ends, or none has come for `leaves` seconds."""
    out = os.fdopen(os.dup(1), "wb", buffering=2**16)
    os.dup2(2, 1)  # what a library prints is no part of an answer
    importlib.import_module("numpy")
    _limit("RLIMIT_CORE", 0)
    messages.send(out, "ready")
    while True:
        end = threading.Timer(leaves, os._exit, (0,))
        end.daemon = True
        end.start()
        try:
            _, request = messages.receive(sys.stdin.buffer)
        except messages.BrokenMessageError:
            os._exit(0)
        end.cancel()
        try:
            kind, value = _answer(request, out)
            messages.send(out, kind, value, _alarm)
        except MemoryError:
            os._exit(_NO_MEMORY)
        except BrokenPipeError:
            os._exit(0)
        _alarm(0.0, off=True)


def _answer(request: dict[str, Any], out: IO[bytes]) -> tuple[str, Any]:
    function = getattr(importlib.import_module(request["module"]), request["function"])
    _limit("RLIMIT_AS", request["limit"])
    last = [0.0]

    def progress(fraction: float) -> None:
        now = time.monotonic()
        if now - last[0] >= _BETWEEN:
            last[0] = now
            _alarm(fraction)
            messages.send(out, "progress", fraction)

    _alarm(0.0)
    try:
        with watched(progress):
            return "answer", function(Path(request["path"]), *request["arguments"])
    except DataError as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from error
        return "refused", str(error)


def _alarm(_fraction: float, off: bool = False) -> None:
    """End this process when it hangs, even where its parent is gone: a thread in C that needs no interpreter."""
    faulthandler.cancel_dump_traceback_later()
    if not off:
        faulthandler.dump_traceback_later(4 * PATIENCE, exit=True)


def _limit(name: str, value: int) -> None:
    """Set a soft limit where the system has it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    try:
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    except (ValueError, OSError):  # macOS takes no limit below what is in use
        return
