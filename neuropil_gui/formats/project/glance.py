"""Glance at a project: when it was saved, what is in it, and a miniature."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import unpack
from neuropil_gui.formats.project.recording import strange_as_data_error


@dataclass(frozen=True, eq=False)
class Glance:
    """What a list of projects shows of one.

    Attributes
    ----------
    at : float
        When it was saved, in seconds since 1970.
    name : str
        Of the recording.
    results, marks, pins, runs : int
        Their numbers.
    line : ndarray of float64, shape (points,)
        Miniature of the selected cell's raw ROI, from 0 to 1, NaN where it is not finite; empty where there is none.
    """

    at: float
    name: str
    results: int
    marks: int
    pins: int
    runs: int
    line: NDArray[np.float64]


def glance(path: Path) -> Glance | None:
    """Return what is in a project; None where nothing was saved in it yet.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Glance or None

    Raises
    ------
    DataError
        When it cannot be read, or is damaged.
    """
    with Database(path) as database:
        state, picture = database.get("state", "now"), database.get("picture", "now")
        results, runs = len(database.keys("outcome")), len(database.keys("run"))
    if state is None:
        return None
    with strange_as_data_error(path):
        facts, _ = unpack(state)
        line = unpack(picture)[1]["line"] if picture is not None else np.empty(0)
        if line.ndim != 1 or len(line) > 1000:
            raise ValueError(f"a miniature of shape {line.shape}")
        pins = sum(1 for pin in facts["pins"] if pin)
        time.localtime(facts["at"])  # raises where there is no such day
        return Glance(float(facts["at"]), str(facts["name"]), results, len(facts["marks"]), pins, runs, line)
