"""A plot over time: drag pans, the wheel zooms, a double click shows all; y stays as it was fitted."""

from collections.abc import Container, Sequence
from typing import Any, cast

import pyqtgraph as pg
from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QPalette, QPen
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from neuropil_gui.drawing.series import Series
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.legend import Entry, Legend
from neuropil_gui.ui.plots.time_axis import TimeAxis
from neuropil_gui.ui.plots.trace_item import TraceItem
from neuropil_gui.ui.widgets.header import Header

LEFT_WIDTH = 62

FADED = 0.25
"""How much is seen of what is not lit."""


class TimeViewBox(pg.ViewBox):  # type: ignore[misc]
    """Moves in x only; asks for everything on a double click."""

    all_requested = pyqtSignal()
    clicked = pyqtSignal(float, float)
    """Where, in the plot's coordinates; twice at a double click, so that a toggle ends as it was."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()
        # pyqtgraph moves what is drawn while it paints, which makes Qt paint all of it once more.
        self.sigRangeChanged.connect(self.updateMatrix)

    def mouseClickEvent(self, ev: Any) -> None:
        """Tell of a click, and of a double click."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            place = self.mapSceneToView(ev.scenePos())
            self.clicked.emit(place.x(), place.y())
            if ev.double():
                self.all_requested.emit()


