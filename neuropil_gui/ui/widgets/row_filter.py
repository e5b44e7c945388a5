"""Filtered and sorted rows of a table model, held as an array of the rows in the order in which they are shown."""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    Qt,
    pyqtSlot,
)

SORTED = QAbstractItemModel.LayoutChangeHint.VerticalSortHint

Order = range | NDArray[np.intp]
"""Rows of the source; a range where all are shown as they lie, so that showing them costs no work for each."""


class Rows(Protocol):
    """Interface of a table model that `RowFilter` filters and sorts."""

    def values(self, name: str, rows: range) -> Sequence[object]:
        """Return the values of rows that a filter may compare, by the column's name; None where unknown."""
        ...

    def sort_keys(self, column: int, rows: range) -> NDArray[np.float64] | list[Any]:
        """Return the sort keys of rows in a column: an array with NaN, or a list with None, where unknown."""
        ...


class RowTest(Protocol):
    """Interface of a filter that has been parsed."""

    @property
    def text(self) -> str:
        """The filter as it was typed."""
        ...

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it compares."""
        ...

    def matches(self, row: Any) -> bool:
        """Return whether a row passes, given the values of `columns`."""
        ...


class RowFilter(QAbstractTableModel):
    """Table model of the rows of another that pass a filter, sorted; unknown values are at the end in both orders.

    Qt's own QSortFilterProxyModel calls Python for each row and each comparison, also where all rows are shown as
    they lie.

    Parameters
    ----------
    rows : Rows
        Also a QAbstractItemModel.
    in_order : collection of int
        Columns by which the rows lie in ascending order already.
    """

    def __init__(self, rows: Rows, parent: QObject | None = None, in_order: Collection[int] = ()) -> None:
        super().__init__(parent)
        self._in_order = in_order
        assert isinstance(rows, QAbstractItemModel)
        self._model: QAbstractItemModel = rows
        self._rows: Rows = rows
        self._filter: RowTest | None = None
        self._by: int | None = None
        self._order = Qt.SortOrder.AscendingOrder
        self._keys: NDArray[np.float64] | list[Any] = []
        self._passes: NDArray[np.bool_] | None = None
        self._places: NDArray[np.intp] | None = None
        self.rows: Order = range(rows.rowCount())
        rows.modelAboutToBeReset.connect(self.beginResetModel)
        rows.modelReset.connect(self._source_reset)
        rows.dataChanged.connect(self._source_changed)
        rows.rowsInserted.connect(self._source_inserted)
        rows.rowsRemoved.connect(self._source_removed)

    # Filter and order

    def set_filter(self, chosen: RowTest | None) -> None:
        """Show the rows that pass `chosen`; None shows all."""
        before, self._filter = self._filter, chosen if chosen is not None and chosen.text.strip() else None
        if before is not self._filter:
            self._passes = self._test(range(self._model.rowCount())) if self._filter is not None else None
            self._show(self._arranged())

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return self._filter is not None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, by keys that are computed once and not at each comparison."""
        self._by, self._order = column, order
        self._keys = self._make_keys()
        self._show(self._arranged())

    def _arranged(self) -> Order:
        """Return the rows that are to be shown, in order."""
        count = self._model.rowCount()
        order = range(count) if self._is_in_order else _sorted(self._keys, self._order)
        if self._passes is None:
            return order
        return np.flatnonzero(self._passes) if isinstance(order, range) else order[self._passes[order]]

    @property
    def _is_in_order(self) -> bool:
        return self._by is None or (self._by in self._in_order and self._order == Qt.SortOrder.AscendingOrder)

    def _make_keys(self) -> NDArray[np.float64] | list[Any]:
        if self._by is None or self._is_in_order:
            return []
        return self._rows.sort_keys(self._by, range(self._model.rowCount()))

    def _test(self, rows: range) -> NDArray[np.bool_]:
        """Return which of these rows pass the filter."""
        assert self._filter is not None
        names = tuple(self._filter.columns)
        columns = [self._rows.values(name, rows) for name in names]
        matches = self._filter.matches
        return np.array([matches(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)], bool)

    def _show(self, rows: Order) -> None:
        """Show these rows, and let selections and the current row go with them."""
        if _same(rows, self.rows):
            return
        self.layoutAboutToBeChanged.emit([], SORTED)
        before = self.persistentIndexList()
        sources = [self.source_row(index.row()) for index in before]
        self.rows, self._places = rows, None
        after = [self._at(self.shown_row(row), index.column()) for row, index in zip(sources, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit([], SORTED)

    def _at(self, row: int, column: int) -> QModelIndex:
        return self.index(row, column) if row >= 0 else QModelIndex()

    # Rows of the source and here

    def source_row(self, row: int) -> int:
        """Return the source's row that is shown in a row, -1 for none."""
        return int(self.rows[row]) if 0 <= row < len(self.rows) else -1

    def shown_row(self, source_row: int) -> int:
        """Return where a row of the source is shown, -1 where it is not."""
        if isinstance(self.rows, range):
            return source_row if source_row in self.rows else -1
        if self._places is None:
            self._places = np.full(self._model.rowCount(), -1)
            self._places[self.rows] = np.arange(len(self.rows))
        return int(self._places[source_row]) if 0 <= source_row < len(self._places) else -1

    def mapToSource(self, index: QModelIndex) -> QModelIndex:  # noqa: N802 -- as in Qt's proxy models
        """Return the source's index of what is shown."""
        return self._model.index(self.source_row(index.row()), index.column())

    def mapFromSource(self, index: QModelIndex) -> QModelIndex:  # noqa: N802 -- as in Qt's proxy models
        """Return where an index of the source is shown, an invalid one where it is not."""
        return self._at(self.shown_row(index.row()), index.column())

    # The table

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of rows that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns of the source."""
        return 0 if parent is not None and parent.isValid() else self._model.columnCount()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what the source says of a column."""
        return self._model.headerData(section, orientation, role) if orientation == Qt.Orientation.Horizontal else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what the source says of a table cell."""
        return self._model.data(self.mapToSource(index), role) if index.isValid() else None

    # Changes of the source

    @pyqtSlot()
    def _source_reset(self) -> None:
        self._keys = self._make_keys()
        self._passes = self._test(range(self._model.rowCount())) if self._filter is not None else None
        self.rows, self._places = self._arranged(), None
        self.endResetModel()

    @pyqtSlot(QModelIndex, QModelIndex, "QVector<int>")
    def _source_changed(self, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        rows = range(first.row(), last.row() + 1)
        if Qt.ItemDataRole.DecorationRole not in roles:  # a miniature, by which nothing is sorted
            if self._by is not None and not self._is_in_order:
                self._keys[rows.start : rows.stop] = self._rows.sort_keys(self._by, rows)
            if self._passes is not None:
                self._passes[rows.start : rows.stop] = self._test(rows)
            self._show(self._arranged())
        top, bottom = rows.start, rows.stop - 1
        if not isinstance(self.rows, range):
            shown = [place for place in map(self.shown_row, rows) if place >= 0]
            top, bottom = min(shown, default=-1), max(shown, default=-1)
        if top >= 0:
            self.dataChanged.emit(self.index(top, first.column()), self.index(bottom, last.column()), roles)

    @pyqtSlot(QModelIndex, int, int)
    def _source_inserted(self, _: QModelIndex, first: int, last: int) -> None:
        new, shown = range(first, last + 1), np.asarray(self.rows)
        self.rows, self._places = np.where(shown >= first, shown + len(new), shown), None
        if self._by is not None and not self._is_in_order:
            keys = self._rows.sort_keys(self._by, new)
            self._keys = _joined(self._keys[:first], keys, self._keys[first:])
        if self._passes is not None:
            self._passes = _joined(self._passes[:first], self._test(new), self._passes[first:])
        self._show(self._arranged())

    @pyqtSlot(QModelIndex, int, int)
    def _source_removed(self, _: QModelIndex, first: int, last: int) -> None:
        gone, shown = range(first, last + 1), np.asarray(self.rows)
        later = np.where(shown > last, shown - len(gone), shown)
        self.rows, self._places = np.where((shown >= first) & (shown <= last), -1, later), None
        if self._by is not None and not self._is_in_order:
            self._keys = _joined(self._keys[:first], self._keys[last + 1 :])
        if self._passes is not None:
            self._passes = _joined(self._passes[:first], self._passes[last + 1 :])
        self._show(self._arranged())


def _joined(*parts: Any) -> Any:
    return list(chain(*parts)) if isinstance(parts[0], list) else np.concatenate(parts)


def select_row_by_row(selection: QItemSelectionModel) -> None:
    """Let a selection of all rows survive a filter as those rows.

    Of a large table that was selected as a whole, QItemSelectionModel keeps the first and the last row alone when the
    layout changes, and would take rows between them for selected that were not. Beginning another, empty selection
    makes it keep each.
    """
    ranges, model = selection.selection(), selection.model()
    if model is not None and ranges.count() == 1 and ranges[0].height() == model.rowCount():
        selection.select(QItemSelection(), QItemSelectionModel.SelectionFlag.Select)


def _sorted(keys: NDArray[np.float64] | list[Any], order: Qt.SortOrder) -> NDArray[np.intp]:
    """Return the places of keys in order; equal ones as they lie, unknown ones at the end."""
    descending = order == Qt.SortOrder.DescendingOrder
    if isinstance(keys, np.ndarray):
        return np.argsort(-keys if descending else keys, kind="stable")
    known = sorted(
        (place for place, key in enumerate(keys) if key is not None), key=keys.__getitem__, reverse=descending
    )
    return np.array(known + [place for place, key in enumerate(keys) if key is None], np.intp)


def _same(one: Order, other: Order) -> bool:
    if isinstance(one, range) and isinstance(other, range):
        return one == other
    return np.array_equal(one, other)
