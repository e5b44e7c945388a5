"""Jobs of the Sweep tool: separation of the tiles, reported in batches, and prediction of held-out blocks."""

import time
from collections.abc import Sequence

from neuropil_gui.core.analysis.bi_cross_validation import bi_cross_validation, held_out_values
from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
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


def hold_out(cell: Cell, settings: SeparationSettings, names: Sequence[str]) -> Work:
    """Predict held-out blocks of a cell over some settings; reports a `HeldOut` after each value, and answers None."""

    def work(report: Report, should_stop: ShouldStop) -> None:
        load_solvers()
        for name in names:
            values = {name: held_out_values(name, len(cell.traces))}
            bi_cross_validation(cell, settings, **values, value_done=report, should_stop=should_stop)

    return work
