"""The database of a project: what was committed is there, and what is damaged or strange is refused in words."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.project import database as module
from neuropil_gui.formats.project.database import VERSION, Database
from neuropil_gui.formats.project.packing import unpack
from neuropil_gui.formats.project.writer import POINTER, Writer

pytestmark = pytest.mark.any_version


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work.npgui"


@pytest.fixture
def kept(path):
    """A project with three items, closed."""
    database = Database(path, write=True)
    database.change([("state", "now", b"alpha"), ("result", "0", bytes(range(256)) * 40), ("run", "1", b"")])
    database.close()
    return path


def contents(path):
    database = Database(path)
    try:
        return {
            (kind, key): database.get(kind, key)
            for kind in ("state", "result", "run")
            for key in database.keys(kind)
        }  # fmt: skip
    finally:
        database.close()


def test_items_come_back_and_can_be_replaced_and_dropped(kept):
    assert contents(kept) == {("state", "now"): b"alpha", ("result", "0"): bytes(range(256)) * 40, ("run", "1"): b""}
    database = Database(kept, write=True)
    database.change([("state", "now", b"beta")], [("run", "1")])
    assert database.get("run", "1") is None
    database.close()
    assert contents(kept) == {("state", "now"): b"beta", ("result", "0"): bytes(range(256)) * 40}


def test_a_change_is_made_as_a_whole_or_not_at_all(kept):
    database = Database(kept, write=True)
    with pytest.raises(TypeError):
        database.change([("state", "now", b"beta"), ("state", "then", None)])
    database.close()
    assert contents(kept)["state", "now"] == b"alpha"


def test_a_reader_sees_what_a_writer_commits(kept):
    reader, writer = Database(kept), Database(kept, write=True)
    writer.change([("state", "now", b"beta")])
    assert reader.get("state", "now") == b"beta"
    reader.close()
    writer.close()


def test_a_whole_copy_is_a_project_that_may_be_completed_before_it_has_its_name(kept, tmp_path):
    path = tmp_path / "copy.npgui"
    path.write_bytes(b"what was there before")
    database = Database(kept)
    with database.copying(path) as copy:
        copy.change([("run", "2", b"more")])
        assert path.read_bytes() == b"what was there before"
    database.close()
    assert contents(path) == contents(kept) | {("run", "2"): b"more"}
    assert {each.name for each in tmp_path.iterdir()} == {"copy.npgui", "work.npgui"}


def test_a_copy_that_fails_leaves_what_was_there(kept, tmp_path):
    path = tmp_path / "copy.npgui"
    path.write_bytes(b"what was there before")
    database = Database(kept)
    with pytest.raises(TypeError), database.copying(path) as copy:
        copy.change([("run", "2", None)])
    with pytest.raises(DataError, match="could not be copied"), database.copying(tmp_path / "none" / "copy.npgui"):
        pass
    database.close()
    assert path.read_bytes() == b"what was there before"
    assert {each.name for each in tmp_path.iterdir()} == {"copy.npgui", "work.npgui"}


def test_a_copy_can_be_cancelled_and_leaves_what_was_there(kept, tmp_path):
    with closing(Database(kept, write=True)) as database:
        database.change([("result", str(count), bytes(5000)) for count in range(200)])
    path, asked = tmp_path / "copy.npgui", []

    def should_stop():
        asked.append(True)
        return len(asked) > 3

    with closing(Database(kept)) as database:
        with watched(should_stop=should_stop), pytest.raises(Cancelled), database.copying(path):
            pass
        assert database.get("state", "now") == b"alpha", "it can be read as before"
    assert {each.name for each in tmp_path.iterdir()} == {"work.npgui"}


def test_a_closed_project_is_one_file_that_opens_where_nothing_may_be_written(kept):
    database = Database(kept, write=True)
    database.change([("state", "now", b"beta")])
    database.close()
    assert [each.name for each in kept.parent.iterdir()] == [kept.name]
    assert kept.read_bytes()[18:20] == b"\1\1", "written ahead: needs files beside it"


def test_where_writing_ahead_fails_a_journal_is_kept(path, monkeypatch):
    class WithoutSharedMemory(sqlite3.Connection):
        def execute(self, sql, *values):
            if "WAL" in sql:
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(sql, *values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=WithoutSharedMemory, **k))
    database = Database(path, write=True)
    database.change([("state", "now", b"alpha")])
    assert contents(path) == {("state", "now"): b"alpha"}
    database.close()


def test_all_items_of_a_kind_can_be_deleted_with_their_room(kept):
    size = kept.stat().st_size
    database = Database(kept, write=True)
    assert database.sizes("result") == {"0": 256 * 40}
    database.clear("result")
    assert database.sizes("result") == {}
    database.close()
    assert kept.stat().st_size < size
    assert set(contents(kept)) == {("state", "now"), ("run", "1")}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("PRAGMA application_id = 7", "no project of this program"),
        ("CREATE TABLE more (x)", "the one table of a project is expected"),
        ("CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM item; END", "trigger t"),
        ("CREATE VIEW v AS SELECT * FROM item", "view v"),
        ("DROP TABLE item", "holds nothing"),
    ],
)
def test_a_database_of_another_form_is_refused(kept, change, sentence):
    with sqlite3.connect(kept) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(DataError, match=sentence):
        Database(kept)


def test_a_project_of_a_later_version_is_read_and_not_written(kept):
    with sqlite3.connect(kept) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    database = Database(kept, write=True)
    assert not database.writable
    assert "later version" in database.remark
    assert database.get("state", "now") == b"alpha"
    with pytest.raises(DataError, match="could not be written"):
        database.change([("state", "now", b"beta")])
    database.close()


@pytest.mark.parametrize("head", [b"", b"hello", b"SQLite format 3\0"])
def test_what_is_no_database_is_refused(path, head):
    path.write_bytes(head)
    with pytest.raises(DataError, match=r"work\.npgui"):
        Database(path)


def test_a_project_that_is_not_there_is_not_made_by_reading(path):
    with pytest.raises(DataError, match="no such project"):
        Database(path)
    assert not path.exists()


def test_an_item_that_is_too_large_is_refused_before_it_is_read(kept, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100)
    database = Database(kept)
    with pytest.raises(DataError, match="damaged"):
        database.get("result", "0")
    database.close()


def test_an_index_that_leads_elsewhere_is_found(kept):
    with sqlite3.connect(kept) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index'").fetchone()
    connection.close()
    body = bytearray(kept.read_bytes())
    first = body.find(b"statenow", (page - 1) * 4096)
    assert first > 0
    body[first : first + 8] = b"statenew"
    kept.write_bytes(body)
    with pytest.raises(DataError, match="it is damaged"):
        Database(kept)


EXPECTED = {("state", "now"): b"alpha", ("result", "0"): bytes(range(256)) * 40, ("run", "1"): b"x"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the bytes of a project with all that is expected."""
    path = tmp_path_factory.mktemp("whole") / "work.npgui"
    database = Database(path, write=True)
    database.change([(kind, key, body) for (kind, key), body in EXPECTED.items()])
    database.close()
    return path.read_bytes()


