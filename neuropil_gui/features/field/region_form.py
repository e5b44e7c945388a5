"""Form of how neuropil regions are made: their number, size, gap, and whether other cells are left out."""

from dataclasses import replace

from PyQt5.QtCore import QSignalBlocker, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QCheckBox, QGridLayout, QLabel, QSlider, QSpinBox, QWidget

from neuropil_gui.features.field import edit_words as words
from neuropil_gui.imaging.regions import MOST_REGIONS, RegionSettings
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.wheel_guard import guard_wheel

REST = 600
"""Milliseconds after the last change, from which on all cells follow the selected one."""

STEPS, MOST = 20, 5
"""Steps of the slider for an expansion of 1, and its greatest; the box takes greater ones."""


class RegionForm(QWidget):
    """Boxes and a slider for the settings of regions.

    Signals: `tried` (RegionSettings, while a hand moves), `chosen` (RegionSettings, at rest).
    """

    tried = pyqtSignal(object)
    chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings = RegionSettings()
        self.regions, self.expansion, self.gap = QSpinBox(), DecimalBox(), QSpinBox()
        self.slider, self.exclude = QSlider(Qt.Orientation.Horizontal), QCheckBox("Exclude other cells")
        self.regions.setRange(1, MOST_REGIONS)
        self.expansion.setRange(0.01, 100)
        self.expansion.setDecimals(2)
        self.gap.setRange(0, 100)
        self.slider.setRange(1, MOST * STEPS)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(QLabel("<b>Neuropil regions</b> of all cells"), 0, 0, 1, 3)
        for row, (name, widget) in enumerate(
            (("regions", self.regions), ("expansion", self.expansion), ("gap", self.gap)), 1
        ):
            text, tip = words.FORM[name]
            label = QLabel(text)
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 2 if name == "expansion" else 1, 1, 1 if name == "expansion" else 2)
            widget.setObjectName({"gap": "region_gap"}.get(name, name))
            widget.setAccessibleName(text)
            widget.setToolTip(f"<qt>{tip}</qt>")
        self.slider.setObjectName("expansion_slider")
        self.slider.setAccessibleName(words.FORM["expansion"][0])
        self.slider.setToolTip(f"<qt>{words.FORM['expansion'][1]}</qt>")
        grid.addWidget(self.slider, 2, 1)
        self.exclude.setObjectName("exclude_others")
        self.exclude.setToolTip(f"<qt>{words.FORM['exclude'][1]}</qt>")
        grid.addWidget(self.exclude, 4, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        guard_wheel(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._choose)
        self.regions.valueChanged.connect(self._on_changed)
        self.expansion.valueChanged.connect(self._on_expansion)
        self.gap.valueChanged.connect(self._on_changed)
        self.exclude.toggled.connect(self._on_changed)
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self._on_changed)
        self.show_settings(None)

    def show_settings(self, settings: RegionSettings | None) -> None:
        """Show settings; None for none."""
        self.setEnabled(settings is not None)
        self._rest.stop()
        self._settings = settings = settings or RegionSettings()
        widgets = (self.regions, self.expansion, self.gap, self.exclude, self.slider)
        blockers = [QSignalBlocker(each) for each in widgets]
        self.regions.setValue(settings.regions)
        self.expansion.setValue(settings.expansion)
        self.gap.setValue(settings.gap)
        self.exclude.setChecked(settings.exclude_others)
        self.slider.setValue(round(settings.expansion * STEPS))
        del blockers

    @property
    def settings(self) -> RegionSettings:
        """The settings as they are in the form."""
        return replace(
            self._settings,
            regions=self.regions.value(),
            expansion=self.expansion.value(),
            gap=self.gap.value(),
            exclude_others=self.exclude.isChecked(),
        )

    @pyqtSlot()
    @pyqtSlot(int)
    @pyqtSlot(bool)
    def _on_changed(self, _: object = None) -> None:
        self._rest.start()
        self.tried.emit(self.settings)

    @pyqtSlot(float)
    def _on_expansion(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value * STEPS))
        self._on_changed()

    @pyqtSlot(int)
    def _on_slid(self, value: int) -> None:
        with QSignalBlocker(self.expansion):
            self.expansion.setValue(value / STEPS)
        self._on_changed()

    @pyqtSlot()
    def _choose(self) -> None:
        if self.slider.isSliderDown():
            self._rest.start()
        else:
            self.chosen.emit(self.settings)
