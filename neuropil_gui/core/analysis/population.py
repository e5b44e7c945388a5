"""All cells of a recording at each value of one setting: numbers, troubles, and the range in which there are none."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan, axis_of, value_text
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellHeader
from neuropil_gui.core.settings import SeparationSettings

POPULATION_NUMBERS = ("alive", "r_neuropil", "score", "kept", "iterations")
"""Keys in `NUMBERS` of what is measured of each cell at each value."""

SETTINGS = ("alpha", "n", "method")
"""Settings that one value may be chosen of for all cells."""

ALPHAS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Values of alpha: FISSA's default, and powers of ten about it with 2 and 5 between."""

BINS = 200
"""Values at most of a best match that are compared with those at the neighbouring values."""

STABLE = 0.9
"""Pearson's r of best matches at neighbouring values below which a cell is unstable there."""

SLOW = 5000
"""Iterations above which a separation counts as slow."""

MOST_TROUBLED = 0.01
"""Part of the cells that may be in trouble where no value has none."""

FLAGS = ("refused", "collapsed", "converged")
"""Arrays of a sweep that say what became of each separation."""

TROUBLES = ("collapsed", "unstable", "not converged")
"""Troubles that a cell may have at a value, which keep the value from the range that is recommended."""

NO_TROUBLE = {"method": "no cell has collapsed or has not converged, and the methods agree"}
SOME_TROUBLE = {"method": "some cell has collapsed, has not converged or has another best match by the other method"}
"""Sentences on all troubles where methods are compared, of which none is near the other."""


def trouble_words(name: str, trouble: str) -> str:
    """Return the words for one of `TROUBLES` where values of a setting are compared.

    Parameters
    ----------
    name : str
        One of `SETTINGS`. Methods have no order, in which a neighbouring one could make a result unstable.
    trouble : str

    Returns
    -------
    str
    """
    return "methods differ" if (name, trouble) == ("method", "unstable") else trouble


def population_plan(settings: SeparationSettings, headers: Sequence[CellHeader], name: str) -> SweepPlan:
    """Return the plan of one setting over all cells, the same for all `settings` that differ in it only.

    Parameters
    ----------
    settings : SeparationSettings
        Those of the recording.
    headers : sequence of CellHeader
        Of its cells: n goes up to the fewest signals of a cell that has neuropil.
    name : str
        One of `SETTINGS`.

    Returns
    -------
    SweepPlan

    Raises
    ------
    DataError
        (a ValueError) When the setting is not one of those.
    """
    if name not in SETTINGS:
        raise DataError(f"One value for all cells is chosen of {', '.join(SETTINGS)}, but {name!r} was found.")
    signals = min((each.signals for each in headers if each.signals > 1), default=1)
    axis = Axis(name, ALPHAS) if name == "alpha" else axis_of(name, signals)
    usual: dict[str, Any] = {name: getattr(SeparationSettings(), name)}
    return SweepPlan(replace(settings, solver="accelerated", **usual), axis)


