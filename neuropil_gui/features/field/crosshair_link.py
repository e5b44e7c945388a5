"""CrosshairLink: the line in the traces of the page Cell, and the slider of the page Field, at one frame."""

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.features.field.trace_strip import TraceStrip
from neuropil_gui.state.session import Session
from neuropil_gui.ui.plots.crosshair import Crosshair


class CrosshairLink(QObject):
    """Moves a crosshair with a slider, and the slider with the crosshair while it is seen."""

    def __init__(self, session: Session, crosshair: Crosshair, traces: TraceStrip) -> None:
        super().__init__(traces)
        self._session, self._crosshair, self._traces = session, crosshair, traces
        crosshair.frame_changed.connect(self._on_crosshair)
        traces.frame_changed.connect(self._on_frame)

    @pyqtSlot()
    def _on_crosshair(self) -> None:
        if self._crosshair.frame is not None and self._traces.isVisible():
            self._traces.show_frame(self._crosshair.frame)

    @pyqtSlot(int)
    def _on_frame(self, frame: int) -> None:
        if self._crosshair.frame != frame:
            recording = self._session.recording
            rate = recording.frame_rate if recording is not None else None
            self._crosshair.show_at(frame / (rate or 1.0))
