"""Page on one setting for all cells: what is swept and drawn, the image, and the advice in words."""

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.population import SETTINGS, TROUBLES, Advice, PopulationSweep, advise, trouble_words
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.features.population import words
from neuropil_gui.features.population.setting_plot import SettingPlot, trouble_colour
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import ColourBar
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page

SHOWN = ("r_neuropil", "alive", "score", "kept")
"""Keys of the numbers that the image can show."""

ORDERS = {
    "table": ("table", "Cells as in the table"),
    "number": ("the number", "By the number at the current value, the lowest at the top"),
    "collapse": ("collapse", "The cells that collapse first at the top"),
}


class SettingPage(Page):
    """Image and counts of all cells over the values of one setting.

    Signals: `asked` (another setting was chosen), `cell_chosen` (index), `cell_hovered` (index or None),
    `value_chosen` (place on the plan's axis), `table_requested`.
    """

    asked = pyqtSignal()
    cell_chosen = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    value_chosen = pyqtSignal(int)
    table_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("population_setting")
        self.found: PopulationSweep | None = None
        self.advice: Advice | None = None
        self._names: tuple[str, ...] = ()
        self._place: float | None = None
        self.setting = _choice(
            "population_setting_name", "Setting", [(name, name, PARAMETERS[name].help) for name in SETTINGS]
        )
        self.number = _choice(
            "population_number", "Number of the colours", [(NUMBERS[key].name, key, NUMBERS[key].help) for key in SHOWN]
        )
        self.order = _choice(
            "population_order", "Order of the cells", [(text, key, tip) for key, (text, tip) in ORDERS.items()]
        )
        self.bar, self.plot = ColourBar(), SettingPlot()
        self.table = QPushButton("Export table…")
        self.table.setObjectName("population_table")
        self.table.setAccessibleName("Write the numbers of all cells at all values")
        self.table.setToolTip("Write the numbers of each cell at each value to a .csv table")
        self.table.clicked.connect(self.table_requested)
        self.text, self.line, self.legend = QLabel(), QLabel(words.IDLE), QLabel()
        self.text.setObjectName("population_advice")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.line.setObjectName("population_words")
        self.line.setProperty("muted", True)
        self.legend.setObjectName("population_legend")
        self.text.setWordWrap(True)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        controls = _row("Setting", self.setting, "colour", self.number, "order", self.order, None, self.bar)
        below = QHBoxLayout()
        below.setContentsMargins(10, 2, 10, 2)
        below.addWidget(self.legend)
        below.addStretch(1)
        below.addWidget(self.table)
        sentences = stack(None, self.text, self.line)
        sentences.setContentsMargins(10, 4, 10, 0)
        content = QWidget()
        stack(content, controls, (self.plot, 1), below, sentences)
        self.set_content(content)
        self.setting.currentIndexChanged.connect(self.asked)
        self.setting.currentIndexChanged.connect(self._write_legend)
        self.number.currentIndexChanged.connect(self._redraw)
        self.order.currentIndexChanged.connect(self._redraw)
        self.plot.cell_chosen.connect(self.cell_chosen)
        self.plot.value_chosen.connect(self.value_chosen)
        self.plot.pointed.connect(self._on_pointed)
        self.restyle()

    def show_population(self, found: PopulationSweep, names: tuple[str, ...]) -> None:
        """Draw what is known of the cells with these names."""
        if found is not self.found:
            self.line.setText(words.IDLE)
        self.found, self._names = found, names
        self.say("")
        self._redraw()

    def show_present(self, place: float | None, selected: int) -> None:
        """Mark the place of the current settings, and the selected cell."""
        moved, self._place = place != self._place, place
        self.plot.show_present(place, selected)
        if moved and self.order.currentData() == "number":
            self._redraw()

    def show_hovered(self, index: int | None) -> None:
        """Mark the row of the cell that the pointer is on."""
        self.plot.show_hovered(index)

    def cells_in_order(self) -> "NDArray[np.intp]":
        """Return the indices of the cells from top to bottom."""
        assert self.found is not None
        way = self.order.currentData()
        if way == "number":
            column = round(self._place or 0)
            return np.argsort(self.found.numbers[self.number.currentData()][:, column], kind="stable")
        if way == "collapse":
            return np.argsort(-np.count_nonzero(self.found.collapsed, axis=1), kind="stable")
        return np.arange(self.found.cells)

    @pyqtSlot()
    def _redraw(self, _: object = None) -> None:
        found = self.found
        if found is None:
            return
        number = NUMBERS[self.number.currentData()]
        self.advice = advise(found)
        self.plot.show_population(found, self.cells_in_order(), number.key, self.advice)
        self.text.setText(self.advice.text)
        self.number.setToolTip(f"<qt>{number.help} {number.lies_when}</qt>")
        scale, known = self.plot.scale, bool(np.isfinite(found.numbers[number.key]).any())
        low, high = (number.text(each) for each in (scale.low, scale.high))
        self.bar.show_scale(number.name if known else "", low, high, scale.signed)

    @pyqtSlot(object)
    def _on_pointed(self, place: tuple[int | None, int] | None) -> None:
        found = self.found
        self.cell_hovered.emit(None if place is None else place[0])
        if found is None or place is None:
            self.line.setText(words.IDLE)
        elif place[0] is None:
            setting = found.plan.x.name
            counts = ", ".join(
                f"{each[place[1]]:,} {trouble_words(setting, name)}" for name, each in found.counts().items()
            )
            self.line.setText(f"{words.value_words(found, place[1])} · {counts} · a click takes it for all cells")
        else:
            self.line.setText(words.line(found, self._names[place[0]], place[0], place[1]))

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        # The image keeps its size whatever is said below it.
        self.text.setFixedHeight(2 * self.text.fontMetrics().lineSpacing() + 2)
        self._redraw()
        self._write_legend()

    @pyqtSlot()
    def _write_legend(self) -> None:
        setting = self.setting.currentData()
        signs = dict(zip(TROUBLES, "\N{BLACK SQUARE}\N{BLACK CIRCLE}\N{BLACK DOWN-POINTING TRIANGLE}", strict=True))
        self.legend.setText(
            "Cells:&nbsp; "
            + "&nbsp;&nbsp; ".join(
                f"{style.coloured(signs[name], trouble_colour(name))} {trouble_words(setting, name)}"
                for name in TROUBLES
            )
            + "&nbsp;&nbsp; (shaded: none, or at most 1 %)"
        )


def _choice(name: str, label: str, entries: list[tuple[str, str, str]]) -> QComboBox:
    """Return a combo box of (text, data, tool tip)."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    for text, data, tip in entries:
        box.addItem(text, data)
        box.setItemData(box.count() - 1, f"<qt>{tip}</qt>", Qt.ItemDataRole.ToolTipRole)
    box.setToolTip(label)
    return box


def _row(*widgets: "QWidget | str | None") -> QHBoxLayout:
    """Return a row of widgets and labels; None is a gap that grows."""
    line = QHBoxLayout()
    line.setContentsMargins(10, 6, 10, 4)
    line.setSpacing(8)
    for each in widgets:
        if each is None:
            line.addStretch(1)
        else:
            line.addWidget(QLabel(each) if isinstance(each, str) else each)
    return line
