"""Places of the cells of a recording, from the files that it was read from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.child import nwb_file, process
from neuropil_gui.formats.field_of_view import BRING_MOVIE, read_field
from neuropil_gui.formats.movie_with_rois import FORMAT, sources_of
from neuropil_gui.formats.movies import read_movie
from neuropil_gui.formats.progress import stop_if_asked
from neuropil_gui.formats.rois import read_rois, rois_of
from neuropil_gui.imaging.roi import PixelRoi, Roi
from neuropil_gui.imaging.roi_cells import RoiCells


@dataclass(frozen=True, eq=False)
class Places:
    """Where cells lie.

    Attributes
    ----------
    middles : ndarray, shape (cells, 2)
        The mean x and y of each cell's pixels, in pixels; NaN where it is not known.
    planes : ndarray of int, shape (cells,)
        Number of the plane of each cell: distances within one are known alone.
    """

    middles: FloatArray
    planes: NDArray[np.intp]


def read_places(recording: Recording) -> Places:
    """Return where the cells of a recording lie. Calls `tick` of `formats.progress`, by which it can be stopped.

    Parameters
    ----------
    recording : Recording
        Extracted from a movie and ROIs, or read from a suite2p folder, CaImAn's results or NWB.

    Returns
    -------
    Places

    Raises
    ------
    DataError
        When its source does not say so: why.
    Cancelled
        When it should stop.
    """
    headers = recording.cells.headers
    named = [dict(header.facts).get("plane") for header in headers]
    order = {plane: number for number, plane in enumerate(dict.fromkeys(named))}
    planes = np.array([order[plane] for plane in named], np.intp)
    middles = np.full((len(headers), 2), np.nan)
    rows = [header.source_index for header in headers]
    if recording.format == "suite2p":
        for plane in order:
            for index, cell in read_field(recording, named.index(plane)).cells.items():
                middles[index] = _middle(cell.regions.pixels[0], cell.regions.shape[1])
    else:
        known = _middles(recording)
        for index, row in enumerate(rows):
            if row in known:
                middles[index] = known[row]
    if not np.isfinite(middles).any():
        raise DataError("Nothing in its file says where these cells lie.")
    return Places(middles, planes)


def _middles(recording: Recording) -> dict[int | None, tuple[float, float]]:
    """Return the middle of each cell by its place in the source."""
    cells, path = recording.cells, Path(recording.source or "")
    if isinstance(cells, RoiCells):
        width = cells.rois.shape[1]
        return {
            number - 1: _middle(regions.pixels[0], width)
            for number, regions in zip(cells.rois.numbers, cells.rois.regions, strict=True)
        }
    if recording.format == FORMAT:
        sources = sources_of(recording)
        if sources is None:
            raise DataError("The movie or its ROIs were given as arrays: where these lie is not kept.")
        chosen = {name: getattr(sources.options, name) for name in ("channel", "plane", "dataset")}
        movie = read_movie(sources.movie, **chosen)
        stop_if_asked()
        return {place: _middle_of(roi, movie.shape[1:]) for place, roi in enumerate(rois_of(movie, sources.rois).rois)}
    if recording.format == "CaImAn":
        return _numbered(read_rois(path).rois)
    if recording.format.startswith("NWB"):
        series = process.call(nwb_file.survey, path)["series"]
        rois = read_rois(path)
        counts = {count for each in series for count in (each["rois"], each["table"])}
        # A series of some ROIs of a table, or of one of several tables, has other numbers than the table.
        if len(counts) != 1 or any(" tables of ROIs" in note for note in rois.notes):
            raise DataError("Its series and tables of ROIs do not fit each other one by one: no place can be told.")
        return _numbered(rois.rois)
    raise DataError(BRING_MOVIE)


def _numbered(rois: tuple[Roi, ...]) -> dict[int | None, tuple[float, float]]:
    """Return the middles of ROIs that have their number, from 0, at the end of their name."""
    return {
        int(roi.name.rpartition(" ")[2]): (float(roi.columns.mean()), float(roi.rows.mean()))
        for roi in rois
        if isinstance(roi, PixelRoi)
    }


def _middle_of(roi: Roi, shape: tuple[int, int]) -> tuple[float, float]:
    rows, columns = roi.pixels(shape)
    return (float(columns.mean()), float(rows.mean())) if len(rows) else (np.nan, np.nan)


def _middle(pixels: NDArray[np.intp], width: int) -> tuple[float, float]:
    rows, columns = np.divmod(pixels, width)
    return (float(columns.mean()), float(rows.mean())) if len(pixels) else (np.nan, np.nan)
