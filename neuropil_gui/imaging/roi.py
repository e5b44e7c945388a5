"""ROIs: polygons, ellipses and sets of pixels, each with its pixels in a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.pixels import Indices, inside_ellipse, inside_paths


@dataclass(frozen=True, eq=False)
class PolygonRoi:
    """An area within closed paths.

    Attributes
    ----------
    name : str
    paths : tuple of ndarray, shape (corners, 2)
        The x and y of corners, in ImageJ's coordinates. Several paths make an area of several parts, or with holes.
    """

    name: str
    paths: tuple[FloatArray, ...]

    def pixels(self, shape: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return rows and columns of its pixels in a picture of this shape."""
        return inside_paths(self.paths, shape)


@dataclass(frozen=True)
class EllipseRoi:
    """An ellipse.

    Attributes
    ----------
    name : str
    centre, radii : (float, float)
    angle : float
        Of the first axis, in radians.
    closed : bool
        Whether a pixel whose centre lies on the edge is inside.
    """

    name: str
    centre: tuple[float, float]
    radii: tuple[float, float]
    angle: float = 0.0
    closed: bool = True

    def pixels(self, shape: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return rows and columns of its pixels in a picture of this shape."""
        return inside_ellipse(self.centre, self.radii, self.angle, self.closed, shape)


@dataclass(frozen=True, eq=False)
class PixelRoi:
    """A set of pixels, which may have weights.

    Attributes
    ----------
    name : str
    rows, columns : ndarray of int, shape (pixels,)
    weights : ndarray of float, shape (pixels,), or None
    """

    name: str
    rows: Indices
    columns: Indices
    weights: FloatArray | None = None

    def pixels(self, shape: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return rows and columns of its pixels in a picture of this shape."""
        inside = self._inside(shape)
        flat = np.unique(self.rows[inside] * shape[1] + self.columns[inside])
        return flat // shape[1], flat % shape[1]

    def weights_in(self, shape: tuple[int, int]) -> FloatArray | None:
        """Return a weight for each of its `pixels` in a picture of this shape; None where it has none."""
        if self.weights is None:
            return None
        inside = self._inside(shape)
        _, first = np.unique(self.rows[inside] * shape[1] + self.columns[inside], return_index=True)
        return np.asarray(self.weights[inside][first], np.float64)

    def _inside(self, shape: tuple[int, int]) -> Indices:
        rows, columns = self.rows, self.columns
        return np.flatnonzero((rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1]))


Roi: TypeAlias = PolygonRoi | EllipseRoi | PixelRoi
"""A region of interest."""


@dataclass(frozen=True)
class Rois:
    """ROIs of a file.

    Attributes
    ----------
    rois : tuple of Roi
        In the file's order.
    notes : tuple of str
        What was left out, and why, in sentences.
    """

    rois: tuple[Roi, ...]
    notes: tuple[str, ...] = ()


def as_rois(values: Sequence[Roi | ArrayLike]) -> tuple[Roi, ...]:
    """Return ROIs from what scripts have: corners of polygons, or masks.

    Parameters
    ----------
    values : sequence
        Of ROIs, of arrays of corners (x, y) of shape (n, 2) or (2, n), or of masks of bool of the picture's shape.

    Raises
    ------
    DataError
        When an array is neither.
    """
    return tuple(_as_roi(value, number) for number, value in enumerate(values, 1))


def _as_roi(value: Roi | ArrayLike, number: int) -> Roi:
    if isinstance(value, PolygonRoi | EllipseRoi | PixelRoi):
        return value
    array = np.asarray(value)
    name = f"ROI {number}"
    if array.dtype == bool and array.ndim == 2:
        rows, columns = np.nonzero(array)
        return PixelRoi(name, rows, columns)
    if array.ndim != 2 or array.dtype.kind not in "iuf" or 2 not in array.shape or array.size < 6:
        raise DataError(
            f"{name}: corners of shape (n, 2) or a mask of bool were expected, but {array.dtype} of shape "
            f"{array.shape} was found."
        )
    corners = array.T if array.shape[0] == 2 else array
    return PolygonRoi(name, (corners.astype(np.float64),))
