"""MatlabFile: the variables of a MATLAB file of either kind, read in the child."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child import mat5, mat73, process
from neuropil_gui.formats.child.h5file import MAGIC
from neuropil_gui.formats.paths import (
    MOST_BYTES,
    Identity,
    Slices,
    os_errors_as_data_errors,
)
from neuropil_gui.formats.plain.store import Store, Variable
from neuropil_gui.formats.plain.trials import are_trials


@dataclass(frozen=True)
class MatlabFile:
    """A MATLAB file with the list of its variables.

    Parameters
    ----------
    path : Path
    is_hdf5 : bool
        Whether it is of version 7.3.
    rows : dict of str to dict
        Shape, type and more of each variable, by name.
    identity : Identity
        As it was opened: a file that changes later is refused.
    """

    path: Path
    is_hdf5: bool
    rows: dict[str, dict[str, Any]]
    identity: Identity

    @classmethod
    def open(cls, path: Path, only: tuple[str, ...] | None = None) -> "MatlabFile":
        """Return a file with its variables listed.

        Parameters
        ----------
        path : Path
        only : tuple of str, optional
            List these variables only.

        Returns
        -------
        MatlabFile

        Raises
        ------
        DataError
            When it cannot be read.
        """
        identity = Identity.of(path)
        with os_errors_as_data_errors(path), open(path, "rb") as stream:
            head = stream.read(128)
        is_hdf5 = head.startswith((MAGIC, b"MATLAB 7.3"))
        file = cls(path, is_hdf5, {}, identity)
        return replace(file, rows={row["name"]: row for row in file._call("listing", only)})

    def _call(self, function: str, *arguments: object, more: int = 0) -> Any:
        """Call a function of the version's reader, which returns `more` bytes, in the child process."""
        self.identity.check()
        needed = more if self.is_hdf5 else mat5.memory_needed(self.path) + more
        found = process.call(
            getattr(mat73 if self.is_hdf5 else mat5, function), self.path, *arguments, bytes_needed=needed
        )
        self.identity.check()
        return found

    @property
    def version(self) -> str:
        """Version of the format."""
        return "7.3" if self.is_hdf5 else "5"

    @property
    def store(self) -> Store:
        """Its arrays of numbers."""
        found = {
            name: Variable(name, row["shape"], row["dtype"], row["obstacle"])
            for name, row in self.rows.items()
            if row["kind"] == "numbers"
        }
        objects = {name: row for name, row in self.rows.items() if row["kind"] == "object"}
        found |= {
            name: Variable(name, (), "object", f"is a MATLAB {row['dtype'] or 'object'}, which only MATLAB can read")
            for name, row in objects.items()
        }
        names = [name for name in self.rows if name not in found]
        return Store(self.path, "MATLAB", found, self.part, True, tuple(names), seekable=self.is_hdf5)

    @property
    def trials(self) -> list[str]:
        """Its cell arrays of matrices that have equal numbers of rows in each of their rows."""
        return [
            name
            for name, row in self.rows.items()
            if row["kind"] == "cells"
            and are_trials(tuple(row["shape"]), None if row["inner"] is None else [tuple(s) for s in row["inner"]])
        ]

    def part(self, name: str, slices: Slices | None) -> NDArray[Any]:
        """Read the numbers of a variable or a field, or a part of them.

        Parameters
        ----------
        name : str
            A key of `rows`.
        slices : Slices or None
            The part; None for all.

        Returns
        -------
        ndarray

        Raises
        ------
        DataError
            When they cannot be read.
        """
        row = self.rows[name]
        return np.asarray(
            self._call("part", name, slices, more=math.prod(row["shape"]) * np.dtype(row["dtype"]).itemsize)
        )

    def values(self, names: list[str]) -> dict[str, Any]:
        """Read whole variables.

        Parameters
        ----------
        names : list of str
            Variables; those that the file lacks are left out.

        Returns
        -------
        dict of str to object

        Raises
        ------
        DataError
            When they cannot be read.
        """
        found: dict[str, Any] = self._call("values", names, more=min(4 * self.path.stat().st_size, MOST_BYTES))
        return found
