"""Settings that a sweep tries: axes of values, plans of one or two axes, and where settings lie on them."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from neuropil_gui.core.advice import seed_matters
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses

SWEPT = ("alpha", "n", "seed", "method", "start", "pedestal")
"""The settings that may be swept."""

DECADES = 4
"""Powers of ten that an axis of alpha spans, below its greatest value."""

SEEDS = (892, 1, 2, 3, 4)
"""Seeds that are swept by default, FISSA's own first."""

MOST_N = 12
"""Values of n at most; of more signals, evenly spaced ones are taken."""

CHOICES = ("alpha", "n", "seed", "method", "start")
"""Settings for which an axis has default values."""

_STRIDES = (4, 2, 1)


@dataclass(frozen=True)
class Axis:
    """The values that one setting takes.

    Attributes
    ----------
    name : str
        One of `SWEPT`.
    values : tuple
        In the order in which they are shown, each once.

    Raises
    ------
    DataError
        (a ValueError) When there is no value, one comes twice or is out of range, or the setting cannot be swept.
    """

    name: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.name not in SWEPT:
            raise DataError(f"{self.name!r} cannot be swept: one of {', '.join(SWEPT)} was expected.")
        values = tuple(PARAMETERS[self.name].check(value) for value in self.values)
        if not values:
            raise DataError(f"A sweep over {self.name} needs at least one value, but none was given.")
        if len(set(values)) < len(values):
            twice = next(value for value in values if values.count(value) > 1)
            raise DataError(f"A sweep over {self.name} takes each value once, but {twice} was given twice.")
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class SweepPlan:
    """Plan of a sweep: every value of `x` with every value of `y`.

    Attributes
    ----------
    settings : SeparationSettings
        All that is not swept.
    x : Axis
    y : Axis or None
        None for a sweep over `x` alone.
    solver : str
        Of NMF, in place of that of `settings`: FISSA's own takes about ten times as long.

    Raises
    ------
    DataError
        (a ValueError) When both axes sweep the same setting, or the solver is unknown.
    """

    settings: SeparationSettings
    x: Axis
    y: Axis | None = None
    solver: str = "accelerated"

    def __post_init__(self) -> None:
        PARAMETERS["solver"].check(self.solver)
        if self.y is not None and self.y.name == self.x.name:
            raise DataError(f"A sweep needs two different settings, but {self.x.name} was given for both.")

    @property
    def columns(self) -> int:
        """Number of values of `x`."""
        return len(self.x)

    @property
    def rows(self) -> int:
        """Number of values of `y`, 1 where there is none."""
        return 1 if self.y is None else len(self.y)

    def tiles(self) -> list[tuple[int, int]]:
        """Return (ix, iy) of every tile, coarse ones first.

        First each fourth along both axes with the last, so that the whole is seen early; then each
        second; then the others.
        """
        levels = [[_level(k, count) for k in range(count)] for count in (self.columns, self.rows)]
        every = [(ix, iy) for iy in range(self.rows) for ix in range(self.columns)]
        return sorted(every, key=lambda tile: max(levels[0][tile[0]], levels[1][tile[1]]))

    def settings_at(self, ix: int, iy: int = 0) -> SeparationSettings:
        """Return the settings of a tile.

        Parameters
        ----------
        ix, iy : int
            Places of the tile on the two axes, from 0; `iy` is ignored by a plan of one axis.

        Returns
        -------
        SeparationSettings
        """
        swept = {self.x.name: self.x.values[ix]}
        if self.y is not None:
            swept[self.y.name] = self.y.values[iy]
        settings = replace(self.settings, **swept)
        return replace(settings, solver=self.solver) if uses(settings.method, "solver") else settings

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what this sweep cannot show."""
        remarks = []
        corners = [self.settings_at(ix, iy) for ix, iy in self.tiles()]
        for name in [axis.name for axis in (self.x, self.y) if axis is not None]:
            if name == "seed" and not any(map(seed_matters, corners)):
                remarks.append(
                    f"The seed usually does next to nothing with the start {self.settings.start}: NMF takes the same "
                    'path whatever the seed. Choose the start "random" to see what depends on it.'
                )
            elif not any(uses(settings.method, name) for settings in corners):
                remarks.append(PARAMETERS[name].ignored)
        return tuple(remarks)


def _level(index: int, count: int) -> int:
    """Return how fine a grid must be to hold `index`; the last of `count` is in the coarsest."""
    return 0 if index == count - 1 else next(k for k, stride in enumerate(_STRIDES) if index % stride == 0)


def decades(low: float, high: float, count: int, *, zero: bool = False) -> tuple[float, ...]:
    """Return values at equal ratios, for an axis of alpha.

    Parameters
    ----------
    low, high : float
        The least above 0, and the greatest.
    count : int
        How many in all.
    zero : bool
        Whether the first is 0, which no ratio reaches; `low` then comes second.

    Returns
    -------
    tuple of float
        Ascending. Between the ends they are rounded to three digits, to be read and typed, where that keeps them apart.

    Raises
    ------
    DataError
        (a ValueError) When not ``0 < low < high``, or there is no room for both ends.
    """
    ratios = count - zero
    if not 0 < low < high < math.inf or ratios < 2:
        raise DataError(
            f"Decades need 0 < low < high and at least {2 + zero} values, but {count} from {low:g} to {high:g} were "
            "asked for."
        )
    exact = [float(value) for value in np.geomspace(low, high, ratios)[1:-1]]
    short = [float(f"{value:.3g}") for value in exact]
    whole = (float(low), *short, float(high))
    if any(a >= b for a, b in pairwise(whole)):
        whole = (float(low), *exact, float(high))
    return (0.0, *whole) if zero else whole


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
    """Return the swept setting that no tile of the plan takes into account; empty where all are.

    Parameters
    ----------
    plan : SweepPlan

    Returns
    -------
    str
        One of `SWEPT`, or empty.
    """
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


def value_text(name: str, value: object) -> str:
    """Return the value of a setting as an axis labels it.

    Parameters
    ----------
    name : str
        Name of the setting, a key of `PARAMETERS`.
    value : object
        A value of that setting.

    Returns
    -------
    str
    """
    if name == "n" and value is None:
        return "auto"
    choices = PARAMETERS[name].choices
    if choices:
        return choices[str(value)].split(" (")[0]
    return f"{value:.4g}" if isinstance(value, float) else str(value)