class TimePlot(QWidget):
    """One plot with its legend in a line above it; curves are made once and reused."""

    pointer_moved = pyqtSignal(float, float)
    """Where the pointer is, in the plot's coordinates; left of the plot too, on its axis."""

    pointer_left = pyqtSignal()

    def __init__(self, title: str, help_text: str, axes: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.title = title
        self.header = Header(title, help_text)
        self.state = QLabel()
        self.state.hide()
        self.legend = Legend()
        line = cast(QHBoxLayout, self.header.layout())
        line.setSpacing(8)
        line.insertWidget(1, self.state)
        line.insertWidget(2, self.legend, 1)
        self.header.subtitle.hide()
        self.box = TimeViewBox()
        self.widget = pg.PlotWidget(viewBox=self.box, axisItems={"bottom": TimeAxis(), **(axes or {})})
        self.item = self.widget.getPlotItem()
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.setLabel("left", title)
        self.widget.setAccessibleName(f"{title} traces")
        self.widget.setMinimumHeight(70)
        left = self.item.getAxis("left")
        left.setWidth(LEFT_WIDTH)
        left.enableAutoSIPrefix(False)
        # A number at the edge is written in full, or not at all.
        left.setStyle(hideOverlappingLabels=5)
        self.item.layout.setContentsMargins(1, 6, 1, 1)
        self.item.getAxis("bottom").enableAutoSIPrefix(False)
        self.item.getAxis("top").enableAutoSIPrefix(False)
        self.show_time_values(False)
        self.trials = pg.VTickGroup(pen=style.pen("trial"))
        self.item.addItem(self.trials)
        self.curves: list[TraceItem] = []
        self._buttons: dict[QToolButton, str] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.widget, 1)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.viewport().installEventFilter(self)
        self.widget.installEventFilter(self)
        self.restyle()

    def add_control(self, control: QWidget) -> None:
        """Put a control at the right of the header, before the help."""
        line = cast(QHBoxLayout, self.header.layout())
        line.insertWidget(line.count() - 1, control)

    def add_button(self, name: str, picture: str, tip: str) -> QToolButton:
        """Put a button with an icon there."""
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
        """Return the button with this name."""
        return next(each for each in self._buttons if each.objectName() == name)

    def describe(self, state: str, entries: Sequence[Entry], colour: str = "") -> None:
        """Say in the header what the plot shows, and first of all in which state it is."""
        self.state.setText(f"<b>{style.coloured(state, colour)}</b>" if colour else state)
        self.state.setProperty("muted", not colour)
        self.state.setVisible(bool(state))
        self.legend.set_entries(entries)
        self.widget.setAccessibleDescription(self.words())

    def words(self) -> str:
        """Return what the header says, without markup."""
        return ", ".join(part for part in (self._state_text(), self.legend.text()) if part)

    def _state_text(self) -> str:
        text = self.state.text()
        return text[text.index('">') + 2 : text.index("</span>")] if "</span>" in text else text

    def light(self, lit: Container[int] | None) -> None:
        """Fade all curves but these; None lights all alike."""
        for index, curve in enumerate(self.curves):
            wanted = 1.0 if lit is None or index in lit else FADED
            if curve.opacity() != wanted:
                curve.setOpacity(wanted)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Tell when the pointer leaves; show in the title that the keyboard acts here."""
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
        """Return the curve with this number, made at its first use."""
        while len(self.curves) <= index:
            self.curves.append(TraceItem(self.box))
        return self.curves[index]

    def draw(self, index: int, series: Series, pen: QPen, depth: int = 0) -> None:
        """Show a curve."""
        curve = self.curve(index)
        curve.set_pen(pen)
        curve.setZValue(depth)
        curve.set_series(series)
        curve.setVisible(True)

    def hide_from(self, index: int) -> None:
        """Hide the curves from this number on, and let go of their data."""
        for later in range(index, len(self.curves)):
            self.hide_curve(later)

    def hide_curve(self, index: int) -> None:
        """Hide one curve, and let go of its data."""
        if index < len(self.curves) and self.curves[index].isVisible():
            self.curves[index].setVisible(False)
            self.curves[index].set_series(None)

    def show_time_values(self, shown: bool) -> None:
        """Write the times below this plot, or leave them to a lower one."""
        axis = self.item.getAxis("bottom")
        axis.setStyle(showValues=shown)
        axis.setHeight(None if shown else 4)

    def set_trials(self, places: Sequence[float]) -> None:
        """Mark where trials begin."""
        self.trials.setXVals(list(places))
        self.trials.update()

    def set_extent(self, start: float, end: float, shortest: float) -> None:
        """Keep panning and zooming within the recording."""
        self.box.setLimits(xMin=start, xMax=end, minXRange=min(shortest, end - start))

    def fit(self, low: float, high: float) -> None:
        """Show this range of values with a little room around it."""
        room = 0.06 * (high - low) or 0.5
        self.box.setYRange(low - room, high + room, padding=0)

    def keep_in_view(self, low: float, high: float) -> None:
        """Fit this range only where some of it is out of view, or it takes less than half of it: axes stand still."""
        bottom, top = self.box.viewRange()[1]
        if low < bottom or high > top or high - low < 0.5 * (top - bottom):
            self.fit(low, high)

    def paint_now(self) -> None:
        """Paint what has changed before anything else is done."""
        # The scene paints its changes in a call that it has posted to itself; a repaint of ours would be one more.
        QCoreApplication.sendPostedEvents(self.widget.scene(), QEvent.Type.MetaCall)

    def restyle(self) -> None:
        """Follow the theme, but for the pens of the curves."""
        theme = style.current()
        self.header.restyle()
        for button, picture in self._buttons.items():
            button.setIcon(icon(picture))
        self.widget.setBackground(theme.base)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
            axis.labelStyle["color"] = theme.muted
            axis.setLabel(axis.labelText)
        self.trials.setPen(for_screen(style.pen("trial"), self))
        self.trials.update()


def for_screen(pen: QPen, widget: QWidget) -> QPen:
    """Return the pen as wide on a screen of small pixels as on others; cosmetic widths are in pixels of the screen.

    It is opaque: lines wider than a pixel that let others through take a hundred times as long.
    """
    ratio = max(1, round(widget.devicePixelRatioF()))
    if ratio == 1:
        return pen
    wide = QPen(pen)
    wide.setWidth(pen.width() * ratio)
    wide.setColor(opaque(pen.color(), QColor(style.current().base)))
    return wide


def opaque(colour: QColor, base: QColor) -> QColor:
    """Return what a colour that lets through looks like on `base`."""
    part = colour.alpha() / 255
    pairs = ((colour.red(), base.red()), (colour.green(), base.green()), (colour.blue(), base.blue()))
    return QColor(*(round(part * above + (1 - part) * below) for above, below in pairs))
