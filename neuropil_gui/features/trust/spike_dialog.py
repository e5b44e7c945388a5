"""Dialog of a file of spike times: which train is the cell's, in what unit, and when the recording begins."""

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.spike_times import UNITS, SpikeTimes
from neuropil_gui.formats.spike_files import SpikeFile
from neuropil_gui.ui.sizes import keep_scaled

MOST_SECONDS = 1e9


class SpikeDialog(QDialog):
    """Asks for train, unit and beginning, and says what would be in the recording."""

    def __init__(
        self, file: SpikeFile, cell: str, frame_rate: float | None, frames: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("spike_dialog")
        self.setWindowTitle(f"Spike times of {cell}")
        self._file, self._rate, self._frames = file, frame_rate, frames
        self.train, self.unit, self.begins, self.words = QComboBox(), QComboBox(), QDoubleSpinBox(), QLabel()
        for name, times in file.trains.items():
            count = f"{len(times):,} spike{'' if len(times) == 1 else 's'}"
            self.train.addItem(f"{name}, {count}" if name else count, name)
        for key, text in UNITS.items():
            self.unit.addItem(text, key)
        if not file.unit and frame_rate is None:
            self.unit.setCurrentIndex(self.unit.findData("frames"))
        self.begins.setRange(-MOST_SECONDS, MOST_SECONDS)
        self.begins.setDecimals(4)
        self.begins.setValue(file.begins)
        form = QFormLayout()
        for text, widget, name, tip in (
            ("Spikes", self.train, "spike_train", "The column, array or unit that holds this cell's spike times"),
            ("Times in", self.unit, "spike_unit", "What the times are measured in; frames count from 0"),
            ("Recording begins at", self.begins, "spike_begins", "On the clock of the times, in their unit"),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(tip)
            widget.setToolTip(tip)
            label = QLabel(text)
            label.setBuddy(widget)
            form.addRow(label, widget)
        self.words.setObjectName("spike_words")
        self.words.setWordWrap(True)
        keep_scaled(self.words, QLabel.setMinimumWidth, 380)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButtons(QDialogButtonBox.Ok | QDialogButtonBox.Cancel))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.words)
        layout.addWidget(buttons)
        self.train.currentIndexChanged.connect(self._show_words)
        self.unit.currentIndexChanged.connect(self._show_words)
        self.begins.valueChanged.connect(self._show_words)
        self._show_words()

    @property
    def spikes(self) -> SpikeTimes:
        """The spike times as they are asked for."""
        return self._file.spike_times(self.train.currentData(), self.unit.currentData(), self.begins.value())

    @pyqtSlot()
    def _show_words(self, _: object = None) -> None:
        spikes = self.spikes
        text = spikes.words(self._rate, self._frames)
        if len(spikes.times):
            text += f" The first is at {spikes.times[0]:.5g}, the last at {spikes.times[-1]:.5g}."
        self.words.setText(text)
