"""Proxy model that filters and sorts the rows of a table."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from PyQt5.QtCore import QAbstractItemModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, pyqtSlot

Row = Mapping[str, object]


class Rows(Protocol):
    """Interface of a table model that `RowFilter` filters and sorts."""

    def values(self, row: int) -> Row:
        """Return the values of a row that a filter may compare, by column name."""
        ...

    def sort_key(self, row: int, column: int) -> object:
        """Return the sort key of a row in a column, None where it is unknown."""
        ...


class RowTest(Protocol):
    """Interface of a filter that has been parsed."""

    @property
    def text(self) -> str:
        """The filter as it was typed."""
        ...

    def matches(self, row: Any) -> bool:
        """Return whether a row passes."""
        ...


class RowFilter(QSortFilterProxyModel):
    """Proxy model that sorts unknown values to the end in both orders.

    Parameters
    ----------
    rows : Rows
        Also a QAbstractItemModel.
    in_order : collection of int
        Columns by which the rows lie in ascending order already, so that nothing is compared to sort by them.
    """

    def __init__(self, rows: Rows, parent: QObject | None = None, in_order: Collection[int] = ()) -> None:
        super().__init__(parent)
        self._in_order = in_order
        assert isinstance(rows, QAbstractItemModel)
        self._model: QAbstractItemModel = rows
        self._rows: Rows = rows
        self._filter: RowTest | None = None
        self._by = 0
        self._order = Qt.SortOrder.AscendingOrder
        self._keys: list[Any] = []
        # Connect before setSourceModel: the keys must exist when Qt sorts.
        rows.modelReset.connect(self._make_keys)
        rows.dataChanged.connect(self._renew_keys)
        self.setSourceModel(rows)

    def set_filter(self, chosen: RowTest | None) -> None:
        """Show the rows that pass `chosen`; None shows all."""
        before, self._filter = self._filter, chosen if chosen is not None and chosen.text.strip() else None
        if before is not self._filter:
            self.invalidateFilter()

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return self._filter is not None

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:  # noqa: N802 -- Qt's
        """Return whether a row passes the filter."""
        return self._filter is None or self._filter.matches(self._rows.values(source_row))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, by keys that are computed once and not at each comparison."""
        self._by, self._order = column, order
        self._make_keys()
        super().sort(-1 if self._is_in_order else column, order)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802 -- Qt's
        """Compare the sort keys of two rows."""
        return bool(self._keys[left.row()] < self._keys[right.row()])

    @property
    def _is_in_order(self) -> bool:
        return self._by in self._in_order and self._order == Qt.SortOrder.AscendingOrder

    @pyqtSlot()
    def _make_keys(self) -> None:
        self._keys = [] if self._is_in_order else [self._key(row) for row in range(self._model.rowCount())]

    @pyqtSlot(QModelIndex, QModelIndex)
    def _renew_keys(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1) if self._keys else ():
            self._keys[row] = self._key(row)

    @pyqtSlot(int)
    def add_key(self, row: int) -> None:
        """Insert the sort key of a row; call it before the model ends the insertion."""
        self._keys.insert(row, self._key(row))

    @pyqtSlot(int)
    def remove_key(self, row: int) -> None:
        """Remove the sort key of a row; call it before the model ends the removal."""
        del self._keys[row]

    def _key(self, row: int) -> Any:
        key = self._rows.sort_key(row, self._by)
        if key is None:
            # Qt reverses a descending order, and would put unknown values first.
            return (1,) if self._order == Qt.SortOrder.AscendingOrder else (-1,)
        return (0, key)
