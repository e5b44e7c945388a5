"""ROIs of any kind: `read_rois` for files, `write_rois` for ImageJ's archive."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import h5_lookup
from neuropil_gui.formats.child.h5file import MAGIC as HDF5
from neuropil_gui.formats.paths import NO_ROIS, check_path, data_error, os_errors_as_data_errors, printable_name
from neuropil_gui.formats.plain.npy import MAGIC as NPY
from neuropil_gui.formats.plain.npy import NpyFile, as_array, open_numbers, read_header, read_npy_objects
from neuropil_gui.formats.rois_h5 import rois_of_caiman, rois_of_nwb
from neuropil_gui.formats.writing.atomic import replacing
from neuropil_gui.imaging import imagej_rois
from neuropil_gui.imaging.first_roi import first_roi
from neuropil_gui.imaging.labels import rois_of_labels
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.outlines import write_roi_zip
from neuropil_gui.imaging.png import MAGIC as PNG
from neuropil_gui.imaging.png import read_png
from neuropil_gui.imaging.roi import PixelRoi, Roi, Rois, as_rois
from neuropil_gui.imaging.tiff import MAGICS, TiffStack

_BESIDE = ("stat.npy", "iscell.npy")
_MOST_LABEL_BYTES = 512 * 2**20


def read_rois(path: str | Path, shape: tuple[int, int] | None = None) -> Rois:
    """Read ROIs.

    Parameters
    ----------
    path : path
        A ``.roi`` file or a zip of them, a TIFF in which ImageJ keeps ROIs, suite2p's ``stat.npy`` or its folder, or a
        picture of labels as PNG, TIFF or ``.npy``, in which the pixels of ROI k have the value k; CaImAn's results, or
        a table of segmentation in an NWB file.
    shape : (int, int), optional
        Rows and columns of the picture, by which x and y of NWB files are told apart.

    Returns
    -------
    Rois
        With a note for each that cannot be read; of suite2p's, those that ``iscell.npy`` marks as cells.

    Raises
    ------
    DataError
        When none can be read.
    """
    path = file_of_rois(path)
    with os_errors_as_data_errors(path):
        try:
            return _read(path, shape)
        except DataError as error:
            if str(error).startswith(tuple(f"{name}: " for name in (printable_name(path), *_BESIDE))):
                raise
            raise data_error(path, str(error)) from error


def rois_of(movie: Movie, place: str | Path) -> Rois:
    """Return the ROIs of a movie: those of a file, or the first one of a movie that comes without.

    Parameters
    ----------
    movie : Movie
    place : path
        What `read_rois` takes, or `NO_ROIS`.

    Raises
    ------
    DataError
        When none can be read.
    """
    return first_roi(movie) if place == NO_ROIS else read_rois(place, movie.shape[1:])


def file_of_rois(path: str | Path) -> Path:
    """Return the file that holds the ROIs of a path: suite2p's ``stat.npy`` for a folder of it.

    Parameters
    ----------
    path : path

    Raises
    ------
    DataError
        When there is nothing at `path`.
    """
    path = check_path(path).absolute()
    places = (path / "stat.npy", path / "plane0" / "stat.npy") if path.is_dir() else ()
    return next((each for each in places if each.is_file()), path)


def _read(path: Path, shape: tuple[int, int] | None) -> Rois:
    if path.is_dir():
        raise DataError("no ROIs were found in this folder; suite2p's stat.npy was expected.")
    with open(path, "rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PK"):
        return imagej_rois.read_roi_zip(path)
    if head.startswith(HDF5):
        return rois_of_caiman(path) if h5_lookup.is_kind(path, head, "caiman") else rois_of_nwb(path, shape)
    if head.startswith(imagej_rois.MAGIC):
        return imagej_rois.read_roi_file(path)
    if head[:4] in MAGICS:
        return _rois_of_tiff(path)
    if head.startswith(PNG):
        return rois_of_labels(read_png(path))
    if head.startswith(NPY):
        with open(path, "rb") as stream:
            kind = read_header(stream, path).dtype.kind
        if kind == "O":
            return _rois_of_suite2p(path)
        return rois_of_labels(_labels(open_numbers(path, (2,), "a picture of labels")))
    raise DataError(
        "it holds no ROIs that can be read; a .roi or .zip of ImageJ, suite2p's stat.npy, CaImAn's results, NWB or a "
        "picture of labels was expected."
    )


def _rois_of_tiff(path: Path) -> Rois:
    """Return the ROIs that ImageJ keeps in a TIFF, or those of a picture of labels."""
    try:
        return imagej_rois.read_tiff_rois(path)
    except DataError:
        stack = TiffStack(path)
        if stack.frames > 1 or stack.dtype.kind not in "iub":
            raise
        with stack.open() as reader:
            return rois_of_labels(reader.read(0, 1)[0])


def _labels(file: NpyFile) -> Any:
    if file.header.nbytes > _MOST_LABEL_BYTES:
        raise DataError(f"a picture of labels of {file.header.nbytes / 2**30:.1f} GiB was found.")
    return file.read()


def _rois_of_suite2p(path: Path) -> Rois:
    """Return the ROIs of ``stat.npy`` that are cells, each with suite2p's weights."""
    stat = read_npy_objects(path)
    rows = list(stat) if isinstance(stat, np.ndarray | list) and np.ndim(stat) == 1 else []
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise DataError("it is no list of ROIs, as suite2p's stat.npy is.")
    notes: list[str] = []
    cells = np.ones(len(rows), bool)
    marks = path.with_name("iscell.npy")
    if marks.is_file():
        found = open_numbers(marks, (1, 2), "a row for each ROI").read()
        if len(found) != len(rows):
            raise data_error(marks, f"it has {len(found)} rows for {len(rows)} ROIs.")
        cells = (found if found.ndim == 1 else found[:, 0]) > 0
        notes.append(f"{int(cells.sum())} of {len(rows)} ROIs are taken, which iscell.npy marks as cells.")
    rois: list[Roi] = []
    for number in np.flatnonzero(cells).tolist():
        try:
            rois.append(_roi_of_suite2p(rows[number], f"ROI {number}"))
        except DataError as error:
            notes.append(f"ROI {number}: left out, as {error}")
    if not rois:
        raise DataError(f"it holds no ROI that can be read. {' '.join(notes[:3])}".strip())
    return Rois(tuple(rois), tuple(notes))


