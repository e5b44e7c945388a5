"""Results at hand, by cell and settings, in bounded memory; knows no Qt."""

from collections import OrderedDict
from dataclasses import dataclass

from neuropil_gui.core.metrics import Number
from neuropil_gui.core.separation import Separation
from neuropil_gui.core.settings import SeparationSettings

MAX_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class Result:
    """A separation with the numbers beside its plots."""

    separation: Separation
    numbers: tuple[Number, ...]

    @property
    def nbytes(self) -> int:
        """The memory that its traces take."""
        return self.separation.separated.nbytes + self.separation.matched.nbytes


class Results:
    """Keeps the results used last; the newest of all stays, whatever its size."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[int, SeparationSettings], Result] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        """The memory that all of them take."""
        return sum(result.nbytes for result in self._kept.values())

    def store(self, index: int, result: Result) -> None:
        """Keep the result of the cell at `index`; the least recently used make room."""
        key = (index, result.separation.settings)
        self._kept[key] = result
        self._kept.move_to_end(key)
        while self.nbytes > self._max_bytes and len(self._kept) > 1:
            self._kept.popitem(last=False)

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of exactly these settings, if it is at hand."""
        key = (index, settings)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def newest(self, index: int) -> Result | None:
        """Return the cell's result that was stored or used last."""
        return next((result for (cell, _), result in reversed(self._kept.items()) if cell == index), None)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
