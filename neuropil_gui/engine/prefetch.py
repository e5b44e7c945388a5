"""Work ahead of the user: neighbouring cells, and FISSA's own result to check the accelerated one against.

Where the two differ, FISSA's is run on to the minimum beside it: its solver may have stopped before.
"""

from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.running_on import can_run_on
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import separation_bytes
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.jobs import running_on, separate
from neuropil_gui.engine.live import fast, is_draft_only, is_slow
from neuropil_gui.engine.runner import Report, Runner, ShouldStop, Work
from neuropil_gui.state.results import MAX_BYTES
from neuropil_gui.state.session import Session

IDLE_MILLISECONDS = 1000
"""Time without a request after which a result is checked."""


@dataclass(frozen=True, eq=False)
class Ahead:
    """A cell that is separated before the user asks for it."""

    recording: Recording
    index: int
    settings: SeparationSettings


@dataclass(frozen=True, eq=False)
class RunningOn:
    """FISSA's result that differs from the accelerated solver's."""

    cell: Cell
    separation: Separation


class LookAhead(QObject):
    """Works in a thread of low priority, one cell at a time.

    Signals: `changed` (a check has begun, or is no longer under way).
    """

    changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tried: set[tuple[int, SeparationSettings]] = set()
        self._ran_on: Separation | None = None
        self._runner = Runner(self)
        self._runner.finished.connect(self._on_finished)
        self._runner.failed.connect(self._on_failed)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._check)
        for signal in (
            session.recording_changed, session.cell_replaced, session.signals_replaced, session.cells_changed,
        ):  # fmt: skip
            signal.connect(self._tried.clear)

    @property
    def checking(self) -> bool:
        """Whether FISSA's own result is under way, or will be if nothing is asked for a second."""
        asked = self._runner.question
        return self._idle.isActive() or (isinstance(asked, Ahead) and asked.index == self._session.index)

    @property
    def working(self) -> bool:
        """Whether a cell is being separated."""
        return self._runner.busy

    def resume(self) -> None:
        """Go on, because there is a result of the settings as they stand and nothing else is being done."""
        if self._session.live and self._session.answered and not self._runner.busy and not self._ask_neighbour():
            result, cell = self._session.result, self._session.cell
            if result is not None and cell is not None and result.settings != self._session.settings:
                tried = (self._session.index, self._session.settings) in self._tried
                if not (tried or self._session.agreement is not None or is_slow(cell, self._session.settings)):
                    self._idle.start(IDLE_MILLISECONDS)
            if not self._idle.isActive():
                self._run_on()
        self.changed.emit()

    def pause(self) -> None:
        """Stop, because the user asks for something."""
        self.drop()
        self.changed.emit()

    def drop(self) -> None:
        """Stop without a signal."""
        self._idle.stop()
        self._runner.drop()

    def _ask_neighbour(self) -> bool:
        session = self._session
        result, cell, recording = session.result, session.cell, session.recording
        if result is None or cell is None or recording is None or is_draft_only(cell):
            return False
        if recording.cells.absent or 3 * separation_bytes(result) > MAX_BYTES:
            return False
        for index in (session.index + 1, session.index - 1):
            key = (index, settings := fast(session.own.of(index)))
            if settings.seed is None or not 0 <= index < len(recording.cells):
                continue
            if key not in self._tried and not session.knows(*key):
                self._runner.submit(quietly(_separate_cell_of(recording, *key)), Ahead(recording, *key))
                return True
        return False

    def _run_on(self) -> None:
        """Run FISSA's result on, once, where it differs from the accelerated solver's."""
        agreement, fissas, cell = self._session.agreement, self._session.fissas, self._session.cell
        if agreement is None or agreement.same or fissas is None or cell is None:
            return
        separation = fissas.separation
        if separation is not self._ran_on and can_run_on(separation) and not is_draft_only(cell):
            self._runner.submit(quietly(running_on(cell, separation)), RunningOn(cell, separation))

    @pyqtSlot()
    def _check(self) -> None:
        recording, cell, settings = self._session.recording, self._session.cell, self._session.settings
        if recording is not None and cell is not None:
            self._runner.submit(quietly(separate(cell, settings)), Ahead(recording, self._session.index, settings))
        self.changed.emit()

    @pyqtSlot(object, object)
    def _on_finished(self, asked: Ahead | RunningOn, answer: Any) -> None:
        if isinstance(asked, RunningOn):
            self._ran_on = asked.separation
            self._session.solver_check.store_ran_on(asked.separation, answer)
            self.resume()
            return
        recording = self._session.recording
        if recording is not None and recording.cells is asked.recording.cells:
            self._session.store_other(asked.index, *answer)
        self._on_ended(asked)

    @pyqtSlot(object, object)
    def _on_failed(self, asked: Ahead | RunningOn, error: object) -> None:
        if isinstance(asked, Ahead):
            self._on_ended(asked)
        elif isinstance(asked, RunningOn):
            self._ran_on = asked.separation
            self.resume()

    def _on_ended(self, asked: Ahead) -> None:
        # Not tried again: the result may have had to make room for others since, or there is none.
        self._tried.add((asked.index, asked.settings))
        self.resume()


def _separate_cell_of(recording: Recording, index: int, settings: SeparationSettings) -> Work:
    """Read a cell of an open recording, and separate it; answers as `separate`, with the cell behind."""

    def work(report: Report, should_stop: ShouldStop) -> object:
        cell = recording.cells[index]
        answer: Any = separate(cell, settings)(report, should_stop)
        return *answer, cell

    return work
