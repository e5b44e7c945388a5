"""Film strip: best match over time, one row for each value of a setting, with plots of numbers beside it."""

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QKeyEvent
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.sweep import WIDTH, Tile, collapse_at
from neuropil_gui.core.analysis.sweep_plans import SweepPlan, value_text
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.sweep import words
from neuropil_gui.figures.palette import OKABE_ITO
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.sizes import letters, scaled
from neuropil_gui.ui.widgets.layouts import stack

ROOM = 13
"""Pixels that the label of a row needs."""

FONT, BOTTOM = 11, 40
SIDE = 150
"""Width of a plot of numbers in pixels."""


class StripPlot(QWidget):
    """Image of a plan with one axis, the lowest value at the bottom, and two plots of numbers.

    Signals: `chosen` (row) by a click or Enter, `pointed` (row or None) by the pointer or the arrow keys.
    """

    chosen = pyqtSignal(int)
    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan: SweepPlan | None = None
        self.tiles: dict[int, Tile] = {}
        self.number, self.own_range = "score", True
        self.cursor_at: int | None = None
        self.ends = (0.0, 1.0)
        self._present: tuple[float, bool] | None = None
        self._outlined: object = None
        self._time = (1.0, 0)
        self.widget = pg.GraphicsLayoutWidget()
        self.widget.setObjectName("film_strip")
        self.widget.setAccessibleName("Film strip of separations")
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.rows = LabelAxis("left")
        self.strip = self.widget.addPlot(0, 0, axisItems={"left": self.rows})
        self.sides = [self.widget.addPlot(0, column) for column in (1, 2)]
        layout = self.widget.ci.layout
        layout.setContentsMargins(4, 4, 8, 2)
        layout.setHorizontalSpacing(6)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.strip.addItem(self.image)
        self.lines = [pg.PlotCurveItem() for _ in self.sides]
        self.points = [pg.ScatterPlotItem(size=7) for _ in self.sides]
        self.collapse = [pg.InfiniteLine(angle=0) for _ in self.plots]
        self.collapse_label = pg.TextItem(anchor=(0, 1))
        self.outlines = [[pg.PlotCurveItem() for _ in range(2)] for _ in self.plots]
        self.cursors = [[pg.PlotCurveItem() for _ in range(2)] for _ in self.plots]
        for k, plot in enumerate(self.plots):
            self._prepare(plot)
            if k:
                plot.addItem(self.lines[k - 1])
                plot.addItem(self.points[k - 1])
                plot.hideAxis("left")
                plot.setYLink(self.strip)
                layout.setColumnFixedWidth(k, SIDE)
            for depth, item in enumerate((self.collapse[k], *self.cursors[k], *self.outlines[k])):
                item.setZValue(5 + depth)
                plot.addItem(item, ignoreBounds=True)
        self.collapse_label.setZValue(20)
        self.strip.addItem(self.collapse_label, ignoreBounds=True)
        stack(self, self.widget)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self.strip.getViewBox().sigResized.connect(self._on_resized)
        self.widget.installEventFilter(self)
        self.restyle()

    @property
    def present(self) -> tuple[float, bool] | None:
        """Row of the current settings, which may lie between two rows, and whether it is one; or None."""
        return self._present

    @property
    def plots(self) -> list[Any]:
        """The image's plot, then those of the numbers."""
        return [self.strip, *self.sides]

    def _prepare(self, plot: Any) -> None:
        hide_controls(plot)
        box = plot.getViewBox()
        box.setMouseEnabled(False, False)
        box.disableAutoRange()
        for name in ("left", "bottom"):
            plot.getAxis(name).enableAutoSIPrefix(False)

    def show_sweep(self, plan: SweepPlan | None, tiles: "Mapping[tuple[int, int], Tile]") -> None:
        """Draw the tiles of a plan that are done."""
        if plan != self.plan:
            self.cursor_at = None
        self.plan, self.tiles = plan, {ix: tile for (ix, _), tile in tiles.items()}
        self._draw()

    def show_time(self, frames: int, frame_rate: float | None) -> None:
        """Set the time axis: number of frames, and frame rate in Hz or None."""
        time = (1 / (frame_rate or 1.0), max(frames, 1))
        if time == self._time:
            return
        self._time = time
        self.strip.getAxis("bottom").setLabel("Time (s)" if frame_rate else "Frame")
        self._place()

    def show_present(self, present: tuple[float, bool] | None) -> None:
        """Mark the row of the current settings; a place between two rows is marked by a line."""
        if present != self._present:
            self._present = present
            self._draw_outlines()

    def choose(self, number: str, own_range: bool) -> None:
        """Set the number beside the image, and whether each row has its own colour range."""
        self.number, self.own_range = number, own_range
        self._draw()

    def picture(self) -> FloatArray:
        """Return the values drawn, shape (rows from low to high, bins); NaN where a tile is missing."""
        count = self.plan.columns if self.plan is not None else 0
        bins = max((tile.trace.shape[1] for tile in self.tiles.values()), default=WIDTH) or WIDTH
        rows = np.full((count, bins), math.nan)
        for row, tile in self.tiles.items():
            own = tile.trace[1]
            if own.size:
                rows[row] = own[np.arange(bins) * own.size // bins]
                if self.own_range:
                    rows[row] = (rows[row] - own.min()) / (float(np.ptp(own)) or 1.0)
        return rows

    def values(self, key: str) -> FloatArray:
        """Return a number of each row, NaN where it is missing."""
        found = [self.tiles[row].value(key) if row in self.tiles else math.nan for row in range(self._count())]
        return np.array(found)

    def collapse_row(self) -> int | None:
        """Return the first row from which on all are collapsed; None where alpha is not swept."""
        alpha = collapse_at(self.tiles.values()) if self.plan is not None and self.plan.x.name == "alpha" else None
        return None if alpha is None or self.plan is None else self.plan.x.values.index(alpha)

    def _count(self) -> int:
        return self.plan.columns if self.plan is not None else 0

    # Drawing

    def _draw(self) -> None:
        picture = self.picture()
        finite = picture[np.isfinite(picture)]
        self.ends = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        levels = self.ends if self.ends[1] > self.ends[0] else (self.ends[0], self.ends[0] + 1)
        self.image.setVisible(finite.size > 0)
        if finite.size:
            self.image.setImage(picture, autoLevels=False, levels=levels)
        self._place()
        for line, points, key, plot in zip(self.lines, self.points, ("alive", self.number), self.sides, strict=True):
            self._draw_numbers(line, points, key, plot)
        self._draw_collapse()
        self._draw_outlines()
        self._write_rows()

    def _place(self) -> None:
        step, frames = self._time[0], max(self._time[1], 1)
        count = max(self._count(), 1)
        if self.image.image is not None:  # without an image pyqtgraph 0.13 has no size to scale from
            self.image.setRect(QRectF(-0.5 * step, -0.5, frames * step, count))
        self.strip.getViewBox().setRange(
            xRange=(-0.5 * step, (frames - 0.5) * step), yRange=(-0.5, count - 0.5), padding=0
        )
        self.collapse_label.setX(-0.5 * step)

    def _draw_numbers(self, line: Any, points: Any, key: str, plot: Any) -> None:
        values = self.values(key)
        rows = np.flatnonzero(np.isfinite(values))
        line.setData(values[rows], rows)
        theme = style.current()
        colour = style.component_colour(0)
        pens, brushes, symbols = [], [], []
        for row in rows:
            tile = self.tiles[int(row)]
            symbols.append("x" if tile.collapsed else "o")
            filled = tile.converged and not tile.draft
            pens.append(pg.mkPen(theme.warning if tile.over_subtracted else colour, width=1))
            brushes.append(pg.mkBrush(colour if filled or tile.collapsed else theme.base))
        points.setData(x=values[rows], y=rows, symbol=symbols, pen=pens, brush=brushes)
        low, high = (float(values[rows].min()), float(values[rows].max())) if rows.size else (0.0, 1.0)
        if key == "alive":
            low, high = 0.0, max(high, 1.0)
            step = max(1, math.ceil(high / 6))
            plot.getAxis("bottom").setTickSpacing(step, step)
        room = 0.08 * (high - low) or 0.1 * (abs(high) or 1.0)
        plot.getViewBox().setXRange(low - room, high + room, padding=0)
        unit = NUMBERS[key].unit if key == "seconds" else ""
        label, axis = NUMBERS[key].name + (f" ({unit})" if unit else ""), plot.getAxis("bottom")
        if axis.labelText != label:
            axis.setLabel(label)

    def _draw_collapse(self) -> None:
        row = self.collapse_row()
        for item in (*self.collapse, self.collapse_label):
            item.setVisible(row is not None)
        if row is not None and self.plan is not None:
            for line in self.collapse:
                line.setPos(row - 0.5)
            value = value_text("alpha", self.plan.x.values[row])
            self.collapse_label.setText(f"collapsed from alpha {value} on")
            self.collapse_label.setAnchor((0, 0 if row > self._count() - 3 else 1))
            self.collapse_label.setY(row - 0.5)

    def _draw_outlines(self) -> None:
        marks: list[tuple[float, float] | None] = [None, None]
        if self.plan is not None and self._present is not None:
            marks[0] = (self._present[0], 0.5 if self._present[1] else 0.0)
        if self.plan is not None and self.cursor_at is not None:
            marks[1] = (float(self.cursor_at), 0.5)
        ends = [tuple(plot.getViewBox().viewRange()[0]) for plot in self.plots]
        if (marks, ends) == self._outlined:
            return
        self._outlined = (marks, ends)
        for (left, right), *both in zip(ends, self.outlines, self.cursors, strict=True):
            for mark, items in zip(marks, both, strict=True):
                for item in items:
                    item.setVisible(mark is not None)
                    if mark is not None:
                        low, high = mark[0] - mark[1], mark[0] + mark[1]
                        item.setData([left, right, right, left, left], [low, low, high, high, low])

    def _write_rows(self) -> None:
        if self.plan is None:
            self.rows.set_labels([])
            return
        axis = self.plan.x
        texts = words.labels(axis)
        stride = max(1, math.ceil(scaled(ROOM) * len(texts) / max(self.strip.getViewBox().height(), 1)))
        shown = range(0, len(texts), stride)
        if stride > 1 and axis.name == "alpha":
            # Label 0 and whole powers of ten only.
            shown = [k for k, each in enumerate(axis.values) if each == 0 or math.log10(each) % 1 < 1e-9]  # type: ignore[assignment]
        self.rows.set_labels([(float(k), texts[k], None) for k in shown])
        if self.rows.labelText != axis.name:
            self.rows.setLabel(axis.name)

    @pyqtSlot(object)
    def _on_resized(self, _: object) -> None:
        self._write_rows()
        self._draw_outlines()

    # The pointer and the keys

    def _row_at(self, scene: QPointF) -> int | None:
        for plot in self.plots:
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(scene):
                row = round(box.mapSceneToView(scene).y())
                return row if 0 <= row < self._count() else None
        return None

    def _point(self, row: int | None) -> None:
        if row != self.cursor_at:
            self.cursor_at = row
            self._draw_outlines()
            self.pointed.emit(row)

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        row = self._row_at(scene)
        self._point(row)
        known = self.plan is not None and row is not None
        tip = words.tip(self.plan, (row, 0), self.tiles.get(row)) if known else ""  # type: ignore[arg-type]
        self.widget.setToolTip(tip)

    @pyqtSlot(object)
    def _on_clicked(self, ev: Any) -> None:
        row = self._row_at(ev.scenePos())
        if ev.button() == Qt.MouseButton.LeftButton and row is not None:
            self.chosen.emit(row)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Handle the arrow keys and Enter, and the pointer leaving."""
        if event is None or self.plan is None:
            return False
        if event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self._point(None)
        elif event.type() == QEvent.Type.KeyPress:
            key = cast(QKeyEvent, event).key()
            start = self.cursor_at
            if start is None:
                start = round(self._present[0]) if self._present is not None else 0
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if key == Qt.Key.Key_Up else -1
                self._point(min(max(start + step, 0), self._count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.cursor_at is not None:
                self.chosen.emit(self.cursor_at)
                return True
        return super().eventFilter(watched, event)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.widget.setBackground(theme.base)
        self.image.setColorMap(style.heatmap_colours(False))
        small = QFont()
        small.setPixelSize(letters(scaled(FONT)))
        for plot in self.plots:
            for name in ("left", "bottom"):
                axis = plot.getAxis(name)
                axis.setPen(theme.border)
                axis.setTextPen(theme.muted)
                axis.setTickFont(small)
                axis.setLabel(axis.labelText, color=theme.muted, **{"font-size": f"{letters(scaled(FONT))}px"})
            plot.getAxis("bottom").setHeight(scaled(BOTTOM))
        self.rows.setWidth(scaled(62))
        self.rows.setTextPen(theme.text)
        for line in self.lines:
            line.setPen(pg.mkPen(theme.faint, width=1))
        warning = QColor(OKABE_ITO[4])
        for line in self.collapse:
            line.setPen(pg.mkPen(warning, width=2, style=Qt.PenStyle.DashLine))
        self.collapse_label.setColor(theme.warning)
        self.collapse_label.fill = pg.mkBrush(theme.warning_back)
        self.collapse_label.setFont(small)
        for items, wide, line in (
            *((each, 2, Qt.PenStyle.SolidLine) for each in self.outlines),
            *((each, 1, Qt.PenStyle.DashLine) for each in self.cursors),
        ):
            items[0].setPen(pg.mkPen(theme.base, width=wide + 2))
            items[1].setPen(pg.mkPen(theme.text, width=wide, style=line))
        self._draw()
