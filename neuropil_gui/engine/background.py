"""Background work that nobody waits for and nobody cancels: thumbnails, F - k Fneu, and dF/F."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.cell_delta_f import CellDeltaF
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.state.delta_f import DeltaFQuestion
from neuropil_gui.state.session import Session


class Background(QObject):
    """Makes what the panels ask for, and the dF/F that the session asks for, each in a thread of its own.

    Signals: `thumbnail_ready` (index, points; None for a cell that cannot be read), `subtraction_ready` (cell, r,
    trace). dF/F goes to the session.
    """

    thumbnail_ready = pyqtSignal(int, object)
    subtraction_ready = pyqtSignal(object, float, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thumbnails, self._subtractions = Runner(self), Runner(self)
        self._delta_f = Runner(self, "ΔF/F")
        self._thumbnails.finished.connect(self._on_thumbnails)
        self._subtractions.finished.connect(self._on_subtracted)
        self._delta_f.finished.connect(self._on_delta_f)
        self._delta_f.failed.connect(self._on_delta_f_failed)
        changes = (session.cell_changed, session.result_changed, session.frame_rate_changed, session.baseline_changed)
        for signal in changes:
            signal.connect(self._make_delta_f)

    @pyqtSlot(object)
    def make_thumbnails(self, indices: Sequence[int]) -> None:
        """Make the thumbnails of these cells; the newest request wins."""
        recording = self._session.recording
        if recording is not None and indices:
            self._thumbnails.submit(jobs.thumbnails(recording, indices), recording)

    @pyqtSlot(object, object)
    def _on_thumbnails(self, recording: Recording, answer: tuple[dict[int, object], list[int]]) -> None:
        done, left = answer
        if self._session.recording is not None and recording.cells is self._session.recording.cells:
            for index, points in done.items():
                self.thumbnail_ready.emit(index, points)
            self.make_thumbnails(left)

    @pyqtSlot(object, float)
    def subtract(self, cell: Cell, r: float) -> None:
        """Subtract r times the mean of the neuropil regions from the ROI; the newest request wins."""
        if (cell, r) != self._subtractions.question:
            self._subtractions.submit(jobs.subtract(cell, r), (cell, r))

    @pyqtSlot(object, object)
    def _on_subtracted(self, question: tuple[Cell, float], trace: FloatArray) -> None:
        self.subtraction_ready.emit(*question, trace)

    @pyqtSlot()
    def _make_delta_f(self) -> None:
        """Make the dF/F that is wanted, unless it is at hand or being made."""
        wanted = self._session.delta_f
        question = wanted.question
        if question is None or not wanted.pending:
            self._delta_f.drop()
        elif question != self._delta_f.question:
            raw = None
            if wanted.known is not None and replace(wanted.known[0], result=question.result) == question:
                raw = wanted.known[1].raw
            work = jobs.delta_f(question.cell, question.result, question.settings, question.frame_rate, raw)
            self._delta_f.submit(work, question)

    @pyqtSlot(object, object)
    def _on_delta_f(self, question: DeltaFQuestion, made: CellDeltaF) -> None:
        self._session.store_delta_f(question, made)

    @pyqtSlot(object, object)
    def _on_delta_f_failed(self, question: DeltaFQuestion, error: DataError) -> None:
        self._session.store_delta_f(question, None, str(error))
