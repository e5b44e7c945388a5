"""Head of a table of text: titles, units, marks, row labels and time stamps, told apart from signals."""

import re
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import printable_text
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.plain.text_table import EMPTY, TextTable

FEW = 3
_MOST_LABELS = 20_000
#: Lines in which the head ends and the first column is judged.
_HEAD = 40
_UNIT = re.compile(
    r"(?i)[\[(]?(s|sec\.?|seconds?|ms|msec|milliseconds?|[uµμ]s|min|minutes?|frames?|a\.?\s?u\.?|arb\.?\s?(units?|u\.?)"
    r"|%|m?v|[µμ]v|hz|counts?|px|pixels?|(d|delta|[δ∆])\s?f/f0?|n/?a|-+|grey|gray( values?)?)[\])]?"
)
_STATUSES = {"accepted", "rejected", "undecided"}
_CLOCK_TIME = re.compile(r"(?P<day>\D*|.*[\sT_])(?P<hours>\d{1,2}):(?P<minutes>\d{2}):(?P<seconds>\d{2}(?:[.,]\d+)?)")


def take_head(table: TextTable, comment: str | None) -> None:
    """Take out the lines above the data: title lines, titles, units, marks."""
    rows = [table.cut(line) for line in table.lines[:_HEAD]]
    stop = next((k for k, row in enumerate(rows) if table.is_data(row) or not _is_head(table, row)), len(rows))
    if stop == len(rows) < len(table.lines):  # no data in sight: what stands there is named when it is read
        stop = 1
    width = len(rows[stop]) if stop < len(rows) else max(map(len, rows))
    full = [row for row in rows[:stop] if sum(map(bool, row)) > min(width - 1, 2) or len(row) == width]
    full = full or rows[:stop][-1:]
    left_out = [row for row in rows[:stop] if row not in full]
    if left_out:
        what = "a line" if len(left_out) == 1 else f"{len(left_out)} lines"
        words = printable_text(" ".join(filter(None, left_out[0])))
        table.notes.append(f"Above the titles, {what} was left out: '{words}'.")
    del table.lines[:stop], table.numbers[:stop]
    while len(full) > 1 and (kind := _kind_below_titles(full[-1])):
        below = full.pop()
        if kind == "marks":
            table.marks = below
        if below[0] and not full[-1][0]:
            full[-1][0] = below[0]  # Inscopix has the title of the times here
        elif kind == "units" and below[0]:
            full[-1][0] = f"{full[-1][0]} ({below[0].strip('[]()')})"
    header = full[-1] if full else None
    if header is not None and len(full) > 1 and len(set(header)) < len(header):
        above = full[-2] + [""] * len(header)
        header = [f"{a} {title}" if a and a != title else title for a, title in zip(above, header, strict=False)]
    if header is None and stop < len(rows) and _is_counted(table, rows[stop:]):
        header = rows[stop]
        del table.lines[0], table.numbers[0]
    elif header is None and comment is not None and width > 1:
        cells = table.cut(comment)
        if len(cells) == width and all(table.number(cell) is None for cell in cells):
            header = cells
    if header is not None and len(header) == width - 1:  # R gives no title to the names of rows
        first = [row[0] for row in rows[stop:]]
        counts = first[:1] == ["1"] and _counts([table.number(cell) for cell in first])
        if counts or all(table.number(cell) is None for cell in first):
            header = ["", *header]
    table.header = header


