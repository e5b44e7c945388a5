"""F less r times Fneu of a long recording, made in a thread while r is dragged."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner


class SubtractionWork(QObject):
    """Beside the other threads, because it is nobody's result and nothing is to be cancelled.

    Signals: `ready` (cell, r, trace).
    """

    ready = pyqtSignal(object, float, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = Runner(self)
        self._runner.finished.connect(self._on_finished)

    @pyqtSlot(object, float)
    def want(self, cell: Cell, r: float) -> None:
        """Make it with this r; the newest wish wins."""
        if (cell, r) != self._runner.question:
            self._runner.submit(jobs.subtract(cell, r), (cell, r))

    def drop(self) -> None:
        """Stop without a word."""
        self._runner.drop()

    def close(self, milliseconds: int) -> bool:
        """End the thread; False if it did not end in time."""
        return self._runner.close(milliseconds)

    @pyqtSlot(object, object)
    def _on_finished(self, question: tuple[Cell, float], trace: FloatArray) -> None:
        self.ready.emit(*question, trace)
