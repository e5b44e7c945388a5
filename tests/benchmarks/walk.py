"""A long random walk through the window beside a plain model of it, other steps each time.

    python tests/benchmarks/walk.py [--steps 10000] [--length 50] [--shrink]

The steps and what has to hold after each are in tests/end_to_end/test_walk.py. Prints how often each step was taken;
stops at the first surprise with the steps that led to it, with --shrink with as few as possible.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "end_to_end"))

import pyqtgraph
import test_walk
from PyQt5.QtCore import QtMsgType, qInstallMessageHandler

OFFSCREEN = r"This plugin does not support|QStandardPaths: XDG_RUNTIME_DIR"


def on_message(kind, context, message):
    """Take what Qt warns of for a surprise, as pytest does."""
    if kind != QtMsgType.QtInfoMsg and kind != QtMsgType.QtDebugMsg and not re.match(OFFSCREEN, message):
        test_walk.problems.append(f"Qt: {message}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=50, help="steps of one walk")
    parser.add_argument("--shrink", action="store_true", help="make a failure short, which takes minutes")
    options = parser.parse_args()
    qInstallMessageHandler(on_message)
    application = pyqtgraph.mkQApp("walk")
    taken, began = Counter(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        test_walk.write_files(folder)
        while (left := options.steps - sum(taken.values())) > 0:
            # In parts, so that there is something to see.
            taken += test_walk.walk(folder, min(left, 1000), options.length, derandomize=False, shrink=options.shrink)
            print(f"{sum(taken.values()):>6} steps, {time.monotonic() - began:.0f} s", flush=True)
    del application
    for step, count in taken.most_common():
        print(f"{count:>6} {step}")


if __name__ == "__main__":
    main()
