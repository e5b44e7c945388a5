"""NWB files by h5py: a list of their series of ROIs, and traces from them; runs in the child process.

Layouts: the NWB 2 schema (https://nwb-schema.readthedocs.io); for NWB 1, the files of the Allen Brain Observatory as
the AllenSDK reads them (``brain_observatory_nwb_data_set.py``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.formats.child.h5_lookup import is_numbers, numbers, part, step, text
from neuropil_gui.formats.child.h5file import opened
from neuropil_gui.formats.progress import tick

_DEEPEST, _OBJECTS = 12, 20_000
_IDENTITY = ("identifier", "session_description", "session_start_time")
#: Columns of a table of ROIs that say which of them are cells: suite2p's, and roiextractors'.
_CELLS = ("iscell", "Accepted", "accepted")
_TIMES = 2**30
_BACK = 4 * 2**20
#: Intervals that differ by more than this part of their median are no jitter.
_JITTER = 0.1


def survey(path: Path) -> dict[str, Any]:
    """Return the series of ROIs in a file, with its version and identity.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        ``version``, ``identity`` (pairs of name and text) and ``series``: dicts with the ``path``, that of the ``data``
        and of the group that is their ``home``, ``shape``, ``dtype``, ``rois`` (their number, None where it is not
        known), ``times`` (that of the time stamps) and ``scale`` (conversion, offset and unit).
    """
    with opened(path) as file:
        version = text(file.attrs.get("nwb_version")) or text(step(file, "nwb_version"))
        identity = [(name, text(step(file, name))) for name in _IDENTITY]
        found: list[dict[str, Any]] = []
        for name, group in series_groups(file):
            found += [
                _described(file, name if part == "data" else f"{name}/{part}", name, part, group)
                for part in ("data", "neuropil_traces")
                if _traces(step(group, part))
            ]
        return {"version": version, "identity": [pair for pair in identity if pair[1]], "series": found}


def details(path: Path, home: str, sets: list[tuple[str, bool]], rois: int) -> dict[str, Any]:
    """Return rate, length and marks of a series, which are needed before it is read.

    Parameters
    ----------
    path : Path
    home : str
        The group of the ROIs' series.
    sets : list of (str, bool)
        The data sets that will be read, and whether their first axis is time.
    rois : int

    Returns
    -------
    dict
        ``rate`` in Hz or None; ``notes``, sentences about the time; ``frames`` without zeros behind them; ``marks`` and
        ``column``: which ROIs are cells, and who says so.
    """
    with opened(path) as file:
        group = step(file, home)
        notes: list[str] = []
        rate = _rate(file, group, notes)
        marks, column = _marks(file, group, rois)
        return {
            "rate": rate,
            "notes": notes,
            "frames": _used([(step(file, name), first) for name, first in sets]),
            "marks": marks,
            "column": column,
        }


def block(path: Path, name: str, time_first: bool, start: int, stop: int, frames: int) -> NDArray[Any]:
    """Return the traces of the ROIs `start` to `stop`, shape (stop - start, frames).

    Parameters
    ----------
    path : Path
        The file.
    name : str
    time_first : bool
        Whether the first axis is time.
    start : int
        First row.
    stop : int
        Row after the last.
    frames : int
        Of each trace.
    """
    with opened(path) as file:
        return part(step(file, name), time_first, start, stop, frames)


def series_groups(file: Any) -> Iterator[tuple[str, Any]]:
    """Yield the groups that are series of ROIs; their number is bounded, as hard links could make circles."""
    import h5py

    waiting, seen = [("", file["/"], 0)], 0
    while waiting:
        name, group, depth = waiting.pop(0)
        for key in group:
            seen += 1
            if seen > _OBJECTS:
                return
            tick(0.0)
            child = step(group, key)
            if not isinstance(child, h5py.Group):
                continue
            below = f"{name}/{key}".lstrip("/")
            if _is_series(below, child):
                yield below, child
            elif depth < _DEEPEST and key != "specifications":
                waiting.append((below, child, depth + 1))


def _is_series(name: str, group: Any) -> bool:
    kind = text(group.attrs.get("neurodata_type"))
    ancestry = group.attrs.get("ancestry")
    if kind == "RoiResponseSeries" or (ancestry is not None and b"RoiResponseSeries" in np.asarray(ancestry, "S")):
        return True
    above = name.split("/")[-2:-1]  # NWB 1 may say no more than TimeSeries
    return kind in ("", "TimeSeries") and above in (["Fluorescence"], ["DfOverF"]) and step(group, "data") is not None


def _traces(data: Any) -> bool:
    return is_numbers(data) and data.ndim in (1, 2) and data.size > 0 and data.shape[0] > 1


def _described(file: Any, name: str, home: str, which: str, group: Any) -> dict[str, Any]:
    data, times, rois = (step(group, each) for each in (which, "timestamps", "rois"))
    scale = [data.attrs.get("conversion", 1.0), data.attrs.get("offset", 0.0)]
    return {
        "path": name,
        "data": f"{home}/{which}",
        "home": home,
        "shape": list(data.shape),
        "dtype": str(data.dtype),
        "rois": rois.shape[0] if is_numbers(rois) and rois.ndim == 1 else None,
        "table": _rows_of_table(file, rois),
        "times": times.shape[0] if is_numbers(times) and times.ndim == 1 else None,
        "scale": [*(float(np.ravel(each)[0]) for each in scale), text(data.attrs.get("unit"))],
    }


def _rows_of_table(file: Any, region: Any) -> int | None:
    """Return the number of rows in the table of ROIs that a region points to; None where that is not there."""
    import h5py

    table = region.attrs.get("table") if region is not None else None
    if not isinstance(table, h5py.Reference) or not table:
        return None
    ids = step(file[table], "id")
    return ids.shape[0] if isinstance(ids, h5py.Dataset) and ids.ndim == 1 else None


def _rate(file: Any, group: Any, notes: list[str]) -> float | None:
    start = step(group, "starting_time")
    rate = np.ravel(start.attrs.get("rate", 0.0))[:1] if start is not None else np.zeros(0)
    if rate.size and rate.dtype.kind in "fiu" and is_frame_rate(float(rate[0])):
        return float(rate[0])
    times = numbers(group, "timestamps", _TIMES)
    if times is not None and times.ndim == 1 and len(times) > 1:
        return _rate_of(times.astype(np.float64), notes)
    planes = step(file, "general/optophysiology")
    rates = [numbers(planes, f"{key}/imaging_rate", 64) for key in planes] if planes is not None else []
    known = {float(np.ravel(each)[0]) for each in rates if each is not None and each.size == 1}
    only = known.pop() if len(known) == 1 else 0.0
    return only if is_frame_rate(only) else None


def _rate_of(times: NDArray[np.float64], notes: list[str]) -> float | None:
    """Return the frame rate in Hz of time stamps in seconds, and add a note where they are irregular."""
    steps = np.diff(times)
    middle = float(np.median(steps))
    if not np.all(np.isfinite(steps)) or middle <= 0 or not is_frame_rate(1 / middle):
        notes.append("Its time stamps do not ascend, or are no times of frames; the frame rate is unknown.")
        return None
    odd = np.abs(steps - middle) > _JITTER * middle
    if not odd.any():
        return float(len(steps) / (times[-1] - times[0]))
    notes.append(
        f"Its time stamps are not regular: {np.count_nonzero(odd)} of {len(steps)} intervals differ by more than a "
        f"tenth from {middle:.4g} s, up to {steps.max():.4g} s; frames are shown as at {1 / middle:.4g} Hz."
    )
    return 1 / middle


def _marks(file: Any, group: Any, rois: int) -> tuple[NDArray[Any] | None, str]:
    """Return a row for each ROI of the series from the table's column that says which are cells."""
    import h5py

    region = step(group, "rois")
    where = numbers(group, "rois")
    table = region.attrs.get("table") if region is not None else None
    if where is None or len(where) != rois or not isinstance(table, h5py.Reference) or not table:
        return None, ""
    segmentation = file[table]
    for name in _CELLS:
        column = numbers(segmentation, name) if isinstance(segmentation, h5py.Group) else None
        if (
            column is not None
            and column.ndim in (1, 2)
            and len(column)
            and where.min() >= 0
            and where.max() < len(column)
        ):
            return column[where.astype(np.intp)].astype(np.float64), name
    return None, ""


def _used(sets: list[tuple[Any, bool]]) -> int:
    """Return the frames up to the last that is not zero at all ROIs of all data sets."""
    frames = sets[0][0].shape[0 if sets[0][1] else -1]
    width = max(data.size // frames for data, _ in sets)
    stop, length = frames, 1
    while stop > 0:
        start = max(0, stop - length)
        used = np.zeros(stop - start, bool)
        for data, first in sets:
            values = data[start:stop] if first else data[..., start:stop].T
            used |= np.asarray(values).reshape(stop - start, -1).any(axis=1)
        if used.any():
            return int(start + np.flatnonzero(used)[-1] + 1)
        tick(1 - start / frames)
        stop, length = start, max(1, _BACK // (8 * width))
    return int(frames)
