"""The window on trust: asks a thread of its own for what the page in view shows, and for nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.advice import seed_matters
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan, decades
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.expectation import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import uses
from neuropil_gui.drawing.stacked import Parts
from neuropil_gui.drawing.trial_sides import TrialSides
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Runner, Work
from neuropil_gui.features.trust import jobs
from neuropil_gui.features.trust.trials_page import ONE_TRIAL
from neuropil_gui.features.trust.view import HELP, TrustView
from neuropil_gui.features.trust.words import NO_CELL, NO_RESULT, WORKING, described, on_alpha
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_window import ToolWindow

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

REST = 250
"""Milliseconds for which the result has to stand still before anything is asked about it."""

LONG = 30.0
"""Seconds: what is expected to take longer waits for Run."""

ALPHAS = decades(0.003, 10, 20)
"""Over which indicators are held against the truth."""


@dataclass(frozen=True)
class Question:
    """What is asked: of which kind, about what; equal to another where their answers are the same."""

    kind: str
    cell: Cell
    about: tuple[object, ...]


class Trust(QObject):
    """Follows the session while its window is seen; keeps the last answer of each kind for one cell.

    Attributes
    ----------
    window : ToolWindow
    view : TrustView
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.view = TrustView()
        self.window = ToolWindow("trust", "Trust", HELP, self.view, parent)
        self._runner = Runner(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._cell: Cell | None = None
        self._seen = False
        self._answers: dict[str, tuple[Question, object]] = {}
        self._ended: dict[Question, str] = {}
        self._drawn: dict[str, Question] = {}
        self._connect()

    def _connect(self) -> None:
        session, view, runner = self._session, self.view, self._runner
        for signal in (session.recording_changed, session.selection_changed, session.cell_changed):
            signal.connect(self._follow)
        session.result_changed.connect(self._follow)
        session.frame_rate_changed.connect(self._redraw)
        session.settings_changed.connect(self._tell)
        self.window.shown.connect(self._on_shown)
        self.window.hidden.connect(self._on_hidden)
        view.page_changed.connect(self._follow_now)
        for signal in (view.stability.asked, view.parts.asked, view.trials.asked):
            signal.connect(self._follow_now)
        view.row.cancel_requested.connect(self._cancel)
        view.row.run_requested.connect(self._run)
        self._rest.timeout.connect(self._ask)
        runner.reported.connect(self._on_reported)
        runner.finished.connect(self._on_finished)
        runner.failed.connect(self._on_failed)
        runner.crashed.connect(self._on_crashed)

    def close(self, milliseconds: int) -> bool:
        """End the thread; False if it did not end in time."""
        self._rest.stop()
        return self._runner.close(milliseconds)

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the page in view; None where it has no answer, or nothing to draw."""
        question, answer = self._answers.get(self.view.page, (None, None))
        rate = self._frame_rate()
        if question is None or question.cell is not self._session.cell:
            return None
        cell = question.cell

        def draw() -> "ResultFigure":
            from neuropil_gui.figures import comparison, trust

            if isinstance(answer, Stability):
                return trust.plot_stability(answer, cell, frame_rate=rate)
            if isinstance(answer, Parts):
                return trust.plot_contributions(answer.made, cell, frame_rate=rate)
            assert isinstance(answer, TrialSides)
            sides = {"jointly": answer.jointly.joined.values[0], "each alone": answer.alone.joined.values[0]}
            return comparison.plot_comparison(cell, sides, frame_rate=rate)

        return draw if isinstance(answer, Stability | Parts | TrialSides) else None

    # What is wanted

    def _questions(self) -> list[tuple[Question, Callable[[], Work], float]]:
        """Return what the page in view needs, what answers it, and about how many seconds that takes."""
        cell, result = self._session.cell, self._session.result
        if cell is None or result is None:
            return []
        page, view = self.view.page, self.view
        settings = fast(result.settings)
        seconds = expected_seconds(settings, *cell.traces.shape)
        if page == "stability":
            kind, count = view.stability.asks
            if kind == "leave_one_out":
                count = max(len(cell.traces) - 1, 1)

            def again() -> Work:
                return jobs.stability_of(cell, settings, kind, count, result)

            return [(Question("stability", cell, (result, kind, count)), again, count * seconds)]
        if page == "parts":
            known = self._known_parts(result)
            off = frozenset() if known is None else view.parts.off

            def apart() -> Work:
                return jobs.parts_of(cell, result, off, known)

            return [(Question("parts", cell, (result, off)), apart, 0.0)]
        if page == "trials":
            if len(cell.trial_starts) < 2:
                return []
            same = view.trials.same_effect.isChecked() and uses(settings.method, "alpha")

            def each() -> Work:
                return jobs.trials_of(cell, result, settings, same)

            return [(Question("trials", cell, (result, same)), each, seconds)]

        def judged() -> Work:
            return jobs.judgements_of(cell, result)

        wanted = [(Question("judgements", cell, (result,)), judged, 0.0)]
        if cell.truth is not None and len(cell.truth.sources) and uses(settings.method, "alpha"):
            # The same for every alpha of the result.
            plan = SweepPlan(replace(settings, alpha=ALPHAS[0]), Axis("alpha", ALPHAS))

            def swept() -> Work:
                return jobs.swept_indicators(cell, plan)

            wanted.append((Question("sweep", cell, (plan,)), swept, len(ALPHAS) * seconds))
        return wanted

    def _known_parts(self, result: Separation) -> Parts | None:
        question, answer = self._answers.get("parts", (None, None))
        if isinstance(question, Question) and isinstance(answer, Parts) and question.about[0] is result:
            return answer
        return None

    def _known(self, question: Question) -> object | None:
        asked, answer = self._answers.get(question.kind, (None, None))
        return answer if asked == question else None

    # Following

    @pyqtSlot()
    def _follow(self) -> None:
        """Show what is known of the result, and ask for the rest once it stands still."""
        self._show(REST)

    @pyqtSlot()
    def _follow_now(self) -> None:
        """Do so at once, because of something that was done in this window."""
        self._show(0)

    @pyqtSlot()
    def _redraw(self) -> None:
        self._drawn.clear()
        self._show(0)

    @pyqtSlot()
    def _on_shown(self) -> None:
        self._seen = True
        self._show(0)

    @pyqtSlot()
    def _on_hidden(self) -> None:
        self._seen = False
        self._rest.stop()
        self._runner.drop()

    def _show(self, wait: int) -> None:
        cell = self._session.cell
        if cell is not self._cell:
            self._cell = cell
            for kept in (self._answers, self._ended, self._drawn):
                kept.clear()
            self.view.parts.forget()
            self._runner.drop()
        if not self._seen:
            return
        wanted = self._questions()
        if self._runner.question is not None and self._runner.question not in [each[0] for each in wanted]:
            self._runner.drop()
        self._draw([each[0] for each in wanted])
        if self._next() is None or self._runner.busy:
            self._rest.stop()
        else:
            self._rest.start(wait)
        self._tell()

    def _next(self) -> tuple[Question, Callable[[], Work], float] | None:
        for each in self._questions():
            if self._known(each[0]) is None and each[0] not in self._ended:
                return each
        return None

    @pyqtSlot()
    def _ask(self) -> None:
        found = self._next() if self._seen and not self._runner.busy else None
        if found is not None:
            question, work, seconds = found
            if seconds > LONG:
                self._ended[question] = f"This takes about {seconds / 60:.0f} min or more: press Run to start it."
                self._ask()
                return
            self._runner.submit(quietly(work()), question)
        self._tell()

    @pyqtSlot()
    def _cancel(self) -> None:
        question = self._runner.question
        self._runner.drop()
        if isinstance(question, Question):
            self._ended[question] = "Cancelled"
        self._tell()

    @pyqtSlot()
    def _run(self) -> None:
        for question, work, _ in self._questions():
            if question in self._ended:
                del self._ended[question]
                self._runner.submit(quietly(work()), question)
                break
        self._tell()

    # Answers

    @pyqtSlot(object, object)
    def _on_reported(self, question: Question, report: tuple[object, ...]) -> None:
        if question.kind == "sweep":
            self.view.indicators.show_points(report)  # type: ignore[arg-type]
            self.view.row.show_work(WORKING["sweep"], len(report), len(ALPHAS))
        else:
            done, total = report
            if isinstance(done, int) and isinstance(total, int):
                self.view.row.show_work(f"{WORKING[question.kind]}, {done} of {total} done", done, total)

    @pyqtSlot(object, object)
    def _on_finished(self, question: Question, answer: object) -> None:
        self._answers[question.kind] = (question, answer)
        self._show(0)

    @pyqtSlot(object, object)
    def _on_failed(self, question: Question, error: DataError) -> None:
        self._ended[question] = str(error)
        self._show(0)

    @pyqtSlot(object)
    def _on_crashed(self, question: Question) -> None:
        self._ended[question] = "It ended in an unexpected error; the log file tells more."
        self._show(0)

    # Drawing

    @pyqtSlot()
    def _tell(self) -> None:
        """Say at the top which result it is, and in the line below what is under way, or how the page stands."""
        session = self._session
        if not self._seen:
            return
        self.window.header.set_subtitle(described(session.cell, session.result, session.answered))
        asked = self._runner.question
        if isinstance(asked, Question):
            self.view.row.show_work(f"{WORKING[asked.kind]} …")
            return
        said = [self._ended[question] for question, *_ in self._questions() if question in self._ended]
        self.view.row.show_rest(said[0] if said else "", bool(said))

    def _draw(self, wanted: list[Question]) -> None:
        cell, result = self._session.cell, self._session.result
        page = self.view.pages[self.view.page]
        if cell is None or result is None:
            page.say(NO_CELL if self._session.recording is None else NO_RESULT)
            return
        if self.view.page == "trials" and not wanted:
            page.say(ONE_TRIAL)
            return
        for question in wanted:
            answer = self._known(question)
            if answer is None:
                if question.kind == "stability":
                    self._drawn.pop("stability", None)
                    rate, placebo = self._frame_rate(), not seed_matters(result.settings)
                    self.view.stability.show_cell(cell, rate, result, placebo)
                    page.say("")
                elif question.kind not in self._drawn and question.kind != "sweep":
                    page.say(self._ended.get(question, f"{WORKING[question.kind]} …"))
                elif question.kind == "sweep" and self._runner.question != question:
                    self.view.indicators.show_points(())
            elif self._drawn.get(question.kind) != question:
                self._drawn[question.kind] = question
                self._draw_answer(question.kind, cell, result, answer)
                page.say("")

    def _draw_answer(self, kind: str, cell: Cell, result: Separation, answer: object) -> None:
        view, rate = self.view, self._frame_rate()
        if kind == "stability":
            view.stability.show_stability(answer)  # type: ignore[arg-type]
        elif kind == "parts" and isinstance(answer, Parts):
            view.parts.show_parts(cell, rate, answer)
        elif kind == "judgements":
            alpha = result.settings.alpha if uses(result.settings.method, "alpha") else float("nan")
            view.indicators.show_judgement(answer, alpha)  # type: ignore[arg-type]
        elif kind == "sweep":
            view.indicators.show_points(answer)  # type: ignore[arg-type]
        else:
            view.trials.show_sides(cell, rate, answer, on_alpha(cell, result))  # type: ignore[arg-type]

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None
