"""Rows of boxes for the parameters of a rival."""

import math
from html import escape

from PyQt5.QtCore import QLocale, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QWidget

from neuropil_gui.core.analysis.rival import Rival, RivalParameter
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox

ABREAST = 2
"""Boxes side by side, for which the list of Compare is wide enough."""


class ParameterRow(QWidget):
    """A box for each parameter, at its default at first.

    Signals: `changed` (key of the rival).
    """

    changed = pyqtSignal(str)

    def __init__(self, rival: Rival) -> None:
        super().__init__()
        self._key = rival.key
        self.boxes: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 0, 0, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        for place, each in enumerate(rival.parameters):
            box = self.boxes[each.name] = _box(each)
            box.setObjectName(f"compare_{rival.key}_{each.name}")
            box.setAccessibleName(f"{rival.label}: {each.label}")
            box.setToolTip(f"<qt>{escape(each.tip)}; from {each.low:g} to {each.high:g}</qt>")
            keep_scaled(box, QWidget.setFixedWidth, 84)
            box.valueChanged.connect(self._on_changed)
            label = QLabel(each.label)
            label.setBuddy(box)
            line, column = divmod(place, ABREAST)
            grid.addWidget(label, line, 2 * column)
            grid.addWidget(box, line, 2 * column + 1)
        grid.setColumnStretch(2 * ABREAST, 1)

    @property
    def values(self) -> dict[str, float]:
        """The values, by name."""
        return {name: box.value() for name, box in self.boxes.items()}

    @pyqtSlot()
    def _on_changed(self) -> None:
        self.changed.emit(self._key)


def _box(parameter: RivalParameter) -> QDoubleSpinBox:
    """Return a box that shows a parameter's default and the ends of its range, small or negative ones too."""
    box = DecimalBox() if parameter.low >= 0 else QDoubleSpinBox()
    box.setLocale(QLocale.c())
    sizes = [abs(value) for value in (parameter.low, parameter.default, parameter.high) if value]
    box.setDecimals(min(max(6, 2 - math.floor(math.log10(min(sizes, default=1.0)))), 15))
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    box.setRange(parameter.low, parameter.high)
    box.setValue(parameter.default)
    box.setKeyboardTracking(False)
    return box
