"""Ring about the pointer that fills while a button is pressed, and a line with the keys that were pressed."""

from PyQt5.QtCore import QPoint, Qt, QTimer
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QLabel, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

DIAMETER, THICK = 31, 3
"""Pixels of the ring with text of the usual size: 44 across on a projector of 1080 lines."""

ABOVE = 40
"""Pixels from the lower edge of the window to the keys, with text of the usual size."""

SHOWN = 1000
"""Milliseconds that keys are shown."""


class PointerRing(QWidget):
    """Ring that lets all clicks through to what is below it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("pointer_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.filled = False
        self.hide()

    def move_to(self, window: QWidget, place: QPoint) -> None:
        """Put the ring about a place of a window."""
        if self.parentWidget() is not window:
            self.setParent(window)
        side = scaled(DIAMETER) + 2
        self.setGeometry(place.x() - side // 2, place.y() - side // 2, side, side)
        self.show()
        self.raise_()

    def fill(self, on: bool) -> None:
        """Fill the ring, or empty it."""
        if on != self.filled:
            self.filled = on
            self.update()

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw the ring in the accent colour."""
        painter, colour = QPainter(self), QColor(style.current().accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, scaled(THICK)))
        if self.filled:
            colour.setAlpha(110)
            painter.setBrush(colour)
        edge = scaled(THICK) // 2 + 1
        painter.drawEllipse(self.rect().adjusted(edge, edge, -edge, -edge))


class PressedKeys(QLabel):
    """Keys and what they do, for a second near the lower edge of a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("pressed_keys")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setProperty("keys", True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def show_keys(self, window: QWidget, text: str) -> None:
        """Show a text in a window."""
        if self.parentWidget() is not window:
            self.setParent(window)
        self.setText(text)
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - scaled(ABOVE))
        self.show()
        self.raise_()
        self._timer.start()
