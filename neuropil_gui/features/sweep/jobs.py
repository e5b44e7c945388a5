"""A sweep as a job: its tiles are told in bunches."""

import time
from collections.abc import Sequence

from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, ShouldStop, Work

BUNCH_SECONDS = 0.12
"""Between two bunches, at least; more often, more time would go into drawing than into separating."""


def sweep(cell: Cell, plan: SweepPlan, left: Sequence[tuple[int, int]], drafts: Sequence[tuple[int, int]] = ()) -> Work:
    """Separate `cell` at the places `left` of a plan, and before that make drafts of some of them.

    Reports lists of `Tile`; answers with the list of those that were not reported.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[Tile]:
        load_solvers()
        bunch: list[Tile] = []
        last = 0.0

        def tile_done(tile: Tile) -> None:
            nonlocal bunch, last
            bunch.append(tile)
            now = time.monotonic()
            if now - last >= BUNCH_SECONDS:
                report(bunch)
                bunch, last = [], now

        if drafts:
            run_sweep(cell, plan, tile_done, should_stop, tiles=drafts, draft=True)
        run_sweep(cell, plan, tile_done, should_stop, tiles=left)
        return bunch

    return work
