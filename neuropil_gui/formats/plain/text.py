"""Reader of tables of text (``.csv``, ``.tsv``, ``.txt``) with header, time column or decimal comma."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats.paths import Options, data_error, join_names, printable_name
from neuropil_gui.formats.plain import table
from neuropil_gui.formats.plain.arrays import orient, read_only, step_for
from neuropil_gui.formats.plain.clock import NO_TIMES, Clock, even_step, is_time_title, unit_in
from neuropil_gui.formats.plain.table import TextTable
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

SUFFIXES = (".csv", ".tsv", ".txt")
_ROI = re.compile(r"(?i)^(roi|cells?|soma|signal|raw|f)([\W_\d]|$)")
_INDEX = re.compile(r"(?i)\s*(frames?|index|samples?|#|no\.?|n)?\s*")


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is named as text, and is not one of the binary files.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return path.suffix.lower() in SUFFIXES or (b"\0" not in head and bool(re.match(rb"[\s\d.,;+\-eE]+$", head)))


def read(path: Path, options: Options) -> Recording:
    """Read one cell from a table of numbers.

    A header names the signals, and then columns are signals; a first column of names does the same for rows. A first
    column of times gives the frame rate, in the unit that its name says, or the best guess; one that only counts the
    frames is left out.

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
    rows_are_frames = loaded.rows_are_frames if loaded.open else None
    cells = CellsInMemory([cell])
    return Recording(
        printable_name(path),
        str(path),
        loaded.rate,
        cells,
        "text",
        tuple(loaded.warnings),
        rows_are_frames=rows_are_frames,
    )


def inquire(path: Path) -> Inquiry:
    """Return the questions about a table: the column of the ROI, the axis of time, the unit of times.

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
    questions: list[FileQuestion] = []
    if loaded.open and loaded.doubt:
        choices = (Choice(False, "Columns are frames"), Choice(True, "Rows are frames"))
        questions.append(
            FileQuestion("rows_are_frames", "Which axis is time?", loaded.rows_are_frames, loaded.doubt, choices)
        )
    guess = None
    if loaded.names and len(loaded.names) > 1:
        named = [name for name in loaded.names if _ROI.search(name)]
        guess = named[0] if named else loaded.names[0]
        if guess != loaded.names[0] or not named:
            why = "Its name says so." if named else "It is the first, and no name says ROI, cell or soma."
            each = tuple(Choice(name, printable_name(name)) for name in loaded.names)
            questions.append(FileQuestion("roi_column", "Which is the ROI's signal?", guess, why, each))
    if loaded.clock is not None:
        questions.extend(loaded.clock.questions())
    if questions and (loaded.clock is None or loaded.clock.step is None):
        why = "The table has no column of times." if loaded.clock is None else "Its times are not evenly spaced."
        questions.append(FileQuestion("frame_rate", "At how many frames per second was it recorded?", None, why))

    def preview(options: Options) -> Preview:
        found = _read(look, options)
        frames = round(found.traces.shape[1] * (look.whole if found.rows_are_frames else 1))
        names = found.names or default_signal_names(len(found.traces))
        step = step_for(found.traces.shape[1])
        rate = options.frame_rate if options.frame_rate is not None else found.rate
        estimated = bool(found.rows_are_frames and look.whole > 1)
        return Preview(read_only(found.traces[:, ::step]), names, frames, 1, rate, step, estimated)

    signature = f"text:{'|'.join(loaded.names or ())[:200]}:{look.delimiter}{look.comma}"
    return Inquiry("Table of text", tuple(questions), preview, signature, Options(roi_column=guess))


@dataclass
class _Loaded:
    """A table as one cell."""

    traces: NDArray[np.float64]
    names: tuple[str, ...] | None
    clock: Clock | None
    rate: float | None
    rows_are_frames: bool
    open: bool
    doubt: str
    warnings: list[str]


def _read(look: TextTable, options: Options) -> _Loaded:
    values = table.values(look)
    missing = int(np.isnan(values).sum())
    if missing == values.size:
        raise data_error(
            look.path, "all of its fields are empty, so it holds no numbers; a table of signals was expected."
        )
    warnings = [f"{missing} of {values.size} fields are empty or not a number."] if missing else []
    if look.labels:
        names: tuple[str, ...] | None = tuple(look.labels)
        clock = _clock_of_header(look, options, warnings)
        rows_are_frames, is_open, left_out, doubt = False, False, 0, ""
    else:
        width = values.shape[1]
        values, names, clock, timed = _take_time(values, look.header, warnings, options)
        is_open, doubt, left_out = look.header is None and not timed, "", width - values.shape[1]
        rows_are_frames = True
        if is_open:
            rows_are_frames, doubts = orient(
                round(values.shape[0] * look.whole), values.shape[1], options.rows_are_frames
            )
            warnings.extend(doubts)
            doubt = doubts[0] if doubts else ""
    traces = values.T if rows_are_frames else values
    if options.roi_column is not None:
        first = _column(look, options.roi_column, names, len(traces), left_out)
        order = [first, *(k for k in range(len(traces)) if k != first)]
        traces = traces[order]
        names = tuple(names[k] for k in order) if names else None
    if clock is not None:
        warnings.extend(clock.notes(options))
    elif options.time_unit is not None:
        warnings.append(NO_TIMES)
    rate = clock.rate(options.time_unit) if clock is not None else None
    return _Loaded(read_only(traces), names, clock, rate, rows_are_frames, is_open, doubt, warnings)


def _column(look: TextTable, asked: str, names: tuple[str, ...] | None, count: int, left_out: int) -> int:
    """Return which signal is meant by a title, or by a number from 1 that counts columns of times too."""
    what = "row" if look.labels else "column"
    same = [k for k, name in enumerate(names or ()) if name.casefold() == asked.strip().casefold()]
    exact = [k for k in same if names and names[k] == asked]
    if same:
        return (exact or same)[0]
    if asked.strip().isascii() and asked.strip().isdigit() and len(asked.strip()) < 10:
        index = int(asked) - 1 - left_out
        if 0 <= index < count:
            return index
        if -left_out <= index < 0 < int(asked):
            raise data_error(
                look.path,
                f"{what} {int(asked)} was asked for as the ROI, but it holds the times or counts the frames.",
            )
    have = f"{join_names(list(names))}, or 1 to {count + left_out}" if names else f"1 to {count + left_out}"
    raise data_error(
        look.path, f"there is no {what} '{printable_name(asked)}' that could be the ROI; {have} was expected."
    )


def _clock_of_header(look: TextTable, options: Options, warnings: list[str]) -> Clock | None:
    """Return the times where the titles of a wide sheet's columns are such, and do not only count the frames."""
    numbers = [look.number(cell) for cell in look.header or ()]
    if len(numbers) < 2 or None in numbers:
        return None
    times = np.array(numbers, np.float64)
    unit = unit_in(look.corner)
    if even_step(times) is None or (np.all(np.diff(times) == 1) and unit is None and options.time_unit is None):
        return None
    warnings.append("The titles of the columns rise evenly: they were taken for the time.")
    return Clock.of("The titles of the columns", times, unit)


