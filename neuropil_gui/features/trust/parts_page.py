"""Parts page: the components' parts of the ROI's light over time, the residual, and shares of the time in view."""

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from neuropil_gui.core.recording import Cell
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.drawing.stacked import Parts
from neuropil_gui.features.trust.band_plot import BandPlot, StackPlot
from neuropil_gui.features.trust.part_list import PartList
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.label_axis import LabelAxis
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.widgets.layouts import row
from neuropil_gui.ui.widgets.page import Page, side_panel

HELP = """<b>Where did the light go?</b><p>With NMF the components only add: each coloured area is what one of them
brings to the ROI, on top of the constant that was subtracted before (grey). The edge of the topmost is the
reconstructed ROI; the line is the ROI itself, and what lies between the two is the <b>residual</b> below.</p>
<p>ICA's components have signs, and what one adds another may take away. Areas would mislead, so each has a lane with
its own zero, all on one scale; the ROI is drawn less its mean.</p>
<p><b>Per cent</b>: the part's share of the sizes of all parts, in the time in view. Pan, and it follows.</p>
<p>Untick a component to see the ROI without it, as the orange line.</p>
<p>Between pixels, areas reach as high as the greatest value: zoom in to see them one frame at a time.</p>"""

RESIDUAL_HELP = """<b>Residual</b><p>What the components and the constant leave of the ROI's trace: light that no
component explains, in the file's units.</p><p>Noise should be left. Slow waves or transients tell that a source was
missed, or that the penalty (alpha) has taken something from each component.</p>"""

CONSTANT = {
    False: "What was subtracted before the separation (pedestal, or the minimum)",
    True: "The ROI's mean: ICA's components have none",
}


