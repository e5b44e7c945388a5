"""Job of the Population tool: separation of all cells at many values of a setting, reported in batches."""

import time
from typing import TYPE_CHECKING

from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.population import population_tiles
from neuropil_gui.engine.processes import NICENESS, Processes
from neuropil_gui.engine.runner import Report, ShouldStop, Work

if TYPE_CHECKING:
    from neuropil_gui.engine.population import Left

BATCH_SECONDS = 0.25
"""Shortest time between two reports: with thousands of cells, drawing takes tens of milliseconds."""


def sweep_cells(recording: Recording, plan: SweepPlan, left: "Left", jobs: int) -> Work:
    """Separate the cells that are left at each value of a plan, `jobs` at a time.

    Reports lists of `Tile`; answers with the list of those that were not reported.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[Tile]:
        load_solvers()
        processes = Processes(jobs, NICENESS)
        batch: list[Tile] = []
        last = 0.0
        try:
            for tile in population_tiles(recording, plan, left, processes, should_stop):
                batch.append(tile)
                now = time.monotonic()
                if now - last >= BATCH_SECONDS:
                    report(batch)
                    batch, last = [], now
        finally:
            processes.shutdown()
        return batch

    return quietly(work)
