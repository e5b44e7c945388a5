"""Simulated movies as files: TIFF, ROIs and the true light, which is found again beside the movie when it is read."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.movie_simulation import SimulatedMovie
from neuropil_gui.core.recording import Cell, Truth
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.plain.archive import Archive
from neuropil_gui.formats.plain.npy import put
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.formats.writing.atomic import replacing
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.roi import PolygonRoi
from neuropil_gui.imaging.tiff_write import write_tiff

SUFFIX = ".truth.npz"
#: Part of a source in a signal below which it is no neighbour.
_LEAST = 0.01
#: Part of a cell's light that a ROI has to hold to be that cell's.
_OWN = 0.5


def write_simulated_movie(path: Path, simulated: SimulatedMovie) -> list[Path]:
    """Write a movie, its ROIs and its truth beside each other.

    Parameters
    ----------
    path : Path
        Of the movie; several trials have a number before the suffix. The ROIs are written as ``NAME.zip``, the truth
        as ``NAME.truth.npz``.
    simulated : SimulatedMovie

    Returns
    -------
    list of Path
        The files of the movie, and that of the ROIs.

    Raises
    ------
    DataError
        When the name has another suffix, or a file cannot be written.
    """
    if path.suffix.lower() not in (".tif", ".tiff"):
        raise data_error(path, "a movie is written as .tif.")
    simulation, side = simulated.parameters.simulation, simulated.parameters.side
    shape = simulation.frames, side, side
    trials = range(simulation.trials)
    movies = [path.with_stem(f"{path.stem}{trial + 1}") if len(trials) > 1 else path for trial in trials]
    for trial, movie in enumerate(movies):
        with replacing(movie) as stream:
            write_tiff(stream, simulated.frames(trial), shape, np.dtype(np.uint16), simulation.frame_rate)
    rois = path.with_suffix(".zip")
    write_rois(rois, [PolygonRoi(f"cell {k}", (corners,)) for k, corners in enumerate(simulated.outlines, 1)])
    with replacing(truth_of(movies[0])) as stream, ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        put(archive, "cells", len(simulated.outlines))
        put(archive, "footprints", simulated.footprints)
        put(archive, "sources", simulated.sources.astype(np.float32))
    return [*movies, rois]


def truth_of(movie: Path) -> Path:
    """Return where the truth of a movie is, if there is one.

    Parameters
    ----------
    movie : Path
        Of its first trial.
    """
    return movie.with_suffix(SUFFIX)


@dataclass(frozen=True, eq=False)
class MovieTruth:
    """The true light of a movie, as `SimulatedMovie` has it.

    Attributes
    ----------
    cells : int
        How many of the footprints are those of cells.
    footprints : ndarray of float, shape (k, rows x columns)
    sources : ndarray, shape (k, frames)
    """

    cells: int
    footprints: NDArray[Any]
    sources: FloatArray

    def of(self, cell: Cell, regions: CellRegions) -> Cell:
        """Return a cell with its truth; as it is where its ROI is that of no cell.

        Parameters
        ----------
        cell : Cell
        regions : CellRegions
            Its pixels; a region without a pixel has no signal.
        """
        pixels = [each for each in regions.pixels if len(each)]
        mixing = np.stack([self.footprints[:, each].mean(axis=1, dtype=np.float64) for each in pixels])
        own = int(np.argmax(mixing[0, : self.cells]))
        if mixing[0, own] < _OWN:
            return cell
        others = [k for k in range(len(self.sources)) if k != own]
        seen = [k for k in others if k >= self.cells or mixing[:, k].max() >= _LEAST]
        order = [own, *(k for k in seen if k >= self.cells), *(k for k in seen if k < self.cells)]
        # In units of the ROI: all of the cell's light that is seen in it.
        scale = np.ones(len(order))
        scale[0] = mixing[0, own]
        return replace(cell, truth=Truth(self.sources[order] * scale[:, None], mixing[:, order] / scale))


def truth_of_edited(as_read: Iterable[Cell]) -> Callable[[Movie, Cell, CellRegions], Cell] | None:
    """Return what gives cells of changed ROIs their truth, as `EditedMovie` takes it; None where none has one.

    A ROI stays, by its number, that of the cell that it was of when it was read: a new one has no truth, nor has one
    that is now another cell's.

    Parameters
    ----------
    as_read : iterable of Cell
        The cells of ROIs as they were read, with their truth.
    """
    before = {cell.source_index: cell.truth.sources[0] for cell in as_read if cell.truth is not None}
    read = cache(truth_beside)

    def with_truth(movie: Movie, cell: Cell, regions: CellRegions) -> Cell:
        known, own = read(movie)[0], before.get(cell.source_index)
        made = known.of(cell, regions) if known is not None and own is not None else cell
        if own is None or made.truth is None:
            return cell
        light = made.truth.sources[0]  # the same but for its unit, which is the ROI's
        return made if np.allclose(light * own.max(), own * light.max()) else cell

    return with_truth if before else None


def truth_beside(movie: Movie) -> tuple[MovieTruth | None, str]:
    """Return the truth that lies beside a movie; None where there is none, with a sentence where it does not fit.

    Parameters
    ----------
    movie : Movie
    """
    path = truth_of(Path(movie.source)) if movie.source is not None else None
    if path is None or not path.is_file():
        return None, ""
    frames, rows, columns = movie.shape
    why = "it is damaged"
    with suppress(DataError), Archive(path) as arrays:
        why = "it is that of another movie, or of other trials"
        if {"cells", "footprints", "sources"} <= set(arrays.names):
            footprints, sources = arrays.header("footprints"), arrays.header("sources")
            fits = footprints.shape[1:] == (rows, columns) and sources.shape == (*footprints.shape[:1], frames)
            if fits and footprints.numeric and sources.numeric and arrays.header("cells").shape == ():
                flat = arrays.array("footprints").reshape(len(arrays.array("footprints")), -1)
                cells = int(np.clip(arrays.array("cells"), 1, len(flat)))
                return MovieTruth(cells, flat, np.asarray(arrays.array("sources"), np.float64)), ""
    return None, f"{path.name} is not taken for the truth: {why}."
