"""Convergence plot: violation over iterations, one curve per try."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, QPointF, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QFont, QHideEvent, QKeyEvent
from PyQt5.QtWidgets import QLabel, QToolButton, QWidget

from neuropil_gui.core.history import History, RunHistory, Try, iteration_name
from neuropil_gui.core.result import Progress
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.panels.convergence_axes import CountAxis, LogAxis, ScrubBox, log_range, logarithms, short_number
from neuropil_gui.panels.play_button import PlayButton
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.sizes import grown, keep_scaled, letters, line_width, scaled_size
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

HELP = """<b>Convergence</b><p>How far the solver still was from its goal after each iteration, on a
logarithmic scale.</p>
<p>NMF: the violation of the optimum, relative to that of the first iteration. ICA: by how much the unmixing matrix
still changed.</p>
<p>It has converged once the line is below the dashed one, tol. Each try from another seed has a line of its
own; the result is that of the last, drawn bold.</p>
<p>Click or drag along the line, or use Left and Right, to see the components as they were then, from what the solver
started with; Escape or the button goes back to the result. ▶ or Space plays the run, more slowly where it changes
most: as much time for iterations 1 to 10 as for 100 to 1,000. The states of very long recordings are not kept.</p>
<p>A line that still falls at its end needs more iterations; one that has levelled off above tol, a greater tol. That
the fit has converged does not say that cell and neuropil were told apart.</p>"""

NOTHING = "Nothing to show yet:\nthe line grows while a cell is separated"
FONT_PIXELS = 11
MOST_LABELS = 8


class ConvergencePlot(QWidget):
    """Plot of a run's history (`run`), which grows while the run lasts.

    Signals: `iteration_chosen` (a kept iteration, or None for the result), `export_requested` (of its figure).
    """

    iteration_chosen = pyqtSignal(object)
    export_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run: RunHistory | None = None
        self._growing: History | None = None
        self._chosen: int | None = None
        self._up_to_date = True
        self._hover: tuple[int, float] | None = None
        self.header = Header("Convergence", HELP)
        self._small = QFont()
        self.header.add_export("convergence").clicked.connect(self._export)
        self.back_button = self.header.add_button(QToolButton(), "convergence_back", "Back to the result")
        self.back_button.setToolTip("Back to the result (Escape)")
        self.back_button.setVisible(False)
        self.back_button.clicked.connect(self.go_back)
        self.box = ScrubBox()
        self.widget = BarePlotView(self.box, {"left": LogAxis("left"), "bottom": CountAxis("bottom")})
        self.widget.setAccessibleName("Violation over the iterations")
        self.widget.setObjectName("convergence")
        keep_scaled(self.widget, QWidget.setMinimumHeight, 76)
        self.item = self.widget.item
        self.item.setLogMode(False, True)
        self.item.setContentsMargins(0, 4, 12, 0)
        self.curves: list[Any] = []
        self.labels: list[Any] = []
        self.tol_line, self.tol_label = pg.InfiniteLine(angle=0), pg.TextItem(anchor=(0.0, 1.0))
        self.marker, self.marker_label = pg.InfiniteLine(angle=90), pg.TextItem()
        self.point = pg.ScatterPlotItem(size=9)
        for item in (self.tol_line, self.tol_label, self.marker, self.point, self.marker_label):
            self.item.addItem(item, ignoreBounds=True)
        self.play_button = PlayButton(self.widget)
        self.play_button.clicked.connect(self._play_or_pause)
        self.play_button.moved.connect(self._play_at)
        self.nothing = QLabel(NOTHING, self.widget)
        self.nothing.setProperty("muted", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.box.scrubbed.connect(self.choose_near)
        self.box.left.connect(self.go_back)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.installEventFilter(self)
        stack(self, self.header, (self.widget, 1))
        self.restyle()

    # Input

    def start(self, settings: SeparationSettings) -> None:
        """Begin a run; the last curve stays until there is a new one to draw."""
        self._growing = History(settings, snapshot_bytes=0)
        self._find_states()

    def add(self, progress: Progress) -> None:
        """Add a step of the current run."""
        if self._growing is None:
            return
        self._growing.add(progress)
        run = self._growing.to_run_history()
        if run.tries:
            self._show(run, True)

    def show_history(self, history: RunHistory | None, up_to_date: bool = True) -> None:
        """Draw the history of a run that has ended; None draws nothing."""
        self._growing = None
        self._find_states()
        if history is not self.run or up_to_date != self._up_to_date:
            self._show(history, up_to_date)

    def show_iteration(self, iteration: int | None) -> None:
        """Mark the iteration whose traces are shown, without emitting; None for the result."""
        self._chosen = iteration
        self._draw_marker()
        self._write_subtitle()

    @property
    def chosen(self) -> int | None:
        """The earlier iteration that is marked, None for the result."""
        return self._chosen

    # Choice of an iteration

    @pyqtSlot(float)
    def choose_near(self, iteration: float) -> None:
        """Choose the kept iteration nearest to a place; past the last one it is the result."""
        self.play_button.pause()
        self._choose_nearest(iteration)

    def _choose_nearest(self, iteration: float) -> None:
        if self.run is None or self._growing is not None:
            return
        end = self._end()
        nearest = self.run.nearest(iteration)
        if nearest is not None:
            self._choose(None if abs(end - iteration) < abs(nearest.iteration - iteration) else nearest.iteration)

    @pyqtSlot()
    def _export(self) -> None:
        self.export_requested.emit()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the figure of the run that is shown; None where there is none."""
        run = self.run
        if run is None or not run.tries:
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.figure import ResultFigure
            from neuropil_gui.figures.runs import plot_convergence

            figure = plot_convergence(run)
            assert isinstance(figure, ResultFigure)
            return figure

        return draw

    @pyqtSlot()
    def go_back(self) -> None:
        """Choose the result."""
        self.play_button.pause()
        self._choose(None)

    @pyqtSlot()
    def _play_or_pause(self) -> None:
        """Go on from the iteration shown; from the start where that is the result."""
        if self.play_button.playing:
            self.play_button.pause()
        elif self.play_button.isEnabled():
            self.play_button.play(math.log1p(self._chosen or 0) / math.log1p(self._end()))

    @pyqtSlot(float)
    def _play_at(self, part: float) -> None:
        """Choose the iteration at a part of the way, in even steps of the logarithm."""
        self._choose_nearest(math.expm1(part * math.log1p(self._end())))

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Pause where nobody looks."""
        self.play_button.pause()
        super().hideEvent(event)

    def _choose(self, iteration: int | None) -> None:
        if iteration == self._end():
            iteration = None
        if iteration != self._chosen:
            self.show_iteration(iteration)
            self.iteration_chosen.emit(iteration)

    def _step(self, by: int) -> None:
        self.play_button.pause()
        if self.run is None or self._growing is not None or not self.run.snapshots:
            return
        stops: list[int | None] = [each.iteration for each in self.run.snapshots if each.iteration != self._end()]
        stops.append(None)
        place = stops.index(self._chosen) if self._chosen in stops else len(stops) - 1
        self._choose(stops[min(max(place + by, 0), len(stops) - 1)])

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Handle Left, Right, Space and Escape, and the pointer leaving."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._hover = None
            self._write_subtitle()
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
            key = event.key()
            if key in steps or key == Qt.Key.Key_Space or (key == Qt.Key.Key_Escape and self._chosen is not None):
                event.accept()  # before it becomes a shortcut of the window
                if event.type() == QEvent.Type.KeyPress:
                    if key in steps:
                        self._step(steps[Qt.Key(key)])
                    elif key == Qt.Key.Key_Space:
                        self._play_or_pause()
                    else:
                        self.go_back()
                return True
        return super().eventFilter(watched, event)

    @pyqtSlot(object)
    def _on_moved(self, place: QPointF) -> None:
        """Show the violation under the pointer."""
        self._hover = None
        if self.run is not None and self.run.tries and self.box.sceneBoundingRect().contains(place):
            last = self.run.tries[-1]
            at = int(np.argmin(np.abs(last.iterations - self.box.mapSceneToView(place).x())))
            self._hover = (int(last.iterations[at]), float(last.violations[at]))
        self._write_subtitle()

    # Drawing

    def _show(self, run: RunHistory | None, up_to_date: bool) -> None:
        self.run, self._up_to_date, self._chosen = run, up_to_date, None
        self._find_states()
        self._draw()

    def _find_states(self) -> None:
        """Enable the button where there are states; a run that is played belongs to the result before."""
        self.play_button.set_states(self.run is not None and bool(self.run.snapshots) and self._growing is None)
        self.play_button.setVisible(self.run is not None and bool(self.run.tries))

    def _end(self) -> int:
        return int(self.run.tries[-1].iterations[-1]) if self.run is not None and self.run.tries else 0

    def _draw(self) -> None:
        tries = self.run.tries if self.run is not None else ()
        self.nothing.setVisible(not tries)
        for name in ("left", "bottom"):
            self.item.getAxis(name).setVisible(bool(tries))
        while len(self.curves) < len(tries):
            self.curves.append(pg.PlotDataItem(connect="finite"))
            self.labels.append(pg.TextItem(anchor=(0.5, 1.0)))
            self.labels[-1].setFont(self._small)
            self.item.addItem(self.curves[-1])
            self.item.addItem(self.labels[-1], ignoreBounds=True)
        for index, (curve, label) in enumerate(zip(self.curves, self.labels, strict=True)):
            shown = index < len(tries)
            curve.setVisible(shown)
            label.setVisible(shown and 1 < len(tries) <= MOST_LABELS)
            if shown:
                self._draw_try(tries[index], index, len(tries))
            else:
                curve.setData([], [])
        self._write_axes()
        self._set_range(tries)
        self._draw_tol()
        self._draw_marker()
        self._write_subtitle()

    def _draw_try(self, one: Try, index: int, count: int) -> None:
        theme = style.current()
        last = index == count - 1
        colour = theme.text if last else theme.muted
        line = Qt.PenStyle.SolidLine if last else style.LINE_STYLES[1 + (one.attempt - 1) % 3]
        drawable = int(np.count_nonzero(one.violations > 0))
        curve = self.curves[index]
        curve.setVisible(drawable > 0)  # zeros cannot be drawn on a logarithmic scale
        curve.setData(
            *((one.iterations, one.violations) if drawable else ([], [])), symbol="o" if drawable < 2 else None
        )
        curve.setPen(pg.mkPen(colour, width=line_width(2 if last else 1), style=line))
        curve.setSymbolSize(6)
        curve.setSymbolBrush(colour)
        curve.setZValue(2 if last else 1)
        # Place the labels along their curves so that they do not overlap.
        place = (index + 1) * len(one.iterations) // (count + 1)
        height = logarithms(one.violations[place : place + 1])[0]
        label = self.labels[index]
        label.setText(f"try {one.attempt}", colour)
        label.setZValue(3)
        label.setPos(one.iterations[place], height if np.isfinite(height) else 0.0)

    def _write_axes(self) -> None:
        is_ica = self.run is not None and self.run.settings.method == "ica"
        look = {"color": style.current().muted, "font-size": f"{letters(grown(FONT_PIXELS))}px"}
        for name, words in (("left", "change" if is_ica else "violation"), ("bottom", "iteration")):
            self.item.getAxis(name).setLabel(words, **look)

    def _set_range(self, tries: tuple[Try, ...]) -> None:
        if not tries or self.run is None:
            return
        low, high = log_range([each.violations for each in tries], self.run.settings.tol)
        most = max(2, *(int(each.iterations[-1]) for each in tries))
        self.box.setRange(xRange=(0, most * 1.02), yRange=(low, high), padding=0)

    def _draw_tol(self) -> None:
        tol = self.run.settings.tol if self.run is not None else 0.0
        shown = tol > 0 and not self.nothing.isVisibleTo(self.widget)
        self.tol_line.setVisible(shown)
        self.tol_label.setVisible(shown)
        if shown:
            self.tol_line.setPos(math.log10(tol))
            self.tol_label.setText(f"tol {short_number(tol)}", style.current().warning)
            self.tol_label.setPos(0, math.log10(tol))

    def _draw_marker(self) -> None:
        run, chosen = self.run, self._chosen
        snapshot = run.nearest(chosen) if run is not None and chosen is not None else None
        self.back_button.setVisible(snapshot is not None)
        self.marker.setVisible(snapshot is not None)
        self.point.setVisible(snapshot is not None)
        self.marker_label.setVisible(snapshot is not None)
        if snapshot is not None:
            self.marker.setPos(snapshot.iteration)
            height = logarithms(np.array([snapshot.violation]))
            at = [snapshot.iteration] if snapshot.iteration else []  # the start has no violation
            self.point.setData(at, np.where(np.isfinite(height), height, 0.0)[: len(at)])
            (left, right), (_, top) = self.box.viewRange()
            self.marker_label.setText(iteration_name(snapshot.iteration), style.current().text)
            self.marker_label.setAnchor((0.0 if snapshot.iteration < (left + right) / 2 else 1.0, 0.0))
            self.marker_label.setPos(snapshot.iteration, top)

    def _write_subtitle(self) -> None:
        run, theme = self.run, style.current()
        if run is None or not run.tries:
            self.header.set_subtitle("")
            return
        last, what = run.tries[-1], "change" if run.settings.method == "ica" else "violation"
        end, value = self._end(), float(last.violations[-1])
        note = ""
        if self._chosen is not None:
            note = f"<b>{style.coloured('as it was', theme.warning)}</b>"
        elif self._hover is not None:
            note = f"{short_number(self._hover[1])} at {self._hover[0]:,}"
        elif not self._up_to_date and self._growing is None:
            note = f"<b>{style.coloured('out of date', theme.warning)}</b>"
        self.header.set_subtitle(note or f"{short_number(value)} at {end:,}")
        if note:
            return
        tries = f", in try {last.attempt}" if last.attempt > 1 else ""
        verdict = "at or below" if value <= run.settings.tol else "above"
        self.header.subtitle.setToolTip(
            f"<qt>The {what} is {value:.3g} after {end:,} iterations{tries}: {verdict} tol, {run.settings.tol:g}.</qt>"
        )

    def resizeEvent(self, event: Any) -> None:
        """Keep the hint in the middle, and the button where the axes meet."""
        super().resizeEvent(event)
        side = self.play_button.sizeHint().height()
        self.play_button.setGeometry(2, self.widget.height() - side - 2, side, side)
        self.nothing.setGeometry(self.widget.rect())

    def sizeHint(self) -> QSize:
        """Return a size in which the curve can be read."""
        return scaled_size(290, 170)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.header.restyle()
        self.play_button.restyle()
        self.back_button.setIcon(icon("reset"))
        self.widget.setBackground(theme.base)
        self._small.setPixelSize(letters(grown(FONT_PIXELS)))
        for axis in (self.item.getAxis("left"), self.item.getAxis("bottom")):
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
            axis.setTickFont(self._small)
            axis.setStyle(tickTextOffset=3)
            axis.enableAutoSIPrefix(False)
        self.item.getAxis("left").setWidth(grown(50))
        self.item.getAxis("bottom").setHeight(grown(33))
        self.tol_line.setPen(pg.mkPen(theme.warning, width=1, style=Qt.PenStyle.DashLine))
        self.marker.setPen(pg.mkPen(theme.muted, width=1))
        self.point.setBrush(pg.mkBrush(theme.base))
        self.point.setPen(pg.mkPen(theme.text, width=2))
        for label in (self.tol_label, self.marker_label, *self.labels):
            label.setFont(self._small)
        self._draw()
