"""Model of the table of runs: one row per run, and its columns."""

import math
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSlot
from PyQt5.QtGui import QFont

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.core.values import Value
from neuropil_gui.state.runs import Run
from neuropil_gui.ui.widgets.decimal_box import decimal

PRESENT = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"
"""Stands before the number of the run whose result is shown."""

INDENT = "\N{EN SPACE}"
"""Before what is written from the left, because a column of numbers may end just there."""

OWN_COLUMN = ("method", "solver", "n", "alpha", "seed")
"""The settings that have a column of their own; the others are named where they are not FISSA's defaults."""

DEFAULTS = SeparationSettings()


@dataclass(frozen=True)
class RunColumn:
    """A column of the table.

    Attributes
    ----------
    title, meaning : str
    text : callable
        Returns what is written of a run.
    key : callable
        Returns what a run is sorted by; None for unknown.
    widest : str
        A text as wide as any.
    rank : int
        Columns with the highest rank are hidden first where there is little room; those with 0 never.
    left : bool
        Whether it is aligned at the left.
    """

    title: str
    meaning: str
    text: Callable[[Run], str]
    key: Callable[[Run], object]
    widest: str
    rank: int = 0
    left: bool = False


def _setting(name: str) -> Callable[[Run], str]:
    def text(run: Run) -> str:
        used = uses(run.settings.method, name)
        return PARAMETERS[name].write(getattr(run.settings, name)) if used else "–"

    return text


def _setting_key(name: str) -> Callable[[Run], object]:
    return lambda run: getattr(run.settings, name) if uses(run.settings.method, name) else None


def _method(run: Run) -> str:
    if not uses(run.settings.method, "solver"):
        return PARAMETERS["method"].write(run.settings.method)
    return "NMF FISSA" if run.settings.solver == "fissa" else "NMF accelerated"


def others(run: Run) -> str:
    """Return the settings without a column of their own that are not FISSA's defaults."""
    settings = run.settings
    changed = [
        f"{PARAMETERS[each.name].label} {PARAMETERS[each.name].write(getattr(settings, each.name))}"
        for each in fields(settings)
        if each.name not in OWN_COLUMN
        and uses(settings.method, each.name)
        and getattr(settings, each.name) != getattr(DEFAULTS, each.name)
    ]
    return ", ".join(changed)


def _number(key: str, widest: str, rank: int = 0) -> RunColumn:
    """Return the column of a number of the registry."""
    number = NUMBERS[key]

    def text(run: Run) -> str:
        return decimal(run.value(key), number.digits)

    def sort_key(run: Run) -> float | None:
        value = run.value(key)
        return None if math.isnan(value) else value

    return RunColumn(number.symbol, number.help.rstrip("."), text, sort_key, widest, rank)


COLUMNS = (
    RunColumn(
        "#", "The run's number, in the order in which they were first shown; the mark stands at the one shown now",
        lambda run: str(run.number), lambda run: run.number, f"{PRESENT} 2,000",
    ),
    RunColumn(
        "time", "When it was made", lambda run: time.strftime("%H:%M:%S", time.localtime(run.at)),
        lambda run: (run.at, run.number), "00:00:00", 11,
    ),
    RunColumn("cell", "The cell's name", lambda run: run.cell, lambda run: run.index, "", left=True),
    RunColumn(
        "method", "ICA, or NMF by FISSA's own solver or by the accelerated one that Live uses", _method, _method,
        "NMF FISSA", left=True,
    ),
    RunColumn(
        "n", "Components; auto where the number was left to the method, with the number that it took",
        lambda run: str(run.n) if run.settings.n is not None else f"auto {run.n}", lambda run: run.n, "auto 99", 3,
    ),
    RunColumn("alpha", "Weight of NMF's sparsity penalty", _setting("alpha"), _setting_key("alpha"), "0.0001"),
    RunColumn(
        "seed", "Seed of the random numbers, also where it was drawn", _setting("seed"), _setting_key("seed"),
        "4294967295", 12,
    ),
    RunColumn(
        "iterations", "Iterations of the last try", lambda run: f"{run.iterations:,}", lambda run: run.iterations,
        "iterations", 8,
    ),
    RunColumn(
        "ok", "✓ converged, ! not converged", lambda run: "✓" if run.converged else "!",
        lambda run: int(not run.converged), "ok ", 2,
    ),
    _number("alive", "alive", 10),
    _number("score", "score"),
    _number("explained", "explained", 5),
    _number("r_neuropil_raw", "\N{MINUS SIGN}0.00", 1),
    _number("r_neuropil", "\N{MINUS SIGN}0.00"),
    _number("negative", "neg. %", 7),
    RunColumn(
        "seconds", "How long it took", lambda run: decimal(run.seconds, 2), lambda run: run.seconds, "seconds", 9
    ),
    RunColumn(
        "other settings", "Those that are not FISSA's defaults and have no column here", others,
        lambda run: others(run) or None, "other settings", 6, left=True,
    ),
)  # fmt: skip
TIME, CELL = 1, 2


