"""Parser of tables of text: encoding, comments, delimiter, decimal sign, head, row labels, time stamps, numbers."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.paths import Identity, data_error, os_errors_as_data_errors, printable_text
from neuropil_gui.formats.progress import tick

_MOST_BYTES = 2**30
#: Bytes decoded and cells read at a time: a few milliseconds.
BLOCK, CELLS = 2**17, 2000
#: Bytes read for a first look.
LOOK = 2**21
_EMPTY = {"", "na", "n/a", "nan", "null", "none", "#n/a", "#nan"}
_FEW = 3
_MOST_COLUMNS = 2_000_000
_MOST_LABELS = 20_000
#: Lines in which the head ends and the first column is judged.
_HEAD = 40
#: Delimiter (None is white space) and whether the decimal sign is a comma, the likeliest first.
_CUTS: tuple[tuple[str | None, bool], ...] = (
    *(("\t", False), (";", False), (",", False)),
    *(("\t", True), (";", True), (None, False), (None, True)),
)
#: Numbers with a sign between thousands: where the decimal sign is a comma, and where it is a point.
_THOUSANDS_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d*")
_UNIT = re.compile(
    r"(?i)[\[(]?(s|sec\.?|seconds?|ms|msec|milliseconds?|[uµμ]s|min|minutes?|frames?|a\.?\s?u\.?|arb\.?\s?(units?|u\.?)"
    r"|%|m?v|[µμ]v|hz|counts?|px|pixels?|(d|delta|[δ∆])\s?f/f0?|n/?a|-+|grey|gray( values?)?)[\])]?"
)
_STATUSES = {"accepted", "rejected", "undecided"}
_CLOCK_TIME = re.compile(r"(?P<day>\D*|.*[\sT_])(?P<hours>\d{1,2}):(?P<minutes>\d{2}):(?P<seconds>\d{2}(?:[.,]\d+)?)")


@dataclass
class TextTable:
    """Lines of a file, with their numbers, delimiter and decimal sign.

    Attributes
    ----------
    path : Path
    lines : list of str
        Those with data.
    numbers : list of int
        Of these lines in the file, from 1.
    delimiter : str or None
        None for white space.
    comma : bool
        Whether the decimal sign is a comma.
    whole : float
        How many times as long as what was read the file is, for a first look; else 1.
    header : list of str or None
        The titles of the columns.
    labels : list of str
        The names that the first column holds; empty where it holds numbers.
    corner : str
        The title above the labels or stamps.
    stamps : ndarray or None
        Seconds since the first row, where the first column holds dates or times of day.
    marks : list of str or None
        What a row below the titles says of each column, e.g. that a cell is accepted.
    notes : list of str
        Sentences on what was left out.
    identity : Identity or None
        Of the file, to notice a change while it is read.
    """

    path: Path
    lines: list[str]
    numbers: list[int]
    delimiter: str | None = ","
    comma: bool = False
    whole: float = 1.0
    header: list[str] | None = None
    labels: list[str] = field(default_factory=list)
    corner: str = ""
    stamps: NDArray[np.float64] | None = None
    marks: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    identity: Identity | None = None

    def cut(self, line: str) -> list[str]:
        """Return the cells of a line."""
        if self.delimiter is None and '"' not in line:
            return line.split()
        if '"' in line:
            sign = self.delimiter or " "
            parts = next(csv.reader([line.strip() if sign == " " else line], delimiter=sign, skipinitialspace=True))
        else:
            parts = line.split(self.delimiter)
        return [part.strip() for part in parts]

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, NaN where it is empty, None where it is something else."""
        if cell.lower() in _EMPTY:
            return np.nan
        try:
            return float(self.plain(cell))
        except ValueError:
            return None

    def plain(self, cell: str) -> str:
        """Return a cell with a decimal point, and without signs between thousands."""
        if self.comma:
            if "." in cell:
                cell = cell.replace(".", "") if _THOUSANDS_POINT.fullmatch(cell) else "."
            return cell.replace(",", ".")
        return cell.replace(",", "") if "," in cell and _THOUSANDS_COMMA.fullmatch(cell) else cell

    def is_data(self, row: list[str]) -> bool:
        """Return whether a row holds numbers, but for a label in front."""
        named = len(row) > 1 and self.number(row[0]) is None
        numbers = [self.number(cell) for cell in (row[1:] if named else row)]
        return None not in numbers and any(map(bool, row[named:]))


