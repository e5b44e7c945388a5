"""Form of the spike-in test: what is added to the recording, where, and how often."""

from functools import partial

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QSpinBox, QWidget

from neuropil_gui.core.analysis.spike_in_plan import REGIONS, SpikeInTest
from neuropil_gui.core.recording import Cell
from neuropil_gui.features.trust.also_by import AlsoBy
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.limited_spin_box import LimitedSpinBox
from neuropil_gui.ui.widgets.spike_in_choices import add_choice, course_choice, shares_choice

UNITS = {
    "noise": ("noise SD", "Standard deviations of the ROI's noise from frame to frame"),
    "dff": ("medians (ΔF/F)", "Medians of the ROI's trace: 1 doubles it"),
}
PLACES = {
    "anywhere": ("anywhere", "At any frame"),
    "rest": ("at rest", "Away from transients that are detected in the ROI"),
    "active": ("on transients", "On top of transients that are detected in the ROI"),
}


class SpikeInForm(QWidget):
    """Controls of a `SpikeInTest`.

    Signals: `changed` (another test is asked for).
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.count, self.repeats, self.amplitude = LimitedSpinBox(), LimitedSpinBox(), DecimalBox()
        self.limit = QLabel()
        self.unit, self.place, self.other = QComboBox(), QComboBox(), QComboBox()
        self.kernel, self.shares, self.also_by = course_choice(), shares_choice(), AlsoBy()
        self.other_share, self.threshold = DecimalBox(), DecimalBox()
        self._limited: tuple[LimitedSpinBox, int] | None = None
        default = SpikeInTest()
        for combo, items in ((self.unit, UNITS), (self.place, PLACES)):
            for key, (text, tip) in items.items():
                add_choice(combo, text, key, tip)
        self.other.addItem("all regions", REGIONS)
        self._signals: tuple[str, ...] = ()
        self.count.setRange(2, 200)
        self.count.setValue(default.count)
        self.repeats.setRange(2, 200)
        self.repeats.setValue(default.repeats)
        self.amplitude.setRange(0.01, 1000.0)
        self.amplitude.setValue(default.amplitude)
        self.other_share.setRange(0.0, 10.0)
        self.other_share.setValue(default.other_share)
        self.threshold.setRange(0.5, 100.0)
        self.threshold.setValue(default.threshold)
        self._arrange()

    def _arrange(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setLabelAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignLeft))
        rows: tuple[tuple[str, QWidget, str, str], ...] = (
            ("Transients", self.count, "count", "Transients added in each repeat; from 2 to 200"),
            ("Amplitude", self.amplitude, "amplitude", "Mean peak in the ROI; each is from half to 1.5 of it"),
            ("measured in", self.unit, "unit", "What the amplitude is measured in"),
            ("Course", self.kernel, "kernel", "Whose time course the transients have"),
            ("Added", self.place, "place", "Where in time they are added"),
            ("Regions see", self.shares, "shares", "How much of the cell's added light each region sees"),
            ("Other light in", self.other, "other", "Where light that is not the cell's is added"),
            ("ROI sees of it", self.other_share, "other_share", "Its share in the ROI, over that in a region; 0: none"),
            ("Threshold", self.threshold, "threshold", "Of detection, in deviations of the filtered noise"),
            ("Repeats", self.repeats, "repeats", "Each adds other transients at other times; from 2 to 200"),
            ("Also by", self.also_by, "also_by", "Other methods on the same recordings; each takes longer"),
        )
        for text, widget, name, tip in rows:
            widget.setObjectName(f"spike_in_{name}")
            widget.setAccessibleName(tip)
            widget.setToolTip(tip)
            keep_scaled(widget, QWidget.setMinimumWidth, 84)
            label = QLabel(text)
            label.setBuddy(widget)
            form.addRow(label, widget)
            if isinstance(widget, LimitedSpinBox):
                widget.limited.connect(partial(self._show_limit, widget, text))
            if isinstance(widget, QComboBox):
                widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                widget.setMinimumContentsLength(8)
                widget.currentIndexChanged.connect(self._on_changed)
            elif isinstance(widget, QSpinBox | QDoubleSpinBox):
                widget.setKeyboardTracking(False)
                widget.valueChanged.connect(self._on_changed)

        self.limit.setObjectName("spike_in_limit")
        self.limit.setProperty("note", True)
        self.limit.setWordWrap(True)
        self.limit.hide()
        form.addRow(self.limit)

    def _show_limit(self, box: LimitedSpinBox, name: str, sentence: str, used: int) -> None:
        """Say which limit was used, as long as the number is that."""
        self._limited = box, used
        self.limit.setText(f"{name}: {sentence[0].lower()}{sentence[1:]}")
        self.limit.show()

    @pyqtSlot()
    def _on_changed(self) -> None:
        if self._limited is not None:
            box, used = self._limited
            self.limit.setVisible(box.value() == used)
        self.changed.emit()

    @property
    def test(self) -> SpikeInTest:
        """The test that is asked for."""
        return SpikeInTest(
            amplitude=self.amplitude.value(),
            unit=self.unit.currentData(),
            kernel=self.kernel.currentData(),
            count=self.count.value(),
            place=self.place.currentData(),
            shares=self.shares.currentData(),
            other=self.other.currentData(),
            other_share=self.other_share.value(),
            threshold=self.threshold.value(),
            repeats=self.repeats.value(),
        )

    @property
    def also(self) -> tuple[str, ...]:
        """Keys of the rivals that are asked for besides the usual ones."""
        return self.also_by.keys

    def show_regions(self, cell: Cell) -> None:
        """Offer the regions of a cell; one that it does not have becomes all of them."""
        if cell.signal_names == self._signals:
            return
        self._signals, chosen = cell.signal_names, self.other.currentData()
        blocked = self.other.blockSignals(True)
        self.other.clear()
        self.other.addItem("all regions", REGIONS)
        for row, name in enumerate(cell.signal_names[1:], 1):
            self.other.addItem(name, row)
        self.other.setCurrentIndex(max(self.other.findData(chosen), 0))
        self.other.blockSignals(blocked)