def _roi_of_suite2p(row: dict[str, Any], name: str) -> PixelRoi:
    rows, columns = (as_array(row.get(key, ())) for key in ("ypix", "xpix"))
    weights = as_array(row.get("lam", ()))
    if (
        rows.ndim != 1
        or rows.shape != columns.shape
        or not rows.size
        or {rows.dtype.kind, columns.dtype.kind} - {*"iu"}
    ):
        raise DataError("it has no pixels (ypix, xpix).")
    fits = weights.shape == rows.shape and weights.dtype.kind in "iuf"
    return PixelRoi(name, rows.astype(np.intp), columns.astype(np.intp), weights.astype(float) if fits else None)


def write_rois(path: str | Path, rois: Sequence[Roi | ArrayLike]) -> list[str]:
    """Write ROIs as a zip archive that ImageJ and FISSA read.

    Parameters
    ----------
    path : path
        Ends in ``.zip``; replaced if it exists.
    rois : sequence
        ROIs, arrays of corners (x, y), or masks of bool.

    Returns
    -------
    list of str
        Names of ROIs of several parts or with holes: ImageJ reads them, FISSA does not.

    Raises
    ------
    DataError
        When the file cannot be written.
    """
    if Path(path).suffix.lower() != ".zip":
        raise data_error(path, "ROIs are written as .zip.")
    with replacing(path) as stream:
        return write_roi_zip(stream, as_rois(rois))
