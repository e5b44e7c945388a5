"""Process in which plug-ins are imported and called: one that fails, crashes or does not end costs a sentence.

It is spawned without the main module, as the workers of `processes` are. What goes to it and comes back is plain:
names, numbers, texts and arrays.
"""

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any

from neuropil_gui.core.analysis.plug_ins import PlugIn, find_plug_ins, load_plug_in
from neuropil_gui.core.analysis.rival import Rival, RivalParameter, RivalTrace, trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.engine.processes import end_with_parent
from neuropil_gui.formats.child.process import WITHOUT_MAIN

LONGEST_IMPORT = 30.0
"""Seconds that the import of a plug-in may take, with the start of the process."""

_BETWEEN = 0.02  # Seconds between two looks at whether to stop.


class PlugInProcess:
    """A process for plug-ins: started when it is first called, and ended on leaving ``with``, whatever it does.

    Parameters
    ----------
    should_stop : callable
        Polled every few milliseconds while it is called.
    """

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> "PlugInProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def described(self, found: PlugIn) -> PlugIn:
        """Return a plug-in with what it says of itself, or with the problem of its import.

        Parameters
        ----------
        found : PlugIn

        Returns
        -------
        PlugIn
            Its rival's function calls this process, see `callable_in`.

        Raises
        ------
        Cancelled
            When `should_stop` returned True.
        """
        if found.problem:
            return found
        try:
            told = self._call("describe", found.name, named=f"The plug-in {found.name} of {found.package}", limit=True)
        except DataError as error:
            return replace(found, problem=str(error))
        return replace(found, rival=replace(told, trace=_not_here))

    def callable_here(self, rival: Rival) -> Rival:
        """Return a rival whose function, if it is a plug-in's, runs in this process.

        Parameters
        ----------
        rival : Rival

        Returns
        -------
        Rival
        """
        if not rival.plug_in:
            return rival

        def trace(signals: FloatArray, **given: float) -> RivalTrace:
            answer: RivalTrace = self._call("trace", rival.key, signals, given, named=rival.named)
            return answer

        return replace(rival, trace=trace)

    def rivals(self, keys: Iterable[str]) -> list[Rival]:
        """Return rivals by key, those of plug-ins with a function that runs in this process.

        Parameters
        ----------
        keys : iterable of str
            Of this program's rivals, or names of installed plug-ins.

        Returns
        -------
        list of Rival
            The function of a plug-in that cannot be used raises a DataError that says why.

        Raises
        ------
        Cancelled
            When `should_stop` returned True.
        """
        plug_ins = {each.name: each for each in installed_plug_ins(self._should_stop)[::-1]}
        return [RIVALS[key] if key in RIVALS else self._usable(key, plug_ins.get(key)) for key in keys]

    def _usable(self, key: str, found: PlugIn | None) -> Rival:
        if found is not None and found.rival is not None:
            return self.callable_here(found.rival)
        problem = found.problem if found is not None else "It is not installed any more."

        def refuse(signals: FloatArray) -> RivalTrace:
            raise DataError(problem)

        return Rival(key, f"The plug-in {key}", "", "", "", refuse, plug_in=found.package if found is not None else "")

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if process is not None:
            process.kill()
            process.join()
        if connection is not None:
            connection.close()

    def _call(self, *request: Any, named: str, limit: bool = False) -> Any:
        until = time.monotonic() + LONGEST_IMPORT if limit else None
        connection = self._started()
        sender = _Sender(connection, request)
        try:
            while not connection.poll(_BETWEEN):
                if self._should_stop():
                    raise Cancelled
                if until is not None and time.monotonic() > until:
                    raise DataError(f"{named} cannot be used: its import took more than {LONGEST_IMPORT:g} s.")
            kind, answer = connection.recv()
        except (EOFError, OSError) as error:
            raise DataError(f"{named} ended its process{self._exit()}.") from error
        except (Cancelled, DataError):
            self.end()
            raise
        finally:
            sender.join()
        if kind == "refused":
            raise DataError(answer)
        return answer

    def _started(self) -> Connection:
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = SpawnProcess(target=_serve, args=(theirs,), name=f"{WITHOUT_MAIN} plug-ins", daemon=True)
            process.start()
            theirs.close()
            self._process, self._connection = process, ours
        return self._connection

    def _exit(self) -> str:
        process = self._process
        if process is not None:
            process.join(2.0)
        code = process.exitcode if process is not None else None
        self.end()
        if code is not None and code < 0:
            return f" by {signal.Signals(-code).name}" if -code in set(signal.Signals) else f" by signal {-code}"
        return "" if code is None else f" with exit code {code}"


class _Sender(threading.Thread):
    """Sends in a thread of its own: a process that hangs takes nothing of what is longer than its pipe."""

    def __init__(self, connection: Connection, request: tuple[Any, ...]) -> None:
        super().__init__(daemon=True, name="sender to plug-ins")
        self._connection, self._request = connection, request
        self.start()

    def run(self) -> None:
        """Send; what an ended process cannot take is lost, and its end is seen by who waits for the answer."""
        try:
            self._connection.send(self._request)
        except OSError:
            return


def describe(found: PlugIn, should_stop: Callable[[], bool]) -> PlugIn:
    """Return a plug-in with what it says of itself, from a process of its own.

    Parameters
    ----------
    found : PlugIn
    should_stop : callable

    Returns
    -------
    PlugIn
    """
    with PlugInProcess(should_stop) as process:
        return process.described(found)


_described: dict[tuple[str, str], PlugIn] = {}


def installed_plug_ins(should_stop: Callable[[], bool]) -> tuple[PlugIn, ...]:
    """Return the installed plug-ins with what they say of themselves; each is imported once, not in this process.

    Parameters
    ----------
    should_stop : callable
        Polled every few milliseconds.

    Returns
    -------
    tuple of PlugIn

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    found = find_plug_ins()
    for each in found:
        if (each.name, each.package) not in _described:
            _described[each.name, each.package] = describe(each, should_stop)
    return tuple(_described[each.name, each.package] for each in found)


def _not_here(signals: FloatArray, **_: float) -> RivalTrace:
    raise DataError("A plug-in is called in a process of its own.")


def _plain(rival: Rival) -> Rival:
    """Return a rival without its function, of texts and numbers alone, whatever classes its package made of them."""
    parameters = tuple(
        RivalParameter(
            str(each.name), str(each.label), float(each.default), float(each.low), float(each.high), str(each.tip)
        )
        for each in rival.parameters
    )
    key, label, source, assumes, fails = map(str, (rival.key, rival.label, rival.source, rival.assumes, rival.fails))
    return Rival(key, label, source, assumes, fails, None, parameters, str(rival.plug_in))


def _serve(connection: Connection) -> None:
    """Answer calls until the connection ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which ends this process
    end_with_parent()
    loaded: dict[str, Rival] = {}
    while True:
        try:
            kind, name, *rest = connection.recv()
        except (EOFError, OSError):
            return
        try:
            if name not in loaded:
                loaded[name] = load_plug_in(name)
            answer: object = _plain(loaded[name]) if kind == "describe" else _trace(loaded[name], *rest)
        except DataError as error:
            connection.send(("refused", str(error)))
        except MemoryError:
            connection.send(("refused", f"{loaded[name].named} needs more memory than there is."))
        else:
            connection.send(("answer", answer))


def _trace(rival: Rival, signals: FloatArray, given: Mapping[str, float]) -> RivalTrace:
    return trace_of(rival, signals, given)
