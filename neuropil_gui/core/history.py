"""History of a run: the violation over its iterations, and the factors after some of them."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.gaps import with_gaps
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.settings import SeparationSettings

# Every iteration is kept up to 2 * DENSE, later ones in steps of 1 / DENSE of what is behind them:
# 1,900 points of ten million iterations.
DENSE = 150
MAX_TRIES = 20
"""Tries whose points are kept, the newest."""

SNAPSHOT_BYTES = 32 * 2**20
FEWEST_SNAPSHOTS = 16
"""A run is long, and none of its states are kept, where so few of them exceed the budget."""


def iteration_name(iteration: int) -> str:
    """Return the words for a state of a run.

    Parameters
    ----------
    iteration : int
        After which it was; 0 for the start.

    Returns
    -------
    str
    """
    return f"iteration {iteration:,}" if iteration else "start"


@dataclass(frozen=True, eq=False)
class Try:
    """The course of one try.

    Attributes
    ----------
    attempt : int
        From 1.
    iterations : ndarray of int, shape (points,)
        Ascending from 1; thinned, but with the last.
    violations : ndarray, shape (points,)
        What is compared with `tol`: NMF's violation relative to that of the first iteration, ICA's turn.
    """

    attempt: int
    iterations: NDArray[np.int64]
    violations: FloatArray

    def __post_init__(self) -> None:
        self.iterations.flags.writeable = False
        self.violations.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Factors after an iteration of the last try.

    Attributes
    ----------
    iteration : int
        0 for what the solver started from.
    violation : float
        NaN for the start.
    separated : ndarray, shape (n, frames)
        In the solver's order and scale.
    mixing : ndarray, shape (signals, n)
    """

    iteration: int
    violation: float
    separated: FloatArray
    mixing: FloatArray

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        return self.separated.nbytes + self.mixing.nbytes


@dataclass(frozen=True, eq=False)
class RunHistory:
    """History of a run, up to now or of all of it.

    Attributes
    ----------
    settings : SeparationSettings
    tries : tuple of Try
    snapshots : tuple of Snapshot
        Of the last try, ascending; empty for a long recording.
    """

    settings: SeparationSettings
    tries: tuple[Try, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()

    def nearest(self, iteration: float) -> Snapshot | None:
        """Return the snapshot whose iteration is nearest, None where there is none."""
        return min(self.snapshots, key=lambda each: abs(each.iteration - iteration), default=None)

    def at(self, iteration: int, result: Separation) -> Separation | None:
        """Return the separation as it was after `iteration`, 0 for the start, in the order of the finished one.

        Components keep their names on the way, so c1 is the one that became the best match.

        Parameters
        ----------
        iteration : int
            Of a snapshot.
        result : Separation
            What the run ended with.

        Returns
        -------
        Separation or None
            None where there is no such snapshot, or `result` is of another shape.
        """
        snapshot = next((each for each in self.snapshots if each.iteration == iteration), None)
        frames = result.separated.shape[1] if result.kept is None else np.count_nonzero(result.kept)
        if snapshot is None or snapshot.separated.shape != (result.n, frames):
            return None
        separated = with_gaps(snapshot.separated, result.kept)
        where = f"after iteration {iteration} of {result.iterations}" if iteration else "before the first iteration"
        return replace(
            result,
            separated=separated,
            mixing=snapshot.mixing,
            matched=match(separated, snapshot.mixing, result.order, result.median),
            scores=rank(snapshot.mixing)[1],
            iterations=iteration,
            converged=False,
            warnings=(Remark(f"This is how it was {where}.", "info"),),
        )


class History:
    """Recorder of a run's progress, in bounded memory.

    `add` belongs to the thread that separates; `to_run_history` may be called from any other meanwhile.

    Parameters
    ----------
    settings : SeparationSettings
    snapshot_bytes : int
        What all snapshots together may take; 0 for none.
    """

    def __init__(self, settings: SeparationSettings, snapshot_bytes: int = SNAPSHOT_BYTES) -> None:
        self._settings = settings
        self._budget = snapshot_bytes
        self._attempt = self._iteration = 0
        self._next_point = self._next_snapshot = 1
        self._points: list[tuple[int, float]] = []
        self._last = (0, (0, math.nan))  # the try, and its newest point
        # Replaced, never changed in place: a reader in another thread has a consistent one.
        self._tries: tuple[tuple[int, list[tuple[int, float]]], ...] = ()
        self._snapshots: tuple[Snapshot, ...] = ()
        self._spacing = 16.0
        self._keeps_states = snapshot_bytes > 0

    def add(self, progress: Progress) -> None:
        """Record the progress of a run."""
        step = progress.step
        iteration = step.iteration
        if progress.attempt != self._attempt:
            self._start_try(progress.attempt)
        if iteration == 0 and not self._snapshots and self._keeps_states and step.state is not None:
            self._keep(Snapshot(0, step.violation, *step.state()))
        if iteration <= self._iteration:
            return  # between two iterations, when the factors are half old and half new
        self._iteration = iteration
        point = (iteration, step.violation)
        self._last = (progress.attempt, point)
        if iteration >= self._next_point:
            self._points.append(point)
            self._next_point = iteration + max(1, iteration // DENSE)
        if iteration >= self._next_snapshot and self._keeps_states and step.state is not None:
            self._keep(Snapshot(iteration, step.violation, *step.state()))

    def to_run_history(self) -> RunHistory:
        """Return what is known so far."""
        (newest, last), tries = self._last, []
        for attempt, points in self._tries:
            kept = list(points)
            if attempt == newest and kept and last[0] > kept[-1][0]:
                kept.append(last)
            if kept:
                iterations, violations = zip(*kept, strict=True)
                tries.append(Try(attempt, np.array(iterations, np.int64), np.array(violations, np.float64)))
        return RunHistory(self._settings, tuple(tries), self._snapshots)

    def _start_try(self, attempt: int) -> None:
        last = self._last[1]
        if self._points and last[0] > self._points[-1][0]:
            self._points.append(last)
        self._attempt, self._iteration = attempt, 0
        self._points = []
        self._tries = (*self._tries, (attempt, self._points))[-MAX_TRIES:]
        self._next_point = self._next_snapshot = 1
        self._snapshots, self._spacing = (), 16.0

    def _keep(self, snapshot: Snapshot) -> None:
        room = self._budget // max(snapshot.nbytes, 1)
        if room < FEWEST_SNAPSHOTS:
            self._keeps_states = False
            return
        kept = self._snapshots
        if len(kept) >= room:
            kept = kept[::2]
            self._spacing /= 2
        for array in (snapshot.separated, snapshot.mixing):
            array.flags.writeable = False
        self._snapshots = (*kept, snapshot)
        self._next_snapshot = snapshot.iteration + max(1, int(snapshot.iteration / self._spacing))
