"""Postponed: puts off the drawing of a view that is hidden until it is shown."""

from collections.abc import Callable

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QWidget


class Postponed(QObject):
    """Knows whether a view is hidden, as on another page or below another tab, and draws it when it is shown.

    Parameters
    ----------
    view : QWidget
    draw : callable
        Draws all of the view as things stand.
    parent : QObject
    """

    def __init__(self, view: QWidget, draw: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._shown, self._behind, self._draw = view.isVisible(), False, draw
        view.installEventFilter(self)

    def put_off(self) -> bool:
        """Return whether the view is hidden; then it is drawn when it is shown."""
        self._behind = not self._shown
        return self._behind

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Draw a view that is shown, if it is behind."""
        kind = event.type() if event is not None else QEvent.Type.None_
        if kind == QEvent.Type.Hide:
            self._shown = False
        elif kind == QEvent.Type.Show:
            self._shown, behind, self._behind = True, self._behind, False
            if behind:
                self._draw()
        return False
