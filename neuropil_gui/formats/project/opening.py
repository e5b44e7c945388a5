"""Opening of a project: its recording, with the signals where they are found, from within it, or without any."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from neuropil_gui.core.recording import CellHeader, Recording
from neuropil_gui.formats import registry
from neuropil_gui.formats.paths import (
    Options,
    check_path,
    counted,
    data_error,
    os_errors_as_data_errors,
    printable_name,
)
from neuropil_gui.formats.progress import Progress, ShouldStop
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import unpack
from neuropil_gui.formats.project.recording import (
    Origin,
    ProjectCells,
    cells_of,
    frame_rate_of,
    holds_project,
    strange_as_data_error,
)


@dataclass(frozen=True, eq=False)
class Opened:
    """A recording, how it was read, and the project that it was opened by.

    Attributes
    ----------
    recording : Recording
    options : Options
    project : Path or None
    """

    recording: Recording
    options: Options
    project: Path | None = None


def is_project_file(path: Path) -> bool:
    """Return whether there is a project at `path`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it cannot be read.
    """
    check_path(path)
    with os_errors_as_data_errors(path):
        return holds_project(path)


def read_project(
    path: str | Path,
    options: Options | None = None,
    place: str | Path | None = None,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Opened:
    """Read the recording of a project: within it, else where it was, else beside it, else without signals.

    Parameters
    ----------
    path : path
        Of the project.
    options : Options, optional
        The frame rate in it goes before that of the project; all else is as the project has it.
    place : path, optional
        Where the recording is, in place of looking for it.
    progress, should_stop
        As in `neuropil_gui.read`.

    Returns
    -------
    Opened

    Raises
    ------
    DataError
        When it is no project, is damaged, `options` say more than a frame rate, or what is at `place` has other cells.
    Cancelled
        When `should_stop` says so.
    """
    path, given = check_path(path).absolute(), options or Options()
    if replace(given, frame_rate=None) != Options():
        asked = ", ".join(name for name, value in asdict(given).items() if value is not None and name != "frame_rate")
        raise data_error(
            path,
            f"how its recording is read is kept in it, but {asked} was given: leave that out, or open the recording.",
        )
    opened = _read_as_kept(path, place, progress, should_stop)
    if given.frame_rate is None:
        return opened
    recording = opened.recording.with_frame_rate(given.frame_rate)
    return replace(opened, recording=recording, options=replace(opened.options, frame_rate=given.frame_rate))


def _read_as_kept(
    path: Path, place: str | Path | None, progress: Progress | None, should_stop: ShouldStop | None
) -> Opened:
    with Database(path) as database:
        body = database.get("state", "now")
        facts, headers, within = cells_of(database)
    with strange_as_data_error(path):
        state, _ = unpack(body) if body is not None else ({}, {})
        name, kind = str(facts["name"]), str(facts["format"])
        rate = frame_rate_of(state)
    if within and place is None:
        return Opened(Recording(name, str(path), rate, ProjectCells(path, headers, ""), kind), Options(), path)
    origin = Origin.of(path, state)
    with os_errors_as_data_errors(path):
        found = Path(place).absolute() if place is not None else origin.find()
    if found is None:
        absent = (
            f"{printable_name(origin.source)} was found neither in {origin.source.parent} nor beside {path.name}: "
            "results are shown, and what needs its signals waits for File > Find recording."
        )
        recording = Recording(name, str(origin.source), rate, ProjectCells(path, headers, absent), kind)
        return Opened(recording, origin.options, path)
    options = origin.options_at(found)
    recording = registry.read(found, **asdict(options), progress=progress, should_stop=should_stop)
    if place is not None and _shape(recording.cells.headers) != _shape(headers):
        raise data_error(
            found, f"{_shape(recording.cells.headers)} was found, but {path.name} is about {_shape(headers)}."
        )
    return Opened(recording, options, path)


def _shape(headers: tuple[CellHeader, ...]) -> str:
    first = headers[0]
    return f"{counted(len(headers), 'cell')} of {counted(first.signals, 'signal')} and {counted(first.frames, 'frame')}"
