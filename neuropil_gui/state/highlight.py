"""Highlight: the component and the signal that are emphasised in all views."""

from PyQt5.QtCore import QObject, pyqtSignal


class Highlight(QObject):
    """The component and signal under the pointer, and the component that was clicked.

    Signals: `changed`.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hovered: int | None = None
        self._kept: int | None = None
        self._signal: int | None = None

    @property
    def component(self) -> int | None:
        """The component, by its rank from 0, that is highlighted: the one under the pointer, else the one kept."""
        return self._kept if self._hovered is None else self._hovered

    @property
    def signal(self) -> int | None:
        """The signal, by its row, that is highlighted."""
        return self._signal

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
