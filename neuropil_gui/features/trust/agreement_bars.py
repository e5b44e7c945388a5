"""Agreement bars: how well each component was found again, one bar per component."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import QRect, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

ROW, BAR, NAME, VALUE = 22, 8, 34, 54


class AgreementBars(QWidget):
    """Rows of name, bar from 0 to 1, and number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[float] = []
        self.setObjectName("agreement_bars")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_values(self, values: Sequence[float]) -> None:
        """Show the agreement of each component in matched order; NaN for an empty one."""
        self._values = list(values)
        self.setAccessibleName("Agreement: " + ", ".join(self.texts()))
        self.updateGeometry()
        self.update()

    def texts(self) -> list[str]:
        """Return the text of each row."""
        values = ("empty" if math.isnan(value) else f"{value:.3f}" for value in self._values)
        return [f"c{rank + 1} {text}" for rank, text in enumerate(values)]

    def sizeHint(self) -> QSize:
        """Return the size of one row per component."""
        return QSize(scaled(190), scaled(ROW) * max(len(self._values), 1))

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw the rows."""
        painter, theme = QPainter(self), style.current()
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        for rank, (value, text) in enumerate(zip(self._values, self.texts(), strict=True)):
            top, name, number = rank * scaled(ROW), *text.split(" ", 1)
            painter.setPen(style.readable(style.component_text_colour(rank), theme.window, 4.5))
            painter.drawText(QRect(0, top, scaled(NAME), scaled(ROW)), centre, name)
            room = QRect(
                scaled(NAME),
                top + (scaled(ROW) - scaled(BAR)) // 2,
                max(self.width() - scaled(NAME) - scaled(VALUE) - 8, 10),
                scaled(BAR),
            )
            painter.fillRect(room, QColor(theme.grid))
            if not math.isnan(value):
                filled = QRect(room)
                filled.setWidth(round(value * room.width()))
                painter.fillRect(filled, style.component_colour(rank))
            painter.setPen(QColor(theme.muted if math.isnan(value) else theme.text))
            painter.drawText(
                QRect(self.width() - scaled(VALUE), top, scaled(VALUE), scaled(ROW)),
                centre | int(Qt.AlignmentFlag.AlignRight),
                number,
            )
