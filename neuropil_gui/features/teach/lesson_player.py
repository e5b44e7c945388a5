"""Lesson player: leads the window through the steps of a lesson, and brings back what was open before."""

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.lessons import Facts, Lesson, Situation, Step, parts, text_of
from neuropil_gui.engine.runner import Report, Runner, ShouldStop, Work
from neuropil_gui.features.teach.lesson_view import LessonView
from neuropil_gui.features.teach.simulator import Simulator
from neuropil_gui.features.teach.what_was_open import WhatWasOpen
from neuropil_gui.formats.lessons import PANELS
from neuropil_gui.formats.paths import counted
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session

RIGHT, WRONG = "**Right.** ", "**Not so.** "


@dataclass(frozen=True)
class Outcome:
    """What a step says after its answer, which choices are right, and whether the guess was one of them.

    Of a goal, whether it is met; until it is, the words say how far it is. Where nothing was guessed, `came` is None.
    """

    words: str
    right: frozenset[int] = frozenset()
    met: bool = True
    came: bool | None = None


class LessonPlayer(QObject):
    """Plays one lesson at a time.

    Signals: `shown_changed` (whether a lesson is on), `locked` (whether a step asks what the controls would show),
    `panels_wanted` (names of the panels that the lesson needs; none once it has ended), `panels_hidden` (names of those
    that the step hides).
    """

    shown_changed = pyqtSignal(bool)
    locked = pyqtSignal(bool)
    panels_wanted = pyqtSignal(object)
    panels_hidden = pyqtSignal(object)

    def __init__(
        self, session: Session, simulator: Simulator, traces: TraceView, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._simulator, self._traces = session, simulator, traces
        self.view = LessonView()
        self.runner = Runner(self, "The lesson")
        self.lesson: Lesson | None = None
        self._number, self._following = 0, ""
        self._came: dict[int, bool] = {}
        self._asking = self._over = False
        self._before = WhatWasOpen(session, traces, self)
        self.runner.finished.connect(self._on_known)
        self.view.answered.connect(self._answer)
        self.view.next_requested.connect(self._next)
        self.view.back_requested.connect(self._back)
        self.view.leave_requested.connect(self.leave)
        session.recording_left.connect(self._on_recording_left)
        session.cell_changed.connect(self._on_cell)
        session.settings_changed.connect(self._check_goal)
        traces.matched.factor.valueChanged.connect(self._check_goal)

    @property
    def step(self) -> Step:
        """The step that is shown."""
        assert self.lesson is not None
        return self.lesson.steps[self._number]

    def begin(self, lesson: Lesson, following: str = "") -> None:
        """Begin a lesson in place of what is open; `following` is the title of the one to be done after it."""
        self._following = following
        self._came.clear()
        self._before.note()
        self._before.leave_recording()
        self.lesson = lesson
        self._enter(0)

    @pyqtSlot()
    def leave(self) -> None:
        """End the lesson, and bring back what was open."""
        if self.lesson is not None:
            self._end()
            self._before.bring_back()

    @pyqtSlot()
    def _on_recording_left(self) -> None:
        """End the lesson, because another recording is opened, which begins as if there had been none."""
        # While there is no simulation it is the lesson's own cell that is opened.
        if self.lesson is not None and self._session.teaching.simulation is not None:
            self._end()
            self._before.bring_back(recording=False)

    def _end(self) -> None:
        self.lesson, self._asking = None, False
        self.runner.drop()
        self.locked.emit(False)
        self.panels_hidden.emit(())
        self.panels_wanted.emit(())
        self.shown_changed.emit(False)

    def situation(self) -> Situation:
        """Return what the controls stand at."""
        simulation = self._session.teaching.simulation
        assert self.lesson is not None
        return Situation(
            simulation if simulation is not None else self.lesson.start.simulation,
            self._session.settings,
            self._traces.matched.factor.factor,
        )

    def _situation_at(self, number: int) -> Situation:
        """Return the situation in which a step asks, whatever was moved before."""
        assert self.lesson is not None
        now = self.lesson.start
        for step in self.lesson.steps[:number]:
            now = now.changed(step.first).changed(step.then)
        return now.changed(self.lesson.steps[number].first)

    def _enter(self, number: int) -> None:
        assert self.lesson is not None
        self._number, self._over = number, False
        step, count = self.step, len(self.lesson.steps)
        self._asking = bool(step.asks)
        self.runner.drop()
        self._session.teaching.hide_truth("truth" in step.hide)
        self._session.set_live("result" not in step.hide)
        self._show(self._situation_at(number))
        if "result" in step.hide and self._session.cell is not None:
            # Also where there is no result yet: one that is under way is of the cell before, and dropped.
            self._simulator.make_again()
        self.locked.emit(step.asks == "choose")
        self.panels_hidden.emit(tuple(name for name in step.hide if name in PANELS))
        place = f"Step {number + 1} of {count}"
        words = [choice.words for choice in step.choices]
        self.view.back.setEnabled(number > 0)
        self.view.show_step(self.lesson.title, place, step.text, words, step.several, step.asks)
        if not step.asks and step.after:
            self._ask(self.situation())

    def _show(self, now: Situation) -> None:
        session, matched = self._session, self._traces.matched
        session.set_settings(now.settings)
        uses_k = now.k != Situation().k or any(
            "k" in (*step.first, *step.then) or step.control == "k" or "sub" in step.goal for step in self._steps()
        )
        matched.set_shown("show_subtraction", uses_k)
        matched.factor.setValue(round(100 * now.k))
        if session.teaching.simulation is None:
            self._simulator.start(now.simulation)
        else:
            session.teaching.set_simulation(now.simulation)

    def _steps(self) -> tuple[Step, ...]:
        return self.lesson.steps if self.lesson is not None else ()

    @pyqtSlot()
    def _answer(self) -> None:
        """Take the guess, show what becomes of it, and ask for the numbers."""
        if self.lesson is None:
            return
        step, guess = self.step, self.view.chosen()
        given = {"guess": self.situation().value(step.control)} if step.control else {}
        self.view.show_wait()
        self._asking = False
        now = self.situation().changed(step.then)
        self.locked.emit(False)
        self._session.teaching.hide_truth(False)
        self._session.set_live(True)
        self._show(now)
        self._ask(now, given, guess)

    def _ask(self, now: Situation, given: Mapping[str, float] | None = None, guess: set[int] | None = None) -> None:
        self.runner.submit(_outcome(self.step, now, given or {}, guess), self.step)

    @pyqtSlot()
    def _check_goal(self) -> None:
        if self.lesson is not None and self._asking and self.step.asks == "goal":
            self._ask(self.situation())

    @pyqtSlot(object, object)
    def _on_known(self, step: Step, outcome: Outcome) -> None:
        if self.lesson is None or step is not self.step or self._over:
            return
        if not outcome.met:
            self.view.show_note(outcome.words)
            return
        if outcome.came is not None:
            self._came.setdefault(self._number, outcome.came)
        if self._asking:  # a goal that is met
            self._asking = False
            self._session.teaching.hide_truth(False)
            self._session.set_live(True)
        self.view.show_after(outcome.words, outcome.right)

    @pyqtSlot()
    def _next(self) -> None:
        if self.lesson is None:
            return
        if self._number + 1 < len(self.lesson.steps):
            self._enter(self._number + 1)
        elif not self._over:
            self._show_end()
        else:
            self.leave()

    @pyqtSlot()
    def _back(self) -> None:
        if self.lesson is not None and (self._number > 0 or self._over):
            self._enter(self._number - (not self._over))

    def _show_end(self) -> None:
        """Say what the lesson was about, which predictions came true, and what to do next."""
        assert self.lesson is not None
        self._over = True
        self.runner.drop()
        self.panels_hidden.emit(())
        self.view.back.setEnabled(True)
        words = end_words(self.lesson, self._came, self._following)
        self.view.show_step(self.lesson.title, "The end", words, [], False, "", "Close")

    @pyqtSlot()
    def _on_cell(self) -> None:
        if self._session.cell is not None and self.lesson is not None:
            self.shown_changed.emit(True)
            self.panels_wanted.emit(self.lesson.panels)
            self._check_goal()


def _outcome(step: Step, now: Situation, given: Mapping[str, float], guess: set[int] | None) -> Work:
    """Find out, in the thread, what is to be said after a step."""

    def work(report: Report, should_stop: ShouldStop) -> Outcome:
        facts = Facts(now, {name: now.changed(changes) for name, changes in step.also.items()}, given)
        if step.goal and not facts.holds(step.goal):
            return Outcome(so_far(step.goal, facts), met=False)
        head, right, came = "", frozenset(step.right(facts)), None
        if guess is not None and step.choices:
            came = right == guess
            head = RIGHT if came else WRONG
        elif step.answer:
            answer = facts[step.answer]
            facts = facts.given({**given, "answer": answer})
            came = abs(given["guess"] - answer) <= step.near
            head = RIGHT if came else f"**It is {text_of(step.answer, answer)}.** "
        return Outcome(head + facts.fill(step.after), right, came=came)

    return work


def so_far(goal: str, facts: Facts) -> str:
    """Return where the numbers of a goal stand."""
    names = dict.fromkeys(name for name, _, _ in parts(goal))
    now = [f"{label_of(name)} is {text_of(name, facts[name])}" for name in names]
    return f"Now {' and '.join(now)}."


def label_of(name: str) -> str:
    """Return what a number of a lesson is called, such as ``r with neuropil of F - k Fneu``."""
    part, _, key = name.rpartition(".")
    number = NUMBERS.get(key)
    trace = {"raw": " of the raw ROI", "sub": " of F − k·Fneu"}.get(part, "")
    return (number.name if number is not None else key) + trace


def end_words(lesson: Lesson, came: Mapping[int, bool], following: str) -> str:
    """Return what is said at the end of a lesson: what it was about, and which predictions came true."""
    words = [lesson.about]
    if came:
        kept = [f"step {number + 1}" for number, each in sorted(came.items()) if each]
        true = f"came true: {', '.join(kept)}" if kept else "came true, which is how one learns"
        words.append(f"Of {counted(len(came), 'prediction')}, {len(kept) or 'none'} {true}.")
    words.append(
        "**Does it hold for another cell?** *Another cell* in *Simulator* draws one: say first which way the numbers "
        "will go, then move a slider."
    )
    if following:
        words.append(f"The next lesson is *{following}*.")
    return "\n\n".join(words)
