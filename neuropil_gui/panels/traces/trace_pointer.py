"""Component and raw signal under the pointer, from all trace plots and their legends."""

from PyQt5.QtCore import QObject, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import qApp

from neuropil_gui.panels.traces.lane_plot import LanePlot
from neuropil_gui.panels.traces.match_plot import MatchPlot
from neuropil_gui.panels.traces.raw_plot import RawPlot


class TracePointer(QObject):
    """Source of hover signals from the plots and their legends; each change is emitted once.

    Signals: `component_hovered` (rank or None), `component_clicked` (rank), `signal_hovered` (row or None).
    """

    component_hovered = pyqtSignal(object)
    component_clicked = pyqtSignal(int)
    signal_hovered = pyqtSignal(object)

    def __init__(self, raw: RawPlot, separated: LanePlot, matched: MatchPlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._raw, self._separated = raw, separated
        self._hovered: tuple[int | None, int | None] = (None, None)
        for plot in (raw, separated, matched):
            plot.pointer_left.connect(self._on_left)
        raw.pointer_moved.connect(self._on_raw)
        raw.signal_hovered.connect(self._on_name)
        separated.pointer_moved.connect(self._on_lanes)
        separated.box.clicked.connect(self._on_lanes_clicked)
        matched.legend.hovered.connect(self._on_word)
        matched.legend.clicked.connect(self._on_word_clicked)

    @pyqtSlot()
    def _on_left(self) -> None:
        self._hover(None, None)

    @pyqtSlot(float, float)
    def _on_raw(self, x: float, y: float) -> None:
        self._hover(None, self._raw.signal_at(x, y))

    @pyqtSlot(object)
    def _on_name(self, row: int | None) -> None:
        self._hover(None, row)

    @pyqtSlot(float, float)
    def _on_lanes(self, _: float, y: float) -> None:
        self._hover(self._separated.rank_at(y), None)

    @pyqtSlot(float, float)
    def _on_lanes_clicked(self, _: float, y: float) -> None:
        rank = self._separated.rank_at(y)
        if rank is not None:
            self.component_clicked.emit(rank)

    @pyqtSlot(object)
    def _on_word(self, key: str | None) -> None:
        self._hover(0 if key == "best_match" else None, 0 if key == "show_raw" else None)

    @pyqtSlot(str)
    def _on_word_clicked(self, key: str) -> None:
        if key == "best_match":
            self.component_clicked.emit(0)

    def _hover(self, component: int | None, signal: int | None) -> None:
        # While a button is down the plots are being moved: highlight nothing.
        if (component, signal) == self._hovered or qApp.mouseButtons() != Qt.MouseButton.NoButton:
            return
        before, self._hovered = self._hovered, (component, signal)
        if component != before[0]:
            self.component_hovered.emit(component)
        if signal != before[1]:
            self.signal_hovered.emit(signal)
