"""The marks of a recording's cells, with a signal for each change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.marks import Mark


class Marks(QObject):
    """The marks of the cells of the open recording.

    Signals: `changed` (indices of the cells).
    """

    changed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._marks: dict[int, Mark] = {}

    def __getitem__(self, index: int) -> Mark:
        return self._marks.get(index, Mark())

    @property
    def all(self) -> Mapping[int, Mark]:
        """The marks that are not empty, by the index of their cell; `restore` puts them back."""
        return dict(self._marks)

    def judge(self, indices: Iterable[int], verdict: str) -> None:
        """Give cells a verdict, or take it away where all of them have it."""
        indices = list(indices)
        if all(self[index].verdict == verdict for index in indices):
            verdict = ""
        self.restore(self._marks | {index: replace(self[index], verdict=verdict) for index in indices})

    def write_note(self, indices: Iterable[int], note: str) -> None:
        """Give cells a note; an empty one takes it away."""
        self.restore(self._marks | {index: replace(self[index], note=note) for index in indices})

    def move(self, places: Mapping[int, int]) -> None:
        """Let marks be of cells at other places; those of cells that have none are taken away."""
        self.restore({places[index]: mark for index, mark in self._marks.items() if index in places})

    def restore(self, marks: Mapping[int, Mark]) -> None:
        """Put these in place of all marks."""
        marks = {index: mark for index, mark in marks.items() if mark != Mark()}
        if marks != self._marks:
            touched = sorted({index for index, _ in self._marks.items() ^ marks.items()})
            self._marks = marks
            self.changed.emit(touched)
