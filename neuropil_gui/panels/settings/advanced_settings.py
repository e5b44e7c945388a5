"""Advanced settings, folded at first: tolerance, iterations, tries, start, offset, missing frames, pedestal."""

import math

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.number_edit import NumberEdit
from neuropil_gui.ui.widgets.parameter_tips import name_control, tip


def read_tol(text: str) -> float:
    """Return the tolerance in a text such as 1e-4 or 0,001; raise ValueError with a sentence."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"tol must be a number of at least 0, such as 1e-4, but {text!r} was found.") from None
    return float(PARAMETERS["tol"].check(value))


def write_tol(value: float) -> str:
    """Return the shortest text that reads back as exactly `value`."""
    text = f"{value:g}"
    return (text if float(text) == value else repr(value)).replace("e-0", "e-")


PEDESTAL_STEPS = 200
"""Steps of the slider from 0 to the least value of the cell's traces."""

WHY_PEDESTAL = PARAMETERS["pedestal"].help.split(". ")[1] + "."


class AdvancedSettings(QWidget):
    """Editor of tol, max_iter, max_tries, start, offset, drop_nan and pedestal.

    Signals: `value_changed` (name of the setting, value), `problem_changed` (sentence, empty for none).
    """

    value_changed = pyqtSignal(str, object)
    problem_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setObjectName("advanced")
        self.toggle.setText("Advanced")
        self.toggle.setToolTip("Show or hide tolerance, iterations, tries, start, offset, missing frames and pedestal")
        self.toggle.setCheckable(True)
        self.toggle.setAutoRaise(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.toggled.connect(self.set_open)
        self.tol = NumberEdit(read_tol)
        self.max_iter, self.max_tries = QSpinBox(), QSpinBox()
        self.start = QComboBox()
        self.offset = QCheckBox(PARAMETERS["offset"].label)
        self.drop_nan = QCheckBox(PARAMETERS["drop_nan"].label)
        self.pedestal, self.pedestal_slider = DecimalBox(), QSlider(Qt.Orientation.Horizontal)
        self.why_pedestal = QLabel()
        self._least: float | None = None
        self._method = SeparationSettings().method
        self.body = QWidget()
        form = QFormLayout(self.body)
        form.setContentsMargins(6, 2, 0, 0)
        form.setVerticalSpacing(5)
        for name in ("tol", "max_iter", "max_tries", "start", "offset", "drop_nan"):
            widget = getattr(self, name)
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            name_control(widget, name)
            if isinstance(widget, QCheckBox):
                form.addRow(widget)  # it has its own label
                continue
            label = QLabel(PARAMETERS[name].label)
            label.setBuddy(widget)
            form.addRow(label, widget)
        self._add_pedestal(form)
        for box, largest in ((self.max_iter, 1_000_000_000), (self.max_tries, 10_000)):
            box.setRange(1, largest)
            box.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        for value, text in PARAMETERS["start"].choices.items():
            self.start.addItem(text, value)
        self.tol.set_help(tip("tol"))
        self.tol.value_changed.connect(self._tol_typed)
        self.tol.problem_changed.connect(self.problem_changed)
        self.max_iter.valueChanged.connect(self._max_iter_changed)
        self.max_tries.valueChanged.connect(self._max_tries_changed)
        self.start.currentIndexChanged.connect(self._start_changed)
        self.offset.toggled.connect(self._offset_changed)
        self.drop_nan.setToolTip(tip("drop_nan"))
        self.drop_nan.toggled.connect(self._drop_nan_changed)
        self.pedestal.valueChanged.connect(self._pedestal_typed)
        self.pedestal_slider.valueChanged.connect(self._pedestal_dragged)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.toggle)
        layout.addWidget(self.body)
        self.set_open(False)
        self.show_settings(SeparationSettings())

    def _add_pedestal(self, form: QFormLayout) -> None:
        self.pedestal.setMaximum(1e9)
        name_control(self.pedestal, "pedestal")
        name_control(self.pedestal_slider, "pedestal", "slider")
        self.pedestal_slider.setRange(0, PEDESTAL_STEPS)
        self.pedestal_slider.setPageStep(PEDESTAL_STEPS // 10)
        for widget in (self.pedestal, self.pedestal_slider):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        label = QLabel(PARAMETERS["pedestal"].label)
        label.setBuddy(self.pedestal)
        form.addRow(label, self.pedestal)
        form.addRow(self.pedestal_slider)
        self.why_pedestal.setObjectName("why_pedestal")
        self.why_pedestal.setProperty("muted", True)
        self.why_pedestal.setWordWrap(True)
        form.addRow(self.why_pedestal)

    @property
    def pedestal_problem(self) -> str:
        """Sentence on why the pedestal cannot be subtracted from this cell's traces; empty where it can."""
        value, least = self.pedestal.value(), self._least
        if self.offset.isChecked() or not self.pedestal.isEnabled():
            return ""  # offset subtracts at most the least value; a disabled pedestal is not used
        if not value or least is None or least < 0 or value <= least:
            return ""
        return (
            f"The pedestal is {value:g}, but the least value of this cell's traces is {least:.6g}: choose at most that."
        )

    def set_least_value(self, least: float | None) -> None:
        """Set the least value of the cell's traces, the slider's end; None without a cell."""
        self._least = least
        self._show_pedestal(self.pedestal.value())
        self.show_use(self._method)

    def _show_pedestal(self, value: float) -> None:
        """Set box and slider without emitting."""
        reach = self._least or 0.0
        with QSignalBlocker(self.pedestal), QSignalBlocker(self.pedestal_slider):
            if self.pedestal.value() != value:
                self.pedestal.setValue(value)
            self.pedestal_slider.setValue(round(PEDESTAL_STEPS * min(value / reach, 1.0)) if reach > 0 else 0)

    def show_settings(self, settings: SeparationSettings) -> None:
        """Show settings without emitting."""
        with QSignalBlocker(self):
            self.tol.show_text(write_tol(settings.tol))
            self.max_iter.setValue(settings.max_iter)
            self.max_tries.setValue(settings.max_tries)
            self.start.setCurrentIndex(self.start.findData(settings.start))
            self.offset.setChecked(settings.offset)
            self.drop_nan.setChecked(settings.drop_nan)
            self._show_pedestal(settings.pedestal)
        self.show_use(settings.method)

    def show_use(self, method: str) -> None:
        """Disable what the method ignores, with the reason as tool tip."""
        self._method = method
        for widget in (self.start, self.offset, self.pedestal, self.pedestal_slider):
            name = widget.objectName().removesuffix("_slider")
            used = uses(method, name)
            widget.setEnabled(used)
            widget.setToolTip(tip(name, "" if used else PARAMETERS[name].ignored))
        used, none = uses(method, "pedestal"), self._least is not None and self._least <= 0
        self.why_pedestal.setText(WHY_PEDESTAL if used else PARAMETERS["pedestal"].ignored)
        if used and none:
            self.pedestal_slider.setEnabled(False)
            reason = "The traces reach down to 0 or below: there is no constant light to subtract."
            self.pedestal_slider.setToolTip(tip("pedestal", reason))

    @pyqtSlot(bool)
    def set_open(self, is_open: bool) -> None:
        """Fold or unfold."""
        self.body.setVisible(is_open)
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.toggle.setChecked(is_open)

    @pyqtSlot(object)
    def _tol_typed(self, value: float) -> None:
        """Emit the tolerance."""
        self.value_changed.emit("tol", value)

    @pyqtSlot(int)
    def _max_iter_changed(self, value: int) -> None:
        """Emit the number of iterations."""
        self.value_changed.emit("max_iter", value)

    @pyqtSlot(int)
    def _max_tries_changed(self, value: int) -> None:
        """Emit the number of tries."""
        self.value_changed.emit("max_tries", value)

    @pyqtSlot(int)
    def _start_changed(self, index: int) -> None:
        """Emit the start."""
        self.value_changed.emit("start", self.start.itemData(index))

    @pyqtSlot(bool)
    def _offset_changed(self, checked: bool) -> None:
        """Emit the offset."""
        self.value_changed.emit("offset", checked)

    @pyqtSlot(bool)
    def _drop_nan_changed(self, checked: bool) -> None:
        """Emit whether frames with missing values are left out."""
        self.value_changed.emit("drop_nan", checked)

    @pyqtSlot(float)
    def _pedestal_typed(self, value: float) -> None:
        """Emit the pedestal, and move the slider."""
        self._show_pedestal(value)
        self.value_changed.emit("pedestal", value)

    @pyqtSlot(int)
    def _pedestal_dragged(self, place: int) -> None:
        """Emit the slider's pedestal, rounded and at most the least value."""
        least = self._least or 0.0
        value = min(float(f"{least * place / PEDESTAL_STEPS:.4g}"), least)
        # Round down to the six decimals of the box.
        self._show_pedestal(math.floor(1e6 * value) / 1e6)
        self.value_changed.emit("pedestal", self.pedestal.value())
