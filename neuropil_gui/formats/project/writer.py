"""Writer: a thread that commits a project's changes, so that nobody waits for the disk."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import pack

log = logging.getLogger("neuropil_gui")

POINTER = ("state", "named")
"""The item of an unnamed project that holds the path of the project that was saved of it."""

Body = Callable[[], bytes]
"""Makes an item's bytes, in the thread."""


class Writer:
    """Commits what was put, newest first where an item is put again before it is written; ends with `close`.

    Parameters
    ----------
    path : Path
        Of the project; made where there is none.
    on_saved : callable, optional
        Called in the thread with "" after each commit, or with the sentence on why it failed. What failed is kept, and
        tried again with the next change.
    on_moved : callable, optional
        Called in the thread with the path and "" after `move_to`, or with the sentence on why that failed.

    Attributes
    ----------
    path : Path
        Where it writes.
    """

    def __init__(
        self,
        path: Path,
        on_saved: Callable[[str], object] | None = None,
        on_moved: Callable[[Path, str], object] | None = None,
    ) -> None:
        self.path = path
        self._on_saved, self._on_moved = on_saved, on_moved
        self._target: tuple[Path, Path | None] | None = None
        self._waiting: dict[tuple[str, str], Body | None] = {}
        self._changed = threading.Condition()
        self._closing = self._closed = self._new = self._idle = False
        self._thread = threading.Thread(target=self._run, name="project writer", daemon=True)
        self._thread.start()

    def put(self, kind: str, key: str, body: Body | None) -> None:
        """Have an item written, or deleted where `body` is None."""
        with self._changed:
            self._waiting[kind, key] = body
            self._new, self._idle = True, False
            self._changed.notify_all()

    def move_to(self, path: Path, pointer: Path | None = None) -> None:
        """Copy the project to `path` once all before is written, and go on there.

        The project `pointer` then names `path`. Without one, the project that was left is deleted.
        """
        with self._changed:
            self._target = path, pointer
            self._new, self._idle = True, False
            self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until all is written, so long at most; False where it is not, or could not be."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, seconds) and not self._waiting

    def close(self, seconds: float = 5.0) -> bool:
        """Write what is left, and end the thread; False where that failed or took longer.

        Nothing is said of what is done after that: who would hear it may be gone.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(seconds)
        with self._changed:
            self._closed = True
        return not self._thread.is_alive() and not self._waiting

    def _run(self) -> None:
        database: Database | None = None
        closing = False
        while not closing:
            with self._changed:
                self._idle = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing or self._new)
                taken, self._waiting = self._waiting, {}
                target, self._target = self._target, None
                closing, self._new, self._idle = self._closing, False, False
            sentence = ""
            try:
                if database is None and (taken or target is not None):
                    database = Database(self.path, write=True)
                if database is not None and taken:
                    put = [(kind, key, body()) for (kind, key), body in taken.items() if body is not None]
                    database.change(put, [name for name, body in taken.items() if body is None])
            except DataError as error:
                sentence = str(error)
                with self._changed:
                    # It is tried again with the next change, and at the end.
                    self._waiting = taken | self._waiting
            if taken:
                self._say(self._on_saved, sentence)
            if target is not None:
                if database is not None and not sentence:
                    database, sentence = self._move(database, *target)
                self._say(self._on_moved, target[0], sentence)
        if database is not None:
            database.close()

    def _say(self, to: Callable[..., object] | None, *what: object) -> None:
        with self._changed:
            if to is not None and not self._closed:
                to(*what)

    def _move(self, database: Database, path: Path, pointer: Path | None) -> tuple[Database, str]:
        """Return the project to go on with, and why it is the one before; empty where it is the copy."""
        try:
            with database.copying(path) as copy:
                copy.change(drop=[POINTER])
            moved = Database(path, write=True)
        except DataError as error:
            return database, str(error)
        left, self.path = self.path, path
        try:
            database.close()
            if pointer is None:
                left.unlink(missing_ok=True)
            else:
                with Database(pointer, write=True) as own:
                    own.change([(*POINTER, pack({"path": str(path)}))])
        except (DataError, OSError) as error:
            log.warning("%s is not linked with %s: %s", path, pointer or left, error)
        return moved, ""
