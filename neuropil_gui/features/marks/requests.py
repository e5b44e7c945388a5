"""Marks of the Edit menu: verdicts and a note on the selected cell."""

from collections.abc import Callable
from functools import partial

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget

from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs

VERDICTS = {"accept": "accepted", "reject": "rejected", "look_again": "look again"}
"""Verdict that each action gives."""


class MarkRequests(QObject):
    """Marks the selected cell, and asks for a note on it."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Return what each action does."""
        return {name: partial(self._judge, verdict) for name, verdict in VERDICTS.items()} | {"note": self._ask_note}

    def _judge(self, verdict: str, *_: object) -> None:
        self._session.marks.judge([self._session.index], verdict)

    def _ask_note(self, *_: object) -> None:
        session = self._session
        if session.recording is None:
            return
        name = session.recording.cells.headers[session.index].name
        note = dialogs.ask_text(self._window, "Note", f"Note on {name}:", session.marks[session.index].note)
        if note is not None:
            session.marks.write_note([session.index], note.strip())
