"""Undo and redo of the user's choices: settings, frame rate, the baseline of dF/F, pins, marks and simulation."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt5.QtCore import QObject, pyqtBoundSignal, pyqtSlot
from PyQt5.QtWidgets import QUndoCommand, QUndoStack  # noqa: TID251 -- no widgets, but in this module in Qt 5

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.pins import SLOTS, Pinned
from neuropil_gui.state.runs import differing
from neuropil_gui.state.session import Session

MOST = 200
"""Steps that can be undone; the oldest make room."""

REPEAT = 0.7
"""Seconds within which another change by the same control belongs to the same step, as of a key that is held down."""

MOST_NAMED = 4
"""Settings that are named in a text; of more, their number is."""


@dataclass(eq=False)
class _Watched:
    """A value of the session, its setter, and the words for the step from one value to another.

    One that moves others is written before them: what they hold is by the places of cells, which it changes.
    """

    read: Callable[[], Any]
    write: Callable[[Any], object]
    describe: Callable[[Any, Any], str]
    value: Any = None
    moves_others: bool = False


class _Step(QUndoCommand):
    """Changes of watched values, as (watched, before, after); changes of the same gesture merge into one step."""

    def __init__(self, gesture: int, watched: _Watched, before: Any, after: Any, text: str) -> None:
        super().__init__()
        self._gesture, self._text = gesture, text
        self._changes = [(watched, before, after)]
        self.setText(text or watched.describe(before, after))

    def id(self) -> int:
        return self._gesture

    def mergeWith(self, other: QUndoCommand | None) -> bool:  # noqa: N802 -- overrides Qt's
        assert isinstance(other, _Step)
        for watched, before, after in other._changes:
            if self._changes[-1][0] is watched:
                _, before, _ = self._changes.pop()
            self._changes.append((watched, before, after))
        self.setObsolete(all(before == after for _, before, after in self._changes))
        if not self.isObsolete():
            watched, before, after = self._changes[-1]
            self.setText(self._text or watched.describe(before, after))
        return True

    def undo(self) -> None:
        changes = self._changes[::-1]
        changes.sort(key=_others_later)
        for watched, before, _ in changes:
            watched.write(before)

    def redo(self) -> None:
        """Write the new values; when Qt pushes the step they are there already, and writing them changes nothing."""
        for watched, _, after in sorted(self._changes, key=_others_later):
            watched.write(after)


def _others_later(change: tuple[_Watched, Any, Any]) -> bool:
    return not change[0].moves_others


class Undo(QUndoStack):
    """The steps that can be undone; those of another recording are forgotten.

    Parameters
    ----------
    session : Session
    parent : QObject, optional
    clock : callable, optional
        Returns the time in seconds.
    """

    def __init__(
        self, session: Session, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.setUndoLimit(MOST)
        self._session, self._clock = session, clock
        self._watched: list[_Watched] = []
        self._gesture = 0
        self._last: tuple[list[str], float] | None = None
        self._text = ""
        self._moving = self._by_hand = self._held = False
        self._watch(session.own.changed, lambda: session.own.all, session.own.restore, describe_cell_settings)
        self._watch(session.frame_rate_changed, self._frame_rate, session.set_frame_rate, describe_frame_rate)
        self._watch(session.baseline_changed, lambda: session.delta_f.baseline, session.set_baseline, describe_baseline)
        self._watch(session.pins.changed, lambda: session.pins.all, session.pins.restore, describe_pins)
        self._watch(session.marks.changed, lambda: session.marks.all, session.marks.restore, describe_marks)
        spikes = session.spikes
        self._watch(spikes.changed, lambda: spikes.all, spikes.restore, lambda *_: "spike times")
        teaching = session.teaching
        self._watch(
            teaching.simulation_changed, lambda: teaching.simulation, teaching.set_simulation, describe_simulation
        )
        rois = session.rois
        self._watch(rois.changed, lambda: rois.all, rois.restore, describe_rois, moves_others=True)
        rois.wanted.connect(self.change_rois)
        rois.begun.connect(self._look)
        session.recording_changed.connect(self._forget)
        # What an exercise locks is not taken back within it, nor its settings after it.
        teaching.exercise_changed.connect(self._forget)
        teaching.put_back.connect(self._forget)

    @pyqtSlot(object)
    def edit(self, settings: SeparationSettings) -> None:
        """Take settings from a control; quick changes by the same one are one step, any other change is its own."""
        with self._from_hand():
            self._session.set_settings(settings)

    @pyqtSlot(object)
    def simulate(self, simulation: Simulation) -> None:
        """Take a simulation from a control; quick changes by the same one are one step."""
        with self._from_hand():
            self._session.teaching.set_simulation(simulation)

    @contextmanager
    def _from_hand(self) -> Iterator[None]:
        self._by_hand = True
        try:
            yield
        finally:
            self._by_hand = False

    @pyqtSlot(bool)
    def hold(self, held: bool) -> None:
        """Make one step of all that a slider's handle does from now on, until it is released."""
        self._held, self._last = held, None

    @pyqtSlot()
    def swap_pins(self) -> None:
        """Swap the result with the pinned one, as one step: the pin and the settings."""
        pins = self._session.pins
        if pins.swapped is None or self._session.allows_again(pins.here[pins.swapped].result):
            with self._one_step(f"swap {pins.swapped}"):
                pins.swap()

    @pyqtSlot(object, str)
    def change_rois(self, rois: RoiSet, text: str) -> None:
        """Take other ROIs as one step, with what they change of marks, pins and settings of single cells."""
        with self._one_step(text):
            self._session.rois.restore(rois)

    @pyqtSlot()
    def undo(self) -> None:
        """Take back the newest step."""
        with self._restoring():
            super().undo()

    @pyqtSlot()
    def redo(self) -> None:
        """Do again the step that was undone last."""
        with self._restoring():
            super().redo()

    def _watch(
        self,
        changed: pyqtBoundSignal,
        read: Callable[[], Any],
        write: Callable[[Any], object],
        describe: Callable[[Any, Any], str],
        moves_others: bool = False,
    ) -> None:
        watched = _Watched(read, write, describe, read(), moves_others)
        self._watched.append(watched)
        changed.connect(partial(self._on_changed, watched))

    def _on_changed(self, watched: _Watched) -> None:
        before, after = watched.value, watched.read()
        watched.value = after
        if before == after or self._moving:
            return
        last, self._last = self._last, (_changed_by_hand(before, after), self._clock()) if self._by_hand else None
        goes_on = (
            last is not None
            and self._last is not None
            and last[0] == self._last[0]
            and (self._held or self._last[1] - last[1] <= REPEAT)
        )
        if not self._text and not goes_on:
            self._gesture += 1
        self.push(_Step(self._gesture, watched, before, after, self._text))

    @contextmanager
    def _one_step(self, text: str) -> Iterator[None]:
        self._text = text
        self._gesture += 1
        try:
            yield
        finally:
            self._text = ""

    @contextmanager
    def _restoring(self) -> Iterator[None]:
        self._last, self._moving = None, True
        try:
            yield
        finally:
            self._moving = False

    @pyqtSlot()
    def _look(self) -> None:
        """Take the values as they are."""
        for watched in self._watched:
            watched.value = watched.read()
        self._last = None

    @pyqtSlot()
    def _forget(self) -> None:
        self._look()
        self.clear()

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None


