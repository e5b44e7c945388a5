"""Image of a number over cells and values of a setting, above how many cells are in trouble at each value."""

from typing import Any, cast

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QKeyEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.core.analysis.population import TROUBLES, Advice, PopulationSweep
from neuropil_gui.core.analysis.sweep_plans import value_text
from neuropil_gui.figures.palette import OKABE_ITO
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls
from neuropil_gui.ui.plots.colour_bar import Scale
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.sizes import keep_scaled, letters, scaled
from neuropil_gui.ui.widgets.layouts import stack

FONT, LEFT, BOTTOM, COUNTS, LEAST, ROOM = 11, 56, 36, 104, 240, 15
"""Pixels: of texts, of the axes, height of the plot of counts and least height of all, and what a row's label needs."""

MARKED = 4
"""Least height of a row in pixels at which marks are drawn in it."""

COLOURS = {"collapsed": 4, "unstable": 0, "not converged": 3}
"""Places of the colours of `TROUBLES` among those of Okabe and Ito."""

SYMBOLS = {"collapsed": "s", "unstable": "o", "not converged": "t"}

STEPS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


def trouble_colour(name: str) -> QColor:
    """Return the colour of one of `TROUBLES`."""
    return style.readable(OKABE_ITO[COLOURS[name]], style.current().base, style.current().line_contrast)


