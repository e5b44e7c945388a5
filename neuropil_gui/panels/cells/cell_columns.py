"""How wide the columns of the table of cells are, and which there is room for."""

from PyQt5.QtWidgets import QTableView

from neuropil_gui.panels.cells.cell_delegate import PADDING
from neuropil_gui.panels.cells.cell_model import FACTS, CellModel, Column

RESULTS = (Column.ALIVE, Column.R, Column.CONVERGED)
SHORTEST_LINE = 32
"""Pixels that a trace takes at least."""


class CellColumns:
    """Gives each column what it needs, and the traces the rest."""

    def __init__(self, view: QTableView, model: CellModel) -> None:
        self._view, self._model = view, model
        self._source_width = 0
        self.frames_differ = False
        self.measure()

    def measure(self) -> None:
        """Find out how wide each column must be for what stands in it."""
        metrics, headers = self._view.fontMetrics(), self._model.headers
        names = max((header.name for header in headers), key=len, default="")
        sources = max(self._model.sources, key=len, default="")
        texts = {
            Column.NUMBER: str(len(headers)),
            Column.NAME: names,
            Column.ALIVE: "alive",
            Column.R: "\N{MINUS SIGN}0.00",
            Column.CONVERGED: "ok ",
            Column.SCORE: "score",
            Column.PROBABILITY: "0.00 ",
            Column.RED: "red ",
            Column.FRAMES: max(("frames", *(f"{header.frames:,}" for header in headers)), key=len),
        }
        self._widths = {column: metrics.horizontalAdvance(text) + 2 * PADDING + 2 for column, text in texts.items()}
        self._widths[Column.NUMBER] = max(self._widths[Column.NUMBER], 32)  # with the mark of sorting
        self._widths[Column.NAME] = min(max(self._widths[Column.NAME], 56), 150)
        self._source_width = metrics.horizontalAdvance(f"  {sources}") if sources else 0
        said = {name for header in headers for name, _ in header.facts}
        self._facts = [column for column, name in FACTS.items() if name in said]
        self.frames_differ = len({header.frames for header in headers}) > 1

    def fit(self) -> None:
        """Share the room; the last columns, and the rows in the source, are shown only where there is some."""
        viewport = self._view.viewport()
        assert viewport is not None
        widths, has_results = dict(self._widths), bool(self._model.summaries)
        shown = {Column.NUMBER, Column.NAME, Column.TRACE, *(RESULTS if has_results else ())}
        left = viewport.width() - sum(widths[column] for column in shown if column != Column.TRACE)
        facts = ((column, column in self._facts) for column in FACTS)
        for column, wanted in ((Column.FRAMES, self.frames_differ), (Column.SCORE, has_results), *facts):
            if wanted and left - widths[column] >= SHORTEST_LINE + 30:
                shown.add(column)
                left -= widths[column]
        if left - self._source_width >= SHORTEST_LINE + 20:
            widths[Column.NAME] += self._source_width
            left -= self._source_width
        widths[Column.TRACE] = max(left, SHORTEST_LINE)
        for column in Column:
            if self._view.isColumnHidden(column) == (column in shown):
                self._view.setColumnHidden(column, column not in shown)
            if column in shown and self._view.columnWidth(column) != widths[column]:
                self._view.setColumnWidth(column, widths[column])
