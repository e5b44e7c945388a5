"""History: the log of runs as a table, from which a run is brought back, copied or written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.live import is_draft_only
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.history.table import HELP, RunTable
from neuropil_gui.state.runs import TABLE_COLUMNS, Run
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure


class HistoryTool(Tool):
    """Log of runs in a window; its thread has nothing to do.

    Attributes
    ----------
    view : RunTable
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = RunTable()
        super().__init__(session, engine, ToolPage("history", "History", HELP, self.view), parent)
        self._wanted: Run | None = None
        runs = session.runs
        runs.added.connect(self._on_added)
        runs.updated.connect(self._on_updated)
        runs.removed.connect(self._on_removed)
        runs.cleared.connect(self.follow)
        runs.present_changed.connect(self._show_present)
        session.cell_changed.connect(self._finish)
        self.view.run_chosen.connect(self._bring_back)
        self.view.copy_requested.connect(self._copy)
        self.view.export_requested.connect(self._export)
        self.view.summary_changed.connect(self._show_summary)

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the runs that are listed; None where there are none."""
        runs = [run.values() for run in self.view.listed()]
        if not runs:
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.runs import plot_runs

            return plot_runs(runs)

        return draw

    # The log

    @pyqtSlot()
    def _on_shown(self) -> None:
        super()._on_shown()
        self.view.go_to_present()

    def _update(self) -> None:
        self.view.model.set_runs(self._session.runs.all())
        self._show_present()

    @pyqtSlot(object)
    def _on_added(self, run: Run) -> None:
        if self.visible:
            self.view.model.add(run)

    @pyqtSlot(object)
    def _on_updated(self, run: Run) -> None:
        if self.visible:
            self.view.model.update_run(run)

    @pyqtSlot(int)
    def _on_removed(self, number: int) -> None:
        if self.visible:
            self.view.model.remove(number)

    @pyqtSlot()
    def _show_present(self) -> None:
        if self.visible:
            present = self._session.runs.present
            self.view.model.set_present(present.number if present is not None else None)

    @pyqtSlot(str)
    def _show_summary(self, text: str) -> None:
        self.page.header.set_subtitle(text)

    # Requests of the view

    @pyqtSlot(object)
    def _bring_back(self, run: Run) -> None:
        """Select the run's cell, and set its settings; the solver stays the window's to choose."""
        session = self._session
        # The cell first: the one before is not to be separated with these settings.
        session.select(run.index)
        if session.index != run.index:
            return  # an exercise is about another one
        self._wanted = run
        session.set_settings(replace(run.settings, solver=session.settings.solver))
        self._finish()

    @pyqtSlot()
    def _finish(self) -> None:
        """Show the wanted run's own result once its cell is there, or have it made again."""
        session, run = self._session, self._wanted
        if run is None or session.cell is None:
            return
        self._wanted = None
        if session.index != run.index or not session.settings.asks_like(run.settings):
            return  # the user has gone on
        if not session.answered:
            if not session.live or is_draft_only(session.cell):
                self._engine.run()
        elif session.result is not None and session.result.settings.solver != run.settings.solver:
            if session.agreement is not None:
                session.show_rival()
            elif run.settings.solver == session.settings.solver:
                self._engine.run()

    @pyqtSlot()
    def _copy(self) -> None:
        """Copy the selected runs as a table for a spreadsheet."""
        from neuropil_gui.formats.writing.plain_table import table_text

        clipboard, runs = QApplication.clipboard(), self.view.selected()
        if clipboard is not None and runs:
            clipboard.setText(table_text(TABLE_COLUMNS, (run.values() for run in runs), "\t"))
            self._show_summary(f"Copied: {len(runs):,} run{'s' * (len(runs) != 1)}")

    @pyqtSlot()
    def _export(self) -> None:
        """Ask where to write the runs that are listed."""
        recording, runs = self._session.recording, self.view.listed()
        if recording is None or not runs:
            return
        source = Path(recording.source) if recording.source else Path(recording.name)
        suggestion = source.with_name(f"{source.stem}_history.csv")
        path = dialogs.ask_save(self.page, "Export history", str(suggestion), "Table (*.csv)")
        if path is not None:
            self._engine.export_table(path, TABLE_COLUMNS, (run.values() for run in runs))
