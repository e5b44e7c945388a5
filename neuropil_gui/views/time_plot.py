"""A plot over time: drag pans, the wheel zooms, a double click shows all; y stays as it was fitted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QPen
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from neuropil_gui.views import style
from neuropil_gui.views.header import Header

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

LEFT_WIDTH = 62


class TimeViewBox(pg.ViewBox):  # type: ignore[misc]
    """Moves in x only; asks for everything on a double click."""

    all_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()

    def mouseClickEvent(self, ev: Any) -> None:
        """Tell of a double click."""
        if ev.double():
            ev.accept()
            self.all_requested.emit()


class TimePlot(QWidget):
    """One plot with its legend in a line above it; curves are made once and reused."""

    def __init__(self, title: str, help_text: str, axes: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.header = Header(title, help_text)
        self.box = TimeViewBox()
        self.widget = pg.PlotWidget(viewBox=self.box, axisItems=axes or {})
        self.item = self.widget.getPlotItem()
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.setLabel("left", title)
        self.widget.setAccessibleName(f"{title} traces")
        self.widget.setMinimumHeight(70)
        left = self.item.getAxis("left")
        left.setWidth(LEFT_WIDTH)
        left.enableAutoSIPrefix(False)
        self.item.getAxis("bottom").enableAutoSIPrefix(False)
        self.show_time_values(False)
        self.trials = pg.VTickGroup(pen=style.pen("trial"))
        self.item.addItem(self.trials)
        self.curves: list[Any] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.widget, 1)
        self.restyle()

    def curve(self, index: int) -> Any:
        """Return the curve with this number, made at its first use."""
        while len(self.curves) <= index:
            curve = pg.PlotDataItem(connect="auto")
            # One least and one greatest value a pixel is all that can be seen; the usual five cost twice the time.
            curve.opts["autoDownsampleFactor"] = 1.0
            self.item.addItem(curve)
            curve.setDownsampling(auto=True, method="peak")
            curve.setClipToView(True)
            self.curves.append(curve)
        return self.curves[index]

    def draw(self, index: int, x: "FloatArray", y: "FloatArray", pen: QPen, depth: int = 0) -> None:
        """Show a curve."""
        curve = self.curve(index)
        curve.setPen(pen)
        curve.setZValue(depth)
        curve.setData(x, y)
        curve.setVisible(True)

    def hide_from(self, index: int) -> None:
        """Hide the curves from this number on, and let go of their data."""
        for curve in self.curves[index:]:
            if curve.isVisible():
                curve.setVisible(False)
                curve.setData([], [])

    def show_time_values(self, shown: bool) -> None:
        """Write the times below this plot, or leave them to a lower one."""
        axis = self.item.getAxis("bottom")
        axis.setStyle(showValues=shown)
        axis.setHeight(None if shown else 4)

    def set_trials(self, places: Sequence[float]) -> None:
        """Mark where trials begin."""
        self.trials.setXVals(list(places))
        self.trials.update()

    def set_extent(self, start: float, end: float, shortest: float) -> None:
        """Keep panning and zooming within the recording."""
        self.box.setLimits(xMin=start, xMax=end, minXRange=min(shortest, end - start))

    def fit(self, low: float, high: float) -> None:
        """Show this range of values with a little room around it."""
        room = 0.06 * (high - low) or 0.5
        self.box.setYRange(low - room, high + room, padding=0)

    def restyle(self) -> None:
        """Follow the theme, but for the pens of the curves."""
        theme = style.current()
        self.header.restyle()
        self.widget.setBackground(theme.base)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
            axis.labelStyle["color"] = theme.muted
            axis.setLabel(axis.labelText)
        self.trials.setPen(style.pen("trial"))
        self.trials.update()


def limits(*arrays: "FloatArray") -> tuple[float, float]:
    """Return the least and the greatest finite value of all; 0 and 1 where there is none."""
    lows, highs = [], []
    for array in arrays:
        values = array
        if array.size and not np.isfinite([array.min(), array.max()]).all():
            values = array[np.isfinite(array)]
        if values.size:
            lows.append(float(values.min()))
            highs.append(float(values.max()))
    return (min(lows), max(highs)) if lows else (0.0, 1.0)
