"""Jobs of the Field page: the field of view, its pictures as they come, and single frames."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import CellsInMemory, Recording
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.features.field.outline_item import Outline
from neuropil_gui.formats.field_of_view import read_field
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.simulated_movie import truth_of_edited
from neuropil_gui.imaging.field_of_view import FieldCell, FieldOfView
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.pictures import Picture, moving_pictures
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.imaging.roi_set import RoiSet

REPORT_SECONDS = 0.4
"""Shortest time between two reports: making pictures of sums takes 30 ms at 512 x 512."""

QUIET_SECONDS = 0.1
"""Time in which regions are grown without a report, which would only flash up."""


@dataclass(frozen=True, eq=False)
class Found:
    """A field of view, the outlines of its cells by their index, and its cells as they can be edited, if they can."""

    field: FieldOfView
    outlines: Mapping[int, Outline]
    editable: RoiCells | None = None

    def with_rois(self, rois: RoiSet) -> "Found":
        """Return the same with other ROIs; outlines of those that stay are not made again."""
        known = {id(cell.roi): self.outlines[index] for index, cell in self.field.cells.items()}
        field = self.field.with_rois(rois)
        return Found(field, {k: known.get(id(each.roi)) or outline_of(each) for k, each in field.cells.items()})


@dataclass(frozen=True, eq=False)
class Made:
    """Pictures of the part of a movie that is read."""

    part: float
    pictures: Mapping[str, Picture]


def find_field(recording: Recording, index: int) -> Work:
    """Find the field of view of the plane of a cell; answers `Found`."""

    def work(report: Report, should_stop: ShouldStop) -> Found:
        with watched(should_stop=should_stop):
            field = read_field(recording, index)
        found = {}
        for cell, each in field.cells.items():
            if should_stop():
                raise Cancelled
            found[cell] = outline_of(each)
        field.labels, field.greatest_shares  # noqa: B018 -- made here, where nobody waits for it
        return Found(field, found, _editable(recording, field))

    return work


def outline_of(cell: FieldCell) -> Outline:
    """Return the outline of the pixels of a cell's ROI."""
    pixels, columns = cell.regions.pixels[0], cell.regions.shape[1]
    return outlines(pixels // columns, pixels % columns)


def _editable(recording: Recording, field: FieldOfView) -> RoiCells | None:
    """Return the cells of a movie as cells of ROIs that can be changed."""
    movie = field.movie
    if field.rois is None or movie is None or isinstance(recording.cells, RoiCells):
        return None
    cells = recording.cells
    known = {index: cells[index] for index in range(len(cells))} if isinstance(cells, CellsInMemory) else {}
    source = EditedMovie(lambda: movie, movie.shape, movie.trial_starts, truth_of_edited(known.values()))
    return RoiCells(source, field.rois, known)


def change_regions(rois: RoiSet, settings: RegionSettings) -> Work:
    """Grow the regions of all ROIs otherwise; reports the part that is done, and answers a `RoiSet`."""

    def work(report: Report, should_stop: ShouldStop) -> RoiSet:
        began = time.monotonic()

        def tell(part: float) -> None:
            if time.monotonic() - began > QUIET_SECONDS:
                report(part)

        return rois.with_settings(settings, tell, should_stop)

    return work


class PicturePass:
    """One pass over a movie for its pictures, which goes on where it was stopped."""

    def __init__(self, movie: Movie) -> None:
        self._steps = moving_pictures(movie)
        self._made = Made(0.0, {})

    @property
    def part(self) -> float:
        """The part that is read, from 0 to 1."""
        return self._made.part

    def go_on(self) -> Work:
        """Read on; reports and answers `Made`."""

        def work(report: Report, should_stop: ShouldStop) -> Made:
            last, part, running = time.monotonic(), self._made.part, None
            for part, running in self._steps:
                now = time.monotonic()
                if now - last >= REPORT_SECONDS:
                    last = now
                    self._made = Made(part, running.pictures())
                    report(self._made)
                if should_stop():
                    self._made = Made(part, self._made.pictures)
                    raise Cancelled
            return Made(1.0, running.pictures()) if running is not None else self._made

        return work  # not at low priority: somebody waits for the pictures


def read_frame(movie: Movie, frame: int, count: int) -> Work:
    """Read a frame, or the mean of `count` frames around it; answers a picture."""

    def work(report: Report, should_stop: ShouldStop) -> Picture:
        frames = movie.shape[0]
        start = min(max(frame - count // 2, 0), max(frames - count, 0))
        block = movie.read(start, min(start + count, frames))
        if len(block) == 1:
            return np.asarray(block[0], np.float32)
        return np.asarray(block.mean(axis=0, dtype=np.float64), np.float32)

    return work
