"""Reader of tables of text (``.csv``, ``.tsv``, ``.txt``, ImageJ's ``.xls``): orientation, roles of columns, cells."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import printable_text
from neuropil_gui.core.recording import Cell, CellHeader, Recording, default_signal_names
from neuropil_gui.formats.paths import CellsOnDemand, Options, check_count, data_error, join_names, printable_name
from neuropil_gui.formats.plain import table
from neuropil_gui.formats.plain.arrays import orient, read_only, step_for
from neuropil_gui.formats.plain.clock import NO_TIMES, Clock, is_time_title, unit_in
from neuropil_gui.formats.plain.grid import NUMBERS_CELLS, Grid, by_columns, by_rows, is_counted
from neuropil_gui.formats.plain.roles import CHOOSABLE, KEPT, Role, find_roles, names_signal
from neuropil_gui.formats.plain.rows import CELLS, SIGNALS, RowsGuess, guess_rows, names_neuropil
from neuropil_gui.formats.plain.text_table import TextTable
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

SUFFIXES = (".csv", ".tsv", ".txt", ".xls", ".dat")
#: Titles above numbers of cells, one a row.


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is named as text, and is not one of the binary files.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    suffix = path.suffix.lower()
    if suffix in (".xls", ".dat"):  # ImageJ's is text by that name, a workbook or something else is not
        return bool(head) and b"\0" not in head
    return suffix in SUFFIXES or (b"\0" not in head and bool(re.match(rb"[\s\d.,;+\-eE]+$", head)))


def read(path: Path, options: Options) -> Recording:
    """Read the cells of a table of numbers.

    Parameters
    ----------
    path : Path
    options : Options

    Returns
    -------
    Recording
        Columns or rows are signals, named by the titles or the first column. Times give the frame rate, in the unit
        that their title says, or the best guess; what only counts frames, marks them, or measures something else than
        a mean is left out.

    Raises
    ------
    DataError
        Naming row and column of the first cell that is no number, or the first row of another length.
    """
    return _recording(table.load(path), options)


def _recording(look: TextTable, options: Options) -> Recording:
    loaded = _read(look, options)
    traces = loaded.traces
    if loaded.are_cells(options):
        check_count(look.path, len(traces))
        names = loaded.names or tuple(f"ROI {k}" for k in range(1, len(traces) + 1))
        marks = loaded.marks or [""] * len(traces)
        headers = [
            CellHeader(name, 1, traces.shape[1], source_index=k, facts=(("status", marks[k]),) if marks[k] else ())
            for k, name in enumerate(names)
        ]

        def load(index: int) -> Cell:
            return Cell(names[index], traces[index : index + 1], ("ROI",), source_index=index)

    else:
        order = [loaded.roi, *(k for k in range(len(traces)) if k != loaded.roi)]
        signals = tuple(loaded.names[k] for k in order) if loaded.names else default_signal_names(len(traces))
        cell = Cell("cell 1", read_only(traces[order]), signals, source_index=0)
        headers = [CellHeader(cell.name, len(traces), traces.shape[1], source_index=0)]

        def load(index: int) -> Cell:
            return cell

    return Recording(
        printable_name(look.path),
        str(look.path),
        loaded.rate,
        CellsOnDemand(headers, load),
        "text",
        tuple(loaded.notes(options)),
        rows_are_frames=loaded.rows_are_frames,
    )


def inquire(path: Path) -> Inquiry:
    """Return the questions about a table: what its traces are, the ROI, the axis of time, the unit of times.

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
    if loaded.doubt:
        choices = (Choice(False, "Columns are frames"), Choice(True, "Rows are frames"))
        questions.append(
            FileQuestion("rows_are_frames", "Which axis is time?", loaded.rows_are_frames, loaded.doubt, choices)
        )
    guess = None
    if loaded.names and len(loaded.names) > 1 and not loaded.rows.cells:
        guess = loaded.names[loaded.roi]
        if loaded.roi or not loaded.roi_is_named:
            each = tuple(Choice(name, name) for name in loaded.names)
            questions.append(FileQuestion("roi_column", "Which is the ROI's signal?", guess, loaded.why_roi, each))
    if loaded.clock is not None:
        questions.extend(loaded.clock.questions())
    if questions or loaded.rows.doubtful:
        questions[:0] = loaded.rows.questions()
    if questions and (loaded.clock is None or loaded.clock.step is None):
        why = "The table has no column of times." if loaded.clock is None else "Its times are not evenly spaced."
        questions.append(FileQuestion("frame_rate", "At how many frames per second was it recorded?", None, why))

    def preview(options: Options) -> Preview:
        recording = _recording(look, options)
        first = recording.cells[0]
        length = first.traces.shape[1]
        grows = bool(recording.rows_are_frames) and look.whole > 1
        frames = round(length * look.whole) if grows else length
        step = step_for(length)
        rate = options.frame_rate if options.frame_rate is not None else recording.frame_rate
        traces = read_only(first.traces[:, ::step])
        return Preview(traces, first.signal_names, frames, len(recording.cells), rate, step, grows)

    signature = f"text:{'|'.join(loaded.names or ())[:200]}:{look.delimiter}{look.comma}"
    guesses = Options(roi_column=guess)
    return Inquiry("Table of text", tuple(questions), preview, signature, guesses, alone=loaded.rows.cells)


