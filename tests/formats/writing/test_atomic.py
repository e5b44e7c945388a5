"""A file is there whole or not at all, whatever goes wrong and wherever."""

import errno
import os
import stat
import sys

import pytest

from neuropil_gui.core.errors import DataError
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
