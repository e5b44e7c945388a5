"""Population: all cells at each value of one setting, and a click that takes a value for the recording."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QTimer, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.population import PopulationSweep, population_plan
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan, idle_axis, place_of
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.population import population_seconds
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.population import jobs, words
from neuropil_gui.features.population.view import HELP, PopulationView
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from neuropil_gui.figures.figure import ResultFigure

REST = 300
"""Milliseconds for which the settings have to stay the same before all cells are separated by them."""

LONG = 30.0
"""Seconds: what is expected to take longer waits for Run."""


@dataclass(frozen=True, eq=False)
class PopulationQuestion:
    """The recording and the plan that its cells are separated by."""

    recording: Recording
    plan: SweepPlan


class PopulationTool(Tool):
    """Fills what the page shows, in processes, and takes what is chosen in it.

    Attributes
    ----------
    view : PopulationView
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = PopulationView()
        page = ToolPage("population", "Population", HELP, self.view)
        super().__init__(session, engine, page, parent, "Separating all cells")
        self._asked: PopulationQuestion | None = None
        self._trouble = ""
        self._waits = self._allowed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST)
        self._timer.timeout.connect(self._work)
        view = self.view
        view.page_changed.connect(self.follow)
        view.setting.asked.connect(self.follow)
        view.setting.cell_chosen.connect(session.select)
        view.setting.value_chosen.connect(self._on_value)
        view.row.cancel_requested.connect(self._on_cancel)
        view.row.run_requested.connect(self._on_run)
        for signal in (session.recording_changed, session.cell_replaced, session.own.changed):
            signal.connect(self.follow)
        session.selection_changed.connect(self.follow)

    @property
    def found(self) -> PopulationSweep | None:
        """What is known of all cells at the values that are shown."""
        if self._asked is None:
            return None
        return self._session.sweeps.population(self._asked.plan, len(self._asked.recording.cells))

    @property
    def busy(self) -> bool:
        """Whether cells are being separated, or will be once the settings stay the same."""
        return self.runner.busy or self._timer.isActive()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the image and the counts; None where nothing is separated yet."""
        found, number = self.found, self.view.setting.number.currentData()
        if found is None or not (found.done & ~found.refused).any():
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.population import plot_population_sweep

            return plot_population_sweep(found, number=number)

        return draw

    def _update(self) -> None:
        """Draw what is known, and make the rest once the settings stay the same."""
        recording = self._session.recording
        sentence = words.cannot(recording)
        if recording is None or sentence:
            self._asked = None
            self._rest()
            self.runner.drop()
            self.view.setting.say(sentence)
            self.page.header.set_subtitle("")
            self.view.row.show_rest("")
            return
        name = self.view.setting.setting.currentData()
        headers = recording.cells.headers
        plan = population_plan(self._session.own.all.common, headers, name)
        before = self._asked
        if before is None or before.plan != plan or before.recording.cells is not recording.cells:
            self._asked = PopulationQuestion(recording, plan)
            self.runner.drop()
            self._waits = self._allowed = False
            self._trouble = PARAMETERS[name].ignored if idle_axis(plan) else ""
            count = len(headers)
            self.page.header.set_subtitle(f"{recording.name}, {count:,} cell{'' if count == 1 else 's'}")
            self._show()
        self._show_place()
        if not self.runner.busy and self._left():
            self._timer.start()
        self._show_work()

    def _rest(self) -> None:
        self._timer.stop()

    def _left(self) -> list[tuple[int, list[int]]]:
        """Return what is to be separated: places on the axis, each with cells; the selected one first."""
        found = self.found
        if found is None or self._trouble:
            return []
        first = self._session.index
        return [(ix, sorted(cells, key=lambda each: (each != first, each))) for ix, cells in found.left()]

    def _show(self) -> None:
        found, recording = self.found, self._session.recording
        if found is None or recording is None:
            return
        if found.complete and found.refused.all():
            self.view.setting.say(words.ALL_REFUSED.format(found.first_error))
            return
        self.view.setting.show_population(found, tuple(header.name for header in recording.cells.headers))

    @pyqtSlot()
    def _show_place(self) -> None:
        """Mark the recording's settings and the selected cell."""
        asked, session = self._asked, self._session
        if asked is not None and self.visible:
            signals = max(header.signals for header in asked.recording.cells.headers)
            place = place_of(asked.plan.x, session.own.all.common, signals)
            self.view.setting.show_present(None if place is None else place[0], session.index)

    def _show_work(self) -> None:
        found = self.found
        if found is None or not self.visible:
            return
        total, done = found.done.size, int(found.done.sum())
        if self.runner.busy or self._timer.isActive():
            self.view.row.show_work(f"{done:,} of {total:,} separations", done, total)
        elif self._waits:
            self.view.row.show_rest(self._trouble or f"{done:,} of {total:,} separations", done < total)
        else:
            self.view.row.show_rest(self._trouble)

    @pyqtSlot()
    def _work(self) -> None:
        """Separate what is left, if that takes not long or was asked for."""
        asked, left = self._asked, self._left()
        if asked is None or not self.visible or self.runner.busy or not left:
            return
        workers = max(self._engine.jobs, 1)
        seconds = population_seconds(asked.plan, asked.recording.cells.headers, left) / workers
        if seconds > LONG and not self._allowed:
            self._waits = True
            minutes = seconds / 60
            count = sum(len(cells) for _, cells in left)
            self._show_work()
            self.view.row.show_rest(
                f"{count:,} separations take about {minutes:,.0f} min on this machine: press Run to start."
                if minutes >= 1.5
                else f"{count:,} separations take about a minute on this machine: press Run to start.",
                True,
            )
            return
        self._waits = False
        self.runner.submit(jobs.sweep_cells(asked.recording, asked.plan, left, workers), asked)
        self._show_work()

    @pyqtSlot()
    def _on_cancel(self) -> None:
        self._timer.stop()
        self.runner.drop()
        self._waits = True
        self._show_work()

    @pyqtSlot()
    def _on_run(self) -> None:
        self._allowed, self._trouble = True, ""
        self._work()

    @pyqtSlot(int)
    def _on_value(self, ix: int) -> None:
        """Take a value of the setting for the recording; cells with settings of their own keep those."""
        if self._asked is not None:
            axis, known = self._asked.plan.x, self._session.own.all
            common = replace(known.common, **{axis.name: axis.values[ix]})
            self._session.own.restore(CellSettings(common, known.own))

    @pyqtSlot(object, object)
    def _on_reported(self, question: PopulationQuestion, tiles: list[Tile]) -> None:
        self._session.sweeps.population(question.plan, len(question.recording.cells)).add(tiles)
        if question is self._asked:
            self._show()
            self._show_work()

    @pyqtSlot(object, object)
    def _on_finished(self, question: PopulationQuestion, tiles: list[Tile]) -> None:
        self._on_reported(question, tiles)

    @pyqtSlot(object, object)
    def _on_failed(self, question: PopulationQuestion, error: DataError) -> None:
        self._trouble, self._waits = str(error), True
        self._show_work()
