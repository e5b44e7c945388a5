"""The rows of the table of cells: what is known without a trace, miniatures, and what became of each cell."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from neuropil_gui.core.recording import CellHeader
from neuropil_gui.state.results import Outcome
from neuropil_gui.ui.widgets.decimal_box import decimal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Thumbnail = NDArray[np.float32]


class Column(IntEnum):
    """The columns, from left to right."""

    NUMBER = 0
    NAME = 1
    TRACE = 2
    ALIVE = 3
    R = 4
    CONVERGED = 5
    SCORE = 6
    FRAMES = 7
    PROBABILITY = 8
    RED = 9


TITLES = {
    Column.NUMBER: ("#", "The cell's number in the recording, from 1"),
    Column.NAME: ("name", "The cell's name, and its index in the file, from 0, where the name does not say it"),
    Column.TRACE: ("raw", "The raw signal of the ROI, all frames, from its least to its greatest value"),
    Column.ALIVE: ("alive", "Components that are not empty, of how many. Few: alpha is high, or the signals are alike"),
    Column.R: (
        "r",
        "Pearson's r of the best match with the mean of the neuropil regions, -1 to 1. Near 0: little neuropil is "
        "left in it. A cell that truly is active with its neuropil keeps a high r",
    ),
    Column.CONVERGED: ("ok", "✓ converged, ! not converged, × could not be separated"),
    Column.SCORE: ("score", "The ROI's share of the best match, from 0 to 1"),
    Column.FRAMES: ("frames", "Frames of the cell"),
    Column.PROBABILITY: ("prob", "suite2p's probability that it is a cell"),
    Column.RED: ("red", "● where suite2p found the cell in the red channel"),
}
FACTS = {Column.PROBABILITY: "probability", Column.RED: "red"}
"""Columns of what the source says of a cell, by the names in its header."""


@dataclass(frozen=True)
class CellSummary:
    """What became of a cell, in a line.

    Attributes
    ----------
    alive, n : int
        Components that are not empty, of how many.
    r_neuropil, score : float
        Of the best match; NaN where not defined.
    converged : bool
    failed : str
        Why there is no result, in a sentence; empty where there is one.
    up_to_date : bool
        Whether it is of the settings that are shown.
    r_raw, explained, negative : float
        For the filter.
    iterations, warnings : int or None
        The same.
    """

    alive: int = 0
    n: int = 0
    r_neuropil: float = math.nan
    score: float = math.nan
    converged: bool = False
    failed: str = ""
    up_to_date: bool = True
    r_raw: float = math.nan
    explained: float = math.nan
    negative: float = math.nan
    iterations: int | None = None
    warnings: int | None = None


def summarise(outcome: Outcome, up_to_date: bool = True) -> CellSummary:
    """Say of a cell what the table shows."""
    if outcome.failed:
        return CellSummary(failed=outcome.failed, up_to_date=up_to_date)
    known = {number.key: number for number in outcome.numbers}
    values = {key: number.value for key, number in known.items()}
    before = known["r_neuropil"].before if "r_neuropil" in known else None
    return CellSummary(
        alive=int(values.get("alive", 0)),
        n=outcome.n,
        r_neuropil=values.get("r_neuropil", math.nan),
        score=values.get("score", math.nan),
        converged=outcome.converged,
        up_to_date=up_to_date,
        r_raw=math.nan if before is None else before,
        explained=values.get("explained", math.nan),
        negative=values.get("negative", math.nan),
        iterations=outcome.iterations,
        warnings=len(outcome.warnings),
    )


class CellModel(QAbstractTableModel):
    """One row a cell; the number counts from 1, the source's row from 0 as in the file."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.headers: tuple[CellHeader, ...] = ()
        self.thumbnails: dict[int, Thumbnail | None] = {}
        self.summaries: dict[int, CellSummary] = {}
        self.sources: list[str] = []

    def set_headers(self, headers: tuple[CellHeader, ...]) -> None:
        """Show other cells, of which nothing more is known."""
        self.beginResetModel()
        self.headers = headers
        self.thumbnails = {}
        self.summaries = {}
        self.sources = [source_text(header, row) for row, header in enumerate(headers)]
        self.endResetModel()

    def set_thumbnail(self, row: int, points: "Thumbnail | None") -> None:
        """Show a cell's trace in miniature; None where it cannot be read."""
        if 0 <= row < len(self.headers):
            self.thumbnails[row] = points
            place = self.index(row, Column.TRACE)
            self.dataChanged.emit(place, place, [Qt.ItemDataRole.DecorationRole])

    def set_summary(self, row: int, summary: CellSummary | None) -> None:
        """Show what became of a cell."""
        if 0 <= row < len(self.headers) and self.summaries.get(row) != summary:
            self._take(row, summary)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def set_summaries(self, summaries: Mapping[int, CellSummary | None]) -> None:
        """Show what became of all cells at once; those not mentioned have no result."""
        self.summaries = {}
        for row, summary in summaries.items():
            if 0 <= row < len(self.headers):
                self._take(row, summary)
        if self.headers:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.headers) - 1, len(Column) - 1))

    def _take(self, row: int, summary: CellSummary | None) -> None:
        if summary is None:
            self.summaries.pop(row, None)
        else:
            self.summaries[row] = summary

    def values(self, row: int) -> dict[str, float | str | bool | None]:
        """Return what the filter may ask for."""
        header, summary = self.headers[row], self.summaries.get(row)
        known: dict[str, float | str | bool | None] = {
            "name": header.name,
            "number": row + 1,
            "source": header.source_index,
            "signals": header.signals,
            "frames": header.frames,
            "trials": header.trials,
            **dict(header.facts),
        }
        if summary is not None and not summary.failed:
            known |= {
                "n": summary.n,
                "alive": summary.alive,
                "r": summary.r_neuropil,
                "r_raw": summary.r_raw,
                "score": summary.score,
                "explained": summary.explained,
                "negative": summary.negative,
                "iterations": summary.iterations,
                "warnings": summary.warnings,
                "converged": summary.converged,
            }
        return known

    def sort_key(self, row: int, column: int) -> object:
        """Return what a column is sorted by; None for what is not known."""
        if column == Column.NAME:
            parts = re.split(r"(\d+)", self.headers[row].name.casefold())
            return [int(part) if place % 2 else part for place, part in enumerate(parts)]
        if column == Column.FRAMES:
            return self.headers[row].frames
        if column in (Column.NUMBER, Column.TRACE):
            return row
        if column in FACTS:
            return self.fact(row, column)
        summary = self.summaries.get(row)
        if summary is None:
            return None
        if column == Column.CONVERGED:
            return 2 if summary.failed else int(not summary.converged)
        value = {Column.ALIVE: float(summary.alive), Column.R: summary.r_neuropil, Column.SCORE: summary.score}
        key = value[Column(column)]
        return None if summary.failed or math.isnan(key) else key

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of cells."""
        return 0 if parent is not None and parent.isValid() else len(self.headers)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns, shown or not."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's title and what it means."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(Column):
            title, meaning = TITLES[Column(section)]
            if role == Qt.ItemDataRole.DisplayRole:
                return title
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"<qt>{meaning}. Click to sort.</qt>"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(_LEFT if section in (Column.NAME, Column.TRACE) else _RIGHT)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text or tool tip; the delegate asks `text` itself."""
        row, column = index.row(), index.column()
        if not (index.isValid() and 0 <= row < len(self.headers) and 0 <= column < len(Column)):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{self._tip(row)}</qt>"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT if column in (Column.NAME, Column.TRACE) else _RIGHT)
        return None

    def text(self, row: int, column: int) -> str:
        """Return what is written."""
        header = self.headers[row]
        if column == Column.NUMBER:
            return str(row + 1)
        if column == Column.NAME:
            return header.name
        if column == Column.FRAMES:
            return f"{header.frames:,}"
        if column in FACTS:
            known = self.fact(row, column)
            return "" if known is None else ("●" if known else "") if column == Column.RED else decimal(known)
        summary = self.summaries.get(row)
        if summary is None or column == Column.TRACE:
            return ""
        if column == Column.CONVERGED:
            return "×" if summary.failed else "✓" if summary.converged else "!"
        if summary.failed:
            return ""
        if column == Column.ALIVE:
            return f"{summary.alive}/{summary.n}"
        return decimal(summary.r_neuropil if column == Column.R else summary.score)

    def fact(self, row: int, column: int) -> float | None:
        """Return what the source says of a cell in one of the columns of `FACTS`; None where it says nothing."""
        value = dict(self.headers[row].facts).get(FACTS[Column(column)])
        return None if value is None or isinstance(value, str) else float(value)

    def _tip(self, row: int) -> str:
        header, summary = self.headers[row], self.summaries.get(row)
        source = f", index {header.source_index} in the source (from 0)" if header.source_index is not None else ""
        lines = [f"<b>{_escaped(header.name)}</b>{source}", shape_text(header)]
        if header.facts:
            lines.append(facts_text(header))
        if summary is None:
            lines.append("Not separated yet")
        elif summary.failed:
            lines.append(_escaped(summary.failed))
        else:
            lines.append(
                f"{summary.alive} of {summary.n} components alive, r with neuropil "
                f"{decimal(summary.r_neuropil)}, score {decimal(summary.score)}, "
                f"{'converged' if summary.converged else 'not converged'}"
            )
        if summary is not None and not summary.up_to_date:
            lines.append("<i>This is of other settings than those shown.</i>")
        return "<br>".join(lines)


def source_text(header: CellHeader, position: int) -> str:
    """Return the row in the source where neither the place in the list nor the name says it already."""
    if header.source_index in (None, position) or str(header.source_index) in re.findall(r"\d+", header.name):
        return ""
    return f"index {header.source_index}"


def shape_text(header: CellHeader) -> str:
    """Return a cell's size in words."""
    counts = [(header.signals, "signal"), (header.frames, "frame")]
    if header.trials > 1:
        counts.append((header.trials, "trial"))
    return " · ".join(f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts)


def facts_text(header: CellHeader) -> str:
    """Return in words what the source says of a cell."""

    def said(value: float | str | bool) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return _escaped(value) if isinstance(value, str) else f"{value:.3g}"

    return " · ".join(f"{name} {said(value)}" for name, value in header.facts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
