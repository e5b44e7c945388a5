"""Reader of this program's results and simulations (``.npz`` with ``1/raw``, ``1/matched`` ...)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import RATES, is_frame_rate
from neuropil_gui.core.marks import VERDICTS, Mark
from neuropil_gui.core.recording import (
    Cell,
    CellHeader,
    CellsInMemory,
    Recording,
    StoredResult,
    Truth,
    default_signal_names,
)
from neuropil_gui.formats.paths import (
    WHOLE_BYTES,
    CellsOnDemand,
    Options,
    data_error,
    join_names,
    printable_name,
    printable_names,
)
from neuropil_gui.formats.plain.archive import MAGIC, Archive
from neuropil_gui.formats.programs.own_separations import ARRAYS, Made, made_by, separation_of

_LONGEST = 200
_KEY = re.compile(r"(\d{1,9})/([a-z_]+)", re.ASCII)
#: Keys of which a cell is made; the others of a result are for scripts.
_READ = (
    *("raw", "name", "signal_names", "trial_starts", "source_index", "truth_sources", "truth_mixing"),
    *("label", "note", *ARRAYS),
)


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is an archive with cells numbered as ``1/raw``.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    if not head.startswith(MAGIC):
        return False
    try:
        with Archive(path) as arrays:
            return any(_KEY.fullmatch(name) for name in arrays.names)
    except DataError:  # the plain reader says what is wrong with it
        return False


def read(path: Path, _options: Options) -> Recording:
    """Read a file of results or of a simulation.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Recording
        With each cell's result in `stored` and its truth in `truth`, as far as they are there.
        Large files are read cell by cell; they stay open for that.

    Raises
    ------
    DataError
        When no cell has its raw traces, or an array does not fit the others.
    """
    archive = Archive(path)
    found: dict[int, list[str]] = {}
    for name in archive.names:
        match = _KEY.fullmatch(name)
        if match and match[2] in _READ:
            found.setdefault(int(match[1]), []).append(match[2])
    numbers = sorted(number for number, fields in found.items() if "raw" in fields)
    warnings = []
    if not numbers:
        raise data_error(
            path, f"it holds results but no raw traces (no 1/raw among {join_names(list(archive.names))})."
        )
    if len(numbers) < len(found):
        lost = [str(number) for number in sorted(found) if number not in numbers]
        warnings.append(f"Without raw traces, and left out: cell {join_names(lost)}.")

    def fields(number: int, names: Iterable[str]) -> dict[str, Any]:
        return {name: archive.array(f"{number}/{name}") for name in names if name in found[number]}

    rate, made = archive.get("frame_rate"), _made(archive, warnings)
    if archive.size <= WHOLE_BYTES:
        rows = {number: fields(number, found[number]) for number in numbers}
        archive.__exit__()
        return recording(path, rows, rate, warnings, made)

    def load(index: int) -> Cell:
        return _cell(path, numbers[index], fields(numbers[index], found[numbers[index]]), [], made)

    headers, marks = [], []
    for number in numbers:
        header = archive.header(f"{number}/raw")
        shape = header.shape
        if len(shape) != 2 or not header.numeric or not header.count:
            raise data_error(path, f"{number}/raw has shape {shape}, but signals x frames was expected.")
        few = fields(number, ("name", "trial_starts", "source_index", "label", "note"))
        marks.append(_mark(few))
        starts = len(few["trial_starts"].ravel()) if "trial_starts" in few else 1
        headers.append(CellHeader(_name(few, number), shape[0], shape[1], starts, _whole(few.get("source_index"))))
    return Recording(
        printable_name(path),
        str(path),
        _rate(rate, warnings),
        CellsOnDemand(headers, load),
        "neuropil_gui",
        tuple(warnings),
        settings=made.settings if made is not None else None,
        marks=_kept(marks),
    )


def recording(
    path: Path, rows: Mapping[int, Mapping[str, Any]], rate: object, warnings: list[str], made: Made | None
) -> Recording:
    """Make a recording of cells in memory.

    Parameters
    ----------
    path : Path
    rows : mapping
        From a cell's number to its fields, named as in the file.
    rate : array_like or None
        The frame rate in Hz; NaN where it is not known.
    warnings : list of str
        What does not fit is left out, and this says so.
    made : Made or None
        How the results were made, None where that is not known.

    Raises
    ------
    DataError
        When raw traces are not numbers as (signals, frames).
    """
    cells = [_cell(path, number, row, warnings, made) for number, row in sorted(rows.items())]
    return Recording(
        printable_name(path),
        str(path),
        _rate(rate, warnings),
        CellsInMemory(cells),
        "neuropil_gui",
        tuple(warnings),
        settings=made.settings if made is not None else None,
        marks=_kept([_mark(row) for _, row in sorted(rows.items())]),
    )


def _made(archive: Archive, warnings: list[str]) -> Made | None:
    try:
        return made_by(archive.get("provenance"))
    except DataError as error:
        warnings.append(f"How its results were made is not known: {error}")
        return None


def _kept(marks: Sequence[Mark]) -> dict[int, Mark]:
    return {index: mark for index, mark in enumerate(marks) if mark != Mark()}


def _mark(row: Mapping[str, Any]) -> Mark:
    """Return the user's mark of a cell, as far as it is one."""
    verdict, note = (" ".join(_texts(row[name])) if name in row else "" for name in ("label", "note"))
    return Mark(verdict if verdict in VERDICTS else "", note)


