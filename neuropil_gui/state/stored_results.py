"""Results of a project file, read when they are asked for."""

import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from weakref import WeakValueDictionary

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import settings_key, unpack_separation
from neuropil_gui.state.results import Result

log = logging.getLogger("neuropil_gui")


def result_key(index: int, settings: SeparationSettings) -> str:
    """Return the key of a cell's result of these settings."""
    return f"{index:09}/{settings_key(settings)}"


class StoredResults:
    """Results of a project, read in the thread that asks first.

    Parameters
    ----------
    path : Path
        Of the project, which has been checked; it is opened when a result is first asked for.
    sizes : mapping of str to int, optional
        Bytes of the results in it, by their key, the oldest first.
    """

    def __init__(self, path: Path, sizes: Mapping[str, int] = MappingProxyType({})) -> None:
        self._path = path
        self._database: Database | None = None
        self._sizes = dict(sizes)
        self._newest: dict[int, str] = {}
        # What is in memory beside the file, such that it is not written again.
        self._same: WeakValueDictionary[str, Result] = WeakValueDictionary()

    @property
    def project(self) -> Path | None:
        """The project that holds them, None before there is one."""
        return self._path if self._sizes else None

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of the results by their key, the oldest first."""
        return MappingProxyType(self._sizes)

    def note(self, key: str, result: Result) -> None:
        """Take a result that is being written."""
        separation = result.separation
        self._sizes.pop(key, None)
        self._sizes[key] = separation.separated.nbytes + separation.matched.nbytes + separation.mixing.nbytes
        self._same[key] = result

    def take(self, key: str, size: int) -> None:
        """Take a result that the project holds, and its bytes."""
        self._sizes[key] = size

    def has(self, key: str, result: Result) -> bool:
        """Return whether it is just this result that the project holds."""
        return key in self._sizes and self._same.get(key) is result

    def discard(self, key: str) -> None:
        """Forget a result that is deleted, or not to be shown."""
        self._sizes.pop(key, None)

    def note_newest(self, index: int, settings: SeparationSettings) -> None:
        """Take the settings of the result of a cell that was shown last."""
        self._newest[index] = result_key(index, settings)

    def forget_newest(self, index: int) -> None:
        """Forget which result of a cell was shown last, because the cell is another one now."""
        self._newest.pop(index, None)

    def move_to(self, path: Path) -> None:
        """Read from a copy of the project from now on."""
        self.close()
        self._path = path

    def close(self) -> None:
        """Close the file; it is opened again when a result is asked for."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of a cell and settings; None where there is none, or it is damaged."""
        return self._read(result_key(index, settings))

    def newest(self, index: int) -> Result | None:
        """Return the result of a cell that was shown last."""
        return self._read(self._newest.get(index, ""))

    def _read(self, key: str) -> Result | None:
        if key not in self._sizes:
            return None
        try:
            if self._database is None:
                self._database = Database(self._path, check=False)
            body = self._database.get("result", key)
            if body is None:
                return None
            separation, numbers, _ = unpack_separation(body)
        except DataError as error:
            # The cell is separated again; the checksum keeps a wrong number from being shown.
            self._sizes.pop(key, None)
            log.warning("%s", error)
            return None
        result = Result(separation, numbers, None)
        self._same[key] = result
        return result
