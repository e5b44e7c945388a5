"""Baseline dialog: kind, percentile and window of the baseline of dF/F, and whose divides the best match."""

from dataclasses import replace
from typing import Any

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from neuropil_gui.core.baseline import BASELINE_PARAMETERS, BaselineSettings
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.parameter_tips import parameter_tip

LONGEST = {"window_seconds": 1e5, "window_frames": 1e7, "smoothing_frames": 1e4}
"""Upper limits of window and smoothing, longer than are of use."""

WIDTH = 520
"""Least width in pixels."""

NOTES = {
    "raw": "The best match is divided by the raw ROI's F0, as in FISSA, so that both are on one scale. But that F0 is "
    "the neuropil's too: where half of the ROI's light is neuropil, ΔF/F of the best match is about half of the true "
    "one.",
    "own": "The best match is divided by its own F0, as FISSA does with use_raw_f0=False. NMF may have taken the "
    "baseline out of it, and ICA always has: where it is near 0, ΔF/F comes out at any size.",
    "subtraction": "The best match is divided by F0 of F \N{MINUS SIGN} 0.7 Fneu, which is the cell's where the ROI "
    "holds 0.7 of the neuropil. ΔF/F of F \N{MINUS SIGN} 0.7 Fneu itself can be drawn over it, and is exported too.",
}
"""Notes on the divisors of the best match: the effect of each on ΔF/F."""


class BaselineDialog(QDialog):
    """Asks for kind, percentile, window and divisor; the window is in frames where the frame rate is unknown."""

    def __init__(self, settings: BaselineSettings, frame_rate: float | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Baseline of ΔF/F")
        self.setObjectName("baseline_dialog")
        self._settings, self._frame_rate = settings, frame_rate
        self._length = "window_seconds" if frame_rate is not None else "window_frames"
        self._make_controls()
        self._lay_out()
        self._show(settings)
        for box in (self.kind, self.divisor):
            box.currentIndexChanged.connect(self._update)
        self.whole_trial.toggled.connect(self._update)
        self._update()

    def _make_controls(self) -> None:
        self.kind = QComboBox()
        for name, text in BASELINE_PARAMETERS["kind"].choices.items():
            self.kind.addItem(text[0].upper() + text[1:], name)
        self.percentile = DecimalBox()
        self.percentile.setRange(*_limits("percentile"))
        # An adaptive step would be too small at small values.
        self.percentile.setStepType(QDoubleSpinBox.StepType.DefaultStepType)
        self.window_length = DecimalBox()
        self.window_length.setDecimals(2 if self._length == "window_seconds" else 0)
        self.window_length.setRange(*_limits(self._length))
        self.whole_trial = QCheckBox("Whole trial")
        self.across_trials = QCheckBox("One for all trials")
        self.smoothing = DecimalBox()
        self.smoothing.setRange(*_limits("smoothing_frames"))
        self.divisor = QComboBox()
        for name, text in BASELINE_PARAMETERS["divisor"].choices.items():
            self.divisor.addItem(text[0].upper() + text[1:], name)
        self._controls: dict[str, tuple[QWidget, str]] = {
            "kind": (self.kind, "kind"),
            "percentile": (self.percentile, "percentile"),
            "window": (self.window_length, self._length),
            "whole_trial": (self.whole_trial, self._length),
            "across_trials": (self.across_trials, "across_trials"),
            "smoothing": (self.smoothing, "smoothing_frames"),
            "divisor": (self.divisor, "divisor"),
        }
        for name, (control, parameter) in self._controls.items():
            control.setObjectName(f"baseline_{name}")
            control.setAccessibleName("whole trial" if name == "whole_trial" else BASELINE_PARAMETERS[parameter].label)
        self.note = QLabel()
        self.note.setObjectName("baseline_note")
        self.note.setWordWrap(True)

    def _lay_out(self) -> None:
        layout = self._form = QFormLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(10)
        window = QHBoxLayout()
        window.addWidget(self.window_length, 1)
        window.addWidget(self.whole_trial)
        layout.addRow("F0", self.kind)
        layout.addRow("Percentile (%)", self.percentile)
        layout.addRow(f"Window ({BASELINE_PARAMETERS[self._length].unit})", window)
        layout.addRow("Smoothing (frames)", self.smoothing)
        layout.addRow("", self.across_trials)
        layout.addRow("Best match over", self.divisor)
        layout.addRow(self.note)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButtons(QDialogButtonBox.StandardButton.Ok)
            | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addRow(buttons)
        self.setMinimumWidth(WIDTH)

    def _show(self, settings: BaselineSettings) -> None:
        self.kind.setCurrentIndex(self.kind.findData(settings.kind))
        self.percentile.setValue(settings.percentile)
        length = getattr(settings, self._length)
        self.whole_trial.setChecked(length is None)
        self.window_length.setValue(getattr(BaselineSettings(), self._length) if length is None else length)
        self.across_trials.setChecked(settings.across_trials)
        self.smoothing.setValue(settings.smoothing_frames)
        self.divisor.setCurrentIndex(self.divisor.findData(settings.divisor))

    @pyqtSlot()
    def _update(self) -> None:
        """Disable what the kind does not use, with the reason as tool tip."""
        kind = self.kind.currentData()
        for control, name in self._controls.values():
            parameter = BASELINE_PARAMETERS[name]
            used = kind in parameter.methods
            control.setEnabled(used and not (control is self.window_length and self.whole_trial.isChecked()))
            control.setToolTip(parameter_tip(parameter, "" if used else parameter.ignored))
        self.note.setText(self._advice(kind))
        # A form gives a text of several lines the height of fewer.
        margins = self.contentsMargins() + self._form.contentsMargins()
        self.note.setMinimumHeight(self.note.heightForWidth(WIDTH - margins.left() - margins.right()))

    def _advice(self, kind: str) -> str:
        sentence = NOTES[self.divisor.currentData()]
        if self._frame_rate is None and kind == "fissa":
            return f"{sentence} FISSA's baseline needs the frame rate: type it below the cells first."
        if self._frame_rate is None:
            return f"{sentence} The frame rate is unknown, so the window counts frames."
        return sentence

    def settings(self) -> BaselineSettings:
        """Return the settings as they stand."""
        value = self.window_length.value()
        length: Any = int(value) if self._length == "window_frames" else value
        return replace(
            self._settings,
            kind=self.kind.currentData(),
            percentile=self.percentile.value(),
            across_trials=self.across_trials.isChecked(),
            smoothing_frames=self.smoothing.value(),
            divisor=self.divisor.currentData(),
            **{self._length: None if self.whole_trial.isChecked() else length},
        )

    @classmethod
    def ask(
        cls, settings: BaselineSettings, frame_rate: float | None, parent: QWidget | None = None
    ) -> BaselineSettings | None:
        """Open the dialog; return None if it is cancelled."""
        dialog = cls(settings, frame_rate, parent)
        answer = dialog.settings() if dialog.exec_() == QDialog.DialogCode.Accepted else None
        dialog.deleteLater()
        return answer


def _limits(name: str) -> tuple[float, float]:
    parameter = BASELINE_PARAMETERS[name]
    return parameter.minimum or 0.0, parameter.maximum or LONGEST[name]
