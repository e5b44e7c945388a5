"""Whether many long cells stay within memory, and what kills of the program and of its workers cost.

    python tests/benchmarks/many_on_disk.py [--cells 200] [--frames 50000] [--kills 20] [--jobs 2] [--json OUT]

The command separates cells that are read from the disk one by one into a project. Measured is the peak memory of the
program and of each worker (VmHWM, Linux). Must: 300 MB, and 250 MB a worker. Then the program is killed at random
moments of a shorter run: must lose at most the cells that were under way, two tasks a worker, and --resume must do what
is left. Last, workers are killed at random moments: must lose nothing.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np

from neuropil_gui.core.recording import Cell, CellHeader, Cells, Recording
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.registry import write_recording

SIGNALS = 5
PROGRAM_MB, WORKER_MB = 300, 250
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
SHORT = (60, 3000)
"""Cells and frames of the runs that are killed."""

TELLING = """
import sys
from neuropil_gui.__main__ import main
from neuropil_gui.engine import project_output

class Telling(project_output.ProjectOutput):
    def put(self, *result):
        super().put(*result)
        print("came", flush=True)

project_output.ProjectOutput = Telling
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


class Drawn(Cells):
    """Cells drawn as they are written, so that they are not in memory together."""

    def __init__(self, cells, frames):
        self._frames = frames
        self.headers = tuple(CellHeader(f"cell {k}", SIGNALS, frames, 1) for k in range(cells))

    def load(self, index):
        rng = np.random.default_rng(index)
        sources = rng.gamma(0.3, 1.0, (SIGNALS, self._frames))
        mixing = rng.gamma(1.0, 1.0, (SIGNALS, SIGNALS)) + 2 * np.eye(SIGNALS)
        return Cell.from_traces(mixing @ sources + 20, name=f"cell {index}")


def write_cells(path, cells, frames):
    write_recording(path, Recording("drawn", None, 10.0, Drawn(cells, frames)), compress=False)


def workers_of(pid):
    """Return the processes that a program has spawned for its cells."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and b"spawn_main" in each.with_name("cmdline").read_bytes():
            found.append(int(each.parent.name))
    return found


def peak(pid):
    """Return the peak memory of a process in MB; 0 for one that has ended."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0


def command(source, output, jobs):
    words = ["separate", str(source), "-o", str(output), "--resume", "--jobs", str(jobs), "--solver", "accelerated"]
    return [sys.executable, "-c", TELLING, *words]


def measure_memory(source, output, jobs):
    """Return the peaks of the program and of its largest worker in MB, and how long it took."""
    began, program, workers = time.perf_counter(), 0.0, {}
    with subprocess.Popen(command(source, output, jobs), **QUIET) as running:
        while running.poll() is None:
            program = max(program, peak(running.pid))
            for pid in workers_of(running.pid):
                workers[pid] = max(workers.get(pid, 0.0), peak(pid))
            time.sleep(0.05)
    assert running.returncode == 0
    return program, max(workers.values(), default=0.0), time.perf_counter() - began


def results(path):
    """Return the results of a project by their key."""
    if not path.is_file():
        return {}
    with closing(Database(path, check=False)) as database:
        return dict(database.sizes("result"))


def kill_program(source, output, jobs, seconds):
    """Kill the program some seconds after its first result; return how many results had come, and how many are kept."""
    with subprocess.Popen(
        command(source, output, jobs), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        came = running.stdout.readline().strip() == "came"
        time.sleep(seconds)
        running.kill()
        came += running.stdout.read().count("came")
    return came, len(results(output))


def kill_worker(source, output, jobs, seconds):
    """Kill a worker some seconds after the first result; return whether the program ended well."""
    with subprocess.Popen(
        command(source, output, jobs), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        running.stdout.readline()
        time.sleep(seconds)
        workers = workers_of(running.pid)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(random.choice(workers), signal.SIGKILL)
        running.stdout.read()
    return running.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    about, kept = measuring.machine(), True
    print(measuring.in_words(about))
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "cells.npz", Path(folder) / "out.npgui"
        write_cells(source, options.cells, options.frames)
        program, worker, seconds = measure_memory(source, output, options.jobs)
        kept &= program <= PROGRAM_MB and worker <= WORKER_MB
        print(
            f"{options.cells} cells of {SIGNALS} x {options.frames:,} ({source.stat().st_size / 1e6:,.0f} MB) in "
            f"{seconds:.0f} s: program {program:.0f} MB (must {PROGRAM_MB}), largest worker {worker:.0f} MB (must "
            f"{WORKER_MB})",
            flush=True,
        )
        cells, frames = SHORT
        write_cells(source, cells, frames)
        lost, ends, rng = [], [], random.Random(0)
        for _ in range(options.kills):
            output.unlink(missing_ok=True)
            came, saved = kill_program(source, output, options.jobs, rng.uniform(0, 1.0))
            lost.append(came - saved)
            subprocess.run(command(source, output, options.jobs), check=True, **QUIET)
            ends.append(len(results(output)))
        whole = ends.count(cells)
        within = sum(each <= 2 * options.jobs for each in lost)
        kept &= whole == within == options.kills
        print(
            f"program killed: {within} of {options.kills} lost no more than was under way (at most "
            f"{max(lost, default=0)} cells that had come), {whole} were whole after --resume",
            flush=True,
        )
        well = 0
        for _ in range(options.kills):
            output.unlink(missing_ok=True)
            ended = kill_worker(source, output, options.jobs, rng.uniform(0, 1.0))
            well += ended and len(results(output)) == cells
        kept &= well == options.kills
        print(f"worker killed: {well} of {options.kills} have all {cells} results")
    if options.json is not None:
        row = {"program": program, "worker": worker, "lost": lost, "whole": whole, "well": well}
        options.json.write_text(json.dumps({"machine": about, **row}, indent=1))
    return not kept


if __name__ == "__main__":
    sys.exit(main())
