"""Jobs for the runner: functions that read, separate and write by calls of core and formats.

Formats are imported in the thread, so that the window is there sooner.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.assets import is_made_demo
from neuropil_gui.core import draft
from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.analysis.subtraction import difference
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.baseline import BaselineSettings, DeltaF
from neuropil_gui.core.cell_delta_f import CellDeltaF, cell_delta_f
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.history import History, RunHistory
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.running_on import run_on
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.coordinate_sweep import find_sweep
from neuropil_gui.core.solvers.stepping import one_blas_thread
from neuropil_gui.core.values import Value
from neuropil_gui.drawing.prepared import prepare_cell, prepare_delta_f, prepare_separation, pyramid_of
from neuropil_gui.drawing.thumbnail import thumbnail
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.formats.paths import Options, data_error, os_errors_as_data_errors
from neuropil_gui.formats.progress import stop_if_asked, watched
from neuropil_gui.formats.questions import Inquiry, Preview

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure
    from neuropil_gui.formats.project.glance import Glance
    from neuropil_gui.formats.project.opening import Opened

THUMBNAIL_SECONDS = 0.1
"""Seconds after which the thumbnails that are ready are shown."""

DRAWN_SIGNALS = 100
"""Signals of a preview that are drawn: with frames taken for signals, there may be too many to see."""


def load(path: Path, options: Options, rate_unknown: bool = False) -> Work:
    """Read the recording at `path`; reports the part that is read, from 0 to 1.

    Answers with an `Opened`. `rate_unknown` is whether to ignore the frame rate of the file, where `options` hold none.
    """

    def work(report: Report, should_stop: ShouldStop) -> "Opened":
        from neuropil_gui.formats import registry
        from neuropil_gui.formats.project.opening import Opened, is_project_file, read_project

        if is_made_demo(path):
            from neuropil_gui.formats.demos import make_movie_demo

            make_movie_demo(path)
        if is_project_file(path):
            return _looked_over(read_project(path, options, progress=report, should_stop=should_stop))
        # One that is given is not looked for in the file, and not remarked on.
        rate = 1.0 if rate_unknown else options.frame_rate
        answers = asdict(options) | {"frame_rate": rate}
        recording = registry.read(path, **answers, progress=report, should_stop=should_stop)
        return _looked_over(Opened(recording.with_frame_rate(None) if rate_unknown else recording, options))

    return work


def keeping_traces(folder: Path | None, work: Work) -> Work:
    """Do work with the traces of movies kept in a folder, and taken from there; as it is without one."""
    if folder is None:
        return work

    def kept(report: Report, should_stop: ShouldStop) -> object:
        from neuropil_gui.formats.kept_traces import traces_kept_in

        with traces_kept_in(folder):
            return work(report, should_stop)

    return kept


def _looked_over(opened: "Opened") -> "Opened":
    """Return the recording once its cells have been looked over, which the table of cells would do in its thread."""
    _ = opened.recording.cells.overview
    return opened


def load_project(path: Path, place: Path) -> Work:
    """Read the project at `path` with the recording at `place`; answers with an `Opened`."""

    def work(report: Report, should_stop: ShouldStop) -> "Opened":
        from neuropil_gui.formats.project.opening import read_project

        return _looked_over(read_project(path, None, place, progress=report, should_stop=should_stop))

    return work


def inquire(path: Path, given: Options | None = None) -> Work:
    """Find out what the file at `path` leaves open, where some answers are `given`."""

    def work(report: Report, should_stop: ShouldStop) -> Inquiry:
        from neuropil_gui.formats import registry

        return registry.inquire(path, given, should_stop=should_stop)

    return work


def preview(path: Path, inquiry: Inquiry, options: Options) -> Work:
    """Preview what would be read with these answers; answers with the preview, and a cell to draw."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Preview, Cell]:
        with os_errors_as_data_errors(path), watched(should_stop=should_stop):
            seen = inquiry.preview(options)
        drawn = seen.traces[:DRAWN_SIGNALS]
        cell = Cell("first look", drawn, seen.signal_names[: len(drawn)])
        return seen, prepare_cell(cell)

    return work


def subtract(cell: Cell, r: float) -> Work:
    """Subtract a part of the neuropil; answers with what is left, ready to be drawn."""

    def work(report: Report, should_stop: ShouldStop) -> FloatArray:
        trace = difference(cell, r)
        pyramid_of(trace)
        return trace

    return work


def read_cell(recording: Recording, index: int) -> Work:
    """Read one cell of an open recording."""

    def work(report: Report, should_stop: ShouldStop) -> Cell:
        return prepare_cell(recording.cells[index])

    return work


def thumbnails(recording: Recording, indices: Sequence[int]) -> Work:
    """Make the thumbnails of some cells, as many as `THUMBNAIL_SECONDS` allow.

    Answers with a dict from index to points (None for a cell that cannot be read), and the indices that are left.
    """

    def work(report: Report, should_stop: ShouldStop) -> tuple[dict[int, NDArray[np.float32] | None], list[int]]:
        until = time.monotonic() + THUMBNAIL_SECONDS
        done: dict[int, NDArray[np.float32] | None] = {}
        for index in indices:
            if should_stop() or (done and time.monotonic() > until):
                break
            try:
                done[index] = thumbnail(recording.cells[index].traces[0])
            except DataError:
                done[index] = None  # selecting the cell says why
        return done, [index for index in indices if index not in done]

    return work


