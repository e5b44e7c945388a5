"""Raw, separated and best-matched traces on one time axis."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt5.QtCore import Qt, pyqtSlot
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.views import style
from neuropil_gui.views.lane_plot import LanePlot
from neuropil_gui.views.match_plot import MatchPlot
from neuropil_gui.views.time_plot import TimePlot, limits

if TYPE_CHECKING:
    from neuropil_gui.views.time_plot import FloatArray

HELP = """<b>Raw</b><p>The signals as they were recorded, in the file's own units.</p>
<p>The bold line is the ROI: the cell, and what shines into it from around. The thin grey lines are the regions of
neuropil around it.</p><p>Dotted lines mark where trials begin.</p>
<p>Where the ROI rises and the regions rise with it, its signal may not be its own.</p>
<p>Drag to move, turn the wheel to zoom, double click to see all.</p>"""
GAP = " &nbsp; "


class TraceView(QWidget):
    """Three plots that move together; `show_cell` and `show_result` fill them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.raw = TimePlot("Raw", HELP)
        self.separated = LanePlot()
        self.matched = MatchPlot()
        self.matched.show_time_values(True)
        self._cell: Cell | None = None
        self._separation: Separation | None = None
        self._up_to_date = True
        self._frame_rate: float | None = None
        self._x: FloatArray = np.zeros(0)
        splitter = QSplitter(Qt.Orientation.Vertical)
        for plot, share in ((self.raw, 10), (self.separated, 13), (self.matched, 12)):
            splitter.addWidget(plot)
            splitter.setStretchFactor(splitter.count() - 1, share)
            splitter.setCollapsible(splitter.count() - 1, False)
            plot.box.all_requested.connect(self.show_all)
        splitter.setSizes([1000, 1300, 1200])
        self.separated.box.setXLink(self.raw.box)
        self.matched.box.setXLink(self.raw.box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.show_cell(None, None)

    def plots(self) -> dict[str, Any]:
        """Return the pyqtgraph plot items by name, for export."""
        return {"raw": self.raw.item, "separated": self.separated.item, "matched": self.matched.item}

    def show_cell(self, cell: Cell | None, frame_rate: float | None) -> None:
        """Draw a cell's raw signals, and forget the result of another cell."""
        if cell is not self._cell:
            self._separation, self._up_to_date = None, True
        self._cell, self._frame_rate = cell, frame_rate
        frames = 0 if cell is None else cell.traces.shape[1]
        before = (len(self._x), self._x[-1] if len(self._x) else 0.0)
        self._x = np.arange(frames) / (frame_rate or 1.0)
        self._x.flags.writeable = False
        self.matched.item.setLabel("bottom", "Time (s)" if frame_rate else "Frame")
        self._draw_raw()
        self._draw_result()
        self.fit()
        if before != (frames, self._x[-1] if frames else 0.0):
            self.show_all()

    def show_result(self, cell: Cell | None, separation: Separation | None, up_to_date: bool = True) -> None:
        """Draw a cell's separation, or that there is none; `up_to_date` is whether its settings are those shown."""
        if cell is not self._cell:
            self.show_cell(cell, self._frame_rate)
        is_new = separation is not self._separation
        self._separation, self._up_to_date = separation, up_to_date
        if is_new:
            self._draw_result()
        else:
            self._write_legends()

    @pyqtSlot()
    def show_all(self) -> None:
        """Show the whole recording."""
        if len(self._x):
            self.raw.box.setXRange(*self._extent(), padding=0)

    @pyqtSlot()
    def fit(self) -> None:
        """Fit the value axes to the data."""
        self.raw.fit(*(limits(self._cell.traces) if self._cell is not None else (0.0, 1.0)))
        self.matched.fit(*self.matched.data_limits)

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much time about the middle."""
        self.raw.box.scaleBy((factor, 1.0))

    def pan(self, part: float) -> None:
        """Move on by this part of the time in view; to earlier times where it is negative."""
        (start, end), _ = self.raw.box.viewRange()
        lowest, highest = self._extent()
        step = min(max(part * (end - start), lowest - start), highest - end)
        self.raw.box.setXRange(start + step, end + step, padding=0)

    def restyle(self) -> None:
        """Follow the theme."""
        for plot in (self.raw, self.separated, self.matched):
            plot.restyle()
        self._draw_raw()
        self._draw_result()

    def _extent(self) -> tuple[float, float]:
        return float(self._x[0]), max(float(self._x[-1]), float(self._x[0]) + 1e-9)

    def _draw_raw(self) -> None:
        traces = self._cell.traces if self._cell is not None else np.zeros((0, 0))
        for row, trace in enumerate(traces):
            self.raw.draw(row, self._x, trace, style.pen("region" if row else "raw"), depth=0 if row else 1)
        self.raw.hide_from(len(traces))
        starts = self._cell.trial_starts[1:] if self._cell is not None else ()
        for plot in (self.raw, self.separated, self.matched):
            # Between the last frame of one trial and the first of the next.
            plot.set_trials([(start - 0.5) / (self._frame_rate or 1.0) for start in starts])
            if len(self._x) > 1:
                plot.set_extent(*self._extent(), shortest=float(self._x[min(8, len(self._x) - 1)]))

    def _draw_result(self) -> None:
        self.separated.show_components(self._x, self._separation)
        self.matched.show_match(self._x, self._cell, self._separation)
        self.matched.fit(*self.matched.data_limits)
        self._write_legends()

    def _write_legends(self) -> None:
        theme = style.current()
        for plot in (self.raw, self.separated, self.matched):
            plot.header.set_subtitle("", align_left=True)
        if self._cell is None:
            return
        count, trials = len(self._cell.traces) - 1, len(self._cell.trial_starts)
        raw = [f"<b>{style.coloured('━ ' + self._cell.signal_names[0], style.role_colour('raw'))}</b>"]
        if count:
            raw.append(style.coloured(f"─ {count} neuropil region{'s' * (count > 1)}", theme.muted))
        if trials > 1:
            raw.append(style.coloured(f"┊ {trials} trials", theme.muted))
        self.raw.header.set_subtitle(GAP.join(raw), align_left=True)
        state = [] if self._up_to_date else [f"<b>{style.coloured('out of date', theme.warning)}</b>"]
        if self._separation is None:
            state = [style.coloured("not separated yet", theme.muted)]
        self.separated.header.set_subtitle(GAP.join(state + self._lane_legend()), align_left=True)
        self.matched.header.set_subtitle(GAP.join(state + self.matched.legend()), align_left=True)

    def _lane_legend(self) -> list[str]:
        if self._separation is None:
            return []
        theme = style.current()
        alive = self.separated.alive
        empty = [f"c{rank + 1}" for rank in range(self._separation.n) if rank not in alive]
        if not alive:
            return [style.coloured("all components are empty (all zero): try a lower alpha", theme.warning)]
        signed = "sign and " if self._separation.settings.method == "ica" else ""
        parts = [style.coloured(f"each lane its own {signed}scale", theme.muted)]
        if empty:
            verb = "is" if len(empty) == 1 else "are"
            parts.insert(0, style.coloured(f"{', '.join(empty)} {verb} empty (all zero)", theme.warning))
        return parts
