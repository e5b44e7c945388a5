"""Help menu: the guide, the keys and the about box."""

from collections.abc import Callable

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.ui import dialogs
from neuropil_gui.window.action_table import key_list
from neuropil_gui.window.crash_reporter import data_folder, log_path
from neuropil_gui.window.program_facts import program_facts


class HelpRequests(QObject):
    """Opens the guide, made at its first use and closed with the window, and the dialogs."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._guide: QWidget | None = None

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Return what each action does."""
        return {"guide": self.guide, "keys": self.keys, "about": self.about}

    @pyqtSlot()
    def guide(self) -> None:
        """Show the guide."""
        # Imported when it is asked for, so that the window is there sooner.
        from neuropil_gui.window.guide_window import GuideWindow

        if self._guide is None:
            self._guide = GuideWindow(RESOURCES / "guide")
        self._guide.show()
        self._guide.raise_()

    @pyqtSlot()
    def keys(self) -> None:
        """List all keys."""
        dialogs.show_keys(self._window, key_list())

    @pyqtSlot()
    def about(self) -> None:
        """Show version, licence and citation."""
        dialogs.show_about(self._window, program_facts(data_folder(), log_path()), log_path())

    def close(self) -> None:
        """Close the guide."""
        if self._guide is not None:
            self._guide.close()
