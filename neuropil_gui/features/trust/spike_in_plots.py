"""Plots of the spike-in test: put in against came back, the mean transient, and gain and leak over alpha."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor

from neuropil_gui.core.analysis.spike_in import SpikeIn, SpikeInPoint
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.trust.small_plot import SmallPlot
from neuropil_gui.figures.palette import OKABE_ITO
from neuropil_gui.ui import style

PUT_IN_HELP = """<b>Put in, came back</b><p>A point for each added transient: to the right its peak as it was added to
the ROI, upwards its peak in the best match, both in the traces' unit. What comes back is the best match with the added
light less the one without it.</p>
<p>Filled: added as the cell's light, to the ROI and, by its shares, to the regions. On the dashed line all of it has
come back. Hollow: the same transient added as light that is not the cell's. None of that should come back, so that
these points belong on 0.</p>"""

COURSE_HELP = """<b>Mean transient</b><p>Dashed: the mean of the transients that were added to the ROI. Solid: what came
back of them in the best match. Dotted: what came back of the light that is not the cell's; below 0, it was taken from
the best match although it was not in the ROI.</p>
<p>Only this difference is drawn: the recording itself cancels. A shorter decay, or a dip after the transient, tells
that the separation bends what it gives back.</p>"""

ALPHA_HELP = """<b>Over alpha</b><p>The gain (filled) and the leak (hollow) at other values of alpha, with the same
transients added and a few repeats for each. Bars hold 95 % of repeats; the vertical line is the result's alpha.</p>
<p>Look for an alpha at which the gain is near 1 and the leak is near 0. Where there is none, the method has to be
chosen by what matters more for the question at hand.</p>"""

LEAST_ALPHA = 1e-4


def leak_colour() -> QColor:
    """Return the colour of light that is not the cell's."""
    return style.readable(OKABE_ITO[4], style.current().base, style.current().line_contrast)


class PutInPlot(SmallPlot):
    """Scatter plot of what came back over what was put in."""

    def __init__(self) -> None:
        super().__init__("Put in, came back", PUT_IN_HELP, "put_in_plot")
        self.own, self.other = pg.ScatterPlotItem(size=6), pg.ScatterPlotItem(size=6)
        self.all_of_it, self.none, self.slope = (self.item.plot([], []) for _ in range(3))
        self.item.addItem(self.other)
        self.item.addItem(self.own)
        self.item.setLabel("bottom", "Peak put in")
        self.item.setLabel("left", "Peak that came back")
        self._found: SpikeIn | None = None
        self.restyle()

    def show_answer(self, found: SpikeIn | None) -> None:
        """Draw an answer; None draws nothing."""
        self._found = found
        self.draw()

    def draw(self) -> None:
        """Draw the points and the lines."""
        theme, colour = style.current(), style.component_colour(0)
        found = self._found
        put_in = came_back = leaked = np.empty(0)
        line = np.empty(0)
        gain = math.nan
        if found is not None:
            repeats = found.result.repeats
            put_in = np.concatenate([each.put_in for each in repeats])
            came_back = np.concatenate([each.came_back for each in repeats])
            leaked = np.concatenate([each.leaked for each in repeats])
            line, gain = np.array([0.0, float(put_in.max())]), found.result.gain.mean
        self.own.setData(x=put_in, y=came_back, brush=pg.mkBrush(colour), pen=pg.mkPen(None))
        self.other.setData(x=put_in, y=leaked, brush=pg.mkBrush(None), pen=pg.mkPen(leak_colour(), width=1))
        dash = pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine)
        self.all_of_it.setData(line, line, pen=dash)
        self.none.setData(line, 0 * line, pen=pg.mkPen(theme.grid, width=1))
        self.slope.setData(line, gain * line, pen=pg.mkPen(colour, width=1))
        if found is not None:
            self.fit(line, np.concatenate([line, came_back, leaked]))


