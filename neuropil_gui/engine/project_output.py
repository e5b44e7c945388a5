"""A project as the output of a separation without a window: results are in it as they come, and are not made again."""

import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.changed_cells import Comparison, compare
from neuropil_gui.engine.kept_state import Kept, record_facts
from neuropil_gui.engine.project_place import lock_of
from neuropil_gui.formats.paths import Options, data_error
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import fingerprint, pack, pack_separation, unpack
from neuropil_gui.formats.project.recording import cells_of, origin_facts, pack_cell, pack_headers
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.pins import SLOTS
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.stored_results import result_key

MOST_WAITING = 64 * 2**20
"""Bytes of signals and results that wait for the disk before the separation waits, too."""

LONGEST_WAIT = 600.0
"""Seconds after which a disk that takes nothing is taken for one that cannot be written."""


class ProjectOutput:
    """A project that takes the results of a recording; a context manager, which writes what is left at its end.

    Where there is a project of this recording it is gone on with: marks, pins and history stay as they are, and
    results of signals that have changed since are put aside, as the window does.

    Parameters
    ----------
    path : Path
        Of the project; made where there is none.
    recording : Recording
    options : Options
        With which it was read.
    settings : SeparationSettings
        Of all cells.
    baseline : BaselineSettings or None
        Of dF/F; None leaves it as it is.

    Raises
    ------
    DataError
        When the project is of another recording, is open in a window, or cannot be read or written.
    """

    def __init__(
        self,
        path: Path,
        recording: Recording,
        options: Options,
        settings: SeparationSettings,
        baseline: BaselineSettings | None = None,
    ) -> None:
        self._settings = settings
        self._kept: dict[int, Outcome] = {}
        self._waiting, self._sentence = 0, ""
        lock, refusal = lock_of(path)
        if lock is None:
            raise data_error(path, f"{refusal}.")
        self._lock = lock
        changed: dict[int, Outcome] = {}
        try:
            state = _first_state(recording, options, path)
            if path.is_file():
                state, changed = self._go_on(path, recording, state)
        except BaseException:
            lock.unlock()
            raise
        state |= {"at": time.time(), "settings": settings.to_dict()}
        if baseline is not None:
            state["baseline"] = baseline.to_dict()
        self._writer = Writer(path, self._on_saved)
        if not recording.cells.absent:
            self._writer.put("recording", "cells", partial(pack_headers, recording))
        for index, outcome in changed.items():
            self._put_outcome(index, outcome)
        self._writer.put("state", "now", partial(pack, state))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        written = self._writer.close(LONGEST_WAIT)
        self._lock.unlock()
        if error is None and not written:
            raise DataError(self._sentence or f"{self._writer.path.name} could not be written.")

    def results_of(self, indices: Iterable[int]) -> dict[int, Outcome]:
        """Return the summary of each result of these cells, their signals and the settings that the project has."""
        return {index: self._kept[index] for index in indices if index in self._kept}

    def put(self, index: int, cell: Cell, separation: Separation) -> None:
        """Take the result of a cell.

        Raises
        ------
        DataError
            When what came before could not be written.
        """
        found = numbers(cell, separation, SUMMARY)

        def body() -> bytes:
            return pack_separation(separation, found, fingerprint(cell))

        self._writer.put("result", result_key(index, separation.settings), body)
        self._put_outcome(index, Outcome.of(Result(separation, found)))
        # Last, as the cell's fingerprint vouches for the result: a kill between them leaves the cell to be done again.
        self._writer.put("cell", f"{index:09}", partial(pack_cell, cell))
        self._waiting += cell.traces.nbytes + separation.separated.nbytes + separation.matched.nbytes
        if self._waiting > MOST_WAITING:
            self._waiting = 0
            self._writer.flush(LONGEST_WAIT)
        if self._sentence:
            raise DataError(self._sentence)

    def put_failed(self, index: int, error: DataError) -> None:
        """Take the reason why a cell could not be separated; it is tried again by whoever goes on."""
        self._put_outcome(index, Outcome(self._settings, str(error)))

    def _go_on(
        self, path: Path, recording: Recording, state: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[int, Outcome]]:
        """Return the state of a project that is there, with what is new in it, and the results of other signals."""
        settings = self._settings
        with Database(path) as database:
            if database.remark:
                raise DataError(database.remark)
            kept = Kept.of(database, len(recording.cells))
            if kept is None:
                return state, {}
            _check_same(database, recording, kept.origin["source"], state["source"])
            old, _ = unpack(database.get("state", "now") or b"")
            digests, results = kept.digests(database), set(database.keys("result"))
        new = {"frame_rate": recording.frame_rate if recording.frame_rate is not None else kept.frame_rate}
        changed: tuple[int, ...] = ()
        if not recording.cells.absent and recording.source != str(path):
            new |= {name: state[name] for name in kept.origin}
            comparison = compare(path, recording, digests, True)(lambda _: None, lambda: False)
            assert isinstance(comparison, Comparison)
            changed = comparison.changed
        self._kept = {
            index: outcome
            for index, outcome in kept.outcomes.items()
            if index not in changed and outcome.answers(settings) and result_key(index, settings) in results
        }
        return {**old, **new}, {index: replace(kept.outcomes[index], earlier=True) for index in changed}

    def _put_outcome(self, index: int, outcome: Outcome) -> None:
        self._writer.put("outcome", f"{index:09}", partial(pack, record_facts(outcome)))

    def _on_saved(self, sentence: str) -> None:
        self._sentence = sentence


def _first_state(recording: Recording, options: Options, path: Path) -> dict[str, Any]:
    """Return the state of a project in which nothing was done yet, as `Kept.of` reads it."""
    return {
        "frame_rate": recording.frame_rate,
        "own": {},
        "baseline": None,
        "index": 0,
        "marks": {},
        "pins": [None] * len(SLOTS),
        "view": {},
        **origin_facts(recording, options, path),
    }


def _check_same(database: Database, recording: Recording, before: str, now: str) -> None:
    """Raise where a project is of a recording at another place with other cells."""
    if before == now:
        return
    _, headers, _ = cells_of(database)
    shapes = [
        [(each.name, each.signals, each.frames) for each in cells] for cells in (headers, recording.cells.headers)
    ]
    if shapes[0] != shapes[1]:
        raise data_error(database.path, f"it is the project of another recording, {before}.")
