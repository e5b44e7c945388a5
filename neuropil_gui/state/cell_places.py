"""Places of a recording's cells after some were added, taken away or changed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CellPlaces:
    """The new place of each cell.

    Attributes
    ----------
    new : mapping of int to int
        By the place before; cells that are gone have none.
    same : frozenset of int
        Places before of the cells whose signals are as they were.
    gone : frozenset of int
        Places before of the cells that are gone.
    """

    new: Mapping[int, int]
    same: frozenset[int]
    gone: frozenset[int] = frozenset()

    @property
    def of_same(self) -> dict[int, int]:
        """The new place of each cell whose signals are as they were."""
        return {before: after for before, after in self.new.items() if before in self.same}

    @property
    def touched(self) -> frozenset[int]:
        """Places, before or after, of cells that are elsewhere now, have other signals, or are gone."""
        stays = {before for before, after in self.of_same.items() if before == after}
        return frozenset({*self.new, *self.new.values(), *self.gone} - stays)
