"""Tiles of sweeps and sweeps of all cells, kept so that an earlier one is shown at once."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from neuropil_gui.core.analysis.population import PopulationSweep
    from neuropil_gui.core.analysis.sweep import Tile
    from neuropil_gui.core.analysis.sweep_plans import SweepPlan

    Key = tuple[int, SweepPlan]
    Tiles = dict[tuple[int, int], Tile]

MAX_BYTES = 32 * 2**20
"""Limit for all sweeps together."""

TILE_BYTES = 1500
"""Size of a tile without its trace."""

POPULATIONS = 4
"""Sweeps of all cells that are kept, the newest."""


class Sweeps(QObject):
    """Tiles by cell and plan; the sweeps used last stay, and the newest does, whatever its size.

    Signals: `completed` (a sweep of all cells is complete, or one that is was brought back).
    """

    completed = pyqtSignal()

    def __init__(self, max_bytes: int = MAX_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Key, Tiles] = OrderedDict()
        self._populations: OrderedDict[SweepPlan, PopulationSweep] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        """Bytes of all of them."""
        return sum(map(_nbytes, self._kept.values()))

    def tiles(self, index: int, plan: "SweepPlan") -> "Tiles":
        """Return the known tiles of a sweep of the cell at `index`, by place (ix, iy)."""
        key = (index, plan)
        if key in self._kept:
            self._kept.move_to_end(key)
        return dict(self._kept.get(key, {}))

    def left(self, index: int, plan: "SweepPlan") -> list[tuple[int, int]]:
        """Return the places that have no final tile, coarse ones first."""
        known = self._kept.get((index, plan), {})
        return [place for place in plan.tiles() if place not in known or known[place].draft]

    def add(self, index: int, plan: "SweepPlan", tiles: "Iterable[Tile]") -> None:
        """Keep tiles; a draft does not replace a final one."""
        key = (index, plan)
        known = self._kept.setdefault(key, {})
        for tile in tiles:
            place = (tile.ix, tile.iy)
            if not tile.draft or place not in known:
                known[place] = tile
        self._kept.move_to_end(key)
        total = self.nbytes
        while total > self._max_bytes and len(self._kept) > 1:
            total -= _nbytes(self._kept.popitem(last=False)[1])

    def population(self, plan: "SweepPlan", cells: int) -> "PopulationSweep":
        """Return what is known of all cells at the values of a plan; `add_to_population` adds to it."""
        from neuropil_gui.core.analysis.population import PopulationSweep

        if plan not in self._populations:
            self.keep(PopulationSweep(plan, cells))
        self._populations.move_to_end(plan)
        return self._populations[plan]

    def keep(self, found: "PopulationSweep") -> None:
        """Take what is known of all cells at the values of a plan."""
        self._populations[found.plan] = found
        if len(self._populations) > POPULATIONS:
            self._populations.popitem(last=False)
        if found.complete:
            self.completed.emit()

    def add_to_population(self, plan: "SweepPlan", tiles: "Iterable[Tile]") -> None:
        """Take separations of any cells at the values of a plan, unless all are known."""
        found = self._populations[plan]
        if found in self.populations:
            return
        found.add(tiles)
        if found.complete:
            self.completed.emit()

    @property
    def populations(self) -> "list[PopulationSweep]":
        """The sweeps of all cells that are complete, which nothing changes any more."""
        return [each for each in self._populations.values() if each.complete]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._populations.clear()


def _nbytes(tiles: "Tiles") -> int:
    return sum(tile.trace.nbytes + TILE_BYTES for tile in tiles.values())
