"""Crosshair: a vertical line at one frame in several plots, with the values there."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor

from neuropil_gui.drawing.series import Series
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import for_screen
from neuropil_gui.ui.sizes import line_width


class Crosshair(QObject):
    """Vertical line in each of `plots`, and the values at its frame in `readout`.

    Signals: `frame_changed`.

    Attributes
    ----------
    frame : int or None
        Frame of the line, None while it is hidden.
    """

    frame_changed = pyqtSignal()

    def __init__(self, plots: Sequence[Any], readout: Readout, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.frame: int | None = None
        self._readout = readout
        self._values: Sequence[tuple[str, Series, QColor]] = ()
        self._frames, self._frame_rate = 0, 0.0
        self._trials: Sequence[int] = ()
        self.lines = []
        for plot in plots:
            line = pg.InfiniteLine(angle=90, movable=False)
            line.setZValue(20)
            line.setVisible(False)
            plot.addItem(line, ignoreBounds=True)
            self.lines.append(line)
        self.restyle()

    def set_time(self, frames: int, frame_rate: float | None, trial_starts: Sequence[int]) -> None:
        """Set frames, frame rate and first frames of the trials of another recording, and hide the line."""
        self._frames, self._frame_rate = frames, frame_rate or 0.0
        self._trials = trial_starts
        self.hide()

    def set_values(self, values: Sequence[tuple[str, Series, QColor]]) -> None:
        """Set the traces whose values are shown: (name, trace, colour)."""
        self._values = values
        if self.frame is not None:
            self._readout.show_parts(self.parts(self.frame))

    @pyqtSlot(float)
    def show_at(self, x: float) -> None:
        """Move to the frame nearest to `x` on the time axis."""
        rate = self._frame_rate or 1.0
        frame = round(x * rate)
        if not 0 <= frame < self._frames:
            self.hide()
            return
        if frame == self.frame:
            return
        self.frame = frame
        for line in self.lines:
            line.setValue(frame / rate)
            line.setVisible(True)
        self._readout.show_parts(self.parts(frame))
        self.frame_changed.emit()

    @pyqtSlot()
    def hide(self) -> None:
        """Hide the line and the values."""
        if self.frame is None:
            return
        self.frame = None
        for line in self.lines:
            line.setVisible(False)
        self._readout.show_parts(())
        self.frame_changed.emit()

    def parts(self, frame: int) -> list[tuple[str, str, QColor]]:
        """Return what the readout shows at `frame`: (name, value, colour of the name)."""
        time = frame / (self._frame_rate or 1.0)
        muted = QColor(style.current().muted)
        parts = [("frame", f"{frame:,}", muted)]
        if self._frame_rate:
            digits = 2 if self._frame_rate <= 100 else 3
            parts.insert(0, ("", f"{frame / self._frame_rate:.{digits}f} s", muted))
        if len(self._trials) > 1:
            parts.append(("trial", str(bisect_right(self._trials, frame)), muted))
        # The first two, raw and best match, are in the file's units and need a digit more.
        return parts + [
            (name, number(float(series.values_at(time)), 4 if index < 2 else 3), colour)
            for index, (name, series, colour) in enumerate(self._values)
        ]

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        colour = style.readable(style.current().accent, style.current().base, 3.0)
        for line in self.lines:
            line.setPen(for_screen(pg.mkPen(colour, width=line_width(1)), self._readout))


def number(value: float, digits: int) -> str:
    """Return `value` with so many significant digits."""
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")
