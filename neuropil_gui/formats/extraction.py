"""From a movie and ROIs to a recording: `extract`."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike, NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, default_signal_names
from neuropil_gui.formats.movies import read_movie
from neuropil_gui.formats.paths import NO_ROIS, counted
from neuropil_gui.formats.progress import Progress, ShouldStop
from neuropil_gui.formats.rois import file_of_rois, rois_of
from neuropil_gui.formats.simulated_movie import truth_beside
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.regions import CellRegions, RegionSettings, grow_regions
from neuropil_gui.imaging.roi import Roi, Rois, as_rois

_MOST_NAMED = 20


def extract(
    movie: Movie | str | Path | NDArray[Any] | Sequence[str | Path | NDArray[Any]],
    rois: Rois | str | Path | Sequence[Roi | ArrayLike],
    settings: RegionSettings | None = None,
    *,
    frame_rate: float | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Recording:
    """Extract the traces of ROIs and of the neuropil regions around them, as FISSA does, in one pass over the movie.

    Parameters
    ----------
    movie : Movie, or what `read_movie` takes
    rois : Rois, path, or sequence
        ROIs as `read_rois` returns them, a file that it reads, or a sequence of ROIs, of arrays of corners (x, y), or
        of masks of bool. Where there are none yet, ``"none"`` makes a circle at the brightest place.
    settings : RegionSettings, optional
        Number and size of the regions; by default FISSA's.
    frame_rate : float, optional
        In Hz; replaces what the movie says.
    progress : callable, optional
        Takes the part that is done, from 0 to 1.
    should_stop : callable, optional
        Returns whether to stop.

    Returns
    -------
    Recording
        A cell for each ROI whose regions can be made; its warnings name the others, and regions without a pixel, which
        are left out.

    Raises
    ------
    DataError
        One sentence: which file, what was found, what was expected.
    Cancelled
        When `should_stop` says so.
    """
    movie = movie if isinstance(movie, Movie) else read_movie(movie)

    def traces_of(cells: Sequence[CellRegions]) -> list[FloatArray]:
        return extract_traces(movie, cells, progress, should_stop)

    return recording_of(movie, rois, settings or RegionSettings(), traces_of, frame_rate)


def recording_of(
    movie: Movie,
    rois: Rois | str | Path | Sequence[Roi | ArrayLike],
    settings: RegionSettings,
    traces_of: Callable[[Sequence[CellRegions]], list[FloatArray]],
    frame_rate: float | None = None,
) -> Recording:
    """Return the recording of a movie and ROIs, with traces that a function makes.

    Parameters
    ----------
    movie, rois, settings, frame_rate
        As of `extract`.
    traces_of : callable
        Takes the regions of the cells, returns the traces of each as `extract_traces` does.

    Returns
    -------
    Recording

    Raises
    ------
    DataError
        As `extract` does.
    """
    files, origin = movie.files, [(f"extraction {name}", str(value)) for name, value in asdict(settings).items()]
    if isinstance(rois, str | Path):
        place = NO_ROIS if rois == NO_ROIS else str(file_of_rois(rois))
        files = files if place == NO_ROIS else (*files, place)
        origin.append(("ROIs", place))
        rois = rois_of(movie, place)
    found = rois if isinstance(rois, Rois) else Rois(as_rois(rois))
    warnings = [*movie.notes, *found.notes]
    grown = grow_regions(found.rois, movie.shape[1:], settings)
    cells = [(index, each) for index, each in enumerate(grown) if isinstance(each, CellRegions)]
    refused = [str(each) for each in grown if isinstance(each, DataError)]
    if not cells:
        raise DataError(f"No ROI has a pixel in the picture and a region around it. {' '.join(refused[:3])}".strip())
    warnings += _first([f"Left out: {sentence}" for sentence in refused])
    traces = traces_of([each for _, each in cells])
    truth, doubt = truth_beside(movie)
    warnings += [doubt] if doubt else []
    made, empty = [], []
    for (index, each), signals in zip(cells, traces, strict=True):
        names = default_signal_names(len(each.pixels))
        kept = [name for name, pixels in zip(names, each.pixels, strict=True) if len(pixels)]
        if len(kept) < len(names):
            gone = ", ".join(name for name in names if name not in kept)
            empty.append(f"{each.name}: {gone} has no pixel and is left out.")
        cell = Cell(each.name, signals, tuple(kept), movie.trial_starts, source_index=index)
        made.append(truth.of(cell, each) if truth is not None else cell)
    warnings += _first(empty)
    return Recording(
        movie.name,
        movie.source,
        frame_rate if frame_rate is not None else movie.frame_rate,
        CellsInMemory(made),
        "movie and ROIs",
        tuple(warnings),
        origin=tuple(origin),
        files=files,
    )


def _first(sentences: list[str]) -> list[str]:
    """Return sentences, at most so many as can be read."""
    more = len(sentences) - _MOST_NAMED
    return sentences if more <= 0 else [*sentences[:_MOST_NAMED], f"And {counted(more, 'more ROI')} likewise."]
