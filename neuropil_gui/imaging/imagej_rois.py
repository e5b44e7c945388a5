"""ImageJ's ROIs: single files, zip archives of them, and those that ImageJ keeps in a TIFF."""

import logging
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.errors import DataError, printable_text
from neuropil_gui.imaging.damage import damage_as_data_error
from neuropil_gui.imaging.roi import EllipseRoi, PolygonRoi, Roi, Rois

MAGIC = b"Iout"
#: Bytes of one ROI; ImageJ's largest, a composite of thousands of corners, has some 100,000.
_MOST_BYTES = 2**20
#: Bytes of all ROIs of an archive, unpacked; 20,000 outlines take some 20 MiB, and 5 s where all are composites.
_MOST_UNPACKED = 32 * 2**20
MOST_ROIS = 20_000
_MOST_NOTES = 20
#: Where the aspect ratio of an ellipse stands, as a float.
_ASPECT = 52


def read_roi_file(path: Path) -> Rois:
    """Read a ``.roi`` file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is no area.
    """
    with open(path, "rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    return Rois((parse_roi(data, path.stem),))


def read_roi_zip(path: Path) -> Rois:
    """Read a zip archive of ImageJ's ROIs; a member that cannot be read is left out with a note.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it is no archive, or holds no ROI that can be read.
    """
    damage = "it is damaged; a zip archive of ImageJ's ROIs was expected."
    with damage_as_data_error(damage), zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if not _is_foreign(each.filename)]
        if len(members) > MOST_ROIS:
            raise DataError(f"it holds {len(members)} files; {MOST_ROIS} ROIs at most were expected.")
        size = sum(min(each.file_size, _MOST_BYTES) for each in members)
        if size > _MOST_UNPACKED:
            raise DataError(f"its files take {size / 2**20:.0f} MiB unpacked, more than any ROIs.")
        return _gathered(_members(archive, members))


def read_tiff_rois(path: Path) -> Rois:
    """Read the ROIs that ImageJ keeps in a TIFF: its overlay and its selection.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When there are none.
    """
    import tifffile

    with damage_as_data_error("it is damaged; a TIFF with ROIs was expected."), tifffile.TiffFile(path) as file:
        metadata = file.imagej_metadata or {}
    found: list[bytes] = []
    for key in ("Overlays", "ROI"):
        value = metadata.get(key, ())
        found += [value] if isinstance(value, bytes) else [each for each in value if isinstance(each, bytes)]
    if not found:
        raise DataError("this TIFF holds no ROIs of ImageJ; a zip or .roi file was expected.")
    if len(found) > MOST_ROIS:
        raise DataError(f"it holds {len(found)} ROIs; {MOST_ROIS} at most were expected.")
    unique = list(dict.fromkeys(found))  # the selection may be in the overlay too
    return _gathered((f"ROI {number}", data) for number, data in enumerate(unique, 1))


def parse_roi(data: bytes, name: str) -> Roi:
    """Return the area that the bytes of an ImageJ ROI describe.

    Coordinates below a pixel are taken where the ROI has them; FISSA rounds those of ROIs with labels shown. Lines of
    several corners are closed, as FISSA does. Its name is taken as `printable_text` gives it.

    Parameters
    ----------
    data : bytes
    name : str
        For a ROI that has no name of its own.

    Raises
    ------
    DataError
        When it is damaged, or no area.
    """
    import roifile

    logging.getLogger("roifile").setLevel(logging.CRITICAL)  # what it logs of damage is said in a sentence here
    if not data.startswith(MAGIC):
        raise DataError("it is no ROI of ImageJ.")
    if len(data) > _MOST_BYTES:
        raise DataError(f"it is larger than {_MOST_BYTES // 2**20} MiB, more than any ROI.")
    with damage_as_data_error("it is a damaged ROI."):
        found = roifile.ImagejRoi.frombytes(data)
        return _area(found, data, printable_text(str(found.name)) or name)


def _area(found: Any, data: bytes, name: str) -> Roi:
    kind, subtype = found.roitype.name, found.subtype.name
    if subtype in ("TEXT", "IMAGE", "ARROW") or kind == "LINE":
        raise DataError(f"it is {_words(kind, subtype)}, which has no area.")
    if found.composite:
        paths = tuple(np.asarray(path, np.float64) for path in found.coordinates(multi=True) if len(path) > 2)
        if not paths:
            raise DataError("it is a composite without an area.")
        return PolygonRoi(name, paths)
    if kind in ("RECT", "OVAL"):
        left, top, width, height = found.left, found.top, found.right - found.left, found.bottom - found.top
        if found.subpixelrect:
            left, top, width, height = found.xd, found.yd, found.widthd, found.heightd
        if kind == "OVAL":
            return EllipseRoi(name, (left + width / 2, top + height / 2), (width / 2, height / 2))
        box = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        return PolygonRoi(name, (np.array(box, np.float64),))
    if kind == "FREEHAND" and subtype == "ELLIPSE":
        (aspect,) = struct.unpack(">f", data[_ASPECT : _ASPECT + 4])
        x, y = found.x2 - found.x1, found.y2 - found.y1
        radius = float(np.hypot(x, y)) / 2
        centre = (found.x1 + found.x2) / 2, (found.y1 + found.y2) / 2
        return EllipseRoi(name, centre, (radius, radius * aspect), float(np.arctan2(y, x)), closed=False)
    corners = np.asarray(found.coordinates(), np.float64)
    if corners.ndim != 2 or len(corners) < 3:
        raise DataError(f"it is {_words(kind, subtype)} of {len(corners)} corners; an area has three at least.")
    return PolygonRoi(name, (corners,))


def _words(kind: str, subtype: str) -> str:
    if subtype in ("TEXT", "IMAGE", "ARROW"):
        return {"TEXT": "a text", "IMAGE": "a picture", "ARROW": "an arrow"}[subtype]
    return {"LINE": "a line", "POINT": "a set of points"}.get(kind, f"a shape of type {kind.lower()}")


def _is_foreign(name: str) -> bool:
    """Return whether a member of an archive is a folder, or what macOS adds."""
    return name.endswith("/") or name.startswith("__MACOSX/") or Path(name).name == ".DS_Store"


def _members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes | DataError]]:
    for each in members:
        name = printable_text(Path(each.filename).name.removesuffix(".roi"))
        damage = "it cannot be unpacked."  # it is damaged, or locked
        found: bytes | DataError
        try:
            with damage_as_data_error(damage), archive.open(each) as stream:
                found = stream.read(_MOST_BYTES + 1)
        except (DataError, OSError):  # one of the system is of a place that is not in the file
            found = DataError(damage)
        yield name, found


def _gathered(members: Iterator[tuple[str, bytes | DataError]]) -> Rois:
    """Return the ROIs of those that can be read, with a note for each of the others."""
    rois: list[Roi] = []
    notes: list[str] = []
    for name, data in members:
        try:
            if isinstance(data, DataError):
                raise data
            rois.append(parse_roi(data, name))
        except DataError as error:
            notes.append(f"{name}: left out, as {error}")
    if not rois:
        raise DataError(f"it holds no ROI that can be read. {' '.join(notes[:3])}".strip())
    if len(notes) > _MOST_NOTES:
        notes = [*notes[:_MOST_NOTES], f"{len(notes) - _MOST_NOTES} more ROIs are left out."]
    return Rois(tuple(rois), tuple(notes))
