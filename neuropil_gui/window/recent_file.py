"""A recording that was opened before, to click."""

from pathlib import Path

from PyQt5.QtCore import QRect, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt5.QtWidgets import QPushButton, QWidget

from neuropil_gui.ui import style

MARGIN = 10
GAP = 14
NAME_SHARE = 0.65
"""How much of the width a long name may take; the rest is the folder's."""


class RecentFile(QPushButton):
    """A row with the recording's name, bold, and its folder; `chosen` carries the path."""

    chosen = pyqtSignal(str)

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        place = Path(path)
        self.name, self.folder = place.name or path, _short(place.parent)
        self.setObjectName("recent_file")
        self.setAccessibleName(f"Open {self.name} again")
        self.setAccessibleDescription(f"in {place.parent}")
        self.setToolTip(path)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(True)
        self.clicked.connect(self._clicked)
        self.restyle()

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.setStyleSheet(
            "RecentFile { border: 1px solid transparent; border-radius: 5px; background: transparent; }"
            f"RecentFile:hover, RecentFile:focus {{ border-color: {theme.accent}; background: {theme.info_back}; }}"
        )

    def sizeHint(self) -> QSize:
        """Ask for the height of a line with a little room."""
        return QSize(200, self.fontMetrics().height() + 9)

    def minimumSizeHint(self) -> QSize:
        """Bear any width: what does not fit is cut off."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Write the name and the folder over the button: of a long path its end tells more."""
        super().paintEvent(event)
        theme = style.current()
        bold = QFont(self.font())
        bold.setBold(True)
        room = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
        painter = QPainter(self)
        first = QRect(room.topLeft(), QSize(round(NAME_SHARE * room.width()), room.height()))
        used = _write(painter, first, self.name, bold, theme.text, Qt.TextElideMode.ElideMiddle)
        rest = room.adjusted(used + GAP, 0, 0, 0)
        _write(painter, rest, self.folder, self.font(), theme.muted, Qt.TextElideMode.ElideLeft)
        painter.end()

    @pyqtSlot()
    def _clicked(self) -> None:
        """Tell which recording was chosen."""
        self.chosen.emit(self._path)


def _write(painter: QPainter, room: QRect, text: str, font: QFont, colour: str, elide: Qt.TextElideMode) -> int:
    """Write as much of a text as there is room for, and return how wide it is."""
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, elide, max(room.width(), 0))
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
    return metrics.horizontalAdvance(shown)


def _short(folder: Path) -> str:
    """Return a folder as its user would write it."""
    home = Path.home()
    return str(Path("~", folder.relative_to(home))) if folder.is_relative_to(home) else str(folder)
