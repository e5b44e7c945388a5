"""Outlines of sets of pixels along their edges, and the bytes of ImageJ's ROIs."""

import zipfile
from collections.abc import Sequence
from typing import IO

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.roi import EllipseRoi, PolygonRoi, Roi

_LARGEST = 60_000


def outlines(rows: Indices, columns: Indices) -> list[FloatArray]:
    """Return the closed paths along the edges of pixels: one around each part, and one around each hole.

    Parameters
    ----------
    rows, columns : ndarray of int
        Of the pixels.

    Returns
    -------
    list of ndarray, shape (corners, 2)
        The x and y of corners; by the even-odd rule, these pixels lie within.
    """
    if not len(rows):
        return []
    top, left = int(rows.min()) - 1, int(columns.min()) - 1
    mask = np.zeros((int(rows.max()) - top + 2, int(columns.max()) - left + 2), bool)
    mask[rows - top, columns - left] = True
    # Edges run clockwise on screen, with the pixel on their right; each is kept at its start, by its direction.
    above, beside, diagonal = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
    above[1:], beside[:, 1:], diagonal[1:, 1:] = mask[:-1], mask[:, :-1], mask[:-1, :-1]
    leaving = np.stack(
        (
            mask & ~above,  # along the top, to the right
            beside & ~mask,  # along the right side, down
            diagonal & ~beside,  # along the bottom, to the left
            above & ~diagonal,  # along the left side, up
        )
    ).reshape(4, mask.size)
    across = mask.shape[1]
    direction, place = np.nonzero(leaving)
    end = place + np.array([1, across, -1, -across])[direction]
    # Where two pixels touch by a corner, turn right: they are two parts.
    turn = np.where(leaving[(direction + 1) % 4, end], 1, np.where(leaving[direction, end], 0, 3))
    edges = np.zeros(leaving.shape, np.intp)
    edges[direction, place] = np.arange(len(place))
    following = edges[(direction + turn) % 4, end].tolist()
    turns, seen = (turn != 0).tolist(), [False] * len(following)
    paths = []
    for first in range(int(np.count_nonzero(direction == 0))):  # each path has one
        corners, edge, is_corner = [], first, True
        while not seen[edge]:
            seen[edge] = True
            if is_corner:
                corners.append(edge)
            edge, is_corner = following[edge], turns[edge]
        if corners:
            y, x = np.divmod(place[corners], across)
            paths.append(np.column_stack((x + left, y + top)).astype(np.float64))
    return paths


def write_roi_zip(stream: IO[bytes], rois: Sequence[Roi]) -> list[str]:
    """Write ROIs as an archive that ImageJ and FISSA read.

    Ellipses that are not upright, and sets of pixels, are written as the outline of their pixels.

    Parameters
    ----------
    stream : binary file
    rois : sequence of Roi

    Returns
    -------
    list of str
        Names of the ROIs of several parts or with holes, which ImageJ reads and FISSA does not.
    """
    composites = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        taken: set[str] = set()
        for number, roi in enumerate(rois, 1):
            name = roi.name.replace("/", "_").replace("\\", "_") or f"ROI {number}"
            while name in taken:
                name += f" ({number})"
            taken.add(name)
            data, is_composite = _bytes_of(roi, name)
            # A fixed date: equal ROIs are equal files.
            archive.writestr(zipfile.ZipInfo(f"{name}.roi"), data, zipfile.ZIP_DEFLATED)
            if is_composite:
                composites.append(roi.name)
    return composites


def _bytes_of(roi: Roi, name: str) -> tuple[bytes, bool]:
    """Return a ROI as ImageJ has it, and whether it is one of several paths."""
    import roifile

    if isinstance(roi, EllipseRoi) and roi.closed and roi.angle == 0:
        box = np.array([*(np.array(roi.centre) - roi.radii), *(np.array(roi.centre) + roi.radii)])
        if (box == np.round(box)).all():
            left, top, right, bottom = box.astype(int).tolist()
            kind = roifile.ROI_TYPE.OVAL
            oval = roifile.ImagejRoi(roitype=kind, name=name, left=left, top=top, right=right, bottom=bottom)
            return oval.tobytes(), False
    paths = roi.paths if isinstance(roi, PolygonRoi) else outlines(*roi.pixels((_LARGEST, _LARGEST)))
    if len(paths) == 1:
        corners = paths[0]
        whole = bool((corners == np.round(corners)).all())
        found = roifile.ImagejRoi.frompoints(corners.astype(np.int32) if whole else corners, name=name)
        found.roitype = roifile.ROI_TYPE.POLYGON
        # FISSA takes coordinates below a pixel only where no other option is set.
        found.options = roifile.ROI_OPTIONS(0 if whole else roifile.ROI_OPTIONS.SUB_PIXEL_RESOLUTION)
        return found.tobytes(), False
    steps: list[float] = []
    for path in paths:
        for index, (x, y) in enumerate(path.tolist()):
            steps += [min(index, 1), x, y]
        steps.append(4)
    every = np.concatenate(paths)
    (left, top), (right, bottom) = np.floor(every.min(axis=0)).astype(int), np.ceil(every.max(axis=0)).astype(int)
    found = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.RECT, name=name)
    found.left, found.top, found.right, found.bottom = int(left), int(top), int(right), int(bottom)
    found.multi_coordinates = np.array(steps, np.float32)
    found.shape_roi_size = len(steps)
    return found.tobytes(), True
