"""TimeLink: two time axes that move together while a box is checked."""

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtWidgets import QCheckBox

from neuropil_gui.ui.plots.time_plot import TimeViewBox


class TimeLink(QObject):
    """Moves two time axes together while a check box is checked and visible."""

    def __init__(self, main: TimeViewBox, own: TimeViewBox, switch: QCheckBox) -> None:
        super().__init__(switch)
        self._main, self._own, self._switch = main, own, switch
        self._moving = False
        main.sigXRangeChanged.connect(self._on_main_moved)
        own.sigXRangeChanged.connect(self._on_moved)
        switch.toggled.connect(self._on_main_moved)

    @property
    def view(self) -> tuple[float, float]:
        """First and last time in view in the main window."""
        first, last = self._main.viewRange()[0]
        return float(first), float(last)

    @pyqtSlot()
    def _on_main_moved(self) -> None:
        self._move(self._main, self._own)

    @pyqtSlot()
    def _on_moved(self) -> None:
        self._move(self._own, self._main)

    def _move(self, leading: TimeViewBox, following: TimeViewBox) -> None:
        if self._switch.isChecked() and self._switch.isVisible() and not self._moving:
            self._moving = True
            following.setXRange(*leading.viewRange()[0], padding=0)
            self._moving = False
