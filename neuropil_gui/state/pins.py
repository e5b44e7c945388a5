"""Pins: results that are kept under a letter, to be compared with later ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.present import Present
from neuropil_gui.state.results import Result

SLOTS = ("A", "B", "C")


@dataclass(frozen=True)
class Pinned:
    """A finished result of one cell.

    Attributes
    ----------
    index : int
        The cell's place in the recording.
    cell : str
        Its name.
    result : Result
    """

    index: int
    cell: str
    result: Result

    @property
    def separation(self) -> Separation:
        """The separation itself."""
        return self.result.separation

    @property
    def settings(self) -> SeparationSettings:
        """Settings that made it."""
        return self.result.separation.settings


class Pins(QObject):
    """Three slots; a pin stays until it is taken out, or another recording is opened.

    Signals: `changed`, `chosen` (the `Result` that is to be shown).
    """

    changed = pyqtSignal()
    chosen = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._present = Present()
        self._pinned: dict[str, Pinned | None] = dict.fromkeys(SLOTS)
        self._last: str | None = None

    def follow(self, present: Present) -> None:
        """Take the session as it stands."""
        self._present = present

    def clear(self) -> None:
        """Empty all slots, because another recording is open."""
        self._last = None
        self.unpin_all()

    def __getitem__(self, slot: str) -> Pinned | None:
        return self._pinned[slot]

    @property
    def all(self) -> tuple[Pinned | None, ...]:
        """The pinned result of each slot, which `restore` puts back."""
        return tuple(self._pinned.values())

    @property
    def here(self) -> dict[str, Pinned]:
        """The pins of the selected cell, by their slot; of a simulated one, those of as many frames as it has now."""
        index, cell = self._present.index, self._present.cell
        pins = ((slot, pinned) for slot, pinned in self._pinned.items() if pinned is not None)
        return {
            slot: pinned
            for slot, pinned in pins
            if pinned.index == index and (cell is None or pinned.separation.matched.shape[1] == cell.traces.shape[1])
        }

    @property
    def free(self) -> str | None:
        """The first slot with nothing in it."""
        return next((slot for slot, pinned in self._pinned.items() if pinned is None), None)

    @property
    def current(self) -> str | None:
        """The slot that holds the latest result itself."""
        result = self._present.latest
        return next((slot for slot, pinned in self.here.items() if pinned.result is result), None)

    @property
    def swapped(self) -> str | None:
        """The slot that `swap` takes by itself: the one used last, else the first, of the selected cell."""
        here = self.here
        return self._last if self._last in here else next(iter(here), None)

    def pin(self, slot: str | None = None) -> str | None:
        """Pin the shown result, a draft never; into the next free slot where none is chosen. Returns the slot."""
        slot = slot or self.free
        now = self._now()
        if slot is None or now is None:
            return None
        self._last = slot
        self._put(slot, now)
        return slot

    def unpin(self, slot: str) -> None:
        """Empty a slot."""
        self._put(slot, None)

    def unpin_all(self) -> None:
        """Empty all slots."""
        self.restore((None,) * len(SLOTS))

    def move(self, places: Mapping[int, int]) -> None:
        """Let pins be of cells at other places; those of cells that have none are taken out."""
        self.restore(
            [
                replace(pin, index=places[pin.index]) if pin is not None and pin.index in places else None
                for pin in self.all
            ]
        )

    def restore(self, pinned: Sequence[Pinned | None]) -> None:
        """Put these into the slots."""
        if tuple(pinned) != self.all:
            self._pinned = dict(zip(SLOTS, pinned, strict=True))
            self.changed.emit()

    def show(self, slot: str) -> None:
        """Make a pinned result of the selected cell the present one, with its settings; it stays pinned."""
        pinned = self.here.get(slot)
        if pinned is not None and self._present.cell is not None:  # else there is nothing yet to show it with
            self._last = slot
            self.chosen.emit(pinned.result)

    def swap(self, slot: str | None = None) -> None:
        """Show what is pinned, and pin in its place what was shown."""
        slot = slot or self.swapped
        now, pinned = self._now(), self.here.get(slot) if slot is not None else None
        if slot is None or pinned is None or self._present.cell is None:
            return
        self._last = slot
        if now is not None and now.result is not pinned.result:
            self._put(slot, now)
        self.chosen.emit(pinned.result)

    def _now(self) -> Pinned | None:
        now = self._present
        return Pinned(now.index, now.cell.name, now.latest) if now.latest is not None and now.cell is not None else None

    def _put(self, slot: str, pinned: Pinned | None) -> None:
        self.restore([pinned if each == slot else kept for each, kept in self._pinned.items()])
