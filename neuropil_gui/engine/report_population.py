"""Figures of a report on all cells: before and after, correlations, spike-in tests, and one setting for all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.analysis.before_after import SIDES, CellSides, before_and_after, side_traces
from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.correlations import Matrix, correlations
from neuropil_gui.core.analysis.population import PopulationSweep
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.cell_places import Places

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

MOST_BYTES = 512 * 2**20
"""Traces that are kept to be correlated; of longer recordings there is no such figure."""


class ReportPopulation:
    """Takes one cell after the other, and draws all.

    Parameters
    ----------
    frame_rate : float or None
        In Hz.
    sweeps : sequence of PopulationSweep
        Of all cells, complete.
    places : Places, optional
        Where all cells lie.
    """

    def __init__(
        self, frame_rate: float | None, sweeps: Sequence[PopulationSweep] = (), places: Places | None = None
    ) -> None:
        self._places = places
        self._frame_rate, self._sweeps = frame_rate, sweeps
        self._settings: set[SeparationSettings] = set()
        self._cells: list[CellSides] = []
        self._traces: dict[str, list[Matrix]] = {side: [] for side in SIDES}
        self._bytes = 0

    def add(self, index: int, cell: Cell, separation: Separation) -> None:
        """Take a cell and its result, if there is anything to compare."""
        if cell.absent or len(cell.traces) < 2 or separation.frames_per_value > 1:
            return
        self._settings.add(separation.settings)
        self._cells.append(before_and_after(index, cell, separation, self._frame_rate))
        self._bytes += len(SIDES) * 4 * cell.traces.shape[1]
        if self._bytes <= MOST_BYTES:
            for side, trace in side_traces(cell, separation).items():
                self._traces[side].append(trace.astype(np.float32))

    def figures(self, tests: Mapping[int, CellSpikeIn]) -> "Iterator[tuple[str, ResultFigure]]":
        """Yield the title and the figure of each section for which there is enough; `tests` are those of cells."""
        from neuropil_gui.figures.before_after import plot_before_after, plot_correlations
        from neuropil_gui.figures.population import plot_population_sweep
        from neuropil_gui.figures.spike_in_cells import plot_spike_in_cells

        common = next(iter(self._settings)) if len(self._settings) == 1 else None  # cells may have their own
        if len(self._cells) > 1:
            yield "Before and after", plot_before_after(self._cells, settings=common)
        lengths = {len(trace) for trace in self._traces["raw"]}
        if len(self._cells) > 2 and len(lengths) == 1 and self._bytes <= MOST_BYTES:
            indices = [each.index for each in self._cells]
            found = correlations({side: np.array(each) for side, each in self._traces.items()}, indices)
            if self._places is not None:
                found = found.with_places(self._places.middles, self._places.planes)
            yield "Correlations between cells", plot_correlations(found, settings=common)
        if sum(not each.failed for each in tests.values()) > 1:
            yield "Spike-in test", plot_spike_in_cells(tests)
        for sweep in self._sweeps:
            if not sweep.refused.all():
                yield f"One {sweep.plan.x.name} for all", plot_population_sweep(sweep, settings=common)
