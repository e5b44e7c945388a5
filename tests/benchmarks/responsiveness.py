"""How smooth the window stays while a recording separates: gaps in a 5 ms heartbeat of the GUI thread.

    python tests/benchmarks/responsiveness.py [--frames 54000 200000] [--seconds 4] [--json OUT]

Each beat stores how late it came and how long the thread was ready to run but not given a processor
(/proc/thread-self/schedstat, Linux), so that a busy machine is not taken for a stall: net = gap - wait.
Controls run in the same process; where one does not read true, no figure counts.
"""

import argparse
import ctypes
import json
import os
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path

if "OPENBLAS_CORETYPE" in os.environ or "OPENBLAS_L2_SIZE" in os.environ:
    # Both slow a current numpy; a figure with them would be of another program.
    clean = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    os.execve(sys.executable, [sys.executable, *sys.argv], clean)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")

import numpy as np
import pyqtgraph
import sklearn.decomposition  # noqa: F401 -- its import is not what is measured
from PyQt5.QtCore import QEventLoop, Qt, QTimer

from neuropil_gui import SeparationSettings
from neuropil_gui.main_window import MainWindow

BEAT = 5


def waited() -> float:
    """Milliseconds that this thread was ready to run, but did not."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6


class Heartbeat:
    def __init__(self):
        self.gaps, self.nets = [], []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def _beat(self):
        now, wait = time.perf_counter(), waited()
        self.gaps.append(1000 * (now - self._last))
        self.nets.append(self.gaps[-1] - (wait - self._wait))
        self._last, self._wait = now, wait

    def measure(self, seconds):
        self.gaps, self.nets = [], []
        self._last, self._wait = time.perf_counter(), waited()
        loop = QEventLoop()
        QTimer.singleShot(int(1000 * seconds), loop.quit)
        self._timer.start(BEAT)
        loop.exec_()
        self._timer.stop()
        return self.row()

    def row(self):
        nets = np.array(self.nets)
        return {
            "beats": len(nets),
            "gap_max": max(self.gaps),
            "net_p50": float(np.percentile(nets, 50)),
            "net_p99": float(np.percentile(nets, 99)),
            "net_max": float(nets.max()),
            "over_50": int((nets > 50).sum()),
        }


def controls(beat):
    """Idle must read calm; a sleep in this thread and a held interpreter must be seen."""
    rows = {"idle": beat.measure(1)}
    QTimer.singleShot(100, lambda: time.sleep(0.2))
    rows["sleep 200 ms"] = beat.measure(1)
    hold = threading.Timer(0.1, lambda: ctypes.PyDLL(None).usleep(300_000))
    hold.start()
    rows["interpreter held 300 ms"] = beat.measure(1)
    hold.join()
    true = (
        rows["idle"]["net_max"] < 15
        and rows["sleep 200 ms"]["net_max"] >= 200
        and rows["interpreter held 300 ms"]["net_max"] >= 295
    )
    return rows, true


def recording(folder, frames):
    rng = np.random.default_rng(3)
    sources = np.maximum(np.cumsum(rng.normal(size=(5, frames)), axis=1) % 40, 0)
    path = Path(folder) / f"{frames}.npy"
    np.save(path, (rng.random((5, 5)) + np.eye(5)) @ sources + 20 + rng.random((5, frames)))
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, nargs="+", default=[54_000, 200_000])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    application = pyqtgraph.mkQApp("benchmark")
    beat = Heartbeat()
    rows, true = controls(beat)
    with tempfile.TemporaryDirectory() as folder:
        for frames in options.frames:
            window = MainWindow()
            window.resize(1280, 720)
            window.show()
            window.session.set_live(False)
            loop = QEventLoop()
            window.session.cell_changed.connect(lambda w=window, q=loop: w.session.cell is not None and q.quit())
            window.open_path(recording(folder, frames))
            loop.exec_()
            application.processEvents()
            for method in ("nmf", "ica"):
                window.session.set_settings(SeparationSettings(method=method, tol=0, max_iter=1_000_000))
                window.controller.run()
                rows[f"{method} 5 x {frames:,}"] = beat.measure(options.seconds)
                began = time.perf_counter()
                window.controller.cancel()
                while not window.controller._separator.idle:
                    application.processEvents()
                rows[f"{method} 5 x {frames:,}"]["cancel_ms"] = 1000 * (time.perf_counter() - began)
            window.close()
    report = {"machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", "rows": rows}
    print(report["machine"], "; milliseconds, controls read", "true" if true else "FALSE: no figure counts")
    keys = ("beats", "gap_max", "net_p50", "net_p99", "net_max", "over_50", "cancel_ms")
    print(f"{'':<26}" + "".join(f"{key:>10}" for key in keys))
    for name, row in rows.items():
        print(f"{name:<26}" + "".join(f"{row[key]:>10.4g}" if key in row else f"{'':>10}" for key in keys))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    sys.exit(0 if true else 1)


if __name__ == "__main__":
    main()
