"""Tables of text: ``.csv``, ``.tsv``, ``.txt`` with header, time column and decimal comma as they come."""

import codecs
import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats.arrays import orient, own
from neuropil_gui.formats.files import Options, bad, shown, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = (".csv", ".tsv", ".txt")
_MOST_BYTES = 2**30
#: Bytes decoded and cells read at a time: a few milliseconds.
_BLOCK, _CELLS = 2**18, 5000
_EMPTY = {"", "na", "n/a", "nan", "null", "none", "#n/a", "#nan"}
_INDEX = re.compile(r"(?i)\s*(frames?|index|samples?|#|no\.?|n)?\s*")
#: How many of a unit make a second.
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), 1e6),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 1 / 60),
}
#: Delimiter (None is white space) and whether the decimal sign is a comma, the likeliest first.
_CUTS: tuple[tuple[str | None, bool], ...] = (
    *(("\t", False), (";", False), (",", False)),
    *(("\t", True), (";", True), (None, False), (None, True)),
)
_ALMOST = 0.2  # timestamps rounded to milliseconds vary by this part of a frame at most


@dataclass
class _Table:
    """The lines of a file, with their numbers in it, and how they are cut into cells."""

    path: Path
    lines: list[str]
    numbers: list[int]
    delimiter: str | None = ","
    comma: bool = False

    def cut(self, line: str) -> list[str]:
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


def sniff(path: Path, head: bytes) -> bool:
    """Whether it is named as text, and is not one of the binary files."""
    return path.suffix.lower() in SUFFIXES or (b"\0" not in head and bool(re.match(rb"[\s\d.,;+\-eE]+$", head)))


def read(path: Path, options: Options) -> Recording:
    """Read one cell from a table of numbers.

    A header names the signals, and then columns are signals. A first column of times gives the
    frame rate (in seconds, unless its name says ms); one that only counts the frames is left out.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        Naming row and column of the first cell that is no number, or the first row of another length.
    """
    table = _lines(path)
    comment = _comment_header(table)
    if not table.lines:
        raise bad(path, "it holds no numbers; a table with one column for each signal was expected.")
    _find_delimiter(table)
    if not table.lines:
        raise bad(path, "it holds delimiters, but no numbers; a table with one column for each signal was expected.")
    header = _header(table, comment)
    if not table.lines:
        raise bad(path, "it holds a header, but no numbers below it.")
    values = _values(table, header)
    missing = int(np.isnan(values).sum())
    warnings = [f"{missing} of {values.size} fields are empty or not a number."] if missing else []
    values, names, rate, timed = _take_time(values, header, warnings)
    if header is not None or timed:
        turned, fixed = True, True
    else:
        turned, doubts = orient(values.shape[0], values.shape[1], options.rows_are_frames)
        fixed = False
        warnings.extend(doubts)
    traces = own(values.T if turned else values)
    cell = Cell("cell 1", traces, names or default_signal_names(len(traces)), source_index=0)
    return Recording(
        shown(path),
        str(path),
        rate,
        CellsInMemory([cell]),
        "text",
        tuple(warnings),
        rows_are_frames=None if fixed else turned,
    )


def _lines(path: Path) -> _Table:
    with told(path):
        if path.stat().st_size > _MOST_BYTES:
            raise bad(path, "text of more than 1 GiB is not read; save it as .npy.")
        data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        lines = _decoded(data, "utf-16", "replace")
    else:
        if b"\0" in data[:4096]:
            raise bad(path, "it is named as text, but holds binary data.")
        try:
            lines = _decoded(data, "utf-8-sig")
        except UnicodeDecodeError:
            lines = _decoded(data, "latin-1")
    if lines[0].startswith("# provenance:"):
        raise bad(
            path,
            "it is an exported table of results, which holds no neuropil signals; "
            "open the .npz export or the recording itself.",
        )
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    return _Table(path, [lines[number - 1] for number in numbers], numbers)


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> list[str]:
    """Decode and split into lines, in blocks: a call for all would hold the interpreter, and the window stand still."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    lines: list[str] = []
    begun: list[str] = []
    for start in range(0, len(data) + 1, _BLOCK):
        part = decoder.decode(data[start : start + _BLOCK], final=start + _BLOCK > len(data))
        first, *others = part.split("\n")
        begun.append(first)
        if others:
            lines.append("".join(begun))
            begun = [others.pop()]
            lines.extend(others)
    lines.append("".join(begun))
    return lines


def _comment_header(table: _Table) -> str | None:
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


def _find_delimiter(table: _Table) -> None:
    """Choose the delimiter and decimal sign under which most of the first rows' cells are numbers."""
    sample = table.lines[1:21] or table.lines[:1]
    best = (-1.0, 0)
    choice: tuple[str | None, bool] = (",", False)
    for delimiter, comma in _CUTS:
        if delimiter is not None and not any(delimiter in line for line in sample):
            continue
        table.delimiter, table.comma = delimiter, comma
        rows = [table.cut(line) for line in sample]
        cells = [cell for row in rows for cell in row]
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


