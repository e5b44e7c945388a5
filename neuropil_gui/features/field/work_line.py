"""Line below the picture: regions that are grown, pictures that are made, and how that ended."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.features.field import words
from neuropil_gui.features.field.roi_changes import RoiChanges
from neuropil_gui.features.field.view import FieldView


class WorkLine(QObject):
    """Tells of regions that are grown, and otherwise of pictures; its Cancel is that of what it tells of.

    Signals: `pictures_cancelled`.
    """

    pictures_cancelled = pyqtSignal()

    def __init__(self, changes: RoiChanges, view: FieldView, parent: QObject) -> None:
        super().__init__(parent)
        self._changes, self._view = changes, view
        self._made: float | None = None
        self._rest = ("", False)
        changes.grown.connect(self._on_grown)
        changes.growing_changed.connect(self._show)
        view.row.cancel_requested.connect(self._on_cancel)

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
        if self._made is not None:
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
        else:
            self.pictures_cancelled.emit()
