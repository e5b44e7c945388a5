"""Population: all cells at many values of a setting, before and after, correlated with each other, and tested."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QTimer, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.population import words
from neuropil_gui.features.population.part import Part
from neuropil_gui.features.population.result_parts import BeforePart, CorrelationPart
from neuropil_gui.features.population.setting_part import SettingPart
from neuropil_gui.features.population.spike_ins_part import SpikeInsPart
from neuropil_gui.features.population.view import HELP, PopulationView
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

REST = 300
"""Milliseconds for which the settings have to stay the same before all cells are separated by them."""

LONG = 30.0
"""Seconds: what is expected to take longer waits for the button."""


class PopulationTool(Tool):
    """Makes what the page in view shows, and takes what is chosen in it.

    Attributes
    ----------
    view : PopulationView
    setting : SettingPart
        Of the page on one setting for all cells.
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = view = PopulationView()
        page = ToolPage("population", "Population", HELP, self.view)
        super().__init__(session, engine, page, parent, "The work on all cells")
        self.setting = SettingPart(session, engine, view.setting)
        self._parts: dict[str, Part[Any]] = {
            "setting": self.setting,
            "before": BeforePart(session, engine, view.before),
            "correlation": CorrelationPart(session, engine, view.correlation),
            "spike_in": SpikeInsPart(session, engine, view.spike_in),
        }
        self._recording: Recording | None = None
        self._waits = self._allowed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST)
        self._timer.timeout.connect(self._work)
        view.page_changed.connect(self._on_page)
        view.setting.asked.connect(self.follow)
        view.spike_in.asked.connect(self.follow)
        view.setting.value_chosen.connect(self.setting.choose)
        for each in (view.setting, view.before, view.correlation, view.spike_in):
            each.cell_chosen.connect(session.select)
            each.cell_hovered.connect(session.highlight.hover_cell)
            session.highlight.cell_changed.connect(each.show_hovered)
            each.table_requested.connect(self._export_table)
        engine.batch_progressed.connect(self._make_way)
        engine.batch_ended.connect(self.follow)
        view.row.cancel_requested.connect(self._on_cancel)
        view.row.run_requested.connect(self._on_run)
        for signal in (
            session.recording_changed, session.cell_replaced, session.selection_changed, session.frame_rate_changed,
            session.own.changed, session.sweeps.completed, session.cells_changed,
        ):  # fmt: skip
            signal.connect(self.follow)
        # Results of all cells come many a second.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REST)
        self._later.timeout.connect(self.follow)
        for signal in (session.outcome_changed, session.outcomes_changed, session.tests.changed):
            signal.connect(self._follow_later)

    @property
    def part(self) -> Part[Any]:
        """Of the page in view."""
        return self._parts[self.view.page]

    @property
    def busy(self) -> bool:
        """Whether cells are being separated or measured, or will be once the settings stay the same."""
        return self.runner.busy or self._timer.isActive() or self._later.isActive()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the page in view; None where there is nothing to draw."""
        return self.part.figure() if self._recording is not None else None

    def _update(self) -> None:
        """Draw what is known, and make the rest once the settings stay the same."""
        recording = self._session.recording
        sentence = words.cannot(recording)
        if recording is None or sentence:
            self._recording = None
            self._timer.stop()
            self.runner.drop()
            self.part.page.say(sentence)
            self.page.header.set_subtitle("")
            self.view.row.show_rest("")
            return
        self._recording = recording
        count = len(recording.cells)
        self.page.header.set_subtitle(f"{recording.name}, {count:,} cell{'' if count == 1 else 's'}")
        if self.part.follow(recording):
            self.runner.drop()
            self._waits = self._allowed = False
        if not self.runner.busy and not self._waits and not self._timer.isActive() and self.part.left():
            self._timer.start()
        self._show_work()

    @pyqtSlot()
    def _follow_later(self) -> None:
        """Show in a moment what has become known of cells, where the page in view depends on that."""
        if self.visible and self.part is not self.setting and not self._later.isActive():
            self._later.start()

    @pyqtSlot(int, int)
    def _make_way(self, done: int, total: int) -> None:
        """Leave the workers to *Separate all* as it begins; what is left follows after it."""
        if self.view.page in ("setting", "spike_in") and done == 0:
            self.runner.drop()
            self._show_work()

    def _rest(self) -> None:
        self._timer.stop()
        self._later.stop()
        self._session.highlight.hover_cell(None)

    @pyqtSlot()
    def _on_page(self) -> None:
        """Leave what was made for the page before."""
        self.runner.drop()
        self._timer.stop()
        self._waits = self._allowed = False
        self.follow()

    def _show_work(self) -> None:
        if not self.visible or self._recording is None:
            return
        if self.runner.busy or self._timer.isActive():
            self.view.row.show_work(*self.part.words())
        elif not self._waits or self.part.seconds() <= LONG or self._allowed:
            text, action = self.part.rest()
            self.view.row.show_rest(text, bool(action), action)

    @pyqtSlot()
    def _work(self) -> None:
        """Make what is left, if that takes not long or was asked for."""
        if self._recording is None or not self.visible or self.runner.busy:
            return
        if not self.part.left():
            self._show_work()
            return
        seconds = self.part.seconds()
        if seconds > LONG and not self._allowed:
            self._waits = True
            time = "a minute" if seconds < 90 else f"{seconds / 60:,.0f} min"
            text, *_ = self.part.words()
            text = f"{text}; the rest takes about {time} on this machine: press {words.GO_ON} to start."
            self.view.row.show_rest(text, True, words.GO_ON)
            return
        self._waits = False
        self.runner.submit(self.part.work(), self.part)
        self._show_work()

    @pyqtSlot()
    def _on_cancel(self) -> None:
        self._timer.stop()
        self.runner.drop()
        self._waits = self._allowed = True
        self._show_work()

    @pyqtSlot()
    def _on_run(self) -> None:
        self._waits, self._allowed = False, True
        self.part.run()
        self._work()

    @pyqtSlot()
    def _export_table(self) -> None:
        """Ask where to write what the page shows as a table."""
        table, recording = self.part.table(), self._recording
        if table is None or recording is None:
            return
        source = Path(recording.source) if recording.source else Path(recording.name)
        suggestion = source.with_name(f"{source.stem}{table.ending}.csv")
        path = dialogs.ask_save(self.page, "Export table", str(suggestion), "Table (*.csv)")
        if path is not None:
            self._engine.export_table(path, table.columns, table.rows)

    @pyqtSlot(object, object)
    def _on_reported(self, question: Part[Any], report: object) -> None:
        question.take(report)
        self._show_work()

    @pyqtSlot(object, object)
    def _on_finished(self, question: Part[Any], answer: object) -> None:
        question.take(answer)
        self.follow()

    @pyqtSlot(object, object)
    def _on_failed(self, question: Part[Any], error: DataError) -> None:
        question.trouble = str(error)
        self._show_work()
