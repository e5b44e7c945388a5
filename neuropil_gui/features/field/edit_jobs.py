"""Jobs that follow a hand which changes a ROI: its traces, their separation, and what of the movie is read for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import prepare_cell, prepare_separation
from neuropil_gui.engine import jobs
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.features.field.outline_item import Outline
from neuropil_gui.imaging.binned import BinnedMovie
from neuropil_gui.imaging.neighbourhood import Box, Neighbourhood
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.regions import CellRegions, RegionSettings, count_rois, regions_of
from neuropil_gui.imaging.roi import Roi
from neuropil_gui.imaging.roi_cells import EditedMovie
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.state.results import Result
from neuropil_gui.state.rois import Tried


@dataclass(frozen=True, eq=False)
class Trial:
    """Another shape of a ROI, or another way to make its regions, that a hand has come to.

    Attributes
    ----------
    rois : RoiSet
        The others as they are.
    index : int
        Place of the ROI among them.
    roi : Roi
    settings : RegionSettings
    """

    rois: RoiSet
    index: int
    roi: Roi
    settings: RegionSettings


@dataclass(frozen=True, eq=False)
class Followed:
    """What came of a trial.

    Attributes
    ----------
    regions : CellRegions
    outlines : sequence of Outline
        Of the ROI and of its regions that have a pixel.
    tried : Tried or None
        None where no trace can be made yet.
    """

    regions: CellRegions
    outlines: Sequence[Outline]
    tried: Tried | None


class Others:
    """The pixels of the ROIs that stay, counted once for each ROI that is changed."""

    def __init__(self) -> None:
        self._known: tuple[RoiSet, int, NDArray[np.int32]] | None = None

    def of(self, trial: Trial) -> NDArray[np.int32]:
        """Return how many other ROIs each pixel belongs to; nothing where that does not matter."""
        rois, index = trial.rois, trial.index
        if not trial.settings.exclude_others:
            return np.zeros((0, 0), np.int32)
        known = self._known
        if known is None or known[0] is not rois or known[1] != index:
            others = [roi for place, roi in enumerate(rois.rois) if place != index]
            known = self._known = (rois, index, count_rois(others, rois.shape))
        return known[2]


def follow(
    trial: Trial,
    source: EditedMovie,
    others: Others,
    binned: BinnedMovie | None,
    settings: SeparationSettings | None,
    near: Separation | None,
) -> Work:
    """Make the traces of a trial, and a draft of their separation by `settings`; answers with a `Followed`."""

    def work(report: Report, should_stop: ShouldStop) -> Followed:
        regions = regions_of(trial.roi, trial.rois.shape, trial.settings, others.of(trial))
        columns = regions.shape[1]
        lines = [outlines(each // columns, each % columns) for each in regions.pixels if len(each)]
        known = source.near.find(regions)
        if known is not None:
            traces = known.traces(regions)
        elif binned is not None:
            traces = binned.traces(regions)
        else:
            return Followed(regions, lines, None)
        cell = prepare_cell(source.cell(regions, trial.rois.numbers[trial.index], traces))
        draft = None
        if settings is not None:
            jobs.load_solvers()
            usable = near if near is not None and near.mixing.shape[0] == len(cell.traces) else None
            try:
                draft = prepare_separation(separate_draft(cell, fast(settings), usable, should_stop=should_stop))
            except DataError:
                draft = None  # at rest it is asked again, and why is said
        exact = known is not None and known.exact
        return Followed(regions, lines, Tried(regions, cell, exact, draft))

    return work


def finish(followed: Followed, settings: SeparationSettings) -> Work:
    """Separate the cell of a trial at which the hand rests; answers with a `Followed`."""
    tried = followed.tried
    assert tried is not None

    def work(report: Report, should_stop: ShouldStop) -> Followed:
        separation, numbers, history = jobs.separated(tried.cell, fast(settings), report, should_stop)
        result = Result(separation, numbers, history)
        return Followed(
            followed.regions, followed.outlines, Tried(tried.regions, tried.cell, tried.exact, result=result)
        )

    return work


def read_neighbourhood(source: EditedMovie, box: Box) -> Work:
    """Read the movie in a part of the picture; reports the part that is done."""

    def work(report: Report, should_stop: ShouldStop) -> Neighbourhood:
        read = Neighbourhood.read(source.movie, box, report, should_stop)
        source.near.keep(read)
        return read

    return work


def read_binned(source: EditedMovie) -> Work:
    """Read the movie in bins of frames; reports the part that is done."""

    def work(report: Report, should_stop: ShouldStop) -> BinnedMovie:
        return BinnedMovie.read(source.movie, progress=report, should_stop=should_stop)

    return work
