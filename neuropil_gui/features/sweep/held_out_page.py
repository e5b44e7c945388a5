"""Page of the sweep on held-out blocks: error of their prediction over n and over alpha, and the choice in words."""

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from neuropil_gui.core.analysis.bi_cross_validation import VALIDATED, HeldOut, in_words
from neuropil_gui.core.analysis.sweep_plans import Axis, place_of
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.sweep import words
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.axes import restyle_axes, with_margin
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

TITLES = {"n": "Over n", "alpha": "Over alpha"}
HELP = """<b>Held-out blocks</b><p>The signals are divided into groups, the time into three stretches. The block that a
group and a stretch have in common is held out, NMF is fitted to all other signals in all other frames, and the block is
predicted from that fit and from what is left of its signals and of its frames. 0 is a perfect prediction, 1 no better
than the mean of each signal.</p>
<p>Points are means over all blocks; bars are one standard error, over blocks, of the difference from the best value
(hollow). Filled is the choice: of the values within one standard error of the best one, that of the fewest components,
or of the greatest alpha. The dashed line shows where the settings stand. A click takes a value.</p>"""

LIMITS = (
    "Good for: how many components several signals share, and up to which alpha little of them is lost. It lies where "
    "there are few signals (of 5, a block is one signal; what the ROI alone sees cannot be predicted from the others); "
    "stretches of time are alike, so that bars are too short; a penalised fit is too low, which counts as an error "
    "although its course may be right, so that it leans to a small alpha; and to predict the signals well is not to "
    "tell the cell from its neuropil."
)

LEAST = 130
"""Pixels of a plot's least height."""


class HeldOutPlot(QWidget):
    """Curve over the values of one setting, which are evenly spaced.

    Signals: `chosen` (place of a value), `pointed` (place, or None).
    """

    chosen = pyqtSignal(int)
    pointed = pyqtSignal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.found: HeldOut | None = None
        self._pointed: int | None = None
        self.header, self.axis = Header(TITLES[name], HELP), LabelAxis("bottom")
        self.widget = BarePlotView(axes={"left": pg.AxisItem("left"), "bottom": self.axis})
        self.widget.setObjectName(f"held_out_{name}")
        self.widget.setAccessibleName(f"Error of held-out blocks {TITLES[name].lower()}")
        self.item = self.widget.item
        self.item.getAxis("left").enableAutoSIPrefix(False)
        self.item.getAxis("left").setLabel("Error")
        self.axis.setLabel(name)
        self.item.getViewBox().setMouseEnabled(False, False)
        # In a low window the sentences below need the room.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        keep_scaled(self.widget, QWidget.setMinimumHeight, LEAST)
        self.bars, self.curve = pg.PlotCurveItem(connect="pairs"), pg.PlotCurveItem()
        self.points = pg.ScatterPlotItem(size=7)
        self.now = pg.InfiniteLine(angle=90)
        for item in (self.now, self.bars, self.curve, self.points):
            self.item.addItem(item, ignoreBounds=True)
        self.now.hide()
        stack(self, self.header, (self.widget, 1))
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self.widget.installEventFilter(self)

    def show_values(self, found: HeldOut | None) -> None:
        """Draw what is known; None for nothing."""
        self.found = found
        self._draw()

    def show_present(self, settings: SeparationSettings, signals: int) -> None:
        """Mark where the settings stand, if that is among the values."""
        place = None
        if self.found is not None:
            place = place_of(Axis(self.name, self.found.values), settings, signals)
        self.now.setVisible(place is not None)
        if place is not None:
            self.now.setValue(place[0])

    def _draw(self) -> None:
        found, theme = self.found, style.current()
        if found is None:
            for item in (self.bars, self.curve):
                item.setData([], [])
            self.points.setData([], [])
            self.axis.set_labels([])
            self.now.hide()
            return
        texts = words.value_texts(found)
        self.axis.set_labels([(float(place), text, None) for place, text in enumerate(texts)])
        known = np.flatnonzero(np.isfinite(found.means))
        means, reach = found.means[known], np.nan_to_num(found.difference_errors[known])
        self.curve.setData(known.astype(float), means)
        self.bars.setData(np.repeat(known, 2).astype(float), np.column_stack([means - reach, means + reach]).ravel())
        own, base = style.role_colour("matched"), theme.base
        fills = [
            own if place == found.chosen else base if place in (found.best, found.chosen) else theme.muted
            for place in known.tolist()
        ]
        pens = [own if place in (found.best, found.chosen) else theme.muted for place in known.tolist()]
        self.points.setData(
            x=known.astype(float), y=means, brush=[pg.mkBrush(each) for each in fills],
            pen=[pg.mkPen(each, width=2) for each in pens],
            size=[11 if place == found.chosen else 8 for place in known.tolist()],
        )  # fmt: skip
        box = self.item.getViewBox()
        box.setXRange(-0.5, len(texts) - 0.5, padding=0)
        ends = (float((means - reach).min()), float((means + reach).max())) if len(known) else (0.0, 1.0)
        box.setYRange(*with_margin(min(ends[0], 0.0), ends[1]), padding=0)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.header.restyle()
        self.widget.setBackground(theme.base)
        restyle_axes(self.item)
        self.curve.setPen(pg.mkPen(theme.muted, width=1))
        self.bars.setPen(pg.mkPen(theme.muted, width=1))
        self.now.setPen(pg.mkPen(theme.text, width=1, style=Qt.PenStyle.DashLine))
        self._draw()

    def place_at(self, x: float) -> int | None:
        """Return the place of the value nearest to an x of the plot, None beyond the ends or where nothing is known."""
        found, place = self.found, round(x)
        if found is None or not 0 <= place < len(found.values):
            return None
        return place

    @pyqtSlot(object)
    def _on_moved(self, scene: object) -> None:
        self._point(self.place_at(self.item.getViewBox().mapSceneToView(scene).x()))

    @pyqtSlot(object)
    def _on_clicked(self, ev: "pg.GraphicsScene.mouseEvents.MouseClickEvent") -> None:
        place = self.place_at(self.item.getViewBox().mapSceneToView(ev.scenePos()).x())
        if ev.button() == Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def _point(self, place: int | None) -> None:
        if place != self._pointed:
            self._pointed = place
            self.pointed.emit(place)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Point at nothing once the pointer has left."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().eventFilter(watched, event)


