"""Spike times of the units of an NWB file, by h5py; runs in the child process.

Layout: the NWB 2 schema's ``Units`` table (https://nwb-schema.readthedocs.io), whose times are in seconds of the
session's clock, as those of its series are.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child.h5_lookup import numbers, step
from neuropil_gui.formats.child.h5file import opened
from neuropil_gui.formats.child.nwb_file import series_groups

_BYTES = 2**30


def units(path: Path) -> dict[str, Any]:
    """Return the spike times of all units, and when the first series of ROIs begins on the same clock.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        ``ids`` (list of str), ``times`` (list of ndarray, in seconds), ``begins`` (in seconds; None where no series
        says).

    Raises
    ------
    DataError
        When the file has no units with spike times, or their index does not fit.
    """
    with opened(path) as file:
        table = step(file, "units")
        times = numbers(table, "spike_times", _BYTES) if table is not None else None
        ends = numbers(table, "spike_times_index", _BYTES) if table is not None else None
        if times is None or ends is None or times.ndim != 1 or ends.ndim != 1:
            raise DataError(f"{path.name}: it holds no units with spike times (units/spike_times was expected).")
        ends = ends.astype(np.int64)
        if np.any(np.diff(ends, prepend=0) < 0) or (len(ends) and ends[-1] > len(times)):
            raise DataError(f"{path.name}: units/spike_times_index does not fit its {len(times):,} spike times.")
        ids = numbers(table, "id", _BYTES)
        names = ids if ids is not None and ids.shape == ends.shape else np.arange(len(ends))
        parts: list[NDArray[Any]] = np.split(times[: int(ends[-1]) if len(ends) else 0], ends[:-1])
        return {
            "ids": [str(each) for each in names.tolist()],
            "times": [np.asarray(each, np.float64) for each in parts[: len(ends)]],
            "begins": _begins(file),
        }


def _begins(file: Any) -> float | None:
    """Return when the first series of ROIs begins; None where none says."""
    for _, group in series_groups(file):
        start = numbers(group, "starting_time")
        if start is not None and start.shape == ():
            return float(start)
        stamps = step(group, "timestamps")
        if getattr(stamps, "ndim", 0) == 1 and len(stamps):
            return float(stamps[0])
    return None
