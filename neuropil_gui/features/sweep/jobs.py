"""Job of the Sweep tool: separation of the tiles, which are reported in batches."""

import time
from collections.abc import Sequence

from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, ShouldStop, Work

BATCH_SECONDS = 0.12
"""Shortest time between two reports: more often, drawing would take longer than separating."""


def sweep(cell: Cell, plan: SweepPlan, left: Sequence[tuple[int, int]], drafts: Sequence[tuple[int, int]] = ()) -> Work:
    """Separate `cell` at the places `left` of a plan, after drafts of the places `drafts`.

    Reports lists of `Tile`; answers with the list of those that were not reported.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[Tile]:
        load_solvers()
        batch: list[Tile] = []
        last = 0.0

        def tile_done(tile: Tile) -> None:
            nonlocal batch, last
            batch.append(tile)
            now = time.monotonic()
            if now - last >= BATCH_SECONDS:
                report(batch)
                batch, last = [], now

        if drafts:
            run_sweep(cell, plan, tile_done, should_stop, tiles=drafts, draft=True)
        run_sweep(cell, plan, tile_done, should_stop, tiles=left)
        return batch

    return work
