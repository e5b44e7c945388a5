"""Atomic replacement of files: the new one is there as a whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from neuropil_gui.formats.paths import data_error


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when the block ends without an exception.

    It is written beside the target, flushed to the disk, then renamed. Whatever goes wrong before
    that (a full disk, an error, Ctrl+C), what was there stays, and nothing else is left behind. A
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
    """
    if "\0" in str(path):
        raise data_error(path, "a path cannot hold a zero character.")
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".neuropil-{secrets.token_hex(8)}.tmp")
    try:
        mode = _mode(path, target)
        # The system applies the umask, as it does for any new file.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            # Within the inner try, as Ctrl+C may come as soon as the file is there.
            descriptor = os.open(temporary, flags, 0o666)
            with os.fdopen(descriptor, "w+b") as stream:
                yield stream
                stream.flush()
                if mode is not None:
                    os.chmod(temporary, mode)
                os.fsync(descriptor)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _flush_folder(target.parent)
    except FileNotFoundError as error:
        raise data_error(path, f"it could not be written: there is no folder {target.parent}.") from error
    except PermissionError as error:
        raise data_error(path, "it could not be written (permission denied).") from error
    except OSError as error:
        raise data_error(
            path, f"it could not be written ({error.strerror or error}); what was there before stays."
        ) from error


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
