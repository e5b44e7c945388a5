"""Simulator, lessons and exercises of the Learn menu: shows the session in their views, and hands on what is done."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui import __version__
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.teach import words
from neuropil_gui.features.teach.exercise_requests import ExerciseRequests
from neuropil_gui.features.teach.lesson_player import LessonPlayer
from neuropil_gui.features.teach.simulator import Simulator
from neuropil_gui.features.teach.simulator_view import SimulatorView
from neuropil_gui.formats.lessons import lessons_in, own_language, read_lesson, title_and_about
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.ui import dialogs, style
from neuropil_gui.ui.message_bar import MessageBar

LESSONS = RESOURCES / "lessons"


class TeachRequests(QObject):
    """Connects the simulator, lessons and their views with the session.

    Signals: `dock_wanted` (name of a dock, whether it is to be shown).

    Attributes
    ----------
    view : SimulatorView
    simulator : Simulator
    player : LessonPlayer
    exercises : ExerciseRequests
    """

    dock_wanted = pyqtSignal(str, bool)

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        undo: Undo,
        traces: TraceView,
        form: SettingsForm,
        copy_script: Callable[[], None],
        messages: MessageBar,
        projects: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller, self._traces = window, session, controller, traces
        self.view, self.simulator = SimulatorView(), Simulator(session, self)
        self.player, self._messages = LessonPlayer(session, self.simulator, traces, self), messages
        self.player.shown_changed.connect(partial(self.dock_wanted.emit, "lesson"))
        for each in (self.view.form, form):
            self.player.locked.connect(each.setDisabled)
        # Beside the projects, which are looked through by what bounds their room.
        drafts = projects.with_name("exercises") if projects is not None else None
        self.exercises = ExerciseRequests(window, session, traces, self.player, messages, drafts)
        self.exercises.dock_wanted.connect(self.dock_wanted)
        self.exercises.player.freed.connect(form.set_free)
        self._hide_truth: QAction | None = None
        self._found: tuple[Cell | None, Separation | None, dict[int, int]] = (None, None, {})
        view, sliders = self.view, self.view.form
        view.start_requested.connect(self.start)
        view.save_requested.connect(self._save)
        view.copy_requested.connect(copy_script)
        view.picture.signal_hovered.connect(session.highlight.hover_signal)
        sliders.simulation_changed.connect(undo.simulate)
        sliders.held.connect(undo.hold)
        sliders.held.connect(traces.hold)
        session.teaching.simulation_changed.connect(self._show_simulation)
        for signal in (
            session.cell_changed, session.result_changed, session.highlight.changed, traces.crosshair.frame_changed,
            view.restyled,
        ):  # fmt: skip
            signal.connect(self._show_field)
        session.teaching.refused.connect(self._say_refused)
        self._show_simulation()

    def close(self) -> None:
        """Keep the answers of an exercise, because the window is closed; the next one begins without a lesson."""
        self.exercises.player.keep()
        self.dock_wanted.emit("lesson", False)

    @pyqtSlot(str)
    def _say_refused(self, sentence: str) -> None:
        self._messages.show_message(sentence, "info")

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what each action does."""
        hide_truth = self._session.teaching.hide_truth
        own: dict[str, Callable[..., object]] = {
            "simulator": self.start,
            "hide_truth": hide_truth,
            "open_lesson": self._ask_lesson,
        }
        return own | self.exercises.handlers()

    def follow(self, hide_truth: QAction) -> None:
        """Keep an action checked while the truth is hidden, whoever hid it."""
        self._hide_truth = hide_truth
        self._session.teaching.truth_changed.connect(self._show_hidden)

    def panels(self) -> dict[str, QWidget]:
        """Return the views that are docked, by the names of their docks."""
        return {"lesson": self.player.view, "simulator": self.view}

    @staticmethod
    def lessons() -> dict[str, tuple[str, str]]:
        """Return (title, what it is about) of each lesson that comes with the program, by its file's name."""
        return {path.stem: title_and_about(path) for path in lessons_in(LESSONS)}

    @pyqtSlot()
    def _show_hidden(self) -> None:
        assert self._hide_truth is not None
        self._hide_truth.setChecked(self._session.teaching.truth_hidden)

    def show_docks(self) -> None:
        """Show the panels of a simulated recording, and of what is under way, after all panels were put back."""
        if self._session.teaching.simulation is not None:
            self.dock_wanted.emit("cells", False)
            self.dock_wanted.emit("simulator", True)
        if self.player.lesson is not None:
            self.dock_wanted.emit("lesson", True)
        self.exercises.show_docks()

    @pyqtSlot(str)
    def open_lesson(self, name: str) -> None:
        """Begin a lesson that comes with the program."""
        self._begin(LESSONS / f"{name}.md")

    @pyqtSlot()
    def _ask_lesson(self) -> None:
        path = dialogs.ask_file(self._window, "", "Lessons (*.md)")
        if path is not None:
            self._begin(path)

    def _begin(self, path: Path) -> None:
        try:
            lesson = read_lesson(path, own_language())
        except DataError as error:
            self._messages.show_message(str(error), "error")
            return
        names = [each.stem for each in lessons_in(LESSONS)]
        after = names[names.index(path.stem) + 1 :] if path.parent == LESSONS else []
        self.player.begin(lesson, title_and_about(LESSONS / f"{after[0]}.md")[0] if after else "")

    @pyqtSlot()
    def start(self) -> None:
        """Open a simulated cell, or show the simulator of the one that is open."""
        self.simulator.start()
        if self._session.teaching.simulation is not None:
            self.dock_wanted.emit("simulator", True)

    @pyqtSlot()
    def _save(self) -> None:
        recording, simulation = self._session.recording, self._session.teaching.simulation
        if recording is None or simulation is None:
            return
        path = dialogs.ask_save(self._window, "Save as recording", f"{recording.name}.npz", "Recording (*.npz)")
        if path is not None:
            provenance: dict[str, object] = {"program": f"neuropil-gui {__version__} simulate"}
            if not self._session.teaching.truth_hidden:  # the parameters with their seed make the truth again
                provenance["parameters"] = simulation.to_dict()
            self._controller.export_recording(Path(path), provenance)

    @pyqtSlot()
    def _show_simulation(self) -> None:
        simulation = self._session.teaching.simulation
        self.view.show_simulated(simulation is not None)
        if simulation is not None:
            self.view.form.show_simulation(simulation)

    @pyqtSlot()
    def _show_field(self) -> None:
        session = self._session
        simulation, cell, result = session.teaching.simulation, session.cell, session.result
        if simulation is None or cell is None:
            return
        if self._found[:2] != (cell, result):
            self._found = (cell, result, words.found_by(result, cell.truth))
        found = self._found[2]
        row = session.highlight.signal or 0
        frame = self._traces.crosshair.frame
        self.view.picture.show_field(words.field_of(simulation, cell, found, frame, result is not None))
        self.view.picture.show_lit(session.highlight.signal)
        if row < len(cell.traces):
            names, parts = words.source_names(simulation), words.shares(cell, row)
            colours = [
                style.component_colour(found[source]) if source in found else QColor(style.current().muted)
                for source in range(len(parts))
            ]
            shown = list(zip(names, parts, colours, strict=False)) if len(names) == len(parts) else []
            known = cell.truth is None or len(names) == len(cell.truth.sources)
            self.view.show_sum(words.sum_of(simulation, cell, row, found) if known else "", shown)
