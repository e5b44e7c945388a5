"""Straight lines of one trace against another, with the standard error of the slope, in blocks of frames."""

import math
from itertools import pairwise

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.separation import find_median
from neuropil_gui.core.solvers.stepping import Step, blocks, run

HUBER = 1.345
"""Deviations, in standard deviations of the noise, up to which a frame has its full weight (Holland & Welsch 1977)."""

MOST_ITERATIONS, SETTLED = 30, 1e-5

_CLUSTERS = 20
_TO_DEVIATION = 1.4826  # A normal distribution's standard deviation over its median absolute deviation.
_ROUNDING = 1e-9


def variance(x: FloatArray) -> float:
    """Return the mean square about the mean.

    Parameters
    ----------
    x : ndarray, shape (frames,)

    Returns
    -------
    float
        In the square of the trace's unit.
    """
    mean = float(x.mean())
    return sum(float(np.square(x[block] - mean).sum()) for block in blocks(len(x))) / len(x)


def least_squares(x: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line of y on x, which must vary.

    Parameters
    ----------
    x, y : ndarray, shape (frames,)
    weights : ndarray, shape (frames,), optional
        All 1 by default.

    Returns
    -------
    slope, intercept : float
    """
    # Moments about a point inside the data: about 0, digits would cancel where the light is bright.
    at_x, at_y = float(x[0]), float(y[0])
    total = sum_x = sum_y = sum_xx = sum_xy = 0.0
    for block in blocks(len(x)):
        dx, dy = x[block] - at_x, y[block] - at_y
        w = np.ones_like(dx) if weights is None else weights[block]
        wx = w * dx
        total += float(w.sum())
        sum_x += float(wx.sum())
        sum_y += float(w @ dy)
        sum_xx += float(wx @ dx)
        sum_xy += float(wx @ dy)
    slope = (sum_xy - sum_x * sum_y / total) / (sum_xx - sum_x**2 / total)
    return slope, at_y + sum_y / total - slope * (at_x + sum_x / total)


def huber(x: FloatArray, y: FloatArray) -> tuple[float, float, float, int, bool]:
    """Fit Huber's robust line of y on x, which must vary, by iteratively reweighted least squares.

    Huber (1964), doi 10.1214/aoms/1177703732; Holland & Welsch (1977), doi 10.1080/03610927708827533. The scale
    is the median absolute residual, anew in each iteration.

    Parameters
    ----------
    x, y : ndarray, shape (frames,)

    Returns
    -------
    slope, intercept : float
    reach : float
        The size above which a residual has lost weight.
    iterations : int
    settled : bool
        Whether the line has stopped moving, in its slope and in its height, within `MOST_ITERATIONS`.
    """
    slope, intercept = least_squares(x, y)
    deviation, middle = math.sqrt(variance(y)), float(x.mean())
    spread = deviation / math.sqrt(variance(x))
    reach, settled, iterations = math.inf, False, 0
    while not settled and iterations < MOST_ITERATIONS:
        iterations += 1
        residual = np.abs(y - (intercept + slope * x))
        reach = HUBER * _TO_DEVIATION * run(find_median(residual), _ignore)
        if reach <= _ROUNDING * float(residual.max()):
            # More than half of the frames lie on the line: no weights are left to find.
            return slope, intercept, reach, iterations, True
        before, height = slope, intercept + slope * middle
        slope, intercept = least_squares(x, y, reach / np.maximum(residual, reach))
        # The slope can turn back, and so stand still for one iteration, while the height still moves.
        settled = (
            abs(slope - before) <= SETTLED * spread and abs(intercept + slope * middle - height) <= SETTLED * deviation
        )
    return slope, intercept, reach, iterations, settled


def slope_error(x: FloatArray, y: FloatArray, slope: float, intercept: float, reach: float = math.inf) -> float:
    """Return the standard error of a fitted slope, from 20 blocks of time.

    The sandwich of Liang & Zeger (1986), doi 10.1093/biomet/73.1.13, with blocks of time as clusters: frames
    that follow each other are not independent, and the textbook's error is several times too small.

    Parameters
    ----------
    x, y : ndarray, shape (frames,)
    slope, intercept : float
        Of the line that was fitted.
    reach : float
        Residuals count up to this size, as in `huber`; by default in full, as in `least_squares`.

    Returns
    -------
    float
        NaN where no residual is within reach.
    """
    clusters = min(_CLUSTERS, len(x))
    edges = np.linspace(0, len(x), clusters + 1).astype(int).tolist()
    mean, pull, bread = float(x.mean()), 0.0, 0.0
    for start, stop in pairwise(edges):
        cluster = 0.0
        for part in blocks(stop - start):
            block = slice(start + part.start, start + part.stop)
            dx, residual = x[block] - mean, y[block] - (intercept + slope * x[block])
            bread += float(np.square(dx[np.abs(residual) <= reach]).sum())
            cluster += float(dx @ np.clip(residual, -reach, reach))
        pull += cluster**2
    return math.sqrt(clusters / (clusters - 1) * pull) / bread if bread > 0 else math.nan


def _ignore(step: Step) -> None:
    """Let `run` go on: nothing here takes long enough to be watched."""
