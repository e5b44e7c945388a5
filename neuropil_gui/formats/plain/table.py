"""Parser of tables of text: encoding, comments, delimiter, decimal sign, header, row labels, numbers."""

import codecs
import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.paths import data_error, os_errors_as_data_errors, printable_name
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
#: Delimiter (None is white space) and whether the decimal sign is a comma, the likeliest first.
_CUTS: tuple[tuple[str | None, bool], ...] = (
    *(("\t", False), (";", False), (",", False)),
    *(("\t", True), (";", True), (None, False), (None, True)),
)


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
        The title above the labels.
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

    def cut(self, line: str) -> list[str]:
        """Return the cells of a line."""
        if self.delimiter is None:
            return line.split()
        parts = next(csv.reader([line], delimiter=self.delimiter)) if '"' in line else line.split(self.delimiter)
        return [part.strip() for part in parts]

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, NaN where it is empty, None where it is something else."""
        if cell.lower() in _EMPTY:
            return np.nan
        try:
            return float(cell.replace(",", ".") if self.comma else cell)
        except ValueError:
            return None


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
    if not _take_labels(table):
        table.header = _header(table, comment)
    if not table.lines:
        raise data_error(path, "it holds a header, but no numbers below it.")
    return table


def _take_labels(table: TextTable) -> bool:
    """Take out a first column of names, as wide sheets have it: a row for each signal."""
    rows = [table.cut(line) for line in table.lines[:21]]
    body = rows[1:] or rows
    if len(table.lines) > _MOST_LABELS or not all(_labelled(table, row) for row in body):
        return False
    first = rows[0][1:]
    numbers = [table.number(cell) for cell in first]
    if len(rows) > 1 and (None in numbers or _rises(numbers) or rows[0][0] == ""):
        table.header = rows[0]
        del table.lines[0], table.numbers[0]
    labels, lines = [], []
    for line in table.lines:
        cells = table.cut(line)
        labels.append(cells[0])
        lines.append((table.delimiter or " ").join(cells[1:]))
    table.labels, table.lines = labels, lines
    if table.header is not None:
        table.corner, *table.header = table.header
    return True


def _labelled(table: TextTable, row: list[str]) -> bool:
    if len(row) < 3 or not row[0] or table.number(row[0]) is not None:
        return False
    return all(table.number(cell) is not None for cell in row[1:])


def _rises(numbers: list[float | None]) -> bool:
    """Return whether a row counts frames or holds times."""
    values = np.array(numbers, np.float64)
    steps = np.diff(values)
    return bool(len(steps) > 0 and np.all(steps > 0) and np.ptp(steps) <= 1e-3 * steps.max())


def _lines(path: Path, look: bool) -> TextTable:
    with os_errors_as_data_errors(path):
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise data_error(path, "text of more than 1 GiB is not read; save it as .npy.")
        with open(path, "rb") as stream:
            data = stream.read(LOOK if look and size > 2 * LOOK else -1)
            if data.count(b"\n") < _FEW:
                data += stream.read()  # its lines are long, and there are few of them
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
    return TextTable(path, [lines[number - 1] for number in numbers], numbers, whole=whole)


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
    if choice[0] is not None and all(line.rstrip().endswith(choice[0]) for line in table.lines):
        # A delimiter after each row makes no column.
        cut = [(n, line.rstrip()[:-1]) for n, line in zip(table.numbers, table.lines, strict=True)]
        table.lines = [line for _, line in cut if line.strip()]
        table.numbers = [number for number, line in cut if line.strip()]


def _header(table: TextTable, comment: str | None) -> list[str] | None:
    """Take the header out of the table, and return its cells."""
    first = table.cut(table.lines[0])
    words = [cell for cell in first if cell and table.number(cell) is None]
    filled = [cell for cell in first if cell]
    counts = not first[0] and first[1:] == [str(k) for k in range(len(first) - 1)]  # as pandas writes it
    if (words and (2 * len(words) >= len(filled) or table.number(first[0]) is None)) or (counts and len(first) > 1):
        del table.lines[0], table.numbers[0]
        return first
    if comment is not None and len(first) > 1:
        cells = table.cut(comment)
        if len(cells) == len(first) and all(table.number(cell) is None for cell in cells):
            return cells
    return None


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
    lines = [line.replace(",", ".") for line in table.lines] if table.comma else table.lines
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
        pass  # cell by cell, below, the sentence can name its place
    rows = []
    for number, line in zip(table.numbers, table.lines, strict=True):
        cells = table.cut(line)
        if len(cells) != width:
            raise data_error(table.path, f"row {number} has {len(cells)} columns, but {width} were expected.")
        row = [table.number(cell) for cell in cells]
        if None in row:
            column = row.index(None)
            raise data_error(
                table.path,
                f"row {number}, column {column + 1} holds '{printable_name(cells[column])}', "
                "but a number was expected.",
            )
        rows.append(row)
    return np.array(rows, np.float64)
