"""A file is there whole or not at all, whatever goes wrong and wherever."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.writing import atomic
from neuropil_gui.formats.writing.atomic import replacing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_is_written_whole(tmp_path):
    with replacing(tmp_path / "a.npz") as stream:
        stream.write(b"x" * 100_000)
        assert not (tmp_path / "a.npz").exists()
    assert (tmp_path / "a.npz").read_bytes() == b"x" * 100_000
    assert names(tmp_path) == ["a.npz"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, DataError])
def test_what_goes_wrong_inside_leaves_the_old_file(tmp_path, error):
    (tmp_path / "a.npz").write_bytes(b"old")
    with pytest.raises(error), replacing(tmp_path / "a.npz") as stream:  # noqa: PT012
        stream.write(b"new")
        raise error
    assert (tmp_path / "a.npz").read_bytes() == b"old"
    assert names(tmp_path) == ["a.npz"]


@pytest.mark.parametrize("name", ["fsync", "replace", "open"])
def test_what_the_system_refuses_is_a_sentence(tmp_path, monkeypatch, name):
    (tmp_path / "a.npz").write_bytes(b"old")

    def refuse(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(DataError, match=r"^a\.npz: .*No space left") as caught:  # noqa: PT012
        patch.setattr(os, name, refuse)
        with replacing(tmp_path / "a.npz") as stream:
            stream.write(b"new")
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert (tmp_path / "a.npz").read_bytes() == b"old"
    assert names(tmp_path) == ["a.npz"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_device_is_felt_at_the_last_write(tmp_path, monkeypatch):
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, mode=0o777: real("/dev/full", os.O_RDWR))
    with pytest.raises(DataError, match="No space left"), replacing(tmp_path / "a.npz") as stream:
        stream.write(b"x")  # still in the buffer: only the flush meets the disk


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_permissions_and_links_stay(tmp_path):
    target = tmp_path / "target.npz"
    target.write_bytes(b"old")
    target.chmod(0o640)
    (tmp_path / "link.npz").symlink_to(target)
    with replacing(tmp_path / "link.npz") as stream:
        stream.write(b"new")
    assert (tmp_path / "link.npz").is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    old = os.umask(0o027)
    try:
        with replacing(tmp_path / "fresh.npz") as stream:
            stream.write(b"new")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "fresh.npz").stat().st_mode) == 0o640


def test_where_nothing_can_be_written(tmp_path):
    def attempt(path):
        with pytest.raises(DataError) as caught, replacing(path):
            raise AssertionError("never reached")
        return str(caught.value)

    assert "there is no folder" in attempt(tmp_path / "none" / "a.npz")
    assert "no file" in attempt(tmp_path)
    assert "zero character" in attempt("a\0.npz")
    assert "could not be written" in attempt(tmp_path / ("x" * 300))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "no file" in attempt(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        assert "could not be written" in attempt(tmp_path / "loop")
    if sys.platform != "win32" and os.geteuid():
        (tmp_path / "kept").write_bytes(b"old")
        (tmp_path / "kept").chmod(0o444)
        assert "write-protected" in attempt(tmp_path / "kept")


def test_a_long_name_is_no_obstacle(tmp_path):
    with replacing(tmp_path / ("x" * 250)) as stream:
        stream.write(b"new")
    assert len(names(tmp_path)) == 1


def test_cancelling_stops_in_the_middle_of_a_block(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"old")
    asked = []

    def should_stop():
        asked.append(None)
        return len(asked) > 2

    with pytest.raises(Cancelled), watched(should_stop=should_stop), replacing(tmp_path / "a.npz") as stream:
        stream.write(bytes(8 * atomic.BLOCK))
    assert len(asked) == 3
    assert (tmp_path / "a.npz").read_bytes() == b"old"
    assert names(tmp_path) == ["a.npz"]


def test_cancelling_just_before_the_end_keeps_the_old_file(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"old")
    stopped = []
    with (  # noqa: PT012
        pytest.raises(Cancelled),
        watched(should_stop=lambda: bool(stopped)),
        replacing(tmp_path / "a.npz") as stream,
    ):
        assert stream.write(b"new") == 3
        assert stream.write(b"") == 0
        stopped.append(True)
    assert (tmp_path / "a.npz").read_bytes() == b"old"
    assert names(tmp_path) == ["a.npz"]


WRITER = """
import os, sys
from neuropil_gui.formats.writing.atomic import replacing
with replacing(sys.argv[1]) as stream:
    stream.write(b"x" * 100_000)
    stream.flush()
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def writer(tmp_path):
    """A process in the middle of writing killed.npz."""
    words = [sys.executable, "-c", WRITER, str(tmp_path / "killed.npz")]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"written"
    yield process
    process.kill()
    process.communicate(timeout=60)


def test_what_a_killed_writer_left_is_removed_by_the_next_in_the_folder(tmp_path, writer):
    (tmp_path / ".neuropil-notes.tmp").write_bytes(b"of the user")
    (left,) = (name for name in names(tmp_path) if name.endswith(".tmp") and "notes" not in name)
    with replacing(tmp_path / "a.npz"):
        pass
    assert left in names(tmp_path)  # its writer lives
    writer.kill()
    writer.wait(60)
    with replacing(tmp_path / "a.npz"):
        pass
    assert names(tmp_path) == [".neuropil-notes.tmp", "a.npz"]


def test_a_file_that_its_writer_may_not_have_locked_yet_stays(tmp_path):
    fresh, old = (tmp_path / f".neuropil-{digit * 16}.tmp" for digit in "ab")
    fresh.touch()
    old.touch()
    os.utime(old, (0, 0))
    atomic.sweep(tmp_path)
    assert names(tmp_path) == [fresh.name]
    atomic.sweep(tmp_path / "none")
