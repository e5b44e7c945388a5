"""Reader of HDF5 files of any layout: a data set of numbers, chosen from all."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.child import h5file, process
from neuropil_gui.formats.paths import Options, Slices, os_errors_as_data_errors
from neuropil_gui.formats.plain import choice, preview
from neuropil_gui.formats.plain.store import Store, Variable
from neuropil_gui.formats.questions import Inquiry

SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")
_PLACES = (0, 512, 1024, 2048, 4096)


def sniff(path: Path, head: bytes) -> bool:
    """Return whether HDF5's signature is at its start, or where a file that is named as one may have it.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    if head.startswith(h5file.MAGIC):
        return True
    if path.suffix.lower() not in SUFFIXES:
        return False
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        for place in _PLACES:
            stream.seek(place)
            if stream.read(8) == h5file.MAGIC:
                return True
    return False


def store(path: Path) -> Store:
    """Return the data sets of an HDF5 file, listed in the child process.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is damaged.
    """
    rows = process.call(h5file.listing, path)
    found = {row["name"]: Variable(row["name"], row["shape"], row["dtype"], row["obstacle"]) for row in rows}

    def read(name: str, part: Slices | None) -> NDArray[np.generic]:
        return np.asarray(process.call(h5file.part, path, name, part, bytes_needed=found[name].nbytes))

    return Store(path, "HDF5", found, read)


def read(path: Path, options: Options) -> Recording:
    """Read a data set of numbers in one of the plain layouts, with its neuropil where another holds it.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When there is none, or several without a telling name; the sentence names them.
    """
    return choice.recording(store(path), options)


def inquire(path: Path) -> Inquiry:
    """Return the questions about an HDF5 file; see `preview.inquiry`.

    Parameters
    ----------
    path : Path
    """
    return preview.inquiry(store(path))
