"""Figures: ask for a figure's content and place, then write or copy it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import Report, ShouldStop
from neuropil_gui.state.on_screen import remark_on_settings, result_on_screen
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar

if TYPE_CHECKING:
    from neuropil_gui.features.figures.figure_spec import FigureSpec
    from neuropil_gui.figures.figure import ResultFigure

Values = tuple[Cell, Separation | None, float | None, tuple[float, float]]
"""A cell, its result, the frame rate and the time in view."""

PLOTS = {
    "raw": "Raw traces",
    "separated": "Separated traces",
    "matched": "Best-matched trace",
    "mixing": "Mixing matrix",
}

PLOT_SIZES = {"raw": (180, 60), "separated": (180, 90), "matched": (180, 60), "mixing": (90, 90)}
"""Width and height in mm of each plot by itself."""

PLOT_FORMATS = "PNG picture (*.png);;SVG drawing (*.svg)"


def plot_choices() -> dict[str, tuple[str, str]]:
    """Return (text, tool tip) of each plot that can be written as a picture."""
    return {name: (text, f"Write this plot as a picture, PNG or SVG: {text.lower()}") for name, text in PLOTS.items()}


class FigureRequests(QObject):
    """Asks with a dialog; figures are drawn and written in a thread."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        preferences: Preferences,
        messages: MessageBar,
        time_in_view: Callable[[], tuple[float, float]],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._preferences, self._messages = preferences, messages
        self._time_in_view = time_in_view
        self._figure: FigureSpec | None = None
        controller.drawn.connect(self._on_drawn)

    def export_plot(self, name: str) -> None:
        """Ask where to write the picture of one plot."""
        from neuropil_gui.features.figures.figure_spec import FigureSpec

        values = self._values(needs_result=name != "raw")
        if values is None:
            return
        suggestion = str(Path(self._folder()) / f"{name}.png")
        path = dialogs.ask_save(self._window, "Export plot", suggestion, PLOT_FORMATS)
        if path is not None:
            self._write_figure(FigureSpec((name,), *PLOT_SIZES[name]), path, values)

    @pyqtSlot()
    def figure(self) -> None:
        """Ask for a figure, and write it as its preview showed it."""
        from neuropil_gui.features.figures.dialog import FigureDialog

        values = self._values()
        if values is None:
            return
        answer = FigureDialog.ask(self._window, *values, self._figure, self._folder())
        if answer is None:
            return
        self._figure, path = answer
        self._write_figure(self._figure, path, values)

    def _values(self, needs_result: bool = True) -> Values | None:
        """Return what is on screen as `draw_figure` takes it; None, with a message, where that is no result."""
        cell, recording = self._session.cell, self._session.recording
        if cell is None or recording is None:
            return None
        try:
            result = result_on_screen(self._session) if needs_result else None
        except DataError as error:
            self._messages.show_message(str(error), "warning")
            return None
        return cell, result, recording.frame_rate, self._time_in_view()

    def _write_figure(self, spec: "FigureSpec", path: Path, values: Values) -> None:
        from neuropil_gui.features.figures.figure_spec import draw_figure

        self._preferences.folder = str(path.parent)
        self._controller.export_figure(path, partial(draw_figure, spec, *values))

    @pyqtSlot(object, str, object)
    def export_drawing(self, window: QWidget, name: str, draw: "Callable[[], ResultFigure] | None") -> None:
        """Ask where to write the figure of a tool, and write it."""
        if draw is None:
            self._messages.show_message("There is nothing to export yet: wait until something is drawn.", "warning")
            return
        formats = ";;".join(f"{title} (*{suffix})" for suffix, title in dialogs.FIGURE_FORMATS.items())
        path = dialogs.ask_save(window, "Export figure", str(Path(self._folder()) / f"{name}.png"), formats)
        if path is not None:
            self._preferences.folder = str(path.parent)
            self._controller.export_figure(path, draw)

    @pyqtSlot()
    def copy_figure(self) -> None:
        """Copy the figure that would be written."""
        from neuropil_gui.features.figures.figure_spec import FigureSpec, render_image

        values = self._values()
        if values is None:
            return
        render = partial(render_image, self._figure or FigureSpec(), *values)

        def work(report: Report, should_stop: ShouldStop) -> QImage:
            return render(should_stop)

        units = ", in the units of the traces" if self._session.delta_f.baseline is not None else ""
        what = f"a figure of the traces in view and the matrix{units}{remark_on_settings(self._session)}"
        self._controller.draw(work, what)

    @pyqtSlot(str, object)
    def _on_drawn(self, what: str, image: QImage) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setImage(image)
            self._messages.show_message(f"Copied: {what}.", "info")

    def _folder(self) -> str:
        return self._preferences.folder or dialogs.folder_beside(self._session.recording)
