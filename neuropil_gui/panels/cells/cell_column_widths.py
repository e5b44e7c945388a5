"""Widths of the columns in the table of cells, and the choice of those for which there is room."""

from PyQt5.QtWidgets import QTableView

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.recording import CellsOverview
from neuropil_gui.panels.cells.cell_delegate import PADDING
from neuropil_gui.panels.cells.cell_model import FACTS, CellColumn, CellModel
from neuropil_gui.ui.sizes import scaled

RESULTS = (CellColumn.ALIVE, CellColumn.R, CellColumn.CONVERGED)
TESTS = (CellColumn.GAIN, CellColumn.LEAK)
YIELDING = (CellColumn.TRACE, CellColumn.R, CellColumn.ALIVE)
"""Columns that make room for those of the spike-in tests, which the user asked for, the last first; then names do."""
LOOKED_AT = 200
"""Cells whose name and index in the source are measured: to measure each of many takes long."""

SHORTEST_LINE, SHORTEST_NAME = 32, 56
"""Pixels that a trace and a name take at least."""


class CellColumnWidths:
    """Sets the width that each column needs, and leaves the rest to the miniatures."""

    def __init__(self, view: QTableView, model: CellModel) -> None:
        self._view, self._model = view, model
        self._source_width = 0
        self.frames_differ = False
        self._overview = CellsOverview()
        self.measure()

    def measure(self, overview: CellsOverview | None = None) -> None:
        """Compute the width that each column needs for these cells; None for those of before, in another font."""
        self._overview = overview = overview or self._overview
        metrics, headers = self._view.fontMetrics(), self._model.headers
        some = range(len(headers) - 1, -1, -max(1, len(headers) // LOOKED_AT))
        names = max((headers[row].name for row in some), key=len, default="")
        sources = max(map(self._model.source, some), key=len, default="")
        texts = {
            CellColumn.NUMBER: str(len(headers)),
            CellColumn.NAME: names,
            CellColumn.ALIVE: "alive",
            CellColumn.R: max("\N{MINUS SIGN}0.00", NUMBERS["r_neuropil"].symbol, key=metrics.horizontalAdvance),
            CellColumn.CONVERGED: "ok ",
            CellColumn.SCORE: "score",
            CellColumn.GAIN: "0.00 ",
            CellColumn.LEAK: "\N{MINUS SIGN}0.00",
            CellColumn.PROBABILITY: "0.00 ",
            CellColumn.RED: "red ",
            CellColumn.MARK: "mark ",
            CellColumn.FRAMES: max("frames", f"{overview.most_frames:,}", key=len),
        }
        around = 2 * scaled(PADDING) + 2
        self._widths = {column: metrics.horizontalAdvance(text) + around for column, text in texts.items()}
        self._widths[CellColumn.NUMBER] = max(self._widths[CellColumn.NUMBER], scaled(32))  # with the sort indicator
        self._widths[CellColumn.NAME] = min(max(self._widths[CellColumn.NAME], scaled(SHORTEST_NAME)), scaled(150))
        self._source_width = metrics.horizontalAdvance(f"  {sources}") if sources else 0
        self._facts = [column for column, name in FACTS.items() if name in overview.facts]
        self.frames_differ = overview.least_frames < overview.most_frames

    def fit(self) -> None:
        """Share the width; the last columns and the index in the source are hidden first, those of tests never."""
        viewport = self._view.viewport()
        assert viewport is not None
        widths, has_results = dict(self._widths), bool(self._model.summaries)
        shown = {CellColumn.NUMBER, CellColumn.NAME, CellColumn.TRACE, *(RESULTS if has_results else ())}
        if self._model.marks:
            shown.add(CellColumn.MARK)
        if self._model.own:
            shown.add(CellColumn.OWN)
            longest = max(("own settings", *self._model.own.values()), key=len)
            wide = self._view.fontMetrics().horizontalAdvance(longest) + 2 * scaled(PADDING) + 2
            widths[CellColumn.OWN] = min(wide, scaled(150))
        widths[CellColumn.TRACE] = scaled(SHORTEST_LINE)
        left = viewport.width() - sum(widths[column] for column in shown)
        if self._model.tested:
            left -= sum(widths[column] for column in TESTS)
            shown.update(TESTS)
            for column in YIELDING[::-1]:
                if left < 0 and column in shown:
                    shown.remove(column)
                    left += widths[column]
            name = max(widths[CellColumn.NAME] + min(left, 0), scaled(SHORTEST_NAME))
            left += widths[CellColumn.NAME] - name
            widths[CellColumn.NAME] = name
        facts = ((column, column in self._facts) for column in FACTS)
        for column, wanted in ((CellColumn.FRAMES, self.frames_differ), (CellColumn.SCORE, has_results), *facts):
            if wanted and left - widths[column] >= 30:
                shown.add(column)
                left -= widths[column]
        if left - self._source_width >= 20:
            widths[CellColumn.NAME] += self._source_width
            left -= self._source_width
        widths[CellColumn.TRACE if CellColumn.TRACE in shown else CellColumn.NAME] += max(left, 0)
        for column in CellColumn:
            if self._view.isColumnHidden(column) == (column in shown):
                self._view.setColumnHidden(column, column not in shown)
            if column in shown and self._view.columnWidth(column) != widths[column]:
                self._view.setColumnWidth(column, widths[column])
