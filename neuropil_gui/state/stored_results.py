"""Results of a project file, read when they are asked for."""

import logging

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
    """Results of a project, read when they are asked for.

    Parameters
    ----------
    database : Database
        Opened for reading, in the thread that asks.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = set(database.keys("result"))
        self._newest: dict[int, str] = {}

    def note_newest(self, index: int, settings: SeparationSettings) -> None:
        """Take the settings of the result of a cell that was shown last."""
        self._newest[index] = result_key(index, settings)

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of a cell and settings; None where there is none, or it is damaged."""
        return self._read(result_key(index, settings))

    def newest(self, index: int) -> Result | None:
        """Return the result of a cell that was shown last."""
        return self._read(self._newest.get(index, ""))

    def _read(self, key: str) -> Result | None:
        if key not in self._keys:
            return None
        try:
            body = self._database.get("result", key)
            if body is None:
                return None
            separation, numbers, _ = unpack_separation(body)
        except DataError as error:
            # The cell is separated again; the checksum keeps a wrong number from being shown.
            self._keys.discard(key)
            log.warning("%s", error)
            return None
        return Result(separation, numbers, None)
