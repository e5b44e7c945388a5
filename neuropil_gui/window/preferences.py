"""The Preferences dialog and the switch of the dark theme."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.preferences import MAX_THREADS, Preferences
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog


class PreferenceRequests(QObject):
    """Keeps what is chosen for the next start, and has it take effect now where it can."""

    theme_changed = pyqtSignal(str)
    """The name of another theme: light, dark or system."""

    def __init__(self, window: QWidget, controller: Controller, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._controller, self._preferences = window, controller, preferences

    @pyqtSlot()
    def ask(self) -> None:
        """Ask for all of them."""
        kept = self._preferences
        before = Choices(kept.theme, kept.live, kept.threads, kept.restore_layout)
        choices = PreferencesDialog.ask(before, MAX_THREADS, self._window)
        if choices is not None:
            kept.theme, kept.live = choices.theme, choices.live
            kept.threads, kept.restore_layout = choices.threads, choices.restore_layout
            if choices.forget_answers:
                kept.forget_answers()
            self._controller.set_threads(choices.threads)
            self.theme_changed.emit(choices.theme)

    @pyqtSlot(bool)
    def set_dark(self, dark: bool) -> None:
        """Draw all dark, or all light."""
        self._preferences.theme = "dark" if dark else "light"
        self.theme_changed.emit(self._preferences.theme)
