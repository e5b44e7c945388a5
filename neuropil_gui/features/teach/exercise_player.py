"""Exercise player: asks the questions of an exercise, locks what is not free, and writes what the student hands in."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui._version import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, GivenAnswer, K, written
from neuropil_gui.core.lessons import Situation, Step
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.teach import jobs
from neuropil_gui.features.teach.lesson_view import LessonView
from neuropil_gui.features.teach.what_was_open import WhatWasOpen
from neuropil_gui.formats.answer_sheets import SUFFIX
from neuropil_gui.formats.exercise_drafts import ExerciseDrafts
from neuropil_gui.formats.paths import counted
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.state.teaching import Locks
from neuropil_gui.ui import dialogs

KEPT = "Your answers are kept on this computer: open the exercise again, with the same name, to go on where you were."
ENDED = f"The exercise ended, because another recording was opened. {KEPT}"
LEFT = f"You left the exercise. {KEPT}"


class ExercisePlayer(QObject):
    """Plays one exercise at a time, in the view of lessons.

    Signals: `shown_changed` (whether an exercise is on), `freed` (names of the settings that are free; None for all),
    `panels_hidden` (names of the panels that are to be hidden meanwhile; none for all to be shown again), `ended`
    (sentence).

    Attributes
    ----------
    drafts : ExerciseDrafts
        What is answered, and not handed in.
    """

    shown_changed = pyqtSignal(bool)
    freed = pyqtSignal(object)
    panels_hidden = pyqtSignal(object)
    ended = pyqtSignal(str)

    def __init__(
        self, window: QWidget, session: Session, traces: TraceView, view: LessonView, drafts: Path | None
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._traces, self.view = window, session, traces, view
        self.runner = Runner(self, "The exercise")
        self.exercise: Exercise | None = None
        self.name = ""
        self._folder = Path()
        self._number = -1
        self._placing = self._finished = self._telling = False
        self._given: dict[int, GivenAnswer] = {}
        self.drafts = ExerciseDrafts(drafts)
        self._before = WhatWasOpen(session, traces, self)
        self.runner.finished.connect(self._on_done)
        self.runner.failed.connect(self._on_failed)
        view.answered.connect(self._answer)
        view.next_requested.connect(self._next)
        view.back_requested.connect(self._back)
        view.leave_requested.connect(self.leave)
        session.recording_left.connect(self._on_recording_left)
        session.recording_changed.connect(self._tell)
        session.cell_changed.connect(self._show_again)
        session.settings_changed.connect(self._show_refusal)
        traces.matched.factor.valueChanged.connect(self._show_refusal)

    def begin(self, exercise: Exercise, name: str, folder: Path) -> None:
        """Begin an exercise; a simulated cell takes the place of what is open."""
        self._folder = folder
        if exercise.signals:
            self._begin(exercise, name, None)
        else:
            self.runner.submit(jobs.exercise_recording(exercise, name), (exercise, name))

    @pyqtSlot()
    def leave(self) -> None:
        """End the exercise, and bring back what was open."""
        exercise, finished = self.exercise, self._finished
        if exercise is not None:
            self._end()
            self._before.bring_back(recording=not exercise.signals)
            self._session.teaching.outside = None
            if not finished:
                self.ended.emit(LEFT)

    def sheet(self) -> AnswerSheet:
        """Return what would be handed in now, without a score."""
        assert self.exercise is not None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        settings, k = self._session.settings, self._traces.matched.factor.factor
        return AnswerSheet(self.exercise.digest, self.name, self._given, settings, k, math.nan, now, __version__)

    def _begin(self, exercise: Exercise, name: str, recording: Recording | None) -> None:
        session, matched = self._session, self._traces.matched
        self._before.note()
        if recording is not None:
            self._before.leave_recording()
        else:
            session.teaching.outside = session.own.all
        self.exercise, self.name, self._number, self._finished = exercise, name, -1, False
        kept, trouble = self._draft(exercise)
        self._given = dict(kept.given)
        session.teaching.hide_truth("truth" in exercise.hidden)
        session.set_live(True)
        session.set_settings(kept.settings)
        matched.set_shown("show_subtraction", K in exercise.free)
        matched.factor.setValue(round(100 * kept.k))
        if recording is not None:
            self._placing = True
            session.set_recording(recording)
            self._placing = False
        session.highlight.clear()
        session.teaching.set_locks(Locks(tuple(exercise.free), exercise.hidden))
        self.freed.emit(tuple(exercise.free))
        # It is about one cell, which needs no table; so there is room for the settings.
        self.panels_hidden.emit(("cells", *(["numbers"] if "numbers" in exercise.hidden else [])))
        self.view.header.title.setText("Exercise")
        self._show(-1)
        answered = sum(bool(step.asks) for index, step in enumerate(exercise.steps) if index in self._given)
        if trouble or answered:
            count = sum(bool(step.asks) for step in exercise.steps)
            self.view.show_note(trouble or f"Your answers are still here: {answered} of {count}. You can change them.")

    def _draft(self, exercise: Exercise) -> tuple[AnswerSheet, str]:
        """Return what was answered before, and a sentence where that cannot be read."""
        begun = AnswerSheet(exercise.digest, self.name, {}, exercise.start.settings, exercise.start.k)
        try:
            kept = self.drafts.get(exercise, self.name)
        except DataError as error:
            return begun, f"What you answered before could not be brought back: {error}"
        if kept is None or exercise.locked(kept.settings):
            return begun, ""
        return kept, ""

    def keep(self) -> None:
        """Keep what is answered, so that it is there when the exercise is opened again."""
        if self.exercise is not None and not self._finished:
            try:
                self.drafts.keep(self.exercise, self.sheet())
            except DataError as error:
                self.view.show_note(f"Your answers are kept only until the window is closed: {error}")

    def _end(self) -> None:
        exercise, session = self.exercise, self._session
        assert exercise is not None
        self.keep()
        self.exercise = None
        self.runner.drop()
        session.highlight.clear()
        session.teaching.set_locks(None)
        self.freed.emit(None)
        self.panels_hidden.emit(())
        self.view.header.title.setText("Lesson")
        self.shown_changed.emit(False)

    def _show(self, number: int) -> None:
        exercise = self.exercise
        assert exercise is not None
        self._number, count = number, len(exercise.steps)
        step = self._step()
        place = self.name + (f": question {number + 1} of {count}" if 0 <= number < count else "")
        button = "Finish…" if number == count else "Answer" if step.choices else ""
        words = [choice.words for choice in step.choices]
        self.view.back.setEnabled(number >= 0)
        self.view.show_step(exercise.title, place, step.text, words, step.several, step.asks, button)
        if (given := self._given.get(number)) is not None:
            for index in sorted(given.choices):
                self.view.choose(index)
        self.shown_changed.emit(True)
        self._show_refusal()

    def _step(self) -> Step:
        """Return the step that is shown: the exercise's text, a question, or the end."""
        exercise = self.exercise
        assert exercise is not None
        if self._number < 0:
            return Step(begin_words(exercise))
        if self._number < len(exercise.steps):
            return with_task(exercise.steps[self._number])
        return Step(end_words(exercise, self._given))

    @pyqtSlot()
    def _answer(self) -> None:
        if self.exercise is None:
            return
        step, now = self._step(), datetime.now(UTC).isoformat(timespec="seconds")
        situation = Situation(settings=self._session.settings, k=self._traces.matched.factor.factor)
        place = situation.value(step.control) if step.control else math.nan
        self._given[self._number] = GivenAnswer(frozenset(self.view.chosen()), place, now)
        self._show(self._number + 1)
        self.keep()

    @pyqtSlot()
    def _next(self) -> None:
        if self.exercise is None:
            return
        if self._finished:
            self.leave()
        elif self._number < len(self.exercise.steps):
            self._show(self._number + 1)
        elif not self._refusal():
            self._finish()

    @pyqtSlot()
    def _back(self) -> None:
        if self.exercise is not None and self._number >= 0 and not self._finished:
            self._show(self._number - 1)

    def _finish(self) -> None:
        exercise, name = self.exercise, re.sub(r"[^\w-]+", "_", self.name).strip("_") or "student"
        assert exercise is not None
        suggestion = str(self._folder / f"{name}{SUFFIX}")
        path = dialogs.ask_save(self._window, "Write the answers", suggestion, f"Answers (*{SUFFIX})")
        if path is not None:
            self.view.show_wait()
            self.view.show_note("The answers are being written …")
            self.runner.submit(jobs.hand_in(exercise, self.sheet(), path), path)

    def _refusal(self) -> str:
        exercise = self.exercise
        if exercise is None or self._number < len(exercise.steps):
            return ""
        return exercise.refusal(self._session.settings, self._traces.matched.factor.factor)

    @pyqtSlot()
    def _show_refusal(self) -> None:
        if self.exercise is not None and not self._finished and self._number == len(self.exercise.steps):
            refusal = self._refusal()
            self.view.show_note(f"To finish, {refusal}." if refusal else "")
            self.view.button.setEnabled(not refusal)

    @pyqtSlot(object, object)
    def _on_done(self, question: object, answer: object) -> None:
        if isinstance(answer, Recording):
            assert isinstance(question, tuple)
            exercise, name = question
            self._begin(exercise, name, answer)
        elif self.exercise is not None and isinstance(answer, AnswerSheet) and isinstance(question, Path):
            self._finished = True
            self._forget_draft(self.exercise)
            self._session.teaching.set_locks(None)
            self._session.teaching.hide_truth(False)
            self.freed.emit(None)
            self.panels_hidden.emit(())
            self.view.back.setEnabled(False)
            words = done_words(self.exercise, answer, question)
            self.view.show_step(self.exercise.title, self.name, words, [], False, "", "Close")

    @pyqtSlot(object, object)
    def _on_failed(self, question: object, error: DataError) -> None:
        if self.exercise is None:
            self.ended.emit(str(error))
        else:
            self._show(self._number)
            self.view.show_note(str(error))

    @pyqtSlot()
    def _on_recording_left(self) -> None:
        """End the exercise, because another recording is opened, which begins as if there had been none."""
        if self.exercise is not None and not self._placing:
            self._telling = not self._finished
            self._end()
            self._before.bring_back(recording=False)
            self._session.teaching.outside = None

    def _forget_draft(self, exercise: Exercise) -> None:
        try:
            self.drafts.drop(exercise, self.name)
        except DataError as error:
            self.ended.emit(str(error))

    @pyqtSlot()
    def _tell(self) -> None:
        """Say that the exercise ended, once the messages about the recording before are gone."""
        if self._telling:
            self._telling = False
            self.ended.emit(ENDED)

    @pyqtSlot()
    def _show_again(self) -> None:
        """Show the dock, which a recording that is opened first of all hides."""
        if self.exercise is not None:
            self.shown_changed.emit(True)


