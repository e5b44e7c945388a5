"""Common parts of all readers: options, limits, checks of paths, sentences of errors, cells read on demand."""

import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from neuropil_gui.core.errors import DataError, printable_text
from neuropil_gui.core.recording import Cell, CellHeader, Cells

#: Recordings up to this many bytes are read whole; above it, cell by cell when asked for.
WHOLE_BYTES = 256 * 2**20
#: More than this in memory at once is refused rather than tried.
MOST_BYTES = 8 * 2**30
#: More cells than this are no recording, but an array that lies the other way round, or a crafted file.
MOST_CELLS = 200_000
#: Part of an array: for each axis an index, or (start, stop, step) as a slice has them.
Slices = Sequence["int | tuple[int | None, int | None, int | None]"]


@dataclass(frozen=True)
class Options:
    """Answers of the user to the questions that a file leaves open.

    Attributes
    ----------
    rows_are_frames : bool or None
        How to read a plain array; None decides by its shape.
    frame_rate : float or None
        In Hz; None takes the file's own.
    dataset, neuropil : str or None
        The variable, data set or series of the ROIs' signals, and that of their neuropil; None takes the best guess.
    roi_column : str or None
        The name, or the number from 1, of a table's column that is the ROI; None takes the first.
    plane : str or None
        The plane of a recording of several, or "combined"; None takes all.
    time_unit : str or None
        In what the times beside the signals are: s, ms, min or frames; None takes what the file names, or the best
        guess.
    rows : str or None
        What each trace of two dimensions is: one of the "signals" of one cell, or one of "cells"; None takes the best
        guess.
    neuropil_file : str or None
        Path of a second file that holds the neuropil; `neuropil` is then an array in it.
    rois : str or None
        Path of the ROIs of a movie, or `NO_ROIS`; without, a file is one of traces.
    movie : str or None
        Path of the movie, where the file holds the ROIs.
    trial_files : tuple of str or None
        Paths of further files of a movie, each of them a trial.
    channel : int or None
        The channel of a movie of several, from 1; None takes the first. `plane` and `dataset` are its plane and the
        data set that holds it.
    regions, expansion, exclude_others, gap, weighted : int, float or bool, or None
        As in `RegionSettings`, how traces are made of a movie; None takes FISSA's way.
    """

    rows_are_frames: bool | None = None
    frame_rate: float | None = None
    dataset: str | None = None
    neuropil: str | None = None
    roi_column: str | None = None
    plane: str | None = None
    time_unit: str | None = None
    rows: str | None = None
    neuropil_file: str | None = None
    rois: str | None = None
    movie: str | None = None
    trial_files: tuple[str, ...] | None = None
    channel: int | None = None
    regions: int | None = None
    expansion: float | None = None
    exclude_others: bool | None = None
    gap: int | None = None
    weighted: bool | None = None


#: In place of the path of ROIs: there are none yet, and the first one is `imaging.first_roi`'s.
NO_ROIS = "none"
#: The names of options that are paths: they hold for one recording only.
FILE_OPTIONS = ("neuropil_file", "rois", "movie", "trial_files")


def printable_name(path: str | Path) -> str:
    """Return the name of `path` for a message: one line, printable, of bounded length.

    Parameters
    ----------
    path : path
        Of a file or folder.
    """
    return printable_text(os.path.basename(os.path.normpath(str(path))) or str(path))


def and_more(name: str, more: int) -> str:
    """Return the name of the first of several files with how many further ones there are.

    Parameters
    ----------
    name : str
    more : int
        The name stays as it is for 0.
    """
    return f"{name} and {more} more" if more else name


