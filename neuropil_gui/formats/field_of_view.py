"""The field of view of a recording: its movie and ROIs, or the pictures and masks of a suite2p plane."""

from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellHeader, Recording
from neuropil_gui.formats.movie_files import plane_of_suite2p
from neuropil_gui.formats.movie_with_rois import FORMAT, sources_of
from neuropil_gui.formats.movies import read_movie
from neuropil_gui.formats.paths import check_path, counted, data_error, printable_name
from neuropil_gui.formats.plain.npy import as_array, read_npy_objects
from neuropil_gui.formats.programs.suite2p_plane import SIGNALS
from neuropil_gui.formats.progress import stop_if_asked
from neuropil_gui.formats.rois import rois_of
from neuropil_gui.imaging.field_of_view import FieldCell, FieldOfView
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.imaging.regions import CellRegions, grow_regions
from neuropil_gui.imaging.roi import PixelRoi
from neuropil_gui.imaging.roi_cells import RoiCells
from neuropil_gui.imaging.roi_set import RoiSet

BRING_MOVIE = (
    "This recording holds traces alone: where its cells lie is not known. Open the movie and its ROIs, or the folder "
    "that suite2p wrote, to see the field of view."
)
"""Why there is none, and what to do."""

ARRAYS = "Its movie or its ROIs are not known as files: open them to see the field of view."

MOST_PIXELS = 2**28
"""Pixels of a picture above which no microscope made it."""


def read_field(recording: Recording, index: int = 0) -> FieldOfView:
    """Find the field of view of a recording.

    The movie is opened, and not read. Calls `tick` of `formats.progress`, by which it can be stopped.

    Parameters
    ----------
    recording : Recording
        Extracted from a movie and ROIs, or read from a suite2p folder.
    index : int, optional
        A cell, of whose plane the field of view is.

    Raises
    ------
    DataError
        When there is none: why, and what to do.
    Cancelled
        When it should stop.
    """
    if recording.format == FORMAT:
        return _of_movie(recording)
    if recording.format == "suite2p":
        return _of_suite2p(recording, index)
    raise DataError(BRING_MOVIE)


def movie_of(recording: Recording) -> Movie:
    """Open the movie of a recording "movie and ROIs".

    Parameters
    ----------
    recording : Recording

    Raises
    ------
    DataError
        When it was given as an array, or cannot be read.
    """
    sources = sources_of(recording)
    if sources is None:
        raise DataError(ARRAYS)
    chosen = {name: getattr(sources.options, name) for name in ("channel", "plane", "dataset")}
    return read_movie(sources.movie, **chosen)


def _of_movie(recording: Recording) -> FieldOfView:
    if isinstance(recording.cells, RoiCells):
        edited = recording.cells
        return FieldOfView.of_rois(recording.name, edited.rois, edited.source.movie)
    sources = sources_of(recording)
    if sources is None:
        raise DataError(ARRAYS)
    movie = movie_of(recording)
    stop_if_asked()
    shape = movie.shape[1:]
    frames = recording.cells.headers[0].frames
    if movie.shape[0] != frames:
        raise DataError(f"{movie.name}: it has {movie.shape[0]} frames, but the traces {frames}: it has changed.")
    known = rois_of(movie, sources.rois).rois
    stop_if_asked()
    grown = grow_regions(known, shape, sources.settings)
    places = [header.source_index for header in recording.cells.headers]
    found = [grown[place] if place is not None and place < len(grown) else None for place in places]
    missing = sum(not isinstance(each, CellRegions) for each in found)
    if missing:
        raise data_error(
            sources.rois, f"{counted(missing, 'cell')} of the traces cannot be found in it: the file has changed."
        )
    numbers = [place + 1 for place in places if place is not None]
    regions = tuple(each for each in found if isinstance(each, CellRegions))
    rois = tuple(known[number - 1] for number in numbers)
    made = RoiSet(shape, rois, tuple(numbers), regions, sources.settings, len(known))
    return FieldOfView.of_rois(recording.name, made, movie)


