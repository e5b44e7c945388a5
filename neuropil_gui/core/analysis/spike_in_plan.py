"""Plan of a spike-in test: what is added to a recording and where, and the methods that separate it again."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from neuropil_gui.core.analysis.detection import THRESHOLD, IntArray, detect, noise_of
from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.analysis.plug_ins import find_rival
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.spike_in_repeats import Drawn, Method, Setup, Source, trace_by
from neuropil_gui.core.analysis.sweep import has_collapsed
from neuropil_gui.core.analysis.transients import INDICATORS, mean_transient, time_constants, transient
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import cell_without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings

REPEATS = 20

UNKNOWN_RATE = 10.0
"""Frames a second that are assumed where the frame rate is not known."""

OWN = "own"
"""The kernel that is the mean of the cell's own transients, in place of an indicator's."""

UNITS = ("noise", "dff")
PLACES = ("anywhere", "rest", "active")
SHARES = ("match", "roi")
REGIONS = "regions"

RESULT = "result"
"""The key of what came back by the settings in question; rivals have theirs in `RIVALS`."""

RANGE = (0.5, 1.5)
"""Amplitudes of added transients over the one that is asked for: drawn evenly from this range."""

MUCH_LEFT = 0.1
"""Part of a transient's peak above which another one that begins overlaps with it."""

CROWDED = 0.5
"""Part of the added transients that overlap, from which on a remark says so."""

SMALL_SHARE = 0.03
"""Mean share of the best match in the regions below which the gain may be too high."""

DOUBT = (0.0, 2.0)
"""Shares of light in the regions over those of the best match, from which each repeat draws."""


@dataclass(frozen=True)
class SpikeInTest:
    """Light that is added to a recording, and how often.

    Attributes
    ----------
    amplitude : float
        Mean peak of an added transient in the ROI, in `unit`; each is drawn evenly from half to one and a half of it.
    unit : str
        ``"noise"``: standard deviations of the ROI's noise from frame to frame. ``"dff"``: medians of the ROI.
    kernel : str
        Course of a transient: a key of `INDICATORS`, or ``"own"``, the mean of those found in the ROI.
    count : int
        Transients in each repeat, or as many as have room.
    place : str
        ``"anywhere"``, ``"rest"`` (away from transients of the ROI), or ``"active"`` (on top of them).
    shares : str or float
        How much of the cell's added light each region sees, over what the ROI sees. ``"match"``: as in the best match's
        column of the mixing matrix; since that is an estimate, by the method in question, each repeat takes it times a
        factor drawn evenly from 0 to 2. ``"roi"``: nothing; a number: that, in every region.
    other : str or int
        Where light that is not the cell's is added: ``"regions"``, all of them, or one by its row, from 1.
    other_share : float
        How much of that light the ROI sees, over what a region sees.
    threshold : float
        Of detection, in standard deviations of the filtered noise, see `detect`.
    repeats : int
        Each adds other transients at other times.
    seed : int
        Of times and amplitudes.

    Raises
    ------
    DataError
        (a ValueError) When a value is out of range.
    """

    amplitude: float = 8.0
    unit: str = "noise"
    kernel: str = "gcamp6s"
    count: int = 10
    place: str = "anywhere"
    shares: str | float = "match"
    other: str | int = REGIONS
    other_share: float = 0.0
    threshold: float = THRESHOLD
    repeats: int = REPEATS
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (("unit", UNITS), ("kernel", (*INDICATORS, OWN)), ("place", PLACES)):
            if getattr(self, name) not in known:
                raise DataError(f"{name} must be one of {', '.join(known)}, but {getattr(self, name)!r} was found.")
        for name, least in (("count", 2), ("repeats", 2), ("seed", 0)):
            if getattr(self, name) < least:
                raise DataError(f"{name} must be at least {least}, but {getattr(self, name)} was found.")
        for name in ("amplitude", "threshold"):
            if not 0 < getattr(self, name) < math.inf:
                raise DataError(f"{name} must be a number above 0, but {getattr(self, name)} was found.")
        if isinstance(self.shares, str) and self.shares not in SHARES:
            raise DataError(f"shares must be a number, match or roi, but {self.shares!r} was found.")
        for value in (self.other_share, 0.0 if isinstance(self.shares, str) else self.shares):
            if not 0 <= value < math.inf:
                raise DataError(f"A share of light must be a number of at least 0, but {value} was found.")
        if isinstance(self.other, str) and self.other != REGIONS:
            raise DataError(f"other must be regions or the row of one, but {self.other!r} was found.")


