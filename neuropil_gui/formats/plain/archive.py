"""NumPy's ``.npz`` archives: their arrays, checked before and while they are read."""

import lzma
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from neuropil_gui.formats.paths import (
    MOST_BYTES,
    WHOLE_BYTES,
    data_error,
    error_text,
    join_names,
    os_errors_as_data_errors,
)
from neuropil_gui.formats.plain.npy import NpyHeader, read_header, take, take_objects

MAGIC = b"PK"
#: Deflate packs zeros 1000 to 1; real arrays of more than `WHOLE` bytes stay far below this.
BOMB_RATIO = 500
_MOST_MEMBERS = 500_000


class Archive:
    """The arrays of a .npz file, read one at a time.

    It keeps the file open, so that a file that is replaced meanwhile is still read as it was.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    names : dict
        From an array's name (without ``.npy``) to its zip entry.

    Raises
    ------
    DataError
        When it is not a zip file, is cut short, or holds a name twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._zip_errors_as_data_errors():
            self._zip = zipfile.ZipFile(path)
        self.names: dict[str, zipfile.ZipInfo] = {}
        entries = self._zip.infolist()
        size = sum(e.file_size for e in entries)
        if len(entries) > _MOST_MEMBERS:
            raise data_error(path, f"it holds {len(entries)} members, more than any recording.")
        for entry in entries:
            name = entry.filename.removesuffix(".npy")
            if name in self.names:
                raise data_error(path, f"it holds {join_names([name])} twice, and which one is meant is unknown.")
            self.names[name] = entry
        self.size = size

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextmanager
    def _zip_errors_as_data_errors(self, name: str = "") -> Iterator[None]:
        where = f"{join_names([name])} in it" if name else "it"
        try:
            with os_errors_as_data_errors(self.path):
                yield
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
            raise data_error(
                self.path, f"{where} is damaged or cut short ({error_text(error)}); a .npz file was expected."
            ) from error
        except (NotImplementedError, RuntimeError) as error:
            raise data_error(
                self.path, f"{where} is packed or encrypted in a way that cannot be read ({error_text(error)})."
            ) from error

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        entry = self.names[name]
        with self._lock, self._zip_errors_as_data_errors(name), self._zip.open(entry) as stream:
            yield stream

    def header(self, name: str) -> NpyHeader:
        """Return the header of an array.

        Parameters
        ----------
        name : str
            Name of a member, without ``.npy``.

        Returns
        -------
        NpyHeader

        Raises
        ------
        DataError
            When it is damaged.
        """
        with self._member(name) as stream:
            return read_header(stream, f"{self.path}: {name}")

    def obstacle(self, name: str) -> str | None:
        """Return why an array is not read: it would unpack beyond all measure; None where it would not.

        Parameters
        ----------
        name : str
            Name of a member, without ``.npy``.
        """
        entry = self.names[name]
        if entry.file_size <= WHOLE_BYTES or entry.file_size <= BOMB_RATIO * max(entry.compress_size, 1):
            return None
        return f"would unpack {entry.compress_size} bytes to {entry.file_size}, which no traces do"

    def headers(self) -> dict[str, NpyHeader]:
        """Return the headers of all members that are arrays of real numbers, text or objects."""
        found = {}
        for name in self.names:
            with self._member(name) as stream:
                try:
                    found[name] = read_header(stream, name)
                except ValueError:  # a DataError: what is not an array of ours is passed over
                    continue
        return found

    def array(self, name: str) -> NDArray[Any]:
        """Read an array; objects pass an allow-list of types.

        Parameters
        ----------
        name : str
            Name of a member, without ``.npy``.

        Returns
        -------
        ndarray

        Raises
        ------
        DataError
            When it is damaged, cut short, or holds objects that are not plain data.
        """
        what = f"{self.path}: {name}"
        if why := self.obstacle(name):
            raise data_error(self.path, f"{join_names([name])} {why}.")
        with self._member(name) as stream:
            header = read_header(stream, what)
            if header.size + header.nbytes > self.names[name].file_size and header.dtype.kind != "O":
                raise data_error(
                    self.path, f"{join_names([name])} in it is cut short: shape {header.shape} needs more bytes."
                )
            if header.dtype.kind == "O":
                if self.names[name].file_size > MOST_BYTES:
                    raise data_error(self.path, f"{join_names([name])} in it is too large to be read.")
                return take_objects(stream, header, self.path)
            values = take(stream, header, what)
            stream.read(1)  # reaching the end is what makes zipfile compare the checksum
        return values

    def get(self, name: str) -> NDArray[Any] | None:
        """Return the array `name`, or None if there is none."""
        return self.array(name) if name in self.names else None
