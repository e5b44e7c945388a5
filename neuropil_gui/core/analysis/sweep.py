"""A cell separated over a grid of settings, to see what a choice of them does."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from neuropil_gui.core.advice import seed_matters
from neuropil_gui.core.analysis.tiles import (
    TILE_NUMBERS,
    WIDTH,
    Tile,
    TileNumber,
    collapse_at,
    has_collapsed,
    numbers_of,
    summary,
)
from neuropil_gui.core.draft import averaged, separate_draft
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.core.solvers.stepping import one_blas_thread

__all__ = [
    "SWEPT", "TILE_NUMBERS", "WIDTH", "Axis", "SweepPlan", "Tile", "TileNumber", "collapse_at", "decades",
    "has_collapsed", "numbers_of", "run_sweep",
]  # fmt: skip

SWEPT = ("alpha", "n", "seed", "method", "start", "pedestal")
"""The settings that may be swept."""

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
    """What is separated: every value of `x` with every value of `y`.

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
        """How many values of `x`."""
        return len(self.x)

    @property
    def rows(self) -> int:
        """How many values of `y`, 1 where there is none."""
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
        """Return the settings of a tile."""
        swept = {self.x.name: self.x.values[ix]}
        if self.y is not None:
            swept[self.y.name] = self.y.values[iy]
        settings = replace(self.settings, **swept)
        return replace(settings, solver=self.solver) if uses(settings.method, "solver") else settings

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what this sweep cannot show."""
        said = []
        corners = [self.settings_at(ix, iy) for ix, iy in self.tiles()]
        for name in [axis.name for axis in (self.x, self.y) if axis is not None]:
            if name == "seed" and not any(map(seed_matters, corners)):
                said.append(
                    f"The seed does next to nothing with the start {self.settings.start}: NMF takes the same path "
                    'whatever the seed. Choose the start "random" to see what depends on it.'
                )
            elif not any(uses(settings.method, name) for settings in corners):
                said.append(PARAMETERS[name].ignored)
        return tuple(said)


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


def run_sweep(
    cell: Cell,
    plan: SweepPlan,
    tile_done: Callable[[Tile], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    tiles: Iterable[tuple[int, int]] | None = None,
    width: int = WIDTH,
    draft: bool = False,
) -> list[Tile]:
    """Separate a cell by each pair of settings, in this thread.

    Every tile is the solver's own answer from its own start. (Starting from the neighbour's would save a
    tenth of the iterations, and end in another optimum now and then.)

    Parameters
    ----------
    cell : Cell
    plan : SweepPlan
    tile_done : callable, optional
        Called with each `Tile` once it is there.
    should_stop : callable, optional
        Polled every few milliseconds.
    tiles : iterable of (int, int), optional
        Which, in which order; all of ``plan.tiles()`` by default. Two workers may share one iterator
        over a list: each takes the next. (Two threads are no quicker than one on short cells, where
        the interpreter, which they share, is most of the work.)
    width : int
        Bins of each trace at most.
    draft : bool
        Separate averages over short bins, `separate_draft`: a first look at a long recording.

    Returns
    -------
    list of Tile
        In the order in which they were made. One that was refused holds the reason.

    Raises
    ------
    Cancelled
        When `should_stop` returned True; what was done until then has been told to `tile_done`.
    """
    shown = cell
    if draft:
        truth = cell.truth and replace(cell.truth, sources=averaged(cell.truth.sources))
        shown = replace(cell, traces=averaged(cell.traces), trial_starts=(0,), truth=truth, stored=None)
    separate = separate_draft if draft else separate_cell
    done = []
    # Once for all: setting the limit anew for each takes its time.
    with one_blas_thread():
        for ix, iy in plan.tiles() if tiles is None else tiles:
            if should_stop is not None and should_stop():
                raise Cancelled
            settings = plan.settings_at(ix, iy)
            try:
                tile = summary(shown, separate(cell, settings, should_stop=should_stop), ix, iy, width)
            except DataError as error:
                tile = Tile(ix, iy, settings, str(error), draft=draft)
            done.append(tile)
            if tile_done is not None:
                tile_done(tile)
    return done
