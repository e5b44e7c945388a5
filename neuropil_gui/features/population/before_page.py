"""Page on all cells before and after: numbers of the raw ROI, of F - 0.7 Fneu and of the best match."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from neuropil_gui.core.analysis.before_after import COMPARED_NUMBERS, SIDES, CellSides, flat_matches
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.features.population import words
from neuropil_gui.features.population.sides_plot import SidesPlot
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page

IDLE = "A point is a cell, a bar the median. Point at one for its numbers; a click selects the cell."


class BeforePage(Page):
    """Points of all cells, a line for the cell pointed at, and a button that writes the numbers as a table.

    Signals: `cell_chosen` (index), `cell_hovered` (index or None), `table_requested`.
    """

    cell_chosen = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    table_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("population_before")
        self._names: tuple[str, ...] = ()
        self._idle = IDLE
        self.plot, self.line, self.table = SidesPlot(), QLabel(IDLE), QPushButton("Export table…")
        self.line.setObjectName("population_before_words")
        self.line.setProperty("muted", True)
        self.line.setWordWrap(True)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.table.setObjectName("population_before_table")
        self.table.setAccessibleName("Write these numbers of all cells")
        self.table.setToolTip("Write the numbers of each cell before and after to a .csv table")
        self.table.clicked.connect(self.table_requested)
        below = QHBoxLayout()
        below.setContentsMargins(10, 4, 10, 2)
        below.addWidget(self.line, 1)
        below.addWidget(self.table)
        content = QWidget()
        stack(content, (self.plot, 1), below)
        self.set_content(content)
        self.plot.chosen.connect(self.cell_chosen)
        self.plot.pointed.connect(self._show_numbers)
        self.plot.pointed.connect(self.cell_hovered)
        self.restyle()

    def show_cells(self, cells: Sequence[CellSides], names: tuple[str, ...]) -> None:
        """Draw the numbers of cells; `names` are those of all cells."""
        self._names = names
        self.say("")
        self.plot.show_cells(cells)
        flat = flat_matches(cells)
        self._idle = words.FLAT.format(flat, len(cells)) if flat else IDLE
        self._show_numbers(None)

    def show_selected(self, index: int) -> None:
        """Mark the selected cell."""
        self.plot.show_selected(index)

    def show_hovered(self, index: int | None) -> None:
        """Mark the cell that the pointer is on in another view, and write its numbers."""
        self.plot.show_hovered(index)
        self._show_numbers(index)

    def restyle(self) -> None:
        """Keep room for two lines of text, so that the plots keep their size whatever is said below them."""
        self.line.setFixedHeight(2 * self.line.fontMetrics().lineSpacing() + 2)

    @pyqtSlot(object)
    def _show_numbers(self, index: int | None) -> None:
        found = next((each for each in self.plot.cells if each.index == index), None)
        if found is None:
            self.line.setText(self._idle)
            return
        parts = [f"{found.index + 1}. {self._names[found.index]} ({', '.join(SIDES.values())})"]
        for key in COMPARED_NUMBERS:
            values = [found.numbers[side].get(key, math.nan) for side in SIDES]
            if any(map(math.isfinite, values)):
                texts = ", ".join(NUMBERS[key].text(value).removesuffix(f" {NUMBERS[key].unit}") for value in values)
                parts.append(f"{NUMBERS[key].symbol} {texts}")
        self.line.setText(" · ".join(parts))
