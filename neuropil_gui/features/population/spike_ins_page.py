"""Page on spike-in tests of all cells: what is added, leak over gain, and what came back in words."""

from collections.abc import Mapping

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QWidget

from neuropil_gui.core.analysis.cell_spike_in import REPEATS, CellSpikeIn
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.features.population import words
from neuropil_gui.features.population.spike_ins_plot import SpikeInsPlot
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page
from neuropil_gui.ui.widgets.spike_in_choices import course_choice, shares_choice


class SpikeInsPage(Page):
    """Points of all cells, the course that is added, and a button that writes the numbers as a table.

    Signals: `asked` (another test is asked for), `cell_chosen` (index), `cell_hovered` (index or None),
    `table_requested`.
    """

    asked = pyqtSignal()
    cell_chosen = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    table_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("population_spike_in")
        self._known: dict[int, CellSpikeIn] = {}
        self._names: tuple[str, ...] = ()
        self.kernel, self.shares = course_choice(), shares_choice()
        for combo, name, tip in (
            (self.kernel, "kernel", "Whose time course the added transients have"),
            (self.shares, "shares", "How much of the cell's added light each region sees"),
        ):
            combo.setObjectName(f"population_spike_in_{name}")
            combo.setAccessibleName(tip)
            combo.setToolTip(tip)
            combo.currentIndexChanged.connect(self.asked)
        self.other_share = DecimalBox()
        self.other_share.setRange(0.0, 10.0)
        self.other_share.setValue(SpikeInTest().other_share)
        self.other_share.setKeyboardTracking(False)
        self.other_share.valueChanged.connect(self.asked)
        tip = "How much of the light that is not the cell's the ROI sees, over what a region sees; 0: none"
        self.other_share.setObjectName("population_spike_in_other_share")
        self.other_share.setAccessibleName(tip)
        self.other_share.setToolTip(tip)
        keep_scaled(self.other_share, QWidget.setFixedWidth, 64)
        self.plot, self.text, self.line = SpikeInsPlot(), QLabel(), QLabel(words.TESTED_IDLE)
        self.nothing = QLabel(words.NOT_TESTED)
        self.table = QPushButton("Export table…")
        self.text.setObjectName("population_spike_in_summary")
        self.line.setObjectName("population_spike_in_words")
        self.line.setProperty("muted", True)
        self.nothing.setObjectName("population_spike_in_nothing")
        self.nothing.setProperty("muted", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.setMargin(30)
        for label in (self.text, self.line):
            label.setWordWrap(True)
            label.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignTop)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.table.setObjectName("population_spike_in_table")
        self.table.setAccessibleName("Write what came back in all cells")
        self.table.setToolTip("Write gain and leak of each cell, with their intervals, to a .csv table")
        self.table.clicked.connect(self.table_requested)
        controls = QHBoxLayout()
        controls.setContentsMargins(10, 6, 10, 4)
        controls.setSpacing(8)
        for text, widget in (
            ("Add transients of", self.kernel), ("regions see", self.shares),
            ("ROI sees of other light", self.other_share),
        ):  # fmt: skip
            label = QLabel(text)
            label.setBuddy(widget)
            controls.addWidget(label)
            controls.addWidget(widget)
        controls.addStretch(1)
        below = QHBoxLayout()
        below.setContentsMargins(10, 4, 10, 2)
        below.addLayout(stack(None, self.text, self.line), 1)
        below.addWidget(self.table)
        self.shown = QStackedWidget()
        self.shown.addWidget(self.nothing)
        self.shown.addWidget(self.plot)
        content = QWidget()
        stack(content, controls, (self.shown, 1), below)
        self.set_content(content)
        self.plot.chosen.connect(self.cell_chosen)
        self.plot.pointed.connect(self._show_numbers)
        self.plot.pointed.connect(self.cell_hovered)
        self.restyle()

    @property
    def test(self) -> SpikeInTest:
        """The test that is asked for."""
        return SpikeInTest(
            kernel=self.kernel.currentData(), shares=self.shares.currentData(), other_share=self.other_share.value(),
            repeats=REPEATS,
        )  # fmt: skip

    def show_cells(self, known: Mapping[int, CellSpikeIn], names: tuple[str, ...]) -> None:
        """Draw the tests of cells by their index; `names` are those of all cells."""
        self._known, self._names = dict(known), names
        self.say("")
        self.shown.setCurrentWidget(self.plot if known else self.nothing)
        self.plot.show_cells(known)
        self.text.setText(words.tested(known.values()))
        self.line.setVisible(bool(known))
        self.table.setEnabled(bool(known))

    def show_selected(self, index: int) -> None:
        """Mark the selected cell."""
        self.plot.show_selected(index)

    def show_hovered(self, index: int | None) -> None:
        """Mark the cell that the pointer is on in another view, and write its numbers."""
        self.plot.show_hovered(index)
        self._show_numbers(index)

    def restyle(self) -> None:
        """Keep room for two lines of text each, so that the plot keeps its size whatever is said below it."""
        for label in (self.text, self.line):
            label.setFixedHeight(2 * label.fontMetrics().lineSpacing() + 2)

    @pyqtSlot(object)
    def _show_numbers(self, index: int | None) -> None:
        found = self._known.get(-1 if index is None else index)
        text, remarks = words.TESTED_IDLE, ""
        if found is not None and index is not None:
            text = f"{index + 1}. {self._names[index]} · {words.tested_cell(found)}"
            remarks = " ".join(found.remarks)
        self.line.setText(f"{text} {remarks}".strip())
        self.line.setToolTip(remarks)
