"""Closing the window in the middle of loading or separating, each time in a program of its own.

A few moments of each; as many as one likes, also of a batch and of an export:

    python tests/benchmarks/soak.py --runs 0 --changes 0 --closings 100
"""

import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.any_version

# Closes at a given moment after loading or separating began; tells how long the closing took, and whether
# it came in the middle.
PROGRAM = """
import sys, time
import sklearn.decomposition
from PyQt5.QtCore import QTimer
import pyqtgraph
application = pyqtgraph.mkQApp("closing")
from neuropil_gui import SeparationSettings
from neuropil_gui.window.main_window import MainWindow
path, what, delay = sys.argv[1], sys.argv[2], int(sys.argv[3])
window = MainWindow()
window.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
window.show()
def close():
    global closing, busy
    busy = window.controller.working
    closing = time.perf_counter()
    window.close()
began = window.loader.started if what == "load" else window.controller.separation_started
began.connect(lambda *_: QTimer.singleShot(delay, close))
QTimer.singleShot(0, lambda: window.open_path(path, ask=False))
code = application.exec_()
print(int(busy), int(window.threads_ended), f"{time.perf_counter() - closing:.3f}")
sys.exit(code)
"""


@pytest.fixture(scope="module")
def slow_recording(tmp_path_factory):
    """A table that takes about a second to read."""
    path = tmp_path_factory.mktemp("slow") / "slow.csv"
    row = ",".join(f"{value:.9f}" for value in np.random.default_rng(0).random(12) + 1) + "\n"
    path.write_text(row * 200_000)
    return path


@pytest.mark.parametrize("delay", [0, 2, 15, 60, 240])
@pytest.mark.parametrize("what", ["load", "separate"])
def test_closing_in_the_middle_is_clean_and_quick(long_recording, slow_recording, what, delay, slowdown):
    path = slow_recording if what == "load" else long_recording
    words = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, str(path), what, str(delay)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, "QT_FONT_DPI": "96"})
    assert done.returncode == 0, done.stderr
    assert "QThread" not in done.stderr
    assert "Traceback" not in done.stderr
    busy, ended, seconds = done.stdout.split()
    assert busy == "1"
    assert ended == "1"
    assert float(seconds) < 2 * slowdown()
