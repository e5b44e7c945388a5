"""Going on from a result of NMF to the minimum beside it."""

from collections.abc import Callable
from dataclasses import replace

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import check_cell, separate_traces
from neuropil_gui.core.solvers.active_sets import MOST_COMPONENTS
from neuropil_gui.core.solvers.costs import steps_pay

MOST_STEPS, TOLERANCE = 500, 1e-4
"""Steps at most, of which about 20 are usual, and the tolerance, where that of the result is not smaller."""


def can_run_on(result: Separation) -> bool:
    """Return whether `run_on` can go on from a result: for NMF of few components and signals.

    Parameters
    ----------
    result : Separation

    Returns
    -------
    bool
    """
    signals, n = result.mixing.shape
    few = n <= MOST_COMPONENTS and steps_pay(result.matched.shape[1], signals, n)
    return few and result.settings.method == "nmf" and result.frames_per_value == 1


def run_on(cell: Cell, result: Separation, should_stop: Callable[[], bool] | None = None) -> Separation:
    """Go on from a result by Newton steps until the minimum beside it is reached.

    FISSA's solver stops at its limit of iterations or at its tolerance, which is relative to the first violation, and
    now and then far from any minimum. Where going on leads to the result of another solver, they had the same
    minimum.

    Parameters
    ----------
    cell : Cell
    result : Separation
        Of this cell; `can_run_on` is True of it.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    Separation
        Without `warnings`.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    tol = min(result.settings.tol, TOLERANCE)
    settings = replace(result.settings, solver="accelerated", n=result.n, tol=tol, max_iter=MOST_STEPS)
    traces, offset = check_cell(cell, settings)
    return separate_traces(traces, offset, settings, None, should_stop, result.mixing)
