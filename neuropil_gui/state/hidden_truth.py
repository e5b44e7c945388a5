"""Hidden truth: recordings and results without what is known of them because they are simulated."""

from collections.abc import Mapping
from dataclasses import replace

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.recording import Cell, Cells, CellsInMemory, Recording


class CellsWithoutTruth(Cells):
    """Cells that are read without their truth.

    Parameters
    ----------
    cells : Cells
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self.headers, self.absent = cells.headers, cells.absent

    def load(self, index: int) -> Cell:
        """Read the cell at `index`."""
        return replace(self._cells.load(index), truth=None)


def without_truth(recording: Recording) -> Recording:
    """Return a recording whose cells have no truth; those in memory stay there."""
    cells = recording.cells
    if isinstance(cells, CellsInMemory):
        return replace(recording, cells=CellsInMemory([replace(cell, truth=None) for cell in cells]))
    return replace(recording, cells=CellsWithoutTruth(cells))


def without_true_numbers(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return numbers but for those that need the truth."""
    return {key: value for key, value in numbers.items() if NUMBERS[key].needs != "truth"}
