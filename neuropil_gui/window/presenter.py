"""What the session holds, shown in the views; what is on screen always says what it is."""

from collections.abc import Callable

from PyQt5.QtCore import QElapsedTimer, QObject, QTimer, pyqtSlot

from neuropil_gui.core.brief import brief
from neuropil_gui.core.cell_baseline import CellDeltaF
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.engine.controller import Controller
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.cells.cell_model import summarise
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session

UNIT = "ΔF/F"

REST, TURN = 100, 50
"""Milliseconds after which all views follow the last of some drafts, and between two of them while drafts come."""


class Presenter(QObject):
    """Listens to the session and the controller, and tells the views what to show."""

    def __init__(
        self,
        *,
        session: Session,
        controller: Controller,
        cells: CellList,
        form: SettingsForm,
        traces: TraceView,
        mixing: MixingPlot,
        convergence: ConvergencePlot,
        numbers: NumbersTable,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._controller = session, controller
        self._cells, self._form, self._traces = cells, form, traces
        self._mixing, self._convergence, self._numbers = mixing, convergence, numbers
        session.recording_changed.connect(self._show_recording)
        session.selection_changed.connect(self._show_selection)
        session.cell_changed.connect(self._show_cell)
        session.frame_rate_changed.connect(self._show_frame_rate)
        session.settings_changed.connect(self._show_settings)
        session.result_changed.connect(self._show_result)
        session.draft_changed.connect(self._show_draft)
        session.outcome_changed.connect(self._show_outcome)
        session.highlight.changed.connect(self._show_highlight)
        session.baseline_changed.connect(self._show_delta_f)
        session.delta_f_changed.connect(self._show_delta_f)
        session.pins.changed.connect(self._show_pins)
        for view in (traces, mixing, numbers):
            view.component_hovered.connect(session.highlight.hover_component)
            view.component_clicked.connect(session.highlight.keep_component)
        for view in (traces, mixing):
            view.signal_hovered.connect(session.highlight.hover_signal)
        cells.thumbnails_wanted.connect(controller.miniatures.want)
        cells.batch_requested.connect(controller.separate_all)
        cells.batch_cancel_requested.connect(controller.cancel_batch)
        convergence.iteration_chosen.connect(self._show_iteration)
        controller.miniatures.ready.connect(cells.show_thumbnail)
        traces.matched.subtraction_wanted.connect(controller.subtractions.want)
        controller.subtractions.ready.connect(traces.matched.show_subtraction)
        controller.batch_progressed.connect(cells.show_batch)
        controller.batch_ended.connect(self._on_batch_ended)
        controller.separation_failed.connect(self._show_what_stays)
        controller.cancelled.connect(self._show_what_stays)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._show_rest_of_draft)
        self._turn = QElapsedTimer()
        self._turn.start()
        self._followers: list[Callable[[], None]] = [self._show_lanes, self._show_matrix]
        self._behind = 0
        self._axis: tuple[Cell | None, float | None] | None = None
        self._drawn: CellDeltaF | None = None
        self._drawn_result: Separation | None = None
        self._form.show_settings(session.settings)
        self._show_recording()

    # The session

    @pyqtSlot()
    def _show_recording(self) -> None:
        self._cells.show_recording(self._session.recording)

    @pyqtSlot()
    def _show_selection(self) -> None:
        self._cells.show_selection(self._session.index)

    @pyqtSlot()
    def _show_cell(self) -> None:
        cell = self._session.cell
        self._show_pins()
        self._show_traces()
        self._form.set_signal_count(len(cell.traces) if cell is not None else None)
        least = float(cell.pyramid.limits[:, 0].min()) if cell is not None and cell.pyramid.finite else None
        self._form.set_least_value(least)

    @pyqtSlot()
    def _show_frame_rate(self) -> None:
        self._cells.show_frame_rate(self._frame_rate())
        self._show_traces()

    @pyqtSlot()
    def _show_delta_f(self) -> None:
        self._show_traces()
        self._show_notes()

    @pyqtSlot()
    def _show_settings(self) -> None:
        self._form.show_settings(self._session.settings)
        self._show_outcomes()
        if not self._rest.isActive():
            self._show_traces()

    @pyqtSlot()
    def _show_result(self) -> None:
        result = self._session.result
        self._show_traces()
        self._show_history()
        self._numbers.show_numbers(self._session.numbers)
        self._show_notes()
        self._form.show_auto_n(result.n if result else None)
        self._form.show_seed_used(result.seed if result and result.settings.seed is None else None)

    @pyqtSlot()
    def _show_pins(self) -> None:
        self._traces.show_pins(
            {
                slot: (pinned.separation, f"Pinned as {slot}: {brief(pinned.settings, pinned.separation.n)}, as it is")
                for slot, pinned in self._session.pins.here.items()
            }
        )

    @pyqtSlot(int)
    def _show_outcome(self, index: int) -> None:
        outcome = self._session.outcome(index)
        if outcome is not None:
            self._cells.show_summary(index, summarise(outcome, outcome.settings.asks_like(self._session.settings)))

    def _show_outcomes(self) -> None:
        settings = self._session.settings
        self._cells.show_summaries(
            {
                index: summarise(outcome, outcome.settings.asks_like(settings))
                for index, outcome in self._session.outcomes()
            }
        )

    @pyqtSlot()
    def _show_highlight(self) -> None:
        component, signal = self._session.highlight.component, self._session.highlight.signal
        for view in (self._traces, self._mixing, self._numbers):
            view.show_highlight(component, signal)

    def _show_history(self) -> None:
        self._convergence.show_history(self._session.history, self._session.up_to_date)

    @pyqtSlot(object)
    def _show_iteration(self, iteration: int | None) -> None:
        """Show the traces and the matrix as they were after an iteration, or as they are (None)."""
        history, result, cell = self._session.history, self._session.result, self._session.cell
        past = history.at(iteration, result) if iteration is not None and history and result else None
        if past is None:
            self._traces.show_state(None)
            self._drawn = None
            self._show_traces()
        else:
            self._draw_traces(self._session.up_to_date)  # a state belongs to the result that is drawn
            self._traces.show_state(past.separated, past.matched, f"iteration {past.iterations:,}")
            self._mixing.show_result(cell, past, self._session.up_to_date)

    @pyqtSlot()
    def _show_draft(self) -> None:
        """Draw the draft, or the result again; a draft has no dF/F, and so is not drawn in place of it."""
        if self._session.delta_f.baseline is None:
            if self._session.draft is None:
                self._show_traces()
            else:
                self._traces.show_draft(self._session.cell, self._session.draft)
                self._behind = len(self._followers)
                # Just after one draft is painted, the next is furthest away; only the last is followed later.
                self._rest.start(0 if self._turn.hasExpired(TURN) else REST)

    @pyqtSlot()
    def _show_rest_of_draft(self) -> None:
        """Let one of the other views follow, in turn: all at once would be in the way of the next draft."""
        self._behind -= 1
        if self._session.draft is None:
            return
        self._turn.restart()
        self._followers.append(self._followers.pop(0))
        self._followers[-1]()
        if self._behind:
            self._rest.start(TURN)

    def _show_lanes(self) -> None:
        self._draw_traces(current=True)

    def _show_matrix(self) -> None:
        self._mixing.show_result(self._session.cell, self._session.draft)

    def _show_traces(self) -> None:
        cell, result = self._session.cell, self._drawn_now()
        # While the answer is on its way, what is drawn is about to be replaced: only the badge says so.
        current = self._session.up_to_date or self._controller.separating
        # While dF/F is on its way, what was drawn stays: another unit would only flash up.
        if not self._session.delta_f.pending:
            self._draw_traces(current)
        self._mixing.show_result(cell, result, current)

    def _drawn_now(self) -> Separation | None:
        return self._session.drawn if self._session.delta_f.baseline is None else self._session.result

    def _draw_traces(self, current: bool) -> None:
        cell, result, rate, made = self._session.cell, self._drawn_now(), self._frame_rate(), self._session.delta_f.made
        if self._axis != (cell, rate):
            if self._axis is None or self._axis[0] is not cell:
                self._drawn = self._drawn_result = None
            self._axis = (cell, rate)
            self._traces.show_cell(cell, rate)
        if made is None:
            self._traces.show_result(cell, result, current)
            self._traces.show_transformed(None)
        else:
            transformed = (made.raw.pyramid, made.matched.pyramid if made.matched is not None else None, UNIT)
            another = result is not self._drawn_result
            self._traces.show_result(cell, result, current, transformed)
            if not another and made is not self._drawn:
                self._traces.show_transformed(*transformed)
        self._drawn, self._drawn_result = made, result

    def _show_notes(self) -> None:
        result, made = self._session.result, self._session.delta_f.made
        relative = [f"{UNIT}: {warning}" for warning in made.warnings] if made is not None else []
        self._numbers.show_notes([*(result.warnings if result is not None else ()), *relative])

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None

    @pyqtSlot()
    def _show_what_stays(self) -> None:
        self._show_traces()
        self._show_history()

    @pyqtSlot(bool)
    def _on_batch_ended(self, whole: bool) -> None:
        self._cells.show_batch(0, None)
