"""Page on correlations between cells before and after: matrices, distributions, and the means in words."""

import numpy as np
from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from neuropil_gui.core.analysis.before_after import SIDES
from neuropil_gui.core.analysis.correlations import Correlations
from neuropil_gui.features.population.correlation_plot import CorrelationPlot
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import ColourBar
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page

IDLE = "Rows and columns are cells, alike in all. Point at a pair for its r; a click selects the row's cell."


class CorrelationPage(Page):
    """Matrices and distributions, with the mean r of each side, and a button that writes the pairs as a table.

    Signals: `cell_chosen` (index), `cell_hovered` (index of the row's cell, or None), `table_requested`.
    """

    cell_chosen = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    table_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("population_correlation")
        self.found: Correlations | None = None
        self._names: tuple[str, ...] = ()
        self.plot, self.text, self.line = CorrelationPlot(), QLabel(), QLabel(IDLE)
        self.bar, self.table = ColourBar(), QPushButton("Export table…")
        self.text.setObjectName("population_means")
        self.line.setObjectName("population_correlation_words")
        self.line.setProperty("muted", True)
        for label in (self.text, self.line):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.table.setObjectName("population_correlation_table")
        self.table.setAccessibleName("Write r of all pairs")
        self.table.setToolTip("Write r of each pair of cells before and after to a .csv table")
        self.table.clicked.connect(self.table_requested)
        rows = []
        for label, beside in ((self.text, self.bar), (self.line, self.table)):
            row = QHBoxLayout()
            row.setContentsMargins(10, 2, 10, 0)
            row.addWidget(label, 1)
            row.addWidget(beside)
            rows.append(row)
        content = QWidget()
        stack(content, (self.plot, 1), *rows)
        self.set_content(content)
        self.plot.chosen.connect(self.cell_chosen)
        self.plot.pointed.connect(self._on_pointed)

    def show_correlations(self, found: Correlations, names: tuple[str, ...]) -> None:
        """Draw correlations; `names` are those of all cells."""
        self._names = names
        self.say("")
        if found is not self.found:
            self.found = found
            self.plot.show_correlations(found)
            self._write()

    def show_selected(self, index: int) -> None:
        """Mark the selected cell."""
        self.plot.show_selected(index)

    def show_hovered(self, index: int | None) -> None:
        """Mark the cell that the pointer is on."""
        self.plot.show_hovered(index)

    def _write(self) -> None:
        if self.found is not None:
            means = (
                f"{style.coloured(word, style.role_colour(side))} {self.found.pairs[side].mean:.3f}"
                for side, word in SIDES.items()
            )
            text = f"Mean r of {len(self.found.cells):,} cells: {', '.join(means)}"
            self.text.setText(text.replace(" -", " \N{MINUS SIGN}"))
            limit = f"{self.found.limit:.2f}"
            self.bar.show_scale("Pearson's r of two cells, beyond the ends too", f"\N{MINUS SIGN}{limit}", limit, True)

    @pyqtSlot(object)
    def _on_pointed(self, pair: tuple[int, int] | None) -> None:
        if pair is None or self.found is None:
            self.line.setText(IDLE)
            self.cell_hovered.emit(None)
            return
        self.cell_hovered.emit(self.found.cells[pair[0]])
        names = " and ".join(f"{self.found.cells[each] + 1}. {self._names[self.found.cells[each]]}" for each in pair)
        values = ", ".join(f"{word} {self.found.matrices[side][pair]:.3f}" for side, word in SIDES.items())
        distances = self.found.distances
        if distances is not None and np.isfinite(distances[pair]):
            values += f" · {distances[pair]:.0f} pixels apart"
        self.line.setText(f"{names} · r: " + values.replace("-", "\N{MINUS SIGN}"))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self._write()
