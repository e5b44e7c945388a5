"""Saving under faults: each statement fails, the disk is full, the file is cut: the old state or the new one."""

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.writer import Writer

pytestmark = pytest.mark.any_version

OLD = {("state", "now"): b"old", ("result", "0"): bytes(9000)}
NEW = {("state", "now"): b"new", ("result", "0"): bytes(range(250)) * 40, ("run", "1"): b"run"}
ERRORS = (
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
)


def contents(path):
    with closing(Database(path)) as database:
        return {
            (kind, key): database.get(kind, key)
            for kind in ("state", "result", "run")
            for key in database.keys(kind)
        }  # fmt: skip


def save(database, items):
    database.change([(*name, body) for name, body in items.items()])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "work.npgui"
    with closing(Database(path, write=True)) as database:
        save(database, OLD)
    return path


@pytest.fixture
def faults(monkeypatch):
    """Let the statement of that number, counted over all connections, raise an error of SQLite's."""

    class Faults:
        at, count, error, times = -1, 0, "", 1

        def check(self):
            self.count += 1
            if 0 <= self.at < self.count <= self.at + self.times:
                raise sqlite3.OperationalError(self.error)

        def begin(self, at, error, times=1):
            self.at, self.count, self.error, self.times = at, 0, error, times

    faults = Faults()

    class Failing(sqlite3.Connection):
        def execute(self, *values):
            faults.check()
            return super().execute(*values)

        def executemany(self, *values):
            faults.check()
            return super().executemany(*values)

        def __exit__(self, *values):
            if values[0] is None:
                try:
                    faults.check()
                except sqlite3.OperationalError:
                    self.rollback()
                    raise
            return super().__exit__(*values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Failing, **k))
    return faults


@pytest.mark.parametrize("error", ERRORS)
def test_whichever_statement_of_a_save_fails_the_old_state_or_the_new_is_there(path, faults, error):
    failed = 0
    for at in range(40):
        faults.begin(-1, "")
        with closing(Database(path, write=True)) as database:
            save(database, OLD)
            database.change(drop=[("run", "1")])
        faults.begin(at, error)
        saved = False
        with contextlib.suppress(DataError), closing(Database(path, write=True)) as database:
            save(database, NEW)
            saved = True
        failed += not saved
        over = faults.count <= at
        faults.begin(-1, "")
        assert contents(path) == (NEW if saved else OLD)
        if over:
            break
    assert over, "every statement was made to fail"
    assert failed > 3


def test_whichever_statement_of_a_move_fails_nothing_is_lost(tmp_path, faults):
    for at in range(80):
        folder = tmp_path / str(at)
        folder.mkdir()
        first, second, moved = folder / "first.npgui", folder / "second.npgui", []
        faults.begin(-1, "")
        writer = Writer(first, on_moved=lambda *end, moved=moved: moved.append(end))
        for name, body in OLD.items():
            writer.put(*name, lambda body=body: body)
        assert writer.flush(10)
        faults.begin(at, "disk I/O error")
        writer.move_to(second, first)
        writer.flush(10)
        over = faults.count <= at
        faults.begin(-1, "")
        for name, body in NEW.items():
            writer.put(*name, lambda body=body: body)
        assert writer.close(10)
        assert contents(writer.path) == NEW
        assert writer.path == (first if moved[0][1] else second)
        assert not [each.name for each in folder.iterdir() if each.suffix != ".npgui"]
        if over:
            break
    assert over, "every statement was made to fail"


def test_what_could_not_be_saved_on_a_full_disk_is_saved_once_there_is_room(path, monkeypatch):
    limit = [path.stat().st_size // 4096]
    connect = sqlite3.connect

    def connect_to_full_disk(*values, **names):
        connection = connect(*values, **names)
        connection.execute(f"PRAGMA max_page_count = {limit[0]}")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_to_full_disk)
    sentences = []
    writer = Writer(path, sentences.append)
    writer.put("result", "1", lambda: bytes(100_000))
    assert not writer.flush(10)
    assert sentences == ["work.npgui: the project could not be written (database or disk is full)."]
    assert writer.close(10) is False
    assert contents(path) == OLD


FULL = """
import resource, signal, sys
from pathlib import Path
from neuropil_gui.formats.project.writer import Writer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sentences = []
writer = Writer(Path(sys.argv[1]), sentences.append)
writer.put("state", "now", lambda: b"old")
assert writer.flush(10)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
writer.put("result", "0", lambda: bytes(300_000))
assert not writer.flush(10)
assert len(sentences) == 2 and "could not be written" in sentences[1], sentences
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
writer.put("state", "now", lambda: b"new")
assert writer.flush(10)
assert writer.close(10)
"""


@pytest.mark.skipif(os.name != "posix", reason="there are no limits of files elsewhere")
def test_a_disk_that_was_full_for_a_while_costs_nothing(tmp_path):
    path = tmp_path / "work.npgui"
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert contents(path) == {("state", "now"): b"new", ("result", "0"): bytes(300_000)}


INTERRUPTED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = DELETE")
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE item SET body = zeroblob(900000), checksum = zeroblob(16)")
connection.execute("PRAGMA cache_spill = 1")
os._exit(0)
"""


def test_a_save_by_a_journal_that_was_interrupted_is_taken_back_by_whoever_reads(path):
    subprocess.run([sys.executable, "-c", INTERRUPTED, path], check=True, timeout=60)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0
    assert contents(path) == OLD
    assert not path.with_name(f"{path.name}-journal").exists()


def test_a_file_that_was_cut_or_flipped_shows_what_was_kept_or_a_sentence(path):
    """A few of the thousand places of ``tests/benchmarks/faults.py``."""
    with closing(Database(path, write=True)) as database:
        save(database, NEW)
    whole, chance = path.read_bytes(), random.Random(1)
    for number in range(60):
        body = bytearray(whole)
        if number % 2:
            del body[chance.randrange(len(body)) :]
        else:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        path.write_bytes(body)
        with contextlib.suppress(DataError):
            assert contents(path).items() <= NEW.items()
