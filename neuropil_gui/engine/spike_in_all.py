"""Spike-in test of many cells on an executor: processes of this machine, a cluster, or threads. Without Qt."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor

from neuropil_gui.core.analysis.cell_spike_in import (
    REPEATS,
    CellSpikeIn,
    CellTest,
    expected_test_seconds,
    spike_in_cell,
)
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.distribution import distribute
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.worker_task import spike_in_cells


def spike_in_all(
    recording: Recording,
    settings: SeparationSettings,
    test: SpikeInTest | None = None,
    *,
    cells: Iterable[int] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, CellSpikeIn]]:
    """Test many cells with added transients, and yield what comes back of them, gain and leak, as it comes.

    Parameters
    ----------
    recording : Recording
    settings : SeparationSettings
        NMF is done by the accelerated solver, whichever they name.
    test : SpikeInTest, optional
        The default one with `REPEATS` repeats where there is none.
    cells : iterable of int, optional
        Indices of the cells, from 0; all by default.
    executor : concurrent.futures.Executor, optional
        Where it is done, as of `separate_all`: by default processes of this machine.
    workers : int, optional
        Number of workers that the executor has; by default that of this machine's processors.
    should_stop : callable, optional
        Polled every few milliseconds.

    Yields
    ------
    index : int
    found : CellSpikeIn
        With the reason in ``failed`` where a cell cannot be tested.

    Raises
    ------
    DataError
        (a ValueError) When the executor has lost its workers.
    Cancelled
        When `should_stop` returned True.
    """
    indices = range(len(recording.cells)) if cells is None else cells
    used, asked = executor or Processes(workers or os.cpu_count() or 1), test or SpikeInTest(repeats=REPEATS)
    try:
        yield from spike_in_each(recording, asked, lambda _: settings, indices, used, workers, should_stop)
    finally:
        if executor is None:
            used.shutdown()


def spike_in_each(
    recording: Recording,
    test: SpikeInTest,
    settings_of: Callable[[int], SeparationSettings],
    cells: Iterable[int],
    executor: Executor,
    workers: int | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    reference_of: Callable[[int], Separation | None] = lambda _: None,
) -> Iterator[tuple[int, CellSpikeIn]]:
    """Do what `spike_in_all` does by settings of each cell, and of its result where there is one already."""
    indices, headers, rate = list(cells), recording.cells.headers, recording.frame_rate
    seconds = [
        expected_test_seconds(settings_of(each), test, headers[each].signals, headers[each].frames) for each in indices
    ]

    def asked_of(index: int) -> CellTest:
        return CellTest(settings_of(index), test, rate, reference_of(index))

    def here(index: int, cell: Cell) -> CellSpikeIn:
        return spike_in_cell(cell, asked_of(index), should_stop=should_stop)

    for index, _, found in distribute(
        recording, spike_in_cells, asked_of, indices, seconds, executor, workers, should_stop, here=here
    ):
        yield index, CellSpikeIn(test, rate, failed=str(found)) if isinstance(found, DataError) else found
