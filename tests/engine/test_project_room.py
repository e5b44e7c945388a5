"""Projects without a name make room by age: results first, the rest last, each with a line in the log."""

import logging
import os

import pytest

from neuropil_gui.engine.project_place import lock_of
from neuropil_gui.engine.project_room import make_room
from neuropil_gui.formats.project.database import Database

RESULT = 100_000


@pytest.fixture
def projects(tmp_path):
    """Three projects with a mark and a result each, saved one after another."""
    paths = [tmp_path / f"{name}.npgui" for name in ("oldest", "older", "newest")]
    for age, path in enumerate(paths):
        database = Database(path, write=True)
        database.change([("state", "now", b"marks"), ("result", "0", bytes(RESULT)), ("run", "1", b"a run")])
        database.close()
        os.utime(path, (1000 + age, 1000 + age))
    return paths


def kinds(path):
    database = Database(path)
    try:
        return [kind for kind in ("state", "run", "result") if database.keys(kind)]
    finally:
        database.close()


def run(folder, most):
    return make_room(folder, most)(lambda _: None, lambda: False)


def test_nothing_is_cut_while_there_is_room(projects, tmp_path):
    assert run(tmp_path, 10 * RESULT) == []
    assert [kinds(path) for path in projects] == [["state", "run", "result"]] * 3


def test_the_oldest_results_go_first_and_what_was_written_stays(projects, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "neuropil_gui"):
        sentences = run(tmp_path, int(1.6 * RESULT))
    assert [kinds(path) for path in projects] == [["state", "run"], ["state", "run"], ["state", "run", "result"]]
    assert [each.getMessage() for each in caplog.records] == sentences
    assert [each.partition(":")[0] for each in sentences] == ["oldest.npgui", "older.npgui"]
    assert projects[0].stat().st_mtime == 1000, "a project is no younger for it"


def test_whole_projects_go_last_the_oldest_first(projects, tmp_path):
    (tmp_path / "damaged.npgui").write_bytes(bytes(50_000))
    os.utime(tmp_path / "damaged.npgui", (1, 1))
    sentences = run(tmp_path, projects[2].stat().st_size - RESULT + 20_000)
    assert sentences[:3] == [each for each in sentences if "made room" in each]
    assert sentences[3].startswith("damaged.npgui was deleted")
    assert kinds(projects[2]) == ["state", "run"]


def test_a_project_that_is_open_and_one_of_another_folder_are_never_touched(projects, tmp_path):
    named = tmp_path / "papers" / "named.npgui"
    named.parent.mkdir()
    projects[1].rename(named)
    lock, _ = lock_of(projects[0])
    run(tmp_path, 1)
    lock.unlock()
    assert kinds(projects[0]) == kinds(named) == ["state", "run", "result"]
    assert not projects[2].exists()


def test_what_is_deleted_meanwhile_is_no_error(projects, tmp_path):
    # As SQLite's journal is once a change is saved: its name is still read, its size is not.
    for name in ("newer.npgui", "newest.npgui-journal"):
        (tmp_path / name).symlink_to(tmp_path / "gone")
    assert run(tmp_path, 10 * RESULT) == []
    run(tmp_path, int(1.6 * RESULT))
    assert [kinds(path) for path in projects] == [["state", "run"], ["state", "run"], ["state", "run", "result"]]