def describe_cell_settings(before: CellSettings, after: CellSettings) -> str:
    """Return the settings that changed, of the recording or of one cell; or which cells have their own, or no more."""
    if before.common != after.common:
        return describe_settings(before.common, after.common)
    others = sorted(before.own.keys() ^ after.own.keys())
    if others:
        cells = f"cell {others[0] + 1}" if len(others) == 1 else f"{len(others)} cells"
        return f"{cells}: {'own settings' if others[0] in after.own else 'settings of the recording'}"
    changed = [index for index in after.own if before.own[index] != after.own[index]]
    return f"cell {changed[0] + 1}: {describe_settings(before.of(changed[0]), after.of(changed[0]))}"


def _changed_by_hand(before: Any, after: Any) -> list[str]:
    """Return what a control changed: settings or parameters, behind the cell that they are of alone."""
    if not isinstance(after, CellSettings):
        return differing(before, after)
    changed = [index for index in after.own if before.of(index) != after.of(index)]
    if before.common != after.common or len(changed) != 1:
        return differing(before.common, after.common)
    return [str(changed[0]), *differing(before.of(changed[0]), after.of(changed[0]))]


def describe_settings(before: SeparationSettings, after: SeparationSettings) -> str:
    """Return the settings that changed, and from which value to which where it is one."""
    names = differing(before, after)
    if len(names) == 1:
        parameter = PARAMETERS[names[0]]
        values = [parameter.write(getattr(each, parameter.name)) for each in (before, after)]
        return f"{parameter.label.lower()} {values[0]} → {values[1]}"
    if after == SeparationSettings():
        return "FISSA's defaults"
    if len(names) > MOST_NAMED:
        return f"{len(names)} settings"
    labels = [PARAMETERS[name].label.lower() for name in names]
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def describe_simulation(before: Simulation | None, after: Simulation | None) -> str:
    """Return which parameter of the simulation changed, and from which value to which."""
    names = differing(before, after) if before is not None and after is not None else []
    if len(names) != 1:
        return "simulation"
    parameter = SIMULATION_PARAMETERS[names[0]]
    values = [parameter.write(getattr(each, parameter.name)) for each in (before, after)]
    return f"{parameter.label} {values[0]} → {values[1]}"


def describe_frame_rate(before: float | None, after: float | None) -> str:
    """Return from which frame rate to which."""
    rates = ["unknown" if each is None else f"{each:.10g} Hz" for each in (before, after)]
    return f"frame rate {rates[0]} → {rates[1]}"


def describe_baseline(before: BaselineSettings | None, after: BaselineSettings | None) -> str:
    """Return whether dF/F is shown or hidden, or has another baseline."""
    if after is None:
        return "hide ΔF/F"
    return "show ΔF/F" if before is None else "baseline of ΔF/F"


def describe_marks(before: Mapping[int, Mark], after: Mapping[int, Mark]) -> str:
    """Return which cells were marked otherwise."""
    cells = sorted({index for index, _ in before.items() ^ after.items()})
    return f"mark of cell {cells[0] + 1}" if len(cells) == 1 else f"marks of {len(cells)} cells"


def describe_rois(before: RoiSet | None, after: RoiSet | None) -> str:
    """Return that ROIs were changed, or how their regions are made."""
    if before is not None and after is not None and before.settings != after.settings:
        return "neuropil regions"
    return "ROIs"


def describe_pins(before: Sequence[Pinned | None], after: Sequence[Pinned | None]) -> str:
    """Return the slots that differ: ``pin A``, ``unpin A, B``."""
    changed = [slot for slot, was, now in zip(SLOTS, before, after, strict=True) if was is not now]
    emptied = all(now is None for was, now in zip(before, after, strict=True) if was is not now)
    return f"{'unpin' if emptied else 'pin'} {', '.join(changed)}"