class CoursePlot(SmallPlot):
    """Line plot of the mean transient before and after, and of what came back of other light."""

    def __init__(self) -> None:
        super().__init__("Mean transient", COURSE_HELP, "course_plot")
        self.zero = pg.InfiniteLine(0, angle=0)
        self.item.addItem(self.zero)
        self.before, self.other, self.after = (self.item.plot([], []) for _ in range(3))
        self.item.setLabel("left", "Added light")
        # pyqtgraph centres the text that is there when the plot gets its size.
        self.item.setLabel("bottom", "From onset (s)")
        self._found: SpikeIn | None = None
        self.restyle()

    def show_answer(self, found: SpikeIn | None) -> None:
        """Draw an answer; None draws nothing."""
        self._found = found
        self.draw()

    def draw(self) -> None:
        """Draw the courses."""
        theme, found = style.current(), self._found
        self.zero.setPen(pg.mkPen(theme.grid, width=1))
        pens = (
            pg.mkPen(theme.text, width=1, style=Qt.PenStyle.DashLine),
            pg.mkPen(leak_colour(), width=1, style=Qt.PenStyle.DotLine),
            pg.mkPen(style.component_colour(0), width=2),
        )
        courses: Sequence[FloatArray] = (np.empty(0),) * 3
        times = np.empty(0)
        if found is not None:
            result, rate = found.result, found.frame_rate
            courses = result.before, result.other, result.after
            times = np.arange(len(result.before)) / (rate or 1.0)
            self.item.setLabel("bottom", "From onset (s)" if rate else "Frames from onset")
            self.fit(times, np.concatenate(courses))
        for curve, course, pen in zip((self.before, self.other, self.after), courses, pens, strict=True):
            curve.setData(times, course, pen=pen)


class AlphaPlot(SmallPlot):
    """Plot of gain and leak over alpha, with bars."""

    def __init__(self) -> None:
        super().__init__("Over alpha", ALPHA_HELP, "alpha_plot")
        self.lines = [pg.InfiniteLine(level, angle=0) for level in (0.0, 1.0)]
        self.here = pg.InfiniteLine(angle=90)
        for line in (*self.lines, self.here):
            self.item.addItem(line)
        self.bars = [self.item.plot([], [], connect="pairs") for _ in range(2)]
        self.curves = [self.item.plot([], []) for _ in range(2)]
        self.dots = [pg.ScatterPlotItem(size=7) for _ in range(2)]
        for dots in self.dots:
            self.item.addItem(dots)
        self.item.getAxis("bottom").setLogMode(True)
        self.item.setLabel("bottom", "alpha")
        self.item.setLabel("left", "Gain, leak")
        self._points: Sequence[SpikeInPoint] = ()
        self._alpha = math.nan
        self.restyle()

    def show_alpha(self, alpha: float) -> None:
        """Mark the alpha of the result, NaN where its method has none."""
        self._alpha = alpha
        self.draw()

    @property
    def points(self) -> Sequence[SpikeInPoint]:
        """The points that are drawn."""
        return self._points

    def show_points(self, points: Sequence[SpikeInPoint]) -> None:
        """Draw the points that are known."""
        self._points = points
        self.draw()

    def draw(self) -> None:
        """Draw curves, bars and lines."""
        theme = style.current()
        for line in self.lines:
            line.setPen(pg.mkPen(theme.grid, width=1))
        self.here.setVisible(math.isfinite(self._alpha))
        self.here.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        here = math.log10(max(self._alpha, LEAST_ALPHA)) if math.isfinite(self._alpha) else 0.0
        self.here.setValue(here)
        xs = np.array([math.log10(max(each.alpha, LEAST_ALPHA)) for each in self._points])
        shown = [np.array([0.0, 1.0])]
        for index, colour in enumerate((style.component_colour(0), leak_colour())):
            values = [(each.gain, each.leak)[index] for each in self._points]
            means = np.array([each.mean for each in values])
            ends = np.array([end for each in values for end in (each.low, each.high)])
            self.bars[index].setData(np.repeat(xs, 2), ends, pen=pg.mkPen(style.mixed(colour, 0.5), width=1))
            self.curves[index].setData(xs, means, pen=pg.mkPen(colour, width=1))
            brush = pg.mkBrush(theme.base if index else colour)
            self.dots[index].setData(x=xs, y=means, brush=brush, pen=pg.mkPen(colour, width=1))
            # A bar of few repeats may reach far; it must not press the curves flat.
            shown += [means - 0.25, means + 0.25]
        if len(xs):
            self.fit(np.append(xs, here if math.isfinite(self._alpha) else xs[0]), np.concatenate(shown))