def load(path: Path, look: bool = False) -> TextTable:
    """Read a table, without its numbers.

    Parameters
    ----------
    path : Path
    look : bool
        Whether the beginning of a long one is enough.

    Raises
    ------
    DataError
        When there are no numbers in it, or it is no text.
    """
    table = _lines(path, look)
    comment = _comment_header(table)
    if not table.lines:
        raise data_error(path, "it holds no numbers; a table with one column for each signal was expected.")
    for number, line in zip(table.numbers[:21], table.lines[:21], strict=True):
        columns = 1 + max(line.count(sign) for sign in ",;\t ")
        if columns > _MOST_COLUMNS:
            raise data_error(
                path, f"row {number} has {columns} columns; no table of signals has more than {_MOST_COLUMNS}."
            )
    _find_delimiter(table)
    if not table.lines:
        raise data_error(
            path, "it holds delimiters, but no numbers; a table with one column for each signal was expected."
        )
    _take_head(table, comment)
    _drop_last_column(table)
    if not table.lines:
        raise data_error(path, "it holds a header, but no numbers below it.")
    _take_first_column(table)
    return table


def _take_head(table: TextTable, comment: str | None) -> None:
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
    others = [[table.number(cell) for cell in row[corner:]] for row in below[:_FEW]]
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


def _drop_last_column(table: TextTable) -> None:
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


def _take_first_column(table: TextTable) -> None:
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
        found = np.nan if cell.lower() in _EMPTY else _seconds(cell)
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


def _lines(path: Path, look: bool) -> TextTable:
    with os_errors_as_data_errors(path):
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise data_error(path, "text of more than 1 GiB is not read; save it as .npy.")
        identity = Identity.of(path)
        with open(path, "rb") as stream:
            data = stream.read(LOOK if look and size > 2 * LOOK else -1)
            if data.count(b"\n") < _FEW:
                data += stream.read()  # its lines are long, and there are few of them
        identity.check()
    whole = size / len(data) if len(data) < size else 1.0
    lines = _text(path, data)
    if whole > 1:
        del lines[-1]  # it was cut
    if lines[0].startswith("# provenance:"):
        raise data_error(
            path,
            "it is an exported table of results, which holds no neuropil signals; "
            "open the .npz export or the recording itself.",
        )
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    return TextTable(path, [lines[number - 1] for number in numbers], numbers, whole=whole, identity=identity)


def _text(path: Path, data: bytes) -> list[str]:
    """Decode by the mark at the start, else by where zeros are, else as UTF-8 or Latin-1, which all bytes are."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return decoded_lines(data, "utf-16", "replace")
    head = data[:4096]
    if b"\0" in head:
        halves = head[::2].count(0), head[1::2].count(0)
        if min(halves) == 0 and max(halves) > 0.4 * len(head):  # UTF-16 without its mark
            return decoded_lines(data, "utf-16-be" if halves[0] else "utf-16-le", "replace")
        raise data_error(path, "it is named as text, but holds binary data.")
    try:
        return decoded_lines(data, "utf-8-sig")
    except UnicodeDecodeError:
        return decoded_lines(data, "latin-1")


def decoded_lines(data: bytes, encoding: str, errors: str = "strict") -> list[str]:
    """Return the lines of encoded text, whose ends are those of any system.

    It is decoded in blocks: one call for all would hold the interpreter and block the window.

    Parameters
    ----------
    data : bytes
    encoding : str
    errors : str
        As in `codecs.decode`.

    Returns
    -------
    list of str

    Raises
    ------
    UnicodeDecodeError
        When `errors` is "strict" and the data are not of this encoding.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    lines: list[str] = []
    begun: list[str] = []
    for start in range(0, len(data) + 1, BLOCK):
        tick(0.2 * start / (len(data) + 1))
        part = decoder.decode(data[start : start + BLOCK], final=start + BLOCK > len(data))
        first, *others = part.split("\n")
        begun.append(first)
        if others:
            lines.append("".join(begun))
            begun = [others.pop()]
            lines.extend(others)
    lines.append("".join(begun))
    return lines


