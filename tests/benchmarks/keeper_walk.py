"""A long random walk through projects beside a plain model of them, other steps each time.

    python tests/benchmarks/keeper_walk.py [--steps 10000] [--length 50]

The steps (open, mark, separate, name, end, kill) and what has to hold after each are in
tests/engine/test_keeper_walk.py; it stops at the first surprise with the steps that led to it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engine"))

import test_keeper_walk
from PyQt5.QtWidgets import QApplication


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=50, help="steps of one walk")
    options = parser.parse_args()
    application = QApplication([])
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        test_keeper_walk.walk(Path(name), options.steps, options.length, derandomize=False)
    del application
    print(f"{options.steps} steps, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
