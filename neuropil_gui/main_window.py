"""The window: makes the parts, connects their signals, docks them."""

from pathlib import Path

from PyQt5.QtCore import QMimeData, Qt, QTimer, pyqtSlot
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QStatusBar,
    QVBoxLayout,
    QWidget,
    qApp,
)

from neuropil_gui.actions import Actions, Situation, key_list
from neuropil_gui.assets import RESOURCES
from neuropil_gui.controller import Controller
from neuropil_gui.core.demos import DEMOS
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats import registry
from neuropil_gui.presenter import Presenter
from neuropil_gui.state.session import Session
from neuropil_gui.views import dialogs, figures, style
from neuropil_gui.views.cell_list import CellList
from neuropil_gui.views.crash_reporter import log_path
from neuropil_gui.views.icons import icon
from neuropil_gui.views.message_bar import MessageBar
from neuropil_gui.views.mixing_plot import MixingPlot
from neuropil_gui.views.numbers_table import NumbersTable
from neuropil_gui.views.run_bar import RunBar
from neuropil_gui.views.settings_form import SettingsForm
from neuropil_gui.views.trace_view import TraceView
from neuropil_gui.views.welcome import Welcome

PLOTS = {
    "raw": "Raw traces",
    "separated": "Separated traces",
    "matched": "Best-matched trace",
    "mixing": "Mixing matrix",
}

LEFT_WIDTH, RIGHT_WIDTH = 290, 320
"""Pixels across the docks at first."""