class SettingPlot(QWidget):
    """A row for each cell, a column for each value.

    Signals: `cell_chosen` (index) by a click or Space, `value_chosen` (place on the axis) by a double click, a click
    among the counts, or Enter, `pointed` ((index or None, place) or None) by the pointer or the arrow keys.
    """

    cell_chosen = pyqtSignal(int)
    value_chosen = pyqtSignal(int)
    pointed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: PopulationSweep | None = None
        self.order: NDArray[np.intp] = np.empty(0, np.intp)
        self.number = "r_neuropil"
        self.scale = Scale(np.empty(0))
        self.cursor_at: tuple[int | None, int] | None = None
        self._present: float | None = None
        self._selected = 0
        self._hovered: int | None = None
        self._advice: Advice | None = None
        self.widget = pg.GraphicsLayoutWidget()
        self.widget.setObjectName("population_image")
        self.widget.setAccessibleName("Cells at each value of the setting")
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # In a scroll area a view with sentences gets its preferred height: it has none, and takes what is there.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        keep_scaled(self.widget, QWidget.setMinimumHeight, LEAST)
        self.rows, self.values = LabelAxis("left"), LabelAxis("bottom")
        self.cells = self.widget.addPlot(0, 0, axisItems={"left": self.rows})
        self.counts = self.widget.addPlot(1, 0, axisItems={"bottom": self.values})
        layout = self.widget.ci.layout
        layout.setContentsMargins(4, 6, 10, 2)
        layout.setVerticalSpacing(4)
        for plot in (self.cells, self.counts):
            hide_controls(plot)
            plot.getAxis("left").enableAutoSIPrefix(False)
            plot.getViewBox().setMouseEnabled(False, False)
            plot.getViewBox().disableAutoRange()
        self.cells.hideAxis("bottom")
        self.cells.invertY(True)
        self.counts.setXLink(self.cells)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.edges = pg.PlotCurveItem(connect="pairs")
        self.marks = {name: pg.ScatterPlotItem(size=6, symbol=SYMBOLS[name]) for name in TROUBLES[1:]}
        self.frames = {name: pg.PlotCurveItem() for name in ("row", "column", "hovered", "cursor")}
        for depth, item in enumerate((self.image, self.edges, *self.marks.values(), *self.frames.values())):
            item.setZValue(depth)
            self.cells.addItem(item, ignoreBounds=True)
        self.range = pg.LinearRegionItem(movable=False)
        self.column = pg.PlotCurveItem()
        self.lines = {name: pg.PlotDataItem(symbol=SYMBOLS[name], symbolSize=7) for name in reversed(TROUBLES)}
        for item in (self.range, self.column, *self.lines.values()):
            self.counts.addItem(item, ignoreBounds=True)
        stack(self, self.widget)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self.cells.getViewBox().sigResized.connect(self._on_resized)
        self.widget.installEventFilter(self)
        self.restyle()

    def show_population(self, found: PopulationSweep, order: NDArray[np.intp], number: str, advice: Advice) -> None:
        """Draw what is known: `order` holds the indices of the cells from top to bottom."""
        if self.found is None or found.plan != self.found.plan or found.cells != self.found.cells:
            self.cursor_at = None
        self.found, self.order, self.number, self._advice = found, order, number, advice
        self._draw()

    def show_present(self, place: float | None, selected: int) -> None:
        """Mark the place of the current settings, None where they have none, and the selected cell."""
        if (place, selected) != (self._present, self._selected):
            self._present, self._selected = place, selected
            self._draw_frames()

    def show_hovered(self, index: int | None) -> None:
        """Mark the row of the cell that the pointer is on, here or in another view."""
        if index != self._hovered:
            self._hovered = index
            self._draw_frames()

    def row_of(self, cell: int) -> int | None:
        """Return the row in which a cell is drawn."""
        found = np.flatnonzero(self.order == cell)
        return int(found[0]) if len(found) else None

    # Drawing

    def picture(self) -> NDArray[np.uint8]:
        """Return the colours drawn, shape (cells, values, 4): transparent where nothing is known, grey if collapsed."""
        assert self.found is not None
        values = self.found.numbers[self.number][self.order]
        table = style.heatmap_colours(self.scale.signed).getLookupTable(nPts=256, alpha=False)
        span = self.scale.high - self.scale.low
        part = (values - self.scale.low) / span if span > 0 else np.full(values.shape, 0.5)
        known = np.isfinite(values)
        colours = np.zeros((*values.shape, 4), np.uint8)
        colours[known, :3] = table[np.clip(np.round(255 * part[known]), 0, 255).astype(int)]
        colours[known, 3] = 255
        collapsed = self.found.collapsed[self.order]
        colours[collapsed] = QColor(style.current().faint).getRgb()
        return colours

    def edge_lines(self) -> tuple[list[float], list[float]]:
        """Return x and y of lines, in pairs, at which each cell's collapse begins; from there on all is collapsed."""
        assert self.found is not None
        collapsed = self.found.collapsed[self.order] | ~self.found.done[self.order]
        after = np.logical_and.accumulate(collapsed[:, ::-1], axis=1)[:, ::-1].sum(axis=1)
        any_collapsed = self.found.collapsed[self.order].any(axis=1)
        firsts = collapsed.shape[1] - after
        x: list[float] = []
        y: list[float] = []
        for row in np.flatnonzero(any_collapsed & (after > 0) & (firsts > 0)).tolist():
            x += [float(firsts[row]) - 0.5] * 2
            y += [row - 0.5, row + 0.5]
        return x, y

    def _draw(self) -> None:
        if self.found is None:
            return
        values = self.found.numbers[self.number]
        self.scale = Scale(values[~self.found.collapsed & np.isfinite(values)])
        rows, columns = len(self.order), self.found.plan.columns
        self.image.setImage(self.picture(), autoLevels=False)
        self.image.setRect(QRectF(-0.5, -0.5, columns, rows))
        self.cells.getViewBox().setRange(xRange=(-0.5, columns - 0.5), yRange=(-0.5, rows - 0.5), padding=0)
        self.edges.setData(*self.edge_lines())
        self._draw_counts()
        self._draw_marks()
        self._draw_frames()
        self._write_axes()

    def _draw_counts(self) -> None:
        assert self.found is not None
        known = np.flatnonzero(self.found.done.all(axis=0))
        counts = self.found.counts()
        for name, line in self.lines.items():
            line.setData(known, counts[name][known])
        most = max(*(int(each.max(initial=0)) for each in counts.values()), 1)
        self.counts.getViewBox().setYRange(-0.06 * most, 1.1 * most, padding=0)
        step = max(1, round(most / 4))
        self.counts.getAxis("left").setTickSpacing(step, step)
        advice = self._advice
        self.range.setVisible(advice is not None and advice.first is not None)
        if advice is not None and advice.first is not None and advice.last is not None:
            self.range.setRegion((advice.first - 0.5, advice.last + 0.5))

    def _draw_marks(self) -> None:
        if self.found is None:
            return
        room = self.cells.getViewBox().height() / max(len(self.order), 1) >= MARKED
        states = {
            "unstable": self.found.unstable,
            "not converged": self.found.done & ~self.found.refused & ~self.found.converged,
        }
        for name, item in self.marks.items():
            rows, columns = np.nonzero(states[name][self.order]) if room else (np.empty(0), np.empty(0))
            item.setData(x=columns + (0.25 if name == "unstable" else -0.25), y=rows)

    def _draw_frames(self) -> None:
        if self.found is None:
            return
        rows, columns = len(self.order), self.found.plan.columns
        cursor = self.cursor_at
        row = self.row_of(self._selected)
        hovered = None if self._hovered is None else self.row_of(self._hovered)
        boxes: dict[str, tuple[float, float, float, float] | None] = {
            "row": None if row is None else (-0.5, columns - 0.5, row - 0.5, row + 0.5),
            "column": None if self._present is None else (self._present - 0.5, self._present + 0.5, -0.5, rows - 0.5),
            "hovered": None if hovered is None else (-0.5, columns - 0.5, hovered - 0.5, hovered + 0.5),
            "cursor": None,
        }
        if cursor is not None:
            low, high = (cursor[0] - 0.5, cursor[0] + 0.5) if cursor[0] is not None else (-0.5, rows - 0.5)
            boxes["cursor"] = (cursor[1] - 0.5, cursor[1] + 0.5, low, high)
        for name, box in boxes.items():
            _frame(self.frames[name], box)
        ends = self.counts.getViewBox().viewRange()[1]
        place = self._present
        _frame(self.column, None if place is None else (place - 0.5, place + 0.5, ends[0], ends[1]))

    def _write_axes(self) -> None:
        if self.found is None:
            return
        axis = self.found.plan.x
        self.values.set_labels([(float(k), value_text(axis.name, value), None) for k, value in enumerate(axis.values)])
        if self.values.labelText != axis.name:
            self.values.setLabel(axis.name)
        stride = max(1, int(np.ceil(scaled(ROOM) * len(self.order) / max(self.cells.getViewBox().height(), 1))))
        stride = next((each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000) if each >= stride), 5000)
        shown = [row for row in range(len(self.order)) if stride == 1 or (row + 1) % stride == 0]
        self.rows.set_labels([(float(row), f"{self.order[row] + 1}", None) for row in shown])

    @pyqtSlot(object)
    def _on_resized(self, _: object) -> None:
        self._write_axes()
        self._draw_marks()

    # The pointer and the keys

    def _place_at(self, scene: QPointF) -> tuple[int | None, int] | None:
        """Return row and column at a point of the scene; no row among the counts."""
        if self.found is None:
            return None
        for plot in (self.cells, self.counts):
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(scene):
                at = box.mapSceneToView(scene)
                column, row = round(at.x()), round(at.y())
                if not 0 <= column < self.found.plan.columns:
                    return None
                if plot is self.counts:
                    return None, column
                return (row, column) if 0 <= row < len(self.order) else None
        return None

    def _point(self, place: tuple[int | None, int] | None) -> None:
        if place != self.cursor_at:
            self.cursor_at = place
            self._draw_frames()
            if place is None:
                self.pointed.emit(None)
            else:
                self.pointed.emit((None if place[0] is None else int(self.order[place[0]]), place[1]))

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        self._point(self._place_at(scene))

    @pyqtSlot(object)
    def _on_clicked(self, ev: Any) -> None:
        place = self._place_at(ev.scenePos())
        if ev.button() != Qt.MouseButton.LeftButton or place is None:
            return
        row, column = place
        if row is None or ev.double():
            self.value_chosen.emit(column)
        else:
            self.cell_chosen.emit(int(self.order[row]))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Handle the arrow keys, Enter and Space, and the pointer leaving."""
        if event is None or self.found is None:
            return False
        if event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self._point(None)
        elif event.type() == QEvent.Type.KeyPress:
            key = cast(QKeyEvent, event).key()
            row, column = self.cursor_at or (None, round(self._present or 0))
            if row is None:
                row = self.row_of(self._selected) or 0
            if key in STEPS:
                down, right = STEPS[key]  # type: ignore[index]
                last = len(self.order) - 1, self.found.plan.columns - 1
                self._point((min(max(row + down, 0), last[0]), min(max(column + right, 0), last[1])))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.value_chosen.emit(column)
                return True
            if key == Qt.Key.Key_Space:
                self.cell_chosen.emit(int(self.order[row]))
                return True
        return super().eventFilter(watched, event)

    def restyle(self) -> None:
        """Apply the current theme and text size."""
        theme = style.current()
        self.widget.ci.layout.setRowFixedHeight(1, scaled(COUNTS))
        self.widget.setBackground(theme.base)
        small = QFont()
        small.setPixelSize(letters(scaled(FONT)))
        for plot in (self.cells, self.counts):
            for name in ("left", "bottom"):
                axis = plot.getAxis(name)
                axis.setPen(theme.border)
                axis.setTextPen(theme.text if axis in (self.rows, self.values) else theme.muted)
                axis.setTickFont(small)
                axis.setLabel(axis.labelText, color=theme.muted, **{"font-size": f"{letters(scaled(FONT))}px"})
            plot.getAxis("left").setWidth(scaled(LEFT))
        self.values.setHeight(scaled(BOTTOM))
        for axis, text in ((self.rows, "Cell"), (self.counts.getAxis("left"), "Cells")):
            axis.setLabel(text)
        for name in TROUBLES:
            colour = trouble_colour(name)
            self.lines[name].setPen(pg.mkPen(colour, width=1))
            self.lines[name].setSymbolPen(pg.mkPen(colour, width=1))
            self.lines[name].setSymbolBrush(pg.mkBrush(colour))
            if name in self.marks:
                self.marks[name].setPen(pg.mkPen(theme.base, width=1))
                self.marks[name].setBrush(pg.mkBrush(colour))
        self.edges.setPen(pg.mkPen(trouble_colour("collapsed"), width=2))
        shade = QColor(theme.good)
        shade.setAlpha(40)
        self.range.setBrush(pg.mkBrush(shade))
        for line in self.range.lines:
            line.setPen(pg.mkPen(theme.good, width=1))
        for item, width, line in (
            (self.frames["row"], 2, Qt.PenStyle.SolidLine),
            (self.frames["column"], 2, Qt.PenStyle.SolidLine),
            (self.column, 2, Qt.PenStyle.SolidLine),
            (self.frames["hovered"], 1, Qt.PenStyle.DotLine),
            (self.frames["cursor"], 1, Qt.PenStyle.DashLine),
        ):
            item.setPen(pg.mkPen(theme.text, width=width, style=line))
            item.setShadowPen(pg.mkPen(theme.base, width=width + 2))
        self._draw()


def _frame(item: Any, box: tuple[float, float, float, float] | None) -> None:
    """Draw the frame of left, right, low and high; None hides it."""
    item.setVisible(box is not None)
    if box is not None:
        left, right, low, high = box
        item.setData([left, right, right, left, left], [low, low, high, high, low])
