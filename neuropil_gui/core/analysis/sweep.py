"""Separations of one cell over a grid of settings, and what is kept of each: a tile with its numbers and its trace."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core import metrics
from neuropil_gui.core.advice import TOO_MUCH, match_strength
from neuropil_gui.core.analysis.numbers import measure
from neuropil_gui.core.analysis.pairing import SAME
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.sweep_plans import SWEPT, Axis, SweepPlan
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.stepping import one_blas_thread

WIDTH = 400
"""Bins of a tile's trace, where nothing else is asked for."""

TILE_NUMBERS = (
    "r_neuropil", "explained", "alive", "score", "objective", "iterations", "seconds", "r_truth", "error_truth",
)  # fmt: skip
"""Keys in `NUMBERS` of what a tile can be coloured by."""

# A trace that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Tile:
    """The result of one pair of settings, without the separation itself.

    Attributes
    ----------
    ix, iy : int
        Its place in the plan.
    settings : SeparationSettings
    error : str
        Why it was refused, in a sentence; empty where it was separated. All below is then empty, too.
    n : int
        Components.
    converged : bool
    collapsed : bool
        Whether nothing was separated, see `has_collapsed`.
    draft : bool
        Whether it is a separation of averages over short bins.
    numbers : mapping of str to float
        By key in `NUMBERS`.
    trace : ndarray of float32, shape (3, bins), read-only
        Least, mean and greatest value of the best match in each of as many bins of equal length, in the traces' unit.
    r_fissa : float
        Pearson's r of the accelerated solver's trace with that of FISSA's; NaN where they were not compared.
    """

    ix: int
    iy: int
    settings: SeparationSettings
    error: str = ""
    n: int = 0
    converged: bool = False
    collapsed: bool = False
    draft: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)
    trace: NDArray[np.float32] = field(default_factory=lambda: thinned(np.empty(0), 1))
    r_fissa: float = math.nan

    @property
    def unchecked(self) -> bool:
        """Whether it is the accelerated solver's, which now and then ends in another minimum, and was not compared."""
        solved = self.settings.method == "nmf" and self.settings.solver == "accelerated"
        return solved and not self.error and math.isnan(self.r_fissa)

    @property
    def over_subtracted(self) -> bool:
        """Whether the best match falls where the neuropil rises, so that too much may have been taken out."""
        return self.value("r_neuropil") < TOO_MUCH

    def value(self, key: str) -> float:
        """Return a number by its key, NaN where there is none."""
        return self.numbers.get(key, math.nan)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The separations of a cell over one or two settings.

    Attributes
    ----------
    plan : SweepPlan
    tiles : mapping of (int, int) to Tile
        By place (ix, iy) along ``plan.x`` and ``plan.y``.
    """

    plan: SweepPlan
    tiles: Mapping[tuple[int, int], Tile]

    def values(self, key: str) -> FloatArray:
        """Return a number of all tiles.

        Parameters
        ----------
        key : str
            Of `TILE_NUMBERS`, or another that was measured.

        Returns
        -------
        ndarray, shape (rows, columns)
            A row for each value of ``plan.y`` (one where there is none), a column for each of ``plan.x``. NaN where the
            separation was refused, or the number is not defined.
        """
        found = np.full((self.plan.rows, self.plan.columns), np.nan)
        for (ix, iy), tile in self.tiles.items():
            found[iy, ix] = tile.value(key)
        return found


def sweep(
    cell: Cell,
    settings: SeparationSettings | None = None,
    *,
    alpha: Sequence[float] = (),
    n: Sequence[int | None] = (),
    seed: Sequence[int] = (),
    method: Sequence[str] = (),
    start: Sequence[str] = (),
    pedestal: Sequence[float | None] = (),
    solver: str = "accelerated",
    keys: Iterable[str] = TILE_NUMBERS,
    tile_done: Callable[[Tile], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Sweep:
    """Separate a cell by each value of one setting, or each pair of values of two.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings, optional
        All that is not swept; FISSA's defaults where there is none.
    alpha, n, seed, method, start, pedestal : sequence, optional
        The values of the one or two settings that are swept, each once.
    solver : str
        Of NMF, in place of that of `settings`: FISSA's own, ``"fissa"``, takes about ten times as long.
    keys : iterable of str
        The numbers to measure, of `NUMBERS`.
    tile_done : callable, optional
        Called with each `Tile` once it is made, the coarse ones of the grid first.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    Sweep

    Raises
    ------
    DataError
        (a ValueError) When none or more than two settings are swept, or a value is out of range.
    Cancelled
        When `should_stop` returned True.
    """
    given: dict[str, Sequence[Any]] = {
        "alpha": alpha, "n": n, "seed": seed, "method": method, "start": start, "pedestal": pedestal,
    }  # fmt: skip
    axes = [Axis(name, tuple(given[name])) for name in SWEPT if len(given[name])]
    if not 1 <= len(axes) <= 2:
        raise DataError(f"A sweep is over one or two of {', '.join(SWEPT)}, but {len(axes)} were given.")
    plan = SweepPlan(settings or SeparationSettings(), axes[0], axes[1] if len(axes) == 2 else None, solver)
    made = run_sweep(cell, plan, tile_done, should_stop, keys=keys)
    return Sweep(plan, {(tile.ix, tile.iy): tile for tile in made})


def has_collapsed(separation: Separation) -> bool:
    """Return whether a separation has left all light in one component, or the ROI without one.

    True where

    - the best match is constant in the ROI, zero included: nothing of the cell is left in it;
    - a single component lives: whatever is in it is cell and neuropil alike (n = 1 is such a case);
    - the best match, the component most specific to the ROI, is no stronger there than in the average region: its share
      says nothing of the cell. (A match may be poor without that, see `advice`.)

    Parameters
    ----------
    separation : Separation
        Of this cell.

    Returns
    -------
    bool
    """
    separation = separation.without_gaps()
    best = separation.matched[0]
    if not np.ptp(best) > _ROUNDING * float(np.abs(best).max()):
        return True
    return metrics.alive(separation.separated, separation.mixing) <= 1 or match_strength(separation) <= 1


def summary(
    sample: Sample,
    separation: Separation,
    ix: int,
    iy: int,
    *,
    width: int = WIDTH,
    keys: Iterable[str] = TILE_NUMBERS,
) -> Tile:
    """Return what a tile keeps of a separation.

    Parameters
    ----------
    sample : Sample
        Of the separation.
    separation : Separation
    ix, iy : int
        The place in the plan.
    width : int
        Bins of the trace at most.
    keys : iterable of str
        The numbers to measure, of `NUMBERS`.

    Returns
    -------
    Tile
    """
    return Tile(
        ix,
        iy,
        separation.settings,
        n=separation.n,
        converged=separation.converged,
        collapsed=has_collapsed(separation),
        numbers=measure(sample, keys),
        trace=thinned(separation.matched[0], width),
    )


def checked(tile: Tile, separation: Separation, numbers: Mapping[str, float]) -> Tile:
    """Return a tile of the accelerated solver, compared with FISSA's own result: the one of the lower objective.

    Parameters
    ----------
    tile : Tile
    separation : Separation
        By the same settings and FISSA's solver.
    numbers : mapping of str to float
        Of `separation`.

    Returns
    -------
    Tile
    """
    trace = thinned(separation.matched[0], tile.trace.shape[1])
    known = np.isfinite(tile.trace[1]) & np.isfinite(trace[1])
    pair = tile.trace[1, known], trace[1, known]
    r = metrics.pearson(*(each.astype(np.float64) for each in pair))
    if math.isnan(r):
        r = float(np.ptp(pair[0]) == np.ptp(pair[1]))  # both are constant, or one is
    if r >= SAME or not separation.objective < tile.value("objective"):
        return replace(tile, r_fissa=r)
    own = {"objective": separation.objective, "iterations": separation.iterations, "seconds": separation.seconds}
    made = {**numbers, **own}
    return replace(
        tile,
        settings=separation.settings,
        converged=separation.converged,
        collapsed=has_collapsed(separation),
        numbers={key: made.get(key, math.nan) for key in tile.numbers},
        trace=trace,
        r_fissa=r,
    )


def thinned(trace: FloatArray, width: int) -> NDArray[np.float32]:
    """Return least, mean and greatest value of a trace in each of `width` bins.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    width : int
        At least 1.

    Returns
    -------
    ndarray of float32, shape (3, bins), read-only
        As many bins as frames where there are no more than `width`; bins differ by one frame at most.
    """
    bins = min(width, trace.size)
    starts = np.arange(bins) * trace.size // max(bins, 1)
    lengths = np.diff(starts, append=trace.size)
    rows = np.empty((3, bins), np.float32)
    if bins:
        rows[0] = np.minimum.reduceat(trace, starts)
        rows[1] = np.add.reduceat(trace, starts) / lengths
        rows[2] = np.maximum.reduceat(trace, starts)
    rows.flags.writeable = False
    return rows


def run_sweep(
    cell: Cell,
    plan: SweepPlan,
    tile_done: Callable[[Tile], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    tiles: Iterable[tuple[int, int]] | None = None,
    width: int = WIDTH,
    draft: bool = False,
    keys: Iterable[str] = TILE_NUMBERS,
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
    keys : iterable of str
        The numbers to measure, of `NUMBERS`.

    Returns
    -------
    list of Tile
        In the order in which they were made. One that was refused holds the reason.

    Raises
    ------
    Cancelled
        When `should_stop` returned True; `tile_done` has been called for each tile made until then.
    """
    keys = tuple(keys)
    separate = separate_draft if draft else separate_cell
    done = []
    # Once for all: setting the limit anew for each takes its time.
    with one_blas_thread():
        for ix, iy in plan.tiles() if tiles is None else tiles:
            if should_stop is not None and should_stop():
                raise Cancelled
            settings = plan.settings_at(ix, iy)
            try:
                separation = separate(cell, settings, should_stop=should_stop)
            except DataError as error:
                tile = Tile(ix, iy, settings, str(error), draft=draft)
            else:
                sample = Sample.of_separation(cell, separation)
                tile = replace(summary(sample, separation, ix, iy, width=width, keys=keys), draft=draft)
            done.append(tile)
            if tile_done is not None:
                tile_done(tile)
    return done


def collapse_at(tiles: Iterable[Tile]) -> float | None:
    """Return the alpha from which on the answer is collapsed, None where it never is.

    Parameters
    ----------
    tiles : iterable of Tile
        In any order, of one row of a sweep over alpha: all else is the same. Of several rows, an alpha counts
        as collapsed where all of them are. Those that were refused are left out.

    Returns
    -------
    float or None
    """
    collapsed: dict[float, bool] = {}
    for tile in tiles:
        if not tile.error:
            alpha = tile.settings.alpha
            collapsed[alpha] = collapsed.get(alpha, True) and tile.collapsed
    first = None
    for alpha in sorted(collapsed, reverse=True):
        if not collapsed[alpha]:
            break
        first = alpha
    return first