def _of_suite2p(recording: Recording, index: int) -> FieldOfView:
    folder = _plane_folder(recording, recording.cells.headers[index])
    if not (folder / "ops.npy").is_file() or not (folder / "stat.npy").is_file():
        missing = " and ".join(name for name in ("ops.npy", "stat.npy") if not (folder / name).is_file())
        raise data_error(folder, f"{missing} is missing, in which suite2p keeps its pictures and where its ROIs lie.")
    for name in ("ops.npy", "stat.npy"):
        check_path(folder / name)
    ops = read_npy_objects(folder / "ops.npy")
    stop_if_asked()
    stat = read_npy_objects(folder / "stat.npy")
    stop_if_asked()
    if not isinstance(ops, dict) or not isinstance(stat, np.ndarray | list) or np.ndim(stat) != 1:
        raise data_error(folder, "its ops.npy or stat.npy is not what suite2p writes.")
    shape = _whole(ops.get("Ly")), _whole(ops.get("Lx"))
    if not all(0 < side <= 2**16 for side in shape) or shape[0] * shape[1] > MOST_PIXELS:
        raise data_error(folder / "ops.npy", f"a picture of {shape[0]} x {shape[1]} pixels (Ly, Lx) was found.")
    cells: dict[int, FieldCell] = {}
    without = 0
    plane = dict(recording.cells.headers[index].facts).get("plane")
    for place, header in enumerate(recording.cells.headers):
        row = header.source_index
        if row is None or row >= len(stat) or dict(header.facts).get("plane") != plane:
            continue
        cell = _cell_of_stat(stat[row], header.name, shape)
        if cell is not None:
            cells[place] = cell
            without += len(cell.regions.pixels) < 2
    if not cells:
        raise data_error(folder / "stat.npy", "it holds no pixels of the cells.")
    notes = []
    if without:
        notes.append(f"stat.npy does not say where the neuropil of {counted(without, 'cell')} was measured.")
    movie = _movie_beside(folder, recording.cells.headers[index].frames, shape, notes)
    if movie is not None:
        name = printable_name(folder)
        notes.append(f"For four regions around each cell: neuropil-gui extract {name} --rois {name} -o FILE.")
    name = folder.name if plane is not None else recording.name
    return FieldOfView(name, shape, cells, _pictures_of(ops, shape), movie, None, tuple(notes))


def _plane_folder(recording: Recording, header: CellHeader) -> Path:
    """Return the folder of the plane of a cell."""
    folders = list(dict.fromkeys(Path(file).parent for file in recording.files))
    plane = dict(header.facts).get("plane")
    if plane is not None:
        folders = [folder for folder in folders if folder.name == plane]
    if folders:
        return folders[0]
    if recording.source is None:
        raise DataError(BRING_MOVIE)
    source = Path(recording.source)
    return source if source.is_dir() else source.parent


def _cell_of_stat(row: Any, name: str, shape: tuple[int, int]) -> FieldCell | None:
    if not isinstance(row, dict):
        return None
    rows, columns = (as_array(row.get(key, ())) for key in ("ypix", "xpix"))
    if rows.ndim != 1 or rows.shape != columns.shape or {rows.dtype.kind, columns.dtype.kind} - {*"iu"}:
        return None
    roi = PixelRoi(name, rows.astype(np.intp), columns.astype(np.intp))
    inside = roi.pixels(shape)
    if not len(inside[0]):
        return None
    pixels = [inside[0] * shape[1] + inside[1]]
    neuropil = as_array(row.get("neuropil_mask", ()))
    if neuropil.ndim == 1 and neuropil.dtype.kind in "iu" and len(neuropil):
        flat = np.unique(neuropil.astype(np.intp))
        if flat[0] >= 0 and flat[-1] < shape[0] * shape[1]:
            pixels.append(flat)
    return FieldCell(roi, CellRegions(name, shape, tuple(pixels)), SIGNALS[: len(pixels)])


def _pictures_of(ops: dict[str, Any], shape: tuple[int, int]) -> dict[str, Picture]:
    """Return the pictures that suite2p keeps; those of a part of the frame are put into their place."""
    found: dict[str, Picture] = {}
    for name, key in (("mean", "meanImg"), ("max", "max_proj"), ("correlation", "Vcorr"), ("enhanced", "meanImgE")):
        picture = as_array(ops.get(key, ()))
        if picture.ndim != 2 or picture.dtype.kind not in "iuf":
            continue
        if picture.shape != shape:
            (top, bottom), (left, right) = (_ends(ops.get(end)) for end in ("yrange", "xrange"))
            if picture.shape != (bottom - top, right - left) or not 0 <= top < bottom <= shape[0]:
                continue
            if not 0 <= left < right <= shape[1]:
                continue
            whole = np.full(shape, np.nan, np.float32)
            whole[top:bottom, left:right] = picture
            found[name] = whole
        else:
            found[name] = picture.astype(np.float32)
    return found


def _ends(value: object) -> tuple[int, int]:
    ends = as_array(value if value is not None else ()).ravel()
    return (int(ends[0]), int(ends[1])) if len(ends) == 2 and ends.dtype.kind in "iuf" else (0, 0)


def _movie_beside(folder: Path, frames: int, shape: tuple[int, int], notes: list[str]) -> Movie | None:
    path = folder / "data.bin"
    if not path.is_file():
        notes.append(f"The movie is not there: suite2p's data.bin was looked for in {printable_name(folder)}.")
        return None
    try:
        movie = plane_of_suite2p(path)
    except DataError as error:
        notes.append(str(error))
        return None
    if movie.shape != (frames, *shape):
        notes.append(f"data.bin has {movie.shape[0]} frames, but the traces {frames}: it is not their movie.")
        return None
    return movie


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | np.integer) else 0
