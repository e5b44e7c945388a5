"""Ticks of the selected cell's spikes below its traces."""

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session


class SpikeTicks(QObject):
    """Follows the session, and marks the spike times of the selected cell in the trace view."""

    def __init__(self, session: Session, traces: TraceView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._traces = session, traces
        for signal in (session.spikes.changed, session.cell_changed, session.frame_rate_changed):
            signal.connect(self._show)

    @pyqtSlot()
    def _show(self) -> None:
        session = self._session
        spikes, recording = session.spikes.get(session.index), session.recording
        rate = recording.frame_rate if recording is not None else None
        times = spikes.in_frames(rate) if spikes is not None and session.cell is not None else None
        self._traces.show_spikes([] if times is None else (times / (rate or 1.0)).tolist())
