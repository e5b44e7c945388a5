"""The mixing matrix as a heatmap: how much of each component is seen in each signal."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, QSize, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QResizeEvent
from PyQt5.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.views import style
from neuropil_gui.views.header import Header
from neuropil_gui.views.label_axis import LabelAxis
from neuropil_gui.views.tile_values import TileValues

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

HELP = """<b>Mixing matrix</b><p>How much of each component (column) is seen in each signal (row).</p>
<p>Columns stand in matched order: c1 is the component most of which is in the ROI.</p>
<p><b>Normalised</b>: each column sums to 1, so the ROI's row is each component's score.
<b>Raw</b>: as the solver gave it.</p>
<p>A good c1 is bright at the ROI and dark below; a column that is even is neuropil that all share.</p>
<p>With ICA values may be negative; colours then part at zero. A grey column is an empty component.</p>"""


class MixingPlot(QWidget):
    """Draws the matrix in matched order, raw or with columns that sum to 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: Cell | None = None
        self._separation: Separation | None = None
        self._up_to_date = True
        self.header = Header("Mixing matrix", HELP)
        self.columns, self.rows = LabelAxis("top"), LabelAxis("left")
        self.widget = pg.PlotWidget(axisItems={"top": self.columns, "left": self.rows})
        self.widget.setAccessibleName("Mixing matrix")
        self.item = self.widget.getPlotItem()
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.hideAxis("bottom")
        self.item.showAxis("top")
        self.box = self.item.getViewBox()
        self.item.setContentsMargins(6, 0, 10, 0)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.box.invertY(True)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.empty = pg.ImageItem(axisOrder="row-major")
        self.gaps = pg.PlotCurveItem(connect="pairs")
        self.values = TileValues(self.item, self.columns, self.rows)
        for depth, item in enumerate((self.image, self.empty, self.gaps)):
            item.setZValue(depth)
            self.item.addItem(item)
        self.bar = pg.ColorBarItem(width=9, interactive=False, orientation="horizontal", colorMapMenu=False)
        self.bar.setImageItem(self.image, insert_in=self.item)
        self._make_switch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.widget, 1)
        layout.addLayout(self._switch)
        self.widget.scene().sigMouseMoved.connect(self._mouse_moved)
        self.restyle()

    def show_result(self, cell: Cell | None, separation: Separation | None, up_to_date: bool = True) -> None:
        """Draw the mixing of a separation, or nothing where there is none."""
        is_new = separation is not self._separation or cell is not self._cell
        self._cell, self._separation, self._up_to_date = cell, separation, up_to_date
        self._write_subtitle()
        if is_new:
            self._draw()

    def shown(self) -> "FloatArray":
        """Return the numbers drawn: signals x components in matched order."""
        if self._separation is None:
            return np.zeros((0, 0))
        mixing = self._separation.mixing[:, self._separation.order]
        if self.normalised.isChecked():
            sums = np.abs(mixing).sum(axis=0)
            return mixing / np.where(sums > 0, sums, 1.0)
        return mixing

    def plots(self) -> dict[str, Any]:
        """Return the pyqtgraph plot item by name, for export."""
        return {"mixing": self.item}

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.header.restyle()
        self.widget.setBackground(theme.base)
        for axis in (self.columns, self.rows):
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(theme.text)
        for name in ("left", "right", "top", "bottom"):
            self.bar.getAxis(name).setPen(theme.border)
        self.bar.axis.setTextPen(theme.muted)
        small = QFont()
        small.setPixelSize(11)
        self.bar.axis.setTickFont(small)
        self.gaps.setPen(pg.mkPen(theme.base, width=2))
        self._draw()

    def sizeHint(self) -> QSize:
        """Leave room for the numbers below."""
        return QSize(290, 340)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the writing to the tiles."""
        super().resizeEvent(event)
        self.values.fit()

    def _make_switch(self) -> None:
        self.normalised, self.raw = QRadioButton("normalised"), QRadioButton("raw")
        self.normalised.setObjectName("mixing_normalised")
        self.normalised.setToolTip("Each column divided by the sum of its absolute values: the ROI's row is the score")
        self.raw.setObjectName("mixing_raw")
        self.raw.setToolTip("The mixing matrix as the solver gave it")
        self._group = QButtonGroup(self)
        self._switch = QHBoxLayout()
        self._switch.setContentsMargins(10, 2, 10, 6)
        self._switch.setSpacing(16)
        for button in (self.normalised, self.raw):
            button.setAccessibleName(f"Mixing matrix, {button.text()}")
            self._group.addButton(button)
            self._switch.addWidget(button)
        self._switch.addStretch(1)
        self.normalised.setChecked(True)
        self.normalised.toggled.connect(self._switched)

    @pyqtSlot(bool)
    def _switched(self, _: bool) -> None:
        """Draw raw or normalised."""
        self._draw()

    def _write_subtitle(self) -> None:
        text = ""
        if self._separation is None:
            text = "not separated yet" if self._cell is not None else ""
        elif not self._up_to_date:
            text = f"<b>{style.coloured('out of date', style.current().warning)}</b>"
        self.header.set_subtitle(text)

    def _draw(self) -> None:
        values, separation = self.shown(), self._separation
        visible = values.size > 0
        for item in (self.image, self.empty, self.gaps, self.bar):
            item.setVisible(visible)
        if not visible or separation is None:
            self.rows.set_labels([])
            self.columns.set_labels([])
            self.values.show_values(values, [], [])
            return
        signals, count = values.shape
        alive = [bool(separation.separated[row].any() and separation.mixing[:, row].any()) for row in separation.order]
        most = float(np.abs(values).max()) or 1.0
        signed = bool((values < 0).any())
        top = 1.0 if self.normalised.isChecked() and not signed else most
        levels = (-most, most) if signed else (0.0, top)
        colours = pg.colormap.get("CET-D1" if signed else "cividis")
        self.bar.setColorMap(colours)
        self.image.setImage(values, autoLevels=False, levels=levels)
        self.bar.setLevels(levels)
        grey = QColor(style.current().grid)
        cover = np.zeros((signals, count, 4), dtype=np.uint8)
        cover[:, [not each for each in alive]] = (grey.red(), grey.green(), grey.blue(), 255)
        self.empty.setImage(cover, autoLevels=False, levels=(0, 255))
        for image in (self.image, self.empty):
            image.setRect(QRectF(0, 0, count, signals))
        self._draw_gaps(signals, count)
        self.columns.set_labels(
            [(rank + 0.5, f"c{rank + 1}", style.component_text_colour(rank)) for rank in range(count)]
        )
        names = self._cell.signal_names if self._cell is not None else ()
        self.rows.set_labels([(row + 0.5, _short(name), None) for row, name in enumerate(names)])
        self.box.setRange(QRectF(0, 0, count, signals), padding=0)
        backs = colours.map(((values - levels[0]) / (levels[1] - levels[0])).ravel(), mode="qcolor")
        self.values.show_values(values, alive, backs)

    def _draw_gaps(self, signals: int, count: int) -> None:
        down = [(x, y) for x in range(count + 1) for y in (0, signals)]
        across = [(x, y) for y in range(signals + 1) for x in (0, count)]
        self.gaps.setData(*np.array(down + across, dtype=float).T)

    @pyqtSlot(object)
    def _mouse_moved(self, place: QPointF) -> None:
        """Say in the tool tip what the tile under the pointer is."""
        values = self.shown()
        at = self.box.mapSceneToView(place)
        row, column = int(np.floor(at.y())), int(np.floor(at.x()))
        text = "How much of each component is seen in each signal"
        if self._cell is not None and 0 <= row < values.shape[0] and 0 <= column < values.shape[1]:
            text = f"{self._cell.signal_names[row]}, c{column + 1}: {values[row, column]:.4g}"
        self.widget.setToolTip(text)


def _short(name: str) -> str:
    return name if len(name) <= 12 else name[:11] + "…"
