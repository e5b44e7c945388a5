"""Undo and redo of what the user chooses: settings, frame rate, how dF/F is made.

Two lists of our own rather than a QUndoStack: that one does a step when it is pushed, but here the session has changed
already when it tells of it; and in Qt 5 it is a part of the widgets, of which nothing else here knows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QObject, pyqtBoundSignal, pyqtSignal, pyqtSlot

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.state.pins import SLOTS, Pinned
from neuropil_gui.state.runs import differing
from neuropil_gui.state.session import Session

MOST = 200
"""Steps that can be undone; the oldest make room."""

REPEAT = 0.7
"""Seconds: what the same control changes again sooner belongs to the same step, as of a key that is held down."""


MOST_NAMED = 4
"""Settings that are named in a text; of more, it says how many."""


@dataclass(frozen=True)
class Step:
    """Something that was done.

    Attributes
    ----------
    text : str
        What it was, to stand behind "Undo": ``alpha 0.1 → 0.35``.
    undo, redo : callable
        Take it back, and do it again.
    """

    text: str
    undo: Callable[[], object]
    redo: Callable[[], object]


class Watched(QObject):
    """One thing that changes, and how each of its changes is undone.

    Parameters
    ----------
    changed : signal
        Told after each change, whoever made it.
    read, write : callable
        Return the value as it stands, and set another.
    describe : callable
        Say in a few words how the second value came from the first.
    """

    def __init__(
        self,
        steps: "Undo",
        changed: pyqtBoundSignal,
        read: Callable[[], Any],
        write: Callable[[Any], object],
        describe: Callable[[Any, Any], str],
    ) -> None:
        super().__init__(steps)
        self._steps, self._read, self._write, self._describe = steps, read, write, describe
        self._value = read()
        changed.connect(self._on_changed)

    def look(self) -> None:
        """Take what is there for granted."""
        self._value = self._read()

    @pyqtSlot()
    def _on_changed(self) -> None:
        before, after = self._value, self._read()
        self._value = after
        if before != after:
            self._steps.change(self, before, after)

    def step(self, before: Any, after: Any) -> Step:
        """Return the step from one value to the other."""
        return Step(self._describe(before, after), lambda: self._write(before), lambda: self._write(after))


@dataclass(frozen=True)
class _Open:
    """The change that more of the same may join; `placed` tells whether there is a step of it."""

    watched: Watched
    before: Any
    names: list[str]
    at: float
    held: bool
    placed: bool


class Undo(QObject):
    """Keeps the steps; those of another recording are forgotten.

    A new kind of step is a `watch`, or a `push` where no signal tells of it. Signals: `changed`.
    """

    changed = pyqtSignal()

    def __init__(
        self, session: Session, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._session, self._clock = session, clock
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._watched: list[Watched] = []
        self._open: _Open | None = None
        self._moving = self._by_hand = self._held = False
        self.watch(session.settings_changed, lambda: session.settings, session.set_settings, describe_settings)
        self.watch(session.frame_rate_changed, self._frame_rate, session.set_frame_rate, describe_frame_rate)
        self.watch(session.baseline_changed, lambda: session.delta_f.baseline, session.set_baseline, describe_baseline)
        self.watch(session.pins.changed, lambda: session.pins.all, session.pins.restore, describe_pins)
        session.recording_changed.connect(self._forget)

    @property
    def undo_text(self) -> str:
        """What would be undone; empty for nothing."""
        return self._done[-1].text if self._done else ""

    @property
    def redo_text(self) -> str:
        """What would be done again; empty for nothing."""
        return self._undone[-1].text if self._undone else ""

    def watch(
        self,
        changed: pyqtBoundSignal,
        read: Callable[[], Any],
        write: Callable[[Any], object],
        describe: Callable[[Any, Any], str],
    ) -> None:
        """Make a step of each change of something; see `Watched`."""
        self._watched.append(Watched(self, changed, read, write, describe))

    def push(self, step: Step) -> None:
        """Take in what was done; what was undone before can no longer be done again."""
        if not self._moving:
            self._open = None
            self._place(step)

    def change(self, watched: Watched, before: Any, after: Any) -> None:
        """Make a step of a change; it joins the one before while the hand is still at the same control."""
        if self._moving:
            return
        last, names, now = self._open, _names(before, after), self._clock()
        if last is not None and self._goes_on(last, watched, names, now):
            before = last.before
            if last.placed:
                self._done.pop()
        placed = before != after  # the hand may have come back to where it began
        self._open = _Open(watched, before, names, now, self._held, placed) if self._by_hand else None
        self._place(watched.step(before, after) if placed else None)

    def _goes_on(self, last: _Open, watched: Watched, names: list[str], now: float) -> bool:
        if not self._by_hand or last.watched is not watched or last.names != names:
            return False
        return last.held == self._held and (self._held or now - last.at <= REPEAT)

    def _place(self, step: Step | None) -> None:
        if step is not None:
            self._done = [*self._done[1 - MOST :], step]
        self._undone.clear()
        self.changed.emit()

    @pyqtSlot(object)
    def edit(self, settings: SeparationSettings) -> None:
        """Take settings from a control that a hand is at; whatever else sets some makes a step by itself."""
        self._by_hand = True
        try:
            self._session.set_settings(settings)
        finally:
            self._by_hand = False

    @pyqtSlot(bool)
    def hold(self, held: bool) -> None:
        """Make one step of all that a handle does from now on, until it is let go."""
        self._held, self._open = held, None

    @pyqtSlot()
    def undo(self) -> None:
        """Take back the newest step."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._move(step.undo)

    @pyqtSlot()
    def redo(self) -> None:
        """Do again what was undone last."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._move(step.redo)

    def _move(self, action: Callable[[], object]) -> None:
        self._open, self._moving = None, True
        try:
            action()
        finally:
            self._moving = False
            self.changed.emit()

    @pyqtSlot()
    def _forget(self) -> None:
        self._done.clear()
        self._undone.clear()
        self._open = None
        for each in self._watched:
            each.look()
        self.changed.emit()

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None


def describe_settings(before: SeparationSettings, after: SeparationSettings) -> str:
    """Say which settings changed, and from what to what where it is one."""
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


def describe_frame_rate(before: float | None, after: float | None) -> str:
    """Say from which frame rate to which."""
    rates = ["unknown" if each is None else f"{each:.10g} Hz" for each in (before, after)]
    return f"frame rate {rates[0]} → {rates[1]}"


def describe_baseline(before: BaselineSettings | None, after: BaselineSettings | None) -> str:
    """Say whether dF/F was switched, or is made otherwise."""
    if after is None:
        return "hide ΔF/F"
    return "show ΔF/F" if before is None else "baseline of ΔF/F"


def _names(before: object, after: object) -> list[str]:
    both = isinstance(before, SeparationSettings) and isinstance(after, SeparationSettings)
    return differing(before, after) if both else []  # type: ignore[arg-type]


def describe_pins(before: Sequence[Pinned | None], after: Sequence[Pinned | None]) -> str:
    """Name the slots that differ: ``pin A``, ``unpin A, B``."""
    changed = [slot for slot, was, now in zip(SLOTS, before, after, strict=True) if was is not now]
    emptied = all(now is None for was, now in zip(before, after, strict=True) if was is not now)
    return f"{'unpin' if emptied else 'pin'} {', '.join(changed)}"
