"""Messages on what is kept of a recording, and the actions of the bar that shows them."""

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.loader import Loader
from neuropil_gui.ui.message_bar import MessageBar

AFRESH = "Start afresh"


class KeepRequests(QObject):
    """Shows what was brought back, or could not be saved; starts afresh, or transposes, where the message offers it."""

    def __init__(self, window: QWidget, keeper: Keeper | None, loader: Loader, messages: MessageBar) -> None:
        super().__init__(window)
        self._keeper, self._loader, self._messages = keeper, loader, messages
        messages.action_triggered.connect(self._act)
        if keeper is not None:
            keeper.continued.connect(self._show_continued)
            keeper.saved.connect(self._show_saved)

    @pyqtSlot(str)
    def _show_continued(self, sentence: str) -> None:
        self._messages.show_message(sentence, "info", AFRESH)

    @pyqtSlot(str)
    def _show_saved(self, sentence: str) -> None:
        if sentence:
            self._messages.show_message(sentence, "error")

    @pyqtSlot()
    def _act(self) -> None:
        if self._messages.action_button.text() != AFRESH:
            self._loader.transpose()
        elif self._keeper is not None:
            self._keeper.start_afresh()
