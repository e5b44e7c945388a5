"""Which cells are shown, and in which order."""

import math
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QModelIndex, QObject, QSortFilterProxyModel, Qt, pyqtSlot

from neuropil_gui.core.filtering import Filter

if TYPE_CHECKING:
    from neuropil_gui.views.cell_model import CellModel


class CellFilter(QSortFilterProxyModel):
    """Sorts what is not known to the end, whichever way."""

    def __init__(self, model: "CellModel", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._filter: Filter | None = None
        self._by = 0
        self._order = Qt.SortOrder.AscendingOrder
        self._keys: list[Any] = []
        # Connected first, so that the keys are there before Qt sorts by them.
        model.modelReset.connect(self._make_keys)
        model.dataChanged.connect(self._renew_keys)
        self.setSourceModel(model)

    def set_filter(self, chosen: Filter | None) -> None:
        """Show what passes a filter; None for all."""
        self._filter = chosen if chosen is not None and chosen.text.strip() else None
        self.invalidateFilter()

    @property
    def filtered(self) -> bool:
        """Whether there is a filter."""
        return self._filter is not None

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:  # noqa: N802 -- Qt's
        """Ask the filter."""
        return self._filter is None or self._filter.matches(self._model.values(source_row))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort, by keys that are made once instead of at each comparison."""
        self._by, self._order = column, order
        self._make_keys()
        super().sort(column, order)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802 -- Qt's
        """Compare two cells by the column that is sorted by."""
        return bool(self._keys[left.row()] < self._keys[right.row()])

    @pyqtSlot()
    def _make_keys(self) -> None:
        self._keys = [self._key(row) for row in range(self._model.rowCount())]

    @pyqtSlot(QModelIndex, QModelIndex)
    def _renew_keys(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self._keys[row] = self._key(row)

    def _key(self, row: int) -> Any:
        key = self._model.sort_key(row, self._by)
        if key is None:
            # Qt turns the order around for a descending one, and so the unknown's.
            return math.inf if self._order == Qt.SortOrder.AscendingOrder else -math.inf
        return key
