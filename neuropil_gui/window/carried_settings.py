"""Message where a recording that is new here has the settings of the one before, and the way back to the defaults."""

from PyQt5.QtCore import QObject, QTimer, pyqtSlot

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import difference
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar

DEFAULTS = "Use defaults"


class CarriedSettings(QObject):
    """Says which settings a recording has taken from the one before: they stay, so that recordings can be compared."""

    def __init__(self, session: Session, keeper: Keeper, messages: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._keeper, self._messages = session, keeper, messages
        self._before: tuple[str | None, SeparationSettings] | None = None
        session.recording_left.connect(self._note)
        session.recording_changed.connect(self._follow)
        messages.action_triggered.connect(self._act)

    @pyqtSlot()
    def _note(self) -> None:
        recording, teaching = self._session.recording, self._session.teaching
        # What lessons and the simulator set is brought back by them.
        if recording is not None and teaching.simulation is None and not teaching.in_exercise:
            self._before = recording.source, self._session.own.all.common

    @pyqtSlot()
    def _follow(self) -> None:
        if self._session.recording is not None:
            # Behind the messages on the recording, which come once all views show it.
            QTimer.singleShot(0, self._say)

    @pyqtSlot()
    def _say(self) -> None:
        session = self._session
        recording, before = session.recording, self._before
        if recording is None or before is None or session.teaching.simulation is not None:
            return
        source, settings = before
        its_own = self._keeper.brought_back or recording.settings is not None or recording.source == source
        if its_own or session.teaching.in_exercise or session.own.all.common != settings:
            return
        if changed := difference(settings, SeparationSettings()):
            sentence = f"New here: it has the settings of the recording before, which are not the defaults ({changed})."
            self._messages.add_message(sentence, "info", DEFAULTS)

    @pyqtSlot()
    def _act(self) -> None:
        if self._messages.action_button.text() == DEFAULTS:
            self._messages.hide_message()
            self._session.own.restore(CellSettings(SeparationSettings(), self._session.own.all.own))
