"""Changes of ROIs as steps that can be undone; what cannot be done says why."""

from collections.abc import Callable

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.field import edit_words as words
from neuropil_gui.features.field import jobs
from neuropil_gui.features.field.following import Following
from neuropil_gui.imaging import roi_edits
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi, Roi
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.state.session import Session

Place = tuple[float, float]
Make = Callable[[str, tuple[int, int]], Roi]
"""Makes a ROI of a name in a picture of a shape."""


class RoiChanges(QObject):
    """Changes the session's ROIs, one step each.

    Signals: `said` (sentence, whether it is a refusal), `growing_changed` (other regions are being made, or no more),
    `grown` (the question, and the part of the ROIs whose regions are made), `given_up` (the regions stay as they are).

    Attributes
    ----------
    grower : Runner
        Makes the regions of all ROIs, which takes a second for thousands of cells.
    """

    said = pyqtSignal(str, bool)
    growing_changed = pyqtSignal()
    grown = pyqtSignal(object, object)
    given_up = pyqtSignal()

    def __init__(self, session: Session, following: Following, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._following = session, following
        following.refused.connect(self.refuse)
        self.grower = Runner(self, "Making other regions")
        self.grower.reported.connect(self.grown)
        self.grower.finished.connect(self._on_grown)
        self.grower.failed.connect(self._on_not_grown)
        session.rois.changed.connect(self._on_changed)
        session.recording_changed.connect(self.supersede)

    @property
    def rois(self) -> RoiSet:
        """The ROIs as they are; there are some while a mode is on."""
        rois = self._session.rois.all
        assert rois is not None
        return rois

    @property
    def index(self) -> int:
        """Place of the selected ROI."""
        return self._session.index

    @property
    def selected(self) -> Roi:
        """The selected ROI."""
        return self.rois.rois[self.index]

    def draw(self, make: Make, add: bool = False, take_away: bool = False) -> None:
        """Add a ROI that was drawn, or its pixels to the selected one, or take them from that."""
        rois, roi, index = self.rois, self.selected, self.index

        def combined() -> RoiSet:
            stroke = make(roi.name, rois.shape)
            return rois.changed(index, roi_edits.combined(roi, stroke, take_away, rois.shape))

        name = rois.next_name()
        if add or take_away:
            self._change(combined, words.RESHAPE_STEP.format(roi.name))
        else:
            self._change(lambda: rois.added(make(name, rois.shape)), words.DRAW_STEP.format(name))

    def put(self, roi: Roi, step: str) -> None:
        """Give the selected ROI another shape."""
        rois, index = self.rois, self.index
        if not self._change(lambda: rois.changed(index, roi), step.format(roi.name)):
            self.take_back()

    def take_back(self) -> None:
        """Show the selected cell as its ROI is, after another shape was tried."""
        self._following.end()
        self._session.rois.restore(self._session.rois.all)

    def split(self, index: int, start: Place, end: Place) -> None:
        """Split a ROI by a line."""
        rois = self.rois
        self._change(lambda: rois.split(index, start, end), words.SPLIT_STEP.format(rois.rois[index].name))

    def merge(self, start: Place, end: Place) -> None:
        """Merge the ROIs that a box touches."""
        rois = self.rois
        found = rois.in_box(start, end)
        names = ", ".join(rois.rois[index].name for index in found[:3]) + (" …" if len(found) > 3 else "")
        self._change(lambda: rois.merged(found), words.MERGE_STEP.format(names))

    def delete(self, indices: list[int], refusal: str) -> None:
        """Delete ROIs, or say why there are none."""
        if not indices:
            self.refuse(refusal)
            return
        rois = self.rois
        one = rois.rois[indices[0]].name if len(indices) == 1 else f"{len(indices)} ROIs"
        self._change(lambda: rois.removed(indices), words.DELETE_STEP.format(one))

    def nudge(self, x: int, y: int, stretch: bool) -> None:
        """Move the selected ROI by pixels, or stretch it, if it is an ellipse."""
        roi, shape = self.selected, self.rois.shape
        if not stretch:
            self.put(roi_edits.moved(roi, x, y), words.MOVE_STEP)
        elif isinstance(roi, EllipseRoi):
            # The right and the lower end move, as ImageJ's do.
            handle = 0 if x else 1
            end = roi_edits.handles(roi, shape)[handle]
            self.put(roi_edits.reshaped(roi, handle, (end[0] + x, end[1] + y), shape), words.RESHAPE_STEP)

    def add_corner(self, place: Place) -> None:
        """Give the selected ROI one more corner."""
        if isinstance(self.selected, EllipseRoi):
            self.refuse(words.NO_CORNERS)
        else:
            self.put(roi_edits.with_corner(self.selected, place, self.rois.shape), words.RESHAPE_STEP)

    def take_corner(self, handle: int | None) -> None:
        """Take a corner of the selected ROI away."""
        rois, index, roi = self.rois, self.index, self.selected
        if isinstance(roi, EllipseRoi):
            self.refuse(words.NO_CORNERS)
        elif handle is None:
            self.refuse(words.NO_CORNER_HERE)
        else:
            number = handle
            self._change(
                lambda: rois.changed(index, roi_edits.without_corner(roi, number, rois.shape)),
                words.RESHAPE_STEP.format(roi.name),
            )

    @pyqtSlot(object)
    def set_regions(self, settings: RegionSettings) -> None:
        """Make the regions of all ROIs otherwise, as a step that says which settings are others."""
        self.grow(settings, words.regions_step(self.rois.settings, settings) if settings != self.rois.settings else "")

    def grow(self, settings: RegionSettings, text: str) -> None:
        """Make the regions of all ROIs otherwise, in a thread; any other change that comes first supersedes that."""
        rois = self.rois
        if settings == rois.settings:
            self.stop_growing()
        else:
            self.grower.submit(jobs.change_regions(rois, settings), (rois, text))
            self.growing_changed.emit()

    @pyqtSlot()
    def stop_growing(self) -> None:
        """Leave the regions as they are."""
        self.supersede()
        self.take_back()
        self.given_up.emit()

    @pyqtSlot(object, object)
    def _on_grown(self, question: tuple[RoiSet, str], rois: RoiSet) -> None:
        before, text = question
        if before is self._session.rois.all:
            self._put(rois, text)
        self.growing_changed.emit()

    @pyqtSlot(object, object)
    def _on_not_grown(self, _: object, error: DataError) -> None:
        self.stop_growing()
        self.refuse(str(error))

    def _change(self, make: Callable[[], RoiSet], text: str) -> bool:
        """Put other ROIs in place; say why where that cannot be done."""
        try:
            rois = make()
        except DataError as error:
            self.refuse(str(error))
            return False
        self._put(rois, text)
        return True

    def _put(self, rois: RoiSet, text: str) -> None:
        """Put other ROIs in place."""
        self._following.end()
        self._session.rois.change(rois, text)
        self._following.prepare()
        self.said.emit(words.done(text), False)

    @pyqtSlot()
    def _on_changed(self) -> None:
        """Say nothing of the last step, which undo may have taken back, and grow no regions of ROIs of before."""
        self.said.emit("", False)
        self.supersede()

    @pyqtSlot()
    def supersede(self) -> None:
        """Make no other regions for now, because something else is to come."""
        if self.grower.busy:
            self.grower.drop()
            self.growing_changed.emit()

    @pyqtSlot(str)
    def refuse(self, sentence: str) -> None:
        """Say why something cannot be done."""
        self.said.emit(sentence, True)
