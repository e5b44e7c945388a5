"""Movies as plain numbers in a file: NumPy's ``.npy``, suite2p's ``data.bin``, CaImAn's ``.mmap``.

Source of the layouts: suite2p's ``io/binary.py`` and CaImAn's ``mmapping.py``.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.formats.paths import data_error, os_errors_as_data_errors, printable_name
from neuropil_gui.formats.plain.npy import as_array, open_numbers, read_npy_objects
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.pixel_major import PixelMajorStack
from neuropil_gui.imaging.stack import BinaryStack, Stack

_CAIMAN = re.compile(r"_d1_(\d{1,6})_d2_(\d{1,6})_d3_(\d{1,6})_order_([CF])_frames_(\d{1,9})_*\.mmap$", re.IGNORECASE)
_MOST_SIDE = 2**20


def binary_of_npy(path: Path) -> BinaryStack:
    """Open a ``.npy`` file as a stack.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is no array of shape (frames, rows, columns), in the order in which frames follow each other.
    """
    header = open_numbers(path, (3,), "a movie of shape (frames, rows, columns)").header
    if header.fortran:
        raise DataError("its frames lie in each other (Fortran order); save it by numpy.ascontiguousarray.")
    frames, rows, columns = header.shape
    return BinaryStack(path, header.dtype, frames, (rows, columns), header.size)


def binary_of_caiman(path: Path) -> Stack:
    """Open a ``.mmap`` file of CaImAn, whose name says its size.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When the name does not say it, or the length of the file is another.
    """
    match = _CAIMAN.search(path.name)
    if match is None:
        raise DataError(
            "its name does not say the size of the movie, as ..._d1_512_d2_512_d3_1_order_F_frames_2000.mmap."
        )
    rows, columns, planes, frames = (int(match.group(group)) for group in (1, 2, 3, 5))
    if planes != 1:
        raise DataError(f"it has {planes} planes; a movie of one plane was expected.")
    needed, there = 4 * rows * columns * frames, path.stat().st_size
    if needed != there:
        raise DataError(
            f"{frames} frames of {rows} x {columns} pixels, as its name says, need {needed} bytes, but the file has "
            f"{there}."
        )
    if match.group(4).upper() == "F":
        return BinaryStack(path, np.dtype("<f4"), frames, (rows, columns), columns_first=True)
    return PixelMajorStack(path, np.dtype("<f4"), frames, (rows, columns))


def plane_of_suite2p(path: Path) -> Movie:
    """Open the registered movie of a suite2p plane.

    Parameters
    ----------
    path : Path
        Of ``data.bin`` or another binary file of suite2p, beside ``ops.npy``, or ``db.npy`` and ``settings.npy``.

    Raises
    ------
    DataError
        When the size of its frames is not known, or is not that of the file.
    """
    facts: dict[str, Any] = {}
    for name in ("settings.npy", "db.npy", "ops.npy"):
        if (path.parent / name).is_file():
            found = read_npy_objects(path.parent / name)
            facts |= found if isinstance(found, dict) else {}
    rows, columns = (_whole(facts.get(key)) for key in ("Ly", "Lx"))
    if not 0 < rows <= _MOST_SIDE or not 0 < columns <= _MOST_SIDE:
        raise data_error(path, "the size of its frames (Ly, Lx) is not known: suite2p's ops.npy is missing beside it.")
    with os_errors_as_data_errors(path):
        size = path.stat().st_size
    if size % (2 * rows * columns) or not size:
        raise data_error(
            path, f"its {size} bytes are no whole number of frames of {rows} x {columns} pixels, as ops.npy says."
        )
    frames = size // (2 * rows * columns)
    stack = BinaryStack(path, np.dtype("<i2"), frames, (rows, columns))
    stack.name = printable_name(path)
    lengths = [_whole(each) for each in as_array(facts.get("frames_per_file", ())).ravel().tolist()]
    starts = (0, *np.cumsum(lengths[:-1]).tolist()) if lengths and sum(lengths) == frames else (0,)
    if any(later <= earlier for earlier, later in pairwise(starts)):
        starts = (0,)
    rate = facts.get("fs")
    rate = float(rate) if isinstance(rate, int | float | np.number) and is_frame_rate(float(rate)) else None
    note = (
        f"{stack.name}: suite2p stores half of the values of unsigned TIFFs, so that traces of them are twice as high."
    )
    return Movie(f"{printable_name(path.parent)}/{stack.name}", (stack,), starts, rate, (note,), str(path))


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | np.integer) else 0
