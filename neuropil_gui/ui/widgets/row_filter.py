"""Which rows of a table are shown, and in which order."""

from typing import Any, Protocol

from PyQt5.QtCore import QAbstractItemModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, pyqtSlot

from neuropil_gui.state.filtering import Filter
from neuropil_gui.state.predicates import Row


class Rows(Protocol):
    """What a table is filtered and sorted by; one with Qt's own part is its model."""

    def values(self, row: int) -> Row:
        """Return what the filter may ask for."""
        ...

    def sort_key(self, row: int, column: int) -> object:
        """Return what a column is sorted by; None for what is not known."""
        ...


class RowFilter(QSortFilterProxyModel):
    """Sorts what is not known to the end, whichever way."""

    def __init__(self, rows: Rows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert isinstance(rows, QAbstractItemModel)
        self._model: QAbstractItemModel = rows
        self._rows: Rows = rows
        self._filter: Filter | None = None
        self._by = 0
        self._order = Qt.SortOrder.AscendingOrder
        self._keys: list[Any] = []
        # Connected first, so that the keys are there before Qt sorts by them.
        rows.modelReset.connect(self._make_keys)
        rows.dataChanged.connect(self._renew_keys)
        self.setSourceModel(rows)

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
        return self._filter is None or self._filter.matches(self._rows.values(source_row))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort, by keys that are made once instead of at each comparison."""
        self._by, self._order = column, order
        self._make_keys()
        super().sort(column, order)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802 -- Qt's
        """Compare two rows by the column that is sorted by."""
        return bool(self._keys[left.row()] < self._keys[right.row()])

    @pyqtSlot()
    def _make_keys(self) -> None:
        self._keys = [self._key(row) for row in range(self._model.rowCount())]

    @pyqtSlot(QModelIndex, QModelIndex)
    def _renew_keys(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self._keys[row] = self._key(row)

    @pyqtSlot(int)
    def add_key(self, row: int) -> None:
        """Take in a row, before the model ends its insertion."""
        self._keys.insert(row, self._key(row))

    @pyqtSlot(int)
    def remove_key(self, row: int) -> None:
        """Forget a row, before the model ends its removal."""
        del self._keys[row]

    def _key(self, row: int) -> Any:
        key = self._rows.sort_key(row, self._by)
        if key is None:
            # Qt turns the order around for a descending one, and so the unknown's.
            return (1,) if self._order == Qt.SortOrder.AscendingOrder else (-1,)
        return (0, key)