def _cell(path: Path, number: int, row: Mapping[str, Any], warnings: list[str], made: Made | None) -> Cell:
    traces = _numbers(row.get("raw"))
    if traces is None or traces.ndim != 2 or 0 in traces.shape:
        raise data_error(path, f"{number}/raw is no array of numbers as signals x frames, which was expected.")
    signals, frames = traces.shape

    def left_out(what: str) -> None:
        warnings.append(f"{number}/{what} does not fit {number}/raw and was left out.")

    names = _bounded(_texts(row["signal_names"])) if "signal_names" in row else default_signal_names(signals)
    if len(names) != signals:
        left_out("signal_names")
        names = default_signal_names(signals)
    starts = _starts(row["trial_starts"], frames) if "trial_starts" in row else (0,)
    if starts is None:
        left_out("trial_starts")
        starts = (0,)
    truth = None
    sources, mixing = _numbers(row.get("truth_sources")), _numbers(row.get("truth_mixing"))
    if "truth_sources" in row or "truth_mixing" in row:
        if _fits(sources, (None, frames)) and _fits(mixing, (signals, len(sources) if sources is not None else 0)):
            truth = Truth(sources, mixing)  # type: ignore[arg-type]  # _fits says that they are there
        else:
            left_out("truth_sources with truth_mixing")
    stored = None
    if "matched" in row:
        matched = _numbers(row["matched"])
        if _fits(matched, (None, frames)) and matched is not None:
            separated, mixing = _numbers(row.get("separated")), _numbers(row.get("mixing"))
            converged = _whole(row.get("converged"))
            stored = StoredResult(
                f"result in {printable_name(path)}",
                matched,
                separated if _fits(separated, matched.shape) else None,
                mixing if _fits(mixing, (signals, len(matched))) else None,
                _whole(row.get("iterations")),
                None if converged is None else bool(converged),
                None if made is None else separation_of(traces, row, number, made, printable_name(path)),
            )
        else:
            left_out("matched")
    return Cell(_name(row, number), traces, names, starts, truth, _whole(row.get("source_index")), stored)


def _numbers(value: object) -> NDArray[np.float64] | None:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        return None
    array = np.ascontiguousarray(value, np.float64).reshape(value.shape)
    array.flags.writeable = False
    return array


def _fits(value: NDArray[Any] | None, shape: tuple[int | None, ...]) -> bool:
    return (
        value is not None
        and value.ndim == len(shape)
        and 0 not in value.shape
        and all(want in (None, side) for side, want in zip(value.shape, shape, strict=True))
    )


def _whole(value: object) -> int | None:
    """Return the one whole number in `value`, or None."""
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiub" or not np.isfinite(array.ravel()[0]):
        return None
    return int(array.ravel()[0])


def _texts(value: object) -> list[str]:
    return [str(each) for each in np.asarray(value).ravel()]


def _name(row: Mapping[str, Any], number: int) -> str:
    value = row.get("name")
    texts = [value] if isinstance(value, str) else _texts(value) if getattr(value, "dtype", None) is not None else []
    return _bounded(texts)[0] if len(texts) == 1 and texts[0] else f"cell {number}"


def _bounded(names: list[str]) -> tuple[str, ...]:
    """Return names as they are, or shortened where one is longer than any view can show."""
    return printable_names(names) if any(len(name) > _LONGEST for name in names) else tuple(names)


def _starts(value: object, frames: int) -> tuple[int, ...] | None:
    array = np.asarray(value).ravel()
    if array.dtype.kind not in "fiub" or not np.all(np.isfinite(array)):
        return None
    starts = tuple(int(start) for start in array)
    ascending = all(a < b for a, b in pairwise(starts))
    return starts if starts and starts[0] == 0 and ascending and starts[-1] < frames else None


def _rate(value: object, warnings: list[str]) -> float | None:
    """Return the frame rate in Hz; None for the NaN that stands for an unknown one."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.size == 1 and array.dtype.kind in "fiu":
        rate = float(array.ravel()[0])
        if np.isnan(rate):
            return None
        if is_frame_rate(rate):
            return rate
    warnings.append(f"Its frame_rate is no number of Hz {RATES}; set the frame rate.")
    return None
