"""Reader of spike times: tables of text, NumPy, MATLAB and NWB files, each with one or several trains."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.formats.child import nwb_units, process
from neuropil_gui.formats.child.h5_lookup import is_kind
from neuropil_gui.formats.child.h5file import MAGIC as HDF5_MAGIC
from neuropil_gui.formats.paths import (
    check_path,
    counted,
    data_error,
    join_names,
    os_errors_as_data_errors,
    printable_name,
)
from neuropil_gui.formats.plain import archive, npy, table
from neuropil_gui.formats.programs.matlab_file import MatlabFile

SUFFIXES = ("csv", "tsv", "txt", "npy", "npz", "mat", "nwb")

MOST_SPIKES = 10_000_000
"""Of all trains of a file: more are no spikes of cells that were imaged."""

MOST_TRAINS = 10_000

_EXPECTED = (
    "A vector of ascending spike times was expected: a column of a table, an array of NumPy or MATLAB, or NWB units."
)


@dataclass(frozen=True, eq=False)
class SpikeFile:
    """Spike trains of a file.

    Attributes
    ----------
    path : Path
    trains : dict of str to ndarray
        Times as they stand in the file, ascending, by the name of the column, array or unit.
    unit : str
        ``"s"`` where the format says so, else empty.
    begins : float
        When the recording of the same file begins on the clock of the times, in seconds; 0 where it does not say.
    """

    path: Path
    trains: dict[str, FloatArray]
    unit: str = ""
    begins: float = field(default=0.0)

    def spike_times(self, name: str, unit: str = "s", begins: float = 0.0) -> SpikeTimes:
        """Return one train as the spike times of a cell.

        Parameters
        ----------
        name : str
            A key of `trains`.
        unit : str
            ``"s"`` or ``"frames"``.
        begins : float
            When the recording begins on the clock of the times, in that unit.

        Returns
        -------
        SpikeTimes

        Raises
        ------
        DataError
            (a ValueError) When there is no such train.
        """
        if name not in self.trains:
            raise data_error(self.path, f"it has no spike train {name!r}, but {join_names(list(self.trains))}.")
        source = printable_name(self.path) + (f", {join_names([name])}" if name else "")
        return SpikeTimes(self.trains[name] - begins, unit, source)


def read_spike_file(path: str | Path) -> SpikeFile:
    """Read the spike trains of a file.

    Parameters
    ----------
    path : path
        Text (a column for each train), ``.npy``, ``.npz``, ``.mat`` or ``.nwb``.

    Returns
    -------
    SpikeFile

    Raises
    ------
    DataError
        (a ValueError) When it cannot be read, or holds no vector of ascending times.
    """
    path = check_path(path)
    if path.is_dir():
        raise data_error(path, "this is a folder; a file of spike times was expected.")
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        head = stream.read(512)
    if is_kind(path, head, "nwb"):
        return _of_nwb(path)
    found = _vectors(path, head)
    trains: dict[str, FloatArray] = {}
    refused: list[tuple[str, DataError]] = []
    for name, values in found:
        try:
            trains[name] = SpikeTimes(_ascending(values)).times
        except DataError as error:
            refused.append((name, error))
        _check_size(path, trains)
    if not trains:
        why = f"{refused[0][0] or 'It'}: {refused[0][1]}" if refused else _EXPECTED
        raise data_error(path, f"it holds no spike times. {why}")
    several = {name: times for name, times in trains.items() if len(times) > 1}
    return SpikeFile(path, several or trains)  # a single value is a constant, such as a frame rate, where there is more


def read_spike_times(
    path: str | Path, train: str | None = None, unit: str = "", begins: float | None = None
) -> SpikeTimes:
    """Read the spike times of one cell.

    Parameters
    ----------
    path : path
        As of `read_spike_file`.
    train : str, optional
        The column, array or unit, e.g. ``"unit 7"`` of NWB; not needed where there is one.
    unit : str
        ``"s"``, the default, ``"ms"`` or ``"frames"``.
    begins : float, optional
        When the recording begins on the clock of the times, in their unit; where the file holds the recording too
        (NWB), that is known, else 0.

    Returns
    -------
    SpikeTimes

    Raises
    ------
    DataError
        (a ValueError) When the file cannot be read, holds no spike times, or several trains and none is named.
    """
    file = read_spike_file(path)
    if train is None:
        if len(file.trains) > 1:
            raise data_error(
                file.path, f"it holds {len(file.trains)} spike trains, {join_names(list(file.trains))}: name one."
            )
        (train,) = file.trains
    return file.spike_times(train, unit or file.unit or "s", file.begins if begins is None else begins)


def _ascending(values: NDArray[Any]) -> FloatArray:
    """Return the values without empty cells behind them, by which columns of a table are made equally long."""
    times = np.asarray(values, np.float64).ravel()
    present = np.flatnonzero(~np.isnan(times))
    return times[: int(present[-1]) + 1 if len(present) else 0]


def _check_size(path: Path, trains: dict[str, FloatArray]) -> None:
    if len(trains) > MOST_TRAINS or sum(map(len, trains.values())) > MOST_SPIKES:
        raise data_error(
            path, f"it holds more than {counted(MOST_TRAINS, 'spike train')} or {counted(MOST_SPIKES, 'spike')}."
        )


def _of_nwb(path: Path) -> SpikeFile:
    found = process.call(nwb_units.units, path, bytes_needed=2**30)
    trains = {f"unit {name}": SpikeTimes(times).times for name, times in zip(found["ids"], found["times"], strict=True)}
    _check_size(path, trains)
    if not any(map(len, trains.values())):
        raise data_error(path, "its units have no spikes.")
    return SpikeFile(path, trains, "s", float(found["begins"] or 0.0))


def _vectors(path: Path, head: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the vectors of numbers in a file, each with its name; that of a single one may be empty."""
    if head.startswith(npy.MAGIC):
        file = npy.NpyFile.open(path)
        if not _is_vector(file.header.shape) or not file.header.numeric:
            raise data_error(path, f"it holds {file.header.words} of shape {file.header.shape}. {_EXPECTED}")
        yield "", file.read()
    elif head.startswith(archive.MAGIC):
        with archive.Archive(path) as arrays:
            for name, header in arrays.headers().items():
                if header.numeric and _is_vector(header.shape) and header.count <= MOST_SPIKES:
                    yield name, arrays.array(name)
    elif path.suffix.lower() == ".mat" or head.startswith((b"MATLAB", HDF5_MAGIC)):
        yield from _of_matlab(path)
    else:
        text = table.load(path)
        if text.header is not None and len(text.cut(text.lines[0])) == 1:
            text.header = [" ".join(text.header)]  # a title of several words over one column
        values = table.values(text)
        titles = text.header or (
            [""] if values.shape[1] == 1 else [f"column {k}" for k in range(1, values.shape[1] + 1)]
        )
        yield from zip(titles, values.T, strict=True)


def _is_vector(shape: tuple[int, ...]) -> bool:
    return 0 not in shape and len(shape) > 0 and sum(side > 1 for side in shape) <= 1


def _of_matlab(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    file = MatlabFile.open(path)
    for name, row in file.rows.items():
        if row["kind"] == "numbers" and _is_vector(tuple(row["shape"])) and row["obstacle"] is None:
            if max(row["shape"]) <= MOST_SPIKES and np.dtype(row["dtype"]).kind in "fiu":
                yield name, file.part(name, None)
        elif row["kind"] == "cells":
            held = file.values([name]).get(name)
            items = held.ravel(order="F").tolist() if isinstance(held, np.ndarray) else []
            for number, item in enumerate(items, 1):
                if isinstance(item, np.ndarray) and item.dtype.kind in "fiu" and _is_vector(item.shape):
                    yield f"{name}{{{number}}}", item
