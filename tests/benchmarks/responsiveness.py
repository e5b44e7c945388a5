"""How smooth the window stays while a recording is read and separated, and how soon a cancel is heeded.

    python tests/benchmarks/responsiveness.py [--quick] [--cancels 200] [--seconds 4] [--json OUT]

A timer beats every 5 ms in the event loop of the window's thread; each gap is taken net of the time in which other
programs had the processor (Linux tells it). Must: no gap above 50 ms and 99 of 100 below 16 ms up to 5 x 200,000, no
gap above 100 ms at 5 x 1,000,000; a cancel at a random moment is acknowledged, and the thread idle, within 100 ms up
to 5 x 200,000 and 250 ms at 5 x 1,000,000. Controls run in the same process; where one does not read true, no figure
counts.

The heartbeat does not see a frame that is drawn late (plotting.py does), and Qt's offscreen platform has neither a
compositor nor a graphics card.
"""

import argparse
import ctypes
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np
import pyqtgraph
from PyQt5.QtCore import QCoreApplication, QEventLoop, QTimer

from neuropil_gui import SeparationSettings
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.paths import Options
from neuropil_gui.window.main_window import MainWindow

GAP, P99, CANCEL = {200_000: 50.0, 1_000_000: 100.0}, {200_000: 16.0}, {200_000: 100.0, 1_000_000: 250.0}
"""Milliseconds up to so many frames: the greatest gap, the 99th percentile of the gaps, a cancel."""

DRAWN = 100.0
"""Milliseconds in which traces or a result are drawn."""

SIGNALS = 5
CANCELLED = (3000, 54_000, 200_000)
"""Frames of the separations that are cancelled at random."""

LONGEST = 1.5
"""Seconds after which a cancel comes at the latest."""


def limit(limits, frames):
    return next((value for most, value in limits.items() if frames <= most), None)


def judged(row, most, p99=None):
    row["must"] = ", ".join(f"{value:.0f}" for value in (most, p99) if value is not None)
    row["kept"] = (most is None or row["max"] <= most) and (p99 is None or row["p99"] <= p99)
    return row


def ways():
    """Each method with each solver it has."""
    solver = PARAMETERS.get("solver")
    for method in PARAMETERS["method"].choices:
        if solver is None or method not in solver.methods:
            yield method, {"method": method}
        else:
            for choice in solver.choices:
                yield f"{method} {choice}", {"method": method, "solver": choice}


