"""Recordings, cells and their facts, as immutable values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core.arrays import FloatArray, as_float64, as_read_only
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import as_frame_rate
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.settings import SeparationSettings

if TYPE_CHECKING:
    from neuropil_gui.core.result import Separation


def default_signal_names(count: int) -> tuple[str, ...]:
    """Return names of signals: the ROI first, then its neuropil regions.

    Parameters
    ----------
    count : int
        Number of signals.

    Returns
    -------
    tuple of str
    """
    return ("ROI", *(f"np {index}" for index in range(1, count)))[:count]


@dataclass(frozen=True, eq=False)
class Truth:
    """Sources and mixing of a simulated cell.

    Attributes
    ----------
    sources : ndarray, shape (k, frames)
        The true sources, the cell's own first, in the traces' units.
    mixing : ndarray, shape (signals, k)
        How much of each source is seen in each signal: traces = mixing @ sources, plus noise.
    """

    sources: FloatArray
    mixing: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", as_read_only(self.sources, "The true sources"))
        object.__setattr__(self, "mixing", as_read_only(self.mixing, "The true mixing"))
        if self.sources.ndim != 2 or self.mixing.ndim != 2 or self.mixing.shape[1] != len(self.sources):
            raise DataError(
                f"Truth needs sources (k, frames) and mixing (signals, k), but shapes "
                f"{self.sources.shape} and {self.mixing.shape} were found."
            )


@dataclass(frozen=True, eq=False)
class StoredResult:
    """A result that the file carried, kept to compare with.

    Attributes
    ----------
    origin : str
        Where it comes from, e.g. ``"FISSA separated.npz"``.
    matched : ndarray, shape (n, frames)
        In matched order, in the traces' units.
    separated : ndarray, shape (n, frames), or None
        In the solver's order, in units of the median.
    mixing : ndarray, shape (signals, n), or None
        In the solver's order.
    iterations : int or None
    converged : bool or None
    separation : Separation or None
        The whole result, where the file holds all of it.
    """

    origin: str
    matched: FloatArray
    separated: FloatArray | None = None
    mixing: FloatArray | None = None
    iterations: int | None = None
    converged: bool | None = None
    separation: "Separation | None" = None

    def __post_init__(self) -> None:
        for name in ("matched", "separated", "mixing"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, as_read_only(value, f"The stored {name}"))


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell's signals: its ROI and the neuropil regions around it.

    Attributes
    ----------
    name : str
    traces : ndarray of float64, shape (signals, frames), read-only
        Row 0 is the ROI, the others its neuropil regions. Trials are joined in time.
    signal_names : tuple of str
        One for each row.
    trial_starts : tuple of int
        The frame at which each trial starts; the first is 0.
    truth : Truth or None
        Known for simulated cells only.
    source_index : int or None
        The cell's row in its source, counted from 0.
    stored : StoredResult or None
        A result that the file carried.
    absent : str
        Why the traces are not known, a sentence; they are NaN then. Empty where they are.
    """

    name: str
    traces: FloatArray
    signal_names: tuple[str, ...]
    trial_starts: tuple[int, ...] = (0,)
    truth: Truth | None = None
    source_index: int | None = None
    stored: StoredResult | None = None
    absent: str = ""

    def __post_init__(self) -> None:
        traces = as_read_only(self.traces, f"{self.name}: the traces")
        if traces.ndim != 2 or 0 in traces.shape:
            raise DataError(f"{self.name}: traces must be (signals, frames), but shape {traces.shape} was found.")
        object.__setattr__(self, "traces", traces)
        object.__setattr__(self, "signal_names", tuple(str(name) for name in self.signal_names))
        if len(self.signal_names) != len(traces):
            raise DataError(f"{self.name}: {len(traces)} signals, but {len(self.signal_names)} names for them.")
        starts = tuple(int(start) for start in self.trial_starts)
        object.__setattr__(self, "trial_starts", starts)
        ascending = all(a < b for a, b in pairwise(starts))
        if not starts or starts[0] != 0 or not ascending or starts[-1] >= traces.shape[1]:
            raise DataError(
                f"{self.name}: trials must start at 0 and ascend below {traces.shape[1]} frames, but {starts} "
                "was found."
            )

    @classmethod
    def from_traces(
        cls,
        traces: ArrayLike,
        *,
        name: str = "cell 1",
        trial_starts: Sequence[int] | None = None,
    ) -> "Cell":
        """Make a cell from one array, or from a list of them, one a trial.

        Parameters
        ----------
        traces : array_like, shape (signals, frames), or a list of such arrays
            Row 0 is the ROI. A list of trials, which may differ in length, is joined in time.
        name : str
        trial_starts : sequence of int, optional
            Where one array holds several trials: the frame at which each starts.

        Raises
        ------
        DataError
            When the shape is not (signals, frames), or trials differ in their number of signals.
        TypeError
            When the values are not real numbers.
        """
        if isinstance(traces, (list, tuple)) and traces and np.ndim(traces[0]) == 2:
            if trial_starts is not None:
                raise DataError(f"{name}: give a list of trials or trial_starts, not both.")
            trials = [as_float64(trial, f"{name}, trial {k}: the traces") for k, trial in enumerate(traces, 1)]
            counts = {trial.shape[0] if trial.ndim == 2 else None for trial in trials}
            if len(counts) != 1 or None in counts:
                shapes = ", ".join(str(trial.shape) for trial in trials)
                raise DataError(
                    f"{name}: all trials must have the same number of signals, but shapes {shapes} were found."
                )
            trial_starts = [0, *np.cumsum([trial.shape[1] for trial in trials[:-1]]).tolist()]
            joined = np.concatenate(trials, axis=1)
            joined.flags.writeable = False
        else:
            joined = as_float64(traces, f"{name}: the traces")
        names = default_signal_names(len(joined) if joined.ndim else 0)
        return cls(name, joined, names, (0,) if trial_starts is None else tuple(trial_starts))

    @property
    def trial_slices(self) -> list[slice]:
        """The frames of each trial."""
        ends = (*self.trial_starts[1:], self.traces.shape[1])
        return [slice(start, end) for start, end in zip(self.trial_starts, ends, strict=True)]


