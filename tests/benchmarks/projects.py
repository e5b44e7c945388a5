"""How fast a large project is opened and saved, and whether the window answers meanwhile.

    python tests/benchmarks/projects.py [--cells 1000] [--frames 10000] [--json OUT]

A project of `--cells` cells of 5 signals, with a result of each, is made first. Measured: from opening it in a window
to its first cell drawn, with the result, and the memory that takes beyond the recording's and the window's (Must: 1 s
and 150 MB); the save of one result of 5 x 54,000 in the writer's thread (Must: 100 ms); the longest gap in the event
loop, net of the wait for a processor, while results are saved one after another (Must: 50 ms).
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np
import pyqtgraph
from PyQt5.QtCore import QEventLoop, QTimer

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.kept_state import record_facts, session_facts
from neuropil_gui.formats import registry
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import fingerprint, pack, pack_separation
from neuropil_gui.formats.project.recording import origin_facts, pack_cell, pack_headers
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import result_key
from neuropil_gui.window.main_window import MainWindow

SIGNALS, LONG = 5, 54_000
SETTINGS = SeparationSettings(solver="accelerated")
OPEN_SECONDS, OPEN_MB, SAVE_MILLISECONDS, GAP_MILLISECONDS = 1.0, 150.0, 100.0, 50.0
MB = 1e6


def memory():
    """Return the bytes of this process in memory (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > until else None)
    timer.start(1)
    loop.exec_()
    assert condition(), "it took too long"


def make(folder, cells, frames):
    """Write a recording and a project with a result of each cell; return the project's path."""
    rng = np.random.default_rng(1)
    traces = rng.gamma(2.0, 1.0, (cells, SIGNALS, frames)).astype(np.float32) + 1
    source, path = folder / "cells.npy", folder / "work.npgui"
    np.save(source, traces)
    recording = registry.read(source)
    session = Session()
    session.set_recording(recording)
    session.set_settings(SETTINGS)
    facts = session_facts(session) | origin_facts(recording, Options(), path) | {"view": {}}
    cell = recording.cells[0]
    made = separate_cell(cell, SETTINGS)
    numbers = {"alive": 5.0, "n": 5.0, "r_neuropil": 0.1, "score": 0.5}

    def items():
        yield "state", "now", pack(facts)
        yield "recording", "cells", pack_headers(recording)
        for index in range(cells):
            digest = fingerprint(recording.cells[index]) if index < 3 else ""
            yield "outcome", f"{index:09}", pack(record_facts(Outcome.of(Result(made, numbers))))
            yield "result", result_key(index, SETTINGS), pack_separation(made, numbers, digest)
            yield "cell", f"{index:09}", pack_cell(recording.cells[index])

    with closing(Database(path, write=True)) as database:
        database.change(items())
    return path


def open_project(path):
    """Return the seconds from opening a project to its first result, the bytes that took, and the window."""
    window = MainWindow(projects=path.parent / "projects")
    window.resize(1400, 900)
    window.show()
    wait_for(lambda: window.controller.idle)
    wait_for(lambda: "sklearn.decomposition" in sys.modules)
    wait_for(lambda: not window.controller.working)
    before, begin = memory(), time.perf_counter()
    window.open_path(path)
    wait_for(lambda: window.session.result is not None and window.traces.separation is window.session.result)
    seconds, after = time.perf_counter() - begin, memory()
    return seconds, after - before, window


def save_one(folder):
    """Return the milliseconds in which the writer commits one result of 5 x `LONG`, of several."""
    rng = np.random.default_rng(2)
    cell = Cell.from_traces(rng.gamma(2.0, 1.0, (SIGNALS, LONG)) + 1)
    made, times = separate_cell(cell, SETTINGS), []
    writer = Writer(folder / "one.npgui")
    writer.put("state", "now", lambda: b"")
    assert writer.flush(10)
    for count in range(20):
        begin = time.perf_counter()
        writer.put("result", str(count), lambda: pack_separation(made, {}, fingerprint(cell)))
        assert writer.flush(10)
        times.append(1000 * (time.perf_counter() - begin))
    writer.close()
    return times


def gaps_while_saving(window):
    """Return the gaps in the event loop while a result comes each 20 ms, and is saved."""
    session = window.session
    made, numbers, last = session.result, session.numbers, min(300, len(session.recording.cells) - 1)
    beat = measuring.Heartbeat()
    for index in range(1, last):
        due = time.monotonic() + 0.02
        session.store_other(index, replace(made, seconds=float(index)), numbers)
        wait_for(lambda due=due: time.monotonic() >= due)
    row = beat.stop()
    assert window.keeper.flush(60)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    application = pyqtgraph.mkQApp("projects")
    print(measuring.in_words(measuring.machine()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = make(folder, options.cells, options.frames)
        print(f"project of {options.cells} cells: {path.stat().st_size / MB:.0f} MB")
        seconds, taken, window = open_project(path)
        gaps = gaps_while_saving(window)
        window.close()
        times = save_one(folder)
    del application
    save = statistics.median(times)
    print(f"first result {seconds:.2f} s after opening, {taken / MB:.0f} MB")
    print(f"save of 5 x {LONG:,}: median {save:.0f} ms, {min(times):.0f} to {max(times):.0f}")
    print(f"longest gap while results are saved: {gaps['max']:.0f} ms (as it was: {gaps['raw_max']:.0f})")
    figures = {"seconds": seconds, "bytes": taken, "save": times, "gaps": gaps}
    if options.json is not None:
        options.json.write_text(json.dumps(figures))
    limits = (seconds, OPEN_SECONDS), (taken / MB, OPEN_MB), (save, SAVE_MILLISECONDS), (gaps["max"], GAP_MILLISECONDS)
    return int(any(found > most for found, most in limits))


if __name__ == "__main__":
    sys.exit(main())