@dataclass
class _Loaded:
    """A table's traces, which of them is the ROI, and what is known of them."""

    traces: NDArray[np.float64]
    names: tuple[str, ...] | None
    marks: list[str] | None
    clock: Clock | None
    rate: float | None
    rows_are_frames: bool
    doubt: str
    rows: RowsGuess
    roi: int
    roi_is_named: bool
    why_roi: str
    warnings: list[str]

    def are_cells(self, options: Options) -> bool:
        """Return whether each trace is a cell of its own."""
        return (options.rows or self.rows.value) == CELLS

    def notes(self, options: Options) -> list[str]:
        """Return sentences on what was guessed or left out."""
        notes = [*self.warnings, *self.rows.notes(len(self.traces), options)]
        if self.roi and options.roi_column is None and self.names and not self.are_cells(options):
            notes.append(f"{self.names[self.roi]} was taken for the ROI (--roi-column): {self.why_roi}")
        return notes


def _read(look: TextTable, options: Options) -> _Loaded:
    values = table.values(look)
    if np.isnan(values).all():
        raise data_error(
            look.path, "all of its fields are empty, so it holds no numbers; a table of signals was expected."
        )
    if options.roi_column is not None and options.rows is None:
        options = replace(options, rows=SIGNALS)
    warnings = list(look.notes)
    rows_are_frames, doubt = _orientation(look, values, options, warnings)
    grid = by_columns(look, values) if rows_are_frames else by_rows(look, values, options)
    roles = find_roles(list(grid.traces), grid.titles)
    chosen = _chosen(look, options, grid, roles)
    clock = grid.clock or _clock(grid, roles, options)
    kept = [k for k, role in enumerate(roles) if role in KEPT or k == chosen]
    if not kept:
        raise data_error(
            look.path,
            f"none of its {grid.what}s holds a signal: {_held(grid, roles)}. --roi-column takes a measure or marks "
            "nevertheless.",
        )
    warnings += _left_out(grid, roles, kept, clock)
    traces = grid.traces[kept]
    if missing := int(np.isnan(traces).sum()):
        warnings.append(f"{missing} of {traces.size} fields are empty or not a number.")
    if clock is not None:
        warnings.extend(clock.notes(options))
    elif options.time_unit is not None:
        warnings.append(NO_TIMES)
    names = tuple(grid.names[k] for k in kept) if grid.names is not None else None
    usable = [k for k, place in enumerate(kept) if roles[place] is Role.SIGNAL] or [0]
    named = [k for k in usable if names and names_signal(names[k]) and not names_neuropil(names[k])]
    why = "Its name says so." if named else "It is the first, and no name says ROI, cell or soma."
    if not named and usable[0]:
        why = "It is the first that is neither constant nor an even ramp, and no name says ROI, cell or soma."
    return _Loaded(
        traces=read_only(traces),
        names=names,
        marks=[grid.marks[k] for k in kept] if grid.marks is not None else None,
        clock=clock,
        rate=clock.rate(options.time_unit) if clock is not None else None,
        rows_are_frames=rows_are_frames,
        doubt=doubt,
        rows=guess_rows(len(kept), names, grid.of_cells),
        roi=kept.index(chosen) if chosen is not None else (named or usable)[0],
        roi_is_named=bool(named),
        why_roi=why,
        warnings=warnings,
    )


