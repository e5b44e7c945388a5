"""Sweep: the selected cell separated over a range of settings, and a click that takes those of a tile."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import QWidget

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
from neuropil_gui.features.sweep.view import HELP, SweepView
from neuropil_gui.state.session import Session
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
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = SweepView()
        super().__init__(session, engine, ToolPage("sweep", "Sweep", HELP, self.view), parent, "The sweep")
        self._asked: SweepQuestion | None = None
        self._stopped = False
        self._trouble = self._remarks = self._idle = ""
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
        return self.runner.busy or bool(not self._stopped and self._left())

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the page in view; None where nothing is separated yet."""
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
            self.runner.drop()
            self.view.show_nothing(NO_CELL if session.recording is None else READING)
            self.page.header.set_subtitle("")
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
            name = f"{cell.name}, {len(cell.traces)} signals \N{MULTIPLICATION SIGN} {cell.traces.shape[1]:,} frames"
            self.page.header.set_subtitle(name)
            self._show()
        else:
            self._show_place()
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
        asked = self._asked
        if asked is None or not self.visible or self._stopped:
            return
        if self._engine.separating:
            self.runner.drop()
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
            self._on_reported(asked, [checked(tile, fissas.separation, fissas.numbers) for tile in found])

    @pyqtSlot(object, object)
    def _on_reported(self, question: SweepQuestion, tiles: list[Tile]) -> None:
        self._session.sweeps.add(question.index, question.plan, tiles)
        if question is self._asked:
            self._show()

    @pyqtSlot(object, object)
    def _on_finished(self, question: SweepQuestion, tiles: list[Tile]) -> None:
        self._on_reported(question, tiles)
        self._take_check()

    @pyqtSlot(object, object)
    def _on_failed(self, question: SweepQuestion, error: DataError) -> None:
        self._stopped, self._trouble = True, str(error)
        self._show_work()
