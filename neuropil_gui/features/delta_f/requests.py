"""Requests about dF/F: its switch, the dialog of its baseline, and the message where there is none."""

from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.features.delta_f.dialog import BaselineDialog
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar


class BaselineRequests(QObject):
    """Sets in the session whether and how dF/F is made, and keeps it in the preferences.

    Attributes
    ----------
    bar : MessageBar
        Says why there is no dF/F, with a remedy; a sentence that was closed does not return with each cell.
    """

    def __init__(self, window: QWidget, session: Session, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._session, self._preferences = window, session, preferences
        self._action: QAction | None = None
        self.bar = MessageBar()
        self._refusal = ""
        session.set_baseline(preferences.baseline)
        self.switch(preferences.delta_f)
        session.baseline_changed.connect(self._on_changed)
        session.delta_f_changed.connect(self._show_refusal)
        session.recording_changed.connect(self._show_refusal)
        self.bar.action_triggered.connect(self._use_percentile)

    def follow(self, action: QAction) -> None:
        """Keep an action checked while dF/F is made."""
        self._action = action
        action.setChecked(self._session.delta_f.baseline is not None)

    @pyqtSlot(bool)
    def switch(self, on: bool) -> None:
        """Show and export dF/F, or stop doing so."""
        self._session.set_baseline(self._session.delta_f.last_baseline if on else None)

    @pyqtSlot()
    def ask(self) -> None:
        """Ask for the baseline, and show dF/F by it."""
        recording = self._session.recording
        rate = recording.frame_rate if recording is not None else None
        settings = BaselineDialog.ask(self._session.delta_f.last_baseline, rate, self._window)
        if settings is not None:
            self._session.set_baseline(settings)

    @pyqtSlot()
    def _on_changed(self) -> None:
        wanted = self._session.delta_f
        self._preferences.delta_f, self._preferences.baseline = wanted.baseline is not None, wanted.last_baseline
        if self._action is not None:
            self._action.setChecked(wanted.baseline is not None)
        self._show_refusal()

    @pyqtSlot()
    def _show_refusal(self) -> None:
        wanted = self._session.delta_f
        if wanted.pending:
            return
        if wanted.refusal != self._refusal:
            self._refusal = wanted.refusal
            if self._refusal:
                needs_rate = wanted.baseline is not None and wanted.baseline.kind == "fissa"
                remedy = "Use the percentile" if needs_rate else None
                self.bar.show_message(
                    f"No ΔF/F, the plots stay in the file's units. {self._refusal}", "warning", remedy
                )
            else:
                self.bar.hide_message()

    @pyqtSlot()
    def _use_percentile(self) -> None:
        self._session.set_baseline(replace(self._session.delta_f.last_baseline, kind="percentile"))