class HeldOutPage(QWidget):
    """The two curves, the choice in words, and a button that writes the errors as a table.

    Signals: `value_chosen` (setting, value), `pointed` (a line about what is pointed at; empty for nothing),
    `table_requested`.
    """

    value_chosen = pyqtSignal(str, object)
    pointed = pyqtSignal(str)
    table_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.plots = {name: HeldOutPlot(name) for name in VALIDATED}
        self.text, self.limits, self.table = QLabel(), QLabel(LIMITS), QPushButton("Export table…")
        self.text.setObjectName("held_out_words")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.limits.setObjectName("held_out_limits")
        self.limits.setProperty("muted", True)
        for label in (self.text, self.limits):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.table.setObjectName("held_out_table")
        self.table.setAccessibleName("Write the errors of all blocks")
        self.table.setToolTip("Write the error of each block at each value to a .csv table")
        self.table.clicked.connect(self.table_requested)
        plots = QHBoxLayout()
        plots.setSpacing(6)
        for plot in self.plots.values():
            plots.addWidget(plot, 1)
            plot.chosen.connect(self._on_chosen)
            plot.pointed.connect(self._on_pointed)
        below = QHBoxLayout()
        below.setContentsMargins(10, 4, 10, 2)
        below.addLayout(stack(None, self.text, self.limits), 1)
        below.addWidget(self.table)
        stack(self, (plots, 1), below)
        self.restyle()

    def show_found(self, found: Mapping[str, HeldOut], settings: SeparationSettings, signals: int) -> None:
        """Draw what is known by the name of the setting, and mark where the settings stand."""
        for name, plot in self.plots.items():
            plot.show_values(found.get(name))
            plot.show_present(settings, signals)
        self.text.setText("\n".join(text for each in found.values() if (text := in_words(each))))
        self.table.setEnabled(any(each.best is not None for each in found.values()))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        for plot in self.plots.values():
            plot.restyle()

    @pyqtSlot(int)
    def _on_chosen(self, place: int) -> None:
        plot = self.sender()
        if isinstance(plot, HeldOutPlot) and plot.found is not None:
            self.value_chosen.emit(plot.name, plot.found.values[place])

    @pyqtSlot(object)
    def _on_pointed(self, place: int | None) -> None:
        plot = self.sender()
        found = plot.found if isinstance(plot, HeldOutPlot) else None
        self.pointed.emit("" if found is None or place is None else words.held_out_line(found, place))
