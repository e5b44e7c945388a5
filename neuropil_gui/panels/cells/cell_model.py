"""Model of the table of cells: headers, thumbnails, and the numbers of each result."""

import math
import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from neuropil_gui.core.analysis.numbers import NUMBERS, TESTED
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import CellHeader
from neuropil_gui.core.values import Value
from neuropil_gui.panels.cells.cell_summary import CellSummary
from neuropil_gui.ui.widgets.decimal_box import decimal

Thumbnail = NDArray[np.float32]

LONGEST = 500
"""Characters of a note that a tool tip shows."""


class CellColumn(IntEnum):
    """Columns of the table, from left to right."""

    NUMBER = 0
    NAME = 1
    TRACE = 2
    ALIVE = 3
    R = 4
    CONVERGED = 5
    SCORE = 6
    GAIN = 7
    LEAK = 8
    FRAMES = 9
    PROBABILITY = 10
    RED = 11
    MARK = 12
    OWN = 13


SHOWN_NUMBERS = {
    CellColumn.ALIVE: "alive", CellColumn.R: "r_neuropil", CellColumn.SCORE: "score", CellColumn.GAIN: "gain",
    CellColumn.LEAK: "leak",
}  # fmt: skip
"""Keys in `NUMBERS` of the columns that show one."""

TITLES = {
    CellColumn.NUMBER: ("#", "The cell's number in the recording, from 1."),
    CellColumn.NAME: ("name", "The cell's name, and its index in the file, from 0, where it is not part of the name."),
    CellColumn.TRACE: ("raw", "The raw signal of the ROI, all frames, from its least to its greatest value."),
    CellColumn.CONVERGED: (
        "ok",
        "✓ converged, ! not converged or (red) not to be used as it is, × could not be separated.",
    ),
    CellColumn.FRAMES: ("frames", "Frames of the cell."),
    CellColumn.PROBABILITY: (
        "prob",
        "suite2p's probability that it is a cell, from its iscell; your own verdict is in the column mark.",
    ),
    CellColumn.RED: ("red", "● where suite2p found the cell in the red channel."),
    CellColumn.OWN: (
        "own settings",
        "How the settings of this cell alone differ from the recording's. Click them to give them up.",
    ),
    CellColumn.MARK: ("mark", "Your mark: A accepted, R rejected, L look again; • where you wrote a note."),
    **{column: (NUMBERS[key].symbol, NUMBERS[key].help) for column, key in SHOWN_NUMBERS.items()},
}
FACTS = {CellColumn.PROBABILITY: "probability", CellColumn.RED: "red"}
"""Columns of what the source states of a cell, by the names in its header."""

FACT_NAMES = ("plane", "probability", "red", "snr")
"""Facts that the source states of a cell and a filter may compare."""


_OF_HEADER: dict[str, Callable[[int, CellHeader], Value]] = {
    "name": lambda _, header: header.name,
    "number": lambda row, _: row + 1,
    "source": lambda _, header: header.source_index,
    "signals": lambda _, header: header.signals,
    "frames": lambda _, header: header.frames,
    "trials": lambda _, header: header.trials,
}
_OF_MARK: dict[str, Callable[[Mark], Value]] = {
    "accepted": lambda mark: mark.verdict == "accepted",
    "rejected": lambda mark: mark.verdict == "rejected",
    "note": lambda mark: mark.note,
}
_OF_RESULT: dict[str, Callable[[CellSummary], Value]] = {
    "iterations": lambda summary: summary.iterations,
    "warnings": lambda summary: len(summary.doubts),
    "serious": lambda summary: summary.serious,
    "converged": lambda summary: summary.converged,
}
"""Functions that find the values that a filter compares; other names are those of facts, or of numbers of a result."""