def _orientation(
    look: TextTable, values: NDArray[np.float64], options: Options, warnings: list[str]
) -> tuple[bool, str]:
    """Return whether the rows are frames, and why that is in doubt; empty where it is not."""
    rows, columns = round(values.shape[0] * look.whole), values.shape[1]
    if options.rows_are_frames is not None:
        return options.rows_are_frames, ""
    if look.labels:
        return False, ""
    if look.stamps is not None or look.marks is not None:
        return True, ""
    counted = is_counted(look, values)
    if look.header is not None and not _titles_are_numbers(look):
        return True, ""
    if counted and look.header is not None and NUMBERS_CELLS.fullmatch(look.header[0]):
        return False, ""
    if columns > 1:
        title = look.header[:1] if look.header is not None else None
        first = find_roles([values[:, 0], values[:, 1]], [*title, ""] if title is not None else None)[0]
        wide = columns - 1 >= 2 * rows
        if counted or first is Role.COUNT:
            return not wide, ""
        if first is Role.TIME and (columns <= rows or (title and is_time_title(title[0]))):
            return True, ""
    turned, doubts = orient(rows, columns, None)
    warnings.extend(doubts)
    return turned, doubts[0] if doubts else ""


def _titles_are_numbers(look: TextTable) -> bool:
    """Return whether the titles count the columns or are times, but for one in the corner."""
    titles = look.header or []
    return len(titles) > 1 and None not in [look.number(cell) for cell in titles[1:]] and any(titles[1:])


def _clock(grid: Grid, roles: list[Role], options: Options) -> Clock | None:
    """Return the times among the traces; a count of frames is one only with a unit that the user gives."""
    found = [k for k, role in enumerate(roles) if role is Role.TIME]
    if not found and options.time_unit is not None:
        found = [k for k, role in enumerate(roles) if role is Role.COUNT]
    if not found:
        return None
    title = grid.titles[found[0]] if grid.titles is not None else ""
    return Clock.of(grid.where(found[0]), grid.traces[found[0]], unit_in(title))


def _left_out(grid: Grid, roles: list[Role], kept: list[int], clock: Clock | None) -> list[str]:
    """Return sentences on the traces that are left out, and on those that look like times but are not."""
    notes = []
    if clock is not None and clock is grid.clock and grid.what == "row":
        notes.append("The titles of the columns rise evenly: they were taken for the time.")
    left: dict[Role, list[int]] = {role: [] for role in Role}
    for k, role in enumerate(roles):
        if k not in kept:
            left[role].append(k)
    for k in left[Role.TIME][:1]:
        if grid.titles is None or not is_time_title(grid.titles[k]):
            notes.append(f"{grid.where(k)} rises evenly: it was taken for the time.")
    if clock is not None and grid.clock is None and not left[Role.TIME]:
        left[Role.COUNT].pop(0)
    notes += [f"{grid.where(k)} counts the frames and was left out." for k in left[Role.COUNT]]
    for role in (Role.MARK, Role.MEASURE):
        names = [grid.names[k] for k in left[role]] if grid.names is not None else []
        if names:
            verb = "was" if len(names) == 1 else "were"
            notes.append(f"{join_names(names)} {verb} left out, as {role.value}; --roi-column takes it nevertheless.")
    if left[Role.MARK]:
        notes.append("Where marks tell frames of several excitations apart, separate those before opening the table.")
    for k in kept:
        if roles[k] is Role.RAMP:
            notes.append(
                f"{grid.where(k)} rises evenly, as a clock does, but was kept among the signals. If it holds the "
                "times, write their unit into its title, e.g. time (s)."
            )
    return notes


def _held(grid: Grid, roles: list[Role]) -> str:
    """Return what the traces hold, for a sentence."""
    names = grid.names or ()
    return "; ".join(
        f"{join_names([name for name, each in zip(names, roles, strict=False) if each is role], 3)}: {role.value}"
        for role in dict.fromkeys(roles)
    )


def _chosen(look: TextTable, options: Options, grid: Grid, roles: list[Role]) -> int | None:
    """Return which trace the user chose as the ROI: by its title, or its number from 1; None where none was chosen."""
    if options.roi_column is None:
        return None
    asked, count = options.roi_column.strip(), len(grid.traces) + grid.first - 1
    names = grid.names or ()
    same = [k for k, name in enumerate(names) if name.casefold() == printable_text(asked).casefold()]
    index = next((k for k in same if names[k] == asked), same[0] if same else None)
    if index is None and asked.isascii() and asked.isdigit() and len(asked) < 10 and 0 < int(asked) <= count:
        index = int(asked) - grid.first
    if index is None:
        choosable = [name for name, role in zip(names, roles, strict=False) if role in CHOOSABLE]
        have = f"{join_names(choosable)}, or 1 to {count}" if choosable else f"1 to {count}"
        raise data_error(
            look.path, f"there is no {grid.what} '{printable_text(asked)}' that could be the ROI; {have} was expected."
        )
    if index < 0 or roles[index] not in CHOOSABLE:
        raise data_error(
            look.path,
            f"{grid.what} {printable_text(asked)} was asked for as the ROI, but it holds the times or counts the "
            "frames.",
        )
    return index
