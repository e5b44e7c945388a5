"""The rows of the cell list, from what is known without reading any trace."""

import re

from PyQt5.QtCore import QAbstractListModel, QModelIndex, QObject, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPalette
from PyQt5.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from neuropil_gui.core.recording import CellHeader
from neuropil_gui.views import style

SOURCE_ROLE = Qt.ItemDataRole.UserRole + 1


class CellModel(QAbstractListModel):
    """One row a cell; the number counts from 1, the source's row from 0 as in the file."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headers: tuple[CellHeader, ...] = ()

    def set_headers(self, headers: tuple[CellHeader, ...]) -> None:
        """Show other cells."""
        self.beginResetModel()
        self._headers = headers
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of cells."""
        return 0 if parent is not None and parent.isValid() else len(self._headers)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row's text, its source row, or its tool tip."""
        if not 0 <= index.row() < len(self._headers):
            return None
        header = self._headers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{index.row() + 1}  {header.name}"
        if role == SOURCE_ROLE:
            return source_text(header, index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            source = f", row {header.source_index} of the source" if header.source_index is not None else ""
            return f"{header.name}: {shape_text(header)}{source}"
        return None


def source_text(header: CellHeader, position: int) -> str:
    """Return the row in the source where neither the place in the list nor the name says it already."""
    if header.source_index in (None, position) or str(header.source_index) in re.findall(r"\d+", header.name):
        return ""
    return f"row {header.source_index}"


def shape_text(header: CellHeader) -> str:
    """Return a cell's size in words."""
    counts = [(header.signals, "signal"), (header.frames, "frame")]
    if header.trials > 1:
        counts.append((header.trials, "trial"))
    return " · ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts)


class CellDelegate(QStyledItemDelegate):
    """Draws the number and the source row muted, the name plain."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw one row."""
        if painter is None:
            return
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        number, _, name = (full.text or "").partition("  ")
        full.text = ""
        (full.widget.style() if full.widget else QApplication.style()).drawControl(  # type: ignore[union-attr]
            QStyle.ControlElement.CE_ItemViewItem, full, painter, full.widget
        )
        selected = bool(full.state & QStyle.StateFlag.State_Selected)
        plain = full.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        muted = plain if selected else style.current().muted
        metrics = full.fontMetrics
        rect = full.rect.adjusted(10, 0, -10, 0)
        width = metrics.horizontalAdvance("0" * max(2, len(str(index.model().rowCount()))))  # type: ignore[union-attr]
        painter.save()
        painter.setPen(QColor(muted))
        painter.drawText(rect.adjusted(0, 0, width - rect.width(), 0), int(_RIGHT), number)
        source = str(index.data(SOURCE_ROLE) or "")
        painter.drawText(rect, int(_RIGHT), source)
        painter.setPen(plain)
        room = rect.adjusted(width + 10, 0, -metrics.horizontalAdvance(source) - 8 if source else 0, 0)
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(_LEFT), name)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Give each row the same height."""
        return QSize(120, option.fontMetrics.height() + 8)


_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
