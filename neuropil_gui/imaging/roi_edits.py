"""Changes of the shape of ROIs: drawn, moved, reshaped, split and merged. Each that makes no ROI raises its reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi, Roi

Shape = TypeVar("Shape", PolygonRoi, EllipseRoi, PixelRoi)

#: Corners are at multiples of this part of a pixel: ImageJ's float32 holds them exactly, and a project in few digits.
_STEPS = 32
_MOST_CORNERS = 5000


def rounded(corners: ArrayLike) -> FloatArray:
    """Return corners as they are kept: at multiples of 1 / 32 of a pixel.

    Parameters
    ----------
    corners : array_like, shape (n, 2)
    """
    return np.round(np.asarray(corners, np.float64) * _STEPS) / _STEPS


def polygon_of(corners: ArrayLike, name: str, shape: tuple[int, int]) -> PolygonRoi:
    """Return the ROI of a closed stroke.

    Parameters
    ----------
    corners : array_like, shape (n, 2)
        The x and y of its points; those that lie on each other are one.
    name : str
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When it is no area, or has no pixel in the picture.
    """
    path = rounded(corners).reshape(-1, 2)
    if len(path):
        path = path[(path != np.roll(path, 1, axis=0)).any(axis=1)]
    if len(path) < 3:
        raise DataError(f"An area has three corners at least, but {len(path)} {_were(len(path))} drawn.")
    if len(path) > _MOST_CORNERS:
        raise DataError(f"The stroke has {len(path)} corners; {_MOST_CORNERS} at most were expected.")
    return checked(PolygonRoi(name, (path,)), shape)


def ellipse_of(start: tuple[float, float], end: tuple[float, float], name: str, shape: tuple[int, int]) -> EllipseRoi:
    """Return the upright ellipse in the box between two points, whose sides lie between pixels, as ImageJ's do.

    Parameters
    ----------
    start, end : (float, float)
        The x and y of two corners of the box.
    name : str
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When the box has no extent, or no pixel in the picture.
    """
    low, high = np.round(np.minimum(start, end)), np.round(np.maximum(start, end))
    if not (high > low).all():
        raise DataError("The ellipse is less than a pixel wide or high: draw it larger.")
    (x, y), (width, height) = (low + high) / 2, (high - low) / 2
    return checked(EllipseRoi(name, (float(x), float(y)), (float(width), float(height))), shape)


def checked(roi: Shape, shape: tuple[int, int]) -> Shape:
    """Return a ROI that has a pixel in the picture.

    Parameters
    ----------
    roi : Roi
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When it has none.
    """
    if not len(roi.pixels(shape)[0]):
        raise DataError("It holds the centre of no pixel: draw it larger, or in the picture.")
    return roi


def moved(roi: Roi, x: float, y: float) -> Roi:
    """Return a ROI that is moved; one of pixels, by whole pixels.

    Parameters
    ----------
    roi : Roi
    x, y : float
        By how much.
    """
    if isinstance(roi, PixelRoi):
        return replace(roi, rows=roi.rows + round(y), columns=roi.columns + round(x))
    step = rounded([x, y])
    if isinstance(roi, EllipseRoi):
        if roi.angle == 0 and roi.closed:
            step = np.round(step)  # ImageJ's ovals lie between pixels
        return replace(roi, centre=(roi.centre[0] + float(step[0]), roi.centre[1] + float(step[1])))
    return replace(roi, paths=tuple(path + step for path in roi.paths))


def handles(roi: Roi, shape: tuple[int, int]) -> FloatArray:
    """Return the points by which a ROI is reshaped: corners, the ends of an ellipse's axes.

    Parameters
    ----------
    roi : Roi
        One of pixels has the corners of its outline.
    shape : (int, int)
        Rows and columns of the picture.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    if isinstance(roi, EllipseRoi):
        axes = _axes(roi)
        return np.asarray(np.array([roi.centre]) + np.concatenate([axes, -axes]), np.float64)
    return np.concatenate(as_polygon(roi, shape).paths)


