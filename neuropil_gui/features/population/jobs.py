"""Jobs of the Population tool: separation of all cells at many values, their numbers, correlations and tests."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.analysis.before_after import SIDES, CellSides, before_and_after, side_traces
from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.correlations import Correlations, Matrix, correlations
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.population import population_tiles
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.engine.spike_in_all import spike_in_each
from neuropil_gui.engine.workers import Workers
from neuropil_gui.formats.cell_places import read_places
from neuropil_gui.formats.paths import counted

if TYPE_CHECKING:
    from neuropil_gui.engine.exporting import Chosen
    from neuropil_gui.engine.population import Left

BATCH_SECONDS = 0.25
"""Shortest time between two reports: with thousands of cells, drawing takes tens of milliseconds."""

TESTED_SECONDS = 1.0
"""As `BATCH_SECONDS`, of tests: the table of all cells is filled anew each time."""

MOST_BYTES = 2 * 2**30
"""Traces that are correlated at most."""


def sweep_cells(recording: Recording, plan: SweepPlan, left: "Left", workers: Workers) -> Work:
    """Separate the cells that are left at each value of a plan.

    Reports lists of `Tile`; answers with the list of those that were not reported.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[Tile]:
        load_solvers()
        batch: list[Tile] = []
        last = 0.0
        with workers.in_use(should_stop):
            for tile in population_tiles(recording, plan, left, workers, should_stop):
                batch.append(tile)
                now = time.monotonic()
                if now - last >= BATCH_SECONDS:
                    report(batch)
                    batch, last = [], now
        return batch

    return quietly(work)


def measure_cells(chosen: "Chosen", frame_rate: float | None) -> Work:
    """Measure the results of cells before and after.

    Reports lists of `CellSides`; answers with the list of those that were not reported. Ends in a `DataError` once all
    others are reported where the result or the signals of a cell cannot be read.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[CellSides]:
        batch: list[CellSides] = []
        missing: list[str] = []
        last = 0.0
        for index, separation in chosen.results(missing, lambda _: None, should_stop):
            try:
                batch.append(before_and_after(index, chosen.recording.cells[index], separation, frame_rate))
            except DataError as error:
                missing.append(f"cell {index + 1}: {error}")
            now = time.monotonic()
            if now - last >= BATCH_SECONDS:
                report(batch)
                batch, last = [], now
        if missing:
            report(batch)
            raise DataError(f"{counted(len(missing), 'result')} cannot be measured: {missing[0]}")
        return batch

    return quietly(work)


def correlate(chosen: "Chosen") -> Work:
    """Correlate all pairs of cells before and after; answers with `Correlations`. Reports (cells read, of how many).

    Of cells of different lengths those of the most frequent one are taken.
    """

    def work(report: Report, should_stop: ShouldStop) -> Correlations:
        headers = chosen.recording.cells.headers
        lengths = [headers[index].frames for index in chosen.indices]
        frames = max(set(lengths), key=lengths.count) if lengths else 0
        indices = [index for index in chosen.indices if headers[index].frames == frames]
        needed = len(SIDES) * len(indices) * frames * 4
        if needed > MOST_BYTES:
            raise DataError(
                f"The traces of {len(indices):,} cells of {frames:,} frames take {needed / 2**30:.0f} GB, and at most "
                f"{MOST_BYTES / 2**30:.0f} GB are correlated here."
            )
        traces: dict[str, Matrix] = {side: np.full((len(indices), frames), np.nan, np.float32) for side in SIDES}
        found: list[int] = []
        for index, separation in replace(chosen, indices=indices).results([], report, should_stop):
            for side, trace in side_traces(chosen.recording.cells[index], separation).items():
                traces[side][len(found)] = trace
            found.append(index)
        made = correlations({side: each[: len(found)] for side, each in traces.items()}, found, should_stop)
        try:
            places = read_places(chosen.recording)
        except DataError:  # most sources do not say where their cells lie
            return made
        return made.with_places(places.middles, places.planes)

    return quietly(work)


def add_transients(chosen: "Chosen", test: SpikeInTest, workers: Workers) -> Work:
    """Test cells with added transients.

    Reports dicts of `CellSpikeIn` by index; answers with the dict of those that were not reported.
    """

    def work(report: Report, should_stop: ShouldStop) -> dict[int, CellSpikeIn]:
        load_solvers()
        batch: dict[int, CellSpikeIn] = {}
        last = time.monotonic()
        with workers.in_use(should_stop):
            for index, found in spike_in_each(
                chosen.recording, test, chosen.settings.of, chosen.indices, workers, should_stop=should_stop,
                reference_of=chosen.found,
            ):  # fmt: skip
                batch[index] = found
                now = time.monotonic()
                if now - last >= TESTED_SECONDS:
                    report(batch)
                    batch, last = {}, now
        return batch

    return quietly(work)
