"""Truth plot: an indicator against the true error, one point per alpha of a sweep."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QLabel, QWidget

from neuropil_gui.core.analysis.judgements import Judgement, SweptIndicators
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import hide_controls, restyle_axes
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
        self.widget = pg.PlotWidget()
        self.widget.setAccessibleName("Indicator against the true error, for each alpha")
        self.item = self.widget.getPlotItem()
        hide_controls(self.item)
        for name in ("left", "bottom"):
            self.item.getAxis(name).enableAutoSIPrefix(False)
        self.widget.setMouseEnabled(False, False)
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
        stack(self, self.header, (self.widget, 1), self.readout)
        self._shown: list[SweptIndicators] = []
        self._judgement: Judgement | None = None
        self._alpha = self._error = math.nan
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.restyle()

    def show_points(
        self, points: Sequence[SweptIndicators], judgement: Judgement | None, alpha: float, error: float
    ) -> None:
        """Draw an indicator over a sweep; one that is itself the truth is drawn over alpha.

        `judgement`, `alpha` and `error` are of the current result.
        """
        self._judgement, self._alpha, self._error = judgement, alpha, error
        known = [] if judgement is None else [each for each in points if math.isfinite(self._x(each, judgement))]
        self._shown = [each for each in known if math.isfinite(each.values.get(ERROR, math.nan))]
        self._draw()

    def _x(self, point: SweptIndicators, judgement: Judgement) -> float:
        return point.alpha if judgement.needs_truth else point.values.get(judgement.indicator.key, math.nan)

    def _draw(self) -> None:
        judgement, theme = self._judgement, style.current()
        xs = np.array([self._x(each, judgement) for each in self._shown]) if judgement is not None else np.zeros(0)
        log = judgement is not None and judgement.needs_truth
        if log:
            xs = np.log10(np.maximum(xs, 1e-9))
        ys = np.array([each.values[ERROR] for each in self._shown])
        self.item.getAxis("bottom").setLogMode(log)
        self.line.setData(xs, ys, pen=pg.mkPen(theme.faint, width=1))
        colour = QColor(style.component_colour(0))
        brushes = [pg.mkBrush(theme.base if each.collapsed else colour) for each in self._shown]
        self.points.setData(x=xs, y=ys, brush=brushes, pen=pg.mkPen(colour, width=1))
        here = math.nan if judgement is None else judgement.indicator.value
        if log:
            here = math.log10(max(self._alpha, 1e-9))
        known = math.isfinite(here) and math.isfinite(self._error)
        place = ([here], [self._error]) if known else ([], [])
        self.ring.setData(x=place[0], y=place[1], pen=pg.mkPen(theme.text, width=2), brush=pg.mkBrush(None))
        for text, end in zip(self.ends, (0, -1), strict=True):
            text.setVisible(len(xs) > 1)
            if len(xs) > 1:
                text.setText(f"alpha {self._shown[end].alpha:g}", color=theme.muted)
                text.setPos(xs[end], ys[end])
        unit = f" ({judgement.indicator.unit})" if judgement is not None and judgement.indicator.unit else ""
        name = "alpha" if log else "" if judgement is None else judgement.indicator.label + unit
        self.item.setLabel("bottom", name)
        self.item.setLabel("left", "error against truth")
        if len(xs):
            self._fit(np.append(xs, place[0]), np.append(ys, place[1]))
        self.readout.setText("Point at a point to read it; the ring is the result shown" if len(xs) else " ")

    def _fit(self, xs: "FloatArray", ys: "FloatArray") -> None:
        box = self.item.getViewBox()
        for low, high, set_range in ((xs.min(), xs.max(), box.setXRange), (ys.min(), ys.max(), box.setYRange)):
            room = 0.2 * (high - low) or 0.5
            set_range(low - room, high + room, padding=0)

    @pyqtSlot(object)
    def _on_moved(self, place: QPointF) -> None:
        found = self.points.pointsAt(self.points.mapFromScene(place))
        if len(found) and self._judgement is not None:
            point = self._shown[found[0].index()]
            label, key = self._judgement.indicator.label, self._judgement.indicator.key
            text = f"alpha {point.alpha:g} · {label} {point.values[key]:.3f} · error {point.values[ERROR]:.3f}"
            self.readout.setText(text + (" · collapsed" if point.collapsed else ""))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.widget.setBackground(style.current().base)
        restyle_axes(self.item)
        self._draw()
