"""Plots of traces against spikes: averages around them, ROC, and the area under it over r or alpha."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QPen

from neuropil_gui.core.analysis.spike_detection import AucPoint, SpikeTest
from neuropil_gui.core.analysis.spike_in_plan import RESULT
from neuropil_gui.features.trust.small_plot import SmallPlot
from neuropil_gui.figures.palette import COMPARED, OKABE_ITO
from neuropil_gui.ui import style

AVERAGE_HELP = """<b>Average around spikes</b><p>The mean of each trace around the spikes that have no other in the
window before them, above its mean in that window, in the traces' unit. The bands are its standard error.</p>
<p>Spikes that follow are in it, too: a cell that fires in bursts has a longer average than a single spike. Where raw
rises before 0 or the best match falls, neuropil goes together with the spikes.</p>"""

ROC_HELP = """<b>Telling spikes from none</b><p>Each window is given a number: the mean of the trace in it, from a spike
on, less that in the window before. At every threshold, upwards the part of the windows with a spike that are above it,
to the right the part of those without any.</p>
<p>A curve along the diagonal is guessing, one in the upper left corner is always right. The area below (AUC) is the
chance that a window with a spike has the greater number; its error is a standard error (DeLong et al. 1988).</p>"""

FACTOR_HELP = """<b>AUC over r</b><p>The area under the ROC of F \N{MINUS SIGN} r Fneu, with its standard error, for
each part r of the neuropil that is subtracted. Where it is greatest, spikes of this cell are told best: so Huang et al.
(2021) choose r. The dashed lines are that r, and the AUC of the best match.</p>"""

ALPHA_HELP = """<b>AUC over alpha</b><p>The area under the ROC of the best match at other values of alpha, with its
standard error. The vertical line is the result's alpha, the dashed one the AUC of the raw ROI.</p>"""

LEAST_ALPHA = 1e-4


def method_colour(method: str) -> QColor:
    """Return the colour of a method, readable on a plot."""
    theme = style.current()
    if method == RESULT:
        return style.component_colour(0)
    if method == "raw":
        return QColor(theme.muted)
    return style.readable(OKABE_ITO[COMPARED.get(method, (7, 0))[0]], theme.base, theme.line_contrast)


def method_pen(method: str) -> QPen:
    """Return the pen of a method."""
    lines = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
    line = Qt.PenStyle.SolidLine if method in (RESULT, "raw") else lines[COMPARED.get(method, (7, 0))[1]]
    return QPen(pg.mkPen(method_colour(method), width=2 if method == RESULT else 1, style=line))


class _MethodsPlot(SmallPlot):
    """Plot with a curve for each method of a test."""

    def __init__(self, title: str, help_text: str, name: str) -> None:
        super().__init__(title, help_text, name)
        self.curves: dict[str, pg.PlotDataItem] = {}
        self._found: SpikeTest | None = None

    def show_test(self, found: SpikeTest | None) -> None:
        """Draw a test; None draws nothing."""
        self._found = found
        for key in [key for key in self.curves if found is None or key not in found.responses]:
            self.item.removeItem(self.curves.pop(key))
        for key in found.responses if found is not None else ():
            if key not in self.curves:
                self.curves[key] = self.item.plot([], [])
                self.curves[key].setZValue(2 if key == RESULT else 1)
        self.draw()


class AveragePlot(_MethodsPlot):
    """Averages around spikes, with their standard errors."""

    def __init__(self) -> None:
        super().__init__("Average around spikes", AVERAGE_HELP, "spike_average_plot")
        self.bands: dict[str, tuple[pg.PlotDataItem, pg.PlotDataItem, pg.FillBetweenItem]] = {}
        self.lines = [pg.InfiniteLine(0, angle=angle) for angle in (0, 90)]
        for line in self.lines:
            self.item.addItem(line)
        self.item.setLabel("left", "Light")
        self.item.setLabel("bottom", "Time from spike (s)")
        self._unit = "s"
        self.restyle()

    def show_averages(self, found: SpikeTest | None, frame_rate: float | None) -> None:
        """Draw a test, over seconds where the frame rate is known, else over frames."""
        self._unit = "s" if frame_rate else "frames"
        for key in [key for key in self.bands if found is None or key not in found.responses]:
            for part in self.bands.pop(key):
                self.item.removeItem(part)
        for key in found.responses if found is not None else ():
            if key not in self.bands:
                edges = self.item.plot([], [], pen=pg.mkPen(None)), self.item.plot([], [], pen=pg.mkPen(None))
                band = pg.FillBetweenItem(*edges)
                self.item.addItem(band)
                self.bands[key] = (*edges, band)
        self.show_test(found)

    def draw(self) -> None:
        """Draw curves and bands."""
        found, theme = self._found, style.current()
        for line in self.lines:
            line.setPen(pg.mkPen(theme.grid, width=1))
        if found is None:
            return
        self.item.setLabel("bottom", f"Time from spike ({self._unit})")
        limits = []
        for key, each in found.responses.items():
            self.curves[key].setData(found.times, each.mean, pen=method_pen(key))
            error = np.nan_to_num(each.error)
            low, high, band = self.bands[key]
            low.setData(found.times, each.mean - error)
            high.setData(found.times, each.mean + error)
            tint = QColor(method_colour(key))
            tint.setAlphaF(0.18)
            band.setBrush(pg.mkBrush(tint))
            limits += [each.mean - error, each.mean + error]
        self.fit(found.times, np.concatenate(limits))