class CellModel(QAbstractTableModel):
    """One row per cell; the number counts from 1, the index in the source from 0 as in the file.

    Attributes
    ----------
    tested : bool
        Whether a cell of these has had a spike-in test.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.headers: tuple[CellHeader, ...] = ()
        self.thumbnails: dict[int, Thumbnail | None] = {}
        self.summaries: dict[int, CellSummary] = {}
        self.marks: Mapping[int, Mark] = {}
        self.own: Mapping[int, str] = {}
        self.tested = False

    def set_headers(self, headers: tuple[CellHeader, ...]) -> None:
        """Show other cells, without results and miniatures."""
        self.beginResetModel()
        self.headers = headers
        self.thumbnails = {}
        self.summaries = {}
        self.tested = False
        self.endResetModel()

    def source(self, row: int) -> str:
        """Return the index in the source where neither the place in the list nor the name shows it."""
        return source_text(self.headers[row], row)

    def set_thumbnail(self, row: int, points: Thumbnail | None) -> None:
        """Show a cell's miniature; None where it cannot be read."""
        if 0 <= row < len(self.headers):
            self.thumbnails[row] = points
            place = self.index(row, CellColumn.TRACE)
            self.dataChanged.emit(place, place, [Qt.ItemDataRole.DecorationRole])

    def set_summary(self, row: int, summary: CellSummary | None) -> None:
        """Show the result of a cell, None for none."""
        if 0 <= row < len(self.headers) and self.summaries.get(row) != summary:
            self._take(row, summary)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(CellColumn) - 1))

    def set_summaries(self, summaries: Mapping[int, CellSummary | None]) -> None:
        """Show the results of all cells at once; cells not in the mapping have none."""
        before, self.summaries = self.summaries, {}
        for row, summary in summaries.items():
            if 0 <= row < len(self.headers):
                self._take(row, summary)
        self._emit_changed(before, self.summaries, 0, len(CellColumn) - 1)

    def set_marks(self, marks: Mapping[int, Mark]) -> None:
        """Show the marks of all cells."""
        before, self.marks = self.marks, dict(marks)
        self._emit_changed(before, self.marks, CellColumn.MARK, CellColumn.MARK)

    def _emit_changed(self, before: Mapping[int, object], now: Mapping[int, object], first: int, last: int) -> None:
        """Emit that columns changed in the rows of which something else is known: each row that is named costs time."""
        rows = [row for row in before.keys() | now.keys() if before.get(row) != now.get(row)]
        if rows and self.headers:
            self.dataChanged.emit(self.index(min(rows), first), self.index(max(rows), last))

    def set_own(self, own: Mapping[int, str]) -> None:
        """Show how the settings of cells differ from the recording's, by their index."""
        before, self.own = self.own, dict(own)
        self._emit_changed(before, self.own, CellColumn.OWN, CellColumn.OWN)

    def mark(self, row: int) -> Mark:
        """Return the mark of a cell."""
        return self.marks.get(row, Mark())

    def _take(self, row: int, summary: CellSummary | None) -> None:
        if summary is None:
            self.summaries.pop(row, None)
        else:
            self.summaries[row] = summary
            self.tested = self.tested or "gain" in summary.numbers

    def values(self, name: str, rows: range) -> list[Value]:
        """Return the values of rows that a filter may compare, by the column's name; None where unknown."""
        if name in _OF_HEADER:
            return [_OF_HEADER[name](row, self.headers[row]) for row in rows]
        if name in _OF_MARK:
            of_mark, marks, none = _OF_MARK[name], self.marks, Mark()
            return [of_mark(marks.get(row, none)) for row in rows]
        if name in ("marked", "own"):
            known: Mapping[int, object] = self.marks if name == "marked" else self.own
            return [row in known for row in rows]
        if name in FACT_NAMES:
            return [dict(header.facts).get(name) for header in self.headers[rows.start : rows.stop]]
        values: list[Value] = [None] * len(rows)
        of_result = _OF_RESULT.get(name)
        for row in _known(self.summaries, rows):
            summary = self.summaries[row]
            if not summary.failed:
                values[row - rows.start] = summary.numbers.get(name) if of_result is None else of_result(summary)
        return values

    def sort_keys(self, column: int, rows: range) -> FloatArray | list[str | None]:
        """Return the sort keys of rows in a column: numbers with NaN, or texts with None, where unknown."""
        headers = self.headers[rows.start : rows.stop]
        if column == CellColumn.NAME:
            return [natural_key(header.name) for header in headers]
        if column in (CellColumn.MARK, CellColumn.OWN):
            texts: list[str | None] = [None] * len(rows)
            for row in _known(self.marks if column == CellColumn.MARK else self.own, rows):
                texts[row - rows.start] = self.text(row, column) or None
            return texts
        if column == CellColumn.FRAMES:
            return np.fromiter((header.frames for header in headers), float, len(rows))
        if column in (CellColumn.NUMBER, CellColumn.TRACE):
            return np.arange(rows.start, rows.stop, dtype=float)
        if column in FACTS:
            facts = map(self.fact, rows, repeat(column))
            return np.fromiter((math.nan if fact is None else fact for fact in facts), float, len(rows))
        keys = np.full(len(rows), math.nan)
        for row in _known(self.summaries, rows):
            keys[row - rows.start] = _key_of_result(self.summaries[row], CellColumn(column))
        return keys

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of cells."""
        return 0 if parent is not None and parent.isValid() else len(self.headers)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns, shown or not."""
        return 0 if parent is not None and parent.isValid() else len(CellColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title or the tool tip of a column."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(CellColumn):
            title, meaning = TITLES[CellColumn(section)]
            if role == Qt.ItemDataRole.DisplayRole:
                return title
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"<qt>{meaning} Click to sort.</qt>"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(_LEFT if section in (CellColumn.NAME, CellColumn.TRACE) else _RIGHT)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, tool tip or alignment of a table cell; the delegate calls `text` itself."""
        row, column = index.row(), index.column()
        if not (index.isValid() and 0 <= row < len(self.headers) and 0 <= column < len(CellColumn)):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{self._tip(row)}</qt>"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT if column in (CellColumn.NAME, CellColumn.TRACE) else _RIGHT)
        return None

    def text(self, row: int, column: int) -> str:
        """Return the text of a table cell."""
        header = self.headers[row]
        if column == CellColumn.NUMBER:
            return str(row + 1)
        if column == CellColumn.NAME:
            return header.name
        if column == CellColumn.FRAMES:
            return f"{header.frames:,}"
        if column == CellColumn.MARK:
            mark = self.mark(row)
            return mark.verdict[:1].upper() + "•" * bool(mark.note)
        if column == CellColumn.OWN:
            return self.own.get(row, "")
        if column in FACTS:
            known = self.fact(row, column)
            return "" if known is None else ("●" if known else "") if column == CellColumn.RED else decimal(known)
        summary = self.summaries.get(row)
        if summary is None or column == CellColumn.TRACE:
            return ""
        if column == CellColumn.CONVERGED:
            return "×" if summary.failed else "✓" if summary.converged and not summary.serious else "!"
        if summary.failed:
            return ""
        if column == CellColumn.ALIVE:
            return summary.alive_text
        key = SHOWN_NUMBERS[CellColumn(column)]
        if key in TESTED and key not in summary.numbers:
            return ""
        return NUMBERS[key].text(summary.value(key))

    def fact(self, row: int, column: int) -> float | None:
        """Return the source's value for a cell in a column of `FACTS`; None where it has none."""
        value = dict(self.headers[row].facts).get(FACTS[CellColumn(column)])
        return None if value is None or isinstance(value, str) else float(value)

    def _tip(self, row: int) -> str:
        header, summary = self.headers[row], self.summaries.get(row)
        source = f", index {header.source_index} in the source (from 0)" if header.source_index is not None else ""
        lines = [f"<b>{_escaped(header.name)}</b>{source}", shape_text(header)]
        if header.facts:
            lines.append(facts_text(header))
        mark = self.mark(row)
        lines += [
            f"Your {what}: {_escaped(_beginning(each))}"
            for what, each in (("mark", mark.verdict), ("note", mark.note))
            if each
        ]
        if summary is None:
            lines.append("Not separated yet")
        elif summary.failed:
            lines.append(_escaped(summary.failed))
        else:
            lines.append(
                f"{summary.alive_text.replace('/', ' of ')} components alive, "
                + "".join(
                    f"{NUMBERS[key].name} {NUMBERS[key].text(summary.value(key))}, " for key in ("r_neuropil", "score")
                )
                + ("converged" if summary.converged else "not converged")
            )
            if "gain" in summary.numbers:
                gain, leak = (NUMBERS[key].text(summary.value(key)) for key in ("gain", "leak"))
                lines.append(f"Kept {gain} of added events, leak {leak}")
            lines += [_escaped(each.text) for each in summary.doubts]
        if summary is not None and summary.earlier:
            lines.append("<i>This is of an earlier state of the recording: its signals have changed since.</i>")
        elif summary is not None and not summary.up_to_date:
            lines.append("<i>This is of other settings than those shown.</i>")
        return "<br>".join(lines)


def natural_key(name: str) -> str:
    """Return a sort key by which numbers in names are in the order in which they count."""
    return _DIGITS.sub(_digits_key, name.casefold())


def _digits_key(found: re.Match[str]) -> str:
    """Return a text by which numbers sort: shorter ones first, and any number before any other character."""
    digits = found[0].lstrip("0")
    return f"\0{chr(min(len(digits), _LONGEST_NUMBER))}{digits}"


def _known(known: Mapping[int, object], rows: range) -> list[int]:
    """Return the rows of which something is known, by the shorter way."""
    return [row for row in rows if row in known] if len(rows) < len(known) else [row for row in known if row in rows]


def _key_of_result(summary: CellSummary, column: CellColumn) -> float:
    if column == CellColumn.CONVERGED:
        return 3 if summary.failed else 2 if summary.serious else int(not summary.converged)
    return math.nan if summary.failed else summary.value(SHOWN_NUMBERS[column])


def source_text(header: CellHeader, position: int) -> str:
    """Return the index in the source where neither the place in the list nor the name shows it."""
    if header.source_index in (None, position) or str(header.source_index) in re.findall(r"\d+", header.name):
        return ""
    return f"index {header.source_index}"


def shape_text(header: CellHeader) -> str:
    """Return a cell's number of signals, frames and trials as text."""
    counts = [(header.signals, "signal"), (header.frames, "frame")]
    if header.trials > 1:
        counts.append((header.trials, "trial"))
    return " · ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts)


def facts_text(header: CellHeader) -> str:
    """Return the source's facts about a cell as text."""

    def fact_text(value: float | str | bool) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return _escaped(_beginning(value)) if isinstance(value, str) else f"{value:.3g}"

    return " · ".join(f"{name} {fact_text(value)}" for name, value in header.facts)


def _beginning(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_DIGITS = re.compile("[0-9]+")
_LONGEST_NUMBER = 50_000
"""Digits: a longer number has no character for their count."""

_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
