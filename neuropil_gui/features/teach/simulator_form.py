"""Form of a simulation: a slider and a box for each parameter; limits and help come from `SIMULATION_PARAMETERS`."""

import random
from functools import partial

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QGridLayout, QLabel, QPushButton, QSlider, QSpinBox, QToolButton, QVBoxLayout, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation
from neuropil_gui.features.teach.scale import MORE, SHOWN, Scale
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.parameter_tips import parameter_tip
from neuropil_gui.ui.widgets.wheel_guard import guard_wheel

LABELS = {"fluctuation": "waves", "neighbour_amplitude": "neighbours' light", "neuropil": "mean neuropil"}
"""Words that are shorter, or say more, than the parameter's name."""

SAME_AS = {"neighbour_amplitude": "amplitude", "neighbour_leak": "leak"}
"""The parameter whose value one has that is None."""

SEEDS = 10_000
"""Seeds that the dice draws from: short enough to be said aloud."""


class SimulatorForm(QWidget):
    """Editor of a `Simulation`.

    Signals: `simulation_changed` (Simulation), `held` (whether a slider's handle is held).
    """

    simulation_changed = pyqtSignal(object)
    held = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._simulation = Simulation()
        self.sliders: dict[str, QSlider] = {}
        self.boxes: dict[str, QSpinBox | DecimalBox] = {}
        self.seed = QSpinBox()
        # A spin box takes no more; other seeds come by file or script.
        self.seed.setRange(0, 2**31 - 1)
        keep_scaled(self.seed, QWidget.setFixedWidth, 66)
        _name(self.seed, "seed")
        self.dice = QPushButton(" Another cell")
        self.dice.setObjectName("another_cell")
        self.dice.setToolTip("Draw another seed: the same parameters, and another cell")
        self.more = QToolButton()
        self.more.setObjectName("more_parameters")
        self.more.setText("More")
        self.more.setAutoRaise(True)
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setToolTip("Show the parameters that are seldom moved")
        self.problem = QLabel()
        self.problem.setProperty("invalid", True)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._folded = QWidget()
        shown = self._rows(SHOWN)
        row = shown.rowCount()
        shown.addWidget(self.dice, row, 0, 1, 2)
        shown.addWidget(self.seed, row, 2)
        self._folded.setLayout(self._rows(MORE))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.addLayout(shown)
        layout.addWidget(self.problem)
        layout.addWidget(self.more)
        layout.addWidget(self._folded)
        self.dice.clicked.connect(self._throw)
        self.seed.valueChanged.connect(partial(self._set, "seed"))
        self.more.toggled.connect(self._unfold)
        self._unfold(False)
        guard_wheel(self)
        self.restyle()

    def show_simulation(self, simulation: Simulation) -> None:
        """Show parameters without emitting."""
        self._simulation = simulation
        for name, scale in (SHOWN | MORE).items():
            value = getattr(simulation, name)
            value = getattr(simulation, SAME_AS[name]) if value is None else value
            slider, box = self.sliders[name], self.boxes[name]
            if scale.place(value) != slider.value():
                with QSignalBlocker(slider):
                    slider.setValue(scale.place(value))
            if box.value() != value:
                with QSignalBlocker(box):
                    box.setValue(value)
        with QSignalBlocker(self.seed):
            self.seed.setValue(simulation.seed)
        self._show_problem("")

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.dice.setIcon(icon("dice"))

    def _rows(self, scales: dict[str, Scale]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, (name, scale) in enumerate(scales.items()):
            parameter = SIMULATION_PARAMETERS[name]
            slider, label = QSlider(Qt.Orientation.Horizontal), QLabel(LABELS.get(name, parameter.label))
            slider.setRange(0, scale.last)
            slider.setPageStep(max(1, scale.last // 10))
            keep_scaled(slider, QWidget.setMinimumWidth, 40)
            box: QSpinBox | DecimalBox = QSpinBox() if scale.whole else DecimalBox()
            low, high = parameter.minimum or 0, parameter.maximum or 0
            if isinstance(box, QSpinBox):
                box.setRange(int(low), int(high))
            else:
                box.setRange(low, high)
            keep_scaled(box, QWidget.setFixedWidth, 66)
            _name(slider, name, "slider")
            _name(box, name)
            label.setBuddy(box)
            label.setToolTip(box.toolTip())
            self.sliders[name], self.boxes[name] = slider, box
            slider.valueChanged.connect(partial(self._move, name, scale))
            slider.sliderPressed.connect(partial(self.held.emit, True))
            slider.sliderReleased.connect(partial(self.held.emit, False))
            box.valueChanged.connect(partial(self._set, name))
            for column, widget in enumerate((label, slider, box)):
                grid.addWidget(widget, row, column)
        return grid

    def _move(self, name: str, scale: Scale, place: int) -> None:
        self._set(name, scale.number(place))

    def _set(self, name: str, value: float) -> None:
        try:
            changed = Simulation(**{**self._simulation.to_dict(), name: value})
        except DataError as error:
            self._show_problem(str(error))
            return
        if changed != self._simulation:
            self.show_simulation(changed)
            self.simulation_changed.emit(changed)

    def _show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @pyqtSlot()
    def _throw(self) -> None:
        self._set("seed", random.randrange(SEEDS))

    @pyqtSlot(bool)
    def _unfold(self, on: bool) -> None:
        self._folded.setVisible(on)
        self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)


def _name(widget: QWidget, name: str, what: str = "") -> None:
    """Set object name, accessible name and tool tip of a control."""
    parameter = SIMULATION_PARAMETERS[name]
    widget.setObjectName("_".join(("simulation", name, what)).rstrip("_"))
    widget.setAccessibleName(f"{LABELS.get(name, parameter.label)} {what}".strip())
    widget.setToolTip(parameter_tip(parameter))
