"""Lists of trials, as MATLAB's cells and NumPy's arrays of objects hold them: matrices that may differ in length."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats.paths import Options, counted, data_error, join_names, printable_name
from neuropil_gui.formats.plain import npy
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.preview import of_recording
from neuropil_gui.formats.plain.rows import CELLS, OF_CELLS, RowsGuess, guess_rows
from neuropil_gui.formats.questions import Inquiry, Preview


@dataclass(frozen=True, eq=False)
class TrialList:
    """Matrices of trials under one name.

    Attributes
    ----------
    path : Path
    name : str
    values : ndarray of object, shape (trials,) or (cells, trials)
        Each (signals, frames).
    neuropil : ndarray of object, or None
        The neuropil of each signal, in the same shapes; each row is then a cell of its own.
    neuropil_name : str
    accepted : sequence of bool
        Whether each row is a cell; empty where that is not known.
    notes : list of str
        Sentences on what was found beside them.
    """

    path: Path
    name: str
    values: NDArray[Any]
    neuropil: NDArray[Any] | None = None
    neuropil_name: str = ""
    accepted: Sequence[bool] = ()
    notes: list[str] = field(default_factory=list)

    def trials(self, values: NDArray[Any]) -> list[list[NDArray[Any]]]:
        """Return the matrices of each cell, or of the only list, as signals by frames, without empty ones."""
        rows = values.reshape(1, -1) if values.ndim == 1 or 1 in values.shape else values
        found = [[np.asarray(each) for each in row if np.size(each)] for row in rows]
        if not all(found):
            raise data_error(self.path, f"all trials of a cell in {join_names([self.name])} are empty.")
        if self.turned:
            return [[each.T for each in row] for row in found]
        return found

    @property
    def turned(self) -> bool:
        """Whether the matrices are frames by signals: rows differ in number and columns do not, or are far fewer."""
        shapes = {np.shape(each) for each in self.values.ravel() if np.size(each)}
        rows, columns = {shape[0] for shape in shapes}, {shape[1] for shape in shapes}
        if len(columns) > 1:
            return False
        return len(rows) > 1 or min(rows) >= 2 * min(columns)

    @property
    def guess(self) -> RowsGuess | None:
        """The best guess for what each row of a matrix is; None where the file says it."""
        if self.neuropil is not None or not _is_one_list(self.values):
            return None
        last = self.name.rpartition(".")[2].rpartition("/")[2]
        why = f"{join_names([self.name])} is a name for the traces of many cells." if last in OF_CELLS else ""
        return guess_rows(len(self.trials(self.values)[0][0]), None, why)

    def recording(self, options: Options, label: str) -> Recording:
        """Return the recording of the trials, joined in time.

        Parameters
        ----------
        options : Options
            Answers of the user.
        label : str
            Format, in words.

        Raises
        ------
        DataError
            When trials differ in their number of signals, or from those of the neuropil.
        """
        rows = self.trials(self.values)
        for number, row in enumerate(rows, 1):
            if len({len(each) for each in row}) > 1:
                raise data_error(self.path, f"the trials of cell {number} differ in their number of signals.")
        joined = [np.concatenate(row, axis=1) for row in rows]
        starts = [tuple(np.cumsum([0, *(each.shape[1] for each in row[:-1])]).tolist()) for row in rows]
        guess, name, count = self.guess, join_names([self.name]), len(rows[0])
        notes = [*self.notes, *self._empty()]
        if self.turned:
            notes.append(f"The rows of the matrices in {name} were read as frames, the columns as signals.")
        if self.neuropil is not None:
            around = [np.concatenate(row, axis=1) for row in self.trials(self.neuropil)]
            if [each.shape for each in around] != [each.shape for each in joined]:
                raise data_error(self.path, f"{name} and {self.neuropil_name} must have the same ROIs and frames.")
            pairs = [np.stack([own, other]) for own, other in zip(joined[0], around[0], strict=True)]
            notes.append(f"{name} and {self.neuropil_name} hold {counted(count, 'trial')} of each cell.")
            cells = self._cells(pairs, starts[0], "ROI", ("ROI", "neuropil"))
        elif guess is not None and (options.rows or guess.value) == CELLS:
            notes += [f"{name} holds {counted(count, 'trial')} of each cell.", *guess.notes(len(joined[0]), options)]
            cells = self._cells([trace[None] for trace in joined[0]], starts[0], "ROI", ("ROI",))
        else:
            if guess is not None:
                read = f"read as {counted(count, 'trial')} of one cell with {counted(len(joined[0]), 'signal')}"
                notes.append(f"{name} holds {counted(count, 'matrix', 'matrices')}, {read}.")
                notes += guess.notes(len(joined[0]), options)
            else:
                cells_of, trials = counted(len(rows), "cell"), counted(count, "trial")
                notes.append(f"{name} was read as {cells_of} (its rows) with {trials} each (its columns).")
            cells = [
                Cell(f"cell {k + 1}", read_only(each), default_signal_names(len(each)), begin, source_index=k)
                for k, (each, begin) in enumerate(zip(joined, starts, strict=True))
            ]
        return Recording(printable_name(self.path), str(self.path), None, CellsInMemory(cells), label, tuple(notes))

    def _cells(
        self, traces: list[NDArray[Any]], starts: tuple[int, ...], noun: str, names: tuple[str, ...]
    ) -> list[Cell]:
        chosen = [k for k in range(len(traces)) if len(self.accepted) != len(traces) or self.accepted[k]]
        return [Cell(f"{noun} {k + 1}", read_only(traces[k]), names, starts, source_index=k) for k in chosen]

    def _empty(self) -> list[str]:
        empty = [k for k, each in enumerate(self.values.ravel(order="F"), 1) if not np.size(each)]
        if not empty:
            return []
        which = ", ".join(map(str, empty[:8])) + (f" and {len(empty) - 8} more" if len(empty) > 8 else "")
        which = f"Trial {which} of {join_names([self.name])} is" if len(empty) == 1 else f"Trials {which} are"
        return [f"{which} empty and {'was' if len(empty) == 1 else 'were'} left out."]


def sniff_npy(_path: Path, head: bytes) -> bool:
    """Return whether the path is a ``.npy`` file of objects, which may be a list of trials.

    Parameters
    ----------
    _path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return head.startswith(npy.MAGIC) and b"'descr': '|O'" in head