def reshaped(roi: Roi, handle: int, place: tuple[float, float], shape: tuple[int, int]) -> Roi:
    """Return a ROI one of whose `handles` is moved to a place; one of pixels becomes the polygon of its outline.

    Parameters
    ----------
    roi : Roi
    handle : int
    place : (float, float)
        Its x and y.
    shape : (int, int)
        Rows and columns of the picture.
    """
    if isinstance(roi, EllipseRoi):
        return _stretched(roi, handle, place)
    polygon = as_polygon(roi, shape)
    paths = list(polygon.paths)
    for number, path in enumerate(paths):
        if handle < len(path):
            paths[number] = path.copy()
            paths[number][handle] = rounded(place)
            break
        handle -= len(path)
    return replace(polygon, paths=tuple(paths))


def with_corner(roi: Roi, place: tuple[float, float], shape: tuple[int, int]) -> Roi:
    """Return a polygon with one more corner, at a place on or near one of its edges.

    Parameters
    ----------
    roi : Roi
    place : (float, float)
    shape : (int, int)
        Rows and columns of the picture.
    """
    polygon = as_polygon(roi, shape)
    found = []
    for number, path in enumerate(polygon.paths):
        start, along = path, np.roll(path, -1, axis=0) - path
        length = (along**2).sum(axis=1)
        part = np.clip(((np.asarray(place) - start) * along).sum(axis=1) / np.where(length > 0, length, 1), 0, 1)
        distance = ((start + part[:, None] * along - place) ** 2).sum(axis=1)
        found.append((float(distance.min()), number, int(distance.argmin())))
    _, number, corner = min(found)
    paths = list(polygon.paths)
    paths[number] = np.insert(paths[number], corner + 1, rounded(place), axis=0)
    return replace(polygon, paths=tuple(paths))


def without_corner(roi: Roi, handle: int, shape: tuple[int, int]) -> Roi:
    """Return a polygon with one corner less.

    Parameters
    ----------
    roi : Roi
    handle : int
        The corner, among `handles`.
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When only three are left, or it is an ellipse.
    """
    if isinstance(roi, EllipseRoi):
        raise DataError("An ellipse has no corners that could be taken away.")
    polygon = as_polygon(roi, shape)
    paths = list(polygon.paths)
    for number, path in enumerate(paths):
        if handle < len(path):
            if len(path) <= 3:
                raise DataError("An area has three corners at least: delete the ROI instead.")
            paths[number] = np.delete(path, handle, axis=0)
            break
        handle -= len(path)
    return checked(replace(polygon, paths=tuple(paths)), shape)


def as_polygon(roi: Roi, shape: tuple[int, int]) -> PolygonRoi:
    """Return a ROI as closed paths; one of pixels, or an ellipse, as the outline of its pixels.

    Parameters
    ----------
    roi : Roi
    shape : (int, int)
        Rows and columns of the picture.
    """
    return roi if isinstance(roi, PolygonRoi) else PolygonRoi(roi.name, tuple(outlines(*roi.pixels(shape))))


