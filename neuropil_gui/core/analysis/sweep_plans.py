"""Which settings a sweep tries where nobody lists them, and where settings have their place among them."""

import math
from dataclasses import replace

import numpy as np

from neuropil_gui.core.analysis.sweep import Axis, SweepPlan, decades
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses

DECADES = 4
"""How many powers of ten an axis of alpha spans, below its greatest value."""

SEEDS = (892, 1, 2, 3, 4)
"""FISSA's own first."""

MOST_N = 12
"""Values of n at most; of more signals, evenly spaced ones are taken."""

CHOICES = ("alpha", "n", "seed", "method", "start")
"""What an axis can be made of without being told its values."""


def axis_of(name: str, signals: int, *, alphas: int = 20, greatest: float = 10.0) -> Axis:
    """Return the values that one setting takes in a sweep.

    Parameters
    ----------
    name : str
        One of `CHOICES`.
    signals : int
        Of the cell: n goes from 1 to it.
    alphas : int
        How many values of alpha: 0 first, then even ratios.
    greatest : float
        The last alpha; the second is `DECADES` powers of ten below.

    Returns
    -------
    Axis

    Raises
    ------
    DataError
        (a ValueError) When `name` cannot be swept.
    """
    if name == "alpha":
        return Axis(name, decades(greatest / 10**DECADES, greatest, alphas, zero=True))
    if name == "n":
        return Axis(name, tuple(int(n) for n in np.unique(np.linspace(1, signals, min(signals, MOST_N)).round())))
    if name == "seed":
        return Axis(name, SEEDS)
    return Axis(name, tuple(PARAMETERS[name].choices))


def plan_of(
    settings: SeparationSettings, signals: int, x: str, y: str | None = None, *, alphas: int = 20, greatest: float = 10
) -> SweepPlan:
    """Return the plan for one or two settings, the same for all `settings` that differ in these only.

    Seeds are swept with the random start, as without it they make no difference to NMF.

    Parameters
    ----------
    settings : SeparationSettings
        As they stand.
    signals : int
        Of the cell.
    x, y : str
        Of `CHOICES`; a `y` of None sweeps `x` alone.
    alphas, greatest
        As in `axis_of`.

    Returns
    -------
    SweepPlan

    Raises
    ------
    DataError
        (a ValueError) When a name cannot be swept, or both are the same.
    """
    across = axis_of(x, signals, alphas=alphas, greatest=greatest)
    upwards = None if y is None else axis_of(y, signals, alphas=alphas, greatest=greatest)
    swept = [name for name in (x, y) if name is not None]
    usual = SeparationSettings()
    fixed = replace(settings, solver="accelerated", **{name: getattr(usual, name) for name in swept})
    if "seed" in swept and "start" not in swept:
        fixed = replace(fixed, start="random")
    return SweepPlan(fixed, across, upwards)


def idle_axis(plan: SweepPlan) -> str:
    """Return the swept setting that no tile of the plan takes into account; empty where all are."""
    methods = {plan.settings.method}
    for axis in (plan.x, plan.y):
        if axis is not None and axis.name == "method":
            methods = set(axis.values)
    for axis in (plan.x, plan.y):
        if axis is not None and not any(uses(method, axis.name) for method in methods):
            return axis.name
    return ""


def place_of(axis: Axis, settings: SeparationSettings, signals: int) -> tuple[float, bool] | None:
    """Return where settings stand on an axis.

    Parameters
    ----------
    axis : Axis
    settings : SeparationSettings
    signals : int
        Of the cell: what an n of auto comes to for NMF.

    Returns
    -------
    (float, bool) or None
        The place, counted from 0 at the first value and between two values for an alpha or n between them (by
        ratio for alpha, from its second value on), and whether it is on a value. None where it has no place.
    """
    value = getattr(settings, axis.name)
    if axis.name == "n" and value is None and settings.method == "nmf":
        value = signals
    if value in axis.values:
        return float(axis.values.index(value)), True
    if axis.name not in ("alpha", "n") or value is None or not axis.values[0] <= value <= axis.values[-1]:
        return None
    scale = [_scale(each, axis) for each in axis.values]
    return float(np.interp(_scale(value, axis), scale, np.arange(len(axis)))), False


def _scale(value: float, axis: Axis) -> float:
    if axis.name != "alpha":
        return float(value)
    # Below the least ratio, 0 is one step away.
    least = axis.values[1] if axis.values[0] == 0 and len(axis) > 1 else axis.values[0]
    return math.log(value / least) if value >= least else value / least - 1
