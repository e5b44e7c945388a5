"""Delegate that paints the cells of the table of cells."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QModelIndex, QRect, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPalette
from PyQt5.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from neuropil_gui.core.advice import TOO_MUCH
from neuropil_gui.panels.cells.cell_model import FACTS, CellColumn, CellModel
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled
from neuropil_gui.ui.widgets.row_filter import RowFilter

PADDING, SHADE = 4, 28
"""Pixels beside a text, and opacity (of 255) of the shade of a row under the pointer."""


class CellDelegate(QStyledItemDelegate):
    """Paints numbers muted, names plain, traces as lines, and results of other settings grey.

    Attributes
    ----------
    hovered : int or None
        Index of the cell whose row is shaded, because the pointer is on the cell in some view.
    """

    def __init__(self, model: CellModel, shown: RowFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._shown = model, shown
        self.hovered: int | None = None

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one cell of the table."""
        if painter is None:
            return
        row, column = self._shown.source_row(index.row()), index.column()
        if not 0 <= row < len(self._model.headers):
            return
        # Read the model directly: asking it for each of Qt's roles takes most of the time.
        full = QStyleOptionViewItem(option)
        widget = full.widget
        (widget.style() if widget else QApplication.style()).drawPrimitive(  # type: ignore[union-attr]
            QStyle.PrimitiveElement.PE_PanelItemViewItem, full, painter, widget
        )
        selected = bool(full.state & QStyle.StateFlag.State_Selected)
        highlighted = full.palette.color(QPalette.ColorRole.HighlightedText) if selected else None
        if row == self.hovered and not selected:
            shade = QColor(style.current().text)
            shade.setAlpha(SHADE)
            painter.fillRect(full.rect, shade)
        room = full.rect.adjusted(scaled(PADDING), 0, -scaled(PADDING), 0)
        painter.save()
        if column == CellColumn.TRACE:
            points = self._model.thumbnails.get(row)
            if points is not None:
                painter.setPen(highlighted or QColor(style.current().muted))
                _draw_line(painter, full.rect.adjusted(4, 3, -4, -3), points)
        elif column == CellColumn.NAME:
            source = self._model.source(row)
            width = full.fontMetrics.horizontalAdvance(source) if source else 0
            name = self._model.text(row, column)
            if width + 8 + full.fontMetrics.horizontalAdvance(name) > room.width():
                source, width = "", 0  # the name has priority; the tool tip has the index too
            painter.setPen(highlighted or QColor(style.current().muted))
            painter.drawText(room, int(_RIGHT), source)
            painter.setPen(highlighted or full.palette.color(QPalette.ColorRole.Text))
            left = room.adjusted(0, 0, -width - 8 if source else 0, 0)
            name = full.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, max(left.width(), 0))
            painter.drawText(left, int(_LEFT), name)
        else:
            self._draw_value(painter, room, row, column, highlighted)
        painter.restore()

    def _draw_value(self, painter: QPainter, room: QRect, row: int, column: int, highlighted: QColor | None) -> None:
        theme, summary = style.current(), self._model.summaries.get(row)
        colour = theme.muted if column in (CellColumn.NUMBER, CellColumn.FRAMES, *FACTS) else theme.text
        if column == CellColumn.CONVERGED and summary is not None:
            poor = summary.failed or summary.serious
            colour = theme.error if poor else theme.good if summary.converged else theme.warning
            if theme.name == "dark" and summary.converged and not poor:
                colour = style.readable(theme.good, theme.base, 4.5).name()
        if column == CellColumn.R and summary is not None and summary.value("r_neuropil") < TOO_MUCH:
            colour = theme.warning
        if summary is not None and not summary.up_to_date and CellColumn.TRACE < column < CellColumn.FRAMES:
            colour = style.readable(theme.faint, theme.base, 2.6).name()
        painter.setPen(highlighted or QColor(colour))
        text = self._model.text(row, column)
        if column == CellColumn.OWN:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(_RIGHT), text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the same height for each row."""
        return QSize(40, option.fontMetrics.height() + 8)


def _draw_line(painter: QPainter, rect: QRect, points: NDArray[np.float32]) -> None:
    known = np.isfinite(points)
    if np.count_nonzero(known) < 2 or rect.width() < 8:
        return
    x = np.linspace(rect.left(), rect.right(), len(points))[known]
    y = rect.bottom() - points[known].astype(float) * rect.height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))


_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
