"""Requests about spike times: opening a file of them for the selected cell, and taking them away."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.runner import Report, Runner, ShouldStop
from neuropil_gui.features.trust.spike_dialog import SpikeDialog
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.spike_files import SUFFIXES, SpikeFile, read_spike_file
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs

FILTER = f"Spike times ({' '.join(f'*.{each}' for each in SUFFIXES)});;All files (*)"


class SpikeRequests(QObject):
    """Reads spike times in a thread, asks what the file leaves open, and gives them to the selected cell.

    Signals: `failed` (sentence).

    Parameters
    ----------
    session : Session
    parent : QObject
        The tool.
    page : QWidget
        Over which dialogs open.
    """

    failed = pyqtSignal(str)

    def __init__(self, session: Session, parent: QObject, page: QWidget) -> None:
        super().__init__(parent)
        self._session, self._page = session, page
        self.dialog: SpikeDialog | None = None
        self.runner = Runner(self, "Reading the spike times")
        self.runner.finished.connect(self._on_read)
        self.runner.failed.connect(self._on_failed)
        session.selection_changed.connect(self.leave)
        session.recording_changed.connect(self.leave)

    @pyqtSlot()
    def ask(self) -> None:
        """Ask for a file, and open it."""
        cell = self._session.cell
        path = None
        if cell is not None:
            folder = dialogs.folder_beside(self._session.recording)
            path = dialogs.ask_file(self._page, folder, FILTER, "Open spike times")
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Read a file for the selected cell."""
        cell = self._session.cell
        if cell is not None:
            self.leave()
            self.runner.submit(_reading(path), cell)

    @pyqtSlot()
    def remove(self) -> None:
        """Take the spike times away from the selected cell."""
        self._session.spikes.put(self._session.index, None)

    @pyqtSlot()
    def leave(self) -> None:
        """Close the dialog, which is about another cell."""
        self.runner.drop()
        if self.dialog is not None:
            self.dialog.reject()

    @pyqtSlot(object, object)
    def _on_read(self, cell: Cell, file: SpikeFile) -> None:
        recording = self._session.recording
        if recording is None or cell is not self._session.cell:
            return
        dialog = SpikeDialog(file, cell.name, recording.frame_rate, cell.traces.shape[1], self._page)
        self.dialog = dialog
        dialog.accepted.connect(partial(self._take, dialog, self._session.index))
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _take(self, dialog: SpikeDialog, index: int) -> None:
        self._session.spikes.put(index, dialog.spikes)

    @pyqtSlot()
    def _on_finished(self, _: int = 0) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    @pyqtSlot(object, object)
    def _on_failed(self, _: object, error: DataError) -> None:
        self.failed.emit(str(error))


def _reading(path: Path) -> Callable[[Report, ShouldStop], SpikeFile]:
    """Return what a thread does to read a file."""

    def read(_: Report, should_stop: ShouldStop) -> SpikeFile:
        with watched(should_stop=should_stop):
            return read_spike_file(path)

    return read
