"""Movies in HDF5 and NWB files: which data set holds the frames, and blocks of them; runs in the child process."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.formats.child.h5_lookup import numbers, step, text
from neuropil_gui.formats.child.h5file import dataset, obstacle, opened, take, walk
from neuropil_gui.formats.paths import data_error, join_names

#: A movie is never whole in memory.
_MOST = 2**50
_SERIES = ("TwoPhotonSeries", "OnePhotonSeries", "ImageSeries")


def survey(path: Path, asked: str | None) -> dict[str, Any]:
    """Return what is known of the movie in a file.

    Parameters
    ----------
    path : Path
    asked : str or None
        The path of its data set; None takes the largest of three dimensions.

    Returns
    -------
    dict
        ``name``, ``shape`` and ``dtype`` of the data set, ``chunk`` (frames that are packed together),
        ``columns_first``, ``rate`` in Hz or None, ``notes``.

    Raises
    ------
    DataError
        When there is none that can be read.
    """
    import h5py

    with opened(path) as file:
        if asked is None:
            found = {
                name: each
                for name, each in walk(file)
                if isinstance(each, h5py.Dataset) and each.shape is not None and len(each.shape) == 3
            }
            whys = {name: obstacle(each, _MOST) for name, each in found.items()}
            fit = {name: each for name, each in found.items() if whys[name] is None and 0 not in each.shape}
            if not fit:
                reason = next((f" {join_names([name])} {why}." for name, why in whys.items() if why), "")
                raise data_error(path, f"it has no movie, a data set of frames x rows x columns.{reason}")
            name = max(fit, key=lambda each: fit[each].size)
            notes = [] if len(fit) == 1 else [f"The largest of {len(fit)} data sets is read: {join_names([name])}."]
        else:
            name, notes = asked.strip("/"), []
        data = dataset(file, name, _MOST)
        if data.ndim != 3 or 0 in data.shape:
            raise data_error(
                path, f"{join_names([name])} has the shape {data.shape}; frames x rows x columns were expected."
            )
        columns_first = _columns_first(file, name, data.shape, notes)
        return {
            "name": name,
            "shape": data.shape,
            "dtype": data.dtype.str,
            "chunk": data.chunks[0] if data.chunks else 1,
            "columns_first": columns_first,
            "rate": _rate(file, name),
            "notes": notes,
        }


def frames(path: Path, name: str, start: int, stop: int) -> NDArray[Any]:
    """Return the frames `start` to `stop` of a data set.

    Parameters
    ----------
    path : Path
        The file.
    name : str
    start : int
        First frame.
    stop : int
        Frame after the last.
    """
    with opened(path) as file:
        return take(dataset(file, name, _MOST), [(start, stop, 1), (None, None, None), (None, None, None)])


def _columns_first(file: Any, name: str, shape: tuple[int, ...], notes: list[str]) -> bool:
    """Return whether frames of an NWB series are columns x rows, as its schema has them, and not as many files do."""
    group = step(file, name.rpartition("/")[0] or "/")
    if text(group.attrs.get("neurodata_type")) not in _SERIES:
        return False
    sides = numbers(group, "dimension", 64)
    pair = tuple(int(side) for side in sides.ravel()[:2]) if sides is not None and sides.dtype.kind in "iu" else ()
    if len(pair) == 2 and shape[1] != shape[2]:
        return pair == shape[1:]
    notes.append("The file does not say whether its frames are rows x columns: they are taken so.")
    return False


def _rate(file: Any, name: str) -> float | None:
    group = step(file, name.rpartition("/")[0] or "/")
    start = step(group, "starting_time")
    values = np.ravel(start.attrs.get("rate", 0.0))[:1] if start is not None else np.zeros(0)
    if values.size and values.dtype.kind in "fiu" and is_frame_rate(float(values[0])):
        return float(values[0])
    times = numbers(group, "timestamps", 2**30)
    if times is None or times.ndim != 1 or len(times) < 2 or times.dtype.kind != "f":
        return None
    span = float(times[-1] - times[0])
    rate = (len(times) - 1) / span if span > 0 else 0.0
    return rate if is_frame_rate(rate) else None
