"""File menu: ask for the file to open, and wait for one that is written before the window closes.

Formats are imported when they are asked for, so that the window is there sooner.
"""

from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QMessageBox, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.files.import_requests import ImportRequests
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar


class FileRequests(QObject):
    """Asks with a dialog, then calls the controller."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        imports: ImportRequests,
        preferences: Preferences,
        messages: MessageBar,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._imports, self._preferences, self._messages = imports, preferences, messages
        self._closing: QMessageBox | None = None
        controller.written.connect(self._on_written)
        controller.write_cancelled.connect(self._close)
        controller.write_failed.connect(self._stay)

    @pyqtSlot()
    def open_file(self, ask: bool | None = None) -> None:
        """Ask for a file to open, or a movie and its ROIs; with `ask` True its questions are asked in any case."""
        from neuropil_gui.formats import registry

        paths = dialogs.ask_files(self._window, self._folder(), registry.dialog_filter())
        if paths:
            self._imports.open_paths(paths, ask)

    @pyqtSlot()
    def open_asking(self) -> None:
        """Ask for a file to open, and ask its questions."""
        self.open_file(True)

    @pyqtSlot()
    def open_folder(self) -> None:
        """Ask for a folder to open."""
        path = dialogs.ask_folder(self._window, self._folder())
        if path is not None:
            self._imports.open_path(path)

    def may_close(self) -> bool:
        """Return whether no file is being written; else let the window close at its end, with a choice not to wait."""
        path = self._controller.writing
        if path is not None and self._closing is None:
            self._closing = dialogs.show_closing(self._window, path.name)
            self._closing.finished.connect(self._on_closing_answered)
        return path is None

    @pyqtSlot()
    def _on_closing_answered(self) -> None:
        if self._closing is not None:
            if dialogs.is_clicked(self._closing, "stop_writing"):
                self._controller.cancel()
            else:
                self._closing = None

    @pyqtSlot(object, object)
    def _on_written(self, _: Path, missing: list[str]) -> None:
        """Close where that was asked for, unless there is something to read first."""
        if missing:
            self._stay()
        else:
            self._close()

    @pyqtSlot()
    def _close(self) -> None:
        if self._closing is not None:
            self._stay()
            self._window.close()

    @pyqtSlot()
    def _stay(self) -> None:
        box, self._closing = self._closing, None
        if box is not None:
            box.close()

    def show_log(self, path: Path) -> None:
        """Open the log file or its folder, and say where it is, because not every desktop can open it."""
        dialogs.open_file(path)
        self._messages.show_message(f"The log is {path}", "info")

    def _folder(self) -> str:
        return self._preferences.folder or dialogs.folder_beside(self._session.recording)
