"""Readout: one line of names and values at the crosshair."""

from collections.abc import Sequence

from PyQt5.QtCore import QRect, QSize, Qt
from PyQt5.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled, smaller

GAP = 9


class Readout(QWidget):
    """Names in their colours, each with a value, at places that stay while the values change."""

    def __init__(self, idle: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._idle = idle
        self._parts: Sequence[tuple[str, str, QColor]] = ()
        self._widths: list[int] = []
        self.setObjectName("readout")
        self.setAccessibleName("Values under the crosshair")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: Sequence[tuple[str, str, QColor]]) -> None:
        """Show (name, value, colour); without parts, the hint given at construction."""
        if len(parts) != len(self._parts):
            self._widths = []
        self._parts = parts
        self.update()

    def text(self) -> str:
        """Return the text shown."""
        return " · ".join(f"{name} {value}".strip() for name, value, _ in self._parts) or self._idle

    def sizeHint(self) -> QSize:
        """Return the size of one line of text."""
        return QSize(200, self.fontMetrics().height() + 6)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw as many parts as fit."""
        theme, painter = style.current(), QPainter(self)
        font = smaller(self.font())
        painter.setFont(font)
        metrics = QFontMetrics(font)
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        left, right = 8, self.width() - 6
        if not self._parts:
            painter.setPen(QColor(theme.muted))
            text = metrics.elidedText(self._idle, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(QRect(left, 0, right - left, self.height()), centre, text)
            return
        gap = max(metrics.horizontalAdvance(" "), 4)
        for index, (name, value, colour) in enumerate(self._parts):
            first = metrics.horizontalAdvance(name)
            space = gap if name else 0
            width = first + space + metrics.horizontalAdvance(value)
            if index == len(self._widths):
                self._widths.append(0)
            # Keep the greatest width so far: the line must not move as digits come and go.
            width = self._widths[index] = max(width, self._widths[index])
            if left + width > right:
                painter.setPen(QColor(theme.muted))
                painter.drawText(QRect(left, 0, right - left, self.height()), centre, "…")
                return
            painter.setPen(colour)
            painter.drawText(QRect(left, 0, first + 1, self.height()), centre, name)
            painter.setPen(QColor(theme.text))
            painter.drawText(QRect(left + first + space, 0, width - first, self.height()), centre, value)
            left += width + scaled(GAP)
