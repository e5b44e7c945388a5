"""Tables of text: ``.csv``, ``.tsv``, ``.txt`` with header, time column and decimal comma as they come."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats import table
from neuropil_gui.formats.arrays import orient, own, step_for
from neuropil_gui.formats.files import Options, bad, listed, shown
from neuropil_gui.formats.questions import Choice, Inquiry, Preview, Question
from neuropil_gui.formats.table import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = (".csv", ".tsv", ".txt")
_ROI = re.compile(r"(?i)^(roi|cells?|soma|signal|raw|f)([\W_\d]|$)")
_INDEX = re.compile(r"(?i)\s*(frames?|index|samples?|#|no\.?|n)?\s*")
#: How many of a unit make a second.
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), 1e6),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 1 / 60),
}
_ALMOST = 0.2  # timestamps rounded to milliseconds vary by this part of a frame at most


def sniff(path: Path, head: bytes) -> bool:
    """Whether it is named as text, and is not one of the binary files."""
    return path.suffix.lower() in SUFFIXES or (b"\0" not in head and bool(re.match(rb"[\s\d.,;+\-eE]+$", head)))


def read(path: Path, options: Options) -> Recording:
    """Read one cell from a table of numbers.

    A header names the signals, and then columns are signals; a first column of names does the same for rows. A first
    column of times gives the frame rate (in seconds, unless its name says ms); one that only counts the frames is
    left out.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        Naming row and column of the first cell that is no number, or the first row of another length.
    """
    loaded = _read(table.load(path), options)
    names = loaded.names or default_signal_names(len(loaded.traces))
    cell = Cell("cell 1", loaded.traces, names, source_index=0)
    turned = loaded.turned if loaded.open else None
    cells = CellsInMemory([cell])
    return Recording(shown(path), str(path), loaded.rate, cells, "text", tuple(loaded.warnings), rows_are_frames=turned)


def inquire(path: Path) -> Inquiry:
    """Say what is open about a table: which column is the ROI, and which axis is time.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        As `read` does.
    """
    look = table.load(path, look=True)
    loaded = _read(look, Options())
    questions: list[Question] = []
    if loaded.open and loaded.doubt:
        choices = (Choice(False, "Columns are frames"), Choice(True, "Rows are frames"))
        questions.append(Question("rows_are_frames", "Which axis is time?", loaded.turned, loaded.doubt, choices))
    guess = None
    if loaded.names and len(loaded.names) > 1:
        named = [name for name in loaded.names if _ROI.search(name)]
        guess = named[0] if named else loaded.names[0]
        if guess != loaded.names[0] or not named:
            why = "Its name says so." if named else "It is the first, and no name says ROI, cell or soma."
            each = tuple(Choice(name, shown(name)) for name in loaded.names)
            questions.append(Question("roi_column", "Which is the ROI's signal?", guess, why, each))
    if questions and loaded.rate is None:
        why = "The table has no column of times."
        questions.append(Question("frame_rate", "At how many frames per second was it recorded?", None, why))

    def preview(options: Options) -> Preview:
        found = _read(look, options)
        frames = round(found.traces.shape[1] * (look.whole if found.turned else 1))
        names = found.names or default_signal_names(len(found.traces))
        step = step_for(found.traces.shape[1])
        rate = options.frame_rate if options.frame_rate is not None else found.rate
        return Preview(own(found.traces[:, ::step]), names, frames, 1, rate)

    signature = f"text:{'|'.join(loaded.names or ())[:200]}:{look.delimiter}{look.comma}"
    return Inquiry("Table of text", tuple(questions), preview, signature, Options(roi_column=guess))


@dataclass
class _Loaded:
    """A table as one cell."""

    traces: "NDArray[np.float64]"
    names: tuple[str, ...] | None
    rate: float | None
    turned: bool
    open: bool
    doubt: str
    warnings: list[str]


def _read(look: Table, options: Options) -> _Loaded:
    values = table.values(look)
    missing = int(np.isnan(values).sum())
    if missing == values.size:
        raise bad(look.path, "all of its fields are empty, so it holds no numbers; a table of signals was expected.")
    warnings = [f"{missing} of {values.size} fields are empty or not a number."] if missing else []
    if look.labels:
        names: tuple[str, ...] | None = tuple(look.labels)
        rate = _rate_of_header(look, warnings)
        turned, is_open, timed, doubt = False, False, False, ""
    else:
        width = values.shape[1]
        values, names, rate, timed = _take_time(values, look.header, warnings)
        is_open, doubt = look.header is None and not timed, ""
        turned = True
        if is_open:
            turned, doubts = orient(round(values.shape[0] * look.whole), values.shape[1], options.rows_are_frames)
            warnings.extend(doubts)
            doubt = doubts[0] if doubts else ""
        timed = values.shape[1] < width
    traces = values.T if turned else values
    if options.roi_column is not None:
        first = _column(look, options.roi_column, names, len(traces), timed and turned)
        order = [first, *(k for k in range(len(traces)) if k != first)]
        traces = traces[order]
        names = tuple(names[k] for k in order) if names else None
    return _Loaded(own(traces), names, rate, turned, is_open, doubt, warnings)


def _column(look: Table, asked: str, names: tuple[str, ...] | None, count: int, timed: bool) -> int:
    """Return which signal is meant by a title, or by a number from 1 that counts a column of times too."""
    what = "row" if look.labels else "column"
    same = [k for k, name in enumerate(names or ()) if name.casefold() == asked.strip().casefold()]
    exact = [k for k in same if names and names[k] == asked]
    if same:
        return (exact or same)[0]
    if asked.strip().isascii() and asked.strip().isdigit() and len(asked.strip()) < 10:
        index = int(asked) - 1 - timed
        if 0 <= index < count:
            return index
        if index == -1 and timed:
            raise bad(look.path, f"{what} 1 was asked for as the ROI, but it holds the times or counts the frames.")
    have = f"{listed(list(names))}, or 1 to {count + timed}" if names else f"1 to {count + timed}"
    raise bad(look.path, f"there is no {what} '{shown(asked)}' that could be the ROI; {have} was expected.")


def _rate_of_header(look: Table, warnings: list[str]) -> float | None:
    """Return the frame rate where the titles of a wide sheet's columns are times in seconds."""
    numbers = [look.number(cell) for cell in look.header or ()]
    if len(numbers) < 2 or None in numbers:
        return None
    times = np.array(numbers, np.float64)
    if not _rises_evenly(times) or np.all(np.diff(times) == 1):
        return None
    warnings.append("The titles of the columns rise evenly: they were taken for the time in seconds.")
    return float((len(times) - 1) / (times[-1] - times[0]))


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
