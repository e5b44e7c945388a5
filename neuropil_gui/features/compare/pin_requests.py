"""Pin and unpin of the Pages menu, with the message where a result cannot be pinned."""

from collections.abc import Callable

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.settings_summary import brief
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar


class PinRequests(QObject):
    """Pins and unpins results; shows a message where that cannot be done."""

    def __init__(self, window: QWidget, session: Session, messages: MessageBar) -> None:
        super().__init__(window)
        self._session, self._messages = session, messages
        self._shown = False
        session.pins.changed.connect(self._hide)

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Return what each action does."""
        return {"pin": self._pin, "unpin_all": self._unpin_all}

    @pyqtSlot()
    def _pin(self) -> None:
        """Pin the current result into the next free slot."""
        pins = self._session.pins
        if (slot := pins.current) is not None:
            self._show(f"This result is pinned already, as {slot}.")
        elif pins.pin() is None:
            held = ", ".join(
                f"{slot}: {pinned.cell}, {brief(pinned.settings, pinned.separation.n)}"
                for slot, pinned in zip("ABC", pins.all, strict=True)
                if pinned is not None
            )
            self._show(f"A, B and C are taken ({held}). Unpin one in Compare (Ctrl+2).")

    def _show(self, sentence: str) -> None:
        self._messages.show_message(sentence, "info")
        self._shown = True

    @pyqtSlot()
    def _hide(self) -> None:
        if self._shown:
            self._shown = False
            self._messages.hide_message()

    @pyqtSlot()
    def _unpin_all(self) -> None:
        self._session.pins.unpin_all()