def read_npy(path: Path, options: Options) -> Recording:
    """Read a ``.npy`` file that holds a list of trials.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When it holds other objects.
    """
    return _of_npy(path).recording(options, "NumPy array")


def inquire_npy(path: Path) -> Inquiry:
    """Return the questions about a ``.npy`` file that holds a list of trials.

    Parameters
    ----------
    path : Path
    """
    return inquire_trials(_of_npy(path), "NumPy array")


def _of_npy(path: Path) -> TrialList:
    values = npy.read_npy_objects(path)
    if not isinstance(values, np.ndarray) or not are_trials(values.shape, shapes_of(values)):
        raise data_error(path, "it holds objects, but real numbers, or a list of trials of them, were expected.")
    return TrialList(path, printable_name(path.stem), values)


def inquire_trials(trials: TrialList, label: str) -> Inquiry:
    """Return the questions about a list of trials.

    Parameters
    ----------
    trials : TrialList
    label : str
        Format, in words.
    """
    guess = trials.guess
    rows = guess.questions() if guess is not None and guess.doubtful else []

    def preview(options: Options) -> Preview:
        return replace(of_recording(trials.recording(options, label)), frame_rate=options.frame_rate)

    alone = guess is not None and guess.cells
    return Inquiry(label, tuple(rows), preview, f"{label}:trials", alone=alone)


def are_trials(shape: tuple[int, ...], shapes: Sequence[tuple[int, ...]] | None) -> bool:
    """Return whether matrices of these shapes are trials: as many signals in each trial of a cell.

    Parameters
    ----------
    shape : tuple of int
        Of the list.
    shapes : sequence of tuple of int, or None
        Of its matrices, the first axis of the list fastest; None where it holds something else.
    """
    if not shapes or len(shape) not in (1, 2):
        return False
    filled = [each for each in shapes if 0 not in each]
    if not filled or not all(len(each) == 2 and max(each) > 1 for each in filled):
        return False
    rows = np.arange(len(shapes)).reshape(shape, order="F") if len(shape) == 2 and 1 not in shape else None
    groups = [range(len(shapes))] if rows is None else [row.tolist() for row in rows]
    return all(
        any(len({shapes[k][axis] for k in group if 0 not in shapes[k]}) == 1 for axis in (0, 1))
        and any(0 not in shapes[k] for k in group)
        for group in groups
    )


def shapes_of(values: NDArray[Any]) -> list[tuple[int, ...]] | None:
    """Return the shapes of the arrays of numbers in an array of objects; None where one is something else.

    Parameters
    ----------
    values : ndarray of object
    """
    inner = [np.asarray(each) if isinstance(each, np.ndarray | list) else None for each in values.ravel(order="F")]
    if not all(each is not None and (each.dtype.kind in "fiub" or not each.size) for each in inner):
        return None
    return [each.shape for each in inner if each is not None]


def _is_one_list(values: NDArray[Any]) -> bool:
    return values.ndim == 1 or 1 in values.shape
