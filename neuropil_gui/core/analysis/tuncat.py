"""Targeted non-negative matrix factorisation of TUnCaT: its regression of traces, on a ROI and its regions.

Bao et al. (2022), Front. Neurosci. 15, 797421, doi 10.3389/fnins.2021.797421. The background's trace is subtracted
from the traces of a cell, of its neighbours, and of what is around them. All are shifted by one constant, so that the
least is 0, and divided by the cell's noise, which is its lower half's. They are factorised into as many sources as
there are traces, with FISSA's objective and start. Each source goes to one trace, that with the greatest share of its
light first. Where a trace gets none, alpha is halved. The cell's trace is what its source adds to it, moved to the
median that it had before.

What differs from TUnCaT: its background is the median, in each frame, of all pixels about the cell, and its neighbours
are the cells there. Here the background is the median, in each frame, of the cell's neuropil regions, and these regions
stand for the neighbours and for what is around them. Pixels would tell more: with one region, the background is
that region, nothing is left to factorise, and the trace is F - Fneu. The accelerated solver comes nearer to the minimum
than the sweeps that TUnCaT stops.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.solvers import accelerated
from neuropil_gui.core.solvers.stepping import Step, one_blas_thread, run

ALPHA = 1.0
"""Penalty that TUnCaT's authors advise to start with."""

LEAST_ALPHA = 1e-4
"""alpha below which it is not halved any more."""

TOLERANCE, MOST_ITERATIONS = 1e-4, 20_000

_TO_DEVIATION = 1.4826  # A normal distribution's deviation over the distance of its median from a quartile.


@dataclass(frozen=True, eq=False)
class Unmixed:
    """Traces after the factorisation.

    Attributes
    ----------
    traces : ndarray, shape (signals, frames)
        What is each trace's own, at the median that it had before.
    mixing : ndarray, shape (signals, signals)
        A row for each trace, a column for the source of each; the columns add up to 1.
    alpha : float
        That was used in the end.
    converged : bool
    """

    traces: FloatArray
    mixing: FloatArray
    alpha: float
    converged: bool


def without_background(signals: FloatArray, part: float = 1.0) -> FloatArray:
    """Return signals less the background, the median of the regions in each frame.

    Parameters
    ----------
    signals : ndarray, shape (signals, frames)
        Row 0 is the ROI.
    part : float
        How much of it is subtracted.

    Returns
    -------
    ndarray, shape (signals, frames)
    """
    rest: FloatArray = signals - part * np.median(signals[1:], axis=0)
    return rest


@one_blas_thread()
def unmix(
    traces: FloatArray,
    alpha: float = ALPHA,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Unmixed:
    """Factorise traces from which the background was subtracted.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
        Row 0 is the cell's. Finite; they may be negative.
    alpha : float
        Weight of the penalty, at least 0; halved while a trace gets no source.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    Unmixed

    Raises
    ------
    DataError
        (a ValueError) When the cell's trace has no noise to measure the others by, or has no source at any alpha.
    Cancelled
        When `should_stop` returned True.
    """
    medians = np.median(traces, axis=1, keepdims=True)
    least = float(traces.min())
    low, middle = np.quantile(traces[0], (0.25, 0.5))
    noise = _TO_DEVIATION * float(middle - low)
    if noise <= 1e-12 * float(np.abs(traces).max()):
        raise DataError(
            "A quarter of the ROI's values, less the background, are its median: there is no noise to measure by."
        )
    X = np.ascontiguousarray(((traces - least) / noise).T)

    def watch(_: Step) -> None:
        if should_stop is not None and should_stop():
            raise Cancelled

    while True:
        sources, mixing, iterations = run(
            accelerated.factorise(X, len(traces), alpha, TOLERANCE, MOST_ITERATIONS, "nndsvdar", 0), watch
        )
        owner, shares = _assign(mixing)
        if -1 not in owner or alpha / 2 < LEAST_ALPHA:
            break
        alpha /= 2
    if owner[0] < 0:
        raise DataError("No source is left for the ROI at any alpha: nothing could be factorised.")
    made = np.empty_like(traces)
    for row, source in enumerate(owner):
        made[row] = mixing[row, source] * sources[source] if source >= 0 else X[:, row] - mixing[row] @ sources
    made *= noise
    made += medians - np.median(made, axis=1, keepdims=True)
    order = [source for source in owner if source >= 0]
    return Unmixed(made, shares[:, order], alpha, iterations < MOST_ITERATIONS)


def _assign(mixing: FloatArray) -> tuple[list[int], FloatArray]:
    """Return the source of each trace, -1 where it gets none, and each source's shares in the traces.

    The greatest share comes first. Its source and its trace are then out of the choice, and the shares of the
    other sources are those in the traces that are left.
    """
    left = mixing.copy()
    owner = [-1] * len(mixing)
    for _ in range(mixing.shape[1]):
        shares = _shares(left)
        row, source = np.unravel_index(int(shares.argmax()), shares.shape)
        if not shares[row, source] > 0:
            break
        owner[int(row)] = int(source)
        left[row], left[:, source] = 0.0, 0.0
    return owner, _shares(mixing)


def _shares(mixing: FloatArray) -> FloatArray:
    total = mixing.sum(axis=0)
    shares: FloatArray = np.divide(mixing, total, out=np.zeros_like(mixing), where=total > 0)
    return shares
