"""Overview: the whole recording in a strip, with the time in view as a window to drag and resize."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QGraphicsItem, QWidget

from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import with_margin
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.plots.time_plot import LEFT_WIDTH, for_screen
from neuropil_gui.ui.plots.trace_item import TraceItem
from neuropil_gui.ui.sizes import grown, line_width
from neuropil_gui.ui.widgets.layouts import stack

HEIGHT = 44


class StripBox(pg.ViewBox):  # type: ignore[misc]
    """View box that stays as it is and emits what the mouse asks for.

    Signals: `pointed` (time) on a click, `dragged` (time), `turned` (zoom factor, time) by the wheel, `all_requested`
    on a double click.
    """

    pointed = pyqtSignal(float)
    dragged = pyqtSignal(float)
    turned = pyqtSignal(float, float)
    all_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()

    def mouseClickEvent(self, ev: Any) -> None:
        """Emit `pointed`, or `all_requested` on a double click."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            if ev.double():
                self.all_requested.emit()
            else:
                self.pointed.emit(self._place(ev))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Emit `dragged`."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.dragged.emit(self._place(ev))

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Emit `turned` with the zoom factor of the plots."""
        ev.accept()
        self.turned.emit(1.02 ** (ev.delta() * self.state["wheelScaleFactor"]), self._place(ev))

    def _place(self, ev: Any) -> float:
        return float(self.mapSceneToView(ev.scenePos()).x())


class Overview(QWidget):
    """Strip with one trace, the trials and the window; it requests another window and never moves plots itself.

    Signals: `window_requested` (start, end), `zoom_requested` (factor, centre), `all_requested`.
    """

    window_requested = pyqtSignal(float, float)
    zoom_requested = pyqtSignal(float, float)

    all_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("overview")
        self.box = StripBox()
        self._axis = LabelAxis("left")
        self.widget = BarePlotView(self.box, {"left": self._axis})
        self.widget.setAccessibleName("Whole recording")
        self.widget.setToolTip(
            "<qt>The raw ROI over the whole recording. Drag the coloured window to move, its edges to show more or "
            "less; click beside it to go there, double click to show all.</qt>"
        )
        self.item = self.widget.item
        self._axis.set_labels([(0.5, "whole", None)])
        self.trials = pg.VTickGroup(pen=style.pen("trial"))
        self.region = pg.LinearRegionItem(values=(0.0, 1.0), swapMode="block")
        self.region.setZValue(-1)
        for each in (self.trials, self.region):
            self.box.addItem(each, ignoreBounds=True)
        self.curve = TraceItem(self.box)
        # The trace stands still while the window moves: draw it from a cache.
        self.curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._extent = (0.0, 1.0)
        self._window = (0.0, 1.0)
        stack(self, self.widget)
        self.region.sigRegionChanged.connect(self._on_region)
        self.region.sigRegionChangeFinished.connect(self._on_region)
        self.box.pointed.connect(self._on_pointed)
        self.box.dragged.connect(self._centre_on)
        self.box.turned.connect(self.zoom_requested)
        self.box.all_requested.connect(self.all_requested)
        self.restyle()

    def show_trace(self, series: Series | None, extent: tuple[float, float], trials: Sequence[float]) -> None:
        """Draw a trace over the whole `extent`, and mark the starts of trials."""
        self.setEnabled(series is not None)
        self.curve.set_series(series)
        self.trials.setXVals(list(trials))
        self._extent = extent
        self.box.setXRange(*self._extent, padding=0)
        low, high = with_margin(*common_limits([series.limits] if series is not None else []))
        # Centre the label on the values, which are not scaled.
        self.box.setYRange(low, high, padding=0)
        self._axis.set_labels([((low + high) / 2, "whole", None)])

    def show_window(self, start: float, end: float) -> None:
        """Show which time is in view."""
        self._window = (start, end)
        with QSignalBlocker(self.region):
            self.region.setRegion((start, end))

    @pyqtSlot(object)
    def _on_region(self, _: object) -> None:
        (start, end), (first, last) = self.region.getRegion(), self._extent
        before = self._window[1] - self._window[0]
        if abs((end - start) - before) <= 1e-6 * before:
            # Moved as a whole: keep the width at the ends.
            shift = min(max(start, first), max(last - before, first)) - start
            start, end = start + shift, start + shift + before
        self._request(max(start, first), min(end, last))

    @pyqtSlot(float)
    def _on_pointed(self, x: float) -> None:
        if not self._window[0] <= x <= self._window[1]:
            self._centre_on(x)

    @pyqtSlot(float)
    def _centre_on(self, x: float) -> None:
        (first, last), width = self._extent, self._window[1] - self._window[0]
        start = min(max(x - width / 2, first), max(last - width, first))
        self._request(start, start + width)

    def _request(self, start: float, end: float) -> None:
        self.window_requested.emit(start, end)
        # The request may be limited: show what is in view.
        self.show_window(*self._window)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.widget.setBackground(theme.base)
        self.curve.set_pen(pg.mkPen(theme.muted, width=line_width(1)))
        self.trials.setPen(for_screen(style.pen("trial"), self))
        self.trials.update()
        self._axis.setWidth(grown(LEFT_WIDTH))
        self.widget.setFixedHeight(grown(HEIGHT))
        self._axis.setPen(theme.border)
        self._axis.setTextPen(theme.muted)
        edge = style.readable(theme.accent, theme.base, 3.0)
        for brush, alpha in ((self.region.setBrush, 45), (self.region.setHoverBrush, 70)):
            colour = QColor(edge)
            colour.setAlpha(alpha)
            brush(colour)
        for line in self.region.lines:
            line.setPen(for_screen(pg.mkPen(edge, width=2), self))
            line.setHoverPen(for_screen(pg.mkPen(edge, width=6), self))