def glances(projects: Mapping[str, Path]) -> Work:
    """Look into projects; answers with a dict from their names here to a `Glance`, without those that show none."""

    def work(report: Report, should_stop: ShouldStop) -> dict[str, "Glance"]:
        from neuropil_gui.formats.project.glance import glance

        found = {}
        for name, path in projects.items():
            with suppress(DataError):  # opening it says why
                if not should_stop() and (seen := glance(path)) is not None:
                    found[name] = seen
        return found

    return work


def separate(cell: Cell, settings: SeparationSettings) -> Work:
    """Separate `cell`.

    Answers with a `Separation`, its numbers and a `RunHistory`.
    """
    return lambda report, should_stop: separated(cell, settings, report, should_stop)


def separated(
    cell: Cell, settings: SeparationSettings, report: Report, should_stop: ShouldStop
) -> tuple[Separation, Mapping[str, float], RunHistory]:
    """Return a separation, its numbers and its history; raise Cancelled where it should stop."""
    load_solvers()
    history = History(settings)

    def progress(step: Progress) -> None:
        history.add(step)
        report(step)

    separation = separate_cell(cell, settings, progress, should_stop)
    if should_stop():
        raise Cancelled
    return prepare_separation(separation), numbers(cell, separation, SUMMARY), history.to_run_history()


def running_on(cell: Cell, separation: Separation) -> Work:
    """Run FISSA's result on to the minimum beside it."""

    def work(report: Report, should_stop: ShouldStop) -> Separation:
        return run_on(cell, separation, should_stop)

    return work


def separate_draft(cell: Cell, settings: SeparationSettings, near: Separation | None = None) -> Work:
    """Make a draft of a cell's separation, from a separation that is `near` where there is one."""

    def work(report: Report, should_stop: ShouldStop) -> Separation:
        load_solvers()
        return prepare_separation(draft.separate_draft(cell, settings, near, should_stop=should_stop))

    return work


def delta_f(
    cell: Cell,
    separation: Separation | None,
    settings: BaselineSettings,
    frame_rate: float | None,
    raw: DeltaF | None = None,
) -> Work:
    """Make dF/F of a cell; `raw` is the raw ROI's, where it is known already."""

    def work(report: Report, should_stop: ShouldStop) -> CellDeltaF:
        made = cell_delta_f(cell, separation, settings, frame_rate, raw)
        prepare_delta_f(made.raw, made.matched, made.subtraction)
        return made

    return work


def writing(path: Path, recording: Recording | None, work: Work) -> Work:
    """Let `work`, which writes to `path`, stop at any block, and replace no file that the recording was read from."""

    def guarded(report: Report, should_stop: ShouldStop) -> object:
        from neuropil_gui.formats.writing.atomic import check_not_source

        if recording is not None:
            check_not_source(path, recording)
        with watched(should_stop=should_stop):
            return work(report, should_stop)

    return guarded


def save_copy(path: Path, project: Path, recording: Recording) -> Work:
    """Write a copy of a project with the recording's signals in it; reports (cells done, of how many)."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats.project.database import Database
        from neuropil_gui.formats.project.recording import pack_cell

        def items() -> Iterator[tuple[str, str, bytes]]:
            total = len(recording.cells)
            for index in range(total):
                report((index, total))
                if should_stop():
                    raise Cancelled
                yield "signals", f"{index:09}", pack_cell(recording.cells[index], signals=True)

        with Database(project) as database, database.copying(path) as copy:
            copy.change(items())
        return path, []

    return work


def export_recording(path: Path, recording: Recording, provenance: Mapping[str, object]) -> Work:
    """Write the signals and the truth of all cells to `path`."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats import registry

        registry.write_recording(path, recording, provenance=provenance)
        return path, []

    return work


def export_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> Work:
    """Write a table to `path`; the rows may be made while they are written."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats.writing.plain_table import write_table

        write_table(path, columns, rows)
        return path, []

    return work


class _Drawing(BytesIO):
    """Bytes of a figure, which are written while it is drawn, where it is no picture; stops where it is asked to."""

    def write(self, data: Any) -> int:
        stop_if_asked()
        return super().write(data)


def export_figure(path: Path, draw: Callable[[], "ResultFigure"]) -> Work:
    """Write the figure that `draw` makes as .png, .svg or .pdf; what was at `path` before stays if that fails."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats.writing.atomic import replacing

        suffix = path.suffix.lower()
        if suffix not in (".png", ".svg", ".pdf"):
            raise data_error(path, f"a figure is written as .png, .svg or .pdf, but {suffix or 'no suffix'} was found.")
        content = _Drawing()
        figure = draw()
        figure.stop_by(stop_if_asked)
        figure.savefig(content, format=suffix[1:])
        with replacing(path) as stream:
            stream.write(content.getbuffer())
        return path, []

    return work


def warm_up(swept: str = "") -> Work:
    """Import what takes long, and sweep a folder of what killed exports left there, while the window is on screen."""

    def work(report: Report, should_stop: ShouldStop) -> None:
        from neuropil_gui.formats import registry  # noqa: F401
        from neuropil_gui.formats.writing.atomic import sweep

        load_solvers()
        if swept:
            sweep(swept)

    return work


def load_solvers() -> None:
    """Load the libraries of the solvers, so that no separation counts it as its own time."""
    find_sweep()
    with one_blas_thread():  # loads BLAS, to limit its threads
        pass
