"""Results that a project keeps: of each cell the newest, what is pinned, and what the history refers to."""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.kept_sweeps import KeptSweeps
from neuropil_gui.formats.project.packing import fingerprint, pack_separation
from neuropil_gui.formats.project.recording import pack_cell
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.pins import Pinned
from neuropil_gui.state.results import Result
from neuropil_gui.state.stored_results import StoredResults, result_key

HISTORY_BYTES = 64 * 2**20
"""Bytes of the results that are kept only because the history refers to them; the oldest make room."""


class KeptResults:
    """Hands results to the writer of a project, and deletes those that are no longer wanted.

    Parameters
    ----------
    stored : StoredResults
        Told of what the project holds.

    Attributes
    ----------
    sweeps : KeptSweeps
    """

    def __init__(self, stored: StoredResults) -> None:
        self.stored, self.sweeps = stored, KeptSweeps()
        self.writer: Writer | None = None
        self._newest: dict[int, str] = {}
        self._pinned: frozenset[str] = frozenset()
        self._cells: set[int] = set()

    def note_newest(self, index: int, settings: SeparationSettings) -> None:
        """Take the settings of the result of a cell that the project has as its newest."""
        self._newest[index] = result_key(index, settings)
        self.stored.note_newest(index, settings)

    def put_newest(self, index: int, result: Result, cell: Cell | None) -> None:
        """Keep a result as the newest of its cell, which is None where its signals are not at hand."""
        settings = result.separation.settings
        self.note_newest(index, settings)
        self._put(result_key(index, settings), index, result, cell)

    def set_pinned(self, pins: Iterable[Pinned], cell_of: Callable[[int, Result], Cell | None]) -> None:
        """Keep the results that are pinned; `cell_of` takes the index and the result."""
        # By the seed that was drawn: another result of the same settings does not take the place of a pinned one.
        before = self._pinned
        of_key = {result_key(pin.index, pin.separation.repeatable()): pin for pin in pins}
        self._pinned = frozenset(of_key)
        for key in self._pinned - before:
            index, result = of_key[key].index, of_key[key].result
            self._put(key, index, result, cell_of(index, result))

    def tidy(self, history: Collection[str]) -> None:
        """Delete what is neither newest nor pinned, nor among the keys of the `history` within `HISTORY_BYTES`."""
        if self.writer is None:
            return
        kept, room = {*self._newest.values(), *self._pinned}, HISTORY_BYTES
        for key, size in reversed(list(self.stored.sizes.items())):
            if key in kept:
                continue
            room -= size if key in history else 0
            if key not in history or room < 0:
                self.stored.discard(key)
                self.writer.put("result", key, None)

    def drop(self, indices: Collection[int]) -> None:
        """Delete what is kept of cells that are others now, or elsewhere."""
        for index in indices:
            self._newest.pop(index, None)
            self._cells.discard(index)
            self.stored.forget_newest(index)
        for key in [key for key in self.stored.sizes if int(key.partition("/")[0]) in indices]:
            self.stored.discard(key)
            if self.writer is not None:
                self.writer.put("result", key, None)
        if self.writer is None:
            return
        for index in indices:
            for kind in ("outcome", "cell"):
                self.writer.put(kind, f"{index:09}", None)
        self.sweeps.drop(self.writer)

    def _put(self, key: str, index: int, result: Result, cell: Cell | None) -> None:
        # A result that is at hand from before is not packed and written again.
        if self.writer is None or self.stored.has(key, result):
            return
        separation, numbers = result.separation, result.numbers
        self.stored.note(key, result)

        def body() -> bytes:
            return pack_separation(separation, numbers, fingerprint(cell) if cell is not None else "")

        self.writer.put("result", key, body)
        if cell is not None and index not in self._cells:
            self._cells.add(index)
            self.writer.put("cell", f"{index:09}", partial(pack_cell, cell))