@dataclass(frozen=True)
class CellHeader:
    """Facts of a cell that are known without reading its traces.

    Parameters
    ----------
    name : str
        Name of the cell.
    signals, frames : int
        Size of its traces.
    trials : int, optional
    source_index : int, optional
        Row of the cell in its file, from 0.
    facts : tuple of (str, value), optional
        More facts in the file, by the names that the filter of the table of cells uses.
    """

    name: str
    signals: int
    frames: int
    trials: int = 1
    source_index: int | None = None
    facts: tuple[tuple[str, float | str | bool], ...] = ()


@dataclass(frozen=True)
class CellsOverview:
    """What the headers of cells have in common.

    Attributes
    ----------
    least_frames, most_frames : int
        Frames of the shortest and of the longest cell.
    facts : frozenset of str
        Names of the facts that any header states.
    """

    least_frames: int = 0
    most_frames: int = 0
    facts: frozenset[str] = frozenset()


class Cells(Sequence[Cell]):
    """Cells of a recording, read on demand.

    Subclasses set `headers` and implement `load`.

    Attributes
    ----------
    headers : tuple of CellHeader
        One for each cell.
    absent : str
        Why no cell has traces, a sentence; empty where they have.
    """

    headers: tuple[CellHeader, ...]
    absent: str = ""

    def load(self, index: int) -> Cell:
        """Read the cell at `index` (0 or above)."""
        raise NotImplementedError

    @cached_property
    def overview(self) -> CellsOverview:
        """What the headers have in common; found once, because each of them is looked at."""
        frames = {header.frames for header in self.headers} or {0}
        facts = frozenset(name for header in self.headers for name, _ in header.facts)
        return CellsOverview(min(frames), max(frames), facts)

    def __len__(self) -> int:
        return len(self.headers)

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> list[Cell]: ...
    def __getitem__(self, index: int | slice) -> Cell | list[Cell]:
        if isinstance(index, slice):
            return [self.load(k) for k in range(*index.indices(len(self)))]
        return self.load(range(len(self))[index])


class CellsInMemory(Cells):
    """Cells whose traces are in memory.

    Parameters
    ----------
    cells : sequence of Cell
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = tuple(cells)
        self.headers = tuple(
            CellHeader(cell.name, len(cell.traces), cell.traces.shape[1], len(cell.trial_starts), cell.source_index)
            for cell in self._cells
        )

    def load(self, index: int) -> Cell:
        """Return the cell at `index`."""
        return self._cells[index]


@dataclass(frozen=True, eq=False)
class Recording:
    """The cells of one experiment.

    Attributes
    ----------
    name : str
        Shown in the window's title.
    source : str or None
        The path it was read from.
    frame_rate : float or None
        In Hz; None where it is not known, never a guess.
    cells : Cells
        Any sequence of `Cell` may be given.
    format : str
        What it was read as, e.g. ``"suite2p"``.
    warnings : tuple of str
        What was found doubtful while reading, in sentences.
    rows_are_frames : bool or None
        For plain arrays, whose orientation the user can turn: how they were read. None elsewhere.
    origin : tuple of (str, str)
        What the source says of itself, e.g. NWB's identifier, to go with results.
    files : tuple of str
        The paths of further files that it was read from, such as those in a folder; no export replaces them.
    settings : SeparationSettings or None
        Those that made the results in the file, where it holds such as `Cell.stored`.
    marks : mapping of int to Mark
        The user's marks that the file holds, by the index of their cell.
    """

    name: str
    source: str | None
    frame_rate: float | None
    cells: Cells
    format: str = ""
    warnings: tuple[str, ...] = field(default=())
    rows_are_frames: bool | None = None
    origin: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    settings: SeparationSettings | None = None
    marks: Mapping[int, Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.cells, Cells):
            object.__setattr__(self, "cells", CellsInMemory(self.cells))  # type: ignore[unreachable]
        if not len(self.cells):
            raise DataError(f"{self.name} holds no cells.")
        if self.frame_rate is not None:
            try:
                object.__setattr__(self, "frame_rate", as_frame_rate(self.frame_rate))
            except DataError as error:
                raise DataError(f"{self.name}: {error}") from None

    def with_frame_rate(self, frame_rate: float | None) -> "Recording":
        """Return the same recording at another frame rate.

        Parameters
        ----------
        frame_rate : float or None
            In Hz; None for unknown.

        Returns
        -------
        Recording
        """
        return replace(self, frame_rate=frame_rate)
