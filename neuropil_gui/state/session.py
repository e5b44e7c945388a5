"""Session: what is open, selected, set and known, with a signal for each change."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import CellDeltaF
from neuropil_gui.core.history import RunHistory
from neuropil_gui.core.recording import Cell, Cells, CellsInMemory, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.state.cell_places import CellPlaces
from neuropil_gui.state.delta_f import DeltaFQuestion, DeltaFStatus
from neuropil_gui.state.hidden_truth import without_truth
from neuropil_gui.state.highlight import Highlight
from neuropil_gui.state.marks import Marks
from neuropil_gui.state.own_settings import OwnSettings
from neuropil_gui.state.pins import Pins
from neuropil_gui.state.results import Outcome, Result, Stored
from neuropil_gui.state.rois import Rois
from neuropil_gui.state.runs import Runs
from neuropil_gui.state.session_facts import SessionFacts
from neuropil_gui.state.set_aside import SetAside
from neuropil_gui.state.sweeps import Sweeps


class Session(SessionFacts):
    """The one mutable object, which the window shows.

    Signals: `recording_left` (another one takes its place now, and all is as it was yet), `recording_changed`,
    `cell_replaced` (by another version of it, before `cell_changed`), `signals_replaced` (of the selected cell, before
    `cell_changed`), `cells_leave` (the `CellPlaces` that they get, and all is as it was yet), `cells_changed`,
    `selection_changed` (another cell was chosen), `cell_changed` (its signals are at hand), `frame_rate_changed`,
    `settings_changed`, `live_changed`, `result_changed`, `draft_changed`, `iteration_changed`,
    `baseline_changed` (dF/F was switched, or is wanted otherwise), `delta_f_changed` (it is at hand, or refused);
    `outcome_changed` (the index of a cell of which something new is known), `outcomes_changed` (the indices of many).

    Attributes
    ----------
    highlight : Highlight
        What is highlighted in all views.
    pins : Pins
        Results kept to be compared with.
    runs : Runs
        The log of what was shown.
    marks : Marks
        The user's verdicts and notes on cells.
    own : OwnSettings
        The settings of each cell, of which `settings` are the selected one's.
    sweeps : Sweeps
        The tiles at hand of cells separated over a grid of settings.
    results : Results
        The results at hand, of whichever cell.
    solver_check : SolverCheck
        How the two solvers' results agree.
    rois : Rois
        The ROIs, where they are known and can be edited.
    delta_f : DeltaFStatus
        How dF/F is wanted, and the answer; `set_baseline` and `store_delta_f` change it.
    """

    recording_left = pyqtSignal()
    recording_changed = pyqtSignal()
    cell_replaced = pyqtSignal()
    signals_replaced = pyqtSignal()
    cells_leave = pyqtSignal(object)
    cells_changed = pyqtSignal()
    selection_changed = pyqtSignal()
    cell_changed = pyqtSignal()
    frame_rate_changed = pyqtSignal()
    settings_changed = pyqtSignal()
    live_changed = pyqtSignal()
    result_changed = pyqtSignal()
    draft_changed = pyqtSignal()
    iteration_changed = pyqtSignal()
    outcome_changed = pyqtSignal(int)
    outcomes_changed = pyqtSignal(object)
    baseline_changed = pyqtSignal()
    delta_f_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self.highlight = Highlight(self)
        self.pins = Pins(self)
        self.pins.chosen.connect(self.show_again)
        self.runs = Runs(clock, self)
        self.marks = Marks(self)
        self.sweeps = Sweeps()
        self.teaching.truth_changed.connect(self._follow_truth)
        self.delta_f = DeltaFStatus()
        self.own = OwnSettings(self)
        self.rois, self._aside = Rois(self), SetAside()

    @pyqtSlot(object)
    def look_back(self, iteration: int | None) -> None:
        """Show an earlier iteration of the run of `result`; None shows the result itself."""
        self._looked_back = (iteration, self.result) if iteration is not None else None
        self.iteration_changed.emit()

    def set_recording(self, recording: Recording | None, simulation: Simulation | None = None) -> None:
        """Put another recording, of a `simulation` or of a file, in place of the open one; None opens none.

        Its first cell is selected.
        """
        if self._recording is not None:
            self.recording_left.emit()
        self.own.clear()
        self.highlight.clear()
        self._forget_results()
        self._whole = None
        self._recording = self._given(recording) if recording is not None else None
        self._index, self._cell, self._latest = 0, None, None
        self._hand_over()
        self.teaching.set_simulation(simulation)
        self.runs.clear()
        self.pins.clear()
        self.marks.restore({})
        self.spikes.restore({})
        self.recording_changed.emit()
        self.selection_changed.emit()
        self.cell_changed.emit()
        self._emit_result()

    def replace_cell(self, recording: Recording, result: Result | None = None) -> None:
        """Put another version of the open recording, with its first cell's result, in place; choices of the user stay.

        The result is not logged, because the next step of a slider replaces it; FISSA's own, made at rest, is.
        """
        self._forget_results()
        self._recording, self._index = self._given(recording), 0
        self._cell = self._recording.cells[0]
        self._latest = self._keep(0, result) if result is not None else None
        self._hand_over()
        self.cell_replaced.emit()
        self.cell_changed.emit()
        self.result_changed.emit()

    def change_signals(
        self, cells: Cells, index: int, cell: Cell, result: Result | None, draft: Separation | None
    ) -> None:
        """Show other signals of a cell; neither result nor draft is kept, and `change_cells` ends that."""
        self._aside.take(index, self.results, self._outcomes)
        self._take_cells(cells)
        self._index, self._cell, self._latest, self._draft, self._looked_back = index, cell, result, draft, None
        self._hand_over()
        self.signals_replaced.emit()
        self.cell_changed.emit()
        (self.result_changed if draft is None else self.draft_changed).emit()

    def change_cells(self, cells: Cells, places: CellPlaces, index: int, cell: Cell | None) -> None:
        """Put other cells of the open recording in place, and select the one at `index`.

        What is known of cells whose signals are the same goes with them to their places, as do the user's choices for
        all that are not gone. `cell` is the selected one where it is at hand.
        """
        self.cells_leave.emit(places)
        stays = cell is not None and cell is self._cell and index == self._index
        self._aside.end(places.same, stays, self.results, self._outcomes)
        same, new = places.of_same, places.new
        self.results.move(same)
        self._outcomes.move(same)
        self.sweeps.clear()
        self._take_cells(cells)
        self._index = index
        if not stays:
            self._cell = self._latest = self._draft = self._looked_back = None
        self._hand_over()
        for choices in (self.own, self.marks, self.pins, self.spikes):
            choices.move(new)
        self.runs.move(new, places.gone)
        self.cells_changed.emit()
        if not stays:
            self.selection_changed.emit()
        elif self._latest is not None:
            self._show(self._keep(index, self._latest))
        else:
            self.cell_changed.emit()

    def _take_cells(self, cells: Cells) -> None:
        assert self._recording is not None
        self._recording = self._given(self.rois.described(replace(self._recording, cells=cells)))

    def _given(self, recording: Recording) -> Recording:
        """Return a recording as everything gets it: without its truth while that is hidden."""
        self._whole = recording.cells
        return without_truth(recording) if self.teaching.truth_hidden else recording

    @pyqtSlot()
    def _follow_truth(self) -> None:
        """Take the truth away from everything, or let the cell be read again with it; results stay."""
        hidden, self._draft = self.teaching.truth_hidden, None
        self.results.hide_truth(hidden)
        self.sweeps.clear()
        if self._recording is None or self._whole is None:
            return
        self._recording = self._given(replace(self._recording, cells=self._whole))
        if not hidden:
            self.selection_changed.emit()
        elif self._cell is not None:
            self._cell = replace(self._cell, truth=None)
            self._latest = self._keep(self._index, self._latest) if self._latest is not None else None
            self._hand_over()
            self.cell_replaced.emit()
            self.cell_changed.emit()
            self.result_changed.emit()
        for index in self._outcomes:
            self.outcome_changed.emit(index)

    def select(self, index: int) -> None:
        """Select the cell at `index`, from 0, unless an exercise is about the one that is."""
        if self._recording is None or index == self._index or not 0 <= index < len(self._recording.cells):
            return
        if not self.teaching.allows_selection():
            return
        self._index, self._cell, self._latest, self._draft = index, None, None, None
        self._hand_over()
        self.selection_changed.emit()

    def step(self, by: int) -> None:
        """Select the cell that many places further on, or before where it is negative."""
        self.select(self._index + by)

    def set_cell(self, cell: Cell) -> None:
        """Take the selected cell, whose signals are read."""
        self._cell = cell
        # Before the cell is announced, so that nothing is separated twice.
        self._latest = self._judged(self.results.best(self._index, self._settings) or self.results.newest(self._index))
        self._hand_over()
        self.cell_changed.emit()
        self._emit_result()
        self._note_outcome()

    def clear_cell(self) -> None:
        """Show no signals rather than another cell's, because the selected ones could not be read."""
        self._cell = self._latest = self._draft = None
        self._hand_over()
        self.cell_changed.emit()
        self._emit_result()

    def set_frame_rate(self, frame_rate: float | None) -> None:
        """Set the frame rate in Hz, None where it is not known."""
        if self._recording is None or frame_rate == self._recording.frame_rate:
            return
        self._recording = self._recording.with_frame_rate(frame_rate)
        self._hand_over()
        self.frame_rate_changed.emit()

    def set_settings(self, settings: SeparationSettings, known: Result | None = None) -> None:
        """Change the settings, unless an exercise locks that; a result of just these comes back at once.

        It does so where it is `known`, or at hand.
        """
        if (settings == self._settings and known is None) or not self.teaching.allows(self._settings, settings):
            return
        self._settings = settings
        if known is None and self._cell is not None and settings.seed is not None:
            known = self.results.best(self._index, settings)
        if known is not None:
            # Before the settings are announced, so that nothing is separated twice.
            self._latest, self._draft = self._judged(known), None
        self._hand_over()
        self.settings_changed.emit()
        if known is not None:
            self._emit_result()
            self._note_outcome()

    @pyqtSlot(object)
    def show_again(self, result: Result) -> None:
        """Show a result of the selected cell that was made before, and its settings in place of those that stand."""
        if self.allows_again(result):
            settings = replace(result.separation.settings, solver=self._settings.solver)
            self.set_settings(settings, self._keep(self._index, result))

    def allows_again(self, result: Result) -> bool:
        """Return whether `show_again` may set a result's settings, or say that an exercise locks one of them."""
        settings = replace(result.separation.settings, solver=self._settings.solver)
        return self.teaching.allows(self._settings, settings)

    def restore(self, outcomes: Mapping[int, Outcome], stored: Stored | None) -> None:
        """Take what is known of the cells from before; the results themselves are read when they are asked for."""
        self.results.stored = stored
        self._outcomes |= outcomes
        self.outcomes_changed.emit(list(outcomes))

    def take_back(self, outcomes: Mapping[int, Outcome]) -> None:
        """Take outcomes of an earlier state of the recording as current, because their signals are the same."""
        known = {index: self._outcomes.get(index) for index in outcomes}
        taken = {index: outcomes[index] for index, each in known.items() if each is None or each.earlier}
        self._outcomes |= taken
        self.outcomes_changed.emit(list(taken))
        found = self.results.best(self._index, self._settings) if self._cell is not None else None
        if found is not None and not self.answered:
            self._show(found)

    def set_live(self, live: bool) -> None:
        """Separate each change at once, or only on Run."""
        if live != self._live:
            self._live = live
            self.live_changed.emit()

    def set_baseline(self, baseline: BaselineSettings | None) -> None:
        """Have dF/F made by this baseline, or not at all (None)."""
        if self.delta_f.want(baseline):
            self.baseline_changed.emit()

    def store_delta_f(self, question: DeltaFQuestion, made: CellDeltaF | None, refusal: str = "") -> None:
        """Take dF/F, or a sentence on why there is none; the answer to an earlier question is dropped."""
        if self.delta_f.store(question, made, refusal):
            self.delta_f_changed.emit()

    def store(self, separation: Separation, numbers: Mapping[str, float], history: RunHistory | None = None) -> None:
        """Take the newest result of the selected cell."""
        self._show(self._keep(self._index, self._result(separation, numbers, history, self._cell)))

    def store_other(
        self,
        index: int,
        separation: Separation,
        numbers: Mapping[str, float],
        history: RunHistory | None = None,
        cell: Cell | None = None,
    ) -> None:
        """Take a result of any cell; it is shown if it answers what is asked of the selected one better."""
        result = self._keep(index, self._result(separation, numbers, history, cell))
        asked = index == self._index and self._cell is not None and separation.settings.asks_like(self._settings)
        if asked and (separation.settings == self._settings or not self.answered):
            self._show(result)

    def show_draft(self, draft: Separation) -> None:
        """Draw a draft of the selected cell until there is a result, or the draft is dropped."""
        self._draft = draft
        self.draft_changed.emit()

    def drop_draft(self) -> None:
        """Draw the result again."""
        if self._draft is not None:
            self._draft = None
            self.draft_changed.emit()

    def show_rival(self) -> None:
        """Show what the other solver answered to the same settings."""
        if (rival := self.rival) is not None:
            self._show(rival)

    def store_failure(self, index: int, settings: SeparationSettings, sentence: str) -> None:
        """Remember why a cell could not be separated."""
        self._outcomes[index] = Outcome(settings, sentence)
        self.outcome_changed.emit(index)

    def _forget_results(self) -> None:
        for known in (self.results, self._outcomes, self.sweeps, self.delta_f):
            known.clear()
        self._draft = self._looked_back = None

    def _result(
        self, separation: Separation, numbers: Mapping[str, float], history: RunHistory | None, cell: Cell | None
    ) -> Result:
        """Return a result that holds its cell where the recording does not: an export then needs no file any more."""
        in_memory = self._recording is not None and isinstance(self._recording.cells, CellsInMemory)
        return Result(separation, numbers, history, None if in_memory else cell)

    def _keep(self, index: int, result: Result) -> Result:
        result = self.results.store(index, result)
        if self._outcomes.take(index, result):
            self.outcome_changed.emit(index)
        return result

    def _judged(self, result: Result | None) -> Result | None:
        """Return a result of the selected cell with all numbers: the truth may have been hidden when it was made."""
        cell = self._cell
        if result is None or cell is None or cell.truth is None or "r_truth" in result.numbers:
            return result
        return self.results.store(self._index, replace(result, numbers=numbers(cell, result.separation, SUMMARY)))

    def _note_outcome(self) -> None:
        """Take the outcome of the selected cell from what is shown, also where that comes from memory."""
        if self._latest is not None:
            self._outcomes.put(self._index, Outcome.of(self._latest))
            self.outcome_changed.emit(self._index)

    def _show(self, result: Result) -> None:
        self._latest, self._draft = result, None
        self._hand_over()
        self._emit_result()

    def _hand_over(self) -> None:
        """Hand the present to the children, before a change of it is announced."""
        present = self.present
        self.pins.follow(present)
        self.delta_f.follow(present)

    def _emit_result(self) -> None:
        """Log the result, then announce it: a listener finds it in the log."""
        self.runs.log(self.present)
        self.result_changed.emit()