def merged(rois: Sequence[Roi], name: str, shape: tuple[int, int]) -> PolygonRoi:
    """Return the ROI of all pixels of several.

    Parameters
    ----------
    rois : sequence of Roi
    name : str
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When there are fewer than two.
    """
    if len(rois) < 2:
        raise DataError("Two ROIs at least are merged: let the box touch them.")
    flat = np.unique(np.concatenate([_flat(roi, shape) for roi in rois]))
    return PolygonRoi(name, tuple(outlines(flat // shape[1], flat % shape[1])))


def combined(roi: Roi, other: Roi, take_away: bool, shape: tuple[int, int]) -> PolygonRoi:
    """Return a ROI with the pixels of another one added, or taken away.

    Parameters
    ----------
    roi, other : Roi
    take_away : bool
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When nothing would change, or nothing is left.
    """
    before, more = _flat(roi, shape), _flat(other, shape)
    flat = np.setdiff1d(before, more) if take_away else np.union1d(before, more)
    if not len(flat):
        raise DataError("Nothing of the ROI would be left: delete it instead.")
    if len(flat) == len(before):
        raise DataError(f"The stroke {'takes no pixel from' if take_away else 'adds no pixel to'} {roi.name}.")
    return PolygonRoi(roi.name, tuple(outlines(flat // shape[1], flat % shape[1])))


def split(
    roi: Roi, start: tuple[float, float], end: tuple[float, float], names: tuple[str, str], shape: tuple[int, int]
) -> tuple[PolygonRoi, PolygonRoi]:
    """Return the parts of a ROI on both sides of a straight line, which is prolonged on both ends.

    Each pixel is in one of the parts.

    Parameters
    ----------
    roi : Roi
    start, end : (float, float)
        The x and y of two points of the line.
    names : (str, str)
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When the line has no length, or all pixels lie on one side of it.
    """
    x, y = end[0] - start[0], end[1] - start[1]
    if np.hypot(x, y) < 1:
        raise DataError("The line is shorter than a pixel: drag it across the ROI.")
    flat = _flat(roi, shape)
    rows, columns = flat // shape[1], flat % shape[1]
    left = (columns + 0.5 - start[0]) * y - (rows + 0.5 - start[1]) * x > 0
    if left.all() or not left.any():
        raise DataError(f"The line does not divide {roi.name}: it lies on one side.")
    parts = []
    for name, side, sign in ((names[0], left, 1), (names[1], ~left, -1)):
        cut = _cut(roi, start, (x * sign, y * sign), name) if isinstance(roi, PolygonRoi) else None
        # Where corners are cut exactly through the centres of pixels, the edges of pixels decide.
        if cut is None or not np.array_equal(_flat(cut, shape), flat[side]):
            cut = PolygonRoi(name, tuple(outlines(rows[side], columns[side])))
        parts.append(cut)
    return parts[0], parts[1]


def _cut(roi: PolygonRoi, start: tuple[float, float], along: tuple[float, float], name: str) -> PolygonRoi | None:
    """Return what lies on one side of a line, path by path."""
    paths = []
    for path in roi.paths:
        side = (path[:, 0] - start[0]) * along[1] - (path[:, 1] - start[1]) * along[0]
        corners: list[FloatArray] = []
        for here, there, a, b in zip(path, np.roll(path, -1, axis=0), side, np.roll(side, -1), strict=True):
            if a >= 0:
                corners.append(here)
            if (a < 0) != (b < 0) and a != b:
                corners.append(here + (there - here) * (a / (a - b)))
        kept = rounded(corners) if corners else np.zeros((0, 2))
        kept = kept[(kept != np.roll(kept, 1, axis=0)).any(axis=1)] if len(kept) else kept
        if len(kept) > 2:
            paths.append(kept)
    return PolygonRoi(name, tuple(paths)) if paths else None


def _flat(roi: Roi, shape: tuple[int, int]) -> Indices:
    rows, columns = roi.pixels(shape)
    return rows * shape[1] + columns


def _axes(roi: EllipseRoi) -> FloatArray:
    cos, sin = np.cos(roi.angle), np.sin(roi.angle)
    return np.array([[cos * roi.radii[0], sin * roi.radii[0]], [-sin * roi.radii[1], cos * roi.radii[1]]])


def _stretched(roi: EllipseRoi, handle: int, place: tuple[float, float]) -> EllipseRoi:
    """Return an ellipse with one end of an axis moved along it; the other end stays where it is."""
    axis = _axes(roi)[handle % 2] * (1 if handle < 2 else -1)
    length = float(np.hypot(*axis))
    direction = axis / length
    opposite = np.array(roi.centre) - axis
    reach = float((np.asarray(place) - opposite) @ direction)
    reach = max(1.0, round(reach) if roi.angle == 0 and roi.closed else float(rounded([reach, 0])[0]))
    centre = opposite + direction * reach / 2
    radii = list(roi.radii)
    radii[handle % 2] = reach / 2
    return replace(roi, centre=(float(centre[0]), float(centre[1])), radii=(radii[0], radii[1]))


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
