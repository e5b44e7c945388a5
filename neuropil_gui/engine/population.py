"""Separation of all cells at each value of one setting, by workers. Without Qt."""

import os
from collections.abc import Callable, Iterator, Sequence

from neuropil_gui.core.analysis.population import BINS, POPULATION_NUMBERS
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.sweep import Tile, summary
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell, CellHeader, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.stepping import one_blas_thread
from neuropil_gui.engine.distribution import START_SECONDS
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.separate_all import separate_each
from neuropil_gui.engine.worker_task import Result
from neuropil_gui.engine.workers import Workers

Left = Sequence[tuple[int, Sequence[int]]]
"""Places on the axis of a plan, each with the indices of the cells that are to be separated there."""


def population_seconds(plan: SweepPlan, headers: Sequence[CellHeader], left: Left) -> float:
    """Return how long the separations that are left take, in one process and as expected.

    Parameters
    ----------
    plan : SweepPlan
    headers : sequence of CellHeader
        Of all cells.
    left : sequence of (int, sequence of int)
    """
    sizes = {index: (headers[index].signals, headers[index].frames) for _, cells in left for index in cells}
    total = 0.0
    for ix, cells in left:
        settings = plan.settings_at(ix)
        known = {size: expected_seconds(settings, *size) for size in set(sizes.values())}
        total += sum(known[sizes[index]] for index in cells)
    return total


def population_tiles(
    recording: Recording,
    plan: SweepPlan,
    left: Left,
    workers: Workers,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Tile]:
    """Separate cells at the values of a plan, one value after the other, and yield what is kept of each.

    Parameters
    ----------
    recording : Recording
    plan : SweepPlan
        Of one setting.
    left : sequence of (int, sequence of int)
    workers : Workers
    should_stop : callable, optional
        Polled every few milliseconds.

    Yields
    ------
    Tile
        ``ix`` is the place on the axis, ``iy`` the index of the cell.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    if isinstance(workers, Processes) and population_seconds(plan, recording.cells.headers, left) >= START_SECONDS:
        # One value alone may be too little to start processes for.
        workers.submit(os.getpid)
    for ix, cells in left:
        results = separate_each(recording, _same(plan.settings_at(ix)), cells, workers, should_stop=should_stop)
        for index, cell, result in results:
            yield _tile(plan.settings_at(ix), ix, index, cell, result)


def _same(settings: SeparationSettings) -> Callable[[int], SeparationSettings]:
    return lambda _: settings


def _tile(settings: SeparationSettings, ix: int, index: int, cell: Cell | None, result: Result) -> Tile:
    if cell is None or not isinstance(result, Separation):
        return Tile(ix, index, settings, str(result))
    with one_blas_thread():
        sample = Sample.of_separation(cell, result)
        return summary(sample, result, ix, index, width=BINS, keys=POPULATION_NUMBERS)
