"""Recorder: hands each change of the session to the writer of its project."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QTimer, pyqtSlot

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording
from neuropil_gui.engine.kept_results import KeptResults
from neuropil_gui.engine.kept_rois import put_rois
from neuropil_gui.engine.kept_spikes import put_spikes
from neuropil_gui.engine.kept_state import pack_picture, record_facts, session_facts
from neuropil_gui.formats.project.packing import pack
from neuropil_gui.formats.project.recording import pack_headers
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.cell_places import CellPlaces
from neuropil_gui.state.results import Result
from neuropil_gui.state.runs import Run
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import StoredResults, result_key

REST = 300
"""Milliseconds after a change until it is handed to the writer, with all others meanwhile."""


class Recorder(QObject):
    """Follows the session while there is a writer.

    Attributes
    ----------
    writer : Writer or None
    results : KeptResults
        Of the project.
    origin : dict
        What `origin_facts` returned of the recording.
    run_keys : dict of int to str
        Keys of the results that the history refers to, by the number of the run.
    view : callable
        Returns what is in view, as JSON holds it.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.writer: Writer | None = None
        self.results = KeptResults(StoredResults(Path()))
        self.origin: dict[str, Any] = {}
        self.run_keys: dict[int, str] = {}
        self.view: Callable[[], Mapping[str, Any]] = dict
        self._pausing = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self.put_state)
        session.outcome_changed.connect(self._put_outcome)
        session.outcomes_changed.connect(self.put_outcomes)
        session.tests.changed.connect(self._put_tests)
        for signal in (
            session.own.changed, session.selection_changed, session.frame_rate_changed, session.pins.changed,
            session.baseline_changed, session.marks.changed,
        ):  # fmt: skip
            signal.connect(self.note_change)
        session.pins.changed.connect(self._put_pins)
        session.spikes.changed.connect(self._put_spikes)
        session.sweeps.completed.connect(self.note_change)
        session.runs.added.connect(self._put_run)
        session.runs.updated.connect(self._put_run)
        session.runs.removed.connect(self._drop_run)
        self._touched: frozenset[int] = frozenset()
        session.cells_leave.connect(self._on_cells_leave)
        session.cells_changed.connect(self._on_cells_changed)
        session.rois.changed.connect(self._put_rois)

    def begin(self, writer: Writer, recording: Recording) -> None:
        """Hand what changes from now on to a writer."""
        self.writer = self.results.writer = writer
        if not recording.cells.absent:
            writer.put("recording", "cells", partial(pack_headers, recording))

    def end(self) -> Writer | None:
        """Hand over what is left, and return the writer, which gets nothing any more."""
        self.put_state()
        writer, self.writer, self.results.writer = self.writer, None, None
        self.results.stored.close()
        return writer

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hand over nothing of what changes meanwhile: it comes from the project."""
        self._pausing = True
        try:
            yield
        finally:
            self._pausing = False

    @pyqtSlot()
    def note_change(self) -> None:
        """Save soon, because something of what is kept has changed."""
        # Not begun anew by each change: what changes without a rest is saved, too.
        if self.writer is not None and not self._pausing and not self._rest.isActive():
            self._rest.start()

    @pyqtSlot()
    def put_state(self) -> None:
        """Hand over all but results and history."""
        self._rest.stop()
        session = self._session
        if self.writer is None or session.recording is None:
            return
        self.results.tidy(set(self.run_keys.values()))
        self.results.sweeps.put(self.writer, session.sweeps.populations, self.origin.get("identity", []))
        facts = session_facts(session) | self.origin | {"view": dict(self.view())}
        self.writer.put("state", "now", partial(pack, facts))
        cell = session.cell
        if cell is not None and not cell.absent:
            self.writer.put("picture", "now", partial(pack_picture, cell))

    def put_all(self) -> None:
        """Hand over all that is known of the recording, for a project that is empty yet."""
        session = self._session
        self.put_outcomes([index for index, _ in session.outcomes()])
        for run in session.runs.all():
            self._put_run(run)
        self._put_pins()
        self._put_spikes(list(session.spikes.all))
        self._put_rois()
        self.put_state()
        session.results.stored = self.results.stored

    @pyqtSlot(object)
    def put_outcomes(self, indices: list[int]) -> None:
        """Hand over what is known of these cells."""
        for index in indices if not self._pausing else ():
            self._put_outcome(index)

    @pyqtSlot(object)
    def _put_tests(self, indices: list[int]) -> None:
        """Hand over what is known of these cells, whose results are as they were."""
        for index in indices:
            outcome = self._session.outcome(index)
            if self.writer is not None and not self._pausing and outcome is not None:
                self.writer.put("outcome", f"{index:09}", partial(pack, record_facts(outcome)))
        self.note_change()

    @pyqtSlot(int)
    def _put_outcome(self, index: int) -> None:
        outcome = self._session.outcome(index)
        if self.writer is None or self._pausing or outcome is None:
            return
        self.writer.put("outcome", f"{index:09}", partial(pack, record_facts(outcome)))
        result = self._session.results.get(index, outcome.settings) if not outcome.earlier else None
        if result is not None:
            self.results.put_newest(index, result, self._cell_of(index, result))
        self.note_change()

    @pyqtSlot(object)
    def _on_cells_leave(self, places: CellPlaces) -> None:
        """Delete what is kept of cells that will be others, or elsewhere."""
        self._touched = places.touched if not self._pausing else frozenset()
        self.results.drop(self._touched)

    @pyqtSlot()
    def _on_cells_changed(self) -> None:
        """Hand over what is known of the cells that are others now, or elsewhere."""
        recording = self._session.recording
        if self.writer is None or self._pausing or recording is None:
            return
        self.writer.put("recording", "cells", partial(pack_headers, recording))
        self.put_outcomes(sorted(self._touched))
        self.put_state()

    @pyqtSlot()
    def _put_rois(self) -> None:
        if self.writer is not None and not self._pausing:
            put_rois(self.writer, self._session.rois)

    @pyqtSlot()
    def _put_pins(self) -> None:
        # Also what comes from the project: a pinned result that is not the newest would be deleted from it.
        self.results.set_pinned([pin for pin in self._session.pins.all if pin is not None], self._cell_of)

    @pyqtSlot(object)
    def _put_spikes(self, indices: list[int]) -> None:
        if self.writer is not None and not self._pausing:
            put_spikes(self.writer, indices, self._session.spikes.all)

    def _cell_of(self, index: int, result: Result) -> Cell | None:
        """Return the cell of a result where its signals are in memory."""
        recording, cell = self._session.recording, self._session.cell
        if recording is None or recording.cells.absent:
            return None
        if index == self._session.index and cell is not None:
            return cell
        return recording.cells[index] if isinstance(recording.cells, CellsInMemory) else result.cell

    @pyqtSlot(object)
    def _put_run(self, run: Run) -> None:
        if self.writer is not None and not self._pausing:
            self.run_keys[run.number] = result_key(run.index, run.settings)
            self.writer.put("run", f"{run.number:09}", partial(pack, record_facts(run)))

    @pyqtSlot(int)
    def _drop_run(self, number: int) -> None:
        if self.writer is not None:
            self.run_keys.pop(number, None)
            self.writer.put("run", f"{number:09}", None)
