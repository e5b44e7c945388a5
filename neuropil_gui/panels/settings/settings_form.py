"""Form of the separation settings; limits and help come from `core.settings.PARAMETERS`."""

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.panels.settings.advanced_settings import AdvancedSettings
from neuropil_gui.panels.settings.log_slider import LogSlider
from neuropil_gui.panels.settings.seed_row import SeedRow
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.parameter_tips import name_control, tip
from neuropil_gui.ui.widgets.wheel_guard import guard_wheel

HELP = """<b>Separation</b><p>How the selected cell's signals are taken apart.</p>
<p><b>Method</b>: NMF is FISSA's, and keeps the baseline; ICA is faster, but loses it.</p>
<p><b>n</b>: how many components to look for. <b>alpha</b>: how sparse they have to be; too high empties them.</p>
<p><b>seed</b>: where the random numbers start; the same seed gives the same result.</p>
<p>What the method does not use is grey, and its tool tip says why.</p>"""
UNKNOWN_COUNT = 99
LOCKED = "The exercise leaves this as it is."


class SettingsForm(QWidget):
    """Editor of `SeparationSettings`, which keeps the given values exactly until the user changes them.

    Signals: `settings_changed` (SeparationSettings), `run_requested`, `held` (whether a slider's handle is held).
    """

    settings_changed = pyqtSignal(object)
    run_requested = pyqtSignal()
    held = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = SeparationSettings()
        self._count: int | None = None
        self._auto_n: int | None = None
        self._free: Collection[str] | None = None
        self.header = Header("Separation", HELP)
        self._make_controls()
        self._lay_out()
        self._connect()
        self._show(self._settings)
        self.restyle()

    def settings(self) -> SeparationSettings:
        """Return the current settings."""
        return self._settings

    def show_settings(self, settings: SeparationSettings) -> None:
        """Show settings without emitting; text being typed that has the same value is kept."""
        if settings != self._settings:
            self._show(settings)

    def show_alone(self, alone: bool) -> None:
        """Write in the title whether these are settings of this cell alone."""
        self.header.title.setText("Separation, this cell" if alone else "Separation")

    def set_free(self, free: Collection[str] | None) -> None:
        """Lock all settings but these, as an exercise asks; None locks none."""
        self._free = free
        self.reset.setEnabled(free is None)
        for name, controls in self._controls().items():
            for control in controls:
                control.setEnabled(True)
                control.setToolTip(tip(name))
        self._show_n()
        self._show_use()

    def set_signal_count(self, count: int | None) -> None:
        """Set the cell's number of signals, the greatest n; None without a cell."""
        if (count, None) != (self._count, self._auto_n):
            self._count, self._auto_n = count, None
            self._show_n()

    def set_least_value(self, least: float | None) -> None:
        """Set the least value of the cell's traces, the end of the pedestal's slider."""
        self.advanced.set_least_value(least)
        self._show_problem()

    def show_auto_n(self, n: int | None) -> None:
        """Show the n that auto chose; None where it is unknown."""
        if n != self._auto_n:
            self._auto_n = n
            self._show_n()

    def show_seed_used(self, seed: int | None) -> None:
        """Show the seed of a random run."""
        self.seed_row.show_used(seed)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.seed_row.restyle()
        self.run_button.setIcon(icon("run", style.current().accent_text))
        self.reset.setIcon(icon("reset"))

    @pyqtSlot()
    def reset_to_defaults(self) -> None:
        """Set FISSA's defaults, and discard invalid text."""
        self._reset_clicked()

    def _make_controls(self) -> None:
        self.method = QComboBox()
        for value, text in PARAMETERS["method"].choices.items():
            self.method.addItem(text, value)
        self.n_slider, self.n, self.n_auto = QSlider(Qt.Orientation.Horizontal), QSpinBox(), QCheckBox("auto")
        self.n_slider.setPageStep(1)
        keep_scaled(self.n_slider, QSlider.setMinimumWidth, 50)
        self.alpha_slider, self.alpha = LogSlider(), DecimalBox()
        keep_scaled(self.alpha_slider, QSlider.setMinimumWidth, 50)
        self.seed_row = SeedRow()
        self.advanced = AdvancedSettings()
        for widget, name, what in (
            (self.method, "method", ""), (self.n_slider, "n", "slider"), (self.n, "n", ""), (self.n_auto, "n", "auto"),
            (self.alpha_slider, "alpha", "slider"), (self.alpha, "alpha", ""),
        ):  # fmt: skip
            name_control(widget, name, what)
        self.problem = QLabel()
        self.problem.setObjectName("settings_problem")
        self.problem.setProperty("invalid", True)
        self.problem.setWordWrap(True)
        self.run_button = QPushButton(" Run")
        self.run_button.setObjectName("run_button")
        self.run_button.setProperty("primary", True)
        self.run_button.setAccessibleName("Run the separation")
        self.run_button.setToolTip("Separate the selected cell with these settings")
        self.reset = QPushButton(" Defaults")
        self.reset.setObjectName("reset")
        self.reset.setAccessibleName("Reset to FISSA's defaults")
        self.reset.setToolTip("Put all settings back to those of FISSA 1.0")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, buddy) in enumerate(
            (("method", self.method), ("n", self.n), ("alpha", self.alpha), ("seed", self.seed_row.edit))
        ):
            label = QLabel(PARAMETERS[name].label)
            label.setBuddy(buddy)
            grid.addWidget(label, row, 0)
        grid.addWidget(self.method, 0, 1, 1, 3)
        grid.addWidget(self.n_slider, 1, 1)
        grid.addWidget(self.n, 1, 2)
        grid.addWidget(self.n_auto, 1, 3)
        grid.addWidget(self.alpha_slider, 2, 1)
        grid.addWidget(self.alpha, 2, 2, 1, 2)
        grid.addWidget(self.seed_row, 3, 1, 1, 3)
        grid.addWidget(self.problem, 4, 0, 1, 4)
        grid.addWidget(self.advanced, 5, 0, 1, 4)
        grid.setRowStretch(6, 1)
        grid.setContentsMargins(10, 4, 10, 4)
        body = QWidget()
        body.setLayout(grid)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 4, 10, 8)
        buttons.setSpacing(8)
        buttons.addWidget(self.run_button, 1)
        buttons.addWidget(self.reset)
        stack(self, self.header, (scroll, 1), buttons)
        # Leave room for the scroll bar of the unfolded advanced settings.
        self.setMinimumWidth(body.minimumSizeHint().width() + 16)

    def _connect(self) -> None:
        self.method.currentIndexChanged.connect(self._method_changed)
        self.n_slider.valueChanged.connect(self._n_changed)
        self.n.valueChanged.connect(self._n_changed)
        self.n_auto.toggled.connect(self._n_auto_changed)
        self.alpha_slider.number_changed.connect(self._alpha_changed)
        self.alpha.valueChanged.connect(self._alpha_changed)
        self.seed_row.seed_changed.connect(self._seed_changed)
        self.seed_row.edit.problem_changed.connect(self._show_problem)
        self.advanced.value_changed.connect(self._advanced_changed)
        self.advanced.problem_changed.connect(self._show_problem)
        self.run_button.clicked.connect(self.run_requested)
        self.reset.clicked.connect(self._reset_clicked)
        for slider in (self.n_slider, self.alpha_slider):
            slider.sliderPressed.connect(self._slider_pressed)
            slider.sliderReleased.connect(self._slider_released)
        guard_wheel(self)

    def _change(self, **values: Any) -> None:
        settings = replace(self._settings, **values)
        if settings != self._settings:
            self._settings = settings
            self._show_use()
            self.settings_changed.emit(settings)

    def _show(self, settings: SeparationSettings) -> None:
        self._settings = settings
        with QSignalBlocker(self.method), QSignalBlocker(self.alpha):
            self.method.setCurrentIndex(self.method.findData(settings.method))
            if settings.alpha != self.alpha.value():
                self.alpha.setValue(settings.alpha)
        self.alpha_slider.show_number(settings.alpha)
        self.seed_row.show_seed(settings.seed)
        self.advanced.show_settings(settings)
        self._show_n()
        self._show_use()

    def _show_n(self) -> None:
        n, count = self._settings.n, self._count
        guess = count if self._settings.method == "nmf" else None
        shown = n if n is not None else (self._auto_n or guess)
        with QSignalBlocker(self.n), QSignalBlocker(self.n_slider), QSignalBlocker(self.n_auto):
            # A dash until auto has chosen.
            self.n.setSpecialValueText("–" if shown is None else "")
            self.n.setRange(0 if shown is None else 1, max(count or UNKNOWN_COUNT, shown or 1))
            self.n_slider.setRange(1, max(count or 12, shown or 1))
            self.n.setValue(shown or 0)
            self.n_slider.setValue(shown or 1)
            self.n_auto.setChecked(n is None)
        reason = "Auto is on: untick it to choose n." if n is None else ""
        for control in (self.n, self.n_slider):
            control.setEnabled(n is not None)
            control.setToolTip(tip("n", reason))
        self._lock()
        self._show_problem()

    def _show_use(self) -> None:
        method = self._settings.method
        used = uses(method, "alpha")
        for control in (self.alpha, self.alpha_slider):
            control.setEnabled(used)
            control.setToolTip(tip("alpha", "" if used else PARAMETERS["alpha"].ignored))
        self.advanced.show_use(method)
        defaults = asdict(SeparationSettings())
        changed = [name for name, value in asdict(self._settings).items() if value != defaults[name]]
        labels = ", ".join(PARAMETERS[name].label for name in changed)
        self.header.set_subtitle(f"changed: {labels}" if changed else "defaults")
        self._lock()

    def _controls(self) -> dict[str, tuple[QWidget, ...]]:
        """Return the controls of each setting, by its name."""
        advanced = self.advanced
        single = ("tol", "max_iter", "max_tries", "start", "offset", "drop_nan")
        return {
            "method": (self.method,),
            "n": (self.n, self.n_slider, self.n_auto),
            "alpha": (self.alpha, self.alpha_slider),
            "seed": (self.seed_row,),
            **{name: (getattr(advanced, name),) for name in single},
            "pedestal": (advanced.pedestal, advanced.pedestal_slider),
        }

    def _lock(self) -> None:
        """Disable what is not free."""
        if self._free is None:
            return
        for name, controls in self._controls().items():
            for control in controls if name not in self._free else ():
                control.setEnabled(False)
                control.setToolTip(LOCKED)

    @pyqtSlot()
    def _show_problem(self) -> None:
        """Show what is wrong with the typed texts, or with n."""
        n, count = self._settings.n, self._count
        problems = [self.seed_row.edit.problem, self.advanced.tol.problem, self.advanced.pedestal_problem]
        if n is not None and count is not None and n > count:
            problems.append(f"n is {n}, but this cell has only {count} signals: choose at most {count}.")
        text = "\n".join(filter(None, problems))
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    @pyqtSlot(int)
    def _method_changed(self, index: int) -> None:
        """Set the method; auto chooses n again."""
        self._auto_n = None
        self._change(method=self.method.itemData(index))
        self._show_n()

    @pyqtSlot(int)
    def _n_changed(self, n: int) -> None:
        """Set n from slider or box, and show it in the other."""
        for control in (self.n, self.n_slider):
            with QSignalBlocker(control):
                control.setValue(n)
        self._change(n=n)
        self._show_problem()

    @pyqtSlot(bool)
    def _n_auto_changed(self, auto: bool) -> None:
        """Let auto choose n, or keep what it chose."""
        self._change(n=None if auto else max(self.n.value(), 1))
        self._show_n()

    @pyqtSlot(float)
    def _alpha_changed(self, alpha: float) -> None:
        """Set alpha from slider or box, and show it in the other."""
        if self.sender() is self.alpha:
            self.alpha_slider.show_number(alpha)
        else:
            with QSignalBlocker(self.alpha):
                self.alpha.setValue(alpha)
        self._change(alpha=alpha)

    @pyqtSlot(object)
    def _seed_changed(self, seed: int | None) -> None:
        """Set the seed."""
        self._change(seed=seed)

    @pyqtSlot(str, object)
    def _advanced_changed(self, name: str, value: object) -> None:
        """Set an advanced setting."""
        self._change(**{name: value})
        self._show_problem()

    @pyqtSlot()
    def _slider_pressed(self) -> None:
        """Emit that a slider's handle is held."""
        self.held.emit(True)

    @pyqtSlot()
    def _slider_released(self) -> None:
        """Emit that no handle is held."""
        self.held.emit(False)

    @pyqtSlot()
    def _reset_clicked(self) -> None:
        """Put everything back to FISSA's defaults."""
        changed = self._settings != SeparationSettings()
        self._auto_n = None
        self._show(SeparationSettings())
        if changed:
            self.settings_changed.emit(self._settings)
