"""Traces of the selected cell below the picture, with a line at the frame of the slider."""

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QWidget

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.panels.traces.match_plot import MatchPlot
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.crosshair import Crosshair
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.wheel_guard import guard_wheel

LEAST = 92
MEANS = (1, 3, 9, 25)
"""Frames of which the mean can be shown."""


class TraceStrip(QWidget):
    """The best match over the raw ROI, a line at one frame, and the slider that moves it.

    Signals: `frame_changed` (frame of the slider, moved here or by the pointer in the traces), `frame_wanted` (the user
    moved the slider or clicked into the traces, to see frames), `means_changed`.

    Attributes
    ----------
    plot : MatchPlot
    crosshair : Crosshair
    """

    frame_changed = pyqtSignal(int)
    frame_wanted = pyqtSignal()
    means_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._cell: Cell | None = None
        self._rate: float | None = None
        self._separation: Separation | None = None
        self._up_to_date = True
        self._described: tuple[object, object, object] = (None, None, None)
        self.plot = MatchPlot()
        self.plot.show_time_values(True)
        self.plot.widget.setObjectName("field_traces")
        keep_scaled(self.plot.widget, QWidget.setMinimumHeight, LEAST)
        self.readout = Readout("Point at the traces to see the frame there")
        self.crosshair = Crosshair([self.plot.item], self.readout, self)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("field_frame")
        self.slider.setMaximum(0)
        self.slider.setAccessibleName("Frame")
        self.slider.setToolTip("The frame that is shown; arrow keys go to the next")
        self.place = QLabel()
        self.place.setObjectName("field_frame_words")
        self.means = QComboBox()
        self.means.setObjectName("field_means")
        self.means.setAccessibleName("Frames of which the mean is shown")
        self.means.setToolTip("Single frames are noisy: show the mean of some around it")
        for count in MEANS:
            self.means.addItem("single" if count == 1 else f"mean of {count}", count)
        self._frames = QWidget()
        line = QHBoxLayout(self._frames)
        line.setContentsMargins(10, 0, 10, 4)
        line.setSpacing(8)
        line.addWidget(QLabel("Frame"))
        line.addWidget(self.slider, 1)
        line.addWidget(self.place)
        line.addWidget(self.means)
        stack(self, (self.plot, 1), self._frames)
        self.readout.hide()
        self.plot.box.all_requested.connect(self.show_all)
        self.plot.pointer_moved.connect(self._on_pointed)
        self.plot.pointer_left.connect(self._return)
        self.plot.box.clicked.connect(self._on_clicked)
        self.slider.valueChanged.connect(self._on_slid)
        self.means.currentIndexChanged.connect(self.means_changed)
        guard_wheel(self)
        self.show_cell(None, None)
        self.show_result(None, True)

    @property
    def frame(self) -> int:
        """The frame of the slider."""
        return int(self.slider.value())

    @property
    def count(self) -> int:
        """Frames of which the mean is shown."""
        return int(self.means.currentData())

    def show_frames(self, shown: bool) -> None:
        """Show the slider, or hide it where there is no movie."""
        self._frames.setVisible(shown)

    def show_cell(self, cell: Cell | None, rate: float | None) -> None:
        """Draw the raw ROI of another cell, before `show_result`; the frame stays."""
        another = cell is not self._cell or rate != self._rate
        frames = 0 if cell is None else cell.traces.shape[1]
        longer = self._cell is None or cell is None or self._cell.traces.shape[1] != frames or rate != self._rate
        self._cell, self._rate = cell, rate
        if not another:
            return
        self._separation = None
        step = 1.0 / (rate or 1.0)
        label = "Time (s)" if rate else "Frame"
        if self.plot.item.getAxis("bottom").labelText != label:
            self.plot.item.setLabel("bottom", label)
        self.plot.set_trials([(start - 0.5) * step for start in (cell.trial_starts[1:] if cell is not None else ())])
        if frames > 1:
            self.plot.set_extent(0.0, (frames - 1) * step, min(8, frames - 1) * step)
        if cell is not None:  # one that is being read leaves the frame as it is
            with QSignalBlocker(self.slider):
                self.slider.setRange(0, frames - 1)
        self.crosshair.set_time(frames, rate, cell.trial_starts if cell is not None else ())
        self.plot.show_match(step, cell, None)
        self.plot.fit(*self.plot.data_limits)
        if longer:
            self.show_all()
        self._return()

    def show_result(self, separation: Separation | None, up_to_date: bool) -> None:
        """Draw the best match of the cell."""
        if separation is not self._separation:
            self._separation = separation
            self.plot.show_match(1.0 / (self._rate or 1.0), self._cell, separation)
            self.plot.keep_in_view(*self.plot.data_limits)
        self._up_to_date = up_to_date
        shown = self._cell, separation, up_to_date
        if any(new is not old for new, old in zip(shown, self._described, strict=True)):
            self._described = shown
            self._describe()

    @pyqtSlot(int)
    def show_frame(self, frame: int) -> None:
        """Move slider and line to a frame."""
        self.slider.setValue(frame)

    @pyqtSlot()
    def show_all(self) -> None:
        """Show the whole recording."""
        if self._cell is not None:
            frames = self._cell.traces.shape[1]
            self.plot.box.setXRange(0.0, max(frames - 1, 1) / (self._rate or 1.0), padding=0)

    def _describe(self) -> None:
        state, colour = "", ""
        if self._cell is not None and self._separation is None:
            state = "not separated yet"
        elif not self._up_to_date:
            state, colour = "out of date", style.current().warning
        self.plot.describe(state, self.plot.entries(), colour)
        self.plot.refresh_legend()

    @pyqtSlot(float, float)
    def _on_pointed(self, x: float, _: float) -> None:
        if self._cell is not None:
            self.slider.setValue(round(x * (self._rate or 1.0)))

    @pyqtSlot()
    def _return(self) -> None:
        """Show the line at the slider's frame."""
        if self._cell is not None:
            self.crosshair.show_at(self.frame / (self._rate or 1.0))
        self._write()

    @pyqtSlot(float, float)
    def _on_clicked(self, _x: float, _y: float) -> None:
        self.frame_wanted.emit()

    @pyqtSlot(int)
    def _on_slid(self, frame: int) -> None:
        self._return()
        self.frame_changed.emit(frame)
        if self.slider.isSliderDown() or self.slider.hasFocus():
            self.frame_wanted.emit()

    def _write(self) -> None:
        text = f"{self.frame:,}"
        if self._rate:
            text += f" · {self.frame / self._rate:.2f} s"
        self.place.setText(text)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.plot.restyle()
        self.crosshair.restyle()
        if self._cell is not None:
            self.plot.show_match(1.0 / (self._rate or 1.0), self._cell, self._separation)
        self._describe()
