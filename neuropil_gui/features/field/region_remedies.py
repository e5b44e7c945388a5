"""Remedies for regions that are mostly another cell: the regions of all cells are made otherwise."""

from collections.abc import Sequence

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellHeader
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.field import jobs, words
from neuropil_gui.features.field.region_panel import RegionPanel
from neuropil_gui.features.field.words import Remedy
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.state.session import Session


class RegionRemedies(QObject):
    """Shows the facts of the selected cell's regions in a panel, and takes the remedies that are chosen there.

    Signals: `refused` (sentence).

    Attributes
    ----------
    runner : Runner
        Grows the regions, which takes a second for thousands of cells.
    """

    refused = pyqtSignal(str)

    def __init__(self, session: Session, panel: RegionPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._panel = session, panel
        self.runner = Runner(self, "Making other regions")
        self.runner.finished.connect(self._on_made)
        self.runner.failed.connect(self._on_failed)
        panel.remedy_chosen.connect(self._on_chosen)

    @property
    def busy(self) -> bool:
        """Whether regions are being made."""
        return self.runner.busy

    def show(self, field: FieldOfView, index: int, headers: Sequence[CellHeader]) -> None:
        """Show the facts of a cell, a warning, and what helps."""
        self._panel.shown = field, index
        if index not in field.cells:
            self._panel.show_facts(f"{headers[index].name} is not in this field of view", [], "", [])
            return
        facts, settings = field.facts(index), field.settings
        doubtful = any(each.doubtful for each in facts[1:]) and self._session.rois.all is not None
        remedies = words.remedies(settings) if doubtful and settings is not None else []
        title = f"<b>{words.escaped(headers[index].name)}</b>"
        self._panel.show_facts(title, facts, words.warning_of(facts, headers), remedies)

    @pyqtSlot(object)
    def _on_chosen(self, remedy: Remedy) -> None:
        rois = self._session.rois.all
        if rois is not None:
            self._panel.set_busy(True)
            self.runner.submit(jobs.change_regions(rois, remedy.settings), (rois, remedy))

    @pyqtSlot(object, object)
    def _on_made(self, question: tuple[RoiSet, Remedy], rois: RoiSet) -> None:
        self._panel.set_busy(False)
        before, remedy = question
        if before is self._session.rois.all:  # no other change came between
            self._session.rois.change(rois, remedy.step)

    @pyqtSlot(object, object)
    def _on_failed(self, _: object, error: DataError) -> None:
        self._panel.set_busy(False)
        self.refused.emit(str(error))
