"""Delegate that paints the cells of the table of cells."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QModelIndex, QRect, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from PyQt5.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from neuropil_gui.core.advice import TOO_MUCH
from neuropil_gui.panels.cells.cell_model import FACTS, CellColumn, CellModel
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled
from neuropil_gui.ui.widgets.row_filter import RowFilter

PADDING, SHADE = 4, 28
"""Pixels beside a text, and opacity (of 255) of the shade of a row under the pointer."""

MUTED = frozenset((CellColumn.NUMBER, CellColumn.FRAMES, *FACTS))


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
        self._lines: dict[int, tuple[NDArray[np.float32], QPolygonF]] = {}  # of miniatures that were in view
        model.modelReset.connect(self._lines.clear)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one cell of the table."""
        if painter is None:
            return
        row, column = self._shown.source_row(index.row()), index.column()
        if not 0 <= row < len(self._model.headers):
            return
        # Read the model directly: asking it for each of Qt's roles takes most of the time.
        selected, widget = bool(option.state & QStyle.StateFlag.State_Selected), option.widget
        if selected or option.state & QStyle.StateFlag.State_MouseOver:  # other rows have no panel
            (widget.style() if widget else QApplication.style()).drawPrimitive(  # type: ignore[union-attr]
                QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget
            )
        highlighted = option.palette.color(QPalette.ColorRole.HighlightedText) if selected else None
        if row == self.hovered and not selected:
            shade = QColor(style.current().text)
            shade.setAlpha(SHADE)
            painter.fillRect(option.rect, shade)
        room = option.rect.adjusted(scaled(PADDING), 0, -scaled(PADDING), 0)
        painter.save()
        if column == CellColumn.TRACE:
            self._draw_line(painter, option.rect.adjusted(4, 3, -4, -3), row, highlighted)
        elif column == CellColumn.NAME:
            self._draw_name(painter, room, row, highlighted or option.palette.color(QPalette.ColorRole.Text), selected)
        else:
            self._draw_value(painter, room, row, column, highlighted)
        painter.restore()

    def _draw_line(self, painter: QPainter, room: QRect, row: int, highlighted: QColor | None) -> None:
        points = self._model.thumbnails.get(row)
        if points is None or room.width() < 8:
            return
        known = self._lines.get(row)
        if known is None or known[0] is not points:
            known = self._lines[row] = points, _line_of(points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(highlighted or QColor(style.current().muted))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.translate(room.left(), room.bottom())
        painter.scale(room.width() - 1, -room.height())
        painter.drawPolyline(known[1])

    def _draw_name(self, painter: QPainter, room: QRect, row: int, colour: QColor, selected: bool) -> None:
        source, name, metrics = self._model.source(row), self._model.text(row, CellColumn.NAME), painter.fontMetrics()
        width, beside = metrics.horizontalAdvance(name), metrics.horizontalAdvance(source) + 8 if source else 0
        if source and width + beside <= room.width():  # the name has priority; the tool tip has the index too
            painter.setPen(colour if selected else QColor(style.current().muted))
            painter.drawText(room, int(_RIGHT), source)
        elif width > room.width():
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(room.width(), 0))
        painter.setPen(colour)
        painter.drawText(room, int(_LEFT), name)

    def _draw_value(self, painter: QPainter, room: QRect, row: int, column: int, highlighted: QColor | None) -> None:
        theme, summary = style.current(), self._model.summaries.get(row)
        colour = theme.muted if column in MUTED else theme.text
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


def _line_of(points: NDArray[np.float32]) -> QPolygonF:
    """Return the line of a miniature, from 0 to 1 both ways; empty where less than two values are known."""
    known = np.isfinite(points)
    if np.count_nonzero(known) < 2:
        return QPolygonF()
    line: QPolygonF = pg.functions.arrayToQPolygonF(np.linspace(0, 1, len(points))[known], points[known].astype(float))
    return line


_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