def _header(table: _Table, comment: str | None) -> list[str] | None:
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


def _values(table: _Table, header: list[str] | None) -> "NDArray[np.float64]":
    width = len(header) if header is not None else len(table.cut(table.lines[0]))
    lines = [line.replace(",", ".") for line in table.lines] if table.comma else table.lines
    try:
        # In blocks, because a call holds the interpreter and the window would stand still.
        rows_at_once = max(1, _CELLS // width)
        parts = [lines[start : start + rows_at_once] for start in range(0, len(lines), rows_at_once)]
        blocks = [
            np.loadtxt(part, np.float64, comments=None, delimiter=table.delimiter, ndmin=2, quotechar='"')
            for part in parts
        ]
        if {block.shape[1] for block in blocks} == {width} and sum(map(len, blocks)) == len(lines):
            return np.concatenate(blocks)
    except (ValueError, OverflowError, MemoryError):
        pass  # cell by cell, below, it can be said where
    rows = []
    for number, line in zip(table.numbers, table.lines, strict=True):
        cells = table.cut(line)
        if len(cells) != width:
            raise bad(table.path, f"row {number} has {len(cells)} columns, but {width} were expected.")
        row = [table.number(cell) for cell in cells]
        if None in row:
            column = row.index(None)
            raise bad(
                table.path,
                f"row {number}, column {column + 1} holds '{shown(cells[column])}', but a number was expected.",
            )
        rows.append(row)
    return np.array(rows, np.float64)


def _take_time(
    values: "NDArray[np.float64]", header: list[str] | None, warnings: list[str]
) -> "tuple[NDArray[np.float64], tuple[str, ...] | None, float | None, bool]":
    """Return the signals, their names, the frame rate in Hz, and whether there was a column of times."""
    names = None
    if header is not None:
        names = tuple(cell or f"column {k}" for k, cell in enumerate(header, 1))
    if values.shape[1] < 2 or len(values) < 2:
        return values, names, None, False
    first = values[:, 0]
    counts = bool(np.all(np.diff(first) == 1)) and first[0] in (0, 1)
    title = header[0] if header is not None else None
    per_second = _time_unit(title) if title is not None else 1.0
    rest = values[:, 1:], names[1:] if names else None
    if per_second is None:
        if counts and _INDEX.fullmatch(title or ""):
            warnings.append(f"The first column{f' ({title})' if title else ''} counts the frames and was left out.")
            return *rest, None, True
        if not (_rises_evenly(first) and len(values) >= 10):
            return values, names, None, False
        # In whatever language, a ramp whose title names a unit of time is a clock.
        per_second = next((_UNITS[word] for word in _words(title or "") if word in _UNITS), None)
        if per_second is None:
            warnings.append(
                f"The first column ({title}) rises evenly, as a clock does, but was read as the ROI's signal. If it "
                "holds the times, write their unit into its title, e.g. time (s)."
            )
            return values, names, None, False
        warnings.append(f"The first column ({title}) rises evenly: it was taken for the time.")
    if title is None and counts and len(values) > 2:
        warnings.append("The first column counts the frames and was left out.")
        return *rest, None, True
    even = _rises_evenly(first)
    step = float(first[-1] - first[0]) / (len(first) - 1) if even else math.nan
    if title is None:
        # Only a ramp as even as a clock's, or as nearly so as rounding allows, is taken for one.
        if len(values) < 10 or not even or values.shape[1] > len(values):
            return values, names, None, False
        warnings.append("The first column rises evenly: it was taken for the time in seconds.")
        return *rest, 1 / step, True
    if not even:
        warnings.append(f"The times in the first column ({title}) are not evenly spaced: the frame rate is unknown.")
        return *rest, None, True
    return *rest, per_second / step, True


def _rises_evenly(values: "NDArray[np.float64]") -> bool:
    """Whether the values rise by equal steps, or as nearly so as the rounding of a clock allows."""
    with np.errstate(all="ignore"):
        steps = np.diff(values)
        step = float(values[-1] - values[0]) / len(steps)
    return bool(np.isfinite(step) and step > 0 and np.all(np.abs(steps - step) <= _ALMOST * step))


def _words(title: str) -> list[str]:
    return re.findall(r"[^\W_]+", title.lower())


def _time_unit(title: str) -> float | None:
    """Return how many of its unit make a second if a column's title says time, else None."""
    words = _words(title)
    if not words:
        return None
    units = [_UNITS[word] for word in words if word in _UNITS]
    if words[0].startswith("time") or (len(units) >= len(words) - (words[0] == "t")):
        return units[0] if units else 1.0
    return None
