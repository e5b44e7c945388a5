"""Row of boxes for the parameters of a rival."""

from html import escape

from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox


class ParameterRow(QWidget):
    """A box for each parameter, at its default at first.

    Signals: `changed` (key of the rival).
    """

    changed = pyqtSignal(str)

    def __init__(self, rival: Rival) -> None:
        super().__init__()
        self._key = rival.key
        self.boxes: dict[str, DecimalBox] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 4)
        row.setSpacing(6)
        for each in rival.parameters:
            box = self.boxes[each.name] = DecimalBox()
            box.setObjectName(f"compare_{rival.key}_{each.name}")
            box.setAccessibleName(f"{rival.label}: {each.label}")
            box.setToolTip(f"<qt>{escape(each.tip)}; from {each.low:g} to {each.high:g}</qt>")
            box.setRange(each.low, each.high)
            box.setValue(each.default)
            box.setKeyboardTracking(False)
            keep_scaled(box, QWidget.setFixedWidth, 84)
            box.valueChanged.connect(self._on_changed)
            label = QLabel(each.label)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(6)
        row.addStretch(1)

    @property
    def values(self) -> dict[str, float]:
        """The values, by name."""
        return {name: box.value() for name, box in self.boxes.items()}

    @pyqtSlot()
    def _on_changed(self) -> None:
        self.changed.emit(self._key)
