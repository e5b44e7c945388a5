"""Marks of the Edit menu, and settings of cells alone: on the selected cells."""

from collections.abc import Callable
from functools import partial

from PyQt5.QtCore import QObject, QSignalBlocker, pyqtSlot
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs

VERDICTS = {"accept": "accepted", "reject": "rejected", "look_again": "look again"}
"""Verdict that each action gives."""


class MarkRequests(QObject):
    """Marks the selected cells, asks for a note on them, and gives them settings of their own.

    Parameters
    ----------
    window : QWidget
    session : Session
    selected : callable
        Returns the cells whose rows are selected in the table.
    """

    def __init__(self, window: QWidget, session: Session, selected: Callable[[], list[int]]) -> None:
        super().__init__(window)
        self._window, self._session, self._selected = window, session, selected
        self._own_settings: QAction | None = None

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Return what each action does."""
        verdicts = {name: partial(self._judge, verdict) for name, verdict in VERDICTS.items()}
        return verdicts | {"note": self._ask_note, "own_settings": self._keep_own}

    def follow(self, own_settings: QAction) -> None:
        """Show in the action whether the cell that is shown has settings of its own."""
        self._own_settings = own_settings
        self._session.own.changed.connect(self._show_own)
        self._session.selection_changed.connect(self._show_own)

    @pyqtSlot()
    def _show_own(self) -> None:
        assert self._own_settings is not None
        with QSignalBlocker(self._own_settings):
            self._own_settings.setChecked(self._session.index in self._session.own.all.own)

    def _keep_own(self, wanted: bool) -> None:
        self._session.own.keep(self._cells(), wanted)
        self._show_own()  # also where there is no cell

    def _judge(self, verdict: str, *_: object) -> None:
        self._session.marks.judge(self._cells(), verdict)

    def _ask_note(self, *_: object) -> None:
        session, cells = self._session, self._cells()
        if session.recording is None:
            return
        name = session.recording.cells.headers[cells[0]].name if len(cells) == 1 else f"{len(cells)} cells"
        notes = {session.marks[index].note for index in cells}
        note = dialogs.ask_text(self._window, "Note", f"Note on {name}:", notes.pop() if len(notes) == 1 else "")
        if note is not None:
            session.marks.write_note(cells, note.strip())

    def _cells(self) -> list[int]:
        """Return the selected cells; that which is shown where the filter hides its row; none without a recording."""
        if self._session.recording is None:
            return []
        return self._selected() or [self._session.index]
