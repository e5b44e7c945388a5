"""Choice of the cells and their neuropil among the series of an NWB file, by names and shapes."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuropil_gui.core.errors import printable_text
from neuropil_gui.formats.paths import Options, data_error, join_names, printable_name
from neuropil_gui.formats.questions import Choice, FileQuestion

#: What `Options.neuropil` is where none is wanted.
NO_NEUROPIL = ""
_NEUROPIL = re.compile(r"neuropil|npil|fneu|background", re.IGNORECASE)
#: What is less likely to be the raw signal of cells, and how much less.
_LESS = (
    (re.compile(r"deconv|event|spike|residual|rmse", re.IGNORECASE), 4),
    (re.compile(r"d[_-]?f(f|_f|overf)|delta", re.IGNORECASE), 3),
    (re.compile(r"corrected|denoised|best_match", re.IGNORECASE), 2),
    (re.compile(r"chan_?2", re.IGNORECASE), 1),
)
_MORE = re.compile(r"demixed|\braw\b", re.IGNORECASE)
_PLANE = re.compile(r"(.*?)plane_?0*(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class RoiSeries:
    """A series of ROIs.

    Attributes
    ----------
    path, data, home : str
        Of the series as it is called, of its values, and of the group that says when they were taken.
    shape : tuple of int
    dtype : str
    rois, frames : int
    time_first : bool
        Whether the first axis is time.
    doubtful : bool
        Whether nothing in the file says so.
    conversion, offset : float
        What turns the values into `unit`.
    unit : str
    """

    path: str
    data: str
    home: str
    shape: tuple[int, ...]
    dtype: str
    rois: int
    frames: int
    time_first: bool
    doubtful: bool
    conversion: float
    offset: float
    unit: str

    @classmethod
    def of(cls, found: dict[str, Any], rows_are_frames: bool | None) -> "RoiSeries":
        """Return a series as `nwb_file.survey` found it.

        Parameters
        ----------
        found : dict
            Paths, shape, type and scale.
        rows_are_frames : bool or None
            The user's answer, which decides where the file leaves it open.

        Returns
        -------
        RoiSeries
        """
        shape = tuple(int(side) for side in found["shape"])
        rows, columns = shape if len(shape) == 2 else (shape[0], 1)
        counts = [found["rois"], found["table"]]
        first = _time_first(rows, columns, counts, found["times"]) if len(shape) == 2 else True
        doubtful = first is None
        if first is None:
            first = True if rows_are_frames is None else rows_are_frames
        conversion, offset, unit = found["scale"]
        if not (abs(conversion) < float("inf") and conversion != 0 and abs(offset) < float("inf")):
            conversion, offset = 1.0, 0.0
        names = (str(found["path"]), str(found["data"]), str(found["home"]), shape, str(found["dtype"]))
        rois, frames = (columns, rows) if first else (rows, columns)
        return cls(*names, rois, frames, first, doubtful, float(conversion), float(offset), str(unit))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def group(self) -> str:
        """Path of the group that it is in."""
        return self.path.rpartition("/")[0]

    @property
    def plane(self) -> str:
        """Name of its plane; that of the series where it names none."""
        return f"plane{match[2]}" if (match := _PLANE.fullmatch(self.name)) else printable_text(self.name)

    @property
    def label(self) -> str:
        """Text of the choice: path, shape and type."""
        return f"{self.path} ({self.rois} ROIs x {self.frames} frames, {self.dtype})"

    @property
    def is_neuropil(self) -> bool:
        """Whether its name stands for neuropil."""
        last = "/".join(self.path.split("/")[-2:])
        return bool(_NEUROPIL.search(last)) and not re.search("corrected|subtracted", last, re.IGNORECASE)


def _time_first(rows: int, columns: int, counts: list[int | None], times: int | None) -> bool | None:
    """Return whether the rows are frames, by the number of ROIs or of time stamps; None where neither decides.

    The numbers of ROIs are those of the region and of the table that it points to: where planes were stacked, the
    region may name those of one plane only.
    """
    if rows == columns:
        return None
    for count in counts:
        if count in (rows, columns):
            return count == columns
    return times == rows if times in (rows, columns) else None


@dataclass(frozen=True)
class Pair:
    """Series of the cells, and of their neuropil.

    Parameters
    ----------
    cell : RoiSeries
    neuropil : RoiSeries or None
        None where the file has none.
    """

    cell: RoiSeries
    neuropil: RoiSeries | None

    @property
    def both(self) -> tuple[RoiSeries, ...]:
        """The series of the pair."""
        return (self.cell,) if self.neuropil is None else (self.cell, self.neuropil)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the signals."""
        return ("ROI", "neuropil")[: len(self.both)]


def choose(path: Path, series: list[RoiSeries], options: Options) -> list[Pair]:
    """Return the series to read, a pair for each plane.

    Parameters
    ----------
    path : Path
        For messages.
    series : list of RoiSeries
        At least one.
    options : Options

    Raises
    ------
    DataError
        When what was asked for is not there, or does not fit.
    """
    inside = series if options.dataset is None else _named(path, series, options.dataset)
    cells = _planes_of(inside, best(inside))
    if options.plane is not None:
        asked = re.sub(r"^(plane_?)?0*(?=\d{1,9}$)", "plane", options.plane.lower())
        found = [each for each in cells if each.plane.lower() == asked]
        if not found:
            names = join_names([each.plane for each in cells])
            raise data_error(path, f"there is no plane {printable_name(options.plane)!r} in it; {names} is there.")
        cells = found
    if options.neuropil is None:
        return [Pair(cell, _partner(series, cell)) for cell in cells]
    if options.neuropil == NO_NEUROPIL:
        return [Pair(cell, None) for cell in cells]
    others = _named(path, series, options.neuropil)
    return [Pair(cell, _fitting(path, others, cell)) for cell in cells]


