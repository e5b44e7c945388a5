"""How much memory a long recording takes: opened, shown and moved, and separated by each method.

    python tests/benchmarks/memory.py [--frames 10000000] [--separate 1000000] [--json OUT]

The window runs in a process of its own: it opens a file of 5 signals, shows it and moves it, first without Live, then
with it, when there is a draft to draw as well; the peak is that of the whole process (VmHWM, Linux). Must: 1.5 times
the signals' float64 size and 300 MB. Each method, and each
solver where there are several, separates 5 signals in a process of its own for a few iterations; its peak is printed
beyond what the process had before, in times of the signals' size.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

if "OPENBLAS_CORETYPE" in os.environ or "OPENBLAS_L2_SIZE" in os.environ:
    # Both slow a current numpy; a figure with them would be of another program.
    clean = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    os.execve(sys.executable, [sys.executable, *sys.argv], clean)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")

import numpy as np

from neuropil_gui.core.settings import PARAMETERS

SIGNALS = 5
ITERATIONS = 5
MB = 1e6

WINDOW = """
import sys
from pathlib import Path
import pyqtgraph
from PyQt5.QtCore import QEventLoop, QTimer
from neuropil_gui.window.main_window import MainWindow

def memory(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))

def wait(milliseconds):
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()

application = pyqtgraph.mkQApp("memory")
window = MainWindow()
live = sys.argv[2] == "live"
window.session.set_live(live)
window.resize(1400, 900)
window.show()
wait(4000)  # scikit-learn is imported behind the window
started = memory("VmRSS")
loop = QEventLoop()
window.session.cell_changed.connect(lambda: window.session.cell is not None and loop.quit())
window.open_path(Path(sys.argv[1]), ask=False)
loop.exec_()
while live and window.session.drawn is None:
    wait(100)
wait(2000)  # the miniatures come later
for part in (0.5, 0.1, 0.1, 0.1, 1000.0):
    window.traces.zoom(part)
    for step in (0.3, 0.3, -0.3):
        window.traces.pan(step)
        application.processEvents()
window.traces.fit_raw_view()
application.processEvents()
print(started, memory("VmRSS"), memory("VmHWM"))
window.close()
"""

SEPARATION = """
import json
import sys
from pathlib import Path
import numpy as np
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings

def memory(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))

settings = SeparationSettings(**json.loads(sys.argv[2]))
rng = np.random.default_rng(1)
mixing = rng.uniform(0.1, 0.6, (5, 5)) + np.eye(5)

def traces(frames):
    values = mixing @ rng.gamma(2.0, 1.0, (5, frames))
    values.flags.writeable = False
    return values

separate_cell(Cell.from_traces(traces(2000)), settings)  # imports scikit-learn
cell = Cell.from_traces(traces(int(sys.argv[1])))
Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
before = memory("VmRSS")
result = separate_cell(cell, settings)
print(memory("VmHWM") - before, result.separated.nbytes + result.matched.nbytes)
"""


def child(program, *arguments):
    """Run a program in a process of its own, and return the numbers that it prints."""
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [int(word) for word in done.stdout.split()]


def window(folder, frames):
    path = Path(folder) / "long.npy"
    rng = np.random.default_rng(1)
    values = np.lib.format.open_memmap(path, "w+", np.float64, (SIGNALS, frames))
    for row in values:
        for start in range(0, frames, 1_000_000):
            part = row[start : start + 1_000_000]
            part[:] = 100 + rng.gamma(2.0, 10.0, len(part))
    values.flush()
    size = values.nbytes
    del values
    rows = {}
    for live in ("without Live", "live"):
        started, after, peak = child(WINDOW, path, live)
        rows[live] = {"size": size, "started": started, "shown": after, "peak": peak, "must": 1.5 * size + 300 * MB}
    return rows


def choices():
    """Return the settings to separate by: each method, by each solver where there are some to choose from."""
    solvers = PARAMETERS["solver"].choices if "solver" in PARAMETERS else {}
    for method in PARAMETERS["method"].choices:
        for solver in [each for each in solvers if method in PARAMETERS["solver"].methods] or [None]:
            yield {"method": method, **({"solver": solver} if solver else {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=10_000_000, help="of the recording that is opened")
    parser.add_argument("--separate", type=int, default=1_000_000, help="frames of the cell that is separated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; MB of 10^6 bytes")
    with tempfile.TemporaryDirectory() as folder:
        shown = window(folder, options.frames)
    print(f"{'':<34}{'size':>8}{'started':>9}{'shown':>8}{'peak':>8}{'must':>8}")
    columns = list(zip(("size", "started", "shown", "peak", "must"), (8, 9, 8, 8, 8), strict=True))
    for live, row in shown.items():
        words = f"{SIGNALS} x {options.frames:,}, {live}"
        print(f"{words:<34}" + "".join(f"{row[k] / MB:>{w}.0f}" for k, w in columns))
    print(f"{'':<34}{'size':>8}{'peak':>8}{'times':>8}{'kept':>8}")
    separated, size = {}, 8 * SIGNALS * options.separate
    for settings in choices():
        words = {**settings, "max_iter": ITERATIONS, "max_tries": 1}
        peak, kept = child(SEPARATION, options.separate, json.dumps(words))
        name = " ".join(settings.values())
        separated[name] = {"size": size, "peak": peak, "times": peak / size, "kept": kept}
        head = f"{name}, {SIGNALS} x {options.separate:,}"
        print(f"{head:<34}{size / MB:>8.0f}{peak / MB:>8.0f}{peak / size:>8.2f}{kept / MB:>8.0f}", flush=True)
    if options.json:
        report = {"machine": machine, "window": shown, "separated": separated}
        options.json.write_text(json.dumps(report, indent=1))
    missed = any(row["peak"] > row["must"] for row in shown.values())
    if missed:
        print("The window takes more than it must.")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
