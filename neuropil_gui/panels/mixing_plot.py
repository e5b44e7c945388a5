"""Mixing plot: the mixing matrix as a heatmap of signals by components."""

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont
from PyQt5.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QRadioButton, QToolButton, QWidget

from neuropil_gui.core.analysis.pairing import true_columns
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.matching import column_shares
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.panels.factor_maps import FactorMaps
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots import matrix_marks
from neuropil_gui.ui.plots.matrix_plot import MatrixPlot
from neuropil_gui.ui.plots.signal_names import full_name, short_name
from neuropil_gui.ui.sizes import grown, letters, scaled_size
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Mixing matrix</b><p>How much of each component (column) is seen in each signal (row). c1 is the component
most of which is in the ROI; its name and colour are the same everywhere, also in the solver's order.</p>
<p><b>Score</b>: the ROI's share of a column, which is what they are ordered by. <b>Normalised</b>: each column sums
to 1. <b>Raw</b>: as the solver gave it.</p>
<p>A good c1 is bright at the ROI and dark below; an even column is neuropil that all share. A grey one is empty.</p>
<p>With ICA values may be negative; colours then part at zero.</p>
<p><b>Truth</b>, in simulated recordings: the right edge of each tile is the true value. Where it has the
colour of its tile, the component was found.</p>
<p>The button with the tables shows in its place what NMF does: <b>signals ≈ mixing × components</b>, in time bins,
and the residual that is left, on the scale of the signals.</p>"""

GAP = 0.3
"""Space between the matrix and the scores, in rows."""
NOWHERE: tuple[int | None, int | None] = (None, None)


class MixingPlot(QWidget):
    """Heatmap of the mixing matrix in matched or solver's order, raw or with columns that sum to 1.

    Signals: `component_hovered` (rank from 0, or None), `signal_hovered` (row or None), `component_clicked` (rank).
    """

    component_hovered = pyqtSignal(object)
    signal_hovered = pyqtSignal(object)
    component_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: Cell | None = None
        self._separation: Separation | None = None
        self._up_to_date = True
        self._truth: FloatArray | None = None
        self._hovered = NOWHERE
        self._lit = NOWHERE
        self.header = Header("Mixing matrix", HELP)
        self.widget = MatrixPlot()
        self.widget.setAccessibleName("Mixing matrix")
        self.columns, self.rows, self.values = self.widget.columns, self.widget.rows, self.widget.values
        self.item, self.box, self.image = self.widget.item, self.widget.box, self.widget.image
        self.item.setContentsMargins(6, 0, 10, 0)
        self.empty = pg.ImageItem(axisOrder="row-major")
        self.gaps = pg.PlotCurveItem(connect="pairs")
        self.edges = pg.ImageItem(axisOrder="row-major")
        self.bars = pg.BarGraphItem(x0=[0], width=0, y0=0, height=0)
        self.outlines = [pg.PlotCurveItem(connect="finite") for _ in range(2)]
        for depth, item in enumerate((self.edges, self.empty, self.gaps, self.bars, *self.outlines), 1):
            item.setZValue(depth)
            self.item.addItem(item)
        self.bar = pg.ColorBarItem(width=9, interactive=False, orientation="horizontal", colorMapMenu=False)
        self.bar.setImageItem(self.image, insert_in=self.item)
        self._make_switch()
        self._make_maps()
        stack(self, self.header, (self.widget, 1), (self.maps, 1), self._switch)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self.box.sigResized.connect(self._fit)
        self.widget.viewport().installEventFilter(self)
        self.restyle()

    @property
    def separation(self) -> Separation | None:
        """The separation whose matrix is drawn, None for none."""
        return self._separation

    def show_result(self, cell: Cell | None, separation: Separation | None, up_to_date: bool = True) -> None:
        """Draw the mixing matrix of a separation, or nothing where it is None."""
        is_new = separation is not self._separation or cell is not self._cell
        self._cell, self._separation, self._up_to_date = cell, separation, up_to_date
        if is_new:
            truth = cell.truth if cell is not None else None
            self._truth = true_columns(separation, truth)[0] if separation is not None and truth is not None else None
            self.truth.setVisible(self._truth is not None)
            self._draw()
        if is_new and self.maps.isVisibleTo(self):
            self.maps.show_result(cell, separation)
        self._write_subtitle()

    def show_highlight(self, component: int | None, signal: int | None = None) -> None:
        """Outline the column of a component, by its rank, and the row of a signal."""
        if (component, signal) != self._lit:
            self._lit = component, signal
            self._draw_outlines()
            self.maps.show_lit(component)

    def drawn_values(self) -> FloatArray:
        """Return the values drawn, shape (signals, components), in the order of the columns."""
        if self._separation is None:
            return np.zeros((0, 0))
        return self._as_chosen(self._separation.mixing[:, self._separation.order])

    def drawn_truth(self) -> FloatArray | None:
        """Return the true values drawn, NaN where a component has none; None where they are hidden."""
        if self._truth is None or not self.truth.isChecked():
            return None
        return self._as_chosen(self._truth)

    def ranks(self) -> list[int]:
        """Return the rank of the component in each column."""
        if self._separation is None:
            return []
        order = self._separation.order
        return np.argsort(order).tolist() if self.solver_order.isChecked() else list(range(len(order)))

    def _as_chosen(self, mixing: FloatArray) -> FloatArray:
        mixing = mixing[:, self.ranks()]
        if self.normalised.isChecked():
            return column_shares(mixing)
        return mixing

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.header.restyle()
        self.maps.restyle()
        self.maps_button.setIcon(icon("factors"))
        self.widget.restyle()
        for name in ("left", "right", "top", "bottom"):
            self.bar.getAxis(name).setPen(theme.border)
        self.bar.axis.setTextPen(theme.muted)
        small = QFont()
        small.setPixelSize(letters(grown(11)))
        self.bar.axis.setTickFont(small)
        self.gaps.setPen(pg.mkPen(theme.base, width=2))
        for outline, colour, width in zip(self.outlines, (theme.base, theme.text), (6, 2), strict=True):
            outline.setPen(pg.mkPen(colour, width=width, join=Qt.PenJoinStyle.MiterJoin))
        self._draw()
        self._write_subtitle()

    def sizeHint(self) -> QSize:
        """Return a size in which the numbers can be read."""
        return scaled_size(290, 340)

    @pyqtSlot()
    def _fit(self, _: object = None) -> None:
        """Fit the numbers to the tiles, and show the colour bar only where they do not fit."""
        self.values.fit()
        self.bar.setVisible(self.image.isVisible() and not self.values.texts)

    def _make_switch(self) -> None:
        self.normalised, self.raw = QRadioButton("normalised"), QRadioButton("raw")
        self.normalised.setObjectName("mixing_normalised")
        self.normalised.setToolTip("Each column divided by the sum of its absolute values: the ROI's row is the score")
        self.raw.setObjectName("mixing_raw")
        self.raw.setToolTip("The mixing matrix as the solver gave it")
        self._group = QButtonGroup(self)
        self.solver_order, self.truth = QCheckBox("solver's order"), QCheckBox("truth")
        self.solver_order.setObjectName("mixing_solver_order")
        self.solver_order.setToolTip(
            "<qt>Columns as the solver gave them, and as files hold them. Names and colours stay those of the "
            "matched order.</qt>"
        )
        self.truth.setObjectName("mixing_truth")
        self.truth.setToolTip(
            "<qt>The true mixing at the right edge of each tile, known because the recording is simulated. Each "
            "component is compared with the source whose trace it is most like; raw values are scaled to fit.</qt>"
        )
        self._switch = QGridLayout()
        self._switch.setContentsMargins(10, 2, 10, 6)
        self._switch.setHorizontalSpacing(16)
        self._switch.setVerticalSpacing(2)
        for place, button in enumerate((self.normalised, self.solver_order, self.raw, self.truth)):
            button.setAccessibleName(f"Mixing matrix, {button.text()}")
            self._switch.addWidget(button, place // 2, place % 2)
        for radio in (self.normalised, self.raw):
            self._group.addButton(radio)
        self._switch.setColumnStretch(2, 1)
        self.normalised.setChecked(True)
        self.truth.setChecked(True)
        self.truth.hide()
        for toggle in (self.normalised, self.solver_order, self.truth):
            toggle.toggled.connect(self._switched)

    def _make_maps(self) -> None:
        self.maps = FactorMaps()
        self.maps.hide()
        self.maps.component_hovered.connect(self.component_hovered)
        self.maps_button = self.header.add_button(QToolButton(), "mixing_factors", "Signals as mixing times components")
        self.maps_button.setToolTip(
            "<qt>Show in place of the matrix that the signals are nearly mixing × components, over the whole "
            "recording, and what is left of them</qt>"
        )
        self.maps_button.setCheckable(True)
        self.maps_button.toggled.connect(self._show_maps)

    @pyqtSlot(bool)
    def _show_maps(self, shown: bool) -> None:
        """Show the heatmaps of the product in place of the matrix, or the matrix again."""
        self.widget.setVisible(not shown)
        self.maps.setVisible(shown)
        for choice in (self.normalised, self.raw, self.solver_order, self.truth):
            choice.setEnabled(not shown)
        self._write_subtitle()
        self.maps.show_result(self._cell, self._separation if shown else None)

    @pyqtSlot(bool)
    def _switched(self, _: bool) -> None:
        """Draw with the new choice of order, normalisation and truth."""
        self._draw()
        self._write_subtitle()

    def _write_subtitle(self) -> None:
        text = ""
        if self._separation is None:
            text = "not separated yet" if self._cell is not None else ""
        elif not self._up_to_date:
            text = f"<b>{style.coloured('out of date', style.current().warning)}</b>"
        elif not self.maps_button.isChecked():
            edge = "edges: truth" if self.drawn_truth() is not None else ""
            order = "solver's order" if self.solver_order.isChecked() else ""
            text = " · ".join(each for each in (order, edge) if each)
        self.header.set_subtitle(text)

    def _draw(self) -> None:
        values, separation, truth = self.drawn_values(), self._separation, self.drawn_truth()
        visible = values.size > 0
        for item in (self.image, self.empty, self.gaps, self.bars):
            item.setVisible(visible)
        self.edges.setVisible(visible and truth is not None)
        if not visible or separation is None:
            self.bar.setVisible(False)
            self.rows.set_labels([])
            self.columns.set_labels([])
            self.values.show_values(values, [], [])
            self.values.fit()
            self._draw_outlines()
            return
        signals, count = values.shape
        ranks = self.ranks()
        alive = [matrix_marks.is_alive(separation, rank) for rank in ranks]
        every = values if truth is None else np.hstack([values, np.nan_to_num(truth)])
        most = float(np.abs(every).max()) or 1.0
        signed = bool((values < 0).any())
        top = 1.0 if self.normalised.isChecked() and not signed else most
        levels = (-most, most) if signed else (0.0, top)
        colours = style.heatmap_colours(signed)
        if self.bar.colorMap() is not colours:
            self.bar.setColorMap(colours)
        self.image.setImage(values, autoLevels=False, levels=levels)
        if self.bar.levels() != levels:
            self.bar.setLevels(levels)
        grey = QColor(style.current().grid)
        cover = np.zeros((signals, count, 4), dtype=np.uint8)
        cover[:, [not each for each in alive]] = (grey.red(), grey.green(), grey.blue(), 255)
        self.empty.setImage(cover, autoLevels=False, levels=(0, 255))
        drawn = [self.image, self.empty]
        if truth is not None:
            self.edges.setImage(matrix_marks.edges(truth, levels, colours), autoLevels=False, levels=(0, 255))
            drawn.append(self.edges)
        for image in drawn:  # each has an image by now, without which pyqtgraph 0.13 refuses a rectangle
            image.setRect(QRectF(0, 0, count, signals))
        self._draw_gaps(signals, count)
        scores = separation.scores[separation.order][ranks]
        self.bars.setOpts(**matrix_marks.bars(signals + GAP + 0.98, scores * alive, ranks))
        self.columns.set_labels(
            [(place + 0.5, f"c{rank + 1}", style.component_text_colour(rank)) for place, rank in enumerate(ranks)]
        )
        names = self._cell.signal_names if self._cell is not None else ()
        labels = [(row + 0.5, short_name(name), None) for row, name in enumerate(names)]
        self.rows.set_labels([*labels, (signals + GAP + 0.5, "score", QColor(style.current().muted))])
        self.box.setRange(QRectF(0, 0, count, signals + GAP + 1), padding=0)
        backs = colours.map(((values - levels[0]) / (levels[1] - levels[0])).ravel(), mode="qcolor")
        backs = [*backs, *[QColor(style.current().base)] * count]
        share = 1.0 if truth is None else 1 - matrix_marks.EDGE
        self.values.show_values(np.vstack([values, scores]), alive, backs, share, GAP)
        self._fit()
        self._draw_outlines()

    def _draw_gaps(self, signals: int, count: int) -> None:
        down = [(x, y) for x in range(count + 1) for y in (0, signals)]
        across = [(x, y) for y in range(signals + 1) for x in (0, count)]
        self.gaps.setData(*np.array(down + across, dtype=float).T)

    def _draw_outlines(self) -> None:
        """Draw a frame around the highlighted column and row."""
        component, signal = self._lit
        signals, count = self.drawn_values().shape
        ranks = self.ranks()
        column = ranks.index(component) if component in ranks else None
        path = matrix_marks.frames(signals, count, column, signal)
        for outline in self.outlines:
            outline.setVisible(len(path) > 0)
            if len(path):
                outline.setData(*path.T)

    # The pointer

    def _place(self, scene: QPointF) -> tuple[int | None, int | None]:
        """Return the rank and the row at a place of the scene, labels and scores included."""
        signals, count = self.drawn_values().shape
        at, ranks = self.box.mapSceneToView(scene), self.ranks()
        inside = self.item.sceneBoundingRect().contains(scene) and at.y() < signals + GAP + 1
        column = math.floor(at.x())
        row = math.floor(at.y())
        return (
            ranks[column] if inside and 0 <= column < count else None,
            row if inside and 0 <= row < signals and column < count else None,
        )

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        """Show the value under the pointer as a tool tip, and emit changes of column and row."""
        place = self._place(scene)
        self._emit_place(place)
        rank, row = place
        text = "How much of each component is seen in each signal"
        if self._separation is not None and self._cell is not None and rank is not None:
            solver = f"component {int(self._separation.order[rank]) + 1} of the solver"
            score = f"score {self._separation.scores[self._separation.order[rank]]:.3g}"
            text = f"c{rank + 1}: {score}, {solver}"
            if row is not None:
                column, truth = self.ranks().index(rank), self.drawn_truth()
                text = f"{full_name(self._cell.signal_names[row])}, c{rank + 1}: {self.drawn_values()[row, column]:.4g}"
                if truth is not None and not math.isnan(truth[row, column]):
                    text += f" (truth: {truth[row, column]:.4g})"
        self.widget.setToolTip(text)

    @pyqtSlot(object)
    def _on_clicked(self, ev: Any) -> None:
        """Emit `component_clicked` for a click on a column."""
        rank, _ = self._place(ev.scenePos())
        if ev.button() == Qt.MouseButton.LeftButton and rank is not None:
            self.component_clicked.emit(rank)

    def _emit_place(self, place: tuple[int | None, int | None]) -> None:
        before, self._hovered = self._hovered, place
        if place[0] != before[0]:
            self.component_hovered.emit(place[0])
        if place[1] != before[1]:
            self.signal_hovered.emit(place[1])

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Emit None as the pointer leaves."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._emit_place(NOWHERE)
        return super().eventFilter(watched, event)
