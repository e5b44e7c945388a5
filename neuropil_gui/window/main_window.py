"""Main window: makes the parts, connects their signals, and docks the panels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QSize, QTimer, pyqtSlot
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PyQt5.QtWidgets import QMainWindow, QStackedWidget, QStatusBar, QWidget, qApp

from neuropil_gui.assets import MADE_DEMOS, RESOURCES
from neuropil_gui.core.demos import WHAT_TO_SEE, demo_files
from neuropil_gui.engine.background import Background
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.file_results import FileResults
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.features.compare.pin_requests import PinRequests
from neuropil_gui.features.delta_f.requests import BaselineRequests
from neuropil_gui.features.export.requests import ExportRequests
from neuropil_gui.features.figures.requests import FigureRequests, plot_choices
from neuropil_gui.features.files.copying import CopyRequests
from neuropil_gui.features.files.import_requests import ImportRequests, local_paths
from neuropil_gui.features.files.requests import FileRequests
from neuropil_gui.features.marks.requests import MarkRequests
from neuropil_gui.features.teach.requests import TeachRequests
from neuropil_gui.formats.paths import Options
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.panels.run_bar import RunBar
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.ui.screen import resize_within_screen
from neuropil_gui.ui.widgets.low_area import LowArea
from neuropil_gui.window.actions import Actions, situation
from neuropil_gui.window.crash_reporter import data_folder, log_path
from neuropil_gui.window.dock_panel import dock_panels
from neuropil_gui.window.docks import Docks
from neuropil_gui.window.help_requests import HelpRequests
from neuropil_gui.window.keep_requests import KeepRequests
from neuropil_gui.window.pages import HOME, TOOLS, Pages
from neuropil_gui.window.preference_requests import PreferenceRequests
from neuropil_gui.window.presenter import Presenter
from neuropil_gui.window.projector import Projector
from neuropil_gui.window.recent import Recent
from neuropil_gui.window.reporter import Reporter
from neuropil_gui.window.title import Title
from neuropil_gui.window.view_memory import ViewMemory
from neuropil_gui.window.welcome import Welcome

SIZE = QSize(1600, 1000)
"""Of the window at first, where the screen has room for it."""

TOOLS_MILLISECONDS, CLOSING_MILLISECONDS = 500, 1500
"""Longest times that closing waits for the threads of each tool, and for all others together."""


class MainWindow(QMainWindow):
    """The main window.

    Attributes
    ----------
    session : Session
        The open recording, the selection, the settings and the results; scripts and tests listen to its signals.
    loader : Loader
        Reads recordings into the session.
    controller : Controller
        Reads, separates and writes cells in threads.
    keeper : Keeper
        Saves what is done as it is done, in the folder `projects`; nothing is saved without one.
    background : Background
        Prefetching, thumbnails and corrections, in threads of low priority.
    commands : Actions
        The actions, by name.
    cells, form, traces, mixing, convergence, numbers : QWidget
        The panels: list of cells, settings, traces, mixing matrix, convergence and numbers.
    imports, messages : ImportRequests, MessageBar
        What opens files, and messages about them.
    pages : Pages
        The page of the cell, and those of the tools.
    threads_ended : bool
        Whether all threads had ended in time when the window was closed.
    """

    def __init__(
        self, preferences: Preferences | None = None, parent: QWidget | None = None, projects: Path | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences if preferences is not None else Preferences()
        self.session = Session(self)
        self.session.set_live(self._preferences.live)
        self.loader = Loader(self.session, self, projects.with_name("traces") if projects is not None else None)
        self.keeper = Keeper(self.session, self.loader, projects, self)
        FileResults(self.session, self)
        self.background = Background(self.session, self)
        self.controller = Controller(self.session, self.loader, self)
        self.threads_ended = True
        self.setWindowIcon(icon("app"))
        Title(self, self.session)
        self.setAcceptDrops(True)
        self.traces, self.mixing, self.messages = TraceView(), MixingPlot(), MessageBar()
        self.cells, self.convergence, self.form = CellList(), ConvergencePlot(), SettingsForm()
        self.imports = ImportRequests(self, self.loader, self._preferences)
        shared = self.imports, self._preferences, self.messages
        self._files = FileRequests(self, self.session, self.controller, *shared)
        self._exports = ExportRequests(self, self.session, self.controller, self._preferences, self.cells, self.keeper)
        self._figures = FigureRequests(
            self, self.session, self.controller, self._preferences, self.messages, self.traces.time_in_view
        )
        self._baseline = BaselineRequests(self, self.session, self._preferences)
        self._copies = CopyRequests(self, self.session, self.messages, self.traces.time_in_view, self.loader.answers_of)
        self._choices = PreferenceRequests(self, self.controller, self._preferences)
        self._choices.theme_changed.connect(self.set_theme)
        self._help = HelpRequests(self)
        self._pinning = PinRequests(self, self.session, self.messages)
        self._marking = MarkRequests(self, self.session, self.cells.selected)
        self._keeping = KeepRequests(self, self.session, self.controller, self.keeper, self.loader, *shared[1:])
        self._home = QStackedWidget()
        self._refusal = MessageBar()
        bars = (self.messages, self._refusal), self._baseline.bar
        self.pages = Pages(self.session, self.controller, self._home, self.traces, *bars)
        self.pages.figure_requested.connect(self._figures.export_drawing)
        self.convergence.export_requested.connect(self._export_convergence)
        self._undo = Undo(self.session, self)
        tied = self.controller, self._undo, self.traces, self.form, self._copies.script, self.messages
        self._teaching = TeachRequests(self, self.session, *tied, projects)
        self._make_actions()
        self._make_centre()
        self._make_docks()
        self._presenter = Presenter(
            session=self.session,
            controller=self.controller,
            background=self.background,
            cells=self.cells,
            form=self.form,
            traces=self.traces,
            mixing=self.mixing,
            convergence=self.convergence,
            numbers=self.numbers,
            parent=self,
        )
        self._reporter = Reporter(
            session=self.session,
            loader=self.loader,
            controller=self.controller,
            convergence=self.convergence,
            run_bar=self._run_bar,
            messages=self.messages,
            refusal=self._refusal,
            parent=self,
        )
        self._view_memory = ViewMemory(self, self.session, self.keeper, self.cells, self.traces, self.pages)
        self._connect()
        self._show_recording()
        self._update_actions()
        resize_within_screen(self, SIZE)
        if self._preferences.restore_layout and self._preferences.geometry is not None:
            self.restoreGeometry(self._preferences.geometry)
            resize_within_screen(self, self.size())  # of a larger screen, perhaps
        QTimer.singleShot(0, self._warm_up)  # imports the solvers' libraries once the window is shown

    def _make_actions(self) -> None:
        self.commands = Actions(
            self,
            self.traces,
            self.cells.view,
            {
                "open": self._files.open_file,
                "open_asking": self._files.open_asking,
                "open_folder": self._files.open_folder,
                "figure": self._figures.figure,
                "copy_figure": self._figures.copy_figure,
                "quit": self.close,
                "undo": self._undo.undo,
                "redo": self._undo.redo,
                "transpose": self.loader.transpose,
                "reset": self.form.reset_to_defaults,
                "preferences": self._choices.ask,
                **self.traces.handlers(),
                "previous_cell": _call(self.session.step, -1),
                "next_cell": _call(self.session.step, 1),
                "delta_f": self._baseline.switch,
                "baseline_settings": self._baseline.ask,
                "reset_layout": self._reset_layout,
                "dark": self._choices.set_dark,
                "projector": lambda on: self._projector.switch(on),  # there is none yet
                "run": self.controller.run,
                "separate_all": self.controller.separate_all,
                "cancel": self.controller.cancel,
                "live": self.session.set_live,
                "log_folder": _call(self._files.show_log, log_path().parent),
                "log": _call(self._files.show_log, log_path()),
                **self._help.handlers(),
                **self._copies.handlers(),
                **self._exports.handlers(),
                **self._pinning.handlers(),
                **self._marking.handlers(),
                **self._keeping.handlers(),
                **self._teaching.handlers(),
                "swap": self._undo.swap_pins,
                "detach": self.pages.detach,
                **{name: _call(self.pages.open, name) for name in (HOME, *TOOLS)},
            },
        )
        self.commands.add_choices("recent", "Open &recent", {}, "save_project", self.open_path)
        self.commands.add_choices("demo", "&Demo", WHAT_TO_SEE, "save_project", self.open_demo)
        self.commands.add_button("demo", "Demo", "Open a recording that was simulated, with its truth", "run")
        self.commands.add_choices("export_plot", "Export &plot", plot_choices(), "quit", self._figures.export_plot)
        lessons, begin = self._teaching.lessons(), self._teaching.open_lesson
        self.commands.add_choices("lessons", "&Lessons", lessons, "open_lesson", begin)
        self.commands["live"].setChecked(self.session.live)
        self._baseline.follow(self.commands["delta_f"])
        self._exports.follow(self.commands["receipt"])
        self._marking.follow(self.commands["own_settings"])
        self._teaching.follow(self.commands["hide_truth"])
        self.pages.set_actions(self.commands, (HOME, *TOOLS, "run", "undo", "redo", "pin"))

    def _make_centre(self) -> None:
        self._welcome = Welcome()
        self._welcome.show_demos([(name, *words) for name, words in WHAT_TO_SEE.items()])
        self._welcome.show_lessons(self._teaching.lessons())
        kept = self.session, self.loader, self.keeper, self._preferences
        self._recent = Recent(self, *kept, self.commands, self._welcome, self.open_path)
        self._home.addWidget(self._welcome)
        self._home.addWidget(LowArea((self.traces, 1)))
        self.setCentralWidget(self.pages)
        self._run_bar = RunBar()
        status = QStatusBar()
        status.addPermanentWidget(self._run_bar, 1)
        self.setStatusBar(status)

    def _make_docks(self) -> None:
        self.numbers = NumbersTable()
        views = {
            **self._teaching.panels(),
            "cells": self.cells,
            "field": self.pages.field_panel,
            "separation": self.form,
            "mixing": self.mixing,
            "convergence": self.convergence,
            "numbers": self.numbers,
        }
        self._docks = Docks(self, dock_panels(views, HOME), HOME)
        self._teaching.dock_wanted.connect(self._docks.set_shown)
        self._teaching.exercises.panels_hidden.connect(self._docks.withhold)
        self._teaching.player.panels_wanted.connect(self._docks.want)
        self._teaching.player.panels_hidden.connect(self._docks.withhold)
        self._projector = Projector(self, self._docks, (self.commands.tool_bar, self.traces.readout), self.set_theme)
        self._choices.text_size_changed.connect(self._projector.set_text_size)
        self.commands.add_panels(self._docks.toggles(), before="dark")
        self.commands.restyle()

    def _connect(self) -> None:
        session, controller = self.session, self.controller
        session.recording_changed.connect(self._show_recording)
        self.pages.changed.connect(self._show_page)
        session.live_changed.connect(self._show_live)
        changes = (session.cell_changed, session.result_changed, session.draft_changed, controller.work_changed)
        for signal in (*changes, session.pins.changed, self._undo.indexChanged, session.teaching.exercise_changed):
            signal.connect(self._update_actions)
        self.imports.answered.connect(self._reporter.show_answers)
        self.imports.drawing_wanted.connect(_call(self.pages.open, "field"))
        self._teaching.exercises.listen(self.imports.exercise_wanted)
        self.cells.cell_selected.connect(session.select)
        self.cells.frame_rate_changed.connect(session.set_frame_rate)
        self.cells.frame_rate_changed.connect(self.imports.keep_frame_rate)
        self.form.settings_changed.connect(self._undo.edit)
        self.form.held.connect(self._undo.hold)
        self.form.run_requested.connect(controller.run)
        self._run_bar.cancel_requested.connect(controller.cancel)
        self._run_bar.remarks_requested.connect(self._show_remarks)
        self._welcome.open_requested.connect(self._files.open_file)
        self._welcome.demo_requested.connect(self.open_demo)
        self._welcome.lesson_requested.connect(self._teaching.open_lesson)

    def open_path(
        self,
        path: str | Path,
        rows_are_frames: bool | None = None,
        frame_rate: float | None = None,
        ask: bool | None = None,
        **answers: Any,
    ) -> None:
        """Open a recording; return at once, and emit `session.recording_changed` when it is read.

        Questions that the file leaves open are asked first, unless an answer is given here (as in `Options`) or
        remembered; always with `ask` True, never with False.
        """
        self.imports.open_path(Path(path), Options(rows_are_frames, frame_rate, **answers), ask)

    @pyqtSlot(str)
    def open_demo(self, name: str) -> None:
        """Open the demo of that name."""
        path, rois = demo_files(name, RESOURCES / "demos", data_folder() / MADE_DEMOS)
        self.open_path(path, ask=False, rois=rois)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Accept files and folders."""
        if event is not None and local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open the first file or folder that was dropped, or a movie with its ROIs."""
        paths = local_paths(event.mimeData()) if event is not None else []
        if event is not None and paths:
            event.acceptProposedAction()
            self.imports.open_paths([Path(path) for path in paths])

    @pyqtSlot()
    def _show_recording(self) -> None:
        recording = self.session.recording
        self.pages.show_bar(recording is not None)
        if recording is not None:
            self._docks.show(self._preferences.docks if self._preferences.restore_layout else None)
            self._docks.lead_with("cells" if self.session.teaching.simulation is None else "simulator")
        # After the docks, each of which would change the size of all plots once more.
        self._home.setCurrentIndex(1 if recording else 0)
        if recording is None and self._docks.shown:
            self.pages.open(HOME)
            self._preferences.docks = self._docks.hide() or self._preferences.docks

    @pyqtSlot()
    def _warm_up(self) -> None:
        # A slot of the window: a timer that is left when it closes would keep anything else that it calls.
        self.controller.warm_up(self._preferences.folder)
        self._recent.look()

    @pyqtSlot(str)
    def _show_page(self, name: str) -> None:
        self._docks.turn_to(name)
        self._update_actions()

    def _reset_layout(self, *_: object) -> None:
        self._docks.reset()
        self._teaching.show_docks()

    @pyqtSlot()
    def _show_remarks(self) -> None:
        """Show the remarks on the result, wherever the user is."""
        self.pages.open(HOME)
        self._docks.show_panel("numbers")
        self.numbers.reach_notes()

    @pyqtSlot()
    def _show_live(self) -> None:
        self.commands["live"].setChecked(self.session.live)

    def _update_actions(self) -> None:
        self.commands.update(situation(self.session, self.controller, self._undo, self.pages.can_detach))

    @pyqtSlot(str)
    def set_theme(self, name: str) -> None:
        """Draw everything in the theme of that name: light, dark, or system for the desktop's."""
        style.apply_theme(qApp, name)
        for view in self.findChildren(QWidget):
            if hasattr(view, "restyle"):
                view.restyle()
        self.commands.restyle()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fold the panels at the right where they would not fit."""
        super().resizeEvent(event)
        self._docks.fold()

    @pyqtSlot()
    def _export_convergence(self) -> None:
        self._figures.export_drawing(self, "convergence", self.convergence.figure())

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Wait for a file that is written, then end the threads: destroying a running QThread aborts the program."""
        if event is not None and not (self._files.may_close() and self._keeping.may_close()):
            event.ignore()
            return
        self._projector.switch(False)
        self._teaching.close()
        if self._docks.shown and (arrangement := self._docks.save()) is not None:
            self._preferences.docks = arrangement
        self._preferences.geometry = self.saveGeometry()
        self._help.close()
        self.imports.leave()
        self.keeper.close()
        tools_ended = self.pages.close_all(TOOLS_MILLISECONDS)
        self.threads_ended = close_runners(self, CLOSING_MILLISECONDS) and tools_ended
        self.controller.close()
        if event is not None:
            event.accept()


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """Return a slot for an action that calls `function` with these arguments, and ignores the signal's."""
    return lambda *_: function(*arguments)
