"""How much sooner many cells are separated in processes than one after another.

    python tests/benchmarks/many.py [--quick] [--jobs N] [--fissa] [--dask] [--json OUT]

Efficiency is the time of one cell after another, divided by that with the processes, and by their number; the processes
have been started and have separated a cell before. Must: at least 0.85 at 200 cells of 5 x 864, and 0.9 at 100 of 5 x
6,000, on as many cores as there are processes. Both times have the wait for a processor in them, so the figures are
those of an idle machine only.

With --fissa, FISSA 1.0.0 separates the same cells by joblib on all cores, in the environment of against_fissa.py. Must,
beside our processes: 12 times as long as the accelerated solver takes and 3 times as long as FISSA's own at 200 cells
of 5 x 864, and 60 times at 20 of 5 x 54,000, which takes minutes. With --dask (extra `cluster`), a LocalCluster of as
many workers of one thread does. Must: an efficiency of 0.8 at 100 cells of 5 x 6,000.
"""

import argparse
import json
import os
import sys
import tempfile
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


FISSA_CASES = {(200, 864): {"accelerated": 12, "fissa": 3}, (20, 54_000): {"accelerated": 60}}
"""How many times as long FISSA must take, by cells and frames, and by our solver."""

DASK_CASE, DASK_MUST = (100, 6000), 0.8


def warm_up(executor, settings, workers):
    """Have each worker import what it needs."""
    warm = simulate(Simulation(cells=8 * workers, frames=864, seed=8))
    list(separate_all(warm, settings, executor=executor, workers=workers))
    separate_cell(warm.cells[0], settings)


def measure_fissa(processes, quick):
    """Print and return how long FISSA takes by joblib, and we by our processes."""
    import against_fissa

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        fissa = against_fissa.Fissa(against_fissa.ENVIRONMENT, Path(folder))
        print(f"\n{'cells':>14}  solver        FISSA, joblib        ours  ratio  must  kept")
        for (cells, frames), musts in list(FISSA_CASES.items())[: 1 if quick else None]:
            recording = simulate(Simulation(cells=cells, frames=frames, trials=1, seed=7))
            np.save(Path(folder) / "cells.npy", np.stack([cell.traces for cell in recording.cells]))
            theirs = fissa.ask(cells=Path(folder) / "cells.npy", settings={"max_tries": 1})["seconds"]
            for solver, must in musts.items():
                settings = SeparationSettings(solver=solver, max_tries=1)
                warm_up(processes, settings, processes.jobs)
                began = time.perf_counter()
                list(separate_all(recording, settings, executor=processes))
                ours = time.perf_counter() - began
                row = {"cells": cells, "frames": frames, "solver": solver, "fissa": theirs, "ours": ours}
                rows.append(row | {"kept": theirs / ours >= must})
                print(
                    f"{cells:>5} x 5 x {frames:<6} {solver:<12}{theirs:>13.1f} s {ours:>9.2f} s {theirs / ours:>6.1f} "
                    f"{must:>5}  {'yes' if rows[-1]['kept'] else 'NO'}",
                    flush=True,
                )
        fissa.close()
    return rows


def measure_dask(jobs):
    """Print and return the efficiency of the workers of a scheduler."""
    from distributed import LocalCluster

    from neuropil_gui.engine.cluster import Cluster

    rows, (cells, frames) = [], DASK_CASE
    recording = simulate(Simulation(cells=cells, frames=frames, trials=1, seed=7))
    print(f"\n{'cells':>14}  solver       one by one  {jobs} Dask workers  efficiency  must  kept")
    with (
        LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None) as local,
        Cluster(local.scheduler_address).connect() as cluster,
    ):
        for solver in ("accelerated", "fissa"):
            settings = SeparationSettings(solver=solver)
            warm_up(cluster, settings, jobs)
            one, many = measure(recording, settings, cluster)
            efficiency = one / many / jobs
            row = {"cells": cells, "frames": frames, "solver": solver, "one": one, "many": many}
            rows.append(row | {"kept": efficiency >= DASK_MUST})
            print(
                f"{cells:>5} x 5 x {frames:<6} {solver:<12}{one:>9.2f} s {many:>11.2f} s {efficiency:>11.2f} "
                f"{DASK_MUST:>5}  {'yes' if rows[-1]['kept'] else 'NO'}",
                flush=True,
            )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="short cells only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="number of processes")
    parser.add_argument("--fissa", action="store_true", help="beside FISSA 1.0.0, too")
    parser.add_argument("--dask", action="store_true", help="by the workers of a Dask scheduler, too")
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
                processes.submit(abs, 1).result()
                warm_up(processes, settings, options.jobs)
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
        rows += measure_fissa(processes, options.quick) if options.fissa else []
    rows += measure_dask(options.jobs) if options.dask else []
    if options.json is not None:
        options.json.write_text(json.dumps({"machine": about, "rows": rows}, indent=1))
    return 0 if all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
