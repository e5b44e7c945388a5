"""Simple corrections F - k Fneu, with one neuropil factor k for each cell, to compare a separation with.

F is the ROI's trace and Fneu the mean of its neuropil regions. They differ in how k is found. An intercept,
where a fit has one, is reported but not subtracted, so that a trace keeps the ROI's baseline, less the neuropil's.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.line_fits import huber, least_squares, slope_error, variance
from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.checks import check_finite, check_size
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.solvers.stepping import blocks

USUAL_FACTOR = 0.7
"""The part of the neuropil that is usually subtracted (Chen et al. 2013, doi 10.1038/nature12354)."""

USABLE = (0.0, 1.2)
"""Slopes of a regression that can be the part of the neuropil in a ROI; others are shown, but do not measure it."""

LARGEST = 2.0
"""The largest k that cross-validation looks at."""

QUANTILE = 0.25
"""Part of the frames that cross-validation fits: transients add light, so the lower frames show the neuropil."""

MOST_FOLDS = 50

SOURCES = {
    "fixed": "Chen et al. 2013, Nature 499, 295-300, doi 10.1038/nature12354 (k = 0.7, there called r)",
    "regression": "Least squares; its error after Liang & Zeger 1986, Biometrika 73, 13-22, doi 10.1093/biomet/73.1.13",
    "robust": "Huber 1964, Ann. Math. Stat. 35, 73-101, doi 10.1214/aoms/1177703732; Holland & Welsch 1977, "
    "doi 10.1080/03610927708827533",
    "cross_validation": "Quantile loss: Koenker & Bassett 1978, Econometrica 46, 33-50, doi 10.2307/1913643; held-out "
    "blocks: Burman et al. 1994, Biometrika 81, 351-358, doi 10.1093/biomet/81.2.351",
}
"""Whom to cite for each way to find k, by its key in `RIVALS`."""

_MOST_VALUES = 20_000
_BLOCKS_PER_FOLD = 8
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Subtraction:
    """A ROI with a part of its neuropil subtracted.

    Attributes
    ----------
    method : str
        The key in `RIVALS`.
    k : float
        The neuropil factor: how much of the neuropil was subtracted. A fit's is not clipped.
    intercept : float or None
        What a fit found to be left of the ROI's light where there is no neuropil, in the traces' unit; not
        subtracted. None where nothing was fitted.
    trace : ndarray, shape (frames,), read-only
        ``F - k * Fneu``, in the traces' unit.
    how : str
        How k was found, and what is doubtful about it, in a sentence or two.
    source : str
        Whom to cite, with DOI.
    stderr : float or None
        The standard error of k as fitted, from blocks of time, because frames that follow each other are not
        independent. None where k was given.
    usable : bool
        False where a regression's slope lies outside `USABLE`.
    """

    method: str
    k: float
    intercept: float | None
    trace: FloatArray
    how: str
    source: str
    stderr: float | None = None
    usable: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "trace", as_read_only(self.trace, "The corrected trace"))


def neuropil(cell: Cell) -> FloatArray:
    """Return the mean of the cell's neuropil regions, shape (frames,).

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    ndarray, shape (frames,)
        In the traces' unit.

    Raises
    ------
    DataError
        (a ValueError) Where the cell has no region, or signals are not finite.
    """
    regions = cell.traces[1:]
    check_regions(cell)
    check_finite(cell.traces, cell.signal_names)
    check_size(cell.traces, cell.signal_names)
    mean = np.empty(regions.shape[1])
    for block in blocks(len(mean)):
        np.mean(regions[:, block], axis=0, out=mean[block])
    return mean


def check_regions(cell: Cell) -> None:
    """Refuse a cell without a neuropil region.

    Parameters
    ----------
    cell : Cell

    Raises
    ------
    DataError
        (a ValueError) Where it has none.
    """
    if len(cell.traces) < 2:
        raise DataError(
            f"{cell.name} has one signal, its ROI, and no neuropil region that could be subtracted. "
            "Load the neuropil's trace as a second signal."
        )


def difference(cell: Cell, k: float) -> FloatArray:
    """Return the ROI less k times the mean of its regions, shape (frames,), read-only, NaN where a signal is.

    Parameters
    ----------
    cell : Cell
    k : float
        The neuropil factor.

    Returns
    -------
    ndarray, shape (frames,), read-only
        In the traces' unit.
    """
    trace = np.empty(cell.traces.shape[1])
    for block in blocks(len(trace)):
        trace[block] = cell.traces[0, block] - k * cell.traces[1:, block].mean(axis=0)
    trace.flags.writeable = False
    return trace


def fixed(cell: Cell, k: float = USUAL_FACTOR) -> Subtraction:
    """Subtract a given part of the neuropil (0.7: Chen et al. 2013, doi 10.1038/nature12354).

    Parameters
    ----------
    cell : Cell
    k : float
        Finite.

    Returns
    -------
    Subtraction

    Raises
    ------
    DataError
        (a ValueError) Where there is no region, or k is not finite.
    """
    if not math.isfinite(k):
        raise DataError(f"k must be a finite number, such as 0.7, but {k} was found.")
    return _subtraction(cell, neuropil(cell), "fixed", k, None, f"k = {_text(k)} was given.")


def by_regression(cell: Cell) -> Subtraction:
    """Find k by ordinary least squares of F on Fneu, with an intercept.

    A slope outside `USABLE` is no measurement of how much neuropil the ROI holds, and is reported as not usable. The
    standard error allows for frames that hang together: the sandwich of Liang & Zeger (1986,
    doi 10.1093/biomet/73.1.13) with 20 blocks of time as clusters.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    Subtraction

    Raises
    ------
    DataError
        (a ValueError) Where there is no region, fewer than 3 frames, or neuropil that does not vary.
    """
    x, y = _pair(cell)
    slope, intercept = least_squares(x, y)
    error = slope_error(x, y, slope, intercept)
    how = f"Least squares of the ROI on the neuropil gives a slope of {_text(slope)}."
    return _regressed(cell, x, "regression", slope, intercept, error, how)


def by_robust_regression(cell: Cell) -> Subtraction:
    """Find k by a regression in which transients count less; outside `USABLE` it is not usable, as `by_regression`.

    Huber's weights (1964, doi 10.1214/aoms/1177703732) in iteratively reweighted least squares (Holland & Welsch
    1977, doi 10.1080/03610927708827533). The scale is the median absolute residual, anew in each
    iteration. The standard error is that of `by_regression`, for Huber's psi.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    Subtraction

    Raises
    ------
    DataError
        (a ValueError) Where there is no region, fewer than 3 frames, or neuropil that does not vary.
    """
    x, y = _pair(cell)
    slope, intercept, reach, iterations, settled = huber(x, y)
    error = slope_error(x, y, slope, intercept, reach)
    how = f"Huber's robust regression of the ROI on the neuropil gives a slope of {_text(slope)}"
    how += f" after {iterations} iterations." if settled else f", not settled after {iterations} iterations."
    return _regressed(cell, x, "robust", slope, intercept, error, how)


def by_cross_validation(cell: Cell, folds: int = 5) -> Subtraction:
    """Find the k in 0 ... 2 whose line lies best under frames that it has not seen.

    A transient can only add light, so what F has in common with Fneu shows in its lower frames. For a k, the
    lower quartile of ``F - k Fneu`` over the training frames is its level, and the held-out frames
    are scored by their distance from level + k Fneu, those below it three times as heavily: the
    loss of quantile regression (Koenker & Bassett 1978, doi 10.2307/1913643). Neither this loss nor the level
    follows a cell's transients, however large. Frames that follow each other are not independent,
    so that blocks of time are held out, not frames (Burman, Chow & Nolan 1994, doi 10.1093/biomet/81.2.351);
    8 blocks a fold, dealt in turn, so that drift is in all folds alike. The k is looked for on a grid
    of 0.05, then of 0.005. Long recordings are averaged over bins of frames to at most 20,000 values first.

    The Allen Institute's method cross-validates too, but penalises roughness instead (de Vries et al. 2020,
    doi 10.1038/s41593-019-0550-9); this is another method, and finds another k.

    A cell that is active with its neuropil has no lower frames that are neuropil alone, and k comes out too high: for
    true k of 0.3, 0.6 and 0.9 about 0.55, 0.86 and 1.19 were found in simulated cells. All folds err alike, so that
    the standard error is too small there.

    Parameters
    ----------
    cell : Cell
    folds : int
        From 2 to `MOST_FOLDS`.

    Returns
    -------
    Subtraction
        `stderr` is the jackknife's over folds. `how` says where the error is flat: which k predict as well, as far
        as the folds can tell, where that is a wide range.

    Raises
    ------
    DataError
        (a ValueError) Where there is no region, too few frames for the folds, folds out of range, or neuropil
        that does not vary.
    """
    if not 2 <= folds <= MOST_FOLDS:
        raise DataError(f"Cross-validation needs from 2 to {MOST_FOLDS} folds, but {folds} was found.")
    x, y = _pair(cell, 2 * _BLOCKS_PER_FOLD * folds)
    values_x, values_y = _binned(x), _binned(y)
    fold_of = np.arange(len(values_x)) * (_BLOCKS_PER_FOLD * folds) // len(values_x) % folds
    grid = np.linspace(0, LARGEST, 41)
    errors = _held_out(values_x, values_y, fold_of, folds, grid)
    coarse = float(grid[errors.sum(axis=0).argmin()])
    fine = np.clip(np.linspace(coarse - 0.05, coarse + 0.05, 21), 0, LARGEST)
    k = _lowest(fine, _held_out(values_x, values_y, fold_of, folds, fine).sum(axis=0))
    left_out = np.array([_lowest(grid, errors.sum(axis=0) - errors[fold]) for fold in range(folds)])
    error = math.sqrt((folds - 1) / folds * float(np.square(left_out - left_out.mean()).sum()))
    how = f"k = {k:.3f} predicts held-out blocks of time best ({folds} folds)." + _doubt(grid, errors, k)
    intercept = float(np.quantile(values_y - k * values_x, QUANTILE))
    return _subtraction(cell, x, "cross_validation", k, intercept, how, error)


SUBTRACTIONS: dict[str, Callable[[Cell], Subtraction]] = {
    "fixed": fixed,
    "regression": by_regression,
    "robust": by_robust_regression,
    "cross_validation": by_cross_validation,
}
"""Function that makes each simple correction, by its key in `RIVALS`."""


def _subtraction(
    cell: Cell, x: FloatArray, method: str, k: float, intercept: float | None, how: str, error: float | None = None
) -> Subtraction:
    trace = cell.traces[0] - k * x
    trace.flags.writeable = False
    return Subtraction(method, k, intercept, trace, how, SOURCES[method], error)


def _text(number: float) -> str:
    return f"{number:.3f}".replace("-", "\N{MINUS SIGN}")


def _regressed(
    cell: Cell, x: FloatArray, method: str, slope: float, intercept: float, error: float, how: str
) -> Subtraction:
    low, high = USABLE
    usable = low <= slope <= high
    if not usable:
        how += (
            f" It lies outside {low:g} to {high:g}: not usable, since a ROI holds from none to about all of the "
            "neuropil around it. Give k (0.7 is usual), or leave the cell out."
        )
    found = _subtraction(cell, x, method, slope, intercept, how, error)
    return found if usable else replace(found, usable=False)


def _pair(cell: Cell, least: int = 3) -> tuple[FloatArray, FloatArray]:
    """Return Fneu and F, refused where no line can be fitted."""
    x, y = neuropil(cell), cell.traces[0]
    if len(x) < least:
        raise DataError(f"At least {least} frames are needed to find k, but {len(x)} were found.")
    if variance(x) <= (_ROUNDING * float(np.abs(x).max())) ** 2:
        raise DataError("The neuropil does not vary, so that no k can be found from it. Give k (0.7 is usual).")
    return x, y


def _binned(values: FloatArray) -> FloatArray:
    """Average over bins of as many frames as leave at most `_MOST_VALUES`; a last, shorter bin is dropped."""
    length = -(-len(values) // _MOST_VALUES)
    whole = len(values) // length * length
    means: FloatArray = values[:whole].reshape(-1, length).mean(axis=1)
    return means


def _held_out(x: FloatArray, y: FloatArray, fold_of: NDArray[np.intp], folds: int, grid: FloatArray) -> FloatArray:
    """Return the summed loss of each fold's held-out values, shape (folds, len(grid))."""
    errors = np.empty((folds, len(grid)))
    for fold in range(folds):
        held = fold_of == fold
        train_x, train_y, x_held, y_held = x[~held], y[~held], x[held], y[held]
        place = int(QUANTILE * (len(train_x) - 1))
        for index, k in enumerate(grid):
            rest = train_y - k * train_x
            rest.partition(place)
            beyond = y_held - k * x_held - rest[place]
            errors[fold, index] = QUANTILE * float(beyond.sum()) - float(beyond[beyond < 0].sum())
    return errors


