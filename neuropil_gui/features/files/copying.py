"""Copy commands of the Edit menu: values, settings, and a script that makes the same numbers."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.script import check_as_read, script, settings_json
from neuropil_gui.state.on_screen import remark_on_settings, result_on_screen
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar

HIDDEN = (
    "While the truth is hidden, no script of a simulated cell is copied: it would make the truth again. Show the truth "
    "first (Learn > Hide the truth)."
)

MAX_ROWS = 100_000
"""Rows that a spreadsheet still takes from the clipboard."""


class CopyRequests(QObject):
    """Clipboard of the Edit menu: copies text, and shows a message on what it was."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        messages: MessageBar,
        time_in_view: Callable[[], tuple[float, float]],
        answers_of: Callable[[Recording], dict[str, object]],
    ) -> None:
        super().__init__(window)
        self._session, self._messages, self._time_in_view = session, messages, time_in_view
        self._answers_of = answers_of

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Return what each action does."""
        return {"copy_values": self.values, "copy_settings": self.settings, "copy_script": self.script}

    @pyqtSlot()
    def values(self) -> None:
        """Copy the traces in view as a table: the data, never what the display made of it."""
        cell, recording = self._session.cell, self._session.recording
        if cell is None or recording is None:
            return
        try:
            if cell.absent:
                raise DataError(cell.absent)
            result = result_on_screen(self._session)
        except DataError as error:
            self._messages.show_message(str(error), "warning")
            return
        rate = recording.frame_rate or 1.0
        start, end = self._time_in_view()
        first = max(0, math.ceil(start * rate))
        last = min(cell.traces.shape[1], math.floor(end * rate) + 1)
        cut = last - first > MAX_ROWS
        last = min(last, first + MAX_ROWS)
        frames = np.arange(first, last)
        columns = {"frame": frames.astype(float)}
        if recording.frame_rate is not None:
            columns["time_s"] = frames / recording.frame_rate
        columns |= {name: cell.traces[row, first:last] for row, name in enumerate(cell.signal_names)}
        if result is not None:
            columns |= {f"matched_{rank}": trace[first:last] for rank, trace in enumerate(result.matched, 1)}
        if (relative := self._session.delta_f.made) is not None:
            parts = {"raw": relative.raw, "matched": relative.matched, "subtraction": relative.subtraction}
            columns |= {f"deltaf_{name}": each.values[first:last] for name, each in parts.items() if each is not None}
        rows = ["\t".join(columns), *("\t".join(map(_exact, row)) for row in zip(*columns.values(), strict=True))]
        note = f"; only the first {MAX_ROWS:,} of those in view" if cut else ""
        self._copy(
            "\n".join(rows) + "\n",
            f"{len(frames):,} frames of {len(columns)} columns{note}{remark_on_settings(self._session)}",
        )

    @pyqtSlot()
    def settings(self) -> None:
        """Copy the settings as JSON."""
        self._copy(settings_json(self._session.settings), "the settings, as JSON")

    @pyqtSlot()
    def script(self) -> None:
        """Copy a Python script that makes the numbers on screen, by the settings that made them."""
        recording = self._session.recording
        if recording is None:
            return
        try:
            result = result_on_screen(self._session)
            settings = self._session.settings if result is None else replace(result.settings, seed=result.seed)
            teaching = self._session.teaching
            simulation = teaching.simulation
            if simulation is not None and teaching.truth_hidden:
                raise DataError(HIDDEN)
            check_as_read(recording)
            text = script(recording.source, self._session.index, settings, self._answers_of(recording), simulation)
        except DataError as error:
            self._messages.show_message(str(error), "warning")
            return
        what = "that makes these numbers" if result is not None else "of these settings; there is no result yet"
        self._copy(text, f"a Python script {what}{remark_on_settings(self._session)}")

    def _copy(self, text: str, what: str) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)
            self._messages.show_message(f"Copied: {what}.", "info")


def _exact(value: float) -> str:
    """Write a number so that it reads back as the same."""
    return repr(float(value)).removesuffix(".0")
