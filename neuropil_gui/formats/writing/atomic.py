"""Atomic replacement of files: the new one is there as a whole or not at all, and no recording is replaced."""

import io
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.progress import stop_if_asked
from neuropil_gui.formats.writing import unfinished

if sys.platform != "win32":
    import fcntl

BLOCK = 4 * 2**20
"""Bytes that are written between two questions whether to stop."""

NEW_SECONDS = 60
"""Seconds for which an empty temporary file stays, because its writer may not have locked it yet."""

_TEMPORARY = re.compile(r"\.neuropil-[0-9a-f]{16}\.tmp")


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when the block ends without an exception.

    It is written beside the target, flushed to the disk, then renamed. Whatever goes wrong before
    that (a full disk, an error, Ctrl+C, being cancelled), what was there stays, and nothing else is left behind. A
    symbolic link stays one: what it points at is replaced.

    Parameters
    ----------
    path : path

    Yields
    ------
    binary file
        Buffered: it goes on after a short write, and raises when nothing more can be written.

    Raises
    ------
    DataError
        When the file cannot be written.
    Cancelled
        When `formats.progress.watched` says so; no later than just before the file is renamed.
    """
    if "\0" in str(path):
        raise data_error(path, "a path cannot hold a zero character.")
    target = Path(os.path.realpath(path))
    sweep(target.parent)
    temporary = target.with_name(f".neuropil-{secrets.token_hex(8)}.tmp")
    try:
        mode = _mode(path, target)
        # The system applies the umask, as it does for any new file.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            # Within the inner try and listed before, as Ctrl+C may come as soon as the file is there.
            unfinished.paths.add(str(temporary))
            descriptor = os.open(temporary, flags, 0o666)
            with _locked(descriptor):
                with _Stream(io.FileIO(descriptor, "r+b")) as stream:
                    yield stream
                    stream.flush()
                    if mode is not None:
                        os.chmod(temporary, mode)
                    os.fsync(descriptor)
                stop_if_asked()
                os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        finally:
            unfinished.paths.discard(str(temporary))
        _flush_folder(target.parent)
    except FileNotFoundError as error:
        raise data_error(path, f"it could not be written: there is no folder {target.parent}.") from error
    except PermissionError as error:
        raise data_error(path, "it could not be written (permission denied).") from error
    except OSError as error:
        raise data_error(
            path, f"it could not be written ({error.strerror or error}); what was there before stays."
        ) from error


@contextmanager
def made_new(path: Path) -> Iterator[Path]:
    """Yield where to make a file or a folder that is named `path` when the block ends without an exception.

    It is made in a folder of its own beside the target; whatever goes wrong, nothing is left behind.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path

    Raises
    ------
    DataError
        When there is something of this name, or it cannot be written.
    """
    folder = path.with_name(f".neuropil-{secrets.token_hex(8)}.tmp")
    try:
        folder.mkdir()
        yield folder / path.name
        check_new(path)  # renaming a file would replace another
        os.rename(folder / path.name, path)
    except OSError as error:
        raise data_error(path, f"it could not be written ({error.strerror or error}).") from error
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def check_new(path: Path) -> None:
    """Refuse to write where there is something.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When there is something of this name.
    """
    if os.path.lexists(path):
        raise data_error(path, "there is something of this name already; choose a new name.")


def sweep(folder: str | Path) -> None:
    """Remove the temporary files in a folder whose writers were killed; those of living ones stay.

    Parameters
    ----------
    folder : path
        One that cannot be read is left as it is.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unlocked(entry.path)


def check_not_source(path: str | Path, recording: Recording) -> None:
    """Refuse to replace a file that a recording was read from.

    Parameters
    ----------
    path : path
        To be written; a link counts as what it points at.
    recording : Recording

    Raises
    ------
    DataError
        When it is one of them.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # there is nothing to be replaced, or nothing can be written: `replacing` says why
        return
    for source in (recording.source, *recording.files):
        with suppress(OSError):  # moved since
            if source is not None and os.path.samestat(found, os.stat(source)):
                what = "the recording itself" if source == recording.source else "a part of the recording"
                raise data_error(path, f"it is {what}, which an export would replace; choose another name.")


class _Stream(io.BufferedRandom):
    """File that is written block by block, with the question whether to stop before each."""

    def write(self, data: Any) -> int:
        if not memoryview(data).nbytes:
            return 0
        view = memoryview(data).cast("B")
        for first in range(0, len(view), BLOCK):
            stop_if_asked()
            super().write(view[first : first + BLOCK])
        return len(view)


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Lock a file until it has its name, beyond its closing, such that `sweep` knows that its writer lives."""
    if sys.platform == "win32":  # an open file cannot be removed there
        yield
        return
    held = os.dup(descriptor)
    try:
        with suppress(OSError):  # there are network drives without locks; `sweep` removes nothing on them
            fcntl.flock(held, fcntl.LOCK_SH)
        yield
    finally:
        os.close(held)


def _remove_unlocked(path: str) -> None:
    """Remove a temporary file; raise OSError where another process writes it, or it cannot be known."""
    if sys.platform == "win32":
        os.unlink(path)
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(descriptor)
        if found.st_size or time.time() - found.st_mtime > NEW_SECONDS:
            os.unlink(path)
    finally:
        os.close(descriptor)


def _mode(path: str | Path, target: Path) -> int | None:
    """Return the permissions of the file that is to be replaced; None where there is none.

    Raises
    ------
    DataError
        When it is not a regular file, or is write-protected.
    """
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise data_error(path, "it could not be written: there is something of this name that is no file.")
    if not os.access(target, os.W_OK):
        raise data_error(path, "it could not be written: the file is write-protected.")
    return stat.S_IMODE(found.st_mode)


def _flush_folder(folder: Path) -> None:
    """Flush the folder to the disk, so that the new name survives a power cut, where the system can."""
    with suppress(OSError):  # Windows opens no folders; the file itself is safe by now
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