def _lowest(grid: FloatArray, errors: FloatArray) -> float:
    """Return where the parabola through the lowest error and its neighbours is lowest."""
    at = int(errors.argmin())
    if not 0 < at < len(grid) - 1:
        return float(grid[at])
    left, middle, right = errors[at - 1 : at + 2]
    bend = left - 2 * middle + right
    if bend <= 0:
        return float(grid[at])
    return float(grid[at] + (grid[at + 1] - grid[at]) * 0.5 * (left - right) / bend)


def _doubt(grid: FloatArray, errors: FloatArray, k: float) -> str:
    """Return a remark where the error curve leaves k open: at an end, or in a wide range that does as well."""
    at = int(errors.sum(axis=0).argmin())
    worse = errors - errors[:, at : at + 1]
    folds = len(errors)
    # One standard error of the differences in the same folds.
    alike = grid[worse.mean(axis=0) <= worse.std(axis=0, ddof=1) / math.sqrt(folds)]
    words = ""
    if k <= 0 or k >= LARGEST:
        words += f" It lies at the end of what was looked at, 0 to {LARGEST:g}."
    if alike[-1] - alike[0] > 0.3:
        words += (
            f" The error is flat: any k from {alike[0]:.2f} to {alike[-1]:.2f} does as well, as far as the folds tell."
        )
    return words
