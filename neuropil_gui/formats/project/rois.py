"""ROIs that were edited, as a project keeps them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.project.packing import pack, unpack
from neuropil_gui.formats.project.recording import strange_as_data_error
from neuropil_gui.imaging.imagej_rois import MOST_ROIS
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi, Roi
from neuropil_gui.imaging.roi_set import RoiSet

#: Rows or columns of a picture above which no microscope made it.
_MOST_SIDE = 2**16


@dataclass(frozen=True, eq=False)
class KeptRois:
    """ROIs of a project.

    Attributes
    ----------
    rois : RoiSet
    as_read : frozenset of int
        Numbers of those that are as the recording's own file has them.
    """

    rois: RoiSet
    as_read: frozenset[int]


def pack_rois(rois: RoiSet, as_read: frozenset[int]) -> bytes:
    """Return ROIs as bytes, without their regions.

    Parameters
    ----------
    rois : RoiSet
    as_read : frozenset of int
        Numbers of those that are as the recording's own file has them.

    Returns
    -------
    bytes
    """
    arrays: dict[str, NDArray[Any]] = {}
    facts = {
        "shape": list(rois.shape),
        "settings": asdict(rois.settings),
        "last": rois.last,
        "as_read": sorted(as_read),
        "rois": [
            {"number": number, "name": roi.name, **_facts(roi, number, arrays)}
            for number, roi in zip(rois.numbers, rois.rois, strict=True)
        ],
    }
    return pack(facts, arrays)


def unpack_rois(body: bytes, path: Path) -> KeptRois:
    """Return the ROIs of `pack_rois`, with their regions grown.

    Parameters
    ----------
    body : bytes
    path : Path
        Of the project, for messages.

    Raises
    ------
    DataError
        When they are something else, or their regions cannot be made.
    """
    facts, arrays = unpack(body)
    with strange_as_data_error(path):
        rows, columns = (_whole(side, 1, _MOST_SIDE) for side in facts["shape"])
        if not 1 <= len(facts["rois"]) <= MOST_ROIS:
            raise ValueError(f"{len(facts['rois'])} ROIs")
        numbers = [_whole(each["number"], 1, 2**31) for each in facts["rois"]]
        if len(set(numbers)) < len(numbers):
            raise ValueError("two ROIs of one number")
        made = [_roi(each, arrays) for each in facts["rois"]]
        settings, last = RegionSettings(**facts["settings"]), _whole(facts["last"], 0, 2**31)
        as_read = frozenset(_whole(each, 1, 2**31) for each in facts["as_read"])
    return KeptRois(RoiSet.of(made, (rows, columns), settings, tuple(numbers), last), as_read & set(numbers))


def _facts(roi: Roi, number: int, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return what is to be known of a ROI, and put its numbers into arrays."""
    if isinstance(roi, EllipseRoi):
        return {
            "kind": "ellipse",
            "centre": list(roi.centre),
            "radii": list(roi.radii),
            "angle": roi.angle,
            "closed": roi.closed,
        }
    if isinstance(roi, PolygonRoi):
        for place, path in enumerate(roi.paths):
            arrays[f"{number}/{place}"] = path
        return {"kind": "polygon", "paths": len(roi.paths)}
    arrays[f"{number}/rows"], arrays[f"{number}/columns"] = roi.rows, roi.columns
    if roi.weights is not None:
        arrays[f"{number}/weights"] = roi.weights
    return {"kind": "pixels"}


def _roi(facts: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Roi:
    name, number, kind = str(facts["name"]), facts["number"], facts["kind"]
    if kind == "ellipse":
        (x, y), (a, b) = (tuple(map(float, facts[key])) for key in ("centre", "radii"))
        return EllipseRoi(name, (x, y), (a, b), float(facts["angle"]), bool(facts["closed"]))
    if kind == "polygon":
        return PolygonRoi(name, tuple(_paths(number, _whole(facts["paths"], 1, 10_000), arrays)))
    if kind != "pixels":
        raise ValueError(f"a ROI of the kind {kind!r:.40}")
    rows, columns = (arrays[f"{number}/{key}"] for key in ("rows", "columns"))
    weights = arrays.get(f"{number}/weights")
    if rows.ndim != 1 or rows.shape != columns.shape or {rows.dtype.kind, columns.dtype.kind} != {"i"}:
        raise ValueError(f"the pixels of ROI {number}")
    if weights is not None and (weights.shape != rows.shape or weights.dtype.kind != "f"):
        raise ValueError(f"the weights of ROI {number}")
    return PixelRoi(name, rows.astype(np.intp), columns.astype(np.intp), weights)


def _paths(number: int, count: int, arrays: dict[str, NDArray[Any]]) -> Iterator[NDArray[np.float64]]:
    for place in range(count):
        path = arrays[f"{number}/{place}"]
        if path.ndim != 2 or path.shape[1] != 2 or len(path) < 3 or path.dtype.kind != "f":
            raise ValueError(f"the corners of ROI {number}")
        yield path


def _whole(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r:.40} in place of a whole number from {least} to {most}")
    return value
