"""Seed row: edit of the seed, a dice for a new one, and a check box for a new one at each run."""

import random

from PyQt5.QtCore import QSignalBlocker, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QWidget

from neuropil_gui.core.settings import MAX_SEED, PARAMETERS, SeparationSettings
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.number_edit import NumberEdit
from neuropil_gui.ui.widgets.parameter_tips import name_control, tip


def read_seed(text: str) -> int:
    """Return the seed in `text`; raise ValueError with a sentence."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"The seed must be a whole number from 0 to {MAX_SEED}, but {text!r} was found.")
    if int(text) > MAX_SEED:
        raise ValueError(f"The seed must be at most {MAX_SEED}, but {text} was found.")
    return int(text)


class SeedRow(QWidget):
    """Editor of the seed.

    Signals: `seed_changed` (int, or None for a new one at each run).
    """

    seed_changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fixed = SeparationSettings().seed or 0
        self.edit = NumberEdit(read_seed)
        name_control(self.edit, "seed")
        self.edit.set_help(tip("seed"))
        keep_scaled(self.edit, QWidget.setMinimumWidth, 80)
        self.dice = QToolButton()
        name_control(self.dice, "seed", "dice")
        self.dice.setToolTip("Put in a new random seed, and keep it")
        self.random = QCheckBox("random")
        name_control(self.random, "seed", "random")
        self.random.setToolTip("Take a new seed at each run; the one used is recorded with the result")
        self.edit.value_changed.connect(self._typed)
        self.dice.clicked.connect(self._throw)
        self.random.toggled.connect(self._toggled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.dice)
        layout.addWidget(self.random)
        self.show_seed(self._fixed)
        self.restyle()

    def show_seed(self, seed: int | None) -> None:
        """Show a seed, or None for random, without emitting."""
        is_random = seed is None
        if seed is not None:
            self._fixed = seed
        with QSignalBlocker(self.random):
            self.random.setChecked(is_random)
        self.edit.setEnabled(not is_random)
        self.edit.set_help(tip("seed", "Random is on: each run takes a new seed." if is_random else ""))
        self.edit.setPlaceholderText("new each run" if is_random else "")
        self.edit.show_text("" if is_random else str(seed))

    def show_used(self, seed: int | None) -> None:
        """Show the seed of the last random run; unticking random keeps it."""
        if self.random.isChecked() and seed is not None:
            self._fixed = seed
            self.edit.setPlaceholderText(f"last: {seed}")

    @pyqtSlot(object)
    def _typed(self, seed: int) -> None:
        """Emit the typed seed."""
        self._fixed = seed
        self.seed_changed.emit(seed)

    @pyqtSlot()
    def _throw(self) -> None:
        """Draw a new seed and emit it."""
        self.show_seed(random.randint(PARAMETERS["seed"].minimum or 0, MAX_SEED))  # type: ignore[arg-type]
        self.seed_changed.emit(self._fixed)

    @pyqtSlot(bool)
    def _toggled(self, is_random: bool) -> None:
        """Switch between the fixed seed and a new one at each run."""
        self.show_seed(None if is_random else self._fixed)
        self.seed_changed.emit(None if is_random else self._fixed)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.dice.setIcon(icon("dice"))