def name_of(setting: str) -> str:
    """Return what a setting that may be free is called in the window."""
    return "k of F − k·Fneu" if setting == K else PARAMETERS[setting].label


def with_task(step: Step) -> Step:
    """Return a question that says what to do, where it asks for the place of a control."""
    if not step.control:
        return step
    task = f"Move *{name_of(step.control.rpartition('.')[2])}* to your answer, then press *Here*."
    return replace(step, text=f"{step.text}\n\n{task}")


def free_words(exercise: Exercise) -> str:
    """Return which settings may be changed, each with its range, as a list in Markdown; empty where none may."""
    lines = []
    for name, limits in exercise.free.items():
        choice = isinstance(limits[0], str)
        values = [written(name, each) for each in (limits if choice else (limits[0], limits[-1]))]
        lines.append(f"- {name_of(name)}: {' or '.join(values) if choice else ' to '.join(values)}")
    return "\n".join(lines)


def begin_words(exercise: Exercise) -> str:
    """Return what is said at the beginning: what it is about, what may be changed, and how it goes."""
    count, free = len(exercise.steps), free_words(exercise)
    task = f"There {'is' if count == 1 else 'are'} {counted(count, 'question')}." if count else ""
    way = "*Back* goes to an earlier one. You can leave at any time: your answers are kept on this computer."
    return "\n\n".join(
        part
        for part in (
            exercise.text,
            f"{task} {way}".strip() if count else "You can leave at any time: what you set is kept on this computer.",
            f"You may change:\n\n{free}\n\nAll else is locked." if free else "All settings are locked.",
        )
        if part
    )


