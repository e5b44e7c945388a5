"""The --screenshot option: a picture of the window with one cell's result, without a display."""

from pathlib import Path

from PyQt5.QtCore import QBuffer, QObject, QTimer, pyqtSlot
from PyQt5.QtWidgets import QApplication

from neuropil_gui.cli.shared import print_message
from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.live import is_draft_only, is_slow
from neuropil_gui.formats.writing.atomic import replacing
from neuropil_gui.window.crash_reporter import CrashReporter, log_path
from neuropil_gui.window.main_window import MainWindow
from neuropil_gui.window.pages import HOME

LOOK = 100
"""Milliseconds between two looks at whether a page has made what it shows."""

PATIENCE = 30_000
"""Milliseconds after an unexpected error until the program ends without a picture."""


class Photographer(QObject):
    """Waits for the result of one cell, takes the picture, and ends the program.

    Parameters
    ----------
    window : MainWindow
    reporter : CrashReporter
        Reports the errors that make the exit code 1, such as that of a view that could not be drawn.
    path : str
        The file to write.
    index : int
        The cell's place in the recording, from 0.
    size : tuple of int
        Width and height in pixels.
    page : str
        Name of the page to show; what it makes is waited for.
    """

    def __init__(
        self,
        window: MainWindow,
        reporter: CrashReporter,
        path: str,
        index: int,
        size: tuple[int, int],
        page: str = HOME,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._path = Path(path)
        self._index = index
        self._size, self._page = size, page
        self._done = False
        self._refusal = ""
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(LOOK)
        self._look.timeout.connect(self._turn)
        self._failure = ""
        reporter.crashed.connect(self._on_crashed)
        window.setFixedSize(*size)
        window.session.recording_changed.connect(self._select)
        window.session.result_changed.connect(self._on_result)
        window.session.draft_changed.connect(self._on_draft)
        window.controller.separation_failed.connect(self._on_refused)
        window.loader.failed.connect(self._on_load_failed)

    def exec_(self, application: QApplication) -> int:
        """Run until the picture is taken; return the exit code."""
        self._window.show()
        return int(application.exec_())

    @pyqtSlot()
    def _select(self) -> None:
        recording = self._window.session.recording
        if recording is not None and self._index >= len(recording.cells):
            self._end(
                1, f"{recording.name} has {len(recording.cells)} cells, but cell {self._index + 1} was asked for."
            )
        self._window.session.select(self._index)

    @pyqtSlot()
    def _on_result(self) -> None:
        session = self._window.session
        if session.index != self._index or session.result is None or session.cell is None:
            return
        if session.result.settings == session.settings or is_slow(session.cell, session.settings):
            self._turn()
        else:
            self._window.controller.run()

    @pyqtSlot()
    def _on_draft(self) -> None:
        cell = self._window.session.cell
        if self._window.session.draft is not None and cell is not None and is_draft_only(cell):
            self._turn()

    @pyqtSlot()
    def _turn(self) -> None:
        """Take the picture once the page has made what it shows."""
        pages = self._window.pages
        if pages.current != self._page:
            pages.open(self._page)
            self._look.start()
        elif self._page == HOME or not pages.made[self._page].busy:
            self._take(int(bool(self._refusal)), self._refusal)
        else:
            self._look.start()

    @pyqtSlot(str)
    def _on_refused(self, sentence: str) -> None:
        if self._window.session.index == self._index:
            self._refusal = sentence
            self._turn()

    @pyqtSlot(str)
    def _on_load_failed(self, sentence: str) -> None:
        self._end(1, sentence)

    @pyqtSlot(str)
    def _on_crashed(self, text: str) -> None:
        # The last line is the error, or the name of the view that the presenter could not draw.
        if not self._failure:
            last = text.strip().splitlines()[-1]
            self._failure = f"The picture is not complete: {last} The log file is {log_path()}."
            QTimer.singleShot(PATIENCE, self._give_up)

    @pyqtSlot()
    def _give_up(self) -> None:
        """End without a picture where an error kept the result from coming."""
        self._end(1, self._failure)

    def _take(self, code: int, sentence: str = "") -> None:
        self._look.stop()
        # The changes by the result are laid out and drawn first.
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        picture = self._window.grab()
        if (picture.width(), picture.height()) != self._size:
            picture = picture.scaled(*self._size)
        content = QBuffer()
        picture.save(content, "PNG")
        try:
            with replacing(self._path) as stream:
                stream.write(bytes(content.data()))
        except DataError as error:
            code, sentence = 1, str(error)
        else:
            if self._failure and not code:
                code, sentence = 1, self._failure
        self._end(code, sentence)

    def _end(self, code: int, sentence: str) -> None:
        if self._done:
            return
        self._done = True
        if sentence:
            print_message(sentence)
        self._window.close()
        QApplication.exit(code)
