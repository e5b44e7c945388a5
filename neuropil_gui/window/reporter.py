"""Reporter: progress, results and errors in words, in the run bar and the message bars."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PyQt5.QtCore import QObject, QTimer, pyqtSlot

from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.checks import GREATEST_VALUE
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Progress, Separation
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.live import SeparationQuestion, Stage, is_draft_only
from neuropil_gui.engine.loader import Loader
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.run_bar import RunBar
from neuropil_gui.state.results import Result
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar

APART = 1e-4
"""Part by which objectives differ, above which both are shown although the traces are the same."""

TRANSPOSE = "Transpose"

SOON = 150
"""Milliseconds after which a separation that follows the settings is shown as running."""


class Status(NamedTuple):
    """Contents of the run bar.

    Attributes
    ----------
    state : str
        The word in the badge.
    text : str
        The line beside it.
    working : bool
        Whether more is being computed.
    rival : str
        Text of the button that shows the other solver's result; empty for no button.
    remarks : tuple of Remark
        On the result that is drawn.
    """

    state: str
    text: str = ""
    working: bool = False
    rival: str = ""
    remarks: tuple[Remark, ...] = ()


class Reporter(QObject):
    """Listens to the session and the controller, and writes to the run bar and the message bars.

    `messages` is about files, `refusal` about the selected cell's separation.
    """

    def __init__(
        self,
        *,
        session: Session,
        loader: Loader,
        controller: Controller,
        convergence: ConvergencePlot,
        run_bar: RunBar,
        messages: MessageBar,
        refusal: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._loader, self._controller = session, loader, controller
        self._convergence, self._run_bar = convergence, run_bar
        self._messages, self._refusal = messages, refusal
        session.recording_changed.connect(self._show_recording)
        session.cell_changed.connect(self._withdraw_refusal)
        session.result_changed.connect(self._withdraw_refusal)
        changes = (
            session.settings_changed, session.result_changed, session.draft_changed, session.iteration_changed,
        )  # fmt: skip
        for signal in (*changes, controller.checking_changed, loader.ended):
            signal.connect(self._show_status)
        run_bar.rival_requested.connect(session.show_rival)
        refusal.action_triggered.connect(self._on_remedy)
        loader.started.connect(self._on_load_started)
        loader.reported.connect(self._on_load_reported)
        loader.failed.connect(self._on_error)
        controller.separation_started.connect(self._on_separation_started)
        controller.separation_reported.connect(self._on_separation_reported)
        controller.separation_failed.connect(self._on_separation_failed)
        controller.cancelled.connect(self._on_cancelled)
        controller.write_started.connect(self._on_write_started)
        controller.drawn.connect(self._show_status)
        controller.write_reported.connect(self._on_write_reported)
        controller.written.connect(self._on_written)
        controller.write_failed.connect(self._on_write_failed)
        controller.write_cancelled.connect(self._on_write_cancelled)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._show_work)
        self._work_shown = False
        self._remedy: Callable[[], object] | None = None
        self._show_recording()

    @pyqtSlot()
    def _show_recording(self, note: str = "") -> None:
        recording = self._session.recording
        self._messages.hide_message()
        self._refusal.hide_message()
        if recording is not None and (recording.warnings or note):
            doubtful = bool(recording.warnings)
            turn = TRANSPOSE if doubtful and recording.rows_are_frames is not None else None
            level = "warning" if doubtful else "info"
            self._messages.show_message(" ".join((*recording.warnings, note)).strip(), level, turn)
        self._show_status()

    @pyqtSlot(str)
    def show_answers(self, sentence: str) -> None:
        """Show that the recording was read with the answers given for another one, beside its warnings."""
        self._show_recording(sentence)

    @pyqtSlot()
    def _withdraw_refusal(self) -> None:
        self._refusal.hide_message()

    @pyqtSlot()
    def _show_status(self) -> None:
        """Show the solver of the drawn result, how it ended, and whether it is that of the current settings."""
        session = self._session
        if not self._controller.separating or (session.draft is not None and session.up_to_date):
            self._run_bar.set_state(*status(session, self._controller.checking))

    @pyqtSlot(object)
    def _on_load_started(self, path: Path) -> None:
        self._run_bar.show_busy(f"Reading {path.name}")

    @pyqtSlot(object, float)
    def _on_load_reported(self, path: Path, part: float) -> None:
        self._run_bar.show_count(f"Reading {path.name}, {100 * part:.0f} %", round(100 * part), 100)

    @pyqtSlot(str)
    def _on_error(self, sentence: str) -> None:
        self._messages.show_message(sentence, "error")

    @pyqtSlot(object)
    def _on_separation_started(self, question: object) -> None:
        self._work_shown = False
        if isinstance(question, SeparationQuestion) and question.stage is not Stage.EXACT:
            # A result within that time would only make the bar flicker.
            self._soon.start()
        else:
            self._show_work()

    @pyqtSlot()
    def _show_work(self) -> None:
        if self._controller.separating:
            self._work_shown = True
            if self._session.draft is not None and self._session.up_to_date:
                self._run_bar.set_state(*status(self._session)._replace(working=True))
            else:
                self._run_bar.show_busy("Separating")
            self._convergence.start(self._session.settings)

    @pyqtSlot(object)
    def _on_separation_reported(self, progress: Progress) -> None:
        settings, step = self._session.settings, progress.step
        if self._work_shown:
            self._convergence.add(progress)
            if step.iteration > 0 and self._session.draft is None:  # there is no violation before the first iteration
                violation, tol = step.violation, settings.tol
                self._run_bar.show_step(step.iteration, settings.max_iter, violation, tol, progress.attempt)

    @pyqtSlot(str)
    def _on_separation_failed(self, sentence: str) -> None:
        cell = self._session.cell
        self._remedy, label = self._find_remedy()
        if cell is not None and len(cell.traces) == 1:
            # It was opened to be looked at, and that it can be.
            self._refusal.show_message(sentence, "info", label)
            self._show_status()
        else:
            self._refusal.show_message(sentence, "error", label)
            self._run_bar.set_state("failed", "This cell could not be separated")

    def _find_remedy(self) -> tuple[Callable[[], object] | None, str | None]:
        """Return the remedy that one click applies, and the text of its button; None for none."""
        session = self._session
        cell, settings = session.cell, session.settings
        turnable = session.recording is not None and session.recording.rows_are_frames is not None
        if cell is None or len(cell.traces) == 1:
            return None, None
        if turnable and len(cell.traces) > cell.traces.shape[1]:
            return self._loader.transpose, "Transpose"
        drawn = pyramid_of(cell.traces)
        if not drawn.finite and not settings.drop_nan:
            return partial(session.set_settings, replace(settings, drop_nan=True)), "Leave these frames out"
        if np.abs(drawn.limits).max() > GREATEST_VALUE:
            return None, None
        if settings.method == "nmf" and not settings.offset and drawn.finite and drawn.limits.min() < 0:
            return partial(session.set_settings, replace(settings, offset=True)), "Subtract minimum"
        if settings.n is not None and settings.n > len(cell.traces):
            return partial(session.set_settings, replace(settings, n=None)), "Let n be auto"
        return None, None

    @pyqtSlot()
    def _on_remedy(self) -> None:
        if self._remedy is not None:
            self._remedy()

    @pyqtSlot()
    def _on_cancelled(self) -> None:
        if self._controller.writing is not None:
            self._run_bar.show_busy(f"Stopping to write {self._controller.writing.name}")
        elif self._session.result is None:
            self._run_bar.set_state("cancelled", "Cancelled; there is no result")
        elif self._session.up_to_date:
            self._run_bar.set_state("cancelled", "Cancelled; the last result stays")
        else:
            self._run_bar.set_state("out of date", "Cancelled; the last result stays, which other settings made")

    @pyqtSlot(str)
    def _on_write_started(self, words: str) -> None:
        self._run_bar.show_busy(words)

    @pyqtSlot(str)
    def _on_write_failed(self, sentence: str) -> None:
        self._on_error(sentence)
        if self._controller.writing is None:
            self._show_status()

    @pyqtSlot(object)
    def _on_write_cancelled(self, path: Path) -> None:
        self._on_cancelled()
        self._messages.show_message(f"{path.name} was not written: cancelled. What was there before stays.", "info")

    @pyqtSlot(object)
    def _on_write_reported(self, report: tuple[int, int]) -> None:
        done, total = report
        self._run_bar.show_count(f"Writing cell {done + 1} of {total}", done, total)

    @pyqtSlot(object, object)
    def _on_written(self, path: Path, missing: list[str]) -> None:
        self._show_status()
        if missing:
            self._messages.show_message(f"Written: {path}, without {'; '.join(missing)}", "warning")
        else:
            self._messages.show_message(f"Written: {path}", "info")


def status(session: Session, checking: bool = False) -> Status:
    """Return the status while nothing is being separated; `checking` is whether FISSA's solver will be run."""
    drawn = session.drawn
    if drawn is None and session.cell is not None and len(session.cell.traces) == 1:
        return Status("idle", "This cell has no neuropil, and can only be looked at")
    if drawn is None:
        return Status("idle", "" if session.recording else "No recording is open")
    if not session.up_to_date:
        return Status("out of date", "The settings have changed since this result: press Run.")
    if session.draft is not None:
        averaged = f"{drawn.frames_per_value} frames averaged to a value; " if drawn.frames_per_value > 1 else ""
        too_long = session.cell is not None and is_draft_only(session.cell)
        rest = "this cell is too long for more as you go: press Run" if too_long else "the result follows"
        return Status("draft", averaged + rest)
    if session.iteration is not None:
        text = (
            f"Iteration {session.iteration:,} of {drawn.iterations:,} of this run; Escape in the plot shows the result"
        )
        return Status("earlier step", text)
    exact = drawn.settings.solver == "fissa" or drawn.settings.method != "nmf"
    state = "not converged" if not drawn.converged else "exact" if exact else "converged"
    if drawn.origin:
        state = "from file"
    agreement = session.agreement
    text, rival = _describe(drawn), ""
    if agreement is None:
        text += "" if exact else " · being checked against FISSA" if checking else " · not checked against FISSA"
    else:
        text += f" · {_compare(agreement, exact, session.fissas)}"
        if not agreement.same:
            rival = "Show the other" if exact else "Show FISSA's"
    return Status(state, text, rival=rival, remarks=drawn.warnings)