def end_words(exercise: Exercise, given: Mapping[int, GivenAnswer]) -> str:
    """Return what is said before the answers are written: what may be set, and what is not answered."""
    words = []
    if free := free_words(exercise):
        aim = "Bring *Best match* as near to the true cell as you can: that is your score. "
        words.append(f"{aim if exercise.grade.score else ''}You may still change:\n\n{free}")
    missing = [index + 1 for index, step in enumerate(exercise.steps) if step.asks and index not in given]
    if missing:
        words.append(f"**Not answered yet: question {', '.join(map(str, missing))}.** *Back* goes there.")
    words.append(
        "*Finish* ends the exercise: it asks where to write a file with your answers, and your settings as they stand "
        "then. Hand it in as your teacher says: nothing is sent."
    )
    return "\n\n".join(words)


def done_words(exercise: Exercise, sheet: AnswerSheet, path: Path) -> str:
    """Return what is said once the answers are written."""
    words = [f"**Written: {path.name}**", "Hand this file in; nothing was sent."]
    if not math.isnan(sheet.score):
        words.append(
            f"Your score: **{sheet.score:.0f} %**. 0 is no better than the raw ROI, and 100 the best that what was "
            "free can reach."
        )
    if "truth" in exercise.hidden and not exercise.signals:
        words.append("The truth is shown now.")
    return "\n\n".join(words)