class RunModel(QAbstractTableModel):
    """One row per run, by its number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []
        self.present: int | None = None
        self.longest_name, self.has_others = "", False  # widest texts of all runs so far, for the column widths
        self._bold = QFont()
        self._bold.setBold(True)

    def set_runs(self, runs: Sequence[Run]) -> None:
        """Show other runs."""
        self.beginResetModel()
        self.runs = list(runs)
        self.longest_name, self.has_others = "", False
        for run in self.runs:
            self._measure(run)
        self.endResetModel()

    @pyqtSlot(object)
    def add(self, run: Run) -> None:
        """Add a run, whose number is the highest."""
        self.beginInsertRows(QModelIndex(), len(self.runs), len(self.runs))
        self.runs.append(run)
        self._measure(run)
        self.endInsertRows()

    @pyqtSlot(object)
    def update_run(self, run: Run) -> None:
        """Show what has changed of a run."""
        row = self.row(run.number)
        if row is not None:
            self.runs[row] = run
            self._measure(run)
            self._emit_change(row)

    @pyqtSlot(int)
    def remove(self, number: int) -> None:
        """Remove a run."""
        row = self.row(number)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self.runs[row]
            self.endRemoveRows()

    def set_present(self, number: int | None) -> None:
        """Mark the run with this number as the current one."""
        before, self.present = self.present, number
        for each in {before, number}:
            row = self.row(each) if each is not None else None
            if row is not None:
                self._emit_change(row)

    def row(self, number: int) -> int | None:
        """Return the row of the run with this number."""
        row = bisect_left(self.runs, number, key=lambda run: run.number)
        return row if row < len(self.runs) and self.runs[row].number == number else None

    def values(self, name: str, rows: range) -> list[Value]:
        """Return the values of rows that a filter may compare, by the column's name; None where unknown."""
        return [run.values().get(name) for run in self.runs[rows.start : rows.stop]]

    def sort_keys(self, column: int, rows: range) -> list[object]:
        """Return the sort keys of rows in a column, None where unknown."""
        return [COLUMNS[column].key(run) for run in self.runs[rows.start : rows.stop]]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.runs)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns, shown or not."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title or the tool tip of a column."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            column = COLUMNS[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return INDENT + column.title if column.left else column.title
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"<qt>{column.meaning}. Click to sort.</qt>"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, tool tip, font or alignment of a table cell."""
        row, column = index.row(), COLUMNS[index.column()]
        if not (index.isValid() and 0 <= row < len(self.runs)):
            return None
        run = self.runs[row]
        shown = run.number == self.present
        if role == Qt.ItemDataRole.DisplayRole:
            text = f"{PRESENT} {run.number}" if shown and index.column() == 0 else column.text(run)
            return INDENT + text if column.left else text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole and shown:
            return self._bold
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(run, shown)
        return None

    def _tip(self, run: Run, shown: bool) -> str:
        cell = run.cell.replace("&", "&amp;").replace("<", "&lt;")
        what = "This is what is shown now." if shown else "Click, or press Enter, to bring it back."
        made = [
            f"{PARAMETERS[each.name].label}: {PARAMETERS[each.name].write(getattr(run.settings, each.name))}"
            for each in fields(run.settings)
            if uses(run.settings.method, each.name)
        ]
        return f"<qt><b>Run {run.number}: {cell}</b><br>{'<br>'.join(made)}<br><i>{what}</i></qt>"

    def _measure(self, run: Run) -> None:
        self.has_others = self.has_others or bool(others(run))
        self.longest_name = max(self.longest_name, run.cell, key=len)

    def _emit_change(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))


def _alignment(column: RunColumn) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column.left else Qt.AlignmentFlag.AlignRight
    return int(Qt.Alignment(side) | Qt.AlignmentFlag.AlignVCenter)
