"""Raw plot: the recorded signals of a cell, the ROI bold and its neuropil regions thin."""

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.plots.signal_names import full_name
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.sizes import line_width

HELP = """<b>Raw</b><p>The signals as they were recorded, in the file's own units; where the axis
says \N{GREEK CAPITAL LETTER DELTA}F/F, the ROI alone, relative to its baseline F0. Bold: the ROI, the
cell and light from around it. Thin: the regions of neuropil around it.</p>
<p>Where the ROI rises and the regions rise with it, its signal may not be its own.</p>
<p>Point at a line or at its name to tell it from the others. Dotted lines mark where trials begin.</p>
<p>Drag to move, turn the wheel to zoom, double click to see all; the strip at the bottom is the whole recording, its
window can be dragged and resized.</p>
<p>The line under the pointer stands at one frame in all plots; the values there are written at the bottom.</p>"""

NAMED = 6
"""Greatest number of regions with a legend entry each."""

REACH = 8
"""Pixels within which the pointer is on a line."""


class RawPlot(TimePlot):
    """Plot of all signals of one cell.

    Signals: `signal_hovered` (row whose legend entry is under the pointer, or None).
    """

    signal_hovered = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("Raw", HELP)
        self.series: list[Series] = []
        self._traces: FloatArray = np.zeros((0, 0))
        self._cell: Cell | None = None
        self._step = 1.0
        self._lit: int | None = None
        self.legend.hovered.connect(self._on_word_hovered)

    def show_signals(self, step: float, cell: Cell | None, transformed: FloatArray | None = None) -> None:
        """Draw a cell's signals, or `transformed` in their place; `step` is the time of a frame."""
        self._cell, self._step = cell, step
        values = cell.traces if transformed is None and cell is not None else transformed
        pyramid = pyramid_of(np.zeros((0, 0)) if values is None else values)
        self._traces = pyramid.values
        self.series = [Series(pyramid, row, 0.0, step) for row in range(len(self._traces))]
        for row, series in enumerate(self.series):
            self.draw(row, series, style.pen("region" if row else "raw"), depth=0 if row else 1)
        self.hide_from(len(self.series))
        self.show_lit(self._lit)

    def data_limits(self) -> tuple[float, float]:
        """Return the least and the greatest value of all signals."""
        return common_limits([series.limits for series in self.series])

    def limits_between(self, start: float, end: float) -> tuple[float, float]:
        """Return the least and the greatest value of all signals between two times."""
        return common_limits([series.limits_between(start, end) for series in self.series])

    def entries(self) -> list[Entry]:
        """Return the entries of the legend."""
        if self._cell is None:
            return []
        names, theme = self._cell.signal_names[: len(self.series)], style.current()
        muted = QColor(theme.muted)
        entries = [Entry("signal_0", names[0], names[0], QColor(theme.text), style.pen("raw"), bold=True)]
        if len(names) - 1 > NAMED:
            text = f"{len(names) - 1} neuropil regions"
            entries.append(Entry("regions", text, "regions", muted, style.pen("region")))
        else:
            for row, name in enumerate(names[1:], 1):
                tip = "A region of neuropil around the ROI"
                entries.append(Entry(f"signal_{row}", full_name(name), name, muted, style.pen("region"), tip))
        trials = len(self._cell.trial_starts)
        if trials > 1:
            pen = style.pen("trial")
            entries.append(Entry("trials", f"{trials} trials", f"{trials} trials", muted, pen))
        return entries

    def signal_at(self, x: float, y: float) -> int | None:
        """Return the row of the nearest line within reach of a place, or None."""
        count = self._traces.shape[1]
        width, height = self.box.viewPixelSize()
        frame, around = round(x / self._step), int(width / self._step) + 1
        if not 0 <= frame < count or not np.isfinite(height) or height <= 0:
            return None
        part = self._traces[:, max(frame - around, 0) : frame + around + 1]
        # In a column of pixels a line covers all values that fall into it.
        away = np.maximum(part.min(axis=1) - y, y - part.max(axis=1)).clip(0) / height
        if not (away <= REACH).any():
            return None
        # The ROI is bold and in front: it wins.
        return 0 if away[0] <= 1 else int(np.nanargmin(away))

    def show_lit(self, row: int | None) -> None:
        """Light the signal in this row, if there is one; None fades none."""
        before, self._lit = self._lit, row
        known = row is not None and row < len(self.series)
        self.light({row} if known and row is not None else None)
        for each in {before, row} - {None, 0}:
            if each is not None and each < len(self.series):
                lit = pg.mkPen(style.current().text, width=line_width(1)) if each == row else style.pen("region")
                self.curves[each].set_pen(lit)
                self.curves[each].setZValue(2 if each == row else 0)

    @pyqtSlot(object)
    def _on_word_hovered(self, key: str | None) -> None:
        row = int(key.split("_")[1]) if key is not None and key.startswith("signal_") else None
        self.signal_hovered.emit(row)
