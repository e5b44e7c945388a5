"""Plot over time with bands behind its lines, which sets its own time axis."""

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtGui import QColor

from neuropil_gui.drawing.series import Series
from neuropil_gui.features.trust.band_item import BandItem, EdgeItem
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.plots.trace_item import TraceItem


class BandPlot(TimePlot):
    """Plot whose bands are created once and reused; the one with the lowest index is in front.

    Attributes
    ----------
    step : float
        Time of a frame.
    """

    def __init__(self, title: str, help_text: str, axes: dict[str, Any] | None = None) -> None:
        super().__init__(title, help_text, axes)
        self.show_time_values(True)
        self.step = 1.0
        self.bands: list[BandItem] = []
        self._end = 0.0
        self.box.all_requested.connect(self.show_all)

    def set_time(self, frames: int, frame_rate: float | None, trial_starts: Sequence[int] = (), start: int = 1) -> None:
        """Set the time axis; the time in view is kept where the length is the same."""
        self.step = 1.0 / (frame_rate or 1.0)
        if self.item.getAxis("bottom").style["showValues"]:
            self.item.setLabel("bottom", "Time (s)" if frame_rate else "Frame")
        self.set_trials([(each - 0.5) * self.step for each in trial_starts[start:]])
        end = max(frames - 1, 1) * self.step
        if end != self._end:
            self._end = end
            self.set_extent(0.0, end, min(8, max(frames - 1, 1)) * self.step)
            self.show_all()

    @pyqtSlot()
    def show_all(self) -> None:
        """Show the whole time axis."""
        self.box.setXRange(0.0, self._end or 1.0, padding=0)

    def frames_in_view(self) -> tuple[int, int]:
        """Return the first frame in view, and the one after the last."""
        (start, end), _ = self.box.viewRange()
        return round(start / self.step), round(end / self.step) + 1

    def fill(self, index: int, lower: Series | None, upper: Series, colour: QColor) -> None:
        """Show the band between two series; `lower` None is a line at 0."""
        while len(self.bands) <= index:
            self.bands.append(BandItem(self.box))
        band = self.bands[index]
        band.setZValue(-10 - index)
        band.set_band(lower, upper, colour)
        band.setVisible(True)

    def empty_from(self, index: int) -> None:
        """Hide the bands from `index` on, and release their data."""
        for band in self.bands[index:]:
            band.setVisible(False)
            band.set_band(None, None, QColor())


class StackPlot(BandPlot):
    """Plot of stacked areas, whose curves are the upper edges."""

    def curve(self, index: int) -> TraceItem:
        """Return the edge with this index, created on first use."""
        while len(self.curves) <= index:
            self.curves.append(EdgeItem(self.box))
        return self.curves[index]
