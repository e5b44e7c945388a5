"""Database of a project: items by kind and key in one SQLite file, each with a checksum.

SQLite keeps a transaction whole through a crash and a full disk (https://sqlite.org/atomiccommit.html). It does not
notice a flipped bit in a value, so that each item has its own checksum. A file of a stranger is opened with SQLite's
own precautions (https://sqlite.org/security.html), and its schema has to be the one that is written here.
"""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import data_error, error_text, join_names
from neuropil_gui.formats.progress import stop_if_asked, watchers

SUFFIX = ".npgui"
MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x4E504731
VERSION = 1
"""Of the schema and of what the items hold; a later program that changes either migrates from here."""

SCHEMA = "CREATE TABLE item (kind TEXT, key TEXT, body BLOB, checksum BLOB, PRIMARY KEY (kind, key))"
LARGEST = 2**29
"""Bytes of an item, above which it is refused before it is read."""

WRITER_WAITS, READER_WAITS = 5.0, 0.5
"""Seconds for which another connection's lock is waited for; who reads may be the window."""

WRITTEN_AHEAD = 4000
"""Pages of 4 KiB that are written ahead before they are moved to their place in the file."""

STEPS = 100
"""Instructions of SQLite between two questions whether to stop."""

CHECKED = 64 * 2**20
"""Bytes of a file up to which all its pages are checked when it is opened; the items of any are checked when read."""