class PartsPage(Page):
    """Page of the parts of a ROI's light.

    Signals: `asked` (frozenset of the ranks that are taken out).

    Attributes
    ----------
    cell : Cell or None
    parts : Parts or None
        Cell and parts as they are drawn.
    """

    asked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("parts")
        self.stack = StackPlot("Where the light went", HELP)
        self._axis = LabelAxis("left")
        self.lanes = BandPlot("Where the light went", HELP, {"left": self._axis})
        self.zeros = pg.PlotCurveItem(connect="pairs", pen=style.pen("lane"))
        self.lanes.item.addItem(self.zeros, ignoreBounds=True)
        self.residual = BandPlot("Residual", RESIDUAL_HELP)
        self.stack.item.setLabel("left", "ROI")
        self.lanes.item.setLabel("left", "Parts of the ROI")
        for plot in (self.stack, self.lanes):
            plot.show_time_values(False)
            plot.box.setXLink(self.residual.box)
            plot.box.all_requested.connect(self.residual.show_all)
        self.residual.box.sigXRangeChanged.connect(self._show_shares)
        self.list = PartList()
        self.list.switched.connect(self.asked)
        self.caption = QLabel("Share of the light in view")
        self.cell: Cell | None = None
        self.parts: Parts | None = None
        self._name = "ROI"
        self._seen: object = None
        self.set_content(self._arrange())

    def _arrange(self) -> QWidget:
        self._above = QStackedWidget()
        self._above.addWidget(self.stack)
        self._above.addWidget(self.lanes)
        plots = QSplitter(Qt.Orientation.Vertical)
        plots.addWidget(self._above)
        plots.addWidget(self.residual)
        plots.setSizes([700, 300])
        plots.setStretchFactor(0, 7)
        plots.setStretchFactor(1, 3)
        plots.setChildrenCollapsible(False)
        self.caption.setProperty("muted", True)
        self.caption.setWordWrap(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(QLabel("<b>Parts of the ROI</b>"))
        column.addWidget(self.caption)
        column.addWidget(self.list)
        column.addStretch(1)
        side = side_panel(inside, 210)
        content = QWidget()
        row(content, (plots, 1), side)
        return content

    def show_parts(self, cell: Cell, frame_rate: float | None, parts: Parts) -> None:
        """Draw the parts; those of another separation begin with all components included."""
        self.cell, self.parts, self._name = cell, parts, cell.signal_names[0]
        frames = cell.traces.shape[1]
        for plot in (self.stack, self.lanes, self.residual):
            plot.set_time(frames, frame_rate, cell.trial_starts)
        if parts.made is not self._seen:
            self._seen = parts.made
            empty = [rank for rank, each in enumerate(parts.made.components) if not each.any()]
            self.list.show_parts(len(parts.made.components), empty, CONSTANT[parts.signed])
        self._above.setCurrentWidget(self.lanes if parts.signed else self.stack)
        self._draw()
        self._show_shares()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        for plot in (self.stack, self.lanes, self.residual):
            plot.restyle()
        self.zeros.setPen(style.pen("lane"))
        self.list.restyle()
        self._draw()

    @property
    def off(self) -> frozenset[int]:
        """Ranks that are taken out."""
        return self.list.off if self.parts is not None else frozenset()

    def forget(self) -> None:
        """Include all components again."""
        self._seen = self.parts = None

    @pyqtSlot()
    def _show_shares(self) -> None:
        if self.parts is not None:
            self.list.show_shares(self.parts.shares.between(*self.residual.frames_in_view()))

    def _draw(self) -> None:
        parts = self.parts
        if parts is None:
            return
        rest = Series(parts.residual, 0, 0.0, self.residual.step)
        self.residual.draw(0, rest, style.pen("residual"))
        self.residual.fit(*common_limits([rest.limits]))
        level = float(np.sqrt(np.mean(np.square(parts.residual.values[0][:: 1 + parts.residual.frames // 100_000]))))
        muted = QColor(style.current().muted)
        text = f"root mean square {level:.3g}"
        self.residual.describe("", [Entry("residual_size", text, text, muted)])
        (self._draw_lanes if parts.signed else self._draw_stack)(parts)

    def _entries(self, parts: Parts, less: str = "") -> list[Entry]:
        theme = style.current()
        entries = [
            Entry("roi", self._name + less, self._name, QColor(theme.text), style.pen("raw"), "As it was recorded")
        ]
        if parts.without is not None:
            names = ", ".join(f"c{rank + 1}" for rank in sorted(parts.off))
            colour = style.readable(style.role_colour("without"), theme.window, 4.5)
            text = f"{self._name} without {names}{less}"
            entries.append(Entry("without", text, f"without {names}", colour, style.pen("without"), bold=True))
        return entries

    def _draw_stack(self, parts: Parts) -> None:
        plot = self.stack
        edges = [Series(parts.edges, row, 0.0, plot.step) for row in range(len(parts.edges.values))]
        plot.fill(0, None, edges[0], style.role_colour("constant"))
        band = 1
        for rank in range(len(edges) - 1):
            if rank not in parts.off and parts.made.components[rank].any():
                plot.fill(band, edges[rank], edges[rank + 1], style.area_colour(rank))
                band += 1
        plot.empty_from(band)
        plot.draw(0, edges[-1], style.pen("region"), depth=1)
        roi = Series(pyramid_of(self.cell.traces) if self.cell is not None else parts.edges, 0, 0.0, plot.step)
        plot.draw(1, roi, style.pen("region" if parts.without is not None else "raw"), depth=2)
        shown = [edges[-1].limits, roi.limits, (0.0, 0.0)]
        if parts.without is not None:
            without = Series(parts.without, 0, 0.0, plot.step)
            plot.draw(2, without, style.pen("without"), depth=3)
            shown.append(without.limits)
        else:
            plot.hide_curve(2)
        plot.describe("", self._entries(parts))
        plot.fit(*common_limits(shown))

    def _draw_lanes(self, parts: Parts) -> None:
        plot, theme = self.lanes, style.current()
        rows = [rank for rank in range(len(parts.made.components)) if rank not in parts.off]
        series = [Series(parts.edges, row, 0.0, plot.step) for row in (0, *(rank + 1 for rank in rows))]
        spans = [np.subtract(*common_limits([each.limits])[::-1]) for each in series]
        scale = 0.86 / (max(spans) or 1.0)
        pens = [style.pen("region" if parts.without is not None else "raw"), *map(style.component_pen, rows)]
        labels = [(-0.5, self._name, QColor(theme.text))]
        labels += [
            (-lane - 0.5, f"c{rank + 1}", style.component_text_colour(rank)) for lane, rank in enumerate(rows, 1)
        ]
        zeros = []
        for lane, (each, pen) in enumerate(zip(series, pens, strict=True)):
            low, high = common_limits([each.limits])
            zero = -lane - 0.5 - scale * (low + high) / 2
            zeros.append(zero)
            plot.draw(lane, each, pen, depth=1)
            plot.curve(lane).place(scale, zero)
        count = len(series)
        if parts.without is not None:
            plot.draw(count, Series(parts.without, 0, 0.0, plot.step), style.pen("without"), depth=3)
            plot.curve(count).place(scale, zeros[0])
            count += 1
        plot.hide_from(count)
        end = series[0].extent[1]
        self.zeros.setData(np.tile([0.0, end], len(zeros)), np.repeat(zeros, 2))
        self._axis.set_labels(labels)
        plot.box.setYRange(-len(series), 0, padding=0)
        plot.describe("", self._entries(parts, " \N{MINUS SIGN} its mean"))