@settings(max_examples=150)
@given(st.data())
def test_damage_gives_what_was_kept_or_a_sentence_never_another_value(tmp_path_factory, whole, data):
    path = tmp_path_factory.mktemp("damage") / "work.npgui"
    body = bytearray(whole)
    if data.draw(st.booleans(), "cut"):
        del body[data.draw(st.integers(0, len(body) - 1), "length") :]
    else:
        for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=5), "places"):
            body[at] ^= 1 << data.draw(st.integers(0, 7), "bit")
    path.write_bytes(body)
    with contextlib.suppress(DataError):
        assert contents(path).items() <= EXPECTED.items()


# The writer


def test_the_writer_saves_the_newest_and_reports_it(path):
    sentences = []
    writer = Writer(path, sentences.append)
    for count in range(50):
        writer.put("state", "now", str(count).encode)
    writer.put("run", "1", lambda: b"one")
    assert writer.flush(10)
    writer.put("run", "1", None)
    assert writer.close(10)
    assert contents(path) == {("state", "now"): b"49"}
    assert set(sentences) == {""}


def test_what_could_not_be_saved_is_told_and_saved_later(tmp_path):
    folder, sentences, reported = tmp_path / "gone", [], threading.Event()

    def on_saved(sentence):
        sentences.append(sentence)
        reported.set()

    writer = Writer(folder / "work.npgui", on_saved)
    writer.put("state", "now", lambda: b"1")
    assert reported.wait(10)
    assert not writer.flush(10)
    assert "could not be" in sentences[0]
    folder.mkdir()
    writer.put("run", "1", lambda: b"2")
    assert writer.flush(10)
    assert writer.close(10)
    assert contents(folder / "work.npgui") == {("state", "now"): b"1", ("run", "1"): b"2"}


def test_a_writer_that_was_closed_before_its_end_says_nothing_any_more(path):
    sentences, held = [], threading.Event()
    writer = Writer(path, sentences.append)

    def body():
        held.wait(10)
        return b"1"

    writer.put("state", "now", body)
    assert not writer.close(0.01)
    held.set()
    assert writer.close(10)
    assert contents(path) == {("state", "now"): b"1"}
    assert sentences == []


def test_the_writer_goes_on_in_a_copy_and_links_it_with_what_it_left(tmp_path):
    first, second, moved = tmp_path / "first.npgui", tmp_path / "second.npgui", []
    writer = Writer(first, on_moved=lambda *end: moved.append(end))
    writer.put("state", "now", lambda: b"1")
    writer.move_to(second, first)
    assert writer.flush(10)
    writer.put("run", "1", lambda: b"2")
    assert writer.path == second
    assert writer.close(10)
    assert moved == [(second, "")]
    assert contents(second) == {("state", "now"): b"1", ("run", "1"): b"2"}
    found = contents(first)
    assert unpack(found.pop(POINTER))[0] == {"path": str(second)}
    assert found == {("state", "now"): b"1"}


def test_a_writer_that_cannot_move_says_why_and_stays(tmp_path):
    first, moved = tmp_path / "first.npgui", []
    writer = Writer(first, on_moved=lambda *end: moved.append(end))
    writer.put("state", "now", lambda: b"1")
    writer.move_to(tmp_path / "none" / "second.npgui", first)
    assert writer.flush(10)
    writer.put("state", "now", lambda: b"2")
    assert writer.close(10)
    assert "could not be copied" in moved[0][1]
    assert contents(first) == {("state", "now"): b"2"}


KILLED = """
import sys
from pathlib import Path
from neuropil_gui.formats.project.writer import Writer
count = 0
writer = Writer(Path(sys.argv[1]))
while True:
    count += 1
    writer.put("state", "now", str(count).encode)
    writer.put("result", str(count % 7), lambda body=bytes([count % 256]) * 50_000: body)
    assert writer.flush(10)
    print(count, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL elsewhere")
def test_nothing_that_was_saved_is_lost_when_the_program_is_killed(path):
    last = 0
    for lines in (1, 2, 5, 9, 14):
        process = subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True)
        for _ in range(lines):
            last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        last = int(rest[-1]) if rest and rest[-1].isdecimal() else last
        found = contents(path)
        assert int(found["state", "now"]) >= last
        assert all(len(set(body)) == 1 and len(body) == 50_000 for key, body in found.items() if key[0] == "result")
