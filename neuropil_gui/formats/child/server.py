"""The loop of a reading child: one call after another, each within limits of memory and time."""

import faulthandler
import importlib
import os
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Exit code of a child that needs more memory than its limit.
NO_MEMORY = 77
#: Seconds between two reports of progress, and those without one after which the child ends itself.
_BETWEEN, _HANGS = 0.05, 20.0


def serve(connection: Connection, leaves: float) -> None:
    """Answer calls until the connection ends, or none has come for `leaves` seconds.

    Parameters
    ----------
    connection : Connection
        To the parent.
    leaves : float
        Seconds.
    """
    # Read when the libraries are loaded: threads of BLAS count against the limit of memory, and foreign filters of
    # HDF5 are code that may lie beside the file.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
    os.environ.pop("HDF5_PLUGIN_PATH", None)
    from neuropil_gui.core.errors import DataError
    from neuropil_gui.formats.child import messages
    from neuropil_gui.formats.progress import watched

    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what a library prints is no part of an answer
        os.dup2(null, descriptor)
    _limit("RLIMIT_CORE", 0)
    last = 0.0

    def alarm(_fraction: float = 0.0) -> None:
        """End this process if it hangs from now on, even where its parent is gone; no interpreter is needed."""
        faulthandler.dump_traceback_later(_HANGS, exit=True, file=null)

    def progress(fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _BETWEEN:
            last = now
            alarm()
            messages.send(connection, "progress", fraction)

    def answer(request: dict[str, Any]) -> tuple[str, Any]:
        function = getattr(importlib.import_module(request["module"]), request["function"])
        _limit("RLIMIT_AS", request["limit"])
        try:
            with watched(progress):
                return "answer", function(Path(request["path"]), *request["arguments"])
        except DataError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError from error
            return "refused", str(error)

    messages.send(connection, "ready")
    while True:
        end = threading.Timer(leaves, os._exit, (0,))
        end.daemon = True
        end.start()
        try:
            _, request = messages.receive(connection, end.cancel)
        except messages.BrokenMessageError:
            os._exit(0)
        end.cancel()
        alarm()
        try:
            messages.send(connection, *answer(request), alarm)
        except MemoryError:
            os._exit(NO_MEMORY)
        except BrokenPipeError:
            os._exit(0)
        except BaseException:
            messages.send(connection, "failed", traceback.format_exc())
            raise
        faulthandler.cancel_dump_traceback_later()


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
