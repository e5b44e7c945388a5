"""Title of the main window: the name of the open recording."""

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.state.session import Session


class Title(QObject):
    """Follows the session, and sets the title of the window; another simulated cell has another name."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        for signal in (session.recording_changed, session.cell_replaced):
            signal.connect(self._show)
        self._show()

    @pyqtSlot()
    def _show(self) -> None:
        recording = self._session.recording
        self._window.setWindowTitle(f"{recording.name} \N{EM DASH} neuropil_gui" if recording else "neuropil_gui")
