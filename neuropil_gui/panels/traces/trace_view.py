"""Trace view: raw, separated and best-matched traces on one time axis, with the overview below."""

from collections.abc import Callable, Mapping, Sequence

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QSplitter, QWidget

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series
from neuropil_gui.panels.traces.lane_plot import LanePlot
from neuropil_gui.panels.traces.match_plot import MatchPlot
from neuropil_gui.panels.traces.overview import Overview
from neuropil_gui.panels.traces.raw_plot import RawPlot
from neuropil_gui.panels.traces.replacement import Replacement
from neuropil_gui.panels.traces.trace_pointer import TracePointer
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.crosshair import Crosshair
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.widgets.layouts import stack

ZOOM, PAN = 2.0, 0.25
"""Factor by which a key zooms, and the part of the time in view by which it pans."""

IDLE = "Point at a plot to read values · drag: move · wheel: zoom · double click: all"


class TraceView(QWidget):
    """Three plots that move together, the overview and the readout; `show_cell` and `show_result` fill them.

    Signals: `component_hovered` (rank, 0 for the best match, or None), `component_clicked` (rank), `signal_hovered`
    (row, 0 for the ROI, or None).
    """

    component_hovered = pyqtSignal(object)

    component_clicked = pyqtSignal(int)

    signal_hovered = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.raw = RawPlot()
        self.separated = LanePlot()
        self.matched = MatchPlot()
        self.matched.show_time_values(True)
        self.overview = Overview()
        self.readout = Readout(IDLE)
        self.plots = (self.raw, self.separated, self.matched)
        self.crosshair = Crosshair([*(plot.item for plot in self.plots), self.overview.item], self.readout, self)
        self._pointer = TracePointer(self.raw, self.separated, self.matched, self)
        self._cell: Cell | None = None
        self._separation: Separation | None = None
        self._replacement = Replacement()
        self._up_to_date = True
        self._draft: Separation | None = None
        self._timed: Cell | None = None
        self._frame_rate: float | None = None
        self._frames = 0
        self._trial_starts: tuple[int, ...] = ()
        self._fit = TimePlot.fit
        self._arrange()
        self._connect()
        self.matched.item.setLabel("bottom", "Frame")
        self.show_cell(None, None)

    def _arrange(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical)
        for plot, share in zip(self.plots, (10, 13, 12), strict=True):
            splitter.addWidget(plot)
            splitter.setStretchFactor(splitter.count() - 1, share)
            splitter.setCollapsible(splitter.count() - 1, False)
        splitter.setSizes([1000, 1300, 1200])
        stack(self, (splitter, 1), self.overview, self.readout)

    def _connect(self) -> None:
        for plot, name in ((self.raw, "fit"), (self.matched, "fit_matched")):
            tip = f"Fit values: fit the {plot.title.lower()} plot's value axis to what is in view"
            plot.add_button(name, "fit_values", tip)
        self.raw.button("fit").clicked.connect(self.fit_raw_view)
        self.matched.button("fit_matched").clicked.connect(self.fit_matched_view)
        for plot in self.plots:
            plot.box.all_requested.connect(self.show_all)
            plot.pointer_moved.connect(self.crosshair.show_at)
            plot.pointer_left.connect(self.crosshair.hide)
        self.separated.box.setXLink(self.raw.box)
        self.matched.box.setXLink(self.raw.box)
        self.raw.box.sigXRangeChanged.connect(self._on_time_changed)
        self.overview.window_requested.connect(self._on_window_requested)
        self.overview.zoom_requested.connect(self._on_zoom_requested)
        self.overview.all_requested.connect(self.show_all)
        self._pointer.component_hovered.connect(self.component_hovered)
        self._pointer.component_clicked.connect(self.component_clicked)
        self._pointer.signal_hovered.connect(self.signal_hovered)

    @property
    def separation(self) -> Separation | None:
        """The separation that is drawn, None for none."""
        return self._separation

    # Input

    @property
    def cell(self) -> Cell | None:
        """The cell that is drawn."""
        return self._cell

    @property
    def timed(self) -> Cell | None:
        """The cell whose time axis is shown, which may not be drawn yet."""
        return self._timed

    def show_time(self, cell: Cell | None, frame_rate: float | None, replaces: bool = False) -> None:
        """Show the time axis of a cell, before `show_cell` draws it.

        Where the cell `replaces` the last one, as simulated at other parameters, the time in view stays.
        """
        if cell is self._timed and frame_rate == self._frame_rate:
            return
        before = self._frames, self._frame_rate, self._trial_starts
        self._timed, self._frame_rate = cell, frame_rate
        self._frames, self._trial_starts = (0, ()) if cell is None else (cell.traces.shape[1], cell.trial_starts)
        self.crosshair.set_time(self._frames, frame_rate, self._trial_starts)
        self.crosshair.set_values(())
        if before == (self._frames, frame_rate, self._trial_starts):
            return
        self.matched.item.setLabel("bottom", "Time (s)" if frame_rate else "Frame")
        for plot in self.plots:
            plot.set_trials(self._trial_times())
            if self._frames > 1:
                plot.set_extent(*self._extent(), shortest=min(8, self._frames - 1) * self._step)
        if before[:2] != (self._frames, frame_rate) and not replaces:
            self.show_all()

    def show_cell(self, cell: Cell | None, frame_rate: float | None, replaces: bool = False) -> None:
        """Draw a cell's raw signals, and forget the result of another cell.

        Where it `replaces` the cell shown, the time in view stays, and the value axes follow only what leaves them.
        """
        is_new = cell is not self._cell
        self._fit = TimePlot.keep_in_view if replaces else TimePlot.fit
        if is_new:
            self._separation, self._up_to_date, self._draft, self._replacement = None, True, None, Replacement()
        self.show_time(cell, frame_rate, replaces)
        self._cell = cell
        roi = Series(pyramid_of(cell.traces), 0, 0.0, self._step) if cell is not None else None
        self.overview.show_trace(roi, self._extent(), self._trial_times())
        self._draw_raw()
        self._draw_result()
        if is_new:
            self._fit(self.raw, *self.raw.data_limits())
            self._fit(self.matched, *self.matched.data_limits)
        self._on_time_changed()

    def show_result(
        self,
        cell: Cell | None,
        separation: Separation | None,
        up_to_date: bool = True,
        transformed: tuple[FloatArray, FloatArray | None, str, FloatArray | None] | None = None,
    ) -> None:
        """Draw a cell's separation; `up_to_date` is whether it was made with the settings shown.

        Another separation ends `show_state` and `show_transformed`; `transformed` are arguments of the latter for it.
        """
        if cell is not self._cell:
            self.show_cell(cell, self._frame_rate)
        is_new = separation is not self._separation
        if not is_new and up_to_date == self._up_to_date:
            return
        self._separation, self._up_to_date = separation, up_to_date
        if is_new and separation is self._draft:
            self._draw_components()
        elif is_new:
            self._draft = None
            self._replace(Replacement(transformed[0], None, *transformed[1:]) if transformed else Replacement())
            self._draw_match()
            self._fit(self.matched, *self.matched.data_limits)
            # Paint the best match first: it follows the slider.
            self.matched.paint_now()
            self._draw_components()
        else:
            self._write_legends()

    def show_draft(self, cell: Cell | None, draft: Separation) -> None:
        """Draw and paint a draft's best match at once; `show_result` draws the rest."""
        if cell is not self._cell:
            self.show_cell(cell, self._frame_rate)
        self._draft = draft
        self._replace(Replacement())
        self.matched.show_match(self._step, cell, draft)
        self.matched.keep_in_view(*self.matched.data_limits)
        self.matched.paint_now()

    def show_transformed(
        self,
        raw: FloatArray | None,
        matched: FloatArray | None = None,
        unit_label: str = "\N{GREEK CAPITAL LETTER DELTA}F/F",
        subtraction: FloatArray | None = None,
    ) -> None:
        """Draw `raw` (frames, or signals x frames), `matched` and `subtraction` in another unit; None ends it."""
        if raw is None and not self._replacement.unit:
            return
        self._replace(Replacement() if raw is None else Replacement(raw, None, matched, unit_label, subtraction))
        self._draw_result()
        self.fit()

    def show_state(
        self, separated: FloatArray | None, matched: FloatArray | None = None, label: str = "as it was"
    ) -> None:
        """Draw `separated` (n x frames, as in the result) and `matched` of an iteration; None ends it.

        `label` is the state in the headers. Raise ValueError where the shape is not that of the result.
        """
        if separated is None:
            if self._replacement.label:
                self._replace(Replacement())
                self._draw_result()
            return
        if self._separation is None or separated.shape != self._separation.separated.shape:
            raise ValueError(f"a state of shape {separated.shape} is none of the result shown")
        self._replace(Replacement(None, separated, matched, label=label))
        self._draw_result()

    def show_pins(self, pins: Mapping[str, tuple[Separation, str]]) -> None:
        """Draw the best matches of pinned results: {letter: (separation, tool tip)}."""
        self.matched.show_pins(pins)
        self.matched.keep_in_view(*self.matched.data_limits)

    def show_spikes(self, times: Sequence[float]) -> None:
        """Mark spikes below the raw ROI and the best match; none where there are no times."""
        for plot in (self.raw, self.matched):
            plot.set_spikes(times)

    def show_highlight(self, component: int | None = None, signal: int | None = None) -> None:
        """Light one component by rank, or one raw signal by row; None fades none."""
        self.separated.show_lit(component)
        self.raw.show_lit(signal)
        line = None
        if component is not None:
            line = "best_match" if component == 0 else "others"
        elif signal is not None:
            line = "show_raw" if signal == 0 else None
        self.matched.show_lit(line)

    @pyqtSlot(bool)
    def hold(self, held: bool) -> None:
        """Let the value axes only grow from now on, until the handle that moves the cell's values is released."""
        self.raw.only_grows = self.matched.only_grows = held

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what each action does."""
        return {
            "show_all": lambda *_: (self.show_all(), self.fit()),
            "zoom_in": lambda *_: self.zoom(1 / ZOOM),
            "zoom_out": lambda *_: self.zoom(ZOOM),
            "pan_left": lambda *_: self.pan(-PAN),
            "pan_right": lambda *_: self.pan(PAN),
        }

    @pyqtSlot()
    def show_all(self) -> None:
        """Show the whole recording."""
        if self._frames:
            self.raw.box.setXRange(*self._extent(), padding=0)

    @pyqtSlot()
    def fit(self) -> None:
        """Fit the value axes to all data."""
        self.raw.fit(*self.raw.data_limits())
        self.matched.fit(*self.matched.data_limits)

    @pyqtSlot()
    def fit_raw_view(self) -> None:
        """Fit the raw plot's value axis to the data in view."""
        self.raw.fit(*self.raw.limits_between(*self.raw.box.viewRange()[0]))

    @pyqtSlot()
    def fit_matched_view(self) -> None:
        """Fit the best match's value axis to the data in view."""
        self.matched.fit(*self.matched.limits_between(*self.raw.box.viewRange()[0]))

    def time_in_view(self) -> tuple[float, float]:
        """Return the first and the last time in view."""
        (first, last), _ = self.raw.box.viewRange()
        return float(first), float(last)

    def zoom(self, factor: float) -> None:
        """Multiply the time in view by `factor` about its middle."""
        self.raw.box.scaleBy((factor, 1.0))

    def pan(self, part: float) -> None:
        """Move by a fraction of the time in view; negative moves to earlier times."""
        (start, end), _ = self.raw.box.viewRange()
        lowest, highest = self._extent()
        step = min(max(part * (end - start), lowest - start), highest - end)
        self.raw.box.setXRange(start + step, end + step, padding=0)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        for each in (*self.plots, self.overview, self.crosshair):
            each.restyle()
        self._draw_raw()
        self._draw_result()
        self.readout.update()

    # Drawing

    def _extent(self) -> tuple[float, float]:
        return 0.0, max((self._frames - 1) * self._step, 1e-9) if self._frames else 1.0

    @property
    def _step(self) -> float:
        """Time of a frame."""
        return 1.0 / (self._frame_rate or 1.0)

    def _replace(self, replacement: Replacement) -> None:
        """Draw other replacements; the raw plot is drawn again only where its own have changed."""
        changed = replacement.raw is not self._replacement.raw
        self._replacement = replacement
        if changed:
            self._draw_raw()
            self.raw.fit(*self.raw.data_limits())

    def _trial_times(self) -> list[float]:
        """Return the times between the last frame of a trial and the first of the next."""
        return [(start - 0.5) * self._step for start in self._trial_starts[1:]]

    def _draw_raw(self) -> None:
        self.raw.show_signals(self._step, self._cell, self._replacement.raw)
        self.raw.set_value_label(self._replacement.unit or self.raw.title)

    def _draw_result(self) -> None:
        self._draw_match()
        self._draw_components()

    def _draw_match(self) -> None:
        replaced = self._replacement
        best = replaced.matched if self._separation is not None else None
        self.matched.show_match(self._step, self._cell, self._separation, best, replaced.raw, replaced.subtraction)
        self.matched.set_value_label(replaced.unit or self.matched.title)

    def _draw_components(self) -> None:
        truth = self._cell.truth if self._cell is not None else None
        self.separated.show_components(self._step, self._separation, self._replacement.separated, truth)
        self._write_legends()
        self._update_readout()

    def _update_readout(self) -> None:
        if self._cell is None:
            self.crosshair.set_values(())
            return
        values = [(self._cell.signal_names[0], self.raw.series[0], style.role_colour("raw"))]
        if self._separation is not None:
            if self.matched.best is not None:
                values.append(("match", self.matched.best, style.component_text_colour(0)))
            for rank, series in zip(self.separated.alive, self.separated.series, strict=True):
                values.append((f"c{rank + 1}", series, style.component_text_colour(rank)))
        self.crosshair.set_values(values)

    def _write_legends(self) -> None:
        theme = style.current()
        if self._cell is None:
            for plot in self.plots:
                plot.describe("", ())
            return
        state, colour = "", ""
        if self._separation is None:
            state = "not separated yet"
        elif self._replacement.label:
            state, colour = self._replacement.label, theme.warning
        elif not self._up_to_date:
            state, colour = "out of date", theme.warning
        elif self._separation is self._draft:
            frames = self._separation.frames_per_value
            state = f"draft, {frames} frames a value" if frames > 1 else "draft"
        self.raw.describe("", self.raw.entries())
        self.separated.describe(state, self.separated.entries(), colour)
        self.matched.describe(state, self.matched.entries(), colour)
        self.matched.refresh_legend()

    # Time

    @pyqtSlot()
    def _on_time_changed(self) -> None:
        self.overview.show_window(*self.raw.box.viewRange()[0])

    @pyqtSlot(float, float)
    def _on_window_requested(self, start: float, end: float) -> None:
        self.raw.box.setXRange(start, end, padding=0)

    @pyqtSlot(float, float)
    def _on_zoom_requested(self, factor: float, about: float) -> None:
        (start, end), _ = self.raw.box.viewRange()
        centre = min(max(about, start), end)
        self.raw.box.scaleBy((factor, 1.0), (centre, 0.0))