class MainWindow(QMainWindow):
    """The whole window.

    Attributes
    ----------
    session : Session
        What is open, selected, set and known; scripts and tests listen to its signals.
    controller : Controller
        What happens when, in threads.
    threads_ended : bool
        Whether closing found all threads ended in time.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = Session(self)
        self.controller = Controller(self.session, self)
        self.threads_ended = True
        self.setWindowIcon(icon("app"))
        self.setAcceptDrops(True)
        self._make_actions()
        self._make_centre()
        self._make_docks()
        self._presenter = Presenter(
            session=self.session,
            controller=self.controller,
            cells=self._cells,
            form=self._form,
            traces=self._traces,
            mixing=self._mixing,
            numbers=self._numbers,
            run_bar=self._run_bar,
            messages=self._messages,
            refusal=self._refusal,
            parent=self,
        )
        self._connect()
        self._show_recording()
        self._update_actions()
        self.resize(1600, 1000)
        # scikit-learn takes a second to import: behind the window, not before it.
        QTimer.singleShot(0, self.controller.warm_up)

    # The parts

    def _make_actions(self) -> None:
        self._actions = Actions(
            self,
            {
                "open": self._ask_file,
                "open_folder": self._ask_folder,
                "export": self._ask_export,
                "quit": self.close,
                "transpose": self.controller.turn,
                "reset": self._reset_settings,
                "show_all": self._show_all,
                "dark": self._set_dark,
                "run": self.controller.run,
                "cancel": self.controller.cancel,
                "live": self.session.set_live,
                "keys": self._show_keys,
                "log": self._open_log,
                "about": self._show_about,
            },
        )
        demos = {name: (demo.title, demo.what_to_see) for name, demo in DEMOS.items()}
        self._actions.add_choices("demo", "&Demo", demos, "export", self.open_demo)
        self._actions.add_button("demo", "Demo", "Open a recording that was simulated, with its truth", "run")
        plots = {
            name: (text, f"Write this plot as a picture, PNG or SVG: {text.lower()}") for name, text in PLOTS.items()
        }
        self._actions.add_choices("export_plot", "Export &plot", plots, "quit", self._ask_export_plot)
        self._actions["live"].setChecked(self.session.live)
        self._actions["dark"].setChecked(style.current().name == "dark")

    def _make_centre(self) -> None:
        self._messages = MessageBar()
        self._refusal = MessageBar()
        self._welcome = Welcome()
        self._welcome.show_demos([(name, demo.title, demo.what_to_see) for name, demo in DEMOS.items()])
        self._traces = TraceView()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._welcome)
        self._pages.addWidget(self._traces)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._messages)
        layout.addWidget(self._refusal)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        self._run_bar = RunBar()
        status = QStatusBar()
        status.addPermanentWidget(self._run_bar, 1)
        self.setStatusBar(status)

    def _make_docks(self) -> None:
        self._cells = CellList()
        self._form = SettingsForm()
        self._mixing = MixingPlot()
        self._numbers = NumbersTable()
        self._docks: list[QDockWidget] = []
        for name, view, area in (
            ("cells", self._cells, Qt.DockWidgetArea.LeftDockWidgetArea),
            ("separation", self._form, Qt.DockWidgetArea.LeftDockWidgetArea),
            ("mixing", self._mixing, Qt.DockWidgetArea.RightDockWidgetArea),
            ("numbers", self._numbers, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            dock = QDockWidget(name.capitalize(), self)
            dock.setObjectName(f"{name}_dock")
            dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
            dock.setTitleBarWidget(view.header)
            dock.setWidget(view)
            self.addDockWidget(area, dock)
            self._docks.append(dock)

    def _connect(self) -> None:
        session, controller = self.session, self.controller
        session.recording_changed.connect(self._show_recording)
        session.live_changed.connect(self._show_live)
        session.cell_changed.connect(self._update_actions)
        session.result_changed.connect(self._update_actions)
        controller.work_changed.connect(self._update_actions)
        self._cells.cell_selected.connect(session.select)
        self._cells.frame_rate_changed.connect(session.set_frame_rate)
        self._form.settings_changed.connect(session.set_settings)
        self._form.run_requested.connect(controller.run)
        self._run_bar.cancel_requested.connect(controller.cancel)
        self._messages.action_triggered.connect(controller.turn)
        self._welcome.open_requested.connect(self._ask_file)
        self._welcome.demo_requested.connect(self.open_demo)

    # Opening

    def open_path(
        self, path: "str | Path", rows_are_frames: bool | None = None, frame_rate: float | None = None
    ) -> None:
        """Open a recording; returns at once, and `session.recording_changed` tells when it is there."""
        self.controller.open_path(Path(path), rows_are_frames, frame_rate)

    @pyqtSlot(str)
    def open_demo(self, name: str) -> None:
        """Open the demo of that name."""
        self.open_path(RESOURCES / "demos" / f"{name}.npz")

    @pyqtSlot()
    def _ask_file(self) -> None:
        path = dialogs.ask_file(self, self._folder(), registry.dialog_filter())
        if path is not None:
            self.open_path(path)

    @pyqtSlot()
    def _ask_folder(self) -> None:
        path = dialogs.ask_folder(self, self._folder())
        if path is not None:
            self.open_path(path)

    def _folder(self) -> str:
        recording = self.session.recording
        return str(Path(recording.source).parent) if recording is not None and recording.source else ""

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files and folders."""
        if event is not None and _local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open the first file or folder that was dropped."""
        paths = _local_paths(event.mimeData()) if event is not None else []
        if event is not None and paths:
            event.acceptProposedAction()
            self.open_path(paths[0])

    # Showing

    @pyqtSlot()
    def _show_recording(self) -> None:
        recording = self.session.recording
        self.setWindowTitle(f"{recording.name} \N{EM DASH} neuropil_gui" if recording else "neuropil_gui")
        self._pages.setCurrentWidget(self._traces if recording else self._welcome)
        self._show_docks(recording is not None)

    def _show_docks(self, visible: bool) -> None:
        if visible != self._docks[0].isHidden():
            return
        for dock in self._docks:
            dock.setVisible(visible)
        # A dock that was hidden comes back as large as it likes.
        cells, separation, mixing, numbers = self._docks
        self.resizeDocks([cells, mixing], [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
        self.resizeDocks([cells, separation, mixing, numbers], [50, 50, 50, 50], Qt.Orientation.Vertical)

    @pyqtSlot()
    def _show_live(self) -> None:
        self._actions["live"].setChecked(self.session.live)

    def _update_actions(self) -> None:
        session = self.session
        recording = session.recording
        self._actions.update(
            Situation(
                recording=recording is not None,
                cell=session.cell is not None,
                result=session.result is not None,
                working=self.controller.working,
                can_turn=recording is not None and recording.rows_are_frames is not None,
            )
        )

    @pyqtSlot()
    def _reset_settings(self) -> None:
        self.session.set_settings(SeparationSettings())

    # Writing

    @pyqtSlot()
    def _ask_export(self) -> None:
        recording, index = self.session.recording, self.session.index
        if recording is None:
            return
        stem = Path(recording.source).stem if recording.source else recording.name
        suggestion = str(Path(self._folder()) / f"{stem}_cell{index + 1}_separated.npz")
        path = dialogs.ask_save(self, "Export result", suggestion, registry.save_filter())
        if path is not None:
            self.controller.export(path)

    def _ask_export_plot(self, name: str) -> None:
        path = dialogs.ask_save(self, "Export plot", f"{name}.png", figures.FILTERS)
        if path is None:
            return
        try:
            figures.export_plot({**self._traces.plots(), **self._mixing.plots()}[name], path)
        except DataError as error:
            self._messages.show_message(str(error), "error")
        else:
            self._messages.show_message(f"Written: {path}", "info")

    # The rest

    @pyqtSlot()
    def _show_all(self) -> None:
        self._traces.show_all()
        self._traces.fit()

    @pyqtSlot(bool)
    def _set_dark(self, dark: bool) -> None:
        self.set_theme("dark" if dark else "light")

    def set_theme(self, name: str) -> None:
        """Draw everything in the theme of that name, light or dark."""
        style.apply_theme(qApp, name)
        for view in self.findChildren(QWidget):
            if hasattr(view, "restyle"):
                view.restyle()
        self._actions.restyle()
        self._actions["dark"].setChecked(name == "dark")

    @pyqtSlot()
    def _show_keys(self) -> None:
        dialogs.show_keys(self, key_list())

    @pyqtSlot()
    def _open_log(self) -> None:
        dialogs.open_file(log_path())

    @pyqtSlot()
    def _show_about(self) -> None:
        dialogs.show_about(self)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """End the threads first: a thread that is destroyed while it runs takes the program with it."""
        self.threads_ended = self.controller.close()
        if event is not None:
            event.accept()


def _local_paths(data: QMimeData | None) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []
