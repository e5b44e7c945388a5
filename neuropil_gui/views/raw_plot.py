"""The signals as they were recorded: the ROI bold, its regions thin."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor

from neuropil_gui.core.recording import Cell
from neuropil_gui.views import style
from neuropil_gui.views.legend import Entry
from neuropil_gui.views.time_plot import TimePlot, limits

if TYPE_CHECKING:
    from neuropil_gui.views.time_plot import FloatArray

HELP = """<b>Raw</b><p>The signals as they were recorded, in the file's own units; where the axis
says \N{GREEK CAPITAL LETTER DELTA}F/F, the ROI alone, relative to its baseline F0. Bold: the ROI, the
cell and what shines into it. Thin: the regions of neuropil around it.</p>
<p>Where the ROI rises and the regions rise with it, its signal may not be its own.</p>
<p>Point at a line or at its name to tell it from the others. Dotted lines mark where trials begin.</p>
<p>Drag to move, turn the wheel to zoom, double click to see all; the strip at the bottom is the whole recording, its
window can be dragged and resized.</p>
<p>The line under the pointer stands at one frame in all plots; the values there are written at the bottom.</p>"""

NAMED = 6
"""Up to so many regions have a word each in the legend."""

REACH = 8
"""Pixels within which the pointer is on a line."""


class RawPlot(TimePlot):
    """Draws all signals of one cell."""

    signal_hovered = pyqtSignal(object)
    """The row whose name is under the pointer, or None."""

    def __init__(self) -> None:
        super().__init__("Raw", HELP)
        self.traces: FloatArray = np.zeros((0, 0))
        self._cell: Cell | None = None
        self._frame_rate = 1.0
        self._lit: int | None = None
        self.legend.hovered.connect(self._on_word_hovered)

    def show_signals(self, x: "FloatArray", cell: Cell | None, transformed: "FloatArray | None" = None) -> None:
        """Draw a cell's signals, or what was made of the first of them."""
        self._cell = cell
        self._frame_rate = (len(x) - 1) / x[-1] if len(x) > 1 else 1.0
        if transformed is None:
            transformed = cell.traces if cell is not None else np.zeros((0, 0))
        self.traces = transformed
        for row, trace in enumerate(self.traces):
            self.draw(row, x, trace, style.pen("region" if row else "raw"), depth=0 if row else 1)
        self.hide_from(len(self.traces))
        self.show_lit(self._lit)

    def data_limits(self) -> tuple[float, float]:
        """Return the least and the greatest value of all signals."""
        return limits(self.traces)

    def entries(self) -> list[Entry]:
        """Return the words of the legend."""
        if self._cell is None:
            return []
        names, theme = self._cell.signal_names[: len(self.traces)], style.current()
        muted = QColor(theme.muted)
        said = [Entry("signal_0", names[0], names[0], QColor(theme.text), style.pen("raw"), bold=True)]
        if len(names) - 1 > NAMED:
            text = f"{len(names) - 1} neuropil regions"
            said.append(Entry("regions", text, "regions", muted, style.pen("region")))
        else:
            for row, name in enumerate(names[1:], 1):
                tip = "A region of neuropil around the ROI"
                said.append(Entry(f"signal_{row}", name, name, muted, style.pen("region"), tip))
        trials = len(self._cell.trial_starts)
        if trials > 1:
            pen = style.pen("trial")
            said.append(Entry("trials", f"{trials} trials", f"{trials} trials", muted, pen))
        return said

    def signal_at(self, x: float, y: float) -> int | None:
        """Return the row of the line within reach of a place, the nearest one."""
        count = self.traces.shape[1]
        width, height = self.box.viewPixelSize()
        frame, around = round(x * self._frame_rate), int(width * self._frame_rate) + 1
        if not 0 <= frame < count or not np.isfinite(height) or height <= 0:
            return None
        part = self.traces[:, max(frame - around, 0) : frame + around + 1]
        # A line is as high in a column of pixels as the values that fall into it.
        away = np.maximum(part.min(axis=1) - y, y - part.max(axis=1)).clip(0) / height
        if not (away <= REACH).any():
            return None
        # The ROI is bold and in front.
        return 0 if away[0] <= 1 else int(np.nanargmin(away))

    def show_lit(self, row: int | None) -> None:
        """Light one signal, unless there is no such row."""
        before, self._lit = self._lit, row
        known = row is not None and row < len(self.traces)
        self.light({row} if known and row is not None else None)
        for each in {before, row} - {None, 0}:
            if each is not None and each < len(self.traces):
                lit = pg.mkPen(style.current().text, width=1) if each == row else style.pen("region")
                self.set_pen(each, lit)
                self.curves[each].setZValue(2 if each == row else 0)

    @pyqtSlot(object)
    def _on_word_hovered(self, key: str | None) -> None:
        row = int(key.split("_")[1]) if key is not None and key.startswith("signal_") else None
        self.signal_hovered.emit(row)
