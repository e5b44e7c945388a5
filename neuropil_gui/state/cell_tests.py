"""Spike-in tests of cells, kept with the outcomes of their results."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.results import Outcomes

if TYPE_CHECKING:
    from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
    from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest


class CellTests(QObject):
    """Takes tests of cells, and forgets them, with a signal for each change.

    Signals: `changed` (the indices of cells whose test is known, or no longer).

    Parameters
    ----------
    outcomes : Outcomes
        Of the session.
    """

    changed = pyqtSignal(object)

    def __init__(self, outcomes: Outcomes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outcomes = outcomes

    def of(self, indices: Iterable[int], settings: CellSettings) -> "dict[int, CellSpikeIn]":
        """Return the tests of results of cells by these settings of theirs, by the index of the cell."""
        known = {index: self._outcomes[index].spike_in for index in indices if index in self._outcomes}
        return {k: each for k, each in known.items() if each and self._outcomes.is_of(k, settings.of(k))}

    def store(self, found: "Mapping[int, CellSpikeIn]", settings: CellSettings) -> None:
        """Take the tests of cells by these settings of theirs; those of other results are dropped."""
        self._put({index: test for index, test in found.items() if self._outcomes.is_of(index, settings.of(index))})

    def drop_others(self, test: "SpikeInTest", frame_rate: float | None) -> None:
        """Forget all but those of just this test, so that no two cells are measured differently."""
        known = {index: each.spike_in for index, each in self._outcomes.items()}
        others = [index for index, each in known.items() if each is not None and not each.answers(test, frame_rate)]
        self._put(dict.fromkeys(others))

    def _put(self, found: "Mapping[int, CellSpikeIn | None]") -> None:
        for index, test in found.items():
            self._outcomes[index] = replace(self._outcomes[index], spike_in=test)
        if found:
            self.changed.emit(list(found))