def _compare(agreement: Agreement, exact: bool, fissas: Result | None) -> str:
    """Return how a result agrees with the other solver's; `exact` is whether it is FISSA's."""
    other = "the accelerated solver's" if exact else "FISSA's"
    if agreement.empty:
        return f"empty, as {other}"
    own, its = agreement.objectives
    if agreement.same:
        apart = f", but objective {own:.6g} against {its:.6g}" if abs(own - its) > APART * its else ""
        return f"same as {other}: r = {agreement.r:.4f}{apart}"
    numbers = f"r = {agreement.r:.3f}, objective {own:.6g} against {its:.6g}"
    stopped = fissas.separation if fissas is not None and not fissas.separation.converged else None
    limit = "at its tolerance" if stopped is None else f"at its limit of {stopped.iterations:,} iterations"
    run_on = agreement.ran_on
    if run_on is None:
        return f"other than {other}: {numbers}" + (f"; FISSA's stopped {limit}" if stopped is not None else "")
    reached = f"{run_on.objectives[0]:.6g}"
    if run_on.same:
        return f"other than {other}: {numbers}; FISSA's stopped {limit}, and is the same when run on, at {reached}"
    return f"another minimum than {other}: {numbers}; FISSA's run on ends at {reached}"


def _describe(result: Separation) -> str:
    name = "ICA"
    if result.settings.method == "nmf":
        name = "FISSA's NMF" if result.settings.solver == "fissa" else "NMF, accelerated,"
    seed = f", seed {result.seed}" if result.settings.seed is None else ""
    verb = "converged after" if result.converged else "did not converge within"
    words = f"{name} {verb} {result.iterations:,} iterations"
    return f"{result.origin}: {words}{seed}" if result.origin else f"{words}, {result.seconds:.2f} s{seed}"
