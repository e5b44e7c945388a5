"""Widths of the columns in the table of runs, and the choice of those for which there is room."""

from PyQt5.QtGui import QFont, QFontMetrics
from PyQt5.QtWidgets import QTableView

from neuropil_gui.features.history.model import CELL, COLUMNS, INDENT, RunModel
from neuropil_gui.ui.sizes import scaled

PADDING, MARK = 14, 14
"""Pixels around a text, and what the mark of sorting takes beside a title."""

NARROWEST, WIDEST = 70, 220
"""Pixels of the cell's name."""

OTHERS = len(COLUMNS) - 1


class RunColumns:
    """Sets the width that each column needs, and hides the least important ones where there is no room."""

    def __init__(self, view: QTableView, model: RunModel) -> None:
        self._view, self._model = view, model

    def fit(self) -> None:
        """Share the width."""
        viewport = self._view.viewport()
        assert viewport is not None
        widths, shown = self._widths(), set(range(len(COLUMNS)))
        if not self._model.has_others:
            shown.discard(OTHERS)
        for column in sorted(shown, key=lambda each: -COLUMNS[each].rank):
            if sum(widths[each] for each in shown) <= viewport.width() or not COLUMNS[column].rank:
                break
            shown.discard(column)
        left = viewport.width() - sum(widths[each] for each in shown)
        if OTHERS in shown:
            widths[OTHERS] += max(left, 0)
        else:
            widths[CELL] += min(max(left, 0), scaled(WIDEST))
        for column in range(len(COLUMNS)):
            self._view.setColumnHidden(column, column not in shown)
            if column in shown and self._view.columnWidth(column) != widths[column]:
                self._view.setColumnWidth(column, widths[column])

    def _widths(self) -> list[int]:
        # The current run is bold.
        font = QFont(self._view.font())
        font.setBold(True)
        bold, plain = QFontMetrics(font), self._view.fontMetrics()
        widths = [
            scaled(PADDING)
            + max(bold.horizontalAdvance(each.widest), plain.horizontalAdvance(each.title) + scaled(MARK))
            + (plain.horizontalAdvance(INDENT) if each.left else 0)
            for each in COLUMNS
        ]
        name = scaled(PADDING) + bold.horizontalAdvance(self._model.longest_name)
        widths[CELL] = min(max(name, scaled(NARROWEST)), scaled(WIDEST))
        return widths
