"""Opening a file: ask the questions that it leaves open, unless the answers are known."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
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
from neuropil_gui.formats.movie_pairs import EITHER, MOVIE, kind_of, pair_of
from neuropil_gui.formats.paths import FILE_OPTIONS, NO_ROIS, Options
from neuropil_gui.formats.questions import Inquiry, Preview
from neuropil_gui.state.answers import Answers, key_of_file, key_of_layout, key_of_movie
from neuropil_gui.state.preferences import Preferences

FIRST_ROI = "No ROIs were given: ROI 1 is a circle at the brightest place. Move it (E), or draw others and delete it."


def local_paths(data: QMimeData | None) -> list[str]:
    """Return the paths of the local files and folders in drag-and-drop data."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []


class ImportRequests(QObject):
    """Opens files by way of one dialog at most; a thread of its own makes what the dialog shows.

    Signals: `answered` (sentence), when a file is read as the user answered for another one that is laid out alike, or
    alone of several that were chosen; `drawing_wanted`, when a movie is open whose ROIs are to be drawn;
    `exercise_wanted` (path), when the file is an exercise, which is no recording.
    """

    answered = pyqtSignal(str)
    drawing_wanted = pyqtSignal()
    exercise_wanted = pyqtSignal(object)

    def __init__(self, window: QWidget, loader: Loader, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._loader, self._preferences = window, loader, preferences
        self._asks_always = False
        self._dialog: ImportDialog | None = None
        # A file for which remembered answers are being tried, and the sentence that tells of it.
        self._tried: tuple[Path, Inquiry] | None = None
        self._sentence = ""
        # That one of several files is opened.
        self._alone = ""
        # What was answered about ROIs before another movie was chosen for them.
        self._typed: dict[str, object] = {}
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
        self._alone = ""
        if is_exercise(path):
            self.exercise_wanted.emit(path)
            return
        self._reading = None
        given = options is not None and options != Options()
        before = self._preferences.answers(key_of_movie(path)) if ask is None and not given else None
        if before is not None:  # a file that could be one of traces, too, was a movie the last time
            self._asks_always = False
            files = Options(rois=before.options.rois, trial_files=before.options.trial_files)
            self._loader.inquire(path, False, files)
        elif ask or (ask is None and not given):
            self._asks_always = bool(ask)
            self._loader.inquire(path, self._asks_always)
        else:
            self._loader.read(path, options)

    def open_paths(self, paths: Sequence[Path], ask: bool | None = None) -> None:
        """Open a movie and its ROIs where that is what these files are, else the first of them."""
        pair = None
        try:
            with suppress(OSError):  # opening the first says why
                pair = pair_of(paths)
        except DataError as error:
            self._loader.failed.emit(str(error))
            return
        path, given = pair if pair is not None else (paths[0], None)
        if pair is None or ask is False:
            self.open_path(path, given, ask)
            if pair is None and len(paths) > 1:
                self._alone = (
                    f"Only {path.name} was opened, of {len(paths)} files: a movie, its further trials and its ROIs are "
                    "opened together, other files one by one."
                )
            return
        self.leave()
        self._alone = ""
        self._reading = None
        self._asks_always = bool(ask)
        self._loader.inquire(path, self._asks_always, given)

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
        is_new = inquiry.extracts and (of_file is None or not of_file.agrees_with(inquiry.given))
        if self._asks_always or known is None or is_new:
            before = {**(known.values if known is not None else {}), **self._typed}
            given = {name: value for name, value in asdict(inquiry.given).items() if value is not None}
            self._ask(path, inquiry, before | given)
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
        self._typed = {}
        dialog = self._dialog = ImportDialog(path, inquiry, before, self._window)
        dialog.answers_changed.connect(self._look)
        dialog.accepted.connect(self._on_accepted)
        dialog.rejected.connect(self._on_rejected)
        dialog.finished.connect(self._on_finished)
        dialog.open()
        self._look()

    @pyqtSlot()
    def _look(self) -> None:
        if (dialog := self._dialog) is not None:
            options = replace(dialog.inquiry.given, **dialog.values())  # type: ignore[arg-type]
            if (given := _other_pair(dialog.inquiry, options)) is not None:
                self._typed = {name: value for name, value in dialog.values().items() if name not in FILE_OPTIONS}
                self._asks_always = True
                self._loader.inquire(dialog.path, True, given)
                return
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
            given = {name: value for name, value in asdict(dialog.inquiry.given).items() if value is not None}
            path, values = dialog.path, {**given, **dialog.values()}
            if isinstance(movie := values.pop("movie", None), str):
                path, values = Path(movie), {**values, "rois": str(path.absolute())}
            answers = Answers(values)
            if answers.values:
                self._preferences.remember_answers(key_of_file(path, dialog.inquiry), answers)
            if answers.values and dialog.remember.isChecked():
                self._preferences.remember_answers(key_of_layout(dialog.inquiry), answers.of_layout)
            # Without what the preview holds, which may be the beginning of a movie.
            self._reading = path, replace(dialog.inquiry, preview=_no_preview, follow=None), answers
            self._sentence = FIRST_ROI if answers.options.rois == NO_ROIS else ""
            self._loader.read(path, answers.options, answers.rate_unknown)

    @pyqtSlot()
    def _on_rejected(self) -> None:
        self._alone = ""

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
        sentence = " ".join(filter(None, (self._alone, self._sentence)))
        self._alone = ""
        if sentence:
            self.answered.emit(sentence)
        if self._sentence == FIRST_ROI:
            self.drawing_wanted.emit()

    @pyqtSlot(str)
    def _on_failed(self, sentence: str = "") -> None:
        """Ask where the remembered answers do not fit after all, and say what is wrong with a movie that was chosen."""
        if self._dialog is not None:
            self._dialog.show_refusal(sentence)
        if self._tried is not None:
            path, inquiry = self._tried
            self._ask(path, inquiry, {})
        elif self._dialog is None:
            self._alone = ""

    @pyqtSlot()
    def _on_ended(self) -> None:
        self._tried = None
        self._sentence = ""


def _no_preview(_options: Options) -> Preview:
    raise DataError("This file is open already.")


def _other_pair(inquiry: Inquiry, options: Options) -> Options | None:
    """Return what is given where another movie, or ROIs that may have weights, leave other questions open.

    None where the questions are the same, or a path is still being typed.
    """
    try:
        if options.movie is not None and options.movie != inquiry.guess.movie:
            return Options(movie=options.movie) if kind_of(Path(options.movie)) in (MOVIE, EITHER) else None
        rois = options.rois if options.rois not in (NO_ROIS, inquiry.guess.rois) else None
        if rois is not None and kind_of(Path(rois)) == EITHER:
            return replace(inquiry.given, rois=rois)
    except OSError:
        pass
    return None