def _is_head(table: TextTable, row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    words = [cell for cell in filled if table.number(cell) is None]
    return bool(words) and (2 * len(words) >= len(filled) or table.number(row[0]) is None)


def _kind_below_titles(row: list[str]) -> str:
    """Return whether a row of words holds units, or marks of each column; empty for titles."""
    filled = [cell.lower() for cell in row if cell]
    if all(_UNIT.fullmatch(cell) for cell in filled):
        return "units"
    marks = filled[1:] if row[0] else filled
    return "marks" if marks and set(marks) <= _STATUSES else ""


def _is_counted(table: TextTable, rows: list[list[str]]) -> bool:
    """Return whether the first of some rows of numbers counts the columns, or holds the times of frames."""
    first, *below = rows
    if not below or len(first) < 2:
        return False
    corner = not first[0] or table.number(first[0]) is None
    numbers = [table.number(cell) for cell in first[corner:]]
    others = [[table.number(cell) for cell in row[corner:]] for row in below[:FEW]]
    if any(row == numbers or (len(row) > 2 and _rises(row)) for row in others):
        return False
    bare = all(cell.isascii() and cell.isdigit() for cell in first[corner:])
    if corner and not first[0]:
        filled = all(row[0] for row in below)
        return filled and (_rises(numbers) or (bare and bool(np.all(np.diff(np.array(numbers, np.float64)) > 0))))
    if corner:
        return _rises(numbers) and all(table.number(row[0]) is None or row[0].isdigit() for row in below)
    if bare and _counts(numbers) and numbers[0] in (0, 1):
        return len(first) > 2 or not any(cell.isdigit() for row in below for cell in row)
    return len(first) >= 10 and _rises(numbers)


def drop_last_column(table: TextTable) -> None:
    """Drop the column that a delimiter behind each row makes, where it has no title."""
    delimiter, titles = table.delimiter, table.header
    if delimiter is None or not table.lines:
        return
    width = len(table.cut(table.lines[0]))
    untitled = titles is None or len(titles) < width or not titles[-1]
    if width > 1 and untitled and all(line.rstrip(" \r").endswith(delimiter) for line in table.lines):
        table.lines = [line.rstrip(" \r")[:-1] for line in table.lines]
        if titles is not None and len(titles) == width:
            titles.pop()
        if table.marks is not None and len(table.marks) == width:
            table.marks.pop()


def take_first_column(table: TextTable) -> None:
    """Take out a first column of dates or times of day, or of names, as wide sheets have it: a row for each signal."""
    rows = [table.cut(line) for line in table.lines[:_HEAD]]
    first = [row[0] for row in rows]
    width = len(rows[0])
    if width < 2 or not all(cell and table.number(cell) is None for cell in first):
        return
    stamped = None not in [_seconds(cell) for cell in first]
    if not stamped and (width < 3 or len(table.lines) > _MOST_LABELS or not all(map(table.is_data, rows))):
        return
    labels, lines = [], []
    for line in table.lines:
        cells = table.cut(line)
        labels.append(cells[0])
        lines.append((table.delimiter or " ").join(_quoted(cell, table.delimiter) for cell in cells[1:]))
    table.lines = lines
    if stamped:
        table.stamps = _stamps(table, labels)
    else:
        table.labels = labels
    if table.header is not None:
        table.corner, *table.header = table.header
    if table.marks is not None:
        del table.marks[0]


def _quoted(cell: str, delimiter: str | None) -> str:
    return f'"{cell}"' if delimiter is not None and delimiter in cell else cell


def _stamps(table: TextTable, cells: list[str]) -> NDArray[np.float64]:
    """Return seconds since the first row."""
    values = np.empty(len(cells))
    for k, (cell, number) in enumerate(zip(cells, table.numbers, strict=True)):
        found = np.nan if cell.lower() in EMPTY else _seconds(cell)
        if found is None:
            raise data_error(
                table.path,
                f"row {number}, column 1 holds '{printable_text(cell)}', but a date or a time of day was expected.",
            )
        values[k] = found
    values -= values[0]
    return values


def _seconds(cell: str) -> float | None:
    """Return a date with a time, or a time of day, in seconds; None where a cell holds neither."""
    match = _CLOCK_TIME.fullmatch(cell)
    if match is not None and not match["day"].strip(" T_"):
        hours, minutes = int(match["hours"]), int(match["minutes"])
        return 3600.0 * hours + 60.0 * minutes + float(match["seconds"].replace(",", "."))
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    if ":" not in cell:
        return None
    return (moment - datetime(2000, 1, 1, tzinfo=moment.tzinfo)).total_seconds()


def _counts(numbers: list[float | None]) -> bool:
    return None not in numbers and bool(np.all(np.diff(np.array(numbers, np.float64)) == 1))


def _rises(numbers: list[float | None]) -> bool:
    """Return whether a row counts frames or holds times."""
    if None in numbers:
        return False
    values = np.array(numbers, np.float64)
    steps = np.diff(values)
    return bool(len(steps) > 0 and np.all(steps > 0) and np.ptp(steps) <= 1e-3 * steps.max())
