"""Plain arrays: the meaning of their axes, and the reader of ``.npy``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellHeader, Recording, default_signal_names
from neuropil_gui.formats.paths import CellsOnDemand, Options, data_error, printable_name
from neuropil_gui.formats.plain import npy
from neuropil_gui.formats.plain.npy import open_numbers
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

#: Points of a trace in a preview.
_POINTS = 4000
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
    if rows >= 2 * columns:
        return True, (
            f"{rows} rows and {columns} columns: the rows were read as frames, which gives {columns} signals "
            f"of {rows} frames.",
        )
    if columns >= 2 * rows:
        return False, ()
    return False, (
        f"{rows} rows and {columns} columns: which are the signals is in doubt, read as {rows} signals of "
        f"{columns} frames. Transpose (--transpose) reads them as {columns} signals of {rows} frames.",
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
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    cells: int | None
    rows_are_frames: bool
    warnings: tuple[str, ...] = ()
    noun: str = "cell"

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


def layout(
    path: Path, shape: tuple[int, ...], asked: bool | None, *, paired: bool = False, stacked: bool = False
) -> Layout:
    """Return the meaning of the axes of an array.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        (signals, frames), (cells, signals, frames) or (cells, trials, signals, frames), or with
        frames before signals.
    asked : bool or None
        Whether rows are frames; None decides by the shape.
    paired : bool
        Whether an array of two dimensions holds one signal of each of many cells.
    stacked : bool
        Whether three dimensions may be frames x signals x cells, as MATLAB's users stack them.

    Raises
    ------
    DataError
        For any other shape, or an empty array.
    """
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise data_error(path, f"an array of shape {shape} was found, but {LAYOUTS} was expected.")
    if len(shape) == 3 and stacked and asked is not False:
        longest = shape[0] >= max(shape[1:]) if asked else shape[0] >= 2 * max(shape[1:])
        if longest:
            note = f"Shape {shape} was read as a stack: {shape[0]} frames x {shape[1]} signals x {shape[2]} cells."
            return Layout(shape, (1, 0), 2, True, () if asked else (note,))
    rows_are_frames, warnings = orient(shape[-2], shape[-1], asked)
    rows, columns = len(shape) - 2, len(shape) - 1
    frames, others = (rows, columns) if rows_are_frames else (columns, rows)
    if paired and len(shape) == 2:
        return Layout(shape, (frames,), others, rows_are_frames, warnings, "ROI")
    trials = (1,) if len(shape) == 4 else ()
    return Layout(shape, (*trials, others, frames), None if len(shape) == 2 else 0, rows_are_frames, warnings)


def from_array(path: Path, shape: tuple[int, ...], load: Callable[[int], NDArray[Any]], options: Options) -> Recording:
    """Make a recording of an array in one of the plain layouts.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        As for `layout`.
    load : callable
        Takes a cell's index, returns its part of the array.
    options : Options

    Raises
    ------
    DataError
        For any other shape, or an empty array.
    """
    plan = layout(path, shape, options.rows_are_frames)
    names = default_signal_names(plan.signals)

    def cell(index: int) -> Cell:
        return Cell(f"cell {index + 1}", read_only(plan.arrange(load(index))), names, plan.starts, source_index=index)

    frames = plan.frames * plan.trials
    headers = [CellHeader(f"cell {k + 1}", plan.signals, frames, plan.trials, k) for k in range(plan.count)]
    cells = CellsOnDemand(headers, cell)
    return Recording(
        printable_name(path), str(path), None, cells, "NumPy array", plan.warnings, rows_are_frames=plan.rows_are_frames
    )


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


def orientation_questions(plan: Layout, depends: bool = False) -> list[FileQuestion]:
    """Return the question for the axis of time, where the shape leaves a doubt or another answer decides it.

    Parameters
    ----------
    plan : Layout
        The best guess.
    depends : bool
        Whether it depends on another answer.
    """
    if not plan.warnings and not depends:
        return []
    why = plan.warnings[0] if plan.warnings else f"The longer side of {plan.shape} was taken for the frames."
    choices = (
        Choice(False, "Columns are frames"),
        Choice(True, "Rows are frames"),
        Choice(None, "By the shape: the longer side"),
    )
    guess = None if depends else plan.rows_are_frames
    return [FileQuestion("rows_are_frames", "Which axis is time?", guess, why, choices)]


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
    load = file.row if len(file.header.shape) > 2 else lambda _index: file.read()
    return from_array(path, file.header.shape, load, options)


def inquire_npy(path: Path) -> Inquiry:
    """Return the question for the axis of time of a ``.npy`` file, where its shape leaves a doubt.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is not such an array.
    """
    file = open_numbers(path, (2, 3, 4), LAYOUTS)
    shape = file.header.shape

    def preview(options: Options) -> Preview:
        plan = layout(path, shape, options.rows_are_frames)
        step = step_for(plan.frames)
        parts = file.thinned(plan.axes[-1], plan.cells, step)
        frames = plan.frames * plan.trials
        traces = read_only(plan.arrange(parts))
        return Preview(traces, default_signal_names(plan.signals), frames, plan.count, options.frame_rate, step=step)

    questions = orientation_questions(layout(path, shape, None))
    return Inquiry("NumPy array", tuple(questions), preview, f"npy:{len(shape)}")


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
