"""What a sweep keeps of each separation, and the numbers by which its tiles can be told apart."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core import metrics
from neuropil_gui.core.advice import match_strength
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.core.settings import SeparationSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH = 400
"""Bins of a tile's trace, where nothing else is asked for."""

# A trace that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Tile:
    """What one pair of settings made of a cell, without the separation itself.

    Attributes
    ----------
    ix, iy : int
        Its place in the plan.
    settings : SeparationSettings
    error : str
        The sentence that refused it; empty where it was separated. All below is then empty, too.
    n, alive : int
        How many components there are, and how many of them are not empty.
    score : float
        The ROI's share of the best match, c1, from 0 to 1.
    iterations : int
    converged : bool
    collapsed : bool
        Whether nothing was separated, see `has_collapsed`.
    objective : float
        What NMF has minimised; NaN for ICA.
    explained : float
        Part of the variance of all signals that the components make up.
    r_neuropil : float
        Pearson's r of the best match with the mean of the regions.
    r_truth, error_truth : float
        Of the best match with the true signal, see `metrics`; NaN where it is not known.
    seconds : float
    draft : bool
        Whether it is a first look at averages over short bins.
    trace : ndarray of float32, shape (3, bins), read-only
        Least, mean and greatest value of the best match in each of as many bins of equal length, in the traces' unit.
    """

    ix: int
    iy: int
    settings: SeparationSettings
    error: str = ""
    n: int = 0
    alive: int = 0
    score: float = math.nan
    iterations: int = 0
    converged: bool = False
    collapsed: bool = False
    objective: float = math.nan
    explained: float = math.nan
    r_neuropil: float = math.nan
    r_truth: float = math.nan
    error_truth: float = math.nan
    seconds: float = math.nan
    draft: bool = False
    trace: "NDArray[np.float32]" = field(default_factory=lambda: thinned(np.empty(0), 1))


def has_collapsed(separation: Separation) -> bool:
    """Whether a separation has left all light in one component, or the ROI without one.

    True where

    - the best match is constant in the ROI, zero included: nothing of the cell is left in it;
    - a single component lives: whatever is in it is cell and neuropil alike (n = 1 is such a case);
    - the best match, the component most specific to the ROI, is no stronger there than in the average region: its share
      says nothing of the cell. (A match may be poor without that, see `advice`.)

    Where there is only one signal nothing is to be separated, and only the first counts.
    """
    best = separation.matched[0]
    if not np.ptp(best) > _ROUNDING * float(np.abs(best).max()):
        return True
    if len(separation.mixing) == 1:
        return False
    return metrics.alive(separation.separated, separation.mixing) <= 1 or match_strength(separation) <= 1


def summary(cell: Cell, separation: Separation, ix: int, iy: int, width: int = WIDTH) -> Tile:
    """Return what a tile keeps of a separation of `cell`; `width` is the most bins of its trace."""
    best = separation.matched[0]
    offset: float | FloatArray = separation.offset
    if separation.settings.method == "ica":
        offset = cell.traces.mean(axis=1, keepdims=True)
    own = cell.truth.sources[0] if cell.truth is not None and len(cell.truth.sources) else None
    if own is not None and own.size != best.size:
        own = None
    return Tile(
        ix,
        iy,
        separation.settings,
        n=separation.n,
        alive=metrics.alive(separation.separated, separation.mixing),
        score=float(separation.scores[separation.order[0]]),
        iterations=separation.iterations,
        converged=separation.converged,
        collapsed=has_collapsed(separation),
        objective=separation.objective,
        explained=metrics.explained(cell.traces, separation.median * separation.mixing, separation.separated, offset),
        r_neuropil=metrics.r_with_neuropil(best, cell.traces),
        r_truth=math.nan if own is None else metrics.pearson(best, own),
        error_truth=math.nan if own is None else metrics.truth_error(best, own),
        seconds=separation.seconds,
        draft=separation.frames_per_value > 1,
        trace=thinned(best, width),
    )


