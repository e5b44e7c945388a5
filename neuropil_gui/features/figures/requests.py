"""Figures: asks for a figure's content and place, then writes or copies it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar

if TYPE_CHECKING:
    from neuropil_gui.features.figures.export import FigureSpec

PLOTS = {
    "raw": "Raw traces",
    "separated": "Separated traces",
    "matched": "Best-matched trace",
    "mixing": "Mixing matrix",
}

PLOT_SIZES = {"raw": (180, 60), "separated": (180, 90), "matched": (180, 60), "mixing": (90, 90)}
"""Width and height in mm of each plot by itself."""


class FigureRequests(QObject):
    """Asks with a dialog, then writes or copies the figure."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        preferences: Preferences,
        messages: MessageBar,
        time_in_view: Callable[[], tuple[float, float]],
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._preferences, self._messages = preferences, messages
        self._time_in_view = time_in_view
        self._figure: FigureSpec | None = None

    def export_plot(self, name: str) -> None:
        """Ask where to write the picture of one plot."""
        from neuropil_gui.features.figures import export

        path = dialogs.ask_save(self._window, "Export plot", str(Path(self._folder()) / f"{name}.png"), export.FILTERS)
        if path is not None:
            self._write_figure(export.FigureSpec((name,), *PLOT_SIZES[name]), path)

    @pyqtSlot()
    def figure(self) -> None:
        """Ask for a figure, and write it."""
        from neuropil_gui.features.figures.dialog import FigureDialog

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
        from neuropil_gui.features.figures import export

        cell, result = self._session.cell, self._session.result
        if cell is None:
            return
        try:
            export.export_figure(spec, cell, result, self._frame_rate(), self._time_in_view(), path)
        except DataError as error:
            self._messages.show_message(str(error), "error")
        else:
            self._preferences.folder = str(path.parent)
            self._messages.show_message(f"Written: {path}", "info")

    @pyqtSlot()
    def copy_figure(self) -> None:
        """Copy the figure that would be written."""
        from neuropil_gui.features.figures import export

        cell, clipboard = self._session.cell, QApplication.clipboard()
        if cell is None or clipboard is None:
            return
        spec = self._figure or export.FigureSpec(tuple(PLOTS))
        clipboard.setImage(
            export.render_image(spec, cell, self._session.result, self._frame_rate(), self._time_in_view())
        )
        self._messages.show_message("Copied: a figure of the traces in view and the matrix.", "info")

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None

    def _folder(self) -> str:
        recording = self._session.recording
        beside = str(Path(recording.source).parent) if recording is not None and recording.source else ""
        return self._preferences.folder or beside
