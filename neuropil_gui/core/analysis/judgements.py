"""Indicators side by side: of the raw ROI, of a result, of the simple subtraction, and over a sweep of alpha."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.indicators import Indicator, indicators, of_trace, true_error
from neuropil_gui.core.analysis.subtraction import fixed
from neuropil_gui.core.analysis.sweep import SweepPlan
from neuropil_gui.core.analysis.tiles import has_collapsed
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation, separate_cell
from neuropil_gui.core.solvers.stepping import one_blas_thread

R = 0.7
"""How much of the neuropil the simple subtraction takes."""


@dataclass(frozen=True)
class Judgement:
    """One indicator for three traces; NaN where it has no meaning.

    Attributes
    ----------
    indicator : Indicator
        The result's, with what it is good for and when it lies.
    raw, subtraction : float
        The same of the raw ROI, and of F - 0.7 Fneu.
    needs_truth : bool
        Whether it is known only because the recording is simulated.
    """

    indicator: Indicator
    raw: float
    subtraction: float
    needs_truth: bool = False


@dataclass(frozen=True)
class SweptIndicators:
    """What the indicators say of one alpha.

    Attributes
    ----------
    alpha : float
    values : dict
        By the key of each indicator, those that need the truth included.
    collapsed : bool
        Whether nothing was separated.
    """

    alpha: float
    values: dict[str, float]
    collapsed: bool


def judge(cell: Cell, separation: Separation) -> tuple[Judgement, ...]:
    """Hold a result's indicators beside those of the raw ROI and of the simple subtraction.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; no draft.

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    traces = cell.traces
    subtracted = None
    if len(traces) > 1:
        subtracted = fixed(cell, R).trace
    with one_blas_thread():
        rivals = [_values(traces[0], cell)]
        rivals.append({} if subtracted is None else _values(subtracted, cell))
    found = [(each, False) for each in indicators(cell, separation)]
    found += [(each, True) for each in true_error(cell, separation)]
    raw, subtraction = rivals
    return tuple(
        Judgement(each, raw.get(each.key, math.nan), subtraction.get(each.key, math.nan), truth)
        for each, truth in found
    )


def _values(trace: "FloatArray", cell: Cell) -> dict[str, float]:
    """Return what can be said of a trace that no separation made."""
    values = {each.key: each.value for each in of_trace(trace, cell.traces)}
    truth = cell.truth
    if truth is not None and len(truth.sources) and truth.sources.shape[1] == len(trace):
        values["lost_r"] = 1 - metrics.pearson(trace, truth.sources[0])
        values["error_truth"] = metrics.truth_error(trace, truth.sources[0])
    return values


def sweep_indicators(
    cell: Cell,
    plan: SweepPlan,
    done: Callable[[tuple[SweptIndicators, ...]], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[SweptIndicators, ...]:
    """Find all indicators, and the true error where it is known, for each alpha of a plan.

    A sweep's tiles do not keep what the indicators need, so this separates by itself.

    Parameters
    ----------
    cell : Cell
    plan : SweepPlan
        Over alpha alone.
    done : callable, optional
        Called with all that is known so far, by ascending alpha.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    tuple of SweptIndicators
        By ascending alpha; those that were refused are left out.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    found: tuple[SweptIndicators, ...] = ()
    with one_blas_thread():
        for ix, iy in plan.tiles():
            if should_stop is not None and should_stop():
                raise Cancelled
            settings = plan.settings_at(ix, iy)
            try:
                separation = separate_cell(cell, settings, should_stop=should_stop)
            except DataError:
                continue
            every = (*indicators(cell, separation), *true_error(cell, separation))
            values = {each.key: each.value for each in every}
            point = SweptIndicators(settings.alpha, values, has_collapsed(separation))
            found = tuple(sorted((*found, point), key=lambda each: each.alpha))
            if done is not None:
                done(found)
    return found
