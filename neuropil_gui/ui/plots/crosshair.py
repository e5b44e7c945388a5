"""A line at one time in all plots, and the values there."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtGui import QColor

from neuropil_gui.drawing.series import Series
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import for_screen


class Crosshair(QObject):
    """Finds the frame by rounding, so that it is as quick in a long recording as in a short one.

    Attributes
    ----------
    frame : int or None
        Where it stands.
    """

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
        """Take another recording's time."""
        self._frames, self._frame_rate = frames, frame_rate or 0.0
        self._trials = trial_starts
        self.hide()

    def set_values(self, values: Sequence[tuple[str, Series, QColor]]) -> None:
        """Tell these traces' values from now on: (name, trace, colour)."""
        self._values = values
        if self.frame is not None:
            self._readout.show_parts(self.parts(self.frame))

    @pyqtSlot(float)
    def show_at(self, x: float) -> None:
        """Stand at the frame nearest to this place on the time axis."""
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

    @pyqtSlot()
    def hide(self) -> None:
        """Take the lines and the values away."""
        if self.frame is None:
            return
        self.frame = None
        for line in self.lines:
            line.setVisible(False)
        self._readout.show_parts(())

    def parts(self, frame: int) -> list[tuple[str, str, QColor]]:
        """Return what is to be told at a frame: (name, value, colour of the name)."""
        time = frame / (self._frame_rate or 1.0)
        muted = QColor(style.current().muted)
        parts = [("frame", f"{frame:,}", muted)]
        if self._frame_rate:
            digits = 2 if self._frame_rate <= 100 else 3
            parts.insert(0, ("", f"{frame / self._frame_rate:.{digits}f} s", muted))
        if len(self._trials) > 1:
            parts.append(("trial", str(bisect_right(self._trials, frame)), muted))
        # The first two are in the file's units, which have more digits that matter.
        return parts + [
            (name, number(float(series.values_at(time)), 4 if index < 2 else 3), colour)
            for index, (name, series, colour) in enumerate(self._values)
        ]

    def restyle(self) -> None:
        """Follow the theme."""
        colour = style.readable(style.current().accent, style.current().base, 3.0)
        for line in self.lines:
            line.setPen(for_screen(pg.mkPen(colour, width=1), self._readout))


def number(value: float, digits: int) -> str:
    """Write a value with so many digits, as short as can be."""
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")
