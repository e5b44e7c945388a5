"""Contrast of the picture: its histogram with two edges to drag, and percentiles."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QSignalBlocker, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.sizes import grown
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.layouts import stack

PERCENTILES = (1.0, 99.5)
BINS, HEIGHT = 128, 54
MOST = 2**18
"""Pixels that the histogram and the percentiles are found of, spread over the picture."""


class Contrast(QWidget):
    """Histogram of a picture, between whose edges it is drawn from black to white.

    Signals: `changed` (the least and the greatest value that is drawn).

    Attributes
    ----------
    levels : (float, float)
    """

    changed = pyqtSignal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.levels = (0.0, 1.0)
        self._values = np.zeros(0, np.float32)
        self._kept: dict[str, tuple[float, float]] = {}
        self._name = ""
        self.widget = BarePlotView(axes={})
        self.widget.setObjectName("field_histogram")
        self.widget.setAccessibleName("Histogram of the picture")
        self.widget.setToolTip("How many pixels have which value; drag the edges to change the contrast")
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box = self.widget.item.getViewBox()
        box.setMouseEnabled(False, False)
        box.disableAutoRange()
        self._box = box
        self.curve = pg.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=0)
        self.region = pg.LinearRegionItem((0, 1), swapMode="block")
        for each in (self.curve, self.region):
            box.addItem(each, ignoreBounds=True)
        self.region.sigRegionChanged.connect(self._on_region)
        self.low, self.high = DecimalBox(), DecimalBox()
        line = QHBoxLayout()
        line.setContentsMargins(0, 4, 0, 0)
        line.setSpacing(6)
        for spin, name, which, default in (
            (self.low, "field_low", "black", PERCENTILES[0]), (self.high, "field_high", "white", PERCENTILES[1]),
        ):  # fmt: skip
            spin.setObjectName(name)
            spin.setDecimals(2)
            spin.setRange(0, 100)
            spin.setValue(default)
            spin.setSuffix(" %")
            spin.setAccessibleName(f"Percentile drawn {which}")
            spin.setToolTip(f"Share of the pixels below the value that is drawn {which}")
            spin.valueChanged.connect(self._on_percentiles)
        line.addWidget(QLabel("Percentiles"))
        line.addWidget(self.low, 1)
        line.addWidget(self.high, 1)
        stack(self, self.widget, line)
        self.restyle()

    def show_picture(self, name: str, picture: Picture | None) -> None:
        """Show the histogram of a picture, between the levels that it had, or at its percentiles."""
        values: Any = np.zeros(0, np.float32) if picture is None else picture.reshape(-1)
        values = values[:: max(1, len(values) // MOST)]
        self._values, self._name = np.sort(values[np.isfinite(values)]), name
        if not len(self._values):
            self.curve.setData([0, 1], [0])
            return
        known = self._kept.get(name)
        low, high = float(self._values[0]), float(self._values[-1])
        # Of a picture that is nearly constant, bins would be finer than its digits.
        least = 1e-4 * max(abs(low), abs(high)) or 1.0
        middle = (low + high) / 2
        ends = (low, high) if high - low >= least else (middle - least / 2, middle + least / 2)
        counts, edges = np.histogram(self._values.astype(np.float64), BINS, ends)
        self.curve.setData(edges, np.sqrt(counts))
        # Plain numbers: in float32 pyqtgraph's limits overflow.
        first, last, top = float(edges[0]), float(edges[-1]), float(np.sqrt(counts.max()))
        margin = 0.03 * (last - first)
        self._box.setRange(xRange=(first - margin, last + margin), yRange=(0, top), padding=0)
        self._set(known or self._at_percentiles(), known is not None)

    def forget(self) -> None:
        """Forget the levels of all pictures, of another field of view."""
        self._kept.clear()
        for spin, value in zip((self.low, self.high), PERCENTILES, strict=True):
            with QSignalBlocker(spin):
                spin.setValue(value)

    def move_levels(self, right: float, up: float) -> None:
        """Move the levels by a drag over the picture: right for less contrast, up for a brighter picture."""
        low, high = self.levels
        width, middle = (high - low) * 2.0 ** (2 * right), (low + high) / 2 - 2 * up * (high - low)
        self._keep((middle - width / 2, middle + width / 2))

    def _at_percentiles(self) -> tuple[float, float]:
        low, high = np.percentile(self._values, sorted((self.low.value(), self.high.value())))
        return float(low), float(high)

    def _keep(self, levels: tuple[float, float]) -> None:
        self._kept[self._name] = levels
        self._set(levels, True)

    def _set(self, levels: tuple[float, float], shows_percentiles: bool) -> None:
        low, high = levels
        self.levels = low, high if high > low else low + max(abs(low), 1.0) * 1e-6
        with QSignalBlocker(self.region):
            self.region.setRegion(self.levels)
        if shows_percentiles and len(self._values):
            for spin, level in zip((self.low, self.high), self.levels, strict=True):
                with QSignalBlocker(spin):
                    spin.setValue(100 * float(np.searchsorted(self._values, level)) / len(self._values))
        self.changed.emit(*self.levels)

    @pyqtSlot()
    def _on_percentiles(self, _: object = None) -> None:
        if len(self._values):
            levels = self._at_percentiles()
            self._kept[self._name] = levels
            self._set(levels, False)

    @pyqtSlot(object)
    def _on_region(self, _: object) -> None:
        low, high = self.region.getRegion()
        self._keep((float(low), float(high)))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.widget.setBackground(theme.base)
        self.widget.setFixedHeight(grown(HEIGHT))
        self.curve.setPen(pg.mkPen(theme.muted, width=1))
        self.curve.setBrush(QColor(theme.grid))
        edge = style.readable(theme.accent, theme.base, 3.0)
        fill = QColor(edge)
        fill.setAlpha(30)
        self.region.setBrush(fill)
        self.region.setHoverBrush(fill)
        for line in self.region.lines:
            line.setPen(pg.mkPen(edge, width=2))
            line.setHoverPen(pg.mkPen(edge, width=4))
