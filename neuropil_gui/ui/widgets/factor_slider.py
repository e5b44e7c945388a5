"""Slider for the neuropil factor k in F minus k times Fneu."""

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QSlider

from neuropil_gui.ui.sizes import keep_scaled

STEPS = 100
"""Slider steps per unit of k."""


class FactorSlider(QSlider):
    """Slider from 0 to 2 that takes the arrow keys, which elsewhere move the plots."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("neuropil_factor")
        self.setAccessibleName("Neuropil factor k")
        self.setToolTip(
            "<qt>k in F \N{MINUS SIGN} k·Fneu, from 0 to 2, no unit: how much of the regions' mean is taken from the "
            "ROI. suite2p's default is 0.7. Drag it, or use the arrow keys.</qt>"
        )
        self.setRange(0, 2 * STEPS)
        self.setPageStep(10)
        self.setValue(70)
        keep_scaled(self, QSlider.setFixedWidth, 72)

    @property
    def factor(self) -> float:
        """The neuropil factor k, from 0 to 2."""
        return self.value() / STEPS

    def event(self, event: QEvent | None) -> bool:
        """Accept the keys that move a slider before they become shortcuts."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            moves = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
            if event.key() in moves:
                event.accept()
                return True
        return super().event(event)
