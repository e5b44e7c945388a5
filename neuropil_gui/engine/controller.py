"""What happens when: opens, reads, separates and writes in threads, and tells the session what came out."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.history import RunHistory
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.engine import jobs
from neuropil_gui.engine.background import DeltaFWork
from neuropil_gui.engine.batch import Batch
from neuropil_gui.engine.live import SeparationQuestion, live_question
from neuropil_gui.engine.loader import Loading
from neuropil_gui.engine.miniatures import Miniatures
from neuropil_gui.engine.prefetch import LookAhead
from neuropil_gui.engine.runner import Runner, Work
from neuropil_gui.engine.subtraction_work import SubtractionWork
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.writing.plain_table import Value
from neuropil_gui.state.session import Session

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

CLOSING_SECONDS = 1.5
"""How long closing waits for the threads, all together."""


REST = 40
"""Milliseconds after a draft, from which on its result is made."""


class Controller(QObject):
    """Connects the session with the threads; knows no widgets.

    Signals: `load_started` (path), `load_reported` (path, part read), `load_failed` (sentence), `load_ended`;
    `separation_started`, `separation_reported` (Progress), `separation_failed` (sentence); `cancelled`;
    `written` (path, sentences on cells that are missing), `write_reported` (done, of how many),
    `write_failed` (sentence); `batch_progressed` (done, of how many), `batch_ended` (whether all were tried);
    `work_changed` (something began or ended).
    """

    load_started = pyqtSignal(object)
    load_reported = pyqtSignal(object, float)
    load_failed = pyqtSignal(str)
    load_ended = pyqtSignal()
    separation_started = pyqtSignal(object)
    separation_reported = pyqtSignal(object)
    separation_failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    written = pyqtSignal(object, object)
    write_reported = pyqtSignal(object)
    batch_progressed = pyqtSignal(int, int)
    batch_ended = pyqtSignal(bool)
    write_failed = pyqtSignal(str)
    work_changed = pyqtSignal()

    def __init__(self, session: Session, threads: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.loading = Loading(self)
        self._loader = self.loading.runner
        self._reader, self._separator, self._writer = (Runner(self) for _ in range(3))
        self._runners = (self._loader, self._reader, self._separator, self._writer)
        # Without the selected cell's signals there would be nothing to show and no way to ask for them again.
        self._cancellable = (self._loader, self._separator, self._writer)
        for runner in self._runners:
            for signal in (runner.started, runner.finished, runner.failed, runner.cancelled, runner.crashed):
                signal.connect(self._on_work_changed)
        # Beside the others, because nobody waits for them and nothing is to be cancelled.
        self.miniatures, self._delta_f = Miniatures(session, self), DeltaFWork(session, self)
        self.subtractions = SubtractionWork(self)
        self._batch = Batch(threads, self)
        self._batch.cell_done.connect(session.store_other)
        self._batch.cell_failed.connect(self._on_batch_failed)
        self._batch.progressed.connect(self.batch_progressed)
        self._batch.ended.connect(self._on_batch_ended)
        self.ahead = LookAhead(session, self)
        self._following: SeparationQuestion | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._follow)
        self.loading.started.connect(self.load_started)
        self.loading.reported.connect(self.load_reported)
        self.loading.loaded.connect(self._on_loaded)
        self.loading.failed.connect(self.load_failed)
        self.loading.ended.connect(self.load_ended)
        self._reader.finished.connect(self._on_cell_read)
        self._reader.failed.connect(self._on_read_failed)
        self._reader.crashed.connect(self._on_read_crashed)
        self._separator.started.connect(self._on_separation_started)
        self._separator.reported.connect(self._on_separation_reported)
        self._separator.finished.connect(self._on_separated)
        self._separator.failed.connect(self._on_separation_failed)
        self._separator.crashed.connect(self._on_separation_crashed)
        self._writer.finished.connect(self._on_written)
        self._writer.reported.connect(self._on_write_reported)
        self._writer.failed.connect(self._on_write_failed)
        session.selection_changed.connect(self._read_cell)
        session.cell_changed.connect(self._separate_if_live)
        session.settings_changed.connect(self._separate_if_live)
        session.live_changed.connect(self._separate_if_live)

    def set_threads(self, threads: int) -> None:
        """Set how many cells are separated at a time, from the next batch on."""
        self._batch.set_threads(threads)

    @property
    def working(self) -> bool:
        """Whether anything is under way that could be cancelled."""
        return (
            self._batch.running
            or self._following is not None
            or any(runner.question is not None for runner in self._cancellable)
        )

    @property
    def separating(self) -> bool:
        """Whether a separation is under way, or follows a draft in a moment."""
        return self._separator.busy or self._following is not None

    def warm_up(self) -> None:
        """Import what takes long, so that the first separation does not wait for it."""
        self._writer.submit(jobs.warm_up())

    def open_path(self, path: Path, options: Options | None = None, rate_unknown: bool = False) -> None:
        """Read a recording with these answers and the best guesses; what is open stays until it is read."""
        self.loading.read(path, options or Options(), rate_unknown)

    def turn(self) -> None:
        """Read the open file again with signals and frames exchanged."""
        recording = self._session.recording
        if recording is not None and recording.source is not None and recording.rows_are_frames is not None:
            options = self.loading.options_of(recording)
            options = replace(options, rows_are_frames=not recording.rows_are_frames, frame_rate=recording.frame_rate)
            self.open_path(Path(recording.source), options, recording.frame_rate is None)

    @pyqtSlot()
    def run(self) -> None:
        """Separate the selected cell with the settings as they stand."""
        cell, settings = self._session.cell, self._session.settings
        if cell is not None:
            self._ask(SeparationQuestion(cell, settings))

    def _ask(self, question: SeparationQuestion) -> None:
        self.ahead.pause()
        self._drop_following()
        self._separator.submit(question.work(), question)

    def _drop_following(self) -> None:
        self._following = None
        self._rest.stop()

    def _drop_separation(self) -> None:
        self._drop_following()
        self._separator.drop()

    @pyqtSlot()
    def cancel(self) -> None:
        """Stop what is under way; the last result stays."""
        if self.working:
            self.ahead.pause()
            self._drop_following()
            self._session.drop_draft()
            for runner in self._cancellable:
                runner.cancel()
            self._batch.cancel()
            self.cancelled.emit()

    @pyqtSlot()
    def separate_all(self) -> None:
        """Separate all cells with the settings as they stand, the selected one first; what is known is not repeated."""
        session = self._session
        if session.recording is not None:
            settings, count, first = session.settings, len(session.recording.cells), session.index
            order = sorted(range(count), key=lambda index: (index != first, index))
            left = [index for index in order if not session.has_result(index, settings)]
            self.ahead.pause()
            self._batch.start(session.recording, settings, left)
            self.work_changed.emit()

    @pyqtSlot()
    def cancel_batch(self) -> None:
        """Stop separating all cells; starting again goes on with those that are left."""
        self._batch.cancel()

    def export_all(self, path: Path) -> None:
        """Write the results of all cells with the settings as they stand."""
        session = self._session
        if session.recording is not None:
            kept = session.kept_results(session.settings)
            work = jobs.export_all(path, session.recording, session.settings, kept, session.delta_f.baseline)
            self._write(work, path)

    def export(self, path: Path) -> None:
        """Write the selected cell's result."""
        recording, result = self._session.recording, self._session.result
        if recording is not None and result is not None:
            work = jobs.export(path, recording, {self._session.index: result}, self._session.delta_f.baseline)
            self._write(work, path)

    def export_table(self, path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> None:
        """Write a table; its rows may be made in the thread."""
        self._write(jobs.export_table(path, columns, rows), path)

    def export_figure(self, path: Path, draw: Callable[[], "ResultFigure"]) -> None:
        """Draw a figure and write it, both in the thread."""
        self._write(jobs.export_figure(path, draw), path)

    def _write(self, work: Work, path: Path) -> None:
        under_way = self._writer.question
        if isinstance(under_way, Path):
            # The newest question wins elsewhere; but a file that was asked for is not given up for another.
            self.write_failed.emit(f"{under_way.name} is still being written: wait for it, or cancel it first.")
        else:
            self._writer.submit(work, path)

    def close(self) -> bool:
        """End all threads; False if one of them did not end in time."""
        until = time.monotonic() + CLOSING_SECONDS
        for runner in self._runners:
            runner.drop()
        self._batch.drop()
        left = (max(0, int(1000 * (until - time.monotonic()))) for _ in self._runners)
        ended = [runner.close(milliseconds) for runner, milliseconds in zip(self._runners, left, strict=True)]
        for each in (self.miniatures, self._delta_f, self.subtractions, self.ahead, self._batch):
            each.drop()
            ended.append(each.close(max(0, int(1000 * (until - time.monotonic())))))
        return all(ended)

    @pyqtSlot(object)
    def _on_loaded(self, recording: Recording) -> None:
        self._drop_separation()
        self._batch.cancel()
        self._session.set_recording(recording)

    @pyqtSlot()
    def _read_cell(self) -> None:
        self._drop_separation()
        self.ahead.pause()
        recording, index = self._session.recording, self._session.index
        if recording is not None:
            self._reader.submit(jobs.read_cell(recording, index), index)

    @pyqtSlot(object, object)
    def _on_cell_read(self, index: int, cell: Cell) -> None:
        self._session.set_cell(cell)

    @pyqtSlot(object, object)
    def _on_read_failed(self, index: int, error: DataError) -> None:
        self._session.clear_cell()
        self.separation_failed.emit(str(error))

    @pyqtSlot(object)
    def _on_read_crashed(self, index: int) -> None:
        self._session.clear_cell()
        self.separation_failed.emit("Reading this cell ended in an unexpected error; the log file tells more.")

    @pyqtSlot()
    def _separate_if_live(self) -> None:
        session = self._session
        self.ahead.pause()
        if session.answered or session.cell is None:
            session.drop_draft()
            self._drop_separation()
            self.work_changed.emit()
            self.ahead.resume()
        elif session.live:
            self._ask(live_question(session.cell, session.settings, session.drawn, session.result))

    @pyqtSlot(object)
    def _on_separation_started(self, question: SeparationQuestion) -> None:
        self.separation_started.emit(question)

    @pyqtSlot(object, object)
    def _on_separation_reported(self, question: SeparationQuestion, progress: Progress) -> None:
        self.separation_reported.emit(progress)

    @pyqtSlot(object, object)
    def _on_separated(
        self, question: SeparationQuestion, answer: Separation | tuple[Separation, Mapping[str, float], RunHistory]
    ) -> None:
        self._following = question.following()
        if isinstance(answer, Separation):
            self._session.show_draft(answer)
        else:
            self._session.store(*answer)
        if self._following is not None:
            # Once the hand rests: until then, it would only be in the way of the next draft.
            self._rest.start()
        elif not self._batch.running:
            self.ahead.resume()

    @pyqtSlot()
    def _follow(self) -> None:
        if self._following is not None:
            self._ask(self._following)

    @pyqtSlot(object, object)
    def _on_separation_failed(self, question: object, error: DataError) -> None:
        self._session.drop_draft()
        self.separation_failed.emit(str(error))

    @pyqtSlot(object)
    def _on_separation_crashed(self, question: SeparationQuestion) -> None:
        self._session.drop_draft()
        self.separation_failed.emit("The separation ended in an unexpected error; the log file tells more.")

    @pyqtSlot(object, object)
    def _on_written(self, question: object, answer: tuple[Path, list[str]] | None) -> None:
        if answer is not None:
            self.written.emit(*answer)

    @pyqtSlot(object, object)
    def _on_write_reported(self, question: object, report: object) -> None:
        self.write_reported.emit(report)

    @pyqtSlot(int, str)
    def _on_batch_failed(self, index: int, sentence: str) -> None:
        self._session.store_failure(index, self._batch.settings, sentence)

    @pyqtSlot(bool)
    def _on_batch_ended(self, whole: bool) -> None:
        self.batch_ended.emit(whole)
        self.work_changed.emit()
        self.ahead.resume()

    @pyqtSlot(object, object)
    def _on_write_failed(self, question: object, error: DataError) -> None:
        self.write_failed.emit(str(error))

    @pyqtSlot()
    def _on_work_changed(self) -> None:
        self.work_changed.emit()