class Database:
    """An open project file.

    A connection belongs to the thread that made it.

    Parameters
    ----------
    path : Path
    write : bool
        Whether it may be written; it is made where there is none. A project of a later version is opened for reading
        alone.
    check : bool
        Whether form and pages are checked first; False only for a file that this program has checked and keeps open.

    Attributes
    ----------
    path : Path
    writable : bool
    remark : str
        Why it cannot be written although that was asked for; empty otherwise.

    Raises
    ------
    DataError
        When the file cannot be opened, is damaged, or is no project.
    """

    def __init__(self, path: Path, write: bool = False, check: bool = True) -> None:
        self.path = path
        self.writable, self.remark = write, ""
        with self._in_words("opened"):
            if not path.is_file():
                if not write:
                    raise data_error(path, "there is no such project.")
                self._create()
            elif check:
                self._check_head()
                with closing(self._connect(write=False)) as connection:
                    version = self._check(connection)
                if version > VERSION:
                    self.writable = False
                    self.remark = (
                        f"{path.name} was written by a later version of the program (format {version}; this one knows "
                        f"{VERSION}): it is shown, and nothing is saved in it."
                    )
            self._connection = self._connect(self.writable)
            try:
                if self.writable:
                    self._set_journal_mode()
                    self._connection.execute("PRAGMA synchronous = FULL")
            except sqlite3.Error:
                self._connection.close()
                raise

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; one that was written is a single file again, unless another connection is open."""
        with self._in_words("closed"):
            if self.writable:
                with suppress(sqlite3.OperationalError):  # others have it open, or the disk is full
                    self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.close()

    def keys(self, kind: str) -> list[str]:
        """Return the keys of all items of a kind, in ascending order.

        Raises
        ------
        DataError
            When the file cannot be read.
        """
        with self._in_words("read"):
            rows = self._connection.execute("SELECT key FROM item WHERE kind = ? ORDER BY key", (kind,))
            return [str(key) for (key,) in rows]

    def sizes(self, kind: str) -> Mapping[str, int]:
        """Return the bytes of all items of a kind by their key, without reading them.

        Raises
        ------
        DataError
            When the file cannot be read.
        """
        with self._in_words("read"):
            rows = self._connection.execute("SELECT key, length(body) FROM item WHERE kind = ? ORDER BY key", (kind,))
            return {str(key): int(size or 0) for key, size in rows}

    def get(self, kind: str, key: str) -> bytes | None:
        """Return an item, None where there is none.

        Parameters
        ----------
        kind, key : str

        Raises
        ------
        DataError
            When the file cannot be read, or the item is damaged.
        """
        with self._in_words("read"):
            where = "FROM item WHERE kind = ? AND key = ?"
            size = self._connection.execute(f"SELECT length(body) {where}", (kind, key)).fetchone()
            if size is None:
                return None
            if not isinstance(size[0], int) or size[0] > LARGEST:
                raise self._damaged(kind, key)
            body, found = self._connection.execute(f"SELECT body, checksum {where}", (kind, key)).fetchone()
        if not isinstance(body, bytes) or found != checksum(kind, key, body):
            raise self._damaged(kind, key)
        return body

    def items(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Yield the key and the body of all items of a kind, in ascending order of their keys.

        Parameters
        ----------
        kind : str
            Of small items.

        Raises
        ------
        DataError
            When the file cannot be read, or an item is damaged.
        """
        with self._in_words("read"):
            select = "SELECT key, iif(length(body) <= ?, body, NULL), checksum FROM item WHERE kind = ? ORDER BY key"
            for key, body, found in self._connection.execute(select, (LARGEST, kind)):
                if not isinstance(body, bytes) or found != checksum(kind, str(key), body):
                    raise self._damaged(kind, str(key))
                yield str(key), body

    def change(self, put: Iterable[tuple[str, str, bytes]] = (), drop: Iterable[tuple[str, str]] = ()) -> None:
        """Write items (kind, key, body) and delete others (kind, key), all of it or, where that fails, nothing.

        Raises
        ------
        DataError
            When the file cannot be written.
        """
        with self._in_words("written"), self._connection:
            self._connection.executemany("DELETE FROM item WHERE kind = ? AND key = ?", drop)
            self._connection.executemany(
                "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
                ((kind, key, body, checksum(kind, key, body)) for kind, key, body in put),
            )

    @contextmanager
    def copying(self, path: Path) -> Iterator["Database"]:
        """Open a whole and consistent copy for writing, which takes the place of `path` at the end of the block.

        What is at `path` stays where the block, or the copy, fails.

        Parameters
        ----------
        path : Path

        Yields
        ------
        Database

        Raises
        ------
        DataError
            When it cannot be written.
        Cancelled
            When `formats.progress.watched` says so.
        """
        for left in path.parent.glob(f".{path.name}.*.tmp*"):
            with suppress(OSError):  # of a program that was killed while it wrote
                left.unlink()
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with self._in_words("copied"), self._stopping_when_asked():
                self._connection.execute("VACUUM INTO ?", (str(temporary),))
            with Database(temporary, write=True, check=False) as copy:
                yield copy
            with self._in_words("copied"):
                for beside in (f"{path}-wal", f"{path}-shm", f"{path}-journal"):
                    Path(beside).unlink(missing_ok=True)  # of the file that is replaced
                os.replace(temporary, path)
        finally:
            for left in path.parent.glob(f"{temporary.name}*"):
                with suppress(OSError):
                    left.unlink()

    @contextmanager
    def _stopping_when_asked(self) -> Iterator[None]:
        """Interrupt a long statement when `formats.progress.watched` says so; raise Cancelled then."""
        should_stop = watchers()[1]
        self._connection.set_progress_handler(lambda: int(should_stop()), STEPS)
        try:
            yield
        except sqlite3.OperationalError:
            stop_if_asked()
            raise
        finally:
            self._connection.set_progress_handler(None, 0)

    def clear(self, kind: str) -> None:
        """Delete all items of a kind, and give their room back to the disk.

        Raises
        ------
        DataError
            When the file cannot be written.
        """
        with self._in_words("written"):
            with self._connection:
                self._connection.execute("DELETE FROM item WHERE kind = ?", (kind,))
            self._connection.execute("VACUUM")

    def _set_journal_mode(self) -> None:
        """Write ahead where that works; where there is no shared memory, as on network drives, keep a journal."""
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A result can be a thousand pages, and each would be written twice at once.
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {WRITTEN_AHEAD}")
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            self._connection.close()
            self._connection = self._connect(write=True)
            self._connection.execute("PRAGMA journal_mode = DELETE")

    def _create(self) -> None:
        with closing(self._connect(write=True)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(SCHEMA)

    def _connect(self, write: bool) -> sqlite3.Connection:
        if write:
            return self._connect_as("rwc", WRITER_WAITS)
        try:
            return self._connect_as("ro", READER_WAITS)
        except sqlite3.OperationalError as error:
            if "unable to open" in str(error):
                # A folder that may not be written has no room for the shared memory of a file that was written ahead.
                return self._connect_as("ro&immutable=1", READER_WAITS)
            if "readonly" not in str(error):
                raise
        # A save by a journal was interrupted: SQLite takes it back, for which it has to write.
        connection = self._connect_as("rw", WRITER_WAITS)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _connect_as(self, mode: str, seconds: float) -> sqlite3.Connection:
        place = f"file:{quote(str(self.path.resolve()))}?mode={mode}"
        connection = sqlite3.connect(place, uri=True, timeout=seconds)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _check_head(self) -> None:
        with self.path.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                raise data_error(self.path, "it is no project of this program, or its beginning is damaged.")

    def _check(self, connection: sqlite3.Connection) -> int:
        """Return the version of a file that is a project; raise for any other."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise data_error(self.path, "it is a database, but no project of this program.")
        found = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        if found != [("table", "item", SCHEMA)]:
            names = join_names([f"{kind} {name}" for kind, name, _ in found], 3) or "nothing"
            raise data_error(self.path, f"its database holds {names}, but the one table of a project is expected.")
        if self.path.stat().st_size <= CHECKED:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise data_error(self.path, f"it is damaged ({str(verdict).splitlines()[-1]}).")
        return int(version)

    def _damaged(self, kind: str, key: str) -> DataError:
        return data_error(self.path, f"its {kind} {key} is damaged: the checksum is that of other data.")

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        """Turn SQLite's errors into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            raise data_error(self.path, f"the project could not be {what} ({error_text(error)}).") from error
        except (OSError, UnicodeDecodeError) as error:
            raise data_error(self.path, f"the project could not be {what} ({error}).") from error


def checksum(kind: str, key: str, body: bytes) -> bytes:
    """Return the checksum of an item."""
    # By SHA-256, for which processors have instructions.
    made = hashlib.sha256(f"{kind}\0{key}\0".encode(errors="surrogatepass"))
    made.update(body)
    return made.digest()[:16]
