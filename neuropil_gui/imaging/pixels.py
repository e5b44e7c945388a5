"""Masks of closed paths and ellipses: the pixels of a picture that lie within, by the rule that FISSA uses.

Coordinates are ImageJ's: pixel (row r, column c) covers x from c to c + 1 and y from r to r + 1. A pixel belongs to a
shape if its centre lies strictly inside; a centre on the edge of a polygon is outside.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.effort import spend

Indices: TypeAlias = NDArray[np.intp]
"""Rows, columns or flat indices of pixels."""

_EDGES = 4096
_BLOCK = 2**20
#: Tests of a pixel against an edge, half a second of them, above which a path is refused; a cell takes some 10,000.
_MOST_TESTS = 10**8
#: Operations that a pixel takes within the box of an ellipse.
_ELLIPSE = 8


def inside_paths(paths: Sequence[FloatArray], shape: tuple[int, int]) -> tuple[Indices, Indices]:
    """Return rows and columns of the pixels within closed paths, by the even-odd rule.

    Parameters
    ----------
    paths : sequence of ndarray, shape (corners, 2)
        The x and y of the corners of each path; the last is joined to the first. Of overlapping paths, and of a path
        that crosses itself, what lies within an even number of them is outside, as a hole is.
    shape : (int, int)
        Rows and columns of the picture; what lies beyond is cut off.

    Returns
    -------
    rows, columns : ndarray of int
        In the picture's order, row after row.

    Raises
    ------
    DataError
        When a coordinate is not finite, or there are too many corners to test.
    """
    starts = np.concatenate([np.asarray(path, np.float64) for path in paths])
    ends = np.concatenate([np.roll(np.asarray(path, np.float64), -1, axis=0) for path in paths])
    if not np.isfinite(starts).all():
        raise DataError("it has a corner that is not a finite number.")
    (x_least, y_least), (x_most, y_most) = starts.min(axis=0), starts.max(axis=0)
    top, bottom = _span(y_least, y_most, shape[0])
    left, right = _span(x_least, x_most, shape[1])
    if top >= bottom or left >= right:
        return _nothing()
    centre_x, centre_y = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
    crossings = np.zeros((bottom - top, right - left), np.int32)
    on_edge = np.zeros(crossings.shape, bool)
    tests = 0
    for first in range(0, len(starts), _EDGES):
        x0, y0 = starts[first : first + _EDGES].T
        x1, y1 = ends[first : first + _EDGES].T
        touched = (np.minimum(y0, y1) <= centre_y[:, None]) & (centre_y[:, None] <= np.maximum(y0, y1))
        row, edge = np.nonzero(touched)
        tests += len(row) * len(centre_x)
        if tests > _MOST_TESTS:
            raise DataError(f"its {len(starts)} corners are too many for {shape[0]} x {shape[1]} pixels.")
        spend(len(row) * len(centre_x))
        step = max(1, _BLOCK // len(centre_x))
        for begin in range(0, len(row), step):
            r, e = row[begin : begin + step], edge[begin : begin + step]
            y = centre_y[r]
            rise = y1[e] - y0[e]
            # Zero for a centre on the line through the edge: with corners in ImageJ's float32, the products are exact.
            side = ((x1 - x0)[e] * (y - y0[e]))[:, None] - (centre_x - x0[e][:, None]) * rise[:, None]
            crosses = ((y0[e] <= y) != (y1[e] <= y))[:, None] & (side * np.sign(rise)[:, None] > 0)
            within = (np.minimum(x0, x1)[e][:, None] <= centre_x) & (centre_x <= np.maximum(x0, x1)[e][:, None])
            rows, at = np.unique(r, return_index=True)
            crossings[rows] += np.add.reduceat(crosses, at, axis=0, dtype=np.int32)
            on_edge[rows] |= np.logical_or.reduceat((side == 0) & within, at, axis=0)
    rows, columns = np.nonzero((crossings % 2 == 1) & ~on_edge)
    return rows + top, columns + left


def inside_ellipse(
    centre: tuple[float, float], radii: tuple[float, float], angle: float, closed: bool, shape: tuple[int, int]
) -> tuple[Indices, Indices]:
    """Return rows and columns of the pixels whose centre lies within an ellipse.

    Parameters
    ----------
    centre : (float, float)
        Its x and y.
    radii : (float, float)
        Along its first axis and its second.
    angle : float
        Of the first axis, in radians from x towards y.
    closed : bool
        Whether a centre on the edge is inside, as in FISSA's ovals; in its ellipses it is not.
    shape : (int, int)
        Rows and columns of the picture.

    Raises
    ------
    DataError
        When a number is not finite, or a radius not positive.
    """
    if not np.isfinite((*centre, *radii, angle)).all() or min(radii) <= 0:
        raise DataError("it is an oval without an extent.")
    reach = max(radii)
    # FISSA counts from the centres of pixels: half a pixel less, and the same numbers bit for bit.
    x_middle, y_middle = centre[0] - 0.5, centre[1] - 0.5
    top, bottom = _span(y_middle - reach, y_middle + reach + 1, shape[0])
    left, right = _span(x_middle - reach, x_middle + reach + 1, shape[1])
    if top >= bottom or left >= right:
        return _nothing()
    spend(_ELLIPSE * (bottom - top) * (right - left))
    x = np.arange(left, right) - x_middle
    y = (np.arange(top, bottom) - y_middle)[:, None]
    sin, cos = np.sin(angle), np.cos(angle)
    if angle == 0:
        distance = (x / radii[0]) ** 2 + (y / radii[1]) ** 2
    else:
        distance = ((x * cos + y * sin) / radii[0]) ** 2 + ((x * sin - y * cos) / radii[1]) ** 2
    rows, columns = np.nonzero(distance <= 1 if closed else distance < 1)
    return rows + top, columns + left


def _span(least: float, most: float, size: int) -> tuple[int, int]:
    """Return the first and the last but one index of pixels between two coordinates, within the picture."""
    return int(np.floor(np.clip(least, 0, size))), int(np.ceil(np.clip(most, 0, size)))


def _nothing() -> tuple[Indices, Indices]:
    return np.zeros(0, np.intp), np.zeros(0, np.intp)
