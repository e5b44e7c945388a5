"""Teaching: which simulation is shown, whether its truth is, and what an exercise locks."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.core.simulation import Simulation

if TYPE_CHECKING:
    from neuropil_gui.state.own_settings import CellSettings

LEAVE = "Leave ends the exercise, which is kept."

ANY_TIME = "solver"
"""The setting that no exercise locks: both solvers minimise the same."""


@dataclass(frozen=True)
class Locks:
    """What an exercise leaves as it is, and does not show.

    Attributes
    ----------
    free : collection of str
        Names of the settings that may be changed.
    hidden : collection of str
        ``"truth"`` or ``"numbers"``.
    """

    free: Collection[str] = ()
    hidden: Collection[str] = ()

    def refusal(self, before: SeparationSettings, after: SeparationSettings) -> str:
        """Return why one change of the settings is locked, as a sentence; empty where it is not."""
        changed = [each.name for each in fields(after) if getattr(before, each.name) != getattr(after, each.name)]
        locked = [PARAMETERS[name].label for name in changed if name not in self.free and name != ANY_TIME]
        if not locked:
            return ""
        free = [PARAMETERS[name].label for name in self.free if name in PARAMETERS]
        rest = f"only {' and '.join(free)} may be changed" if free else "no setting may be changed"
        return f"The exercise leaves {' and '.join(locked)} as {'it is' if len(locked) == 1 else 'they are'}: {rest}."


class Teaching(QObject):
    """The parameters of the simulated recording that is shown, or is being made, and whether its truth is hidden.

    Signals: `simulation_changed` (who simulates answers it by `Session.replace_cell`), `truth_changed`,
    `exercise_changed` (it began or ended), `refused` (sentence: what was to be changed is locked, and stays),
    `put_back` (what was open before a lesson or an exercise is open again, as it was).

    Attributes
    ----------
    outside : CellSettings or None
        The settings as they were before a lesson or an exercise, which a project keeps meanwhile.
    """

    simulation_changed = pyqtSignal()
    truth_changed = pyqtSignal()
    exercise_changed = pyqtSignal()
    refused = pyqtSignal(str)
    put_back = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._simulation: Simulation | None = None
        self._truth_hidden = False
        self._locks: Locks | None = None
        self.outside: CellSettings | None = None

    @property
    def simulation(self) -> Simulation | None:
        """The parameters; None where the recording is from a file."""
        return self._simulation

    def set_simulation(self, simulation: Simulation | None) -> None:
        """Set other parameters."""
        if simulation != self._simulation:
            self._simulation = simulation
            self.simulation_changed.emit()

    @property
    def truth_hidden(self) -> bool:
        """Whether views, numbers and exports get simulated recordings without their truth."""
        return self._truth_hidden

    @property
    def in_exercise(self) -> bool:
        """Whether an exercise is being done, during which its truth is not to be asked for."""
        return self._locks is not None

    @property
    def numbers_hidden(self) -> bool:
        """Whether an exercise is being done that hides the numbers."""
        return self._locks is not None and "numbers" in self._locks.hidden

    def set_locks(self, locks: Locks | None) -> None:
        """Note that an exercise has begun, and what it locks, or (None) that it has ended."""
        if locks != self._locks:
            self._locks = locks
            self.exercise_changed.emit()

    def allows(self, before: SeparationSettings, after: SeparationSettings) -> bool:
        """Return whether settings may change so; emits `refused` where an exercise locks it."""
        return self._said(self._locks.refusal(before, after) if self._locks is not None else "")

    def allows_all(self, before: "CellSettings", after: "CellSettings") -> bool:
        """Return whether the settings of all cells may change so, as `allows` does."""
        if self._locks is not None and before.own.keys() != after.own.keys():
            return self._said(f"During an exercise, no cell gets settings of its own. {LEAVE}")
        pairs = [(before.common, after.common), *((before.of(index), after.of(index)) for index in after.own)]
        return all(self.allows(*pair) for pair in pairs)

    def allows_selection(self) -> bool:
        """Return whether another cell may be selected, as `allows` does."""
        return self._said(f"The exercise is about this cell alone. {LEAVE}" if self._locks is not None else "")

    def allows_rois(self) -> bool:
        """Return whether ROIs may be changed, as `allows` does."""
        return self._said(f"During an exercise, ROIs stay as they are. {LEAVE}" if self._locks is not None else "")

    def _said(self, refusal: str) -> bool:
        if refusal:
            self.refused.emit(refusal)
        return not refusal

    @pyqtSlot(bool)
    def hide_truth(self, hidden: bool) -> None:
        """Hide the truth, or give it again."""
        if hidden != self._truth_hidden:
            self._truth_hidden = hidden
            self.truth_changed.emit()
