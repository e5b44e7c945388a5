"""Presenter of the list of cells: shows in it what the session and the batch know of each cell."""

from PyQt5.QtCore import QObject

from neuropil_gui.core.settings_summary import difference
from neuropil_gui.engine.background import Background
from neuropil_gui.engine.controller import Controller
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.cells.cell_summary import summarise
from neuropil_gui.state.session import Session
from neuropil_gui.window.draws import draws


class CellListPresenter(QObject):
    """Listens to the session, the controller and the background, and draws in the list of cells."""

    def __init__(
        self, session: Session, controller: Controller, background: Background, cells: CellList, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._cells = session, cells
        for signal, slots in (
            (session.recording_changed, (self._show_recording,)),
            (session.selection_changed, (self._show_selection,)),
            (session.cell_replaced, (self._show_recording, self._show_selection)),
            (session.cells_changed, (self._show_recording, self._show_selection)),
            (session.frame_rate_changed, (self._show_frame_rate,)),
            (session.teaching.refused, (self._show_selection,)),
            (session.outcome_changed, (self._show_outcome,)),
            (session.outcomes_changed, (self._show_outcomes,)),
            (session.tests.changed, (self._show_outcomes,)),
            (session.marks.changed, (self._show_marks,)),
            (session.own.changed, (self._show_own, self._show_outcomes)),
            (controller.batch_ended, (self._on_batch_ended,)),
        ):
            for slot in slots:
                signal.connect(slot)
        cells.cell_hovered.connect(session.highlight.hover_cell)
        session.highlight.cell_changed.connect(cells.show_hovered)
        cells.thumbnails_wanted.connect(background.make_thumbnails)
        background.thumbnail_ready.connect(cells.show_thumbnail)
        cells.own_dropped.connect(lambda index: session.own.keep([index], False))
        cells.batch_requested.connect(controller.separate_all)
        cells.batch_cancel_requested.connect(controller.cancel_batch)
        controller.batch_progressed.connect(cells.show_batch)
        self._show_recording()

    @draws("list of cells")
    def _show_recording(self) -> None:
        self._cells.show_recording(self._session.recording)
        self._show_outcomes()  # brought back from a project
        self._cells.show_marks(self._session.marks.all)
        self._show_own()
        self._show_outcomes()

    @draws("list of cells")
    def _show_selection(self) -> None:
        self._cells.show_selection(self._session.index)

    @draws("list of cells")
    def _show_frame_rate(self) -> None:
        recording = self._session.recording
        self._cells.show_frame_rate(recording.frame_rate if recording is not None else None)

    @draws("list of cells", int)
    def _show_outcome(self, index: int) -> None:
        outcome = self._session.outcome(index)
        if outcome is not None:
            self._cells.show_summary(index, summarise(outcome, outcome.settings.asks_like(self._session.own.of(index))))

    @draws("list of cells")
    def _show_outcomes(self) -> None:
        settings = self._session.own
        self._cells.show_summaries(
            {
                index: summarise(outcome, outcome.settings.asks_like(settings.of(index)))
                for index, outcome in self._session.outcomes()
            }
        )

    @draws("list of cells")
    def _show_marks(self) -> None:
        self._cells.show_marks(self._session.marks.all)

    @draws("list of cells")
    def _show_own(self) -> None:
        settings = self._session.own.all
        self._cells.show_own(
            {index: difference(own, settings.common) or "the same" for index, own in settings.own.items()}
        )

    @draws("list of cells", bool)
    def _on_batch_ended(self, whole: bool) -> None:
        self._cells.show_batch(0, None)
