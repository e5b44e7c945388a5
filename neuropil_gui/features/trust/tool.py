"""Trust: checks of the result that the main window shows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QTimer, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.events import Events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.analysis.judgement import Judgement
from neuropil_gui.core.analysis.spike_detection import SpikeTest
from neuropil_gui.core.analysis.spike_in import SpikeIn
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.stacked import Parts
from neuropil_gui.drawing.trial_sides import TrialSides
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.trust.question import TrustQuestion
from neuropil_gui.features.trust.questions import EventsQuestion, PartsQuestion, questions_of
from neuropil_gui.features.trust.spike_requests import SpikeRequests
from neuropil_gui.features.trust.trials_page import ONE_TRIAL
from neuropil_gui.features.trust.view import HELP, TrustView
from neuropil_gui.features.trust.words import NO_CELL, NO_NEUROPIL, NO_RESULT, described
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

REST = 250
"""Milliseconds for which the result has to stay the same before anything is asked about it."""

LONG = 30.0
"""Seconds: what is expected to take longer waits for Run."""


class TrustTool(Tool):
    """Asks what the page in view needs, and keeps the last answer of each kind for one cell.

    Attributes
    ----------
    view : TrustView
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = TrustView()
        super().__init__(session, engine, ToolPage("trust", "Trust", HELP, self.view), parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._cell: Cell | None = None
        self._answers: dict[type, tuple[TrustQuestion[Any], object]] = {}
        self._ended: dict[TrustQuestion[Any], str] = {}
        self._drawn: dict[type, TrustQuestion[Any]] = {}
        for signal in (
            session.recording_changed, session.selection_changed, session.cell_changed, session.result_changed,
            session.tests.changed,
        ):  # fmt: skip
            signal.connect(self._follow_later)
        session.frame_rate_changed.connect(self._redraw)
        session.settings_changed.connect(self._show_state)
        view = self.view
        for signal in (
            view.page_changed, view.stability.asked, view.parts.asked, view.trials.asked, view.spike_in.asked,
            view.events.asked, view.spikes.asked,
        ):  # fmt: skip
            signal.connect(self.follow)
        view.row.cancel_requested.connect(self._on_cancel)
        view.row.run_requested.connect(self._on_run)
        self.spike_files = SpikeRequests(session, self, view)
        self.spike_files.failed.connect(self._on_spikes_refused)
        view.spikes.open_requested.connect(self.spike_files.ask)
        view.spikes.remove_requested.connect(self.spike_files.remove)
        session.spikes.changed.connect(self._on_spikes_changed)

    @property
    def busy(self) -> bool:
        """Whether an answer is being computed, or will be once the result stays the same."""
        return self.runner.busy or self._timer.isActive() or (self.visible and self._next() is not None)

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the page in view; None where it has no answer, or nothing to draw."""
        page, cell, recording = self.view.pages[self.view.page], self._session.cell, self._session.recording
        answers = [each for each in self._answers.values() if each[0].page(self.view) is page]
        if cell is None or cell is not self._cell or not answers:
            return None
        (asked, answer), rate = answers[0], recording.frame_rate if recording is not None else None
        swept = next((known for each in self._wanted()[1:] if isinstance(known := self._known(each), tuple)), ())
        inferred = next((each for each in map(self._known, self._wanted()) if isinstance(each, InferredSpikes)), None)
        chosen = self.view.indicators.selected
        points = tuple(self.view.spike_in.alphas.points) if isinstance(answer, SpikeIn) else ()

        def draw() -> "ResultFigure":
            from neuropil_gui.figures import comparison, spike_in, trust
            from neuropil_gui.figures.events import plot_events
            from neuropil_gui.figures.spikes import plot_spike_test

            if isinstance(answer, Stability):
                return trust.plot_stability(answer, cell, frame_rate=rate)
            if isinstance(answer, Parts):
                return trust.plot_contributions(answer.made, cell, frame_rate=rate)
            if isinstance(answer, Judgement):
                return trust.plot_indicators(answer, cell, tiles=swept, number=chosen.key if chosen else "")
            if isinstance(answer, Events) and isinstance(asked, EventsQuestion):
                return plot_events(answer, cell, asked.result, inferred=inferred, frame_rate=rate)
            if isinstance(answer, SpikeTest):
                return plot_spike_test(answer, cell, points=swept, frame_rate=rate)
            if isinstance(answer, SpikeIn):
                return spike_in.plot_spike_in(answer, cell, points=points)
            assert isinstance(answer, TrialSides)
            sides = {"jointly": answer.jointly.joined.values[0], "each alone": answer.alone.joined.values[0]}
            return comparison.plot_comparison(cell, sides, frame_rate=rate)

        drawn = Stability | Parts | Judgement | SpikeIn | SpikeTest | Events | TrialSides
        return draw if isinstance(answer, drawn) else None

    @property
    def answered(self) -> list[TrustQuestion[Any]]:
        """The questions whose answers are known, the last of each kind."""
        return [question for question, _ in self._answers.values()]

    # Asking

    def _wanted(self) -> list[TrustQuestion[Any]]:
        """Return what the page in view needs."""
        cell, result = self._session.cell, self._session.result
        spikes = self._session.spikes.get(self._session.index)
        self.view.spikes.set_spikes(spikes)
        self.view.events.spikes = spikes
        if cell is None or result is None:
            return []
        recording = self._session.recording
        rate = recording.frame_rate if recording is not None else None
        index, settings = self._session.index, self._session.own.all
        tests = self._session.tests.of([index], settings) if result.settings.asks_like(settings.of(index)) else {}
        return questions_of(self.view, cell, result, self._known_parts(result), rate, tests.get(index))

    def _known_parts(self, result: Separation) -> Parts | None:
        question, answer = self._answers.get(PartsQuestion, (None, None))
        same = isinstance(question, PartsQuestion) and question.result is result
        return answer if same and isinstance(answer, Parts) else None

    def _known(self, question: TrustQuestion[Any]) -> object | None:
        asked, answer = self._answers.get(type(question), (None, None))
        return answer if asked == question else None

    def _next(self) -> TrustQuestion[Any] | None:
        """Return what is to be asked next."""
        missing = (each for each in self._wanted() if self._known(each) is None and each not in self._ended)
        return next(missing, None)

    # Following

    @pyqtSlot()
    def _follow_later(self) -> None:
        """Show what is known about the result, and ask for the rest once the result stays the same."""
        self._follow_in(REST)

    def _update(self) -> None:
        """Show what is known about the result, and ask for the rest now."""
        self._follow_in(0)

    @pyqtSlot(object)
    def _on_spikes_changed(self, indices: list[int]) -> None:
        if self._session.index in indices:
            self._redraw()

    @pyqtSlot(str)
    def _on_spikes_refused(self, sentence: str) -> None:
        self.view.spikes.show_refusal(sentence)

    @pyqtSlot()
    def _redraw(self) -> None:
        self._drawn.clear()
        self.follow()

    def _rest(self) -> None:
        self._timer.stop()

    def _follow_in(self, milliseconds: int) -> None:
        cell = self._session.cell
        if cell is not self._cell:
            self._cell = cell
            self._answers.clear()
            self._ended.clear()
            self._drawn.clear()
            self.view.parts.forget()
            self.runner.drop()
        if not self.visible:
            return
        wanted = self._wanted()
        if self.runner.busy and self.runner.question not in wanted:
            self.runner.drop()
        self._draw(wanted)
        if self._next() is None or self.runner.busy:
            self._timer.stop()
        else:
            self._timer.start(milliseconds)
        self._show_state()

    @pyqtSlot()
    def _ask(self) -> None:
        while self.visible and not self.runner.busy and (question := self._next()) is not None:
            if question.seconds > LONG:
                minutes = question.seconds / 60
                self._ended[question] = f"This takes about {minutes:.0f} min or more: press Run to start it."
            else:
                self.runner.submit(quietly(question.job(self._engine.batch.lend)), question)
        self._show_state()

    @pyqtSlot()
    def _on_cancel(self) -> None:
        question = self.runner.question
        self.runner.drop()
        if isinstance(question, TrustQuestion):
            self._ended[question] = "Cancelled"
        self._show_state()

    @pyqtSlot()
    def _on_run(self) -> None:
        """Ask what was cancelled, refused, or expected to take long."""
        question = next((each for each in self._wanted() if each in self._ended), None)
        if question is not None:
            del self._ended[question]
            self.runner.submit(quietly(question.job(self._engine.batch.lend)), question)
        self._show_state()

    # Answers

    @pyqtSlot(object, object)
    def _on_reported(self, question: TrustQuestion[Any], report: tuple[object, ...]) -> None:
        question.show_report(self.view, report)

    @pyqtSlot(object, object)
    def _on_finished(self, question: TrustQuestion[Any], answer: object) -> None:
        self._answers[type(question)] = (question, answer)
        self.follow()

    @pyqtSlot(object, object)
    def _on_failed(self, question: TrustQuestion[Any], error: DataError) -> None:
        self._ended[question] = str(error)
        self.follow()

    # Drawing

    @pyqtSlot()
    def _show_state(self) -> None:
        """Say at the top which result it is, and below what is under way, or how it ended."""
        session = self._session
        if not self.visible:
            return
        self.page.header.set_subtitle(described(session.cell, session.result, session.answered))
        asked = self.runner.question
        if isinstance(asked, TrustQuestion):
            self.view.row.show_work(f"{asked.title} …")
            return
        ended = [self._ended[question] for question in self._wanted() if question in self._ended]
        self.view.row.show_rest(ended[0] if ended else "", bool(ended))

    def _draw(self, wanted: list[TrustQuestion[Any]]) -> None:
        result, recording = self._session.result, self._session.recording
        page = self.view.pages[self.view.page]
        if self._session.cell is None or result is None:
            alone = self._session.cell is not None and len(self._session.cell.traces) == 1
            page.say(NO_CELL if recording is None else NO_NEUROPIL if alone else NO_RESULT)
            return
        rate = recording.frame_rate if recording is not None else None
        if page is self.view.spikes and not wanted:
            self.view.spikes.show_cell(self._session.cell, rate, result)
            page.say("")
            return
        if not wanted:
            page.say(ONE_TRIAL)
            return
        for question in wanted:
            kind, answer = type(question), self._known(question)
            if answer is None:
                sentence = self._ended.get(question, f"{question.title} …")
                running = self.runner.question == question
                if question.show_missing(self.view, rate, sentence, kind in self._drawn, running):
                    self._drawn.pop(kind, None)
            elif self._drawn.get(kind) != question:
                self._drawn[kind] = question
                question.show(self.view, rate, result, answer)
                page.say("")
