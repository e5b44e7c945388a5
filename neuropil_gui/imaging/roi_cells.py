"""Cells of ROIs that are edited: traces that are known stay, those of changed ROIs are made when they are read."""

import threading
from collections.abc import Callable, Mapping

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellHeader, Cells, default_signal_names
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.neighbourhood import Neighbourhoods
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.roi_set import RoiSet


class EditedMovie:
    """The movie of ROIs that are edited: opened when it is first needed, with what was read of it.

    Parameters
    ----------
    open_movie : callable
        Returns the movie.

    Attributes
    ----------
    near : Neighbourhoods
        What was read around ROIs.
    stop : threading.Event
        Set to stop reading traces, because nobody waits for them any more.
    """

    def __init__(self, open_movie: Callable[[], Movie]) -> None:
        self._open = open_movie
        self._movie: Movie | None = None
        self.near, self.stop = Neighbourhoods(), threading.Event()
        self.lock = threading.Lock()

    @property
    def movie(self) -> Movie:
        """The movie; raises a DataError where it cannot be opened."""
        if self._movie is None:
            self._movie = self._open()
        return self._movie


class RoiCells(Cells):
    """The cells of a set of ROIs.

    Parameters
    ----------
    source : EditedMovie
    rois : RoiSet
    known : mapping of int to ndarray, shape (signals, frames)
        Traces that are at hand, by the number of their ROI.
    frames : int
    trial_starts : tuple of int

    Attributes
    ----------
    rois : RoiSet
    source : EditedMovie
    """

    def __init__(
        self,
        source: EditedMovie,
        rois: RoiSet,
        known: Mapping[int, FloatArray],
        frames: int,
        trial_starts: tuple[int, ...] = (0,),
    ) -> None:
        self.source, self.rois = source, rois
        self._frames, self._trial_starts = frames, trial_starts
        self._known = {number: known[number] for number in rois.numbers if number in known}
        self._cells: dict[int, Cell] = {}
        self.headers = tuple(
            CellHeader(regions.name, len(_names(regions)), frames, len(trial_starts), number - 1)
            for number, regions in zip(rois.numbers, rois.regions, strict=True)
        )

    def with_rois(self, rois: RoiSet, further: Mapping[int, FloatArray] | None = None) -> "RoiCells":
        """Return the cells of another set; traces of ROIs that are the same in both stay.

        Parameters
        ----------
        rois : RoiSet
        further : mapping of int to ndarray, optional
            Traces of its ROIs that are at hand, by their number.
        """
        same = self.rois.same_signals(rois)
        numbers = [self.rois.numbers[index] for index in same]
        known = {number: self._known[number] for number in numbers if number in self._known}
        made = RoiCells(self.source, rois, {**known, **(further or {})}, self._frames, self._trial_starts)
        for index, place in same.items():
            # The same objects: what is drawn of an array is kept beside it.
            if index in self._cells and self.headers[index] == made.headers[place]:
                made._cells[place] = self._cells[index]
        return made

    def traces(self, index: int) -> FloatArray | None:
        """Return the traces of the cell at `index`, None where they are not at hand."""
        return self._known.get(self.rois.numbers[index])

    def load(self, index: int) -> Cell:
        """Return the cell at `index`; the traces of all cells that have none yet are made in one pass of the movie.

        Raises
        ------
        DataError
            When the movie cannot be read.
        Cancelled
            When its `stop` is set.
        """
        with self.source.lock:
            if index not in self._cells:
                if self.traces(index) is None:
                    self._extract(index)
                traces = self._known[self.rois.numbers[index]]
                header, names = self.headers[index], _names(self.rois.regions[index])
                self._cells[index] = Cell(
                    header.name, traces, names, self._trial_starts, source_index=header.source_index
                )
            return self._cells[index]

    def _extract(self, index: int) -> None:
        regions, numbers = self.rois.regions, self.rois.numbers
        near = self.source.near.find(regions[index])
        if near is not None and near.exact:
            self._known[numbers[index]] = near.traces(regions[index])
            return
        movie = self.source.movie
        if movie.shape != (self._frames, *self.rois.shape):
            raise DataError(
                f"{movie.name} has {movie.shape[0]} frames of {movie.shape[1]} x {movie.shape[2]} pixels, but the "
                f"traces were made of {self._frames} of {self.rois.shape[0]} x {self.rois.shape[1]}: it has changed."
            )
        missing = [place for place, number in enumerate(numbers) if number not in self._known]
        found = extract_traces(movie, [regions[place] for place in missing], should_stop=self.source.stop.is_set)
        self._known |= {numbers[place]: traces for place, traces in zip(missing, found, strict=True)}


def _names(regions: CellRegions) -> tuple[str, ...]:
    names = default_signal_names(len(regions.pixels))
    return tuple(name for name, pixels in zip(names, regions.pixels, strict=True) if len(pixels))
