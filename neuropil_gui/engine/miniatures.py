"""The pictures of cells in their table, made in a thread as they come into sight."""

from collections.abc import Sequence

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.state.session import Session


class Miniatures(QObject):
    """Beside the other threads, because nobody waits for it and nothing is to be cancelled.

    Signals: `ready` (index, points).
    """

    ready = pyqtSignal(int, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = Runner(self)
        self._runner.finished.connect(self._on_finished)

    @pyqtSlot(object)
    def want(self, indices: Sequence[int]) -> None:
        """Make the miniatures of these cells; the newest wish wins."""
        recording = self._session.recording
        if recording is not None and indices:
            self._runner.submit(jobs.thumbnails(recording, indices), recording)

    def drop(self) -> None:
        """Stop without a word."""
        self._runner.drop()

    def close(self, milliseconds: int) -> bool:
        """End the thread; False if it did not end in time."""
        return self._runner.close(milliseconds)

    @pyqtSlot(object, object)
    def _on_finished(self, recording: Recording, answer: tuple[dict[int, object], list[int]]) -> None:
        done, left = answer
        if self._session.recording is not None and recording.cells is self._session.recording.cells:
            for index, points in done.items():
                self.ready.emit(index, points)
            self.want(left)
