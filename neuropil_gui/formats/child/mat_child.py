"""What is in a MATLAB file, of version 5 or 7.3 alike. Runs in the child."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuropil_gui.formats.child import mat5, mat5_parts, mat73

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neuropil_gui.formats.paths import Slices


def listing(path: Path, is_hdf5: bool) -> list[dict[str, Any]]:
    """Return the variables of a file, and the fields of its structs as ``struct.field``; see `mat73.listing`."""
    if is_hdf5:
        return mat73.listing(path)
    return mat5_parts.listing(path)


def part(path: Path, is_hdf5: bool, name: str, which: "Slices | None" = None) -> "NDArray[Any]":
    """Return numbers of one variable or field, or a part of them.

    Raises
    ------
    DataError
        When it is not there.
    """
    if is_hdf5:
        return mat73.part(path, name, which)
    return mat5_parts.part(path, name, which)


def values(path: Path, is_hdf5: bool, names: list[str]) -> dict[str, Any]:
    """Return whole variables as `mat5.read` does, as far as they are there."""
    if is_hdf5:
        return mat73.values(path, names)
    return mat5.read(path, names)
