"""Plot over time: drag pans, the wheel zooms, a double click shows all; the y range stays as fitted."""

from collections.abc import Container, Sequence
from typing import Any, cast

import pyqtgraph as pg
from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QPalette, QPen
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from neuropil_gui.drawing.series import Series
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.axes import fit_bottom, restyle_axes, with_margin
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.plots.legend import Entry, Legend
from neuropil_gui.ui.plots.time_axis import TimeAxis
from neuropil_gui.ui.plots.trace_item import TraceItem
from neuropil_gui.ui.plots.value_axis import ValueAxis
from neuropil_gui.ui.sizes import grown, icon_size, keep_scaled
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

LEFT_WIDTH = 62
"""Pixels of the value axis with the usual font."""

LEAST_HEIGHT = 36
"""Pixels of a plot, so that three of them fit into the lowest screen, of 500, below a message."""

AROUND_LABEL = 12
"""Pixels around the text of an axis' label: its margins, and the space that pyqtgraph puts behind it."""

SPIKE_HEIGHT = 0.07
"""Height of the ticks of spikes, as a part of the plot's."""

FADED = 0.25
"""Opacity of curves that are not lit."""


class TimeViewBox(pg.ViewBox):  # type: ignore[misc]
    """View box that moves in x only.

    Signals: `all_requested` on a double click, `clicked` (x, y in the plot's coordinates; twice on a double click, so
    that a toggle ends as it was).
    """

    all_requested = pyqtSignal()
    clicked = pyqtSignal(float, float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()
        # pyqtgraph updates its transform during a paint, which makes Qt paint everything once more.
        self.sigRangeChanged.connect(self.updateMatrix)

    def mouseClickEvent(self, ev: Any) -> None:
        """Emit `clicked`, and `all_requested` on a double click."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            place = self.mapSceneToView(ev.scenePos())
            self.clicked.emit(place.x(), place.y())
            if ev.double():
                self.all_requested.emit()


class TimePlot(QWidget):
    """Plot with a header, a legend and curves that are created once and reused.

    Signals: `pointer_moved` (x, y in the plot's coordinates, also over the value axis), `pointer_left`.
    """

    pointer_moved = pyqtSignal(float, float)

    pointer_left = pyqtSignal()

    def __init__(self, title: str, help_text: str, axes: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.title = title
        self.header = Header(title, help_text)
        self.state = QLabel()
        # A long one is cut, and does not widen the panel; its tool tip is whole.
        self.state.setMinimumWidth(1)
        self.state.hide()
        self.legend = Legend()
        line = cast(QHBoxLayout, self.header.layout())
        line.setSpacing(8)
        line.insertWidget(1, self.state)
        line.insertWidget(2, self.legend, 1)
        self.header.subtitle.hide()
        self.box = TimeViewBox()
        own = {"bottom": TimeAxis(), "left": ValueAxis()}
        self.widget = BarePlotView(self.box, own | (axes or {}))
        self.item = self.widget.item
        self.item.setLabel("left", title)
        self.widget.setAccessibleName(f"{title} traces")
        keep_scaled(self.widget, QWidget.setMinimumHeight, LEAST_HEIGHT)
        left = self.item.getAxis("left")
        left.enableAutoSIPrefix(False)
        # Do not clip numbers at the edge.
        left.setStyle(hideOverlappingLabels=5)
        self.item.layout.setContentsMargins(1, 6, 1, 1)
        self.item.getAxis("bottom").enableAutoSIPrefix(False)
        self.show_time_values(False)
        self.trials = pg.VTickGroup(pen=style.pen("trial"))
        self.item.addItem(self.trials)
        self.spikes: pg.VTickGroup | None = None
        self.curves: list[TraceItem] = []
        self.only_grows = False
        self._buttons: dict[QToolButton, str] = {}
        stack(self, self.header, (self.widget, 1))
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.box.sigResized.connect(self._fit_label)
        self.widget.viewport().installEventFilter(self)
        self.widget.installEventFilter(self)
        self.restyle()

    def add_control(self, control: QWidget) -> None:
        """Add a control at the right of the header, before the help button."""
        line = cast(QHBoxLayout, self.header.layout())
        line.insertWidget(line.count() - 1, control)

    def add_button(self, name: str, picture: str, tip: str) -> QToolButton:
        """Add a button with the icon `picture` to the header."""
        button = QToolButton()
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setToolTip(f"<qt>{tip}</qt>")
        button.setAccessibleName(tip.split(":")[0])
        button.setIcon(icon(picture))
        self._buttons[button] = picture
        self.add_control(button)
        return button

    def button(self, name: str) -> QToolButton:
        """Return the button with this object name."""
        return next(each for each in self._buttons if each.objectName() == name)

    def describe(self, state: str, entries: Sequence[Entry], colour: str = "") -> None:
        """Show the state of what is drawn, and the legend, in the header."""
        self.state.setText(f"<b>{style.coloured(state, colour)}</b>" if colour else state)
        self.state.setToolTip(f"<qt>{self.state.text()}</qt>")
        self.state.setProperty("muted", not colour)
        self.state.setVisible(bool(state))
        self.legend.set_entries(entries)
        self.widget.setAccessibleDescription(self.words())

    def words(self) -> str:
        """Return the text of the header without markup."""
        return ", ".join(part for part in (self._state_text(), self.legend.text()) if part)

    def _state_text(self) -> str:
        text = self.state.text()
        return text[text.index('">') + 2 : text.index("</span>")] if "</span>" in text else text

    def light(self, lit: Container[int] | None) -> None:
        """Fade all curves whose index is not in `lit`; None fades none."""
        for index, curve in enumerate(self.curves):
            wanted = 1.0 if lit is None or index in lit else FADED
            if curve.opacity() != wanted:
                curve.setOpacity(wanted)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Emit `pointer_left`, and underline the title while the plot has the keyboard focus."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self.pointer_left.emit()
        elif event is not None and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            inside = event.type() == QEvent.Type.FocusIn
            self.header.title.setForegroundRole(QPalette.ColorRole.Link if inside else QPalette.ColorRole.WindowText)
            font = self.header.title.font()
            font.setUnderline(inside)
            self.header.title.setFont(font)
        return super().eventFilter(watched, event)

    @pyqtSlot(object)
    def _on_moved(self, place: QPointF) -> None:
        at = self.box.mapSceneToView(place)
        self.pointer_moved.emit(at.x(), at.y())

    def curve(self, index: int) -> TraceItem:
        """Return the curve with this index, created on first use."""
        while len(self.curves) <= index:
            self.curves.append(TraceItem(self.box))
        return self.curves[index]

    def draw(self, index: int, series: Series, pen: QPen, depth: int = 0) -> None:
        """Show a series as the curve with this index."""
        curve = self.curve(index)
        curve.set_pen(pen)
        curve.setZValue(depth)
        curve.set_series(series)
        curve.setVisible(True)

    def hide_from(self, index: int) -> None:
        """Hide the curves from `index` on, and release their data."""
        for later in range(index, len(self.curves)):
            self.hide_curve(later)

    def hide_curve(self, index: int) -> None:
        """Hide one curve, and release its data."""
        if index < len(self.curves) and self.curves[index].isVisible():
            self.curves[index].setVisible(False)
            self.curves[index].set_series(None)

    def set_value_label(self, text: str) -> None:
        """Write what the value axis is of, where there is room for it."""
        self.item.setLabel("left", text)
        self._fit_label()

    @pyqtSlot()
    def _fit_label(self, _: object = None) -> None:
        """Hide the label of the value axis where it would be cut: the header has the title too."""
        axis = self.item.getAxis("left")
        axis.label.setVisible(axis.label.boundingRect().width() - AROUND_LABEL <= self.box.height())

    def show_time_values(self, shown: bool) -> None:
        """Show or hide the values of the time axis."""
        axis = self.item.getAxis("bottom")
        axis.setStyle(showValues=shown)
        if shown:
            fit_bottom(self.item)
        else:
            axis.setHeight(4)

    def set_trials(self, places: Sequence[float]) -> None:
        """Mark the starts of trials at these times."""
        self.trials.setXVals(list(places))
        self.trials.update()

    def set_spikes(self, places: Sequence[float]) -> None:
        """Mark spikes at these times by ticks at the bottom."""
        if self.spikes is None and not len(places):
            return
        if self.spikes is None:
            self.spikes = pg.VTickGroup(yrange=[0, SPIKE_HEIGHT], pen=style.current().text)
            self.item.addItem(self.spikes)
        self.spikes.setXVals(list(places))
        self.spikes.update()

    def set_extent(self, start: float, end: float, shortest: float) -> None:
        """Limit panning and zooming to the recording."""
        self.box.setLimits(xMin=start, xMax=end, minXRange=min(shortest, end - start))

    def fit(self, low: float, high: float) -> None:
        """Set the y range to `low` to `high` with a margin."""
        self.box.setYRange(*with_margin(low, high), padding=0)

    def keep_in_view(self, low: float, high: float) -> None:
        """Fit the y range only where values are out of view or, unless it only grows, fill less than half of it."""
        bottom, top = self.box.viewRange()[1]
        if self.only_grows:
            self.grow(low, high)
        elif low < bottom or high > top or high - low < 0.5 * (top - bottom):
            self.fit(low, high)

    def grow(self, low: float, high: float) -> None:
        """Extend the y range to values that are out of view."""
        bottom, top = self.box.viewRange()[1]
        room = 0.06 * (high - low)
        if low < bottom or high > top:
            low, high = (low - room if low < bottom else bottom), (high + room if high > top else top)
            self.box.setYRange(low, high, padding=0)

    def paint_now(self) -> None:
        """Paint pending changes at once."""
        # The scene has posted a call to itself that paints its changes; a repaint would paint twice.
        QCoreApplication.sendPostedEvents(self.widget.scene(), QEvent.Type.MetaCall)

    def restyle(self) -> None:
        """Apply the colours of the current theme, except the pens of curves."""
        self.header.restyle()
        for button, picture in self._buttons.items():
            button.setIcon(icon(picture))
            button.setIconSize(icon_size())
        self.widget.setBackground(style.current().base)
        restyle_axes(self.item)
        self._fit_label()
        self.item.getAxis("left").setWidth(grown(LEFT_WIDTH))
        self.trials.setPen(for_screen(style.pen("trial"), self))
        self.trials.update()
        if self.spikes is not None:
            self.spikes.setPen(style.current().text)


def for_screen(pen: QPen, widget: QWidget) -> QPen:
    """Return `pen` with its width scaled to the device pixel ratio; cosmetic widths are in device pixels.

    The pen is opaque: translucent lines wider than a pixel take a hundred times as long.
    """
    ratio = max(1, round(widget.devicePixelRatioF()))
    if ratio == 1:
        return pen
    wide = QPen(pen)
    wide.setWidthF(pen.widthF() * ratio)
    wide.setColor(style.mixed(pen.color(), pen.color().alphaF()))
    return wide