def usual_rivals(method: str) -> tuple[str, ...]:
    """Return the keys of the rivals that are measured unless others are asked for.

    Parameters
    ----------
    method : str
        The method in question.

    Returns
    -------
    tuple of str
    """
    return "raw", "fixed", "ica" if method == "nmf" else "nmf"


class Plan:
    """What is added: kernel, amplitude, shares of light, and frames that are free; and `setup`, by which methods."""

    def __init__(
        self,
        cell: Cell,
        settings: SeparationSettings,
        test: SpikeInTest,
        frame_rate: float | None,
        reference: Separation | None,
        rivals: bool | Iterable[str | Rival],
        should_stop: Callable[[], bool] | None,
    ) -> None:
        if len(cell.traces) < 2:
            raise DataError(f"{cell.name} has no neuropil region, so that there is nothing to separate it from.")
        if not isinstance(test.other, str) and not 1 <= test.other < len(cell.traces):
            raise DataError(f"{cell.name} has regions 1 to {len(cell.traces) - 1}, but {test.other} was asked for.")
        self.remarks: list[str] = []
        self.overlapping: list[float] = []
        self._test, self._should_stop = test, should_stop
        base = self._separated(cell, settings, reference)
        self.shown = base if reference is None else reference
        kept = base.kept
        base = base.without_gaps()
        self._cell = replace(cell_without_gaps(cell, kept), truth=None, stored=None)
        self._ends = self._trial_ends()
        # Another try would take another seed than the result's.
        self._settings = replace(settings, seed=base.seed, max_tries=1)
        roi = self._cell.traces[0]
        rate = frame_rate or UNKNOWN_RATE
        if frame_rate is None and test.kernel != OWN:
            self.remarks.append(
                f"The frame rate is not known: {UNKNOWN_RATE:g} Hz was assumed for the transients' course. Type it "
                "below the cells."
            )
        self.kernel = self._course(roi, rate)
        noise = noise_of(roi)
        self.amplitude = self._amplitude(roi, noise)
        self.shares, self.other = self._profiles(base)
        self.remarks += self._doubts(base)
        self.setup = Setup(self._cell, self.kernel, self.other, self._ends, test.threshold, noise)
        self._free = self._free_frames(roi)
        best: FloatArray = base.matched[0]
        methods = [self._method(RESULT, self._settings, best)]
        for each in usual_rivals(settings.method) if rivals is True else rivals or ():
            rival = find_rival(each) if isinstance(each, str) else each
            source = self._source(rival)
            try:
                methods.append(self._method(rival.key, source, trace_by(source, self._cell, should_stop)[0]))
            except DataError as error:
                # That ICA finds nothing is no news where nobody has asked for it.
                self.remarks += [] if rivals is True else [str(error) if rival.plug_in else f"{rival.label}: {error}"]
        self.setup = replace(self.setup, methods=tuple(methods))

    def _source(self, rival: Rival) -> Source:
        """Return what makes a rival's trace of a cell."""
        if rival.trace is None:
            return replace(self._settings, method=rival.key)
        return rival.key if RIVALS.get(rival.key) is rival else rival

    def _separated(self, cell: Cell, settings: SeparationSettings, given: Separation | None) -> Separation:
        """Return the recording as it is, separated by the settings of the test."""
        if given is None:
            return separate_cell(cell, settings, should_stop=self._should_stop)
        if replace(given.settings, seed=None) == replace(settings, seed=None):
            return given
        made = separate_cell(cell, replace(settings, seed=given.repeatable().seed), should_stop=self._should_stop)
        if not (agreement := Agreement.of(given, made)).same:
            self.remarks.append(
                "The test is of the accelerated solver, which comes to another result than FISSA's for this cell "
                f"(r = {agreement.r:.3f})."
            )
        return made

    def _method(self, key: str, source: Source, base: FloatArray) -> Method:
        return Method(key, source, base, self.setup.detected(base))

    def _trial_ends(self) -> IntArray:
        """Return for each frame the end of its trial."""
        starts, frames = self._cell.trial_starts, self._cell.traces.shape[1]
        return np.repeat(np.array([*starts[1:], frames]), np.diff([*starts, frames]))

    def _course(self, roi: FloatArray, rate: float) -> FloatArray:
        """Return the course of the added transients."""
        key = INDICATORS["gcamp6s" if self._test.kernel == OWN else self._test.kernel]
        shape = transient(*time_constants(key.to_peak, key.half_decay), rate)
        if self._test.kernel != OWN:
            return shape
        starts = self._cell.trial_starts
        onsets = detect(roi, shape, self._test.threshold, starts).onsets
        whole = [int(onset) for onset in onsets if onset + len(shape) <= self._ends[onset]]
        return mean_transient(roi, whole, len(shape))

    def _amplitude(self, roi: FloatArray, noise: float) -> float:
        """Return the mean peak of an added transient, in the traces' unit."""
        size = float(np.median(roi)) if self._test.unit == "dff" else noise
        if not size > 0:
            what = "The median" if self._test.unit == "dff" else "The noise"
            raise DataError(f"{what} of the ROI is {size:g}, so that no transient can be measured by it.")
        return self._test.amplitude * size

    def _profiles(self, base: Separation) -> tuple[FloatArray, FloatArray]:
        """Return how much of the cell's light, and of light that is not the cell's, each signal sees."""
        shares = np.zeros(len(self._cell.traces))
        if self._test.shares == "match":
            column = base.mixing[:, base.order[0]]
            if not column[0]:
                raise DataError("The best match is not seen in the ROI, so that it has no shares of light. Choose ROI.")
            # Light cannot be negative; ICA's columns can.
            shares = np.maximum(column / column[0], 0.0)
        elif not isinstance(self._test.shares, str):
            shares[1:] = self._test.shares
        shares[0] = 1.0
        other = np.zeros(len(shares))
        other[slice(1, None) if isinstance(self._test.other, str) else self._test.other] = 1.0
        other[0] = self._test.other_share
        return shares, other

    def _doubts(self, base: Separation) -> list[str]:
        """Return why a gain may come out too high, where that shows."""
        if has_collapsed(base):
            return [
                "Nothing was separated: one component holds the light of the cell and of its neuropil, and gives back "
                "all of either. Look at the leak, not at the gain."
            ]
        share = float(self.shares[1:].mean())
        if self._test.shares == "match" and share < SMALL_SHARE:
            return [
                f"The best match is hardly seen in the regions (share {share:.2f}), so that next to nothing of the "
                "cell's light is added there. Where the regions do hold some, this gain is too high: compare 10 %."
            ]
        return []

    def _free_frames(self, roi: FloatArray) -> IntArray:
        """Return the frames at which a transient may begin."""
        frames, reach = np.arange(len(roi)), self.setup.reach
        free = frames + reach < self._ends
        if self._test.place != "anywhere":
            events = self.setup.detected(roi).onsets
            after = np.zeros(len(roi), bool)
            before, behind = (reach, len(self.kernel)) if self._test.place == "rest" else (0, reach)
            for onset in events.tolist():
                after[max(onset - before, 0) : onset + behind] = True
            free &= after if self._test.place == "active" else ~after
        return frames[free]

    def draw(self, rng: Generator) -> Drawn:
        """Return a repeat's transients; no two begin within half of one's length."""
        taken, reach = np.zeros(len(self._ends), bool), self.setup.reach
        onsets: list[int] = []
        for frame in rng.permutation(self._free).tolist():
            if len(onsets) == self._test.count:
                break
            if not taken[frame]:
                onsets.append(frame)
                taken[max(frame - reach, 0) : frame + reach + 1] = True
        if len(onsets) < 2:
            where = {"rest": "at rest", "active": "in transients of the ROI"}.get(self._test.place, "in its trials")
            raise DataError(
                f"{self._cell.name} has no room {where} for two transients of this length. Add them anywhere, or take "
                "shorter ones."
            )
        self.overlapping.append(self._overlapping(np.sort(onsets)))
        peaks, shares = self.amplitude * rng.uniform(*RANGE, len(onsets)), self.shares
        if self._test.shares == "match":
            shares = shares * rng.uniform(*DOUBT)
            shares[0] = 1.0
        return Drawn(np.array(onsets, np.intp), peaks, shares)

    def _overlapping(self, onsets: IntArray) -> float:
        """Return the part of a repeat's transients that begin while more than a tenth of the one before is left."""
        length = int(np.flatnonzero(self.kernel > MUCH_LEFT)[-1]) + 1
        same = self._ends[onsets[1:]] == self._ends[onsets[:-1]]
        return float(np.count_nonzero((np.diff(onsets) < length) & same)) / len(onsets)