class RocPlot(_MethodsPlot):
    """ROC of each method."""

    def __init__(self) -> None:
        super().__init__("Telling spikes from none", ROC_HELP, "spike_roc_plot")
        self.guess = self.item.plot([0, 1], [0, 1])
        self.item.setLabel("left", "Detected")
        self.item.setLabel("bottom", "Detected without a spike")
        self.fit(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        self.restyle()

    def draw(self) -> None:
        """Draw the curves."""
        self.guess.setPen(pg.mkPen(style.current().grid, width=1))
        for key, each in self._found.responses.items() if self._found is not None else ():
            self.curves[key].setData(each.roc.false_rate, each.roc.true_rate, pen=method_pen(key))


class AucPlot(SmallPlot):
    """AUC over a value, with bars, a level to compare with, and the value of the result.

    Parameters
    ----------
    method : str
        Whose colour it has.
    compared : str
        Whose colour the level has.
    log : bool
        Whether the axis of values is logarithmic.
    """

    def __init__(self, title: str, help_text: str, name: str, method: str, compared: str, log: bool) -> None:
        super().__init__(title, help_text, name)
        self._method, self._compared, self._log = method, compared, log
        self.level, self.here = pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=90)
        self.bars, self.curve = self.item.plot([], [], connect="pairs"), self.item.plot([], [])
        self.dots = pg.ScatterPlotItem(size=6)
        for part in (self.level, self.here, self.dots):
            self.item.addItem(part)
        self.item.getAxis("bottom").setLogMode(log)
        self.item.setLabel("left", "AUC")
        self.item.setLabel("bottom", "alpha" if log else "r")
        self._points: Sequence[AucPoint] = ()
        self._here = self._level = math.nan
        self.restyle()

    def show_points(self, points: Sequence[AucPoint], here: float = math.nan, level: float = math.nan) -> None:
        """Draw the points that are known, the value `here`, and the AUC to compare with."""
        self._points, self._here, self._level = points, here, level
        self.draw()

    def draw(self) -> None:
        """Draw points, bars and lines."""
        theme, colour = style.current(), method_colour(self._method)
        known = [each for each in self._points if math.isfinite(each.auc)]
        xs, here = np.array([self._place(each.value) for each in known]), self._place(self._here)
        aucs = np.array([each.auc for each in known])
        errors = np.nan_to_num(np.array([each.error for each in known]))
        ends = np.stack([aucs - errors, aucs + errors], axis=1).ravel() if known else aucs
        self.bars.setData(np.repeat(xs, 2), ends, pen=pg.mkPen(style.mixed(colour, 0.5), width=1))
        self.curve.setData(xs, aucs, pen=pg.mkPen(colour, width=1))
        self.dots.setData(x=xs, y=aucs, brush=pg.mkBrush(colour), pen=pg.mkPen(None))
        for line, value in ((self.level, self._level), (self.here, here)):
            line.setVisible(bool(known) and math.isfinite(value))
            line.setValue(value if math.isfinite(value) else 0.0)
        self.here.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        self.level.setPen(pg.mkPen(method_colour(self._compared), width=1, style=Qt.PenStyle.DashLine))
        if known:
            sides = np.array([each for each in (here,) if math.isfinite(each)])
            shown = np.array([each for each in (self._level, 0.5) if math.isfinite(each)])
            self.fit(np.concatenate([xs, sides]), np.concatenate([ends, shown]))

    def _place(self, value: float) -> float:
        return math.log10(max(value, LEAST_ALPHA)) if self._log and math.isfinite(value) else value
