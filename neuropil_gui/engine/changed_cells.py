"""Cells of a recording that has changed: which still have the signals that were separated."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import fingerprint, unpack_separation


@dataclass(frozen=True)
class Comparison:
    """Cells whose signals are as they were, and those with other signals."""

    same: tuple[int, ...]
    changed: tuple[int, ...]


def compare(path: Path, recording: Recording, digests: Mapping[int, str], writable: bool) -> Work:
    """Compare the cells with their fingerprints of before; answers with a `Comparison`.

    In the project at `path`, where it is writable, results of other signals become items of the kind ``earlier``: a
    new result of the same settings does not replace them.
    """

    def work(report: Report, should_stop: ShouldStop) -> Comparison:
        found: dict[int, str] = {}
        for index in digests:
            if should_stop():
                raise Cancelled
            try:
                found[index] = fingerprint(recording.cells[index]) if index < len(recording.cells) else ""
            except DataError:
                found[index] = ""  # selecting the cell says why
        changed = tuple(index for index in digests if found[index] != digests[index])
        if changed and writable:
            _put_aside(path, {index: found[index] for index in changed})
        return Comparison(tuple(index for index in digests if index not in changed), changed)

    return work


def _put_aside(path: Path, found: Mapping[int, str]) -> None:
    with Database(path, write=True, check=False) as database:
        for key in database.keys("result"):
            index = int(key.partition("/")[0])
            body = database.get("result", key) if index in found else None
            if body is not None and (digest := unpack_separation(body)[2]) != found[index]:
                database.change([("earlier", f"{key}/{digest[:16]}", body)], [("result", key)])
