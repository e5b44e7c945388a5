"""Closing the window in the middle of loading or separating, at several moments; the last one ends its program.

A few moments of each; as many as one likes, also of a batch and of an export:

    python tests/benchmarks/soak.py --runs 0 --changes 0 --closings 100
"""

import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.any_version

# Closes a window at a given moment after loading or separating began, then another one; tells of each whether it came
# in the middle, whether its threads had ended, and how long the closing took, of the last with the end of the program.
PROGRAM = """
import sys, time
import sklearn.decomposition
from PyQt5.QtCore import QTimer
import pyqtgraph
application = pyqtgraph.mkQApp("closing")
application.setQuitOnLastWindowClosed(False)
from neuropil_gui import SeparationSettings
from neuropil_gui.window import main_window
from neuropil_gui.window.main_window import MainWindow
main_window.TOOLS_MILLISECONDS = main_window.CLOSING_MILLISECONDS = 60_000  # how long it took is told
path, what, *delays = sys.argv[1:]
windows, moments = [], []
def start(delay, *others):
    window = MainWindow()
    windows.append(window)
    window.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
    window.show()
    began = window.loader.started if what == "load" else window.controller.separation_started
    def close():
        application.setQuitOnLastWindowClosed(not others)
        moments.append([window.controller.working, time.perf_counter()])
        window.close()
        moments[-1].append(time.perf_counter())
        if others:
            start(*others)
    def in_the_middle(*_):
        began.disconnect(in_the_middle)
        QTimer.singleShot(delay, close)
    began.connect(in_the_middle)
    QTimer.singleShot(0, lambda: window.open_path(path, ask=False))
start(*map(int, delays))
code = application.exec_()
moments[-1][2] = time.perf_counter()
for window, (busy, begin, end) in zip(windows, moments):
    print(int(busy), int(window.threads_ended), f"{end - begin:.3f}")
sys.exit(code)
"""


@pytest.fixture(scope="module")
def slow_recording(tmp_path_factory):
    """A table that takes about a second to read."""
    path = tmp_path_factory.mktemp("slow") / "slow.csv"
    row = ",".join(f"{value:.9f}" for value in np.random.default_rng(0).random(12) + 1) + "\n"
    path.write_text(row * 200_000)
    return path


@pytest.mark.parametrize("what", ["load", "separate"])
def test_closing_in_the_middle_is_clean_and_quick(long_recording, slow_recording, what, slowdown):
    before, delays = slowdown(), ("15", "240", "0")
    path = slow_recording if what == "load" else long_recording
    words = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, str(path), what, *delays]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, env={**os.environ, "QT_FONT_DPI": "96"})
    assert done.returncode == 0, done.stderr
    assert "QThread" not in done.stderr
    assert "Traceback" not in done.stderr
    closings = [line.split() for line in done.stdout.splitlines()]
    assert [closing[:2] for closing in closings] == [["1", "1"]] * len(delays)
    assert max(float(seconds) for _, _, seconds in closings) < 2 * max(before, slowdown())


# The program, which is closed when the processes of a batch have been asked for and are still starting.
STARTING = """
import multiprocessing, sys
from PyQt5.QtCore import QTimer
from neuropil_gui import SeparationSettings
from neuropil_gui.__main__ import main
from neuropil_gui.window import main_window
class MainWindow(main_window.MainWindow):
    def __init__(self, *arguments, **names):
        super().__init__(*arguments, **names)
        self.session.set_live(False)
        self.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
        self.session.cell_changed.connect(self.begin)
        self.looking = QTimer(self)
        self.looking.timeout.connect(self.look)
    def begin(self):
        if self.session.cell is not None:
            self.session.cell_changed.disconnect(self.begin)
            self.controller.separate_all()
            self.looking.start(0)
    def look(self):
        if any("worker" in child.name for child in multiprocessing.active_children()):
            self.looking.stop()
            self.close()
            print(int(self.threads_ended), flush=True)
main_window.MainWindow = MainWindow
sys.exit(main(sys.argv[1:]))
"""


def test_the_program_ends_while_processes_of_a_batch_are_starting(tmp_path):
    path = tmp_path / "cells.npy"
    np.save(path, np.random.default_rng(0).random((4, 5, 20_000)) + 1)  # a cell is more than a pipe holds
    homes = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "CACHE")}
    words = [sys.executable, "-X", "faulthandler", "-c", STARTING, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, **homes})
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
