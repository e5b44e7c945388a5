"""Exercises of the Learn menu: make one, open one, and grade the answers of a class."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import QObject, Qt, pyqtBoundSignal, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError, printable_text
from neuropil_gui.core.exercises import Exercise
from neuropil_gui.core.lessons import Situation
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.grading import Marks
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.teach import jobs
from neuropil_gui.features.teach.exercise_dialog import About, ExerciseDialog
from neuropil_gui.features.teach.exercise_player import ExercisePlayer
from neuropil_gui.features.teach.lesson_player import LessonPlayer
from neuropil_gui.formats.answer_sheets import MOST_NAME
from neuropil_gui.formats.exercises import SUFFIX, read_exercise, write_exercise
from neuropil_gui.formats.paths import counted
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar

FILTER = f"Exercises (*{SUFFIX})"


class ExerciseRequests(QObject):
    """Asks for files and names, and plays exercises in the view of lessons.

    Signals: `dock_wanted` (name of a dock, whether it is to be shown), `panels_hidden` (names of the panels that an
    exercise hides; none once it has ended).

    Attributes
    ----------
    player : ExercisePlayer
    """

    dock_wanted = pyqtSignal(str, bool)
    panels_hidden = pyqtSignal(object)

    def __init__(
        self,
        window: QWidget,
        session: Session,
        traces: TraceView,
        lessons: LessonPlayer,
        messages: MessageBar,
        drafts: Path | None,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._traces = window, session, traces
        self._lessons, self._messages = lessons, messages
        self.player = ExercisePlayer(window, session, traces, lessons.view, drafts)
        self._runner = Runner(self, "The grading")
        self._comparing = Runner(self, "Comparing the recording with the exercise")
        # An exercise on a recording that is not open yet, and its file.
        self._awaited: tuple[Exercise, Path] | None = None
        self._dialog: ExerciseDialog | None = None
        self.player.shown_changed.connect(self._show_dock)
        self.player.panels_hidden.connect(self.panels_hidden)
        self.player.ended.connect(self._on_ended)
        session.cell_changed.connect(self._look_for_awaited)
        self._comparing.finished.connect(self._on_compared)
        self._runner.reported.connect(self._on_reported)
        self._runner.finished.connect(self._on_graded)
        self._runner.failed.connect(self._on_failed)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what each action does."""
        return {"make_exercise": self.make, "grade": self.grade}

    def show_docks(self) -> None:
        """Show the exercise that is under way, after all panels were put back."""
        if self.player.exercise is not None:
            self._show_dock(True)

    def listen(self, exercise_wanted: pyqtBoundSignal) -> None:
        """Open the exercise of each path that a signal names."""
        # Queued: it asks for a name, and a file of the command line is opened before the window is shown.
        queued = Qt.ConnectionType.QueuedConnection
        exercise_wanted.connect(self.open_exercise, queued)  # type: ignore[call-arg]  # as its stubs say

    @pyqtSlot(object)
    def open_exercise(self, path: Path) -> None:
        """Open an exercise, and ask for the student's name."""
        try:
            exercise = read_exercise(path)
        except DataError as error:
            self._messages.show_message(str(error), "error")
            return
        self._awaited = None
        self._comparing.drop()
        if exercise.signals:
            self._awaited = exercise, path
            name, number = printable_text(exercise.recording) or "its recording", exercise.cell + 1
            self._messages.show_message(
                f"{exercise.title} is about cell {number} of {name}: open that recording, and it begins.", "info"
            )
            self._look_for_awaited()
            return
        self._ask_name(exercise, path)

    @pyqtSlot()
    def make(self) -> None:
        """Ask what an exercise about what is on screen says, then where to write it."""
        session, matched = self._session, self._traces.matched
        recording, cell, simulation = session.recording, session.cell, session.teaching.simulation
        if recording is None or cell is None:
            return
        start = Situation(settings=session.settings, k=matched.factor.factor)
        subtracted = matched.is_shown("show_subtraction")
        if simulation is not None:
            about = About(Situation(simulation, start.settings, start.k), subtracted=subtracted)
        else:
            name = Path(recording.source).name if recording.source else recording.name
            about = About(start, "", name, session.index, subtracted)
            self._comparing.submit(jobs.signals_of(cell), (about, cell))
            return
        self._ask_about(about)

    def _ask_about(self, about: About) -> None:
        dialog = self._dialog = ExerciseDialog(about, self._window)
        dialog.accepted.connect(self._write)
        dialog.open()

    @pyqtSlot()
    def grade(self) -> None:
        """Ask for an exercise, a folder of answers and a table to write, and grade them in a thread."""
        exercise = dialogs.ask_file(self._window, "", FILTER, "Grade: the exercise")
        if exercise is None:
            return
        folder = dialogs.ask_folder(self._window, str(exercise.parent), "Grade: the folder of answers")
        if folder is None:
            return
        output = dialogs.ask_save(self._window, "Grade: the marks", str(folder / "marks.csv"), "Table (*.csv)")
        if output is not None:
            self._runner.submit(jobs.grade(exercise, folder, output), output)

    @pyqtSlot()
    def _write(self) -> None:
        exercise = self._dialog.exercise if self._dialog is not None else None
        self._dialog = None
        if exercise is None:
            return
        folder = dialogs.folder_beside(self._session.recording)
        path = dialogs.ask_save(self._window, "Make an exercise", str(Path(folder) / f"exercise{SUFFIX}"), FILTER)
        if path is None:
            return
        try:
            write_exercise(path, exercise)
        except DataError as error:
            self._messages.show_message(str(error), "error")
            return
        self._messages.show_message(f"Written: {path}. Students open it as any file.", "info")

    def _ask_name(self, exercise: Exercise, path: Path) -> None:
        question = "Your name, as your teacher knows it; type it the same way to go on another time:"
        if exercise.own_cell:
            question = (
                "Your name, as your teacher knows it. It decides which cell you get: type it the same way to go on "
                "another time."
            )
        name = dialogs.ask_line(self._window, exercise.title, question)
        if name is None:
            self._messages.show_message(f"{exercise.title} was not begun, because no name was typed.", "info")
        else:
            self._lessons.leave()
            self.player.leave()
            self._messages.hide_message()
            self.player.begin(exercise, printable_text(name)[:MOST_NAME], path.parent)

    @pyqtSlot()
    def _look_for_awaited(self) -> None:
        """Ask whether the cell of the awaited exercise is open now, or select it in its recording."""
        cell, recording = self._session.cell, self._session.recording
        if self._awaited is None or cell is None or recording is None:
            return
        exercise = self._awaited[0]
        here = recording.source and Path(recording.source).name == exercise.recording
        if here and self._session.index != exercise.cell < len(recording.cells):
            self._session.select(exercise.cell)
        elif not cell.absent:
            self._comparing.submit(jobs.signals_of(cell), cell)

    @pyqtSlot(object, object)
    def _on_compared(self, question: Cell | tuple[About, Cell], signals: str) -> None:
        """Begin the awaited exercise, where its signals are open; or ask what one about them says."""
        if isinstance(question, tuple):
            if self._session.cell is question[1]:
                self._ask_about(replace(question[0], signals=signals))
        elif self._awaited is not None and question is self._session.cell and signals == self._awaited[0].signals:
            (exercise, path), self._awaited = self._awaited, None
            self._ask_name(exercise, path)

    @pyqtSlot(bool)
    def _show_dock(self, on: bool) -> None:
        self.dock_wanted.emit("lesson", on)

    @pyqtSlot(str)
    def _on_ended(self, sentence: str) -> None:
        self._messages.show_message(sentence, "warning")

    @pyqtSlot(object, object)
    def _on_reported(self, output: Path, progress: tuple[int, int]) -> None:
        self._messages.show_message(f"Grading {progress[0] + 1} of {progress[1]} …", "info")

    @pyqtSlot(object, object)
    def _on_graded(self, output: Path, marks: Marks) -> None:
        remarked = f", {marks.remarked} with remarks" if marks.remarked else ""
        self._messages.show_message(f"{output}: {counted(len(marks.rows), 'file')} graded{remarked}.", "info")

    @pyqtSlot(object, object)
    def _on_failed(self, output: Path, error: DataError) -> None:
        self._messages.show_message(str(error), "error")
