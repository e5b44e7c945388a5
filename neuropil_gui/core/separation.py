"""Separate one cell: check, scale, solve (with retries), match, scale back."""

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from neuropil_gui.core import checks
from neuropil_gui.core.advice import advise, has_random_start
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.gaps import kept_frames, with_gaps, without_gaps
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.core.solvers import accelerated, ica, nmf
from neuropil_gui.core.solvers.stepping import SAMPLES_PER_STEP, STARTING, Solver, Step, blocks, one_blas_thread, run


def separate_cell(
    cell: Cell,
    settings: SeparationSettings,
    progress: Callable[[Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Separation:
    """Separate the signals of a cell, its trials jointly, as FISSA does.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
    progress : callable, optional
        Called with a `Progress` every few milliseconds.
    should_stop : callable, optional
        Polled as often; the separation ends when it returns True.

    Returns
    -------
    Separation

    Raises
    ------
    DataError
        (a ValueError) When the signals or the settings do not allow it; the message says why and what to do.
    Cancelled
        When `should_stop` returned True.
    """
    traces, offset = check_cell(cell, settings)
    # Threads of BLAS wait busily for more work for a while, and what is judged is too little for more than one.
    with one_blas_thread():
        result = separate_traces(traces, offset, settings, progress, should_stop)
        return replace(result, warnings=advise(cell, result))


def check_cell(cell: Cell, settings: SeparationSettings) -> tuple[FloatArray, float]:
    """Refuse a cell that cannot be separated; the counts and places in the message are those of the recording.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings

    Returns
    -------
    traces : ndarray, shape (signals, frames)
        The cell's, NaN in all signals at frames that are left out.
    offset : float
        What is to be subtracted from all of them.

    Raises
    ------
    DataError
        (a ValueError) The message says why and what to do.
    """
    if cell.absent:
        raise DataError(cell.absent)
    traces, frames = cell.traces, None
    if settings.drop_nan and (kept := kept_frames(traces)) is not None:
        checks.check_kept(traces, cell.signal_names)
        traces, frames = traces[:, kept], np.flatnonzero(kept)
    checks.check_signals(traces, cell.signal_names)
    checks.check_size(traces, cell.signal_names)
    checks.check_neuropil(len(traces))
    if settings.n is not None:
        checks.check_components(settings.n, len(traces))
    offset = 0.0
    if settings.method == "ica":
        checks.check_for_ica(traces)
    else:
        least, offset = float(traces.min()), settings.pedestal
        if settings.offset:
            offset = min(offset, least)
        elif offset:
            checks.check_pedestal(offset, least)
        if least < offset:
            checks.check_for_nmf(traces, float(np.median(traces)), cell.signal_names, frames)
    # Where none is below the offset, the median is that only where half of them are.
    if 2 * np.count_nonzero(traces == offset) >= traces.size:
        rest = traces - offset
        checks.check_median(rest, float(np.median(rest)), cell.signal_names)
    return (cell.traces if frames is None else with_gaps(traces, kept)), offset


def separate_traces(
    traces: FloatArray,
    offset: float,
    settings: SeparationSettings,
    progress: Callable[[Progress], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
    near: FloatArray | None = None,
) -> Separation:
    """Separate traces that `check_cell` has passed, or averages of them, without a judgement of the result.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, values)
        Values that are NaN in all signals are left out where the settings say so.
    offset : float
        What is subtracted from all of them first.
    settings, progress, should_stop
        As in `separate_cell`.
    near : ndarray, shape (signals, n), optional
        A mixing from which NMF goes on by accelerated steps, in place of its start: for drafts.

    Returns
    -------
    Separation
        Without `warnings`; NaN at values that were left out.

    Raises
    ------
    DataError
        (a ValueError) When the median of the traces is zero.
    Cancelled
        When `should_stop` returned True.
    """
    began = time.perf_counter()
    watch = _StepHandler(progress, should_stop)
    watch.poll()
    kept = kept_frames(traces) if settings.drop_nan else None
    traces = without_gaps(traces, kept)
    if offset:
        traces = traces - offset
    watch.poll()
    median = run(find_median(traces), watch)
    checks.check_median(traces, median)
    watch.poll()
    samples = scale(traces, median)
    watch.poll()

    with one_blas_thread():
        if settings.n is not None:
            n = settings.n
        elif near is not None:
            n = near.shape[1]
        elif settings.method == "ica":
            n = run(ica.count_components(samples), watch)
        else:
            n = len(traces)
        max_tries = settings.max_tries if has_random_start(settings) else 1
        seed = secrets.randbelow(MAX_SEED + 1) if settings.seed is None else settings.seed
        for tries in range(1, max_tries + 1):
            watch.attempt = tries
            sources, mixing, iterations = run(solver(samples, settings, n, seed, near), watch)
            converged = iterations != settings.max_iter
            if converged or tries == max_tries:
                break
            seed = (seed + 1) % (MAX_SEED + 1)
        objective = math.nan
        if settings.method == "nmf":
            objective = run(nmf.objective(samples, sources, mixing, settings.alpha), watch)
    del samples
    watch.poll()
    order, scores = rank(mixing)
    matched = match(sources, mixing, order, median)
    return Separation(
        with_gaps(sources, kept), with_gaps(matched, kept), mixing, order, scores, iterations, converged, n, seed,
        tries, settings, offset, median, warnings=(), seconds=time.perf_counter() - began, objective=objective,
    )  # fmt: skip


def find_median(traces: FloatArray) -> Solver[float]:
    """Find the median of all values in steps; equal to ``numpy.median(traces)``.

    Values far from it, as a sample shows, are only counted; those near it are kept and ordered.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)

    Yields
    ------
    Step
        After each block of values.

    Returns
    -------
    float
    """
    values = traces.ravel()
    if len(values) <= SAMPLES_PER_STEP:
        return float(np.median(values))
    low, high = np.quantile(values[:: 1 + len(values) // 10_000], [0.45, 0.55])
    below, near = 0, []
    for block in blocks(len(values), SAMPLES_PER_STEP):
        part = values[block]
        below += int(np.count_nonzero(part < low))
        near.append(part[(part >= low) & (part <= high)])
        yield STARTING
    kept = np.concatenate(near)
    middle = [(len(values) - 1) // 2 - below, len(values) // 2 - below]
    if middle[0] < 0 or middle[1] >= len(kept):
        return float(np.median(values))
    return float(np.partition(kept, middle)[middle].mean())


def scale(traces: FloatArray, median: float) -> FloatArray:
    """Divide traces by their median and transpose them for a solver.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
    median : float
        Not zero.

    Returns
    -------
    ndarray, shape (frames, signals)
        C-contiguous, a copy.
    """
    samples = np.empty(traces.shape[::-1])
    np.divide(traces.T, median, out=samples)
    return samples


def solver(
    samples: FloatArray, settings: SeparationSettings, n: int, seed: int, near: FloatArray | None = None
) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Return the generator that solves scaled samples once.

    Parameters
    ----------
    samples : ndarray, shape (frames, signals)
        As `scale` returns them.
    settings : SeparationSettings
        Method, solver, penalty, tolerance and iterations.
    n : int
        Number of components.
    seed : int
        Of the random start.
    near : ndarray, shape (signals, n), optional
        A mixing near the solution, for a draft; ignored by ICA.

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    sources : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    iterations : int
    """
    if settings.method == "ica":
        return ica.unmix(samples, n, settings.tol, settings.max_iter, seed)
    if near is not None:
        return accelerated.approach(samples, near, settings.alpha, settings.tol, settings.max_iter)
    factorise = accelerated.factorise if settings.solver == "accelerated" else nmf.factorise
    return factorise(samples, n, settings.alpha, settings.tol, settings.max_iter, settings.start, seed)


class _StepHandler:
    """Handler of a solver's steps: calls `progress`, and raises `Cancelled` when `should_stop` returns True."""

    def __init__(self, progress: Callable[[Progress], object] | None, should_stop: Callable[[], bool] | None) -> None:
        self._progress = progress
        self._should_stop = should_stop
        self.attempt = 1

    def poll(self) -> None:
        if self._should_stop is not None and self._should_stop():
            raise Cancelled

    def __call__(self, step: Step) -> None:
        self.poll()
        if self._progress is not None:
            self._progress(Progress(self.attempt, step))
