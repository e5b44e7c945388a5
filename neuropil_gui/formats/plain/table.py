"""Parser of tables of text: encoding, comments, delimiter, decimal sign, and numbers."""

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import printable_text
from neuropil_gui.formats.paths import Identity, data_error, os_errors_as_data_errors
from neuropil_gui.formats.plain.table_head import FEW, drop_last_column, take_first_column, take_head
from neuropil_gui.formats.plain.text_table import TextTable
from neuropil_gui.formats.progress import tick

_MOST_BYTES = 2**30
#: Bytes decoded and cells read at a time: a few milliseconds.
BLOCK, CELLS = 2**17, 2000
#: Bytes read for a first look.
LOOK = 2**21
_MOST_COLUMNS = 2_000_000
#: Delimiter (None is white space) and whether the decimal sign is a comma, the likeliest first.
_CUTS: tuple[tuple[str | None, bool], ...] = (
    *(("\t", False), (";", False), (",", False)),
    *(("\t", True), (";", True), (None, False), (None, True)),
)


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
    take_head(table, comment)
    drop_last_column(table)
    if not table.lines:
        raise data_error(path, "it holds text, but no rows of numbers below it.")
    take_first_column(table)
    return table


def _lines(path: Path, look: bool) -> TextTable:
    with os_errors_as_data_errors(path):
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise data_error(path, "text of more than 1 GiB is not read; save it as .npy.")
        identity = Identity.of(path)
        with open(path, "rb") as stream:
            data = stream.read(LOOK if look and size > 2 * LOOK else -1)
            if len(data) < size and data.count(b"\n") < FEW:
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
        # In blocks, because a call holds the interpreter and the window would stand still; cut one by one, because the
        # garbage collector, which does too, would go through a list of all of them.
        rows_at_once = max(1, CELLS // max(1, width))  # no title may be left; `_rows` refuses that
        blocks = []
        for start in range(0, len(lines), rows_at_once):
            tick(0.2 + 0.8 * start / len(lines))
            part = lines[start : start + rows_at_once]
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
