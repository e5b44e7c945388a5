"""Opening a file: ask the questions that it leaves open, unless the answers are known."""

from collections.abc import Mapping
from pathlib import Path

from PyQt5.QtCore import QMimeData, QObject, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine import jobs
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.files.import_dialog import ImportDialog
from neuropil_gui.formats.exercises import is_exercise
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import Inquiry, Preview
from neuropil_gui.state.answers import Answers, key_of_file, key_of_layout
from neuropil_gui.state.preferences import Preferences


def local_paths(data: QMimeData | None) -> list[str]:
    """Return the paths of the local files and folders in drag-and-drop data."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []


class ImportRequests(QObject):
    """Opens files by way of one dialog at most; a thread of its own makes what the dialog shows.

    Signals: `answered` (sentence), when a file is read as the user answered for another one that is laid out alike;
    `exercise_wanted` (path), when the file is an exercise, which is no recording.
    """

    answered = pyqtSignal(str)
    exercise_wanted = pyqtSignal(object)

    def __init__(self, window: QWidget, loader: Loader, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._loader, self._preferences = window, loader, preferences
        self._asks_always = False
        self._dialog: ImportDialog | None = None
        # A file for which remembered answers are being tried, and the sentence that tells of it.
        self._tried: tuple[Path, Inquiry] | None = None
        self._sentence = ""
        # The file that is read by answers, and the one that is open so.
        self._reading: tuple[Path, Inquiry, Answers] | None = None
        self._opened: tuple[Path, Inquiry, Answers] | None = None
        self._runner = Runner(self, "The first look")
        self._runner.finished.connect(self._on_looked)
        self._runner.failed.connect(self._on_refused)
        loader.inquired.connect(self._on_inquired)
        loader.loaded.connect(self._on_loaded)
        loader.failed.connect(self._on_failed)
        loader.ended.connect(self._on_ended)

    def open_path(self, path: Path, options: Options | None = None, ask: bool | None = None) -> None:
        """Open a file; None as `ask` asks what is open and not remembered, unless there are any `options`."""
        self.leave()
        if is_exercise(path):
            self.exercise_wanted.emit(path)
            return
        self._reading = None
        given = options is not None and options != Options()
        if ask or (ask is None and not given):
            self._asks_always = bool(ask)
            self._loader.inquire(path, self._asks_always)
        else:
            self._loader.read(path, options)

    def leave(self) -> None:
        """Close the dialog, and forget what is being tried."""
        self._tried = None
        self._sentence = ""
        self._runner.drop()
        if self._dialog is not None:
            self._dialog.reject()

    @pyqtSlot(object, object)
    def _on_inquired(self, path: Path, inquiry: Inquiry) -> None:
        of_file = self._preferences.answers(key_of_file(path, inquiry))
        of_layout = self._preferences.answers(key_of_layout(inquiry))
        known = of_file or of_layout
        if self._asks_always or known is None:
            self._ask(path, inquiry, known.values if known is not None else {})
            return
        self._tried = path, inquiry
        self._reading = path, inquiry, known
        if of_file is None:
            self._sentence = (
                f"Read as you answered for files like this: {known.words(inquiry)}. File > Open with questions asks "
                "again."
            )
        self._loader.read(path, known.options, known.rate_unknown)

    def _ask(self, path: Path, inquiry: Inquiry, before: Mapping[str, object]) -> None:
        self.leave()
        dialog = self._dialog = ImportDialog(path, inquiry, before, self._window)
        dialog.answers_changed.connect(self._look)
        dialog.accepted.connect(self._on_accepted)
        dialog.finished.connect(self._on_finished)
        dialog.open()
        self._look()

    @pyqtSlot()
    def _look(self) -> None:
        if (dialog := self._dialog) is not None:
            options = Answers(dialog.values()).options
            self._runner.submit(jobs.preview(dialog.path, dialog.inquiry, options), dialog)

    @pyqtSlot(object, object)
    def _on_looked(self, dialog: ImportDialog, answer: tuple[Preview, Cell]) -> None:
        if dialog is self._dialog:
            dialog.show_preview(*answer)

    @pyqtSlot(object, object)
    def _on_refused(self, dialog: ImportDialog, error: DataError) -> None:
        if dialog is self._dialog:
            dialog.show_refusal(str(error))

    @pyqtSlot()
    def _on_accepted(self) -> None:
        if (dialog := self._dialog) is not None:
            answers = Answers(dialog.values())
            if answers.values:
                self._preferences.remember_answers(key_of_file(dialog.path, dialog.inquiry), answers)
            if answers.values and dialog.remember.isChecked():
                self._preferences.remember_answers(key_of_layout(dialog.inquiry), answers.of_layout)
            self._reading = dialog.path, dialog.inquiry, answers
            self._loader.read(dialog.path, answers.options, answers.rate_unknown)

    @pyqtSlot()
    def _on_finished(self) -> None:
        self._dialog = None
        self._runner.drop()

    @pyqtSlot(object)
    def keep_frame_rate(self, rate: float | None) -> None:
        """Take the frame rate that the user sets for the answer to the question about it, which is not asked again."""
        if self._opened is not None and self._opened[1].asks("frame_rate"):
            path, inquiry, answers = self._opened
            answers = Answers({**answers.values, "frame_rate": rate})
            self._opened = path, inquiry, answers
            self._preferences.remember_answers(key_of_file(path, inquiry), answers)

    @pyqtSlot()
    def _on_loaded(self) -> None:
        self._opened = self._reading
        if self._sentence:
            self.answered.emit(self._sentence)

    @pyqtSlot()
    def _on_failed(self) -> None:
        """Ask where the remembered answers do not fit after all."""
        if self._tried is not None:
            path, inquiry = self._tried
            self._ask(path, inquiry, {})

    @pyqtSlot()
    def _on_ended(self) -> None:
        self._tried = None
        self._sentence = ""
