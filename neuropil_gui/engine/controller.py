"""Controller: reads, separates and writes cells in threads, and stores the results in the session."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.history import RunHistory
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.values import Value
from neuropil_gui.engine import exporting, jobs
from neuropil_gui.engine.batch import Batch
from neuropil_gui.engine.exporting import Chosen
from neuropil_gui.engine.live import SeparationQuestion, live_question
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.prefetch import LookAhead
from neuropil_gui.engine.report import Reported, report, results_of
from neuropil_gui.engine.runner import Runner, Work
from neuropil_gui.state.on_screen import result_on_screen
from neuropil_gui.state.session import Session

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

REST = 40
"""Milliseconds between a draft and the start of its result."""


class Controller(QObject):
    """Reads, separates and writes cells in threads as the session changes; knows no widgets.

    Signals: `separation_started` (SeparationQuestion), `separation_reported` (Progress), `separation_failed`
    (sentence); `cancelled`; `write_started` (words), `write_reported` (done, of how many), then `written` (path,
    sentences on cells that are missing), `drawn` (what, picture), `write_failed` (sentence) or `write_cancelled`
    (path); `batch_progressed` (done, of how many), `batch_ended` (whether all were tried); `checking_changed`;
    `work_changed` (something began or ended).

    Attributes
    ----------
    batch : Batch
        Separates all cells, and lends its workers to others.
    """

    separation_started = pyqtSignal(object)
    separation_reported = pyqtSignal(object)
    separation_failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    write_started = pyqtSignal(str)
    written = pyqtSignal(object, object)
    drawn = pyqtSignal(str, object)
    write_reported = pyqtSignal(object)
    write_failed = pyqtSignal(str)
    write_cancelled = pyqtSignal(object)
    batch_progressed = pyqtSignal(int, int)
    batch_ended = pyqtSignal(bool)
    checking_changed = pyqtSignal()
    work_changed = pyqtSignal()

    def __init__(self, session: Session, loader: Loader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._loader = session, loader
        self._reader = Runner(self, "Reading this cell")
        self._separator, self._writer = Runner(self, "The separation"), Runner(self, "Writing")
        for runner in (self._reader, self._separator, self._writer):
            for signal in (runner.started, runner.finished, runner.failed, runner.cancelled):
                signal.connect(self.work_changed)
        loader.busy_changed.connect(self.work_changed)
        self.batch = Batch(1, self)
        self.batch.cell_done.connect(self._on_batch_cell)
        self.batch.cell_failed.connect(self._on_batch_failed)
        self.batch.progressed.connect(self.batch_progressed)
        self.batch.ended.connect(self._on_batch_ended)
        self.batch.failed.connect(self.separation_failed)
        self._ahead = LookAhead(session, self)
        self._ahead.changed.connect(self.checking_changed)
        self._following: SeparationQuestion | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._follow)
        self._reader.finished.connect(self._on_cell_read)
        self._reader.failed.connect(self._on_read_failed)
        self._separator.started.connect(self.separation_started)
        self._separator.reported.connect(self._on_separation_reported)
        self._separator.finished.connect(self._on_separated)
        self._separator.failed.connect(self._on_separation_failed)
        self._writer.finished.connect(self._on_written)
        self._writer.reported.connect(self._on_write_reported)
        self._writer.failed.connect(self._on_write_failed)
        self._writer.cancelled.connect(self._on_write_cancelled)
        for signal in (session.recording_changed, session.cells_changed):
            signal.connect(self._stop_separating)
        session.selection_changed.connect(self._read_cell)
        for signal in (session.cell_replaced, session.signals_replaced):
            signal.connect(self._drop_separation)
        for signal in (session.cell_changed, session.settings_changed, session.live_changed):
            signal.connect(self._separate_if_live)

    def set_jobs(self, jobs: int, scheduler: str = "") -> None:
        """Set how many cells are separated at a time, or the scheduler whose workers do it, from the next batch on."""
        self.batch.jobs, self.batch.scheduler = jobs, scheduler

    def close(self) -> None:
        """End the processes; call it when the runners are closed."""
        self.batch.close()

    @property
    def working(self) -> bool:
        """Whether anything is under way that could be cancelled."""
        # Reading the selected cell is not: without its signals there would be nothing to show.
        runners = (self._loader, self._separator, self._writer)
        return self.batch.running or self._following is not None or any(runner.busy for runner in runners)

    @property
    def separating(self) -> bool:
        """Whether a separation is under way, or follows a draft in a moment."""
        return self._separator.busy or self._following is not None

    @property
    def idle(self) -> bool:
        """Whether the thread of separations has nothing to do, not even to end what was cancelled."""
        return self._separator.idle

    @property
    def checking(self) -> bool:
        """Whether FISSA's own result of what is shown is under way, or will be if nothing is asked for a second."""
        return self._ahead.checking

    @property
    def working_ahead(self) -> bool:
        """Whether a cell is being separated that the user has not asked for."""
        return self._ahead.working

    @property
    def writing(self) -> Path | None:
        """The file that is being written."""
        question = self._writer.question
        return question if isinstance(question, Path) else None

    def warm_up(self, swept: str = "") -> None:
        """Import what takes long, and remove from the folder `swept` what exports that were killed have left."""
        self._writer.submit(jobs.warm_up(swept))

    @pyqtSlot()
    def run(self) -> None:
        """Separate the selected cell with the settings as they stand."""
        cell, settings = self._session.cell, self._session.settings
        if cell is not None:
            self._ask(SeparationQuestion(cell, settings))

    def _ask(self, question: SeparationQuestion) -> None:
        self._ahead.pause()
        self._drop_following()
        self._separator.submit(question.work(), question)

    def _drop_following(self) -> None:
        self._following = None
        self._rest.stop()

    @pyqtSlot()
    def _drop_separation(self) -> None:
        self._drop_following()
        self._separator.drop()

    @pyqtSlot()
    def cancel(self) -> None:
        """Stop what is under way; the last result stays."""
        if self.working:
            self._ahead.pause()
            self._drop_following()
            self._session.drop_draft()
            for runner in (self._loader, self._separator):
                runner.cancel()
            if self.writing is None:
                self._writer.cancel()
            else:
                # What is said of a file is said at its end, which may come before the thread stops.
                self._writer.stop()
            self.batch.cancel()
            self.cancelled.emit()

    @pyqtSlot()
    def separate_all(self) -> None:
        """Separate all cells that have no result of the settings as they stand, the selected one first."""
        session = self._session
        if session.recording is not None and session.recording.cells.absent:
            self.separation_failed.emit(session.recording.cells.absent)
        elif session.recording is not None:
            settings, count, first = session.own.all, len(session.recording.cells), session.index
            order = sorted(range(count), key=lambda index: (index != first, index))
            left = [index for index in order if not session.has_result(index, settings.of(index))]
            self._ahead.pause()
            self.batch.start(session.recording, settings, left)
            self.work_changed.emit()

    @pyqtSlot()
    def cancel_batch(self) -> None:
        """Stop separating all cells; starting again resumes."""
        self.batch.cancel()

    def export_all(
        self,
        path: Path,
        indices: Sequence[int] | None = None,
        receipt: bool = False,
        project: Path | None = None,
    ) -> None:
        """Write the results of the cells at `indices`, all by default, with the settings as they stand.

        With `receipt`, also how they were made, and a script that makes them again. Results that are not in memory are
        read from the project.
        """
        recording = self._session.recording
        if recording is not None:
            indices = range(len(recording.cells)) if indices is None else indices
            self._write(exporting.export(path, self.chosen(recording, indices, receipt, project)), path)

    def export_copy(self, path: Path, indices: Sequence[int], at_raw_level: bool, project: Path | None) -> None:
        """Write a copy of the recording's suite2p folder or NWB file with the best matches of cells."""
        recording = self._session.recording
        if recording is not None:
            chosen = self.chosen(recording, indices, True, project)
            self._write(exporting.export_copy(path, chosen, at_raw_level), path)

    def export(self, path: Path, receipt: bool = False) -> None:
        """Write the selected cell's result that is on screen, with a receipt as `export_all` does."""
        recording = self._session.recording
        try:
            result = result_on_screen(self._session)
        except DataError as error:
            self.write_failed.emit(str(error))
            return
        if recording is not None and result is not None:
            index = self._session.index
            chosen = replace(self.chosen(recording, [index], receipt), known={index: result})
            self._write(exporting.export(path, chosen), path)

    def chosen(
        self, recording: Recording, indices: Sequence[int], receipt: bool = False, project: Path | None = None
    ) -> Chosen:
        """Return the results of cells with the settings as they stand, for a thread that reads or makes them."""
        session, settings = self._session, self._session.own.all
        outcomes = {index: session.outcome(index) for index in indices}
        return Chosen(
            recording,
            indices,
            settings,
            session.results.in_memory({index: settings.of(index) for index in indices}),
            project,
            [index for index, each in outcomes.items() if each is not None and each.answers(settings.of(index))],
            session.delta_f.baseline,
            session.marks.all,
            self._loader.answers_of(recording) if receipt else None,
            self.batch.lend(),
            session.tests.of(indices, settings),
        )

    def export_report(self, path: Path, project: Path | None) -> None:
        """Write a report on all cells; results that are not in memory are read from the project."""
        session = self._session
        if session.recording is not None:
            outcomes, marks, sweeps = dict(session.outcomes()), session.marks.all, session.sweeps.populations
            known = session.results.in_memory({index: each.settings for index, each in outcomes.items()})
            reported = Reported(session.recording, outcomes, results_of(known, project), marks, sweeps)
            self._write(report(path, reported), path)

    def save_copy(self, path: Path, project: Path) -> None:
        """Write a copy of the project with the recording's signals in it."""
        recording = self._session.recording
        if recording is not None:
            self._write(jobs.save_copy(path, project, recording), path)

    def export_recording(self, path: Path, provenance: Mapping[str, object]) -> None:
        """Write the signals of all cells, with their truth where it is known."""
        if self._session.recording is not None:
            self._write(jobs.export_recording(path, self._session.recording, provenance), path)

    def export_table(self, path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> None:
        """Write a table; its rows may be made in the thread."""
        self._write(jobs.export_table(path, columns, rows), path)

    def export_figure(self, path: Path, draw: Callable[[], "ResultFigure"]) -> None:
        """Draw a figure and write it, both in the thread."""
        self._write(jobs.export_figure(path, draw), path)

    def draw(self, work: Work, what: str) -> None:
        """Make a picture that is to be copied in the thread of files, which writes one thing at a time."""
        self._submit(work, what, f"Drawing {what}")

    def _write(self, work: Work, path: Path) -> None:
        self._submit(jobs.writing(path, self._session.recording, work), path, f"Writing {path.name}")

    def _submit(self, work: Work, question: Path | str, words: str) -> None:
        if self.writing is not None:
            # Elsewhere the newest question wins; but a file that was asked for is not dropped for another.
            self.write_failed.emit(f"{self.writing.name} is still being written: wait for it, or cancel it first.")
        else:
            self._writer.submit(work, question)
            self.write_started.emit(words)

    @pyqtSlot()
    def _stop_separating(self) -> None:
        self._drop_separation()
        self.batch.cancel()

    @pyqtSlot()
    def _read_cell(self) -> None:
        self._drop_separation()
        self._ahead.pause()
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

    @pyqtSlot()
    def _separate_if_live(self) -> None:
        session = self._session
        self._ahead.pause()
        if session.answered or session.cell is None:
            session.drop_draft()
            self._drop_separation()
            self.work_changed.emit()
            self._ahead.resume()
        elif session.live and not session.rois.trying:  # who tries ROIs separates them
            self._ask(live_question(session.cell, session.settings, session.drawn, session.result))

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
            # After a rest: before, it would only delay the next draft.
            self._rest.start(REST)
        elif not self.batch.running:
            self._ahead.resume()

    @pyqtSlot()
    def _follow(self) -> None:
        if self._following is not None:
            self._ask(self._following)

    @pyqtSlot(object, object)
    def _on_separation_failed(self, question: object, error: DataError) -> None:
        self._session.drop_draft()
        self.separation_failed.emit(str(error))

    @pyqtSlot(object, object)
    def _on_written(self, question: object, answer: tuple[Path, list[str]] | None) -> None:
        if isinstance(question, str):
            self.drawn.emit(question, answer)
        elif answer is not None:
            self.written.emit(*answer)

    @pyqtSlot(object, object)
    def _on_write_reported(self, question: object, report: object) -> None:
        self.write_reported.emit(report)

    @pyqtSlot(int, object, object, object)
    def _on_batch_cell(self, index: int, separation: Separation, numbers: Mapping[str, float], cell: Cell) -> None:
        self._session.store_other(index, separation, numbers, cell=cell)

    @pyqtSlot(int, str)
    def _on_batch_failed(self, index: int, sentence: str) -> None:
        self._session.store_failure(index, self.batch.settings.of(index), sentence)

    @pyqtSlot(bool)
    def _on_batch_ended(self, whole: bool) -> None:
        self.batch_ended.emit(whole)
        self.work_changed.emit()
        self._ahead.resume()

    @pyqtSlot(object, object)
    def _on_write_failed(self, question: object, error: DataError) -> None:
        if question is not None:  # not of `warm_up`
            self.write_failed.emit(str(error))

    @pyqtSlot(object)
    def _on_write_cancelled(self, question: object) -> None:
        if isinstance(question, Path):
            self.write_cancelled.emit(question)
