"""Score of a corrected trace: the part of what the best of some settings wins over the raw ROI."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from neuropil_gui.core.analysis.subtraction import difference
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import truth_error
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings, uses

Range = tuple[float, float] | tuple[str, ...]
"""Least and greatest value of a setting that is a number, or the choices of one that is text."""

MOST_TRIED = 60
"""Settings that a sweep tries at most where several are free; of one alone, `VALUES`."""

VALUES = 20
K_STEP = 0.01


def score(error: float, raw: float, best: float) -> float:
    """Return the part, in percent, of what the best settings win over the raw ROI.

    Parameters
    ----------
    error, raw, best : float
        Errors against the truth of a trace, of the raw ROI, and of the best trace that some settings reach.

    Returns
    -------
    float
        ``100 (raw - error) / (raw - best)``, not below 0 and not above 100; NaN where the best is no better than raw.
    """
    if not (math.isfinite(error) and raw > best):
        return math.nan
    return 100 * min(1.0, max(0.0, (raw - error) / (raw - best)))


def errors(cell: Cell, trace: FloatArray) -> tuple[float, float]:
    """Return the errors of a trace and of the raw ROI against the cell's true source.

    Parameters
    ----------
    cell : Cell
        With its truth.
    trace : ndarray, shape (frames,)

    Returns
    -------
    tuple of float
    """
    assert cell.truth is not None
    own = cell.truth.sources[0]
    return truth_error(trace, own), truth_error(cell.traces[0], own)


def least_error_of_subtraction(cell: Cell, low: float = 0.0, high: float = 3.0) -> tuple[float, float]:
    """Return the k from low to high whose F - k Fneu is nearest to the truth, and its error.

    Parameters
    ----------
    cell : Cell
        With its truth.
    low, high : float

    Returns
    -------
    k, error : float
    """
    assert cell.truth is not None
    grid = np.arange(low, high + K_STEP / 2, K_STEP)
    cost = [truth_error(difference(cell, k), cell.truth.sources[0]) for k in grid]
    found = int(np.argmin(cost))
    return round(float(grid[found]), 2), cost[found]


def least_error_of_settings(cell: Cell, settings: SeparationSettings, free: Mapping[str, Range]) -> float:
    """Return the least error of a best match that some settings reach, found by a sweep with the accelerated solver.

    Parameters
    ----------
    cell : Cell
        With its truth.
    settings : SeparationSettings
        All others.
    free : mapping of str to Range
        The range of each setting that is free, by its name.

    Returns
    -------
    float
        NaN where none of them can be separated.
    """
    assert cell.truth is not None
    least = math.nan
    for each in sweep(settings, free):
        try:
            error = truth_error(separate_cell(cell, each).matched[0], cell.truth.sources[0])
        except DataError:
            continue
        least = error if math.isnan(least) else min(least, error)
    return least


def sweep(settings: SeparationSettings, free: Mapping[str, Range]) -> Iterator[SeparationSettings]:
    """Yield settings over the ranges of those that are free, for the accelerated solver where there is one.

    Parameters
    ----------
    settings : SeparationSettings
    free : mapping of str to Range

    Yields
    ------
    SeparationSettings
        The given ones first; none twice.
    """
    numbers = sum(not isinstance(limits[0], str) for limits in free.values())
    texts = math.prod(len(limits) for limits in free.values() if isinstance(limits[0], str))
    count = VALUES if numbers < 2 else max(3, int((MOST_TRIED / texts) ** (1 / numbers)))
    axes = [_values(name, limits, count) for name, limits in free.items()]
    seen = set()
    for values in (None, *product(*axes)):
        each = settings if values is None else replace(settings, **dict(zip(free, values, strict=True)))  # type: ignore[arg-type]
        # Those that the method does not use change nothing.
        key = tuple((name, getattr(each, name)) for name in each.to_dict() if uses(each.method, name))
        if key not in seen:
            seen.add(key)
            yield replace(each, solver="accelerated") if uses(each.method, "solver") else each


def _values(name: str, limits: Range, count: int) -> Sequence[object]:
    low, high = limits[0], limits[-1]
    if isinstance(low, str) or isinstance(high, str):
        return list(limits)
    if name == "n":
        return list(range(int(low), int(high) + 1))[:count]
    if high <= low:
        return [float(low)]
    if name == "alpha":  # by factors, as its slider
        least = max(low, high / 1000)
        return [*([low] if low < least else []), *(float(each) for each in np.geomspace(least, high, count - 1))]
    return [float(each) for each in np.linspace(low, high, count)]
