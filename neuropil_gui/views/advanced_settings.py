"""The settings that few change, folded away at first."""

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.views.number_edit import NumberEdit
from neuropil_gui.views.parameter_tips import name_control, tip


def read_tol(text: str) -> float:
    """Read a tolerance such as 1e-4 or 0,001; a ValueError says what is wrong with the text."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"tol must be a number of at least 0, such as 1e-4, but {text!r} was found.") from None
    return float(PARAMETERS["tol"].check(value))


def write_tol(value: float) -> str:
    """Write a tolerance so that it is read back exactly."""
    text = f"{value:g}"
    return (text if float(text) == value else repr(value)).replace("e-0", "e-")


class AdvancedSettings(QWidget):
    """Edits tol, max_iter, max_tries, start and offset; emits a setting's name and its new value."""

    value_changed = pyqtSignal(str, object)
    problem_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setObjectName("advanced")
        self.toggle.setText("Advanced")
        self.toggle.setToolTip("Show or hide tolerance, iterations, tries, start and offset")
        self.toggle.setCheckable(True)
        self.toggle.setAutoRaise(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.toggled.connect(self.set_open)
        self.tol = NumberEdit(read_tol)
        self.max_iter, self.max_tries = QSpinBox(), QSpinBox()
        self.start = QComboBox()
        self.offset = QCheckBox(PARAMETERS["offset"].label)
        self.body = QWidget()
        form = QFormLayout(self.body)
        form.setContentsMargins(6, 2, 0, 0)
        form.setVerticalSpacing(5)
        for name in ("tol", "max_iter", "max_tries", "start", "offset"):
            widget = getattr(self, name)
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            name_control(widget, name)
            label = QLabel("" if name == "offset" else PARAMETERS[name].label)
            label.setBuddy(widget)
            form.addRow(label, widget)
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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.toggle)
        layout.addWidget(self.body)
        self.set_open(False)
        self.show_settings(SeparationSettings())

    def show_settings(self, settings: SeparationSettings) -> None:
        """Show the settings without emitting."""
        blocked = self.blockSignals(True)
        self.tol.show_text(write_tol(settings.tol))
        self.max_iter.setValue(settings.max_iter)
        self.max_tries.setValue(settings.max_tries)
        self.start.setCurrentIndex(self.start.findData(settings.start))
        self.offset.setChecked(settings.offset)
        self.blockSignals(blocked)
        self.show_use(settings.method)

    def show_use(self, method: str) -> None:
        """Grey what the method ignores, and say why."""
        for widget in (self.start, self.offset):
            name = widget.objectName()
            used = uses(method, name)
            widget.setEnabled(used)
            widget.setToolTip(tip(name, "" if used else PARAMETERS[name].ignored))

    @pyqtSlot(bool)
    def set_open(self, is_open: bool) -> None:
        """Fold or unfold."""
        self.body.setVisible(is_open)
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.toggle.setChecked(is_open)

    @pyqtSlot(object)
    def _tol_typed(self, value: float) -> None:
        """Pass on the tolerance."""
        self.value_changed.emit("tol", value)

    @pyqtSlot(int)
    def _max_iter_changed(self, value: int) -> None:
        """Pass on the number of iterations."""
        self.value_changed.emit("max_iter", value)

    @pyqtSlot(int)
    def _max_tries_changed(self, value: int) -> None:
        """Pass on the number of tries."""
        self.value_changed.emit("max_tries", value)

    @pyqtSlot(int)
    def _start_changed(self, index: int) -> None:
        """Pass on the start."""
        self.value_changed.emit("start", self.start.itemData(index))

    @pyqtSlot(bool)
    def _offset_changed(self, checked: bool) -> None:
        """Pass on the offset."""
        self.value_changed.emit("offset", checked)