def best(series: list[RoiSeries]) -> RoiSeries:
    """Return the series that is most likely the raw signal of cells.

    Parameters
    ----------
    series : list of RoiSeries
        All series of the file.
    """

    def less(each: RoiSeries) -> tuple[float, str]:
        last = "/".join(each.path.split("/")[-2:])
        weight = sum(weight for pattern, weight in _LESS if pattern.search(last)) + 8 * each.is_neuropil
        return weight - 0.5 * bool(_MORE.search(last)), each.path

    return min(series, key=less)


def _planes_of(series: list[RoiSeries], one: RoiSeries) -> list[RoiSeries]:
    """Return the series of all planes, where `one` is called after its plane, as suite2p and roiextractors do."""
    match = _PLANE.fullmatch(one.name)
    if match is None:
        return [one]
    numbers = {}
    for each in series:
        other = _PLANE.fullmatch(each.name) if each.group == one.group else None
        if other is not None and other[1] == match[1]:
            numbers[each] = int(other[2])
    return sorted(numbers, key=lambda each: numbers[each])


def _partner(series: list[RoiSeries], cell: RoiSeries) -> RoiSeries | None:
    """Return the neuropil of `cell`, by name and shape; None where there is none."""
    fitting = [each for each in series if _fits(each, cell) and each.is_neuropil]
    return max(fitting, key=lambda each: (_shared(each.path, cell.path), each.path), default=None)


def dataset_question(series: list[RoiSeries], pairs: list[Pair]) -> list[FileQuestion]:
    """Return the question for the series of cells, where there are several.

    Parameters
    ----------
    series : list of RoiSeries
        All series of the file.
    pairs : list of Pair
        The best guess.
    """
    if len(series) < 2:
        return []
    cell = pairs[0].cell
    groups = {each.group for each in series if len(_planes_of(series, each)) > 1}
    choices = [Choice(group, f"{group} (all its planes)") for group in sorted(groups)]
    choices += [Choice(each.path, each.label) for each in series]
    guess = cell.group if len(pairs) > 1 else cell.path
    why = "Of the names there, this one says most of raw fluorescence, and least of neuropil, dF/F or spikes."
    return [FileQuestion("dataset", "Which series are the cells?", guess, why, tuple(choices))]


def neuropil_question(series: list[RoiSeries], pairs: list[Pair]) -> list[FileQuestion]:
    """Return the question for the series of neuropil, where one has the shape of the cells.

    Parameters
    ----------
    series : list of RoiSeries
        All series of the file.
    pairs : list of Pair
        The best guess.
    """
    cell, guess = pairs[0].cell, pairs[0].neuropil
    fitting = [each for each in series if _fits(each, cell)]
    if not fitting:
        return []
    none = Choice(NO_NEUROPIL, "none")
    if len(pairs) > 1:
        names = sorted({each.group for each in fitting if each.group != cell.group or each.is_neuropil})
        choices = (*(Choice(name, f"{name} (all its planes)") for name in names), none)
        value = guess.group if guess is not None else NO_NEUROPIL
    else:
        choices = (*(Choice(each.path, each.label) for each in fitting), none)
        value = guess.path if guess is not None else NO_NEUROPIL
    why = "Its name says so, and it has the cells' shape." if guess is not None else "No name says neuropil."
    return [FileQuestion("neuropil", "Which series is their neuropil?", value, why, choices)]


def _named(path: Path, series: list[RoiSeries], asked: str) -> list[RoiSeries]:
    """Return the series of this path, or those in the group of this path."""
    wanted = asked.strip("/")
    found = [each for each in series if wanted in (each.path, each.data)]
    found = found or [each for each in series if each.group == wanted]
    if not found:
        raise data_error(
            path,
            f"there is no series {printable_name(asked)!r} in it; "
            f"{join_names([each.path for each in series])} is there.",
        )
    return found


def _fitting(path: Path, others: list[RoiSeries], cell: RoiSeries) -> RoiSeries:
    """Return the neuropil of `cell` among several series, or the only one if it fits."""
    found = others
    if len(others) > 1:
        found = [each for each in others if each.plane == cell.plane and each.path != cell.path]
        found.sort(key=lambda each: (not each.is_neuropil, -_shared(each.path, cell.path)))
    if not found:
        raise data_error(path, f"there is no neuropil for {cell.path} in {join_names([each.path for each in others])}.")
    if found[0].path == cell.path:
        raise data_error(path, f"{cell.path} was given as cells and as their neuropil; they must be two series.")
    if (found[0].rois, found[0].frames) != (cell.rois, cell.frames):
        raise data_error(path, f"{cell.label} and its neuropil {found[0].label} must have the same ROIs and frames.")
    return found[0]


def _fits(one: RoiSeries, cell: RoiSeries) -> bool:
    return one.path != cell.path and (one.rois, one.frames) == (cell.rois, cell.frames)


def _shared(one: str, other: str) -> int:
    """Return how many characters two paths share at both ends."""
    pairs = list(zip(one, other, strict=False))
    ahead = next((k for k, (a, b) in enumerate(pairs) if a != b), len(pairs))
    pairs = list(zip(reversed(one), reversed(other), strict=False))
    behind = next((k for k, (a, b) in enumerate(pairs) if a != b), len(pairs))
    return ahead + 2 * behind
