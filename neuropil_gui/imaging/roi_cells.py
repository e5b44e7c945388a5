"""Cells of ROIs that are edited: cells that are known stay, those of changed ROIs are made when they are read."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, CellHeader, Cells, default_signal_names
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.neighbourhood import Neighbourhoods
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.roi_set import RoiSet

REMEMBERED = 128 * 2**20
"""Bytes of cells of earlier shapes of ROIs, to which undo comes back."""

QUIET_SECONDS, LEAST_PART = 0.2, 0.01
"""Time in which a movie is read without telling, and the least part that is told of."""

STOPPED = "The traces of the ROIs that were changed are not read: that was cancelled."


class EditedMovie:
    """The movie of ROIs that are edited: opened when it is first needed, with what was read of it.

    Parameters
    ----------
    open_movie : callable
        Returns the movie.
    shape : (int, int, int)
        Frames, rows and columns that it is to have.
    trial_starts : tuple of int, optional
    truth : callable, optional
        Takes the movie, a cell that was made of it, and its regions; returns the cell with its truth, where it has one.

    Attributes
    ----------
    near : Neighbourhoods
        What was read around ROIs.
    lock : threading.Lock
        Held while traces of cells are made.
    watch : callable or None
        Takes the cells of which traces are made and the part of the movie that is read, None at the end; in any thread.
    """

    def __init__(
        self,
        open_movie: Callable[[], Movie],
        shape: tuple[int, int, int],
        trial_starts: tuple[int, ...] = (0,),
        truth: Callable[[Movie, Cell, CellRegions], Cell] | None = None,
    ) -> None:
        self._open = open_movie
        self._movie: Movie | None = None
        self.shape, self.trial_starts, self.truth = shape, trial_starts, truth
        self.near = Neighbourhoods()
        self.watch: Callable[[RoiCells, float | None], object] | None = None
        self.lock = threading.Lock()
        self._opening, self._remembering = threading.Lock(), threading.Lock()
        self._remembered: OrderedDict[CellRegions, Cell] = OrderedDict()

    @property
    def movie(self) -> Movie:
        """The movie; raises a DataError where it cannot be opened, or is not as large as it was."""
        if self._movie is not None:
            return self._movie
        with self._opening:
            if self._movie is None:
                movie = self._open()
                if movie.shape != self.shape:
                    raise DataError(
                        f"{movie.name} has {movie.shape[0]} frames of {movie.shape[1]} x {movie.shape[2]} pixels, but "
                        f"the traces were made of {self.shape[0]} of {self.shape[1]} x {self.shape[2]}: it has changed."
                    )
                self._movie = movie
            return self._movie

    def cell(self, regions: CellRegions, number: int, traces: FloatArray) -> Cell:
        """Return the cell of a ROI, without truth."""
        return Cell(regions.name, traces, signal_names(regions), self.trial_starts, source_index=number - 1)

    def remember(self, regions: CellRegions, cell: Cell) -> Cell:
        """Keep a cell for a while, and return it."""
        with self._remembering:
            self._remembered[regions] = cell
            while sum(each.traces.nbytes for each in self._remembered.values()) > REMEMBERED:
                self._remembered.popitem(last=False)
        return cell

    def recall(self, regions: CellRegions) -> Cell | None:
        """Return the cell of a ROI of before, None where it made room for others."""
        with self._remembering:
            return self._remembered.get(regions)


class RoiCells(Cells):
    """The cells of a set of ROIs.

    Parameters
    ----------
    source : EditedMovie
    rois : RoiSet
    known : mapping of int to Cell
        Those that are at hand, by their place.

    Attributes
    ----------
    rois : RoiSet
    source : EditedMovie
    stale : threading.Event
        Set to stop reading traces, because nobody waits for them any more.
    stopped : threading.Event
        Set to read no traces until it is cleared, because the user cancelled that.
    """

    def __init__(self, source: EditedMovie, rois: RoiSet, known: Mapping[int, Cell]) -> None:
        self.source, self.rois = source, rois
        self.stale, self.stopped = threading.Event(), threading.Event()
        self._known = dict(known)
        frames, trials = source.shape[0], len(source.trial_starts)
        self.headers = tuple(
            CellHeader(regions.name, len(signal_names(regions)), frames, trials, number - 1)
            for number, regions in zip(rois.numbers, rois.regions, strict=True)
        )

    def with_rois(self, rois: RoiSet, before: Iterable["RoiCells"] = ()) -> "RoiCells":
        """Return the cells of another set; of ROIs that are the same in both they stay.

        Parameters
        ----------
        rois : RoiSet
        before : iterable of RoiCells, optional
            Others that may have cells of it.
        """
        known: dict[int, Cell] = {}
        for cells in (self, *before):
            same = cells.rois.same_signals(rois)
            known |= {place: cells._known[index] for index, place in same.items() if index in cells._known}
            for index in set(cells._known) - set(same):
                if cells._known[index].truth is not None:  # which is not in the movie
                    self.source.remember(cells.rois.regions[index], cells._known[index])
        for place, regions in enumerate(rois.regions):
            if place not in known and (cell := self.source.recall(regions)) is not None:
                known[place] = cell
        return RoiCells(self.source, rois, known)

    def known(self, index: int) -> Cell | None:
        """Return the cell at `index` if it is at hand."""
        return self._known.get(index)

    def load(self, index: int) -> Cell:
        """Return the cell at `index`; all cells that are not at hand yet are made in one pass of the movie.

        Raises
        ------
        DataError
            When the movie cannot be read, or that was `stopped`.
        Cancelled
            When they are `stale`.
        """
        with self.source.lock:
            if index not in self._known:
                self._extract(index)
            return self._known[index]

    def _extract(self, index: int) -> None:
        regions, source = self.rois.regions, self.source
        near = source.near.find(regions[index])
        if near is not None and near.exact:
            self._take(index, near.traces(regions[index]))
            return
        missing = [place for place in range(len(self)) if place not in self._known]
        began, told = time.monotonic(), 0.0

        def tell(part: float) -> None:
            nonlocal told
            if source.watch is not None and part >= told + LEAST_PART and time.monotonic() - began > QUIET_SECONDS:
                told = part
                source.watch(self, part)

        try:
            if self._should_stop():
                raise Cancelled
            found = extract_traces(source.movie, [regions[place] for place in missing], tell, self._should_stop)
        except Cancelled:
            if self.stale.is_set():
                raise
            raise DataError(STOPPED) from None
        finally:
            if source.watch is not None:
                source.watch(self, None)
        for place, traces in zip(missing, found, strict=True):
            self._take(place, traces)

    def _should_stop(self) -> bool:
        return self.stale.is_set() or self.stopped.is_set()

    def _take(self, place: int, traces: FloatArray) -> None:
        regions = self.rois.regions[place]
        cell = self.source.cell(regions, self.rois.numbers[place], traces)
        if self.source.truth is not None:
            cell = self.source.truth(self.source.movie, cell, regions)
        self._known[place] = self.source.remember(regions, cell)


def signal_names(regions: CellRegions) -> tuple[str, ...]:
    """Return the names of a cell's signals: the ROI, and the regions that have a pixel.

    Parameters
    ----------
    regions : CellRegions
    """
    names = default_signal_names(len(regions.pixels))
    return tuple(name for name, pixels in zip(names, regions.pixels, strict=True) if len(pixels))
