"""Receipt of an export: how its numbers were made, as a text beside it, and a script that makes them again."""

import datetime
import hashlib
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.methods import CellFacts, common_settings, methods, references
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.script import EDITED_ROIS, SCRIPT_HEAD, check_as_read, export_script
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.writing.atomic import replacing
from neuropil_gui.formats.writing.provenance import clean, digest, versions

WIDTH = 100
TITLE = "Receipt of an export of neuropil_gui"


class Receipt:
    """Facts of the cells of an export, gathered while they are written.

    Parameters
    ----------
    recording : Recording
    answers : mapping of str to object
        How it was read, by the keywords of `read`.
    excluded : mapping of str to int
        As of `methods`.
    """

    def __init__(self, recording: Recording, answers: Mapping[str, object], excluded: Mapping[str, int]) -> None:
        self._recording, self._answers, self._excluded = recording, answers, dict(excluded)
        self._facts: list[CellFacts] = []
        self._lines: list[tuple[str, SeparationSettings, dict[str, Any]]] = []

    def watch(self, results: Iterable[tuple[int, Separation]]) -> Iterator[tuple[int, Separation]]:
        """Pass results on, and take what the receipt says of them.

        Parameters
        ----------
        results : iterable of (int, Separation)
            With the index of their cell, from 0.
        """
        for index, separation in results:
            cell = self._recording.cells[index]
            self._facts.append(CellFacts.of(index + 1, cell, separation))
            hashes = {"input": digest(cell.traces), "result": digest(separation.matched)}
            self._lines.append((cell.name, separation.repeatable(), hashes))
            yield index, separation

    def write(self, path: Path, failed: int) -> list[str]:
        """Write the receipt and the script of the export at `path`.

        Parameters
        ----------
        path : Path
            Which is written.
        failed : int
            Cells that could not be separated.

        Returns
        -------
        list of str
            Why there is no script, where there is none.

        Raises
        ------
        DataError
            When there is a receipt or a script of another kind, or it cannot be written.
        """
        stem = path.name.removesuffix(path.suffix)
        receipt, script = path.with_name(f"{stem}.receipt.txt"), path.with_name(f"{stem}.py")
        common = common_settings(self._facts)
        _check_ours(receipt, TITLE)
        with open(path, "rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        with replacing(receipt) as stream:
            stream.write(self.text(f"{path.name}\nSHA-256 {sha256}", failed).encode())
        try:
            check_as_read(self._recording)
            text = export_script(path.name, receipt.name, self._recording.source, common, self._answers)
        except DataError as error:
            return [f"{script.name}: {error}"]
        _check_ours(script, SCRIPT_HEAD)
        with replacing(script) as stream:
            stream.write(text.encode())
        return []

    def text(self, what: str, failed: int) -> str:
        """Return the receipt.

        Parameters
        ----------
        what : str
            What was written.
        failed : int
            Cells that could not be separated.
        """
        recording, now, common = self._recording, datetime.datetime.now(datetime.UTC), common_settings(self._facts)
        excluded = self._excluded | {"impossible to separate": failed}
        answers = {name: value for name, value in self._answers.items() if value is not None}
        paragraph = methods(self._facts, len(recording.cells), versions(), excluded)
        parts = [
            TITLE,
            f"{now.isoformat(timespec='seconds')}\n{what}",
            "Methods",
            textwrap.fill(paragraph, WIDTH, break_on_hyphens=False),
            *(textwrap.fill(each, WIDTH, break_on_hyphens=False) for each in references(self._facts)),
            "Recording",
            f"{recording.source or recording.name}\nread as {recording.format or 'it is'} with {json.dumps(answers)}",
            *(f"{name}: {value}" for name, value in recording.origin if name == EDITED_ROIS),
            "Settings",
            json.dumps(common.to_dict(), indent=2),
            "Cells",
            "In what their settings differ, and the SHA-256 of their signals and of their matched components\n"
            "as little-endian 8-byte floats.",
            "\n".join(self._cell_lines(common)),
        ]
        return clean("\n\n".join(parts) + "\n")

    def _cell_lines(self, common: SeparationSettings) -> Iterator[str]:
        for facts, (name, settings, hashes) in zip(self._facts, self._lines, strict=True):
            usual = common.to_dict()
            differing = {key: value for key, value in settings.to_dict().items() if value != usual[key]}
            yield f"cell {facts.number}: {json.dumps({'name': name, 'settings': differing, **hashes})}"


def _check_ours(path: Path, head: str) -> None:
    """Refuse to replace a file that is no earlier one of the same kind."""
    try:
        with open(path, "rb") as stream:
            begin = stream.read(200)
    except OSError:  # there is none; or `replacing` says why it cannot be written
        return
    if head.encode() not in begin:
        raise data_error(path, "it is something else than an earlier one of this program, and was not replaced.")
