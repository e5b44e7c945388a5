"""Export of the File menu: ask which cells and where to, then call the controller.

Formats are imported when they are asked for, so that the window is there sooner.
"""

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QAction, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs

FOLDER, COPY = "Export suite2p folder", "Export NWB copy"

LEVELS = {"the best matches as they are": False, "the best matches, lifted to the baseline of the raw ROI": True}
"""Choices of the user for a suite2p folder or an NWB copy: True lifts the best matches to the raw level."""


class ExportRequests(QObject):
    """Asks with a dialog, then calls the controller."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        preferences: Preferences,
        cells: CellList,
        keeper: Keeper | None,
    ) -> None:
        super().__init__(window)
        self._keeper = keeper
        self._window, self._session, self._controller = window, session, controller
        self._preferences, self._cells = preferences, cells

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Return what each action does."""
        return {
            "export": self._export,
            "export_all": self._export_all,
            "export_suite2p": self._export_suite2p,
            "export_nwb_copy": self._export_nwb_copy,
            "receipt": self._set_receipt,
            "report": self._report,
        }

    def follow(self, receipt: QAction) -> None:
        """Show in the action whether receipts are written."""
        receipt.setChecked(self._preferences.receipt)

    def _export(self, *_: object) -> None:
        """Ask where to write the selected cell's result."""
        path = self._ask_path("Export result", f"_cell{self._session.index + 1}_separated.npz")
        if path is not None:
            self._controller.export(path, self._preferences.receipt)

    def _export_all(self, *_: object) -> None:
        """Ask which cells, and where to write their results."""
        cells = self._ask_cells("Export all cells")
        if cells is not None and (path := self._ask_path("Export all cells", "_separated.npz")) is not None:
            self._controller.export_all(path, cells, self._preferences.receipt, self._project())

    def _export_suite2p(self, *_: object) -> None:
        """Ask which cells, at which level, and for the new folder."""

        def ask(source: Path) -> Path | None:
            return dialogs.ask_new_folder(self._window, FOLDER, str(source.with_name(f"{source.name}_separated")))

        self._export_copy(FOLDER, "What is F.npy to hold?", ask)

    def _export_nwb_copy(self, *_: object) -> None:
        """Ask which cells, at which level, and for the new file."""

        def ask(source: Path) -> Path | None:
            suggestion = str(source.with_name(f"{source.stem}_separated.nwb"))
            return dialogs.ask_save(self._window, COPY, suggestion, "NWB (*.nwb)")

        self._export_copy(COPY, "What is the new series to hold?", ask)

    def _export_copy(self, title: str, question: str, ask: Callable[[Path], Path | None]) -> None:
        cells, recording = self._ask_cells(title), self._session.recording
        if cells is None or recording is None or recording.source is None:
            return
        level = dialogs.ask_choice(self._window, title, question, list(LEVELS))
        path = ask(Path(recording.source)) if level is not None else None
        if level is not None and path is not None:
            self._controller.export_copy(path, cells, LEVELS[level], self._project())

    def _report(self, *_: object) -> None:
        """Ask where to write a report."""
        path = self._ask_path("Report", "_report.html", "HTML page (*.html)")
        if path is not None:
            self._controller.export_report(path, self._project())

    def _project(self) -> Path | None:
        """Return the project of the open recording."""
        return self._keeper.path if self._keeper is not None else None

    def _set_receipt(self, wanted: bool) -> None:
        """Write receipts from now on, or none."""
        self._preferences.receipt = wanted

    def _ask_cells(self, title: str) -> list[int] | None:
        """Return the chosen cells: all of them where there is no choice, None where the user cancels."""
        recording = self._session.recording
        if recording is None:
            return None
        every = list(range(len(recording.cells)))
        selected, listed = self._cells.selected(), self._cells.listed()
        accepted = [index for index, mark in self._session.marks.all.items() if mark.verdict == "accepted"]
        choices = {f"all {len(every):,} cells": every}
        if listed:
            choices[f"those that the filter lists: {len(listed):,}"] = listed
        if accepted:
            choices[f"those that you accepted: {len(accepted):,}"] = sorted(accepted)
        if len(selected) > 1:
            choices[f"those selected in the table: {len(selected):,}"] = selected
        if len(choices) == 1:
            return every
        chosen = dialogs.ask_choice(self._window, title, "Which cells?", list(choices))
        return None if chosen is None else choices[chosen]

    def _ask_path(self, title: str, ending: str, filters: str = "") -> Path | None:
        from neuropil_gui.formats import registry

        recording = self._session.recording
        if recording is None:
            return None
        stem = Path(recording.source).stem if recording.source else recording.name
        folder = self._preferences.folder or dialogs.folder_beside(recording)
        suggestion = str(Path(folder) / (stem + ending))
        path = dialogs.ask_save(self._window, title, suggestion, filters or registry.save_filter())
        if path is not None:
            self._preferences.folder = str(path.parent)
        return path
