"""Plain arrays: the meaning of their axes, and the reader of ``.npy``."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellHeader, Recording, default_signal_names
from neuropil_gui.formats.paths import CellsOnDemand, Options, check_count, counted, data_error, printable_name
from neuropil_gui.formats.plain import npy
from neuropil_gui.formats.plain.npy import open_numbers
from neuropil_gui.formats.plain.rows import CELLS, OF_CELLS, RowsGuess, guess_rows
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

#: Points of a trace in a preview.
_POINTS = 4000
#: Frames of the shortest recording, and pixels of the smallest picture, by which an array is told from others.
_LEAST_FRAMES, _LEAST_PICTURE = 30, 32
#: Cells of a large recording: of an axis that is longer, and much longer than the others, each step is rather a frame.
_MANY_CELLS, _MUCH_LONGER = 2000, 10
LAYOUTS = "signals x frames, cells x signals x frames or cells x trials x signals x frames"


def orient(rows: int, columns: int, asked: bool | None) -> tuple[bool, tuple[str, ...]]:
    """Decide whether the rows of an array are frames.

    Recordings have few signals and many frames, so the shorter side is the signals; where
    neither side is twice the other, rows are signals, with a warning.

    Parameters
    ----------
    rows, columns : int
    asked : bool or None
        Answer of the user; None decides by the shape.

    Returns
    -------
    rows_are_frames : bool
    warnings : tuple of str
    """
    if asked is not None:
        return asked, ()
    size = f"{counted(rows, 'row')} and {counted(columns, 'column')}"
    across = f"{counted(rows, 'signal')} of {counted(columns, 'frame')}"
    down = f"{counted(columns, 'signal')} of {counted(rows, 'frame')}"
    if rows >= 2 * columns:
        return True, (f"{size}: the rows were read as frames, which gives {down}.",)
    if columns >= 2 * rows:
        return False, ()
    return False, (
        f"{size}: which are the signals is in doubt, read as {across}. Transpose (--transpose) reads them as {down}.",
    )


@dataclass(frozen=True)
class Layout:
    """Meaning of the axes of an array.

    Attributes
    ----------
    shape : tuple of int
    axes : tuple of int
        The axes of trials (if there are), signals (if there are) and frames, in this order.
    cells : int or None
        The axis of the cells; None where the array is one cell.
    rows_are_frames : bool
        Whether the axis of frames comes before that of signals or ROIs.
    warnings : tuple of str
        Sentences on what is doubtful.
    noun : str
        Name of its cells.
    rows : RowsGuess or None
        The best guess for what each trace is, where the array has two dimensions and no neuropil beside it.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    cells: int | None
    rows_are_frames: bool
    warnings: tuple[str, ...] = ()
    noun: str = "cell"
    rows: RowsGuess | None = None

    @property
    def dimensions(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def frames(self) -> int:
        """Frames of a trial."""
        return self.shape[self.axes[-1]]

    @property
    def signals(self) -> int:
        """Signals of a cell."""
        return self.shape[self.axes[-2]] if len(self.axes) > 1 else 1

    @property
    def trials(self) -> int:
        """Trials of a cell."""
        return self.shape[self.axes[0]] if len(self.axes) > 2 else 1

    @property
    def count(self) -> int:
        """The number of cells."""
        return 1 if self.cells is None else self.shape[self.cells]

    @property
    def alone(self) -> bool:
        """Whether it holds one trace of each cell."""
        return self.cells is not None and self.signals == 1

    def notes(self, options: Options) -> list[str]:
        """Return sentences on what is doubtful or guessed."""
        traces = self.count if self.alone else self.signals
        return [*self.warnings, *(self.rows.notes(traces, options) if self.rows is not None else ())]

    @property
    def starts(self) -> tuple[int, ...]:
        """The frame at which each trial starts."""
        return tuple(range(0, self.frames * self.trials, self.frames))

    def arrange(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return one cell's part of the array as signals by frames, its trials joined.

        Parameters
        ----------
        values : ndarray
            The array without the axis of cells.

        Returns
        -------
        ndarray, shape (signals, frames)
        """
        left = [axis for axis in range(self.dimensions) if axis != self.cells]
        values = values.transpose([left.index(axis) for axis in self.axes])
        if values.ndim == 1:
            return values[None]
        return np.concatenate(list(values), axis=1) if values.ndim == 3 else values


def is_movie(shape: tuple[int, ...]) -> bool:
    """Return whether two neighbouring axes are like those of a picture: of equal length, or as cameras have them.

    Parameters
    ----------
    shape : tuple of int
    """
    pairs = [(a, b) for a, b in pairwise(shape) if min(a, b) >= _LEAST_PICTURE] if len(shape) in (3, 4) else []
    return any(a == b or (a % 16 == b % 16 == 0 and max(a, b) <= 3 * min(a, b)) for a, b in pairs)


def layout(
    path: Path,
    shape: tuple[int, ...],
    options: Options,
    *,
    paired: bool = False,
    stacked: bool = False,
    of_cells: str = "",
    of_one: str = "",
) -> Layout:
    """Return the meaning of the axes of an array.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        (signals, frames), (cells, signals, frames) or (cells, trials, signals, frames), or with
        frames before signals.
    options : Options
        Answers of the user: whether rows are frames, and what each trace is.
    paired : bool
        Whether an array of two dimensions holds one signal of each of many cells, as its neuropil does.
    stacked : bool
        Whether three dimensions may be frames x signals x cells, as MATLAB's users stack them.
    of_cells, of_one : str
        As in `guess_rows`.

    Raises
    ------
    DataError
        For any other shape, or an empty array.
    """
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise data_error(path, f"an array of shape {shape} was found, but {LAYOUTS} was expected.")
    asked = options.rows_are_frames
    if asked is None and is_movie(shape):
        raise data_error(
            path,
            f"shape {shape} is that of a movie or of images: drop it together with its ROIs, or give those by --rois. "
            "If it holds traces, --transpose or --no-transpose says which axis is time.",
        )
    if len(shape) == 3:
        # Frames that are fewer than those of any recording are regions, and the first axis is time.
        many = shape[0] > max(_MANY_CELLS, _MUCH_LONGER * max(shape[1:]))
        stacked = stacked or many or max(shape[1:]) < _LEAST_FRAMES
    if len(shape) == 3 and stacked and asked is not False:
        longest = shape[0] >= max(shape[1:]) if asked else shape[0] >= 2 * max(shape[1:])
        if longest:
            sizes = [counted(side, noun) for side, noun in zip(shape, ("frame", "signal", "cell"), strict=True)]
            note = f"Shape {shape} was read as a stack: {' x '.join(sizes)}."
            return Layout(shape, (1, 0), 2, True, () if asked else (note,))
    rows_are_frames, warnings = orient(shape[-2], shape[-1], asked)
    last = len(shape) - 1
    frames, others = (last - 1, last) if rows_are_frames else (last, last - 1)
    if len(shape) == 2:
        rows = None if paired else guess_rows(shape[others], None, of_cells, of_one)
        if paired or (rows is not None and (options.rows or rows.value) == CELLS):
            return Layout(shape, (frames,), others, rows_are_frames, warnings, "ROI", rows)
        return Layout(shape, (others, frames), None, rows_are_frames, warnings, rows=rows)
    trials = (1,) if len(shape) == 4 else ()
    return Layout(shape, (*trials, others, frames), 0, rows_are_frames, warnings)


def read_only(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return fresh values as read-only float64, so that a Cell takes them without another copy.

    Parameters
    ----------
    values : ndarray
        Real numbers that nothing else refers to.
    """
    with np.errstate(all="ignore"):  # a signalling NaN or a long double beyond float64 needs no warning on stderr
        array = np.ascontiguousarray(values, np.float64)
    array.flags.writeable = False
    return array


def layout_questions(plan: Layout, depends: bool = False) -> list[FileQuestion]:
    """Return the questions for what each trace is and for the axis of time, where they are in doubt.

    Parameters
    ----------
    plan : Layout
        The best guess.
    depends : bool
        Whether the axis of time depends on another answer.
    """
    questions = []
    if plan.warnings or depends:
        why = plan.warnings[0] if plan.warnings else f"The longer side of {plan.shape} was taken for the frames."
        choices: tuple[Choice, ...] = (
            Choice(False, "Columns are frames"),
            Choice(True, "Rows are frames"),
            Choice(None, "By the shape: the longer side"),
        )
        if plan.cells == 2:
            choices = (Choice(True, "The first of three, cells are the last"), Choice(False, "The last of three"))
        guess = None if depends else plan.rows_are_frames
        questions.append(FileQuestion("rows_are_frames", "Which axis is time?", guess, why, choices))
    if plan.rows is not None and (questions or plan.rows.doubtful):
        questions[:0] = plan.rows.questions()
    return questions


def step_for(frames: int) -> int:
    """Return the step between the frames of a preview.

    Parameters
    ----------
    frames : int
        Of a trace.
    """
    return max(1, -(-frames // _POINTS))


def read_npy(path: Path, options: Options) -> Recording:
    """Read a ``.npy`` file of 2 to 4 dimensions.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When it is not such an array, or is cut short.
    """
    file = open_numbers(path, (2, 3, 4), LAYOUTS)
    plan = _layout_of_file(file, options)
    check_count(path, plan.count)
    names = default_signal_names(plan.signals)
    whole = file.read() if plan.cells in (1, 2) else None  # a cell lies all over the file

    def cell(index: int) -> Cell:
        one = file.read if plan.cells is None else lambda: file.row(index)
        values = one() if whole is None else np.take(whole, index, axis=plan.cells)
        return Cell(f"{plan.noun} {index + 1}", read_only(plan.arrange(values)), names, plan.starts, source_index=index)

    frames = plan.frames * plan.trials
    headers = [CellHeader(f"{plan.noun} {k + 1}", plan.signals, frames, plan.trials, k) for k in range(plan.count)]
    return Recording(
        printable_name(path),
        str(path),
        None,
        CellsOnDemand(headers, cell),
        "NumPy array",
        tuple(plan.notes(options)),
        rows_are_frames=plan.rows_are_frames,
    )


def _layout_of_file(file: npy.NpyFile, options: Options) -> Layout:
    """Return the meaning of the axes of a file, whose name may be that of a known program's."""
    name = file.path.stem
    of_cells = f"{printable_name(name)} is a name for the traces of many cells." if name in OF_CELLS else ""
    return layout(file.path, file.header.shape, options, of_cells=of_cells)


def inquire_npy(path: Path) -> Inquiry:
    """Return the questions for the axes of a ``.npy`` file, where its shape leaves a doubt.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is not such an array.
    """
    file = open_numbers(path, (2, 3, 4), LAYOUTS)

    def preview(options: Options) -> Preview:
        plan = _layout_of_file(file, options)
        step = step_for(plan.frames)
        parts = file.thinned(plan.axes[-1], 0 if plan.cells == 0 else None, step)
        if plan.cells in (1, 2):
            parts = np.take(parts, 0, axis=plan.cells)
        frames = plan.frames * plan.trials
        traces = read_only(plan.arrange(parts))
        return Preview(traces, default_signal_names(plan.signals), frames, plan.count, options.frame_rate, step=step)

    plan = _layout_of_file(file, Options())
    questions = tuple(layout_questions(plan))
    return Inquiry("NumPy array", questions, preview, f"npy:{len(file.header.shape)}", alone=plan.alone)


def sniff_npy(_path: Path, head: bytes) -> bool:
    """Return whether the path starts as a NumPy array.

    Parameters
    ----------
    _path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return head.startswith(npy.MAGIC)
