"""Named arrays of a file, and a way to read them or parts of them."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.paths import Slices, join_names
from neuropil_gui.formats.plain.rows import names_neuropil


@dataclass(frozen=True)
class Variable:
    """A named array in a file.

    Attributes
    ----------
    name : str
        A path with slashes (HDF5) or dots (fields of a MATLAB struct).
    shape : tuple of int
    dtype : str
    obstacle : str or None
        Why it cannot be read, in words that follow its name.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    obstacle: str | None = None

    @property
    def last(self) -> str:
        """The last part of its name."""
        return re.split(r"[/.]", self.name)[-1]

    @property
    def names_neuropil(self) -> bool:
        """Whether its name stands for neuropil."""
        return names_neuropil(self.last)

    @property
    def label(self) -> str:
        """Name, shape and type, as they are offered."""
        return f"{join_names([self.name])} ({' × '.join(map(str, self.shape))}, {self.dtype})"

    @property
    def nbytes(self) -> int:
        """Bytes that it takes in memory."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def usable(self) -> bool:
        """Whether it can be traces: real numbers in 2 to 4 dimensions, more than a vector."""
        numbers = np.dtype(self.dtype).kind in "fiub" and len(self.shape) in (2, 3, 4)
        return numbers and 0 not in self.shape and max(self.shape[-2:]) > 1


@dataclass(frozen=True)
class Store:
    """A file's arrays and how they are read.

    Attributes
    ----------
    path : Path
    format : str
        In words.
    variables : dict
        By name.
    read : callable
        Takes a name and the part of it: None for all, or for each axis an index or (start, stop, step).
    column_major : bool
        Whether its maker puts samples first (MATLAB), so that a stack is samples x regions x ROIs.
    others : tuple of str
        What else is in the file, for a message.
    seekable : bool
        Whether a part is read without all that is before it.
    """

    path: Path
    format: str
    variables: Mapping[str, Variable]
    read: Callable[[str, Slices | None], NDArray[Any]]
    column_major: bool = False
    others: tuple[str, ...] = ()
    seekable: bool = True

    @property
    def candidates(self) -> dict[str, Variable]:
        """Arrays that can be traces and can be read."""
        return {name: each for name, each in self.variables.items() if each.usable and each.obstacle is None}


def index(part: Slices) -> tuple[int | slice, ...]:
    """Return the index that NumPy takes for a part.

    Parameters
    ----------
    part : Slices
    """
    return tuple(each if isinstance(each, int) else slice(*each) for each in part)
