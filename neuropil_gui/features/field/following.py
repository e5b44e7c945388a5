"""Following: traces and separation of the selected cell, made anew as a hand changes its ROI or its regions."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.field import edit_jobs
from neuropil_gui.features.field.edit_jobs import Followed, Others, Trial
from neuropil_gui.imaging.binned import BinnedMovie
from neuropil_gui.imaging.neighbourhood import Box, Neighbourhood, box_to_read
from neuropil_gui.imaging.regions import CellRegions, RegionSettings
from neuropil_gui.imaging.roi import Roi
from neuropil_gui.imaging.roi_cells import EditedMovie
from neuropil_gui.state.rois import Rois
from neuropil_gui.state.session import Session

BINS = "bins"
"""Question of the thread that reads the movie."""


class Following(QObject):
    """Shows in the session what the newest trial makes of the selected cell.

    A trial is not dropped for a newer one: while a hand moves each answer is drawn, and the next trial is where the
    hand is then. What of the movie is needed is read once: the neighbourhood of the selected ROI, and, where that is
    not the whole picture, bins of frames of all pixels, from which drafts come meanwhile.

    Signals: `followed` (Followed), `refused` (sentence), `read_changed` (part of the neighbourhood that is read; 1 when
    nothing is read any more).

    Attributes
    ----------
    runner : Runner
        Makes traces and separations.
    reader : Runner
        Reads the movie.
    """

    followed = pyqtSignal(object)
    refused = pyqtSignal(str)
    read_changed = pyqtSignal(float)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._others = Others()
        self._source: EditedMovie | None = None
        self._binned: BinnedMovie | None = None
        self._next: Trial | None = None
        self._last: tuple[Trial, Followed] | None = None
        self._stopped = False
        self.runner = Runner(self, "Following the ROI")
        self.reader = Runner(self, "Reading the movie around the ROI")
        self.runner.finished.connect(self._on_followed)
        self.runner.failed.connect(self._on_refused)
        self.reader.reported.connect(self._on_reported)
        self.reader.finished.connect(self._on_read)
        self.reader.failed.connect(self._on_not_read)

    @property
    def busy(self) -> bool:
        """Whether a trial is waiting for its answer, or something is read for the next ones."""
        return self.runner.busy or self.reader.busy

    @property
    def reading(self) -> bool:
        """Whether the movie is read around a ROI."""
        return isinstance(self.reader.question, Box)

    def prepare(self) -> None:
        """Read around the selected ROI what is not at hand."""
        cells = self._session.rois.cells
        if cells is None:
            self.rest()
            return
        if cells.source is not self._source:
            self._source, self._binned, self._stopped = cells.source, None, False
        self._read_around(cells.rois.regions[self._session.index])

    def try_roi(self, roi: Roi, settings: RegionSettings | None = None) -> None:
        """Follow a hand to another shape of the selected cell's ROI, or to another way to make its regions."""
        rois = self._session.rois.all
        if rois is None:
            return
        trial = Trial(rois, self._session.index, roi, settings or rois.settings)
        if self._source is None:
            self.prepare()
        if isinstance(self.runner.question, Trial):
            self._next = trial
        else:
            self._submit(trial)

    def end(self) -> None:
        """Follow no more; what is being read goes on."""
        self._next = self._last = None
        self.runner.drop()

    def rest(self) -> None:
        """Follow no more, and read nothing."""
        self.end()
        self.reader.drop()
        self.read_changed.emit(1.0)

    def _submit(self, trial: Trial) -> None:
        assert self._source is not None
        session = self._session
        settings = session.settings if session.live else None
        work = edit_jobs.follow(trial, self._source, self._others, self._binned, settings, session.drawn)
        self.runner.submit(work, trial)

    def _show(self, trial: Trial, followed: Followed) -> None:
        rois: Rois = self._session.rois
        if rois.all is not trial.rois or self._session.index != trial.index:
            return
        if followed.tried is not None:
            rois.show(trial.index, trial.roi, followed.tried)
        self.followed.emit(followed)

    @pyqtSlot(object, object)
    def _on_followed(self, question: Trial | Followed, answer: Followed) -> None:
        trial = question if isinstance(question, Trial) else self._last[0] if self._last is not None else None
        if trial is None:
            return
        self._last = trial, answer
        self._show(trial, answer)
        following, self._next = self._next, None
        if following is not None:
            self._submit(following)
        elif isinstance(question, Trial):
            self._read_around(answer.regions)
            if answer.tried is not None and answer.tried.draft is not None and self._last is not None:
                self.runner.submit(edit_jobs.finish(answer, self._session.settings), answer)

    @pyqtSlot(object, object)
    def _on_refused(self, question: Trial | Followed, error: DataError) -> None:
        following, self._next = self._next, None
        if following is not None:
            self._submit(following)
        else:
            self.refused.emit(str(error))

    def _read_around(self, regions: CellRegions) -> None:
        """Read the neighbourhood of a ROI, unless it is at hand, or on its way."""
        source = self._source
        if source is None or self._stopped or source.near.find(regions) is not None:
            self._read_bins()
            return
        try:
            box = box_to_read(regions, source.movie)
        except DataError as error:
            self._on_not_read(None, error)
            return
        asked = self.reader.question
        if box is None:
            self._read_bins()
        elif not (isinstance(asked, Box) and asked.holds(box)):
            self.reader.submit(edit_jobs.read_neighbourhood(source, box), box)
            self.read_changed.emit(0.0)

    def _read_bins(self) -> None:
        """Read the movie in bins of frames, where neighbourhoods do not hold the whole picture."""
        source = self._source
        if source is None or self._stopped or self._binned is not None or self.reader.busy or source.near.holds_all:
            return
        self.reader.submit(edit_jobs.read_binned(source), BINS)

    @pyqtSlot(object, object)
    def _on_reported(self, question: object, part: float) -> None:
        if isinstance(question, Box):
            self.read_changed.emit(part)

    @pyqtSlot(object, object)
    def _on_read(self, question: object, read: Neighbourhood | BinnedMovie) -> None:
        if isinstance(read, BinnedMovie):
            self._binned = read
        self.read_changed.emit(1.0)
        last = self._last
        if last is not None and not self.runner.busy and (last[1].tried is None or not last[1].tried.exact):
            self._submit(last[0])  # the hand rests where only a draft could be shown
        self._read_bins()

    @pyqtSlot(object, object)
    def _on_not_read(self, question: object, error: DataError) -> None:
        self._stopped = True
        self.read_changed.emit(1.0)
        self.refused.emit(str(error))
