"""The recording of a project: where it is, whether it has changed, and its cells without it or within the project."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.core.recording import Cell, CellHeader, Cells, Recording, Truth, default_signal_names
from neuropil_gui.formats.paths import MOST_BYTES, NO_ROIS, Options, check_count, data_error, error_text
from neuropil_gui.formats.project.database import APPLICATION_ID, LARGEST, MAGIC, Database
from neuropil_gui.formats.project.packing import fingerprint, pack, unpack

Facts = Mapping[str, Any]


def is_project(head: bytes) -> bool:
    """Return whether a file that begins with these bytes, 72 at least, is a project.

    Parameters
    ----------
    head : bytes
    """
    return head.startswith(MAGIC) and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def sniff(path: Path, head: bytes) -> bool:
    """Return whether a file is a project, as all formats have it.

    Parameters
    ----------
    path : Path
    head : bytes
    """
    return is_project(head)


def identity(source: Path, files: Sequence[str] = ()) -> list[list[Any]]:
    """Return name, size and time of change of a recording's file, of each file in its folder, and of further files.

    Parameters
    ----------
    source : Path
    files : sequence of str, optional

    Returns
    -------
    list of [str, int, int]
        Sorted by name; files that are not there are left out.
    """
    inside = [each for each in source.iterdir() if each.is_file()] if source.is_dir() else [source]
    paths = sorted({*inside, *map(Path, files)})
    found = [(each.name, each.stat()) for each in paths if each.is_file()]
    return [[name, seen.st_size, seen.st_mtime_ns] for name, seen in found]


@dataclass(frozen=True)
class Origin:
    """Where the recording of a project was, and how it was read.

    Attributes
    ----------
    project : Path
    source : Path
    relative : str
        The same from the project's folder.
    sizes : frozenset of (str, int)
        Name and size of each of its files.
    options : Options
    """

    project: Path
    source: Path
    relative: str
    sizes: frozenset[tuple[str, int]]
    options: Options

    @classmethod
    def of(cls, project: Path, state: Facts) -> "Origin":
        """Return the origin that `origin_facts` wrote; raise a DataError for anything else."""
        with strange_as_data_error(project):
            sizes = frozenset((str(name), int(size)) for name, size, _ in state["identity"])
            known = {each.name for each in fields(Options)}
            answers = {name: value for name, value in state["answers"].items() if name in known}
            if isinstance(trials := answers.get("trial_files"), list):
                answers["trial_files"] = tuple(map(str, trials))
            kinds = (bool, int, float, str, tuple)
            if not all(value is None or isinstance(value, kinds) for value in answers.values()):
                raise ValueError(f"answers {answers}")
            return cls(project, Path(str(state["source"])), str(state["relative"]), sizes, Options(**answers))

    def find(self) -> Path | None:
        """Return where the recording is now: where it was, else beside the project; by its size, under any name."""
        folder = self.project.absolute().parent
        seen = Path(os.path.abspath(folder / (self.relative or self.source.name)))
        places = [self.source, seen, folder / self.source.name]
        there = [each for each in dict.fromkeys(places) if each.exists() and not holds_project(each)]
        same = [each for each in there if self._fits(each)]
        if not there and len(self.sizes) == 1:
            (size,) = (size for _, size in self.sizes)
            there = [
                each
                for each in sorted(folder.iterdir())
                if each.is_file() and each.stat().st_size == size and not holds_project(each)
            ]
        return next(iter(same or there), None)

    def options_at(self, place: Path) -> Options:
        """Return the options for the recording at another place: files that were beside it are looked for there."""

        def found(path: str) -> str:
            if path == NO_ROIS or os.path.exists(path):
                return path
            for each in (place.parent / seen_from(self.source.parent, Path(path)), place.parent / Path(path).name):
                if each.exists():
                    return os.path.abspath(each)
            return path

        told = self.options
        return replace(
            told,
            neuropil_file=None if told.neuropil_file is None else found(told.neuropil_file),
            rois=None if told.rois is None else found(told.rois),
            trial_files=None if told.trial_files is None else tuple(map(found, told.trial_files)),
        )

    def _fits(self, path: Path) -> bool:
        return self.sizes <= {(name, size) for name, size, _ in identity(path)}


def seen_from(folder: Path, source: Path) -> str:
    """Return the path of a recording from a project's folder, its name where there is none.

    Parameters
    ----------
    folder, source : Path
    """
    try:
        return os.path.relpath(source, folder)
    except ValueError:  # on another drive
        return source.name


def origin_facts(recording: Recording, options: Options, project: Path) -> dict[str, Any]:
    """Return what `Origin.of` reads.

    Parameters
    ----------
    recording : Recording
        With a source.
    options : Options
        With which it was read.
    project : Path
    """
    source = Path(recording.source or "").absolute()
    return {
        "source": str(source),
        "relative": seen_from(project.absolute().parent, source),
        "name": recording.name,
        "identity": identity(source, recording.files),
        "answers": asdict(options),
    }


def frame_rate_of(state: Facts) -> float | None:
    """Return the frame rate in a project's state, in Hz.

    Parameters
    ----------
    state : mapping

    Raises
    ------
    ValueError
        When it is none.
    """
    rate = state["frame_rate"]
    if rate is not None and not is_frame_rate(rate):
        raise ValueError(f"a frame rate of {rate!s:.20} Hz")
    return None if rate is None else float(rate)


def pack_headers(recording: Recording) -> bytes:
    """Return what `cells_of` reads: what is to be known of the cells where their recording is not there.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    bytes
    """
    headers = [
        [each.name, each.signals, each.frames, each.trials, each.source_index, [list(fact) for fact in each.facts]]
        for each in recording.cells.headers
    ]
    return pack({"name": recording.name, "format": recording.format, "headers": headers})


def pack_cell(cell: Cell, signals: bool = False) -> bytes:
    """Return what a project keeps of a cell beside its results.

    Parameters
    ----------
    cell : Cell
    signals : bool
        Whether its traces are part of it, and its truth where that is known.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        When they are too large for a project.
    """
    facts = {
        "name": cell.name,
        "signal_names": list(cell.signal_names),
        "trial_starts": list(cell.trial_starts),
        "source_index": cell.source_index,
        "traces": fingerprint(cell),
    }
    arrays = {"traces": cell.traces} if signals else {}
    if signals and cell.truth is not None:
        arrays |= {"sources": cell.truth.sources, "mixing": cell.truth.mixing}
    body = pack(facts, arrays)
    if len(body) > LARGEST:
        raise DataError(f"{cell.name} has {len(body):,} bytes, and a project takes {LARGEST:,} of a cell.")
    return body


class ProjectCells(Cells):
    """Cells of a project: their signals where those are within it, else NaN with a sentence on why.

    Parameters
    ----------
    path : Path
        Of the project, which has been checked.
    headers : tuple of CellHeader
    absent : str
        Why there are no signals; empty where they are within the project.
    """

    def __init__(self, path: Path, headers: tuple[CellHeader, ...], absent: str) -> None:
        self._path, self.headers, self.absent = path, headers, absent

    def load(self, index: int) -> Cell:
        """Read the cell at `index`."""
        header, kind, key = self.headers[index], "cell" if self.absent else "signals", f"{index:09}"
        with Database(self._path, check=False) as database:
            body = database.get(kind, key)
        with strange_as_data_error(self._path):
            facts, arrays = unpack(body) if body is not None else ({}, {})
            shape = (header.signals, header.frames)
            if not self.absent and ("traces" not in arrays or arrays["traces"].shape != shape):
                raise ValueError(f"the signals of cell {index + 1} are not as large as its header says")
            traces = np.full(shape, np.nan) if self.absent else arrays["traces"]
            names = facts.get("signal_names") or default_signal_names(header.signals)
            truth = Truth(arrays["sources"], arrays["mixing"]) if "sources" in arrays else None
            starts = tuple(facts.get("trial_starts") or (0,))
            return Cell(header.name, traces, tuple(names), starts, truth, header.source_index, absent=self.absent)


def cells_of(database: Database) -> tuple[Facts, tuple[CellHeader, ...], bool]:
    """Return the facts and the headers of a project's cells, and whether their signals are within it.

    Parameters
    ----------
    database : Database

    Returns
    -------
    facts : mapping
        With ``name`` and ``format``.
    headers : tuple of CellHeader
    within : bool

    Raises
    ------
    DataError
        When they are not kept, or damaged.
    """
    body = database.get("recording", "cells")
    if body is None:
        raise data_error(database.path, "it holds no list of cells, because nothing was saved in it yet.")
    facts, _ = unpack(body)
    with strange_as_data_error(database.path):
        rows = facts["headers"]
        check_count(database.path, len(rows))
        headers = tuple(_header(*row) for row in rows)
        if not headers or any(8 * each.signals * each.frames > MOST_BYTES for each in headers):
            raise ValueError("cells without signals, or with more than can be held")
        return facts, headers, len(database.keys("signals")) == len(headers)


@contextmanager
def strange_as_data_error(path: Path) -> Iterator[None]:
    """Turn the errors of values that are not of the expected form into a DataError about `path`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
    """
    try:
        yield
    except DataError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise data_error(path, f"the project holds something else than expected ({error_text(error)}).") from error


def _header(name: Any, signals: Any, frames: Any, trials: Any, source_index: Any, facts: Any) -> CellHeader:
    for each in (signals, frames, trials):
        if type(each) is not int or each < 1:
            raise ValueError(f"a cell of {signals} signals, {frames} frames and {trials} trials")
    if source_index is not None and type(source_index) is not int:
        raise ValueError(f"a cell at {source_index!r}")
    return CellHeader(
        str(name), signals, frames, trials, source_index, tuple((str(key), value) for key, value in facts)
    )


def holds_project(path: Path) -> bool:
    """Return whether there is a project at `path`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OSError
        When it cannot be read.
    """
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return is_project(stream.read(100))