def _take_time(
    values: NDArray[np.float64], header: list[str] | None, warnings: list[str], options: Options
) -> tuple[NDArray[np.float64], tuple[str, ...] | None, Clock | None, bool]:
    """Return the signals, their names, the times, and whether there were columns of those, or of counts."""
    names = None
    if header is not None:
        names = tuple(cell or f"column {k}" for k, cell in enumerate(header, 1))
    if values.shape[1] < 2 or len(values) < 2:
        return values, names, None, False
    first = values[:, 0]
    counts = bool(np.all(np.diff(first) == 1)) and first[0] in (0, 1)
    title = header[0] if header is not None else ""
    rest = values[:, 1:], names[1:] if names else None
    where = f"The first column{f' ({title})' if title else ''}"
    if header is not None and is_time_title(title):
        return *rest, Clock.of(where, first, unit_in(title)), True
    if counts and len(values) > 2 and (header is None or _INDEX.fullmatch(title)):
        if options.time_unit is not None and header is None:
            return *rest, Clock.of(where, first, None), True
        warnings.append(f"{where} counts the frames and was left out.")
        if header is not None and values.shape[1] > 2 and is_time_title(header[1]):  # pandas counts the rows before it
            return _take_time(values[:, 1:], header[1:], warnings, options)
        return *rest, None, True
    # Only a ramp as even as a clock's, or as nearly so as rounding allows, is taken for one.
    if even_step(first) is None or len(values) < 10 or (header is None and values.shape[1] > len(values)):
        return values, names, None, False
    # In whatever language, a ramp whose title names a unit of time is a clock, and one without a title is, too.
    unit = unit_in(title)
    if header is not None and unit is None:
        warnings.append(
            f"{where} rises evenly, as a clock does, but was read as the ROI's signal. If it holds the times, write "
            "their unit into its title, e.g. time (s)."
        )
        return values, names, None, False
    warnings.append(f"{where} rises evenly: it was taken for the time.")
    return *rest, Clock.of(where, first, unit), True