def rest(seconds):
    """Let events happen for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec_()


def watch(seconds):
    beat = measuring.Heartbeat()
    rest(seconds)
    return beat.stop()


def wait_for(signal, condition=lambda: True):
    loop = QEventLoop()
    signal.connect(lambda *_: condition() and loop.quit())
    loop.exec_()


def controls():
    """Watch what is known: whether a stall is seen, and a busy machine not taken for one."""
    rows = {"idle": watch(1)}
    QTimer.singleShot(100, lambda: time.sleep(0.2))
    rows["200 ms asleep in a slot"] = watch(1)
    for name, library in (("with", ctypes.PyDLL), ("without", ctypes.CDLL)):
        sleeper = threading.Timer(0.1, library(None).usleep, [300_000])
        sleeper.start()
        rows[f"300 ms {name} the interpreter"] = watch(1)
        sleeper.join()
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3 * (os.cpu_count() or 1))]
    rows["busy machine"] = watch(3)
    for hog in hogs:
        hog.kill()
        hog.wait()
    idle, asleep, held, free, busy = rows.values()
    idle |= {"must": "< 10", "kept": idle["max"] < 10}
    asleep |= {"must": ">= 200", "kept": asleep["max"] >= 200}
    held |= {"must": ">= 295", "kept": held["max"] >= 295}
    free |= {"must": "< 20", "kept": free["max"] < 20}
    # What is there rises, what is net does not.
    busy |= {"must": "< 20", "kept": busy["max"] < 20 and busy["raw_max"] > busy["max"] + 2}
    return {f"control: {name}": row for name, row in rows.items()}


def traces(frames):
    rng = np.random.default_rng(3)
    sources = np.maximum(np.cumsum(rng.normal(size=(SIGNALS, frames)), axis=1) % 40, 0)
    return (rng.random((SIGNALS, SIGNALS)) + np.eye(SIGNALS)) @ sources + 20 + rng.random((SIGNALS, frames))


def write_npy(folder, frames):
    path = Path(folder) / f"{frames}.npy"
    np.save(path, traces(frames))
    return path


def write_csv(folder):
    """Write 40 MB of text, a column a signal."""
    path = Path(folder) / "text.csv"
    lines = "".join(",".join(f"{value:.16f}" for value in row) + "\n" for row in traces(25_000).T)
    with path.open("w") as file:
        file.write(",".join(f"signal {index}" for index in range(SIGNALS)) + "\n")
        while file.tell() < 40_000_000:
            file.write(lines)
    return path


class Program:
    """The window, shown, without Live."""

    def __init__(self, path):
        self.window = MainWindow()
        self.window.resize(1280, 720)
        self.window.show()
        self.session, self.controller = self.window.session, self.window.controller
        self.session.set_live(False)
        rest(0.5)
        self.drawn = self._open(path)

    def _open(self, path):
        """Open a recording, and watch from the moment that it has been read until its traces are drawn."""
        beat, show = measuring.Heartbeat(), self.session.set_recording
        self.session.set_recording = lambda recording: (beat.start(), show(recording))
        self.window.open_path(path, ask=False)
        wait_for(self.session.cell_changed, lambda: self.session.cell is not None)
        rest(0.3)
        return beat.stop()

    def watch_separation(self, how, seconds):
        """Watch while a separation goes on that does not end by itself."""
        self.session.set_settings(SeparationSettings(tol=0, max_iter=1_000_000, **how))
        self.controller.run()
        row = watch(seconds)
        row["cancel"], row["cancel_raw"] = cancel(self.controller)
        return row

    def watch_result(self, how):
        """Watch while a separation ends, and its result comes in and is drawn."""
        self.session.set_settings(SeparationSettings(max_iter=10, max_tries=1, **how))
        beat = measuring.Heartbeat()
        self.controller.run()
        wait_for(self.session.result_changed, lambda: self.session.up_to_date)
        rest(0.3)
        return beat.stop()

    def close(self):
        self.window.close()
        assert self.window.threads_ended


def watch_reading(path, seconds):
    """Watch while a recording and its first cell are read again and again in a thread."""
    load = jobs.load(path, Options())
    runner = Runner()

    def read():
        runner.submit(lambda report, should_stop: load(report, should_stop).recording.cells[0].traces.shape)

    runner.finished.connect(lambda *_: read())
    read()
    row = watch(seconds)
    assert runner.close()
    return row


def cancel(controller):
    """Cancel, and return after how many milliseconds the thread was idle: net of waiting, and as they are."""
    waits, began = Waits(), time.perf_counter()
    controller.cancel()
    assert not controller.separating, "not acknowledged"
    while not controller.idle:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    raw = 1000 * (time.perf_counter() - began)
    return raw - waits.longest(), raw


class Waits:
    """For how long each thread of this process was ready to run, but others had the processor."""

    def __init__(self):
        self._before = self._read()

    def _read(self):
        found = {}
        for task in Path("/proc/self/task").glob("*/schedstat"):
            try:
                found[task] = int(task.read_text().split()[1]) / 1e6
            except (OSError, IndexError):
                continue
        return found

    def longest(self):
        """Return the milliseconds of the thread that waited longest, which the others may have waited for."""
        return max((value - self._before.get(task, 0.0) for task, value in self._read().items()), default=0.0)


def watch_cancels(paths, count):
    """Cancel separations at random moments of theirs; as many of each method, solver and length."""
    rng, programs, longest = random.Random(0), {}, {}
    kinds = [(frames, name, how) for frames in paths for name, how in ways()]
    net, raw, ended = [], [], 0
    for turn in range(count):
        frames, name, how = kinds[turn % len(kinds)]
        if frames not in programs:
            programs[frames] = Program(paths[frames])
        session, controller = programs[frames].session, programs[frames].controller
        if (frames, name) not in longest:
            session.set_settings(SeparationSettings(seed=count, **how))
            longest[frames, name] = _duration(session, controller)
        session.set_settings(SeparationSettings(seed=turn, **how))
        before = session.result
        controller.run()
        rest(rng.uniform(0, min(LONGEST, 1.2 * longest[frames, name])))
        ended += session.result is not before
        before = session.result
        for kind, value in zip((net, raw), cancel(controller), strict=True):
            kind.append(value)
        QCoreApplication.processEvents()
        assert session.result is before, "a result was shown after it was cancelled"
    for program in programs.values():
        program.close()
    row = {"n": count, "raw_max": max(raw), "p50": float(np.percentile(net, 50)), "p99": float(np.percentile(net, 99))}
    row |= {"max": max(net), "over_50": sum(each > 50 for each in net), "over_100": sum(each > 100 for each in net)}
    return row | {"ended_before": ended}


def _duration(session, controller):
    """Return how long a separation takes, or a little more than the longest that counts."""
    began = time.perf_counter()
    controller.run()
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * LONGEST), loop.quit)
    session.result_changed.connect(loop.quit)
    loop.exec_()
    cancel(controller)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="up to 5 x 200,000 only, and fewer cancels")
    parser.add_argument("--cancels", type=int, help="default: 200, with --quick 40; a tenth of it at 5 x 1,000,000")
    parser.add_argument("--seconds", type=float, default=4, help="how long each separation is watched")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    sys.setswitchinterval(1e-3)  # as the program does
    sizes = CANCELLED if options.quick else (*CANCELLED, 1_000_000)
    count = options.cancels or (40 if options.quick else 200)
    application = pyqtgraph.mkQApp("responsiveness")
    jobs.load_solvers()
    rows = controls()
    with tempfile.TemporaryDirectory() as folder:
        paths = {frames: write_npy(folder, frames) for frames in sizes}
        for frames in sizes[2:]:
            name = f"{SIGNALS} x {frames:,}"
            gap, p99 = limit(GAP, frames), limit(P99, frames)
            rows[f"{name}: reading .npy"] = judged(watch_reading(paths[frames], options.seconds), gap, p99)
            program = Program(paths[frames])
            rows[f"{name}: drawing"] = judged(program.drawn, DRAWN)
            for way, how in ways():
                row = program.watch_separation(how, options.seconds)
                rows[f"{name}: {way}"] = judged(row, gap, p99)
                rows[f"{name}: {way}, result"] = judged(program.watch_result(how), DRAWN)
            program.close()
        row = watch_reading(write_csv(folder), options.seconds)
        rows["40 MB: reading .csv"] = judged(row, GAP[200_000], P99[200_000])
        rows["cancel up to 200,000"] = judged(
            watch_cancels({frames: paths[frames] for frames in CANCELLED}, count), CANCEL[200_000]
        )
        if not options.quick:
            row = watch_cancels({1_000_000: paths[1_000_000]}, max(1, count // 10))
            rows["cancel at 1,000,000"] = judged(row, CANCEL[1_000_000])
    del application
    true = all(row["kept"] for name, row in rows.items() if name.startswith("control"))
    report = {"machine": measuring.machine(), "controls_read_true": true, "rows": rows}
    print(measuring.in_words(report["machine"]))
    print("milliseconds, net of the wait for a processor but for raw;", "controls read", "true" if true else "FALSE")
    columns = ("n", "raw_max", "p50", "p99", "max", "over_50", "over_100", "cancel", "cancel_raw", "must", "kept")
    print(measuring.table(rows, columns))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    return 0 if all(row["kept"] for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
