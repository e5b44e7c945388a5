"""How much sooner many cells are separated in processes than one after another.

    python tests/benchmarks/many.py [--quick] [--jobs N] [--json OUT]

Efficiency is the time of one cell after another, divided by that with the processes, and by their number; the processes
have been started and have separated a cell before. Must: at least 0.85 at 200 cells of 5 x 864, and 0.9 at 100 of 5 x
6,000, on as many cores as there are processes. Both times have the wait for a processor in them, so the figures are
those of an idle machine only.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np

from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.separate_all import separate_all

CASES = {(200, 864): 0.85, (100, 6000): 0.9, (20, 54_000): 0.9}
"""Least efficiency by cells and frames."""


def measure(recording, settings, processes):
    """Return seconds one after another, and in the processes; the results must be the same."""
    began = time.perf_counter()
    alone = [separate_cell(cell, settings) for cell in recording.cells]
    one = time.perf_counter() - began
    began = time.perf_counter()
    together = dict(separate_all(recording, settings, executor=processes))
    many = time.perf_counter() - began
    for index, separation in enumerate(alone):
        np.testing.assert_array_equal(together[index].matched, separation.matched)
    return one, many


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="short cells only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="number of processes")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    about = measuring.machine()
    print(measuring.in_words(about))
    print(f"{'cells':>14}  solver       one by one    {options.jobs} processes  efficiency  must  kept")
    rows = []
    with Processes(options.jobs) as processes:
        for (cells, frames), must in list(CASES.items())[: 1 if options.quick else None]:
            recording = simulate(Simulation(cells=cells, frames=frames, trials=1, seed=7))
            for solver in ("accelerated", "fissa"):
                if solver == "fissa" and frames > 10_000:
                    continue  # minutes
                settings = SeparationSettings(solver=solver)
                warm = simulate(Simulation(cells=4 * options.jobs, frames=864, seed=8))
                processes.submit(abs, 1).result()
                list(separate_all(warm, settings, executor=processes))
                separate_cell(warm.cells[0], settings)
                one, many = measure(recording, settings, processes)
                efficiency = one / many / options.jobs
                kept = efficiency >= must
                rows.append(
                    {"cells": cells, "frames": frames, "solver": solver, "one": one, "many": many, "kept": kept}
                )
                print(
                    f"{cells:>5} x 5 x {frames:<6} {solver:<12}{one:>9.2f} s {many:>11.2f} s "
                    f"{efficiency:>11.2f} {must:>5}  {'yes' if kept else 'NO'}",
                    flush=True,
                )
    if options.json is not None:
        options.json.write_text(json.dumps({"machine": about, "rows": rows}, indent=1))
    return 0 if all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
