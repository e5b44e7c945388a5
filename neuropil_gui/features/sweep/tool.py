"""Sweep: the selected cell separated over a range of settings, and a click that takes those of a tile."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.bi_cross_validation import HeldOut
from neuropil_gui.core.analysis.sweep import Tile, checked
from neuropil_gui.core.analysis.sweep_plans import SweepPlan, idle_axis, plan_of
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.live import is_draft_only, needs_draft
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.sweep import jobs
from neuropil_gui.features.sweep.held_out_part import HeldOutPart, HeldOutQuestion
from neuropil_gui.features.sweep.view import HELP, SweepView
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

NO_CELL = "Open a recording: the selected cell, separated at many settings, will be drawn here."
READING = "The signals of this cell are being read."


@dataclass(frozen=True, eq=False)
class SweepQuestion:
    """The cell and the plan of a sweep."""

    cell: Cell
    index: int
    plan: SweepPlan


class SweepTool(Tool):
    """Makes the tiles that the page in view shows, and pauses while the user's own separation is under way.

    Attributes
    ----------
    view : SweepView
    held_out : HeldOutPart
        Of the page on held-out blocks.
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = SweepView()
        super().__init__(session, engine, ToolPage("sweep", "Sweep", HELP, self.view), parent, "The sweep")
        self._asked: SweepQuestion | None = None
        self._stopped = False
        self._trouble = self._remarks = self._idle = ""
        self.held_out = HeldOutPart(self.view.held_out)
        self.view.held_out.value_chosen.connect(self._on_value_chosen)
        self.view.held_out.table_requested.connect(self._export_table)
        self.view.asked.connect(self.follow)
        self.view.settings_chosen.connect(self._on_chosen)
        self.view.cancel_requested.connect(self._on_cancel)
        self.view.go_on_requested.connect(self._on_go_on)
        for signal in (
            session.selection_changed,
            session.cell_changed,
            session.frame_rate_changed,
            session.settings_changed,
        ):
            signal.connect(self.follow)
        session.result_changed.connect(self._take_check)
        engine.work_changed.connect(self._work)

    @property
    def question(self) -> SweepQuestion | None:
        """The sweep that is shown, None where there is no cell."""
        return self._asked

    @property
    def busy(self) -> bool:
        """Whether tiles are being made, or will be once the user's own separation has ended."""
        return self.runner.busy or bool(
            not self._stopped and (self.held_out.left() if self.view.holds_out else self._left())
        )

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the page in view; None where nothing is separated yet."""
        if self.view.holds_out:
            return self.held_out.figure() if self._session.cell is not None else None
        asked, recording = self._asked, self._session.recording
        tiles = () if asked is None else tuple(self._session.sweeps.tiles(asked.index, asked.plan).values())
        if asked is None or recording is None or not tiles:
            return None
        plan, frames, rate = asked.plan, asked.cell.traces.shape[1], recording.frame_rate
        number = self.view.page.number.currentData()

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.sweep import plot_sweep

            return plot_sweep(plan, tiles, number=number, frames=frames, frame_rate=rate)

        return draw

    def _update(self) -> None:
        """Draw the tiles that are known, and make the rest."""
        session, cell = self._session, self._session.cell
        if cell is None:
            self._asked = None
            self.held_out.forget()
            self.runner.drop()
            self.view.show_nothing(NO_CELL if session.recording is None else READING)
            self.page.header.set_subtitle("")
            return
        name = f"{cell.name}, {len(cell.traces)} signals \N{MULTIPLICATION SIGN} {cell.traces.shape[1]:,} frames"
        self.page.header.set_subtitle(name)
        if self.view.holds_out:
            self._update_held_out(cell)
            return
        x, y, alphas, greatest = self.view.page.wanted()
        plan = plan_of(session.settings, len(cell.traces), x, y, alphas=alphas, greatest=greatest)
        before = self._asked
        if before is None or before.cell is not cell or before.plan != plan:
            self._asked = SweepQuestion(cell, session.index, plan)
            self.runner.drop()
            self._stopped, self._trouble = False, ""
            self._idle = idle_axis(plan)
            self._remarks = " ".join(plan.remarks)
            self._show()
        else:
            self._show_place()
        self._work()

    def _update_held_out(self, cell: Cell) -> None:
        """Show what is known of held-out blocks, and predict the rest."""
        was_shown, self._asked = self._asked is None, None
        is_new = self.held_out.follow(cell, self._session.settings)
        if is_new or not was_shown:
            self.runner.drop()
            self._stopped, self._trouble = False, ""
            self.view.show_held_out()
        self._work()

    def _show(self) -> None:
        asked, session = self._asked, self._session
        if asked is None:
            return
        truth = asked.cell.truth is not None and len(asked.cell.truth.sources) > 0
        self.view.show_sweep(asked.plan, session.sweeps.tiles(asked.index, asked.plan), truth)
        self._show_place()
        self._show_work()

    def _show_place(self) -> None:
        asked, session = self._asked, self._session
        if asked is not None and session.recording is not None:
            signals, frames = asked.cell.traces.shape
            self.view.strip.plot.show_time(frames, session.recording.frame_rate)
            self.view.show_present(session.settings, signals)

    def _show_work(self) -> None:
        if self.view.holds_out:
            done, total = self.held_out.done()
            self.view.show_note(self._trouble or self.held_out.refused or self.held_out.remarks)
            self.view.show_work(done, total, self.runner.busy, self._stopped and bool(self.held_out.left()))
            return
        if self._asked is None:
            return
        note = self._trouble or self._remarks
        if self._idle:
            note = f"{PARAMETERS[self._idle].ignored} Choose another setting to sweep, or the method NMF."
        self.view.show_note(note)
        total, left = self._asked.plan.columns * self._asked.plan.rows, len(self._left())
        self.view.show_work(total - left, total, self.runner.busy, self._stopped and left > 0)

    def _left(self) -> list[tuple[int, int]]:
        """Return the places (ix, iy) of the tiles that are to be made."""
        asked = self._asked
        if asked is None or self._idle:
            return []
        left = self._session.sweeps.left(asked.index, asked.plan)
        if is_draft_only(asked.cell):
            known = self._session.sweeps.tiles(asked.index, asked.plan)
            left = [place for place in left if place not in known]
        return left

    @pyqtSlot()
    def _work(self) -> None:
        """Make the tiles that are left, unless the user's own separation is under way."""
        asked, part = self._asked, self.held_out
        question = part.question if self.view.holds_out else asked
        if question is None or not self.visible or self._stopped:
            return
        if self._engine.separating:
            self.runner.drop()
        elif asked is None:
            if self.runner.question is not question and part.left():
                self.runner.submit(quietly(part.work()), question)
        elif self.runner.question is not asked and (left := self._left()):
            cell, known = asked.cell, self._session.sweeps.tiles(asked.index, asked.plan)
            drafts = []
            if needs_draft(cell, asked.plan.settings_at(*left[0])):
                drafts = [place for place in left if place not in known]
            work = jobs.sweep(cell, asked.plan, [] if is_draft_only(cell) else left, drafts)
            self.runner.submit(quietly(work), asked)
        self._show_work()

    @pyqtSlot()
    def _on_cancel(self) -> None:
        self._stopped = True
        self.runner.drop()
        self._show_work()

    @pyqtSlot()
    def _on_go_on(self) -> None:
        self._stopped, self._trouble = False, ""
        self._work()

    @pyqtSlot(object)
    def _on_chosen(self, settings: SeparationSettings) -> None:
        """Take the settings of a tile, but for the solver."""
        self._session.set_settings(replace(settings, solver=self._session.settings.solver))

    @pyqtSlot()
    def _take_check(self) -> None:
        """Mark the tile of the settings on screen as checked, once FISSA's own result is there."""
        asked, session = self._asked, self._session
        fissas = session.fissas
        if asked is None or asked.cell is not session.cell or fissas is None:
            return
        wanted = replace(fissas.separation.settings, solver="accelerated")
        known = session.sweeps.tiles(asked.index, asked.plan).values()
        found = [tile for tile in known if tile.unchecked and not tile.draft and tile.settings == wanted]
        if found:
            self._take_tiles(asked, [checked(tile, fissas.separation, fissas.numbers) for tile in found])

    @pyqtSlot(str, object)
    def _on_value_chosen(self, name: str, value: object) -> None:
        """Take a value of n or alpha that held-out blocks were predicted at."""
        taken: dict[str, Any] = {name: value}
        self._session.set_settings(replace(self._session.settings, **taken))

    @pyqtSlot()
    def _export_table(self) -> None:
        """Ask where to write the errors of held-out blocks."""
        rows, recording = self.held_out.table(), self._session.recording
        if not rows or recording is None:
            return
        source = Path(recording.source) if recording.source else Path(recording.name)
        suggestion = source.with_name(f"{source.stem}_cell_{self._session.index + 1}_held_out.csv")
        path = dialogs.ask_save(self.page, "Export table", str(suggestion), "Table (*.csv)")
        if path is not None:
            self._engine.export_table(path, tuple(rows[0]), rows)

    @pyqtSlot(object, object)
    def _on_reported(self, question: SweepQuestion | HeldOutQuestion, report: list[Tile] | HeldOut) -> None:
        if isinstance(question, SweepQuestion) and isinstance(report, list):
            self._take_tiles(question, report)
        elif question is self.held_out.question and isinstance(report, HeldOut):
            self.held_out.take(report)
            self._show_work()

    def _take_tiles(self, question: SweepQuestion, tiles: list[Tile]) -> None:
        self._session.sweeps.add(question.index, question.plan, tiles)
        if question is self._asked:
            self._show()

    @pyqtSlot(object, object)
    def _on_finished(self, question: SweepQuestion | HeldOutQuestion, answer: list[Tile] | None) -> None:
        if isinstance(question, SweepQuestion) and answer is not None:
            self._take_tiles(question, answer)
            self._take_check()
        self._show_work()

    @pyqtSlot(object, object)
    def _on_failed(self, question: SweepQuestion | HeldOutQuestion, error: DataError) -> None:
        self._stopped, self._trouble = True, str(error)
        self._show_work()
