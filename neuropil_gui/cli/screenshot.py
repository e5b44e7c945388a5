"""A picture of the window, without a display: taken once a cell's result is drawn."""

import sys
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QApplication

from neuropil_gui.engine.live import is_draft_only, is_slow
from neuropil_gui.window.main_window import MainWindow


class Photographer(QObject):
    """Waits for the result of one cell, and takes the picture."""

    def __init__(self, window: MainWindow, path: str, index: int, size: tuple[int, int]) -> None:
        super().__init__(window)
        self._window = window
        self._path = Path(path)
        self._index = index
        self._size = size
        self._done = False
        window.setFixedSize(*size)
        window.session.recording_changed.connect(self._select)
        window.session.result_changed.connect(self._on_result)
        window.session.draft_changed.connect(self._on_draft)
        window.controller.separation_failed.connect(self._on_refused)
        window.controller.load_failed.connect(self._on_load_failed)

    def exec_(self, application: QApplication) -> int:
        """Run until the picture is taken; returns the exit code."""
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
            self._take(0)
        else:
            self._window.controller.run()

    @pyqtSlot()
    def _on_draft(self) -> None:
        cell = self._window.session.cell
        if self._window.session.draft is not None and cell is not None and is_draft_only(cell):
            self._take(0)

    @pyqtSlot(str)
    def _on_refused(self, sentence: str) -> None:
        if self._window.session.index == self._index:
            self._take(1, sentence)

    @pyqtSlot(str)
    def _on_load_failed(self, sentence: str) -> None:
        self._end(1, sentence)

    def _take(self, code: int, sentence: str = "") -> None:
        # What the result changed is laid out and drawn first.
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        picture = self._window.grab()
        if (picture.width(), picture.height()) != self._size:
            picture = picture.scaled(*self._size)
        if not picture.save(str(self._path), "PNG"):
            code, sentence = 1, f"{self._path} could not be written."
        self._end(code, sentence)

    def _end(self, code: int, sentence: str) -> None:
        if self._done:
            return
        self._done = True
        if sentence:
            print(f"neuropil-gui: {sentence}", file=sys.stderr)
        self._window.close()
        QApplication.exit(code)
