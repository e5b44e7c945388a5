"""How long the table of cells takes to show, sort and filter many cells.

    python tests/benchmarks/cell_table.py [--quick] [--json OUT]

A million cells are what swapped axes look like. Must: shown within 100 ms whatever their number, because only rows in
view are looked at; sorted and filtered within 300 ms up to 30,000. What is known of all headers is found by the loader
in its thread before, and timed as `overview`. Times include drawing, and are net of the wait for a processor.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.recording import CellHeader, Cells, Recording
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.cells.cell_model import CellColumn

COUNTS = (1000, 30_000, 1_000_000)
SHOWN, SORTED = 100.0, 300.0
"""Most milliseconds; the second up to 30,000 cells."""


class Headers(Cells):
    """Cells of which nothing but the header may be looked at."""

    def __init__(self, count):
        self.headers = tuple(CellHeader(f"cell {row + 1}", 4, 20, 1, row) for row in range(count))

    def load(self, index):
        raise AssertionError("a cell was read")


def measure(app, count):
    """Return milliseconds by what was done."""
    recording, row = Recording("swapped axes", None, None, Headers(count)), {}

    def clock(name, *steps):
        began, waited = time.perf_counter(), measuring.waited()
        for step in steps:
            step()
        app.processEvents()
        row[name] = 1000 * (time.perf_counter() - began) - (measuring.waited() - waited)

    cells = CellList()
    cells.resize(290, 400)
    cells.show()
    app.processEvents()
    down = Qt.SortOrder.DescendingOrder
    clock("overview", lambda: recording.cells.overview)
    clock("show", lambda: cells.show_recording(recording), lambda: cells.show_selection(0))
    clock("by number", lambda: cells.view.sortByColumn(CellColumn.NUMBER, down))
    clock("by r neu", lambda: cells.view.sortByColumn(CellColumn.R, down))
    clock("by name", lambda: cells.view.sortByColumn(CellColumn.NAME, down))
    clock("filter", lambda: cells.filter.setText("cell 99"))
    clock("no filter", lambda: cells.filter.setText(""))
    sorting = [value for name, value in row.items() if name not in ("overview", "show")]
    row["kept"] = row["show"] <= SHOWN and (count > 30_000 or max(sorting) <= SORTED)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="without the million")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    about, app = measuring.machine(), QApplication([])
    print(measuring.in_words(about))
    rows = {f"{count:,} cells": measure(app, count) for count in COUNTS[: 2 if options.quick else None]}
    print(measuring.table(rows, list(next(iter(rows.values()))), 20))
    if options.json is not None:
        options.json.write_text(json.dumps({"machine": about, "rows": rows}, indent=1))
    return 0 if all(row["kept"] for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
