"""dF/F is made in a thread of its own, whenever it is wanted of something else."""

from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.state.questions import DeltaFQuestion
from neuropil_gui.state.session import Session


class DeltaFWork(QObject):
    """Listens to the session, and tells it the dF/F that it wants."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = Runner(self)
        self._runner.finished.connect(session.store_delta_f)
        self._runner.failed.connect(self._on_failed)
        self._runner.crashed.connect(self._on_crashed)
        changes = (session.cell_changed, session.result_changed, session.frame_rate_changed, session.baseline_changed)
        for signal in changes:
            signal.connect(self._ask)

    def drop(self) -> None:
        """Stop what is under way."""
        self._runner.drop()

    def close(self, milliseconds: int) -> bool:
        """End the thread; False if it did not end in time."""
        return self._runner.close(milliseconds)

    @pyqtSlot()
    def _ask(self) -> None:
        """Make what is wanted, unless it is at hand or being made."""
        session = self._session
        question = session.delta_f.question
        if question is None or not session.delta_f.pending:
            self._runner.drop()
        elif question != self._runner.question:
            raw, known = None, session.delta_f.known
            if known is not None and replace(known[0], result=question.result) == question:
                raw = known[1].raw
            work = jobs.delta_f(question.cell, question.result, question.settings, question.frame_rate, raw)
            self._runner.submit(work, question)

    @pyqtSlot(object, object)
    def _on_failed(self, question: DeltaFQuestion, error: DataError) -> None:
        self._session.store_delta_f(question, None, str(error))

    @pyqtSlot(object)
    def _on_crashed(self, question: DeltaFQuestion) -> None:
        sentence = "dF/F ended in an unexpected error; the log file tells more."
        self._session.store_delta_f(question, None, sentence)
