"""Editing on the Field page: connects drawing, the form of regions and the session, and writes the ROIs."""

from pathlib import Path

from PyQt5.QtCore import QObject, Qt, pyqtSlot
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Report, Runner, ShouldStop, Work
from neuropil_gui.features.field import edit_words as words
from neuropil_gui.features.field.drawing import Drawing
from neuropil_gui.features.field.drawing_modes import FREEHAND, RESHAPE
from neuropil_gui.features.field.edit_bar import EditBar
from neuropil_gui.features.field.following import Following
from neuropil_gui.features.field.picture import FieldPicture
from neuropil_gui.features.field.region_form import RegionForm
from neuropil_gui.features.field.roi_changes import RoiChanges
from neuropil_gui.formats.paths import counted
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import Roi
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs


class Editing(QObject):
    """Lets the ROIs of a field of view be edited.

    Attributes
    ----------
    following : Following
    drawing : Drawing
    writer : Runner
        Writes the ROIs.
    """

    def __init__(
        self, session: Session, page: QWidget, picture: FieldPicture, bar: EditBar, form: RegionForm, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._page, self._bar, self._form = session, page, bar, form
        self.following = Following(session, self)
        self.drawing = Drawing(session, picture, self.following, self)
        self.writer = Runner(self, "Writing the ROIs")
        self.writer.finished.connect(self._on_written)
        self.writer.failed.connect(self._on_not_written)
        bar.mode_chosen.connect(self.drawing.set_mode)
        bar.save_requested.connect(self.save)
        self.drawing.mode_changed.connect(bar.show_mode)
        self.drawing.said.connect(bar.say)
        self.following.read_changed.connect(self._on_read)
        form.tried.connect(self._try_regions)
        form.chosen.connect(self.changes.set_regions)
        for signal in (session.rois.begun, session.rois.changed, self.changes.given_up):
            signal.connect(self._show_settings)
        session.recording_changed.connect(self._on_recording)
        session.selection_changed.connect(self._on_selected)
        for key, slot in (("T", self._toggle_freehand), ("E", self._toggle_reshape)):
            shortcut = QShortcut(QKeySequence(key), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    @property
    def changes(self) -> RoiChanges:
        """What changes the ROIs."""
        return self.drawing.changes

    @property
    def busy(self) -> bool:
        """Whether a hand is followed, the movie is read for it, regions are made, or ROIs are written."""
        return self.following.busy or self.changes.grower.busy or self.writer.busy

    def offer(self, field: FieldOfView | None) -> None:
        """Offer to edit the ROIs of a field of view, or say why they cannot be edited."""
        if self._session.rois.all is not None:
            reason = ""
        elif field is None:
            reason = words.NOT_HERE["none"]
        else:
            reason = words.NOT_HERE["suite2p" if field.rois is None else "movie"]
        self._bar.show_why_not(reason)
        self._show_settings()

    def leave(self) -> None:
        """End the mode of drawing, because the page is hidden."""
        self.drawing.leave()
        self.following.rest()

    @pyqtSlot()
    def save(self) -> None:
        """Ask where to write the ROIs, and write them."""
        rois, recording = self._session.rois.all, self._session.recording
        if rois is None or recording is None:
            return
        path = dialogs.ask_save(self._page, "Save ROIs", suggested_path(recording), "ROIs of ImageJ (*.zip)")
        if path is not None:
            self.writer.submit(jobs.writing(path, recording, _write(path, rois.rois)), path)

    @pyqtSlot(object, object)
    def _on_written(self, path: Path, composites: list[str]) -> None:
        rois = self._session.rois.all
        text = f"Wrote {counted(len(rois) if rois is not None else 0, 'ROI')} to {path.name}."
        if composites:
            text += f" FISSA does not read those of several parts: {', '.join(composites[:5])}."
        self._bar.say(text, False)

    @pyqtSlot(object, object)
    def _on_not_written(self, path: object, error: DataError) -> None:
        self._bar.say(str(error), True)

    @pyqtSlot(object)
    def _try_regions(self, settings: RegionSettings) -> None:
        rois = self._session.rois.all
        if rois is not None:
            self.changes.supersede()
            self.following.try_roi(rois.rois[self._session.index], settings)

    @pyqtSlot()
    def _show_settings(self) -> None:
        rois = self._session.rois.all
        self._form.show_settings(rois.settings if rois is not None else None)

    @pyqtSlot()
    def _on_recording(self) -> None:
        self.leave()
        self.offer(None)

    @pyqtSlot()
    def _on_selected(self) -> None:
        if self.drawing.mode and self._session.rois.all is not None:
            self.following.prepare()

    @pyqtSlot(float)
    def _on_read(self, part: float) -> None:
        if self.drawing.mode:
            self._bar.say(words.READING.format(part) if part < 1 else "", False)

    @pyqtSlot()
    def _toggle_freehand(self) -> None:
        self.drawing.set_mode("" if self.drawing.mode == FREEHAND else FREEHAND)

    @pyqtSlot()
    def _toggle_reshape(self) -> None:
        self.drawing.set_mode("" if self.drawing.mode == RESHAPE else RESHAPE)


def suggested_path(recording: Recording) -> str:
    """Return where to write a recording's ROIs: beside it, and not in place of those that were read."""
    folder, stem = Path(dialogs.folder_beside(recording)), Path(recording.source or recording.name).stem
    places = (str(folder / f"{stem}_rois.zip"), str(folder / f"{stem}_rois_edited.zip"))
    return places[int(places[0] in recording.files)]


def _write(path: Path, rois: tuple[Roi, ...]) -> Work:
    def work(report: Report, should_stop: ShouldStop) -> list[str]:
        from neuropil_gui.formats.rois import write_rois

        return write_rois(path, rois)

    return work
