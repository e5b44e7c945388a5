"""Preferences dialog and dark switch: store the choices and apply them."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.preferences import MAX_THREADS, Preferences
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog


class PreferenceRequests(QObject):
    """Stores the choices for the next start, and applies now those that can be.

    Signals: `theme_changed` (light, dark or system), `text_size_changed` (per cent).
    """

    theme_changed = pyqtSignal(str)
    text_size_changed = pyqtSignal(int)

    def __init__(self, window: QWidget, controller: Controller, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._controller, self._preferences = window, controller, preferences
        controller.set_jobs(preferences.threads, preferences.scheduler)

    @pyqtSlot()
    def ask(self) -> None:
        """Show the dialog, and take over the choices."""
        kept = self._preferences
        before = Choices(
            kept.theme,
            kept.live,
            kept.threads,
            kept.restore_layout,
            project_gigabytes=kept.project_gigabytes,
            text_size=kept.text_size,
            scheduler=kept.scheduler,
        )
        choices = PreferencesDialog.ask(before, MAX_THREADS, self._window)
        if choices is not None:
            kept.theme, kept.live = choices.theme, choices.live
            kept.threads, kept.restore_layout = choices.threads, choices.restore_layout
            kept.project_gigabytes, kept.scheduler = choices.project_gigabytes, choices.scheduler
            if choices.forget_answers:
                kept.forget_answers()
            self._controller.set_jobs(choices.threads, choices.scheduler)
            self.theme_changed.emit(choices.theme)
            if choices.text_size != kept.text_size:
                kept.text_size = choices.text_size
                self.text_size_changed.emit(choices.text_size)

    @pyqtSlot(bool)
    def set_dark(self, dark: bool) -> None:
        """Choose the dark or the light theme."""
        self._preferences.theme = "dark" if dark else "light"
        self.theme_changed.emit(self._preferences.theme)
