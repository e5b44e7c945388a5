"""Highlight: the component, the signal and the cell that are emphasised in all views."""

from PyQt5.QtCore import QObject, pyqtSignal


class Highlight(QObject):
    """The component, signal and cell under the pointer, and the component that was clicked.

    Signals: `changed` (component or signal), `cell_changed` (index of the cell under the pointer, or None).
    """

    changed = pyqtSignal()
    cell_changed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hovered: int | None = None
        self._kept: int | None = None
        self._signal: int | None = None
        self._cell: int | None = None

    @property
    def component(self) -> int | None:
        """The component, by its rank from 0, that is highlighted: the one under the pointer, else the one kept."""
        return self._kept if self._hovered is None else self._hovered

    @property
    def signal(self) -> int | None:
        """The signal, by its row, that is highlighted."""
        return self._signal

    @property
    def cell(self) -> int | None:
        """The cell, by its index, that is under the pointer."""
        return self._cell

    def clear(self) -> None:
        """Highlight nothing any more, because something else is shown."""
        lit = (self._hovered, self._kept, self._signal) != (None, None, None)
        self._hovered = self._kept = self._signal = None
        if lit:
            self.changed.emit()
        self.hover_cell(None)

    def hover_component(self, rank: int | None) -> None:
        """Highlight a component while the pointer is on it."""
        if rank != self._hovered:
            self._hovered = rank
            self.changed.emit()

    def keep_component(self, rank: int) -> None:
        """Keep a component highlighted, or stop doing so."""
        self._kept = None if rank == self._kept else rank
        self.changed.emit()

    def hover_signal(self, row: int | None) -> None:
        """Highlight a signal while the pointer is on it."""
        if row != self._signal:
            self._signal = row
            self.changed.emit()

    def hover_cell(self, index: int | None) -> None:
        """Highlight a cell while the pointer is on it."""
        if index != self._cell:
            self._cell = index
            self.cell_changed.emit(index)