def thinned(trace: "FloatArray", width: int) -> "NDArray[np.float32]":
    """Return least, mean and greatest value of a trace in each of `width` bins.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    width : int
        At least 1.

    Returns
    -------
    ndarray of float32, shape (3, bins), read-only
        As many bins as frames where there are no more than `width`; bins differ by one frame at most.
    """
    bins = min(width, trace.size)
    starts = np.arange(bins) * trace.size // max(bins, 1)
    lengths = np.diff(starts, append=trace.size)
    rows = np.empty((3, bins), np.float32)
    if bins:
        rows[0] = np.minimum.reduceat(trace, starts)
        rows[1] = np.add.reduceat(trace, starts) / lengths
        rows[2] = np.maximum.reduceat(trace, starts)
    rows.flags.writeable = False
    return rows


@dataclass(frozen=True)
class TileNumber:
    """A number that tiles can be coloured by.

    Attributes
    ----------
    key : str
        The attribute of `Tile`.
    label : str
    unit : str
        Empty for ratios.
    help : str
        What it is good for, and when it misleads.
    better : str
        ``"higher"`` or ``"lower"``; empty where neither is.
    """

    key: str
    label: str
    unit: str
    help: str
    better: str = ""


TILE_NUMBERS = {
    number.key: number
    for number in (
        TileNumber(
            "r_neuropil",
            "r with neuropil",
            "",
            "Pearson's r of the best match with the mean of the neuropil regions. A low one tells that neuropil was "
            "taken out; it punishes a cell that truly is active with its neuropil, and a trace of noise looks good.",
            "lower",
        ),
        TileNumber(
            "explained",
            "explained",
            "",
            "Part of the variance of all signals that the components make up. It always grows with n and falls with "
            "alpha, and says nothing of whether cell and neuropil were told apart.",
            "higher",
        ),
        TileNumber(
            "alive",
            "components alive",
            "components",
            "Components that are not empty. One alone means that nothing was separated; more are not better for that.",
        ),
        TileNumber(
            "score",
            "match score",
            "",
            "The ROI's share of the best match. It tells how specific the component is to the ROI, not how good the "
            "separation is: choosing alpha by it does worse than FISSA's default on simulated cells.",
        ),
        TileNumber(
            "objective",
            "objective",
            "",
            "What NMF has minimised. Comparable only between tiles of the same alpha and pedestal (seeds, starts, n); "
            "a lower one is the better optimum, not for that the better separation.",
            "lower",
        ),
        TileNumber("iterations", "iterations", "", "Iterations of the last try.", "lower"),
        TileNumber("seconds", "time", "s", "How long the separation took.", "lower"),
        TileNumber(
            "r_truth",
            "r with truth",
            "",
            "Pearson's r of the best match with the true signal of the cell, known because the recording is simulated.",
            "higher",
        ),
        TileNumber(
            "error_truth",
            "error against truth",
            "",
            "Root mean square error of the best match against the true signal after the best scale and offset, "
            "relative to its standard deviation. 0 is perfect, 1 no better than a constant.",
            "lower",
        ),
    )
}


def numbers_of(tile: Tile) -> dict[str, float]:
    """Return the numbers of a tile by their keys in `TILE_NUMBERS`; NaN where it was refused, or one is not defined."""
    return {key: math.nan if tile.error else float(getattr(tile, key)) for key in TILE_NUMBERS}


def collapse_at(tiles: Iterable[Tile]) -> float | None:
    """Return the alpha from which on the answer is collapsed, None where it never is.

    Parameters
    ----------
    tiles : iterable of Tile
        In any order, of one row of a sweep over alpha: all else is the same. Of several rows, an alpha counts
        as collapsed where all of them are. Those that were refused are left out.
    """
    collapsed: dict[float, bool] = {}
    for tile in tiles:
        if not tile.error:
            alpha = tile.settings.alpha
            collapsed[alpha] = collapsed.get(alpha, True) and tile.collapsed
    first = None
    for alpha in sorted(collapsed, reverse=True):
        if not collapsed[alpha]:
            break
        first = alpha
    return first
