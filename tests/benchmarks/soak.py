"""What the window is like after hours: memory, threads and files over many runs and changes, and closing in the middle.

    python tests/benchmarks/soak.py [--runs 500] [--changes 1000] [--closings 100] [--json OUT]

runs: one separation after the other; the slope of the resident memory over the second half, threads and files.
changes: settings, cells, cancel and live at random, 5 ms apart (tests/end_to_end/test_soak.py), after as many before
that do not count, because the first ones fill caches and wake arenas.
closings: programs of their own, closed at a random moment of a load, a separation, a batch or an export.

Exits with 1 where a limit is not kept.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "end_to_end"))

import numpy as np
import pyqtgraph
import test_soak as soak

from neuropil_gui import SeparationSettings

SLOPE = 2000
"""Bytes that a run may leave."""

GROWTH = 5 * 2**20
"""Bytes that a storm of changes may leave."""

CLOSING = 2.0
"""Seconds from the close to the end of the program."""

# The program itself, with a window that once it has a recording does what it is asked to, and closes at the given
# moment after that began.
PROGRAM = """
import sys, time
from pathlib import Path
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QPushButton
import neuropil_gui.window.main_window
from neuropil_gui import SeparationSettings
from neuropil_gui.__main__ import main
path, what, delay = sys.argv[1], sys.argv[2], int(sys.argv[3])
class MainWindow(neuropil_gui.window.main_window.MainWindow):
    def __init__(self, *arguments, **names):
        super().__init__(*arguments, **names)
        self.session.set_live(what == "load")
        self.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
        if what == "load":
            self.loader.started.connect(self.end_soon)
        else:
            self.session.cell_changed.connect(self.begin)
    def begin(self):
        if self.session.cell is None:
            return
        self.session.cell_changed.disconnect(self.begin)
        QTimer.singleShot(delay, self.end)
        if what == "separation":
            self.controller.run()
        elif what == "batch":
            self.controller.separate_all()
        else:
            self.controller.export_all(Path(path).with_name("out.npz"))
    def end_soon(self, path):
        # `started` is emitted for the first look at a file, and again for reading it.
        self.loader.started.disconnect(self.end_soon)
        QTimer.singleShot(delay, self.end)
    def end(self):
        self.asked = int(self.controller.working), time.time()
        self.close()
        # While a file is written the window asks whether to wait.
        button = self.findChild(QPushButton, "stop_writing")
        if button is not None:
            button.click()
    def closeEvent(self, event):
        super().closeEvent(event)
        if event.isAccepted():
            print(self.asked[0], int(self.threads_ended), f"{self.asked[1]:.3f}", flush=True)
neuropil_gui.window.main_window.MainWindow = MainWindow
sys.exit(main([path]))
"""


def runs(folder, count):
    """Separate the same cells again and again with settings that come back."""
    window = soak.open_window(soak.write_recording(Path(folder) / "runs.npy", frames=3000))
    session = window.session
    session.set_live(False)
    memory, threads, files, seconds = [], [], [], []
    for turn in range(count):
        session.set_settings(SeparationSettings(alpha=0.1 + 0.05 * (turn % 10), method=("nmf", "ica")[turn % 7 == 6]))
        if turn % 5 == 0:
            session.select(turn // 5 % len(session.recording.cells))
            soak.wait_for(lambda: session.cell is not None)
        began = time.perf_counter()
        window.controller.run()
        soak.wait_for(lambda: session.up_to_date and soak.settled(window))
        seconds.append(time.perf_counter() - began)
        memory.append(soak.memory())
        threads.append(soak.threads())
        files.append(soak.files())
    window.close()
    ended = window.threads_ended
    window.deleteLater()
    half = count // 2
    slope = float(np.polyfit(range(count - half), memory[half:], 1)[0])
    return {
        "runs": count,
        "memory_slope_bytes_a_run": slope,
        "memory_growth_of_second_half_bytes": memory[-1] - memory[half],
        "memory_mb": [memory[0] / 2**20, memory[half] / 2**20, memory[-1] / 2**20],
        "threads": [min(threads[1:]), max(threads[1:])],
        "files": [min(files[1:]), max(files[1:])],
        "seconds_a_run": float(np.median(seconds)),
        "kept": bool(slope <= SLOPE and len(set(threads[1:])) == len(set(files[1:])) == 1 and ended),
    }


def changes(folder, count):
    """Let a storm pass, and another one of the same length whose memory counts."""
    window = soak.open_window(soak.write_recording(Path(folder) / "changes.npy"))
    soak.storm_over(window, count, seed=1)
    before, began = soak.memory(), time.perf_counter()
    kinds = soak.storm_over(window, count, seed=2)
    seconds, growth = time.perf_counter() - began, soak.memory() - before
    window.close()
    ended = window.threads_ended
    window.deleteLater()
    return {
        "changes": count,
        "kinds": kinds,
        "memory_growth_bytes": growth,
        "milliseconds_a_change": 1000 * seconds / count,
        "most_in_flight": 1,  # storm_over raises where there were more
        "kept": growth <= GROWTH and ended,
    }


def closings(folder, count):
    """Close at random moments; a quarter of the times each in a load, a separation, a batch and an export."""
    path = soak.write_recording(Path(folder) / "closings.npy", cells=4, frames=54_000)
    homes = {f"XDG_{name}_HOME": folder for name in ("CONFIG", "DATA", "CACHE")}
    rng, rows = random.Random(0), []
    for turn in range(count):
        what = ("load", "separation", "batch", "export")[turn % 4]
        words = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, str(path), what, str(rng.randrange(300))]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, **homes})
        gone = time.time()
        busy, ended, closing = done.stdout.split() or ("0", "0", "nan")
        seconds = gone - float(closing)
        clean = done.returncode == 0 and "QThread" not in done.stderr and "Traceback" not in done.stderr
        rows.append((what, clean, busy == "1", seconds, ended == "1"))
        if not clean:
            print(what, words[-1], "exit code", done.returncode, done.stderr, file=sys.stderr)
    left = sorted(each.name for each in Path(folder).iterdir() if each.is_file() and each.suffix != ".npy")
    return {
        "closings": count,
        "clean": sum(row[1] for row in rows),
        # A thread that does not heed in 1.5 s is left behind: the program then ends without waiting for it.
        "threads_left_behind": sum(not row[4] for row in rows),
        "in_the_middle": sum(row[2] for row in rows),
        "seconds_median": float(np.median([row[3] for row in rows])),
        "seconds_max": max(row[3] for row in rows),
        "slowest": max(rows, key=lambda row: row[3])[0],
        "files_left": left,
        "kept": all(row[1] and row[3] <= CLOSING for row in rows),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--closings", type=int, default=100)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    application = pyqtgraph.mkQApp("soak")
    about, report = measuring.machine(), {}
    with tempfile.TemporaryDirectory() as folder:
        for measure, count in ((runs, options.runs), (changes, options.changes), (closings, options.closings)):
            if count:
                report[measure.__name__] = measure(folder, count)
    del application
    print(measuring.in_words(about))
    for name, row in report.items():
        for key, value in row.items():
            text = f"{value:.4g}" if isinstance(value, float) else value
            print(f"{name:<10} {key:<36} {text}")
    if options.json:
        options.json.write_text(json.dumps({"machine": about, **report}, indent=1))
    kept = all(row["kept"] for row in report.values())
    print("all limits kept" if kept else "NOT ALL LIMITS KEPT")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
