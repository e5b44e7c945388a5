"""How long the page Field takes to move, zoom and select among many cells.

    python tests/benchmarks/field.py [--quick] [--json OUT]

A movie of 300 frames of 1024 x 1024 with ROIs of radius 7.5, each with four regions. Must: pan and zoom
within 20 ms, selecting within 30 ms, 95 of 100 each. A step is timed in the window's thread until it is painted, net of
the wait for a processor: selecting draws the cell, its regions, their numbers, and its traces. The result is separated
in another thread, and is not in it. `found` is the time of the thread that finds regions and outlines.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np
from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.features.field.jobs import find_field
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.window.main_window import MainWindow

COUNTS = (500, 1000, 2000)
SIDE, RADIUS, FRAMES, STEPS = 1024, 7.5, 300, 60
MOVED, SELECTED = 20.0, 30.0
"""Most milliseconds of 95 of 100 steps."""


def recording_of(folder, count):
    """Return a recording "movie and ROIs", whose movie is a sparse file: all but its first frames are zero."""
    rng = np.random.default_rng(1)
    places = rng.uniform(RADIUS, SIDE - RADIUS, (count, 2))
    rois = [EllipseRoi(f"ROI {k + 1}", (x, y), (RADIUS, RADIUS)) for k, (x, y) in enumerate(places)]
    movie, path = folder / "movie.npy", folder / "rois.zip"
    np.save(movie, rng.integers(0, 4000, (4, SIDE, SIDE)).astype(np.uint16))
    with open(movie, "r+b") as stream:
        magic, size = np.lib.format.read_magic(stream), 2 * FRAMES * SIDE * SIDE
        np.lib.format.read_array_header_1_0(stream)
        begins = stream.tell()
        header = f"{{'descr': '<u2', 'fortran_order': False, 'shape': ({FRAMES}, {SIDE}, {SIDE}), }}"
        stream.seek(len(np.lib.format.magic(*magic)) + 2)
        stream.write(header.encode().ljust(begins - stream.tell() - 1) + b"\n")
        stream.truncate(begins + size)
    write_rois(path, rois)
    shared = rng.gamma(2.0, 50.0, (20, 5, FRAMES))
    cells = [Cell(roi.name, shared[k % 20] + k, default_signal_names(5), source_index=k) for k, roi in enumerate(rois)]
    origin = (("ROIs", str(path)),)
    return Recording(
        "many", str(movie), 30.0, CellsInMemory(cells), "movie and ROIs", origin=origin, files=(str(path),)
    )


class Painted(QObject):
    """How often a widget was painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, widget, event):
        self.count += event.type() == QEvent.Paint
        return False


def measure(app, count):
    """Return milliseconds by what was done, 95 of 100 steps."""
    with tempfile.TemporaryDirectory() as place:
        recording = recording_of(Path(place), count)
        began = time.process_time()
        find_field(recording, 0)(print, bool)
        row = {"found": 1000 * (time.process_time() - began)}
        window = MainWindow()
        window.resize(1600, 1000)
        window.show()
        window.session.set_live(False)
        window.session.set_recording(recording)
        window.pages.open("field")
        tool = window.pages.made["field"]
        until = time.monotonic() + 60
        while tool.field is None or tool.busy or window.session.cell is None:
            app.processEvents()
            time.sleep(0.01)  # the threads need the interpreter
            assert time.monotonic() < until, "the field of view was not found"
        box, viewport = tool.view.picture.box, tool.view.picture.widget.viewport()
        painted = Painted(viewport)

        def clock(name, step):
            taken = []
            for k in range(STEPS):
                painted.count = 0
                began, waited = time.perf_counter(), measuring.waited()
                step(k)
                app.processEvents()
                if not painted.count:
                    viewport.repaint()
                taken.append(1000 * (time.perf_counter() - began) - (measuring.waited() - waited))
            row[name] = float(np.percentile(taken[3:], 95))

        def select(k):
            window.session.select((37 * k + 1) % count)
            while window.session.cell is None:
                app.processEvents()

        clock("pan", lambda k: box.translateBy(x=5 if k % 2 else -5, y=3))
        clock("zoom", lambda k: box.scaleBy((0.95, 0.95) if k % 4 < 2 else (1 / 0.95, 1 / 0.95)))
        box.scaleBy((0.2, 0.2))
        clock("pan, near", lambda k: box.translateBy(x=1 if k % 2 else -1, y=1))
        clock("select", select)
        tool.view.colours.setCurrentIndex(tool.view.colours.findData("others"))
        clock("pan, coloured", lambda k: box.translateBy(x=1 if k % 2 else -1, y=1))
        window.close()
        app.processEvents()
    moved = max(value for name, value in row.items() if name.startswith(("pan", "zoom")))
    row["kept"] = moved <= MOVED and row["select"] <= SELECTED
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="500 cells alone")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    about, app = measuring.machine(), QApplication([])
    print(measuring.in_words(about))
    rows = {f"{count:,} cells": measure(app, count) for count in COUNTS[: 1 if options.quick else None]}
    print(measuring.table(rows, list(next(iter(rows.values()))), 20))
    if options.json is not None:
        options.json.write_text(json.dumps({"machine": about, "rows": rows}, indent=1))
    return 0 if all(row["kept"] for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
