"""Remedies for regions that are mostly another cell: the regions of all cells are made otherwise."""

from collections.abc import Sequence

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.recording import CellHeader
from neuropil_gui.features.field import words
from neuropil_gui.features.field.region_panel import RegionPanel
from neuropil_gui.features.field.roi_changes import RoiChanges
from neuropil_gui.features.field.words import Remedy
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.state.session import Session


class RegionRemedies(QObject):
    """Shows the facts of the selected cell's regions in a panel, and takes the remedies that are chosen there."""

    def __init__(
        self, session: Session, changes: RoiChanges, panel: RegionPanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._changes, self._panel = session, changes, panel
        changes.growing_changed.connect(self._on_growing)
        panel.remedy_chosen.connect(self._on_chosen)

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
        if self._session.rois.all is not None:
            self._changes.grow(remedy.settings, remedy.step)

    @pyqtSlot()
    def _on_growing(self) -> None:
        """Take no remedy while one is on its way."""
        self._panel.set_busy(self._changes.grower.busy)
