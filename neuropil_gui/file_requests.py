"""What the File menu asks before it is done: which file to open, and where to write.

Formats and figures are imported when they are asked for, so that the window is there sooner.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.controller import Controller
from neuropil_gui.core.errors import DataError
from neuropil_gui.import_requests import ImportRequests
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.views import dialogs
from neuropil_gui.views.message_bar import MessageBar

if TYPE_CHECKING:
    from neuropil_gui.views.figures import FigureSpec

PLOTS = {
    "raw": "Raw traces",
    "separated": "Separated traces",
    "matched": "Best-matched trace",
    "mixing": "Mixing matrix",
}

PLOT_SIZES = {"raw": (180, 60), "separated": (180, 90), "matched": (180, 60), "mixing": (90, 90)}
"""Width and height in mm of each plot by itself."""


class FileRequests(QObject):
    """Asks with a dialog, then has the controller do it."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        imports: ImportRequests,
        preferences: Preferences,
        messages: MessageBar,
        time_in_view: Callable[[], tuple[float, float]],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._imports, self._preferences, self._messages = imports, preferences, messages
        self._time_in_view = time_in_view
        self._figure: FigureSpec | None = None

    @pyqtSlot()
    def open_file(self, ask: bool | None = None) -> None:
        """Ask for a file to open, and with True also for what it leaves open, whatever is remembered of it."""
        from neuropil_gui.formats import registry

        self._open(dialogs.ask_file(self._window, self._folder(), registry.dialog_filter()), ask)

    @pyqtSlot()
    def open_asking(self) -> None:
        """Ask for a file to open, and for what it leaves open."""
        self.open_file(True)

    @pyqtSlot()
    def open_folder(self) -> None:
        """Ask for a folder to open."""
        self._open(dialogs.ask_folder(self._window, self._folder()))

    @pyqtSlot()
    def export(self) -> None:
        """Ask where to write the selected cell's result."""
        path = self._ask_save("Export result", f"_cell{self._session.index + 1}_separated.npz")
        if path is not None:
            self._preferences.folder = str(path.parent)
            self._controller.export(path)

    @pyqtSlot()
    def export_all(self) -> None:
        """Ask where to write the results of all cells."""
        path = self._ask_save("Export all cells", "_separated.npz")
        if path is not None:
            self._preferences.folder = str(path.parent)
            self._controller.export_all(path)

    def export_plot(self, name: str) -> None:
        """Ask where to write the picture of one plot."""
        from neuropil_gui.views import figures

        path = dialogs.ask_save(self._window, "Export plot", str(Path(self._folder()) / f"{name}.png"), figures.FILTERS)
        if path is not None:
            self._write_figure(figures.FigureSpec((name,), *PLOT_SIZES[name]), path)

    @pyqtSlot()
    def figure(self) -> None:
        """Ask for a figure, and write it."""
        from neuropil_gui.views.figure_dialog import FigureDialog

        cell, result = self._session.cell, self._session.result
        if cell is None:
            return
        answer = FigureDialog.ask(
            self._window, cell, result, self._frame_rate(), self._time_in_view(), self._figure, self._folder()
        )
        if answer is None:
            return
        self._figure, path = answer
        self._write_figure(self._figure, path)

    def _write_figure(self, spec: "FigureSpec", path: Path) -> None:
        from neuropil_gui.views import figures

        cell, result = self._session.cell, self._session.result
        if cell is None:
            return
        try:
            figures.export_figure(spec, cell, result, self._frame_rate(), self._time_in_view(), path)
        except DataError as error:
            self._messages.show_message(str(error), "error")
        else:
            self._preferences.folder = str(path.parent)
            self._messages.show_message(f"Written: {path}", "info")

    @pyqtSlot()
    def copy_figure(self) -> None:
        """Copy the figure that would be written."""
        from neuropil_gui.views import figures

        cell, clipboard = self._session.cell, QApplication.clipboard()
        if cell is None or clipboard is None:
            return
        spec = self._figure or figures.FigureSpec(tuple(PLOTS))
        clipboard.setImage(
            figures.render_image(spec, cell, self._session.result, self._frame_rate(), self._time_in_view())
        )
        self._messages.show_message("Copied: a figure of the traces in view and the matrix.", "info")

    def show_log(self, path: Path) -> None:
        """Open the log file or its folder, and say where it is, because not every desktop can open it."""
        dialogs.open_file(path)
        self._messages.show_message(f"The log is {path}", "info")

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None

    def _open(self, path: Path | None, ask: bool | None = None) -> None:
        if path is not None:
            self._imports.open_path(path, ask=ask)

    def _ask_save(self, title: str, ending: str) -> Path | None:
        from neuropil_gui.formats import registry

        recording = self._session.recording
        if recording is None:
            return None
        stem = Path(recording.source).stem if recording.source else recording.name
        return dialogs.ask_save(
            self._window, title, str(Path(self._folder()) / (stem + ending)), registry.save_filter()
        )

    def _folder(self) -> str:
        recording = self._session.recording
        beside = str(Path(recording.source).parent) if recording is not None and recording.source else ""
        return self._preferences.folder or beside
