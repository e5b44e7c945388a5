"""Presenter: shows in the panels what the session holds.

Each slot draws in one view, so that an error in one view, which Qt hands to `sys.excepthook`, leaves the others drawn.
The plots and the numbers are not drawn while they are hidden: all of one is drawn as the session stands when it is
shown. The time axis follows at once, because other pages follow it.
"""

from collections.abc import Callable

from PyQt5.QtCore import QElapsedTimer, QObject, QTimer, pyqtSlot

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.cell_delta_f import CellDeltaF
from neuropil_gui.core.history import iteration_name
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.remarks import Remark, by_level
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.engine.background import Background
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.delta_f.dialog import NOTES
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.window.cell_list_presenter import CellListPresenter
from neuropil_gui.window.draws import draws, draws_when_shown
from neuropil_gui.window.postponed import Postponed
from neuropil_gui.window.spike_ticks import SpikeTicks

UNIT = "ΔF/F"

MEASURED = 2_000_000
"""Samples of a cell, up to which an earlier iteration is measured at once, within 50 ms."""

REST, TURN = 100, 50
"""Milliseconds after which all views follow the last of some drafts, and between two of them while drafts come."""


class Presenter(QObject):
    """Listens to the session and the controller, and draws in the views."""

    def __init__(
        self,
        *,
        session: Session,
        controller: Controller,
        background: Background,
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
        self._form, self._traces, self._mixing = form, traces, mixing
        self._convergence, self._numbers = convergence, numbers
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._show_rest_of_draft)
        self._turn = QElapsedTimer()
        self._turn.start()
        self._followers: list[Callable[[], None]] = [self._show_draft_lanes, self._show_draft_matrix]
        self._behind = 0
        self._axis: tuple[Cell | None, float | None] | None = None
        self._past: Separation | None = None
        self._drawn: CellDeltaF | None = None
        self._drawn_result: Separation | None = None
        self._postponed = {
            "traces": Postponed(traces, self._draw_all_traces, self),
            "mixing matrix": Postponed(mixing, self._draw_all_of_matrix, self),
            "numbers": Postponed(numbers, self._draw_all_numbers, self),
        }
        CellListPresenter(session, controller, background, cells, self)
        self._connect()
        traces.matched.subtraction_wanted.connect(background.subtract)
        background.subtraction_ready.connect(traces.matched.show_subtraction)
        SpikeTicks(session, traces, self)
        self._form.show_settings(session.settings)

    def _connect(self) -> None:
        session, controller = self._session, self._controller
        plots = self._show_time, self._show_traces, self._show_matrix
        for signal, slots in (
            (session.selection_changed, (self._show_alone,)),
            (session.cell_replaced, (self._show_replaced_time, self._show_replaced)),
            (session.signals_replaced, (self._show_replaced_time, self._show_replaced)),
            (session.cell_changed, (self._show_pins, *plots, self._show_limits)),
            (session.frame_rate_changed, plots),
            (session.teaching.refused, (self._show_settings,)),
            (session.settings_changed, (self._show_settings, self._grey_traces, self._grey_matrix)),
            (
                session.result_changed,
                (*plots, self._show_history, self._show_numbers, self._show_notes, self._show_choices),
            ),
            (session.draft_changed, (self._show_draft, self._follow_draft)),
            (session.highlight.changed, (self._light_traces, self._light_matrix, self._light_numbers)),
            (session.baseline_changed, (*plots, self._show_notes)),
            (session.delta_f_changed, (*plots, self._show_notes)),
            (session.pins.changed, (self._show_pins,)),
            (session.own.changed, (self._show_alone,)),
            (self._convergence.iteration_chosen, (session.look_back,)),
            (
                session.iteration_changed,
                (self._find_past, self._show_past_traces, self._show_past_matrix, self._show_past_numbers),
            ),
            (controller.separation_failed, (*plots, self._show_history)),
            (controller.cancelled, (*plots, self._show_history)),
        ):
            for slot in slots:
                signal.connect(slot)
        for view in (self._traces, self._mixing, self._numbers):
            view.component_hovered.connect(session.highlight.hover_component)
            view.component_clicked.connect(session.highlight.keep_component)
        for view in (self._traces, self._mixing):
            view.signal_hovered.connect(session.highlight.hover_signal)

    # Views that are hidden

    def puts_off(self, view: str) -> bool:
        """Return whether a view is hidden, and drawn when it is shown."""
        return view in self._postponed and self._postponed[view].put_off()

    def _draw_all_traces(self) -> None:
        self._find_past()
        self._show_pins()
        self._show_past_traces()
        self._light_traces()

    def _draw_all_of_matrix(self) -> None:
        self._find_past()
        self._show_past_matrix()
        self._light_matrix()

    def _draw_all_numbers(self) -> None:
        self._find_past()
        self._show_past_numbers()
        self._light_numbers()

    # The settings

    @draws("settings")
    def _show_settings(self) -> None:
        self._form.show_settings(self._session.settings)

    @draws("settings")
    def _show_alone(self) -> None:
        self._form.show_alone(self._session.index in self._session.own.all.own)

    @draws("settings")
    def _show_limits(self) -> None:
        cell = self._session.cell
        self._form.set_signal_count(len(cell.traces) if cell is not None else None)
        drawn = pyramid_of(cell.traces) if cell is not None else None
        least = float(drawn.limits[:, 0].min()) if drawn is not None and drawn.finite else None
        self._form.set_least_value(least)

    @draws("settings")
    def _show_choices(self) -> None:
        """Show the n and the seed that the separation chose."""
        result = self._session.result
        self._form.show_auto_n(result.n if result else None)
        self._form.show_seed_used(result.seed if result and result.settings.seed is None else None)

    # The traces

    @draws_when_shown("traces")
    def _show_pins(self) -> None:
        self._traces.show_pins(
            {
                slot: (pinned.separation, f"Pinned as {slot}: {brief(pinned.settings, pinned.separation.n)}, as it is")
                for slot, pinned in self._session.pins.here.items()
            }
        )

    @draws("traces")
    def _show_time(self) -> None:
        if not self._session.delta_f.pending:
            self._traces.show_time(self._session.cell, self._frame_rate())

    @draws_when_shown("traces")
    def _show_traces(self) -> None:
        # While dF/F is on its way, what was drawn stays: another unit would only flash up.
        if not self._session.delta_f.pending:
            self._draw_traces(self._is_current)

    @draws("traces")
    def _show_replaced_time(self) -> None:
        self._traces.show_time(self._session.cell, self._frame_rate(), replaces=True)

    @draws_when_shown("traces")
    def _show_replaced(self) -> None:
        self._axis = (self._session.cell, self._frame_rate())
        self._drawn = self._drawn_result = None
        self._traces.show_cell(*self._axis, replaces=True)

    @pyqtSlot()
    def _grey_traces(self) -> None:
        """Grey what other settings made, unless a draft is about to be followed."""
        if not self._rest.isActive():
            self._show_traces()

    @draws_when_shown("traces")
    def _show_draft(self) -> None:
        """Draw the draft, or the result again; a draft has no dF/F, and so is not drawn in place of it."""
        if self._session.delta_f.baseline is None:
            if self._session.draft is None:
                self._show_traces()
            else:
                self._traces.show_draft(self._session.cell, self._session.draft)

    @draws_when_shown("traces")
    def _show_draft_lanes(self) -> None:
        self._draw_traces(current=True)

    @draws_when_shown("traces")
    def _show_past_traces(self) -> None:
        if self._past is None:
            self._traces.show_state(None)
            self._drawn = None
            self._show_traces()
        else:
            self._draw_traces(self._session.up_to_date)  # a state belongs to the result that is drawn
            self._traces.show_state(self._past.separated, self._past.matched, iteration_name(self._past.iterations))

    @draws_when_shown("traces")
    def _light_traces(self) -> None:
        self._traces.show_highlight(self._session.highlight.component, self._session.highlight.signal)

    def _draw_traces(self, current: bool) -> None:
        cell, result, rate, made = self._session.cell, self._drawn_now(), self._frame_rate(), self._session.delta_f.made
        if self._axis != (cell, rate):
            if self._axis is None or self._axis[0] is not cell:
                self._drawn = self._drawn_result = None
            self._traces.show_cell(cell, rate)
            self._axis = (cell, rate)
        if made is None:
            self._traces.show_result(cell, result, current)
            self._traces.show_transformed(None)
        else:
            matched, less = (each.values if each is not None else None for each in (made.matched, made.subtraction))
            transformed = (made.raw.values, matched, UNIT, less)
            another = result is not self._drawn_result
            self._traces.show_result(cell, result, current, transformed)
            if not another and made is not self._drawn:
                self._traces.show_transformed(*transformed)
        self._drawn, self._drawn_result = made, result

    # The matrix, the convergence and the numbers

    @draws_when_shown("mixing matrix")
    def _show_matrix(self) -> None:
        self._mixing.show_result(self._session.cell, self._drawn_now(), self._is_current)

    @pyqtSlot()
    def _grey_matrix(self) -> None:
        if not self._rest.isActive():
            self._show_matrix()

    @draws_when_shown("mixing matrix")
    def _show_draft_matrix(self) -> None:
        self._mixing.show_result(self._session.cell, self._session.draft)

    @draws_when_shown("mixing matrix")
    def _show_past_matrix(self) -> None:
        if self._past is None:
            self._show_matrix()
        else:
            self._mixing.show_result(self._session.cell, self._past, self._session.up_to_date)

    @draws_when_shown("mixing matrix")
    def _light_matrix(self) -> None:
        self._mixing.show_highlight(self._session.highlight.component, self._session.highlight.signal)

    @draws("convergence plot")
    def _show_history(self) -> None:
        self._convergence.show_history(self._session.history, self._session.up_to_date)

    @draws_when_shown("numbers")
    def _show_numbers(self) -> None:
        self._numbers.show_numbers(self._session.numbers)

    @draws_when_shown("numbers")
    def _show_past_numbers(self) -> None:
        cell, past = self._session.cell, self._past
        if past is None or cell is None:
            self._show_numbers()
            self._show_notes()
        else:
            self._numbers.show_numbers(numbers(cell, past, SUMMARY) if cell.traces.size < MEASURED else {})
            self._numbers.show_notes(past.warnings)

    @draws_when_shown("numbers")
    def _show_notes(self) -> None:
        result, made, baseline = self._session.result, self._session.delta_f.made, self._session.delta_f.baseline
        relative = [Remark(f"{UNIT}: {warning}") for warning in made.warnings] if made is not None else []
        if made is not None and made.matched is not None and baseline is not None:
            relative.append(Remark(f"{UNIT}: {NOTES[baseline.divisor]}", "info"))
        self._numbers.show_notes(by_level((*(result.warnings if result is not None else ()), *relative)))

    @draws_when_shown("numbers")
    def _light_numbers(self) -> None:
        self._numbers.show_highlight(self._session.highlight.component, self._session.highlight.signal)

    # Drafts, and the iterations of a run

    @pyqtSlot()
    def _follow_draft(self) -> None:
        """Let the other views follow the draft soon, or show the result again."""
        if self._session.delta_f.baseline is None:
            if self._session.draft is None:
                self._show_matrix()
            else:
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
        try:
            self._followers[-1]()
        finally:
            if self._behind:
                self._rest.start(TURN)

    @pyqtSlot()
    def _find_past(self) -> None:
        """Find the separation as it was after the iteration on screen; None for the result."""
        history, result, iteration = self._session.history, self._session.result, self._session.iteration
        self._past = history.at(iteration, result) if iteration is not None and history and result else None

    @property
    def _is_current(self) -> bool:
        """Whether what is drawn is that of the settings; while the answer is on its way, only the badge says so."""
        return self._session.up_to_date or self._controller.separating

    def _drawn_now(self) -> Separation | None:
        return self._session.drawn if self._session.delta_f.baseline is None else self._session.result

    def _frame_rate(self) -> float | None:
        recording = self._session.recording
        return recording.frame_rate if recording is not None else None