class PopulationSweep:
    """Numbers and troubles of all cells at each value of a plan, as far as they are known.

    Parameters
    ----------
    plan : SweepPlan
        Of one setting.
    cells : int
        Number of cells.

    Attributes
    ----------
    plan : SweepPlan
    done, refused, collapsed, converged : ndarray of bool, shape (cells, values)
        Whether the separation was tried; had an error; has left nothing separated, see `has_collapsed`; has converged.
    first_error : str
        Why the first of those refused was refused; empty where none was.
    """

    def __init__(self, plan: SweepPlan, cells: int) -> None:
        self.plan = plan
        shape = (cells, plan.columns)
        self._numbers = {key: np.full(shape, np.nan) for key in POPULATION_NUMBERS}
        self.done, self.refused, self.collapsed, self.converged = (np.zeros(shape, bool) for _ in range(4))
        self.first_error = ""
        self._traces = np.full((*shape, BINS), np.nan, np.float32)
        self._agreement = np.full((cells, max(plan.columns - 1, 0)), np.nan)

    @classmethod
    def of_arrays(cls, plan: SweepPlan, arrays: Mapping[str, NDArray[Any]], first_error: str = "") -> Self:
        """Return a complete sweep of what `arrays` returned; nothing can be added to it.

        Parameters
        ----------
        plan : SweepPlan
        arrays : mapping of str to ndarray
        first_error : str

        Returns
        -------
        PopulationSweep

        Raises
        ------
        DataError
            (a ValueError) When the arrays are others, or do not fit the plan.
        """
        found = cls(plan, 0)
        shape = next((len(each) for each in arrays.values() if each.ndim), 0), plan.columns
        expected = dict.fromkeys((*POPULATION_NUMBERS, *FLAGS), shape)
        expected["agreement"] = shape[0], max(plan.columns - 1, 0)
        if {name: each.shape for name, each in arrays.items()} != expected:
            raise DataError("The arrays of a sweep of all cells do not fit each other.")
        found._numbers = {key: arrays[key].astype(float) for key in POPULATION_NUMBERS}
        found.done, found.first_error = np.ones(shape, bool), first_error
        found.refused, found.collapsed, found.converged = (arrays[name] != 0 for name in FLAGS)
        found._agreement = arrays["agreement"].astype(float)
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return numbers, flags and agreement of a complete sweep by name.

        Returns
        -------
        dict of str to ndarray
        """
        flags = {name: getattr(self, name).astype(np.int64) for name in FLAGS}
        return {**self._numbers, **flags, "agreement": self._agreement}

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.done)

    @property
    def numbers(self) -> Mapping[str, FloatArray]:
        """The numbers by key, each of shape (cells, values); NaN where one is not known."""
        return MappingProxyType(self._numbers)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.done, self.refused, self.collapsed, self.converged, self._traces, self._agreement)
        return sum(each.nbytes for each in (*arrays, *self._numbers.values()))

    @property
    def complete(self) -> bool:
        """Whether every cell was tried at every value."""
        return bool(self.done.all())

    @property
    def unstable(self) -> NDArray[np.bool_]:
        """Whether the best match is another than at a neighbouring value, r below `STABLE`, shape (cells, values)."""
        found = np.zeros(self.done.shape, bool)
        with np.errstate(invalid="ignore"):
            differs = self._agreement < STABLE
        found[:, :-1] |= differs
        found[:, 1:] |= differs
        return found & ~self.collapsed

    @property
    def agreement(self) -> FloatArray:
        """Pearson's r of the best matches at each value and the next, shape (cells, values - 1).

        NaN where one of the two is not known, or has collapsed.
        """
        return self._agreement.copy()

    def add(self, tiles: Iterable[Tile]) -> None:
        """Take separations.

        Parameters
        ----------
        tiles : iterable of Tile
            ``ix`` is the place on the plan's axis, ``iy`` the index of the cell.
        """
        for tile in tiles:
            place = tile.iy, tile.ix
            self.done[place], self.refused[place] = True, bool(tile.error)
            self.first_error = self.first_error or tile.error
            self.collapsed[place], self.converged[place] = tile.collapsed, tile.converged
            for key, values in self._numbers.items():
                values[place] = tile.value(key)
            mean = tile.trace[1]
            self._traces[place] = np.nan
            self._traces[(*place, slice(len(mean)))] = mean
            for left in (tile.ix - 1, tile.ix):
                if 0 <= left < self._agreement.shape[1]:
                    self._agreement[tile.iy, left] = self._r(tile.iy, left)

    def left(self) -> list[tuple[int, list[int]]]:
        """Return the places on the axis that are not complete, coarse ones first, each with the cells left there."""
        found = [(ix, np.flatnonzero(~self.done[:, ix]).tolist()) for ix, _ in self.plan.tiles()]
        return [(ix, cells) for ix, cells in found if cells]

    def counts(self) -> dict[str, NDArray[np.intp]]:
        """Return how many cells have each of `TROUBLES` at each value, shape (values,).

        A cell that has collapsed counts as that alone.
        """
        separated = self.done & ~self.refused & ~self.collapsed
        found = {
            "collapsed": self.collapsed,
            "unstable": self.unstable & self.done,
            "not converged": separated & ~self.converged,
        }
        return {name: np.count_nonzero(found[name], axis=0) for name in TROUBLES}

    def troubled(self) -> NDArray[np.intp]:
        """Return how many cells have any trouble at each value, shape (values,)."""
        separated = self.done & ~self.refused
        troubled = self.collapsed | self.unstable | ~self.converged
        counts: NDArray[np.intp] = np.count_nonzero(separated & troubled, axis=0)
        return counts

    def _r(self, cell: int, left: int) -> float:
        if self.collapsed[cell, left] or self.collapsed[cell, left + 1]:
            return math.nan
        a, b = self._traces[cell, left].astype(float), self._traces[cell, left + 1].astype(float)
        both = np.isfinite(a) & np.isfinite(b)
        return metrics.pearson(a[both], b[both])


@dataclass(frozen=True)
class Advice:
    """The range of a setting in which no cell has a trouble, and the reasons.

    Attributes
    ----------
    first, last : int or None
        Places of its ends on the plan's axis; None where there is no such range, or not all cells are known.
    text : str
        Range and reasons in words.
    """

    first: int | None
    last: int | None
    text: str


def advise(found: PopulationSweep) -> Advice:
    """Return the longest range of values at which no cell has collapsed, is unstable or has not converged.

    Where there is no such value, the range at which at most `MOST_TROUBLED` of the cells are in trouble. Of two that
    are equally long the later one: a greater alpha needs fewer iterations.

    Only values at which all cells were tried are looked at, and how many these are is said until they are all. Cells
    that were refused, such as those without neuropil, are left out.

    Parameters
    ----------
    found : PopulationSweep

    Returns
    -------
    Advice
    """
    name, values = found.plan.x.name, found.plan.x.values
    known = np.flatnonzero(found.done.all(axis=0))
    separated = ~found.refused.all(axis=1)
    if not len(known):
        return Advice(None, None, "")
    whole = len(known) == len(values)
    so_far = "" if whole else f"So far, with {len(known)} of {len(values)} values known: "
    if found.refused[:, known].all():
        return Advice(None, None, f"{so_far}{'No' if whole else 'no'} cell could be separated.")
    without = f" {_cells(int(np.count_nonzero(~separated)))} left out: refused at every value." * (not separated.all())
    troubled = found.troubled()
    few = int(MOST_TROUBLED * np.count_nonzero(separated))
    allowed = 0 if (troubled[known] == 0).any() else few
    runs = _runs([int(each) for each in known if troubled[each] <= allowed])
    if not runs:
        best = int(known[np.argmin(troubled[known])])
        some = SOME_TROUBLE.get(name, "some cell has collapsed, is unstable or has not converged")
        text = (
            f"{'At' if whole else f'{so_far}at'} every {name} {some}. Fewest at "
            f"{_value(name, values[best])}: {_cells(int(troubled[best]))} of {np.count_nonzero(separated):,} "
            f"({_reasons(found, best)})."
        )
        return Advice(None, None, text + without)
    run = max(reversed(runs), key=len)
    first, last = run[0], run[-1]
    if allowed:
        worst = max(int(troubled[each]) for each in run)
        parts = [f"{_range(found, run)}: at most {_cells(worst)} of {np.count_nonzero(separated):,} in trouble"]
        parts += [f"{_value(name, values[each])}: {_reasons(found, each)}" for each in sorted({first, last})]
    else:
        none = NO_TROUBLE.get(name, "no cell has collapsed, is unstable or has not converged")
        parts = [f"{_range(found, run)}: {none}"]
    parts += [f"{'also' if allowed else 'nor'} at {_range(found, each)}" for each in runs if each is not run]
    for ix in (*known[known < first][-1:], *known[known > last][:1]):
        parts.append(f"{_value(name, values[ix])}: {_reasons(found, ix)}")
    slow = [ix for ix in run if _slow(found, ix)]
    if slow:
        parts.append(f"{_value(name, values[slow[0]])}: {_cells(_slow(found, slow[0]))} took over {SLOW:,} iterations")
    return Advice(first, last, so_far + "; ".join(parts) + "." + without)


def _runs(good: Sequence[int]) -> list[list[int]]:
    """Return places in ascending order as runs without a gap; a value that is not complete is one."""
    runs: list[list[int]] = []
    for place in good:
        if not runs or place > runs[-1][-1] + 1:
            runs.append([])
        runs[-1].append(place)
    return runs


def _range(found: PopulationSweep, run: Sequence[int]) -> str:
    """Return the values of a run in words."""
    name, values = found.plan.x.name, found.plan.x.values
    if name == "method":
        return " and ".join(_value(name, values[each]) for each in run)
    first = _value(name, values[run[0]])
    return first if len(run) == 1 else f"{first} to {value_text(name, values[run[-1]])}"


def _reasons(found: PopulationSweep, ix: int) -> str:
    """Return how many cells have which trouble at a value, in words."""
    parts = []
    for name, counts in found.counts().items():
        words = trouble_words(found.plan.x.name, name)
        if counts[ix]:
            parts.append(f"{counts[ix]:,} {name}" if words == name else f"{words} in {counts[ix]:,}")
    if slow := _slow(found, ix):
        parts.append(f"{slow:,} with over {SLOW:,} iterations")
    return ", ".join(parts)


def _slow(found: PopulationSweep, ix: int) -> int:
    with np.errstate(invalid="ignore"):
        return int(np.count_nonzero(found.numbers["iterations"][:, ix] > SLOW))


def _cells(count: int) -> str:
    return f"{count:,} cell{'' if count == 1 else 's'}"


def _value(name: str, value: object) -> str:
    text = value_text(name, value)
    return text if name == "method" else f"{name} {text}"
