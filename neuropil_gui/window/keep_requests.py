"""Messages on what is kept of a recording, their actions, and the File menu's entries on projects."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QMessageBox, QWidget

from neuropil_gui.core.errors import printable_text
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.project_room import make_room
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.project.database import SUFFIX
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.window.carried_settings import CarriedSettings
from neuropil_gui.window.reporter import TRANSPOSE

log = logging.getLogger("neuropil_gui")

AFRESH, FIND = "Start afresh", "Find recording…"
FILTER = f"neuropil_gui project (*{SUFFIX})"


class KeepRequests(QObject):
    """Shows what was brought back, or could not be saved; names, copies and completes projects."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        keeper: Keeper,
        loader: Loader,
        preferences: Preferences,
        messages: MessageBar,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._keeper, self._loader, self._preferences, self._messages = keeper, loader, preferences, messages
        CarriedSettings(session, keeper, messages, self)
        self._trouble, self._before, self._loses = "", "", False
        self._asking: QMessageBox | None = None
        self._room = Runner(self, "Making room for projects")
        messages.action_triggered.connect(self._act)
        keeper.continued.connect(self._show_continued)
        keeper.absent.connect(self._show_absent)
        keeper.saved.connect(self._show_saved)
        keeper.left_unsaved.connect(self._show_left)
        session.recording_changed.connect(self._forget)
        keeper.named.connect(self._show_named)
        keeper.begun.connect(self._make_room)

    def handlers(self) -> Mapping[str, Callable[..., Any]]:
        """Return the handlers of the actions on projects, by name."""
        return {
            "save_project": self.save_project, "save_copy": self.save_copy, "find_recording": self.find_recording,
        }  # fmt: skip

    @pyqtSlot()
    def save_project(self) -> None:
        """Ask for a name and place of the project, and go on there."""
        if self._keeper.folder is None:
            self._messages.show_message("This window keeps nothing, and so has no project to save.", "warning")
            return
        recording = self._session.recording
        if recording is not None and recording.source is None:
            # Simulated here, for one.
            self._messages.show_message(
                f"{printable_text(recording.name)} is in no file that a project could refer to: save the recording "
                "itself first, and open that.",
                "warning",
            )
            return
        path = self._ask_save("Save project as", "")
        if path is not None:
            self._preferences.folder = str(path.parent)
            self._keeper.save_as(path)

    @pyqtSlot()
    def save_copy(self) -> None:
        """Ask where to write a copy of the project that holds the recording, too."""
        project = self._keeper.path
        if project is None:
            self._messages.show_message(
                "Nothing is kept of this recording in this window yet: File > Save project as begins a project.",
                "warning",
            )
            return
        if self._session.teaching.truth_hidden:
            self._messages.show_message(
                "While the truth is hidden, no copy is written, because a project keeps numbers of it. Show it first "
                "(Learn > Hide the truth).",
                "warning",
            )
            return
        path = self._ask_save("Save a copy with the recording inside", "_whole")
        if path is not None:
            if path == project:
                self._messages.show_message(f"{path.name} is the project itself: choose another name.", "error")
                return
            self._preferences.folder = str(path.parent)
            self._keeper.flush()
            self._controller.save_copy(path, project)

    @pyqtSlot()
    def find_recording(self) -> None:
        """Ask where the recording of the open project is, and read it."""
        from neuropil_gui.formats import registry

        folder = self._preferences.folder or dialogs.folder_beside(self._session.recording)
        path = dialogs.ask_file(self._window, folder, registry.dialog_filter(), "Find the recording of this project")
        if path is not None:
            self._loader.find_recording(path)

    def may_close(self) -> bool:
        """Save what is left, and return whether the window may close: else ask whether it is to close without that."""
        if self._loses or self._keeper.flush():
            return True
        if self._asking is None:
            sentence = self._trouble or "The disk takes longer than some seconds: wait, and close the window again."
            log.error("not all could be saved as the window was to close: %s", sentence)
            self._asking = dialogs.show_loss(self._window, sentence)
            self._asking.finished.connect(self._on_answered)
        return False

    @pyqtSlot()
    def _on_answered(self) -> None:
        box, self._asking = self._asking, None
        if box is not None and dialogs.is_clicked(box, "lose"):
            self._loses = True
            self._window.close()

    @pyqtSlot()
    def _make_room(self) -> None:
        if self._keeper.folder is not None:
            self._room.submit(make_room(self._keeper.folder, self._preferences.project_gigabytes * 10**9))

    @pyqtSlot(str)
    def _show_continued(self, sentence: str) -> None:
        named = self._keeper.has_name
        self._messages.show_message(sentence, "info", None if named else AFRESH)

    @pyqtSlot(str)
    def _show_absent(self, sentence: str) -> None:
        self._messages.show_message(sentence, "warning", FIND)

    @pyqtSlot(str)
    def _show_saved(self, sentence: str) -> None:
        self._trouble = sentence
        if sentence:
            self._messages.show_message(f"{self._before} {sentence}".strip(), "error")

    @pyqtSlot(str)
    def _show_left(self, sentence: str) -> None:
        """Say what the recording before has lost; what is said of this one comes behind it."""
        self._before = sentence
        self._messages.add_message(sentence, "error")

    @pyqtSlot()
    def _forget(self) -> None:
        self._before = self._trouble = ""

    @pyqtSlot(object)
    def _show_named(self, path: Path) -> None:
        self._messages.show_message(f"Saved: {path}. What you do from now on is kept there, as you do it.", "info")

    @pyqtSlot()
    def _act(self) -> None:
        text = self._messages.action_button.text()
        if text == FIND:
            self.find_recording()
        elif text == TRANSPOSE:
            self._loader.transpose()
        elif text == AFRESH:
            self._keeper.start_afresh()

    def _ask_save(self, title: str, ending: str) -> Path | None:
        recording = self._session.recording
        if recording is None:
            return None
        folder = Path(self._preferences.folder or dialogs.folder_beside(recording))
        stem = Path(recording.source).stem if recording.source else recording.name
        path = dialogs.ask_save(self._window, title, str(folder / f"{stem}{ending}{SUFFIX}"), FILTER)
        if path is not None and path.suffix.lower() != SUFFIX:
            self._messages.show_message(f"The name of a project ends in {SUFFIX}, but {path.name} was found.", "error")
            return None
        return None if path is None else path.absolute()
