"""Truth plot: an indicator against the true error, one point per alpha of a sweep."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, Qt, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QLabel, QSizePolicy, QWidget

from neuropil_gui.core.analysis.number import Number
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import restyle_axes
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Against the truth</b><p>Known for simulated cells only. Each point is one alpha: to the right what the
chosen indicator says of it, upwards how wrong the best match truly is. The line goes from the least alpha to the
greatest.</p>
<p>Could the indicator be trusted here, the points would fall along one slope. Where points of the same indicator have
very different errors, it cannot choose between them.</p>
<p>The ring is the alpha of the result shown. Hollow points have collapsed: nothing was separated.</p>
<p>It is one cell of one simulation; on another it may be the reverse.</p>"""

ERROR = "error_truth"


class TruthPlot(QWidget):
    """Scatter plot of a sweep's indicator, with the current alpha marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Against the truth", HELP)
        self.widget = BarePlotView()
        self.widget.setAccessibleName("Indicator against the true error, for each alpha")
        self.item = self.widget.item
        for name in ("left", "bottom"):
            self.item.getAxis(name).enableAutoSIPrefix(False)
        self.item.getViewBox().setMouseEnabled(False, False)
        self.line = self.item.plot([], [])
        self.points = pg.ScatterPlotItem(size=9, hoverable=True, tip=None)
        self.ring = pg.ScatterPlotItem(size=19)
        # One label below its point and one above: points may crowd at the ends of the line.
        self.ends = [pg.TextItem(anchor=(0.5, along)) for along in (-0.45, 1.3)]
        for each in (self.points, self.ring, *self.ends):
            self.item.addItem(each)
        self.readout = QLabel(" ")
        self.readout.setObjectName("truth_readout")
        self.readout.setProperty("muted", True)
        self.readout.setMargin(4)
        self.readout.setWordWrap(True)
        self.readout.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignTop)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        stack(self, self.header, (self.widget, 1), self.readout)
        self._shown: list[Tile] = []
        self._number: Number | None = None
        self._here: Mapping[str, float] = {}
        self._alpha = math.nan
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.restyle()

    def show_points(
        self, points: Sequence[Tile], number: Number | None, here: Mapping[str, float], alpha: float
    ) -> None:
        """Draw an indicator over a sweep; one that needs the truth itself is drawn over alpha.

        `here` are the result's own numbers, `alpha` is its alpha.
        """
        self._number, self._here, self._alpha = number, here, alpha
        known = [] if number is None else [each for each in points if math.isfinite(self._x(each))]
        self._shown = [each for each in known if math.isfinite(each.value(ERROR))]
        self._draw()

    @property
    def _over_alpha(self) -> bool:
        return self._number is not None and self._number.needs == "truth"

    def _x(self, point: Tile) -> float:
        if self._number is None:
            return math.nan
        return point.settings.alpha if self._over_alpha else point.value(self._number.key)

    def _draw(self) -> None:
        number, log, theme = self._number, self._over_alpha, style.current()
        xs = np.array([self._x(each) for each in self._shown])
        if log:
            xs = np.log10(np.maximum(xs, 1e-9))
        ys = np.array([each.value(ERROR) for each in self._shown])
        self.item.getAxis("bottom").setLogMode(log)
        self.line.setData(xs, ys, pen=pg.mkPen(theme.faint, width=1))
        colour = QColor(style.component_colour(0))
        brushes = [pg.mkBrush(theme.base if each.collapsed else colour) for each in self._shown]
        self.points.setData(x=xs, y=ys, brush=brushes, pen=pg.mkPen(colour, width=1))
        here = math.nan if number is None else self._here.get(number.key, math.nan)
        error = self._here.get(ERROR, math.nan)
        if log:
            here = math.log10(max(self._alpha, 1e-9))
        place = ([here], [error]) if math.isfinite(here) and math.isfinite(error) else ([], [])
        self.ring.setData(x=place[0], y=place[1], pen=pg.mkPen(theme.text, width=2), brush=pg.mkBrush(None))
        for text, end in zip(self.ends, (0, -1), strict=True):
            text.setVisible(len(xs) > 1)
            if len(xs) > 1:
                text.setText(f"alpha {self._shown[end].settings.alpha:g}", color=theme.muted)
                text.setPos(xs[end], ys[end])
        unit = f" ({number.unit})" if number is not None and number.unit else ""
        name = "alpha" if log else "" if number is None else number.name + unit
        self.item.setLabel("bottom", name)
        self.item.setLabel("left", NUMBERS[ERROR].name)
        if len(xs):
            self._fit(np.append(xs, place[0]), np.append(ys, place[1]))
        self.readout.setText("Point at a point to read it; the ring is the result shown" if len(xs) else " ")

    def _fit(self, xs: FloatArray, ys: FloatArray) -> None:
        box = self.item.getViewBox()
        for low, high, set_range in ((xs.min(), xs.max(), box.setXRange), (ys.min(), ys.max(), box.setYRange)):
            room = 0.2 * (high - low) or 0.5
            set_range(low - room, high + room, padding=0)

    @pyqtSlot(object)
    def _on_moved(self, place: QPointF) -> None:
        found = self.points.pointsAt(self.points.mapFromScene(place))
        if len(found) and self._number is not None:
            point = self._shown[found[0].index()]
            texts = [f"alpha {point.settings.alpha:g}"]
            for number in dict.fromkeys((self._number, NUMBERS[ERROR])):
                texts.append(f"{number.name} {number.text(point.value(number.key), 3)}")
            if point.collapsed:
                texts.append("collapsed")
            self.readout.setText(" · ".join(texts))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.widget.setBackground(style.current().base)
        restyle_axes(self.item)
        # Room for two lines, so that the plot keeps its size whatever is said below it.
        self.readout.setFixedHeight(2 * self.readout.fontMetrics().lineSpacing() + 8)
        self._draw()
