"""Which component and which signal are lit, in all views at once."""

from PyQt5.QtCore import QObject, pyqtSignal


class Highlight(QObject):
    """What the pointer is on, and what was clicked.

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
        """The component, by its rank from 0, that is lit: the one hovered over, else the one kept."""
        return self._kept if self._hovered is None else self._hovered

    @property
    def signal(self) -> int | None:
        """The signal, by its row, that is lit."""
        return self._signal

    def hover_component(self, rank: int | None) -> None:
        """Light a component while the pointer is on it."""
        if rank != self._hovered:
            self._hovered = rank
            self.changed.emit()

    def keep_component(self, rank: int) -> None:
        """Keep a component lit, or no longer."""
        self._kept = None if rank == self._kept else rank
        self.changed.emit()

    def hover_signal(self, row: int | None) -> None:
        """Light a signal while the pointer is on it."""
        if row != self._signal:
            self._signal = row
            self.changed.emit()
