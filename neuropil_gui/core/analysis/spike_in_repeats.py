"""Repeats of a spike-in test: what each adds, and what comes back of it by each method; values for any process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from neuropil_gui.core.analysis.detection import Detection, IntArray, detect, near
from neuropil_gui.core.analysis.recovery import Repeat, added_light, fitted, found_among, mean_course
from neuropil_gui.core.analysis.rival import Rival, trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, difference
from neuropil_gui.core.analysis.transients import half_length
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import check_cell, separate_traces
from neuropil_gui.core.settings import SeparationSettings

Source = SeparationSettings | str | Rival
"""Maker of a trace: a separation, a method of `RIVALS` by its key, or another one, a function of this process."""


class Drawn(NamedTuple):
    """Transients of a repeat.

    Attributes
    ----------
    onsets : ndarray of int, shape (count,)
        In frames.
    peaks : ndarray, shape (count,)
        In the traces' unit.
    shares : ndarray, shape (signals,)
        How much of the cell's added light each signal sees, 1 in the ROI.
    """

    onsets: IntArray
    peaks: FloatArray
    shares: FloatArray


@dataclass(frozen=True, eq=False)
class Method:
    """A method: its key, what makes its trace, that of the recording as it is, and what is detected in this."""

    key: str
    source: Source
    base: FloatArray
    events: Detection


@dataclass(frozen=True, eq=False)
class Repeated:
    """What came back in one repeat.

    Attributes
    ----------
    made : mapping of str to Repeat
        By the key of the method.
    refused : mapping of str to str
        Why there is none, by the key of the method.
    slow : int
        Separations by the settings in question that did not converge.
    """

    made: Mapping[str, Repeat]
    refused: Mapping[str, str]
    slow: int = 0

    def __or__(self, other: "Repeated") -> "Repeated":
        """Return both, of the same repeat by other methods."""
        return Repeated({**self.made, **other.made}, {**self.refused, **other.refused}, self.slow + other.slow)


@dataclass(frozen=True, eq=False)
class Setup:
    """What all repeats share.

    Attributes
    ----------
    cell : Cell
        Without gaps.
    kernel : ndarray, shape (length,)
        The course of an added transient, from the onset; its peak is 1.
    other : ndarray, shape (signals,)
        How much of the light that is not the cell's each signal sees.
    ends : ndarray of int, shape (frames,)
        For each frame the end of its trial.
    threshold, noise : float
        Of detection, and the ROI's from frame to frame.
    methods : tuple of Method
        That of the settings in question first.
    """

    cell: Cell
    kernel: FloatArray
    other: FloatArray
    ends: IntArray
    threshold: float
    noise: float
    methods: tuple[Method, ...] = ()

    @property
    def reach(self) -> int:
        """Frames within which two onsets are the same."""
        return half_length(self.kernel)

    def detected(self, trace: FloatArray, noise: float | None = None) -> Detection:
        """Detect transients; in a recording with added light the noise is that of the one without.

        Parameters
        ----------
        trace : ndarray, shape (frames,)
        noise : float, optional
            As of `detect`.

        Returns
        -------
        Detection
        """
        starts = self.cell.trial_starts
        return detect(trace, self.kernel, self.threshold, starts, noise=noise, frame_noise=self.noise)

    def split(self) -> "tuple[Setup, Setup]":
        """Return this with the methods that any process can have, and with those that are functions of this one.

        Returns
        -------
        portable, local : Setup
            Each with its part of `methods`.
        """
        local = tuple(each for each in self.methods if isinstance(each.source, Rival))
        portable = tuple(each for each in self.methods if each not in local)
        return replace(self, methods=portable), replace(self, methods=local)

    def repeat(self, drawn: Drawn, should_stop: Callable[[], bool] | None = None) -> Repeated:
        """Return what comes back of transients by each method, added as the cell's light and as other light.

        Parameters
        ----------
        drawn : Drawn
        should_stop : callable, optional
            Polled every few milliseconds.

        Returns
        -------
        Repeated

        Raises
        ------
        Cancelled
            When `should_stop` returned True.
        """
        light = added_light(len(self.ends), self.kernel, drawn.onsets, self.ends[drawn.onsets], drawn.peaks)
        made, refused, slow = {}, {}, 0
        for method in self.methods:
            try:
                traces = [self._with(method.source, each, light, should_stop) for each in (drawn.shares, self.other)]
            except DataError as error:
                refused[method.key] = str(error)
            else:
                made[method.key] = self._compared(method, drawn, light, *(trace for trace, _ in traces))
                slow += sum(not converged for _, converged in traces) if method is self.methods[0] else 0
        return Repeated(made, refused, slow)

    def _with(
        self, source: Source, shares: FloatArray, light: FloatArray, should_stop: Callable[[], bool] | None
    ) -> tuple[FloatArray, bool]:
        traces = self.cell.traces + shares[:, np.newaxis] * light
        return trace_by(source, replace(self.cell, traces=traces), should_stop)

    def _compared(self, method: Method, drawn: Drawn, light: FloatArray, back: FloatArray, other: FloatArray) -> Repeat:
        """Compare a method's traces with added light with that of the recording as it is."""
        onsets, ends, length = drawn.onsets, self.ends[drawn.onsets], len(self.kernel)
        came_back, constant = fitted(back - method.base, self.kernel, onsets, ends)
        leaked, other_constant = fitted(other - method.base, self.kernel, onsets, ends)
        found, appeared = (self.detected(each, method.events.noise).onsets for each in (back, other))
        earlier, reach = method.events.onsets, self.reach
        return Repeat(
            drawn.shares,
            drawn.peaks,
            came_back,
            leaked,
            mean_course(light, onsets, ends, length),
            mean_course(back - method.base - constant, onsets, ends, length),
            mean_course(other - method.base - other_constant, onsets, ends, length),
            found_among(onsets, found, earlier, reach),
            int(np.count_nonzero(~near(found, np.sort(np.append(earlier, onsets)), reach))),
            found_among(onsets, appeared, earlier, reach),
        )


def trace_by(source: Source, cell: Cell, should_stop: Callable[[], bool] | None = None) -> tuple[FloatArray, bool]:
    """Return a method's trace of a cell, and whether it converged.

    Parameters
    ----------
    source : SeparationSettings, str or Rival
    cell : Cell
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    trace : ndarray, shape (frames,)
    converged : bool

    Raises
    ------
    DataError
        (a ValueError) When there is none.
    Cancelled
        When `should_stop` returned True.
    """
    if isinstance(source, SeparationSettings):
        # Without the remarks of `separate_cell`, which nobody would read.
        made = separate_traces(*check_cell(cell, source), source, should_stop=should_stop)
        return made.matched[0], made.converged
    rival = RIVALS[source] if isinstance(source, str) else source
    if rival.key == "fixed":
        return difference(cell, USUAL_FACTOR), True
    return trace_of(rival, cell.traces, should_stop=should_stop).trace, True
