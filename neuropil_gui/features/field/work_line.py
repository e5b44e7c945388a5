"""Line below the picture: regions that are grown, traces that are read, pictures that are made, and how that ended."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.features.field import words
from neuropil_gui.features.field.roi_changes import RoiChanges
from neuropil_gui.features.field.view import FieldView
from neuropil_gui.state.rois import Rois


class WorkLine(QObject):
    """Tells of regions that are grown, then of traces of changed ROIs that are read, and otherwise of pictures.

    Cancel and Run are those of what it tells of.

    Signals: `pictures_cancelled`, `pictures_wanted`.
    """

    pictures_cancelled = pyqtSignal()
    pictures_wanted = pyqtSignal()

    def __init__(self, rois: Rois, changes: RoiChanges, view: FieldView, parent: QObject) -> None:
        super().__init__(parent)
        self._rois, self._changes, self._view = rois, changes, view
        self._made: float | None = None
        self._rest = ("", False)
        changes.grown.connect(self._on_grown)
        changes.growing_changed.connect(self._show)
        rois.reading_changed.connect(self._show)
        view.row.cancel_requested.connect(self._on_cancel)
        view.row.run_requested.connect(self._on_run)

    def show_pictures(self, part: float) -> None:
        """Show which part of the movie is read for pictures."""
        self._made = part
        self._show()

    def show_rest(self, text: str = "", can_run: bool = False) -> None:
        """Show how making pictures ended; an empty text shows the hint."""
        self._made, self._rest = None, (text, can_run)
        self._show()

    @pyqtSlot()
    def _show(self) -> None:
        if self._changes.grower.busy:
            return  # until it reports
        if self._rois.stopped:
            self._view.show_rest(words.TRACES_CANCELLED, True)
        elif self._rois.reading is not None:
            self._view.show_work(words.TRACES.format(self._rois.reading), self._rois.reading)
        elif self._made is not None:
            self._view.show_work(words.READING.format(self._made), self._made)
        else:
            self._view.show_rest(*self._rest)

    @pyqtSlot(object, object)
    def _on_grown(self, _: object, part: float) -> None:
        self._view.show_work(words.GROWING.format(part), part)

    @pyqtSlot()
    def _on_cancel(self) -> None:
        if self._changes.grower.busy:
            self._changes.stop_growing()
        elif self._rois.reading is not None:
            self._rois.stop_reading()
        else:
            self.pictures_cancelled.emit()

    @pyqtSlot()
    def _on_run(self) -> None:
        if self._rois.stopped:
            self._rois.go_on_reading()
        else:
            self.pictures_wanted.emit()
