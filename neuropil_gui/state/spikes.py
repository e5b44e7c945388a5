"""Spike times of a recording's cells, with a signal for each change."""

from collections.abc import Mapping

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.spike_times import SpikeTimes


class Spikes(QObject):
    """Spike times of the cells of the open recording, from simultaneous electrophysiology.

    Signals: `changed` (indices of the cells).
    """

    changed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trains: dict[int, SpikeTimes] = {}

    @property
    def all(self) -> Mapping[int, SpikeTimes]:
        """The spike times by the index of their cell; `restore` puts them back."""
        return dict(self._trains)

    def get(self, index: int) -> SpikeTimes | None:
        """Return the spike times of the cell at `index`, None where there are none."""
        return self._trains.get(index)

    def put(self, index: int, spikes: SpikeTimes | None) -> None:
        """Give a cell spike times, or take them away."""
        rest = {each: train for each, train in self._trains.items() if each != index}
        self.restore(rest if spikes is None else rest | {index: spikes})

    def move(self, places: Mapping[int, int]) -> None:
        """Let spike times be of cells at other places; those of cells that have none are taken away."""
        self.restore({places[index]: train for index, train in self._trains.items() if index in places})

    def restore(self, trains: Mapping[int, SpikeTimes]) -> None:
        """Put these in place of all spike times."""
        touched = {index for index in {*trains, *self._trains} if trains.get(index) is not self._trains.get(index)}
        if touched:
            self._trains = dict(trains)
            self.changed.emit(sorted(touched))
