"""Note of the recording and settings that a lesson or an exercise takes the place of, to bring them back."""

from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session


@dataclass(frozen=True, eq=False)
class _Before:
    recording: Recording | None
    simulation: Simulation | None
    index: int
    settings: SeparationSettings
    live: bool
    hidden: bool
    pins: Any
    marks: Any
    runs: Any
    factor: int
    subtracted: bool
    time: tuple[float, float]


class WhatWasOpen(QObject):
    """Notes what is open, and brings it back."""

    def __init__(self, session: Session, traces: TraceView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._traces = session, traces
        self._before: _Before | None = None
        self._time: tuple[float, float] | None = None
        session.result_changed.connect(self._bring_time_back)

    def note(self) -> None:
        """Note what is open, unless something is noted already."""
        session, matched = self._session, self._traces.matched
        if self._before is None:
            self._before = _Before(
                session.whole_recording, session.teaching.simulation, session.index, session.settings, session.live,
                session.teaching.truth_hidden, session.pins.all, session.marks.all, session.runs.all(),
                matched.factor.value(), matched.is_shown("show_subtraction"), self._traces.time_in_view(),
            )  # fmt: skip

    def leave_recording(self) -> None:
        """Leave a recording of a file: its project would keep the settings that follow as the user's."""
        if self._session.recording is not None and self._session.teaching.simulation is None:
            self._session.set_recording(None)

    def bring_back(self, recording: bool = True) -> None:
        """Bring back what was noted; `recording` False where the same one is open still, or another is to be."""
        before, self._before = self._before, None
        if before is None:
            return
        session, matched = self._session, self._traces.matched
        session.teaching.hide_truth(before.hidden)
        matched.set_shown("show_subtraction", before.subtracted)
        matched.factor.setValue(before.factor)
        session.set_live(before.live)
        session.set_settings(before.settings)
        if recording:
            session.set_recording(before.recording, before.simulation)
            if before.recording is not None:
                self._time = before.time
                session.marks.restore(before.marks)
                session.runs.restore(before.runs)
                session.pins.restore(before.pins)
                session.select(before.index)
        session.teaching.put_back.emit()

    @pyqtSlot()
    def _bring_time_back(self) -> None:
        """Show the time that was in view, once the cell is drawn: the result is announced after it."""
        if self._session.cell is not None and self._time is not None:
            self._traces.raw.box.setXRange(*self._time, padding=0)
            self._time = None