def _comment_header(table: TextTable) -> str | None:
    """Take out comments; return the last one before the numbers, where NumPy's savetxt puts its header."""
    last: str | None = None
    lines: list[str] = []
    numbers: list[int] = []
    for number, line in zip(table.numbers, table.lines, strict=True):
        if line.lstrip().startswith("#"):
            last = line.lstrip().lstrip("#").strip() if not lines else last
        else:
            lines.append(line)
            numbers.append(number)
    table.lines, table.numbers = lines, numbers
    return last


def _find_delimiter(table: TextTable) -> None:
    """Choose the delimiter and decimal sign under which most of the first rows' cells are numbers."""
    sample = table.lines[1:21] or table.lines[:1]
    best = (-1.0, 0)
    choice: tuple[str | None, bool] = (",", False)
    for delimiter, comma in _CUTS:
        if delimiter is not None and not any(delimiter in line for line in sample):
            continue
        table.delimiter, table.comma = delimiter, comma
        rows = [table.cut(line) for line in sample]
        # What names a row is no number under any delimiter.
        cells = [cell for row in rows for cell in row[len(row) > 2 and table.number(row[0]) is None :]]
        good = sum(table.number(cell) is not None for cell in cells) / max(len(cells), 1)
        score = (good, min(map(len, rows)))
        if good > best[0] or (good == best[0] and best[1] <= 1 < score[1]):
            best, choice = score, (delimiter, comma)
    table.delimiter, table.comma = choice
    if choice[0] is not None:
        kept = [k for k, line in enumerate(table.lines) if line.strip(f" {choice[0]}\t\r")]  # not delimiters alone
        table.lines, table.numbers = [table.lines[k] for k in kept], [table.numbers[k] for k in kept]


def values(table: TextTable) -> NDArray[np.float64]:
    """Return the numbers of a table, shape (rows, columns).

    Parameters
    ----------
    table : TextTable
        A table without its numbers.

    Raises
    ------
    DataError
        Naming row and column of the first cell that is no number, or the first row of another length.
    """
    width = len(table.header) if table.header is not None else len(table.cut(table.lines[0]))
    found = _values_at_once(table, width)
    if found is None:
        found = np.array(list(_rows(table, width)), np.float64)
    if table.identity is not None:
        table.identity.check()
    return found


def _values_at_once(table: TextTable, width: int) -> NDArray[np.float64] | None:
    """Return all numbers by NumPy's reader; None where a cell is something else, or has a sign between thousands."""
    lines = table.lines
    if table.comma:
        if any("." in line for line in lines):
            return None
        lines = [line.replace(",", ".") for line in lines]
    try:
        # In blocks, because a call holds the interpreter and the window would stand still.
        rows_at_once = max(1, CELLS // width)
        parts = [lines[start : start + rows_at_once] for start in range(0, len(lines), rows_at_once)]
        blocks = []
        for number, part in enumerate(parts):
            tick(0.2 + 0.8 * number / len(parts))
            blocks.append(
                np.loadtxt(part, np.float64, comments=None, delimiter=table.delimiter, ndmin=2, quotechar='"')
            )
        if {block.shape[1] for block in blocks} == {width} and sum(map(len, blocks)) == len(lines):
            return np.concatenate(blocks)
    except (ValueError, OverflowError, MemoryError):
        pass
    return None


def _rows(table: TextTable, width: int) -> Iterator[list[float]]:
    """Yield the numbers of each row; a cell that is none, or a row of another length, is named."""
    named = bool(table.labels) or table.stamps is not None  # a first column that is no number was taken out
    for k, (number, line) in enumerate(zip(table.numbers, table.lines, strict=True)):
        if k % CELLS == 0:
            tick(0.2 + 0.8 * k / len(table.lines))
        cells = table.cut(line)
        if len(cells) != width:
            raise data_error(
                table.path, f"row {number} has {len(cells) + named} columns, but {width + named} were expected."
            )
        row = []
        for column, cell in enumerate(cells, 1 + named):
            value = table.number(cell)
            if value is None:
                raise data_error(
                    table.path,
                    f"row {number}, column {column} holds '{printable_text(cell)}', but a number was expected.",
                )
            row.append(value)
        yield row