def printable_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names as `printable_text` does, with a number behind those that would be equal to one before.

    Parameters
    ----------
    names : sequence of str
    """
    made: list[str] = []
    seen: Counter[str] = Counter()
    for name in map(printable_text, names):
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(made)


def error_text(error: Exception, most: int = 160) -> str:
    """Return the text of a library's error for a message: printable, of bounded length, as it may quote the file.

    Parameters
    ----------
    error : Exception
        Of a library.
    most : int, optional
        Characters.
    """
    words = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split()).rstrip(". ")
    return words if len(words) <= most else f"{words[:most]}..."


def by_age(paths: Iterable[Path]) -> list[tuple[Path, os.stat_result]]:
    """Return files with their facts, the one that was written longest ago first.

    One that is gone is left out: another window, or SQLite, may delete it after its name was read.

    Parameters
    ----------
    paths : iterable of Path

    Returns
    -------
    list of (Path, os.stat_result)
    """
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            found.append((path, path.stat()))
    return sorted(found, key=lambda pair: pair[1].st_mtime_ns)


def data_error(path: str | Path, sentence: str) -> DataError:
    """Return a DataError whose sentence begins with the name of `path`.

    Parameters
    ----------
    path : path
        The file.
    sentence : str
        What is wrong, with a full stop at its end.
    """
    return DataError(f"{printable_name(path)}: {sentence}")


@contextmanager
def os_errors_as_data_errors(path: str | Path) -> Iterator[None]:
    """Turn errors of the operating system into a DataError about `path`.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    DataError
        For OSError and MemoryError.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise data_error(path, "there is no such file or folder.") from error
    except PermissionError as error:
        raise data_error(path, "it may not be read (permission denied).") from error
    except MemoryError as error:
        raise data_error(path, "it needs more memory than there is.") from error
    except OSError as error:
        raise data_error(path, f"it could not be read ({error.strerror or error_text(error)}).") from error


def check_path(path: str | Path) -> Path:
    """Return `path` if it is a folder or a regular file that is not empty.

    To be called before anything is opened, because opening a FIFO would wait for ever.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    DataError
        For everything else.
    """
    if "\0" in str(path):
        raise data_error(path, "a path cannot hold a zero character.")
    with os_errors_as_data_errors(path):
        found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        return Path(path)
    if not stat.S_ISREG(found.st_mode):
        raise data_error(path, "this is neither a file nor a folder, but a device, a pipe or a socket.")
    if found.st_size == 0:
        raise data_error(path, "the file is empty.")
    return Path(path)


def check_count(path: str | Path, cells: int) -> None:
    """Raise a DataError for more than `MOST_CELLS`, before objects are made for each.

    Parameters
    ----------
    path : path
        The file.
    cells : int
        Their number.

    Raises
    ------
    DataError
        For more.
    """
    if cells > MOST_CELLS:
        raise data_error(
            path,
            f"it would have {counted(cells, 'cell')}, more than any recording; the axes may be in another "
            "order (--transpose, or File > Open with questions).",
        )


@dataclass(frozen=True)
class Identity:
    """Identity of a file, by which a change since it was opened is noticed.

    Parameters
    ----------
    path : Path
    size : int
        In bytes.
    modified : int
        Time of the last change in nanoseconds.
    inode : int
    """

    path: Path
    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Identity":
        """Return the identity of the file at `path`."""
        with os_errors_as_data_errors(path):
            found = os.stat(path)
        return cls(path, found.st_size, found.st_mtime_ns, found.st_ino)

    def check(self) -> None:
        """Raise a DataError if the file is not the one that was opened."""
        try:
            now = os.stat(self.path)
        except OSError as error:
            raise data_error(self.path, "the file is gone since it was opened; open the recording again.") from error
        if (now.st_size, now.st_mtime_ns, now.st_ino) != (self.size, self.modified, self.inode):
            raise data_error(self.path, "the file has changed since it was opened; open the recording again.")


class CellsOnDemand(Cells):
    """Cells that a function reads on demand; one that is still referenced is not read again.

    They are read one at a time, so that a cell that two threads ask for is in memory once.

    Parameters
    ----------
    headers : sequence of CellHeader
    load : callable
        Takes the cell's index, returns the Cell; raises DataError.
    """

    def __init__(self, headers: list[CellHeader], load: Callable[[int], Cell]) -> None:
        self.headers = tuple(headers)
        self._load = load
        self._held: WeakValueDictionary[int, Cell] = WeakValueDictionary()
        self._lock = threading.Lock()

    def load(self, index: int) -> Cell:
        """Read the cell at `index`."""
        with self._lock:
            cell = self._held.get(index)
            if cell is None:
                cell = self._held[index] = self._load(index)
            return cell


def counted(count: int, noun: str, many: str = "") -> str:
    """Return a number with its noun, e.g. "1 signal" and "2 signals".

    Parameters
    ----------
    count : int
    noun : str
        Of one.
    many : str, optional
        Of several, where that is not `noun` with an s.
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def join_names(names: list[str], most: int = 8) -> str:
    """Join names for a sentence, at most `most` of them.

    Parameters
    ----------
    names : list of str
    most : int, optional
        Names that are given in full.
    """
    clean = ["/".join(map(printable_text, name.split("/"))) for name in names]
    return ", ".join(clean[:most]) + (f" and {len(clean) - most} more" if len(clean) > most else "")
