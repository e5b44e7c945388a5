"""Remarks on the signals of a cell: dead ones, copies, and extreme frames.

Thresholds, measured as those of `advice`:

- *Copies.* Pearson's r of two signals reaches 0.998 in the contaminated demo, 0.95 in real cells.
- *Extreme frames.* With one frame a thousand times as bright as the others FISSA's solver may report convergence where
  the best match has r = 0.47 or 0.71 with that at the optimum, for its tolerance is relative to the first violation. In
  the demos and in real cells no frame is further out than 7.3 times the 99th percentile.
"""

import math

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.gaps import kept_frames, ranges, without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.remarks import Remark, joined
from neuropil_gui.core.solvers.stepping import blocks, one_blas_thread

SAME = 0.999
"""Pearson's r above which two signals are near-duplicates."""

EXTREME, MOST_EXTREME, EXTREME_SHARE = 20.0, 3, 0.5
"""Times the 99th percentile of all frames' deviation, above which a frame is extreme, where so few of them hold this
part of all squared deviations."""

# A signal that moves by less than this part of its size is constant but for rounding.
_ROUNDING = 1e-13
_SAMPLE = 10_000
_NAMED = 3


def signal_remarks(cell: Cell) -> list[Remark]:
    """Return what is wrong with the signals of a cell, whatever is made of them.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    list of Remark
        On signals that are dead (0 or constant in all frames), one on the ROI and one on the regions; and one on
        frames that are extreme.
    """
    # Unlike nanmin, fmin gives no warning of a signal without any value.
    least, greatest = np.fmin.reduce(cell.traces, axis=1), np.fmax.reduce(cell.traces, axis=1)
    dead = greatest - least <= _ROUNDING * np.maximum(np.abs(least), np.abs(greatest))
    values = [f"{cell.signal_names[k]} is {greatest[k]:.6g}" for k in np.flatnonzero(dead)]
    remarks = []
    if dead[0]:
        remarks.append(
            Remark(
                f"The ROI's signal is dead: {values.pop(0)} in all frames, so there is nothing of the cell to be "
                "found. Leave this cell out, or extract its ROI again.",
                "error",
            )
        )
    if values:
        more = len(values) - _NAMED
        names = joined(values[:_NAMED] + ([f"{more} more {'is' if more == 1 else 'are'} constant"] if more > 0 else []))
        remarks.append(
            Remark(
                f"{'A neuropil region is' if len(values) == 1 else 'Neuropil regions are'} dead: {names} in all "
                "frames. It holds no neuropil, but counts as a region in the fit and in all that is compared with the "
                "neuropil. Leave it out of the file, or extract it again.",
                "error",
            )
        )
    return remarks + _extreme(cell)


def _extreme(cell: Cell) -> list[Remark]:
    kept, traces = None, cell.traces
    with np.errstate(over="ignore", invalid="ignore"):
        means = traces.mean(axis=1, keepdims=True)
        if not np.isfinite(means).all() and (kept := kept_frames(traces)) is not None:
            traces = without_gaps(traces, kept)
            means = traces.mean(axis=1, keepdims=True) if traces.size else means
        deviations = np.empty(traces.shape[1])
        size = max(float(traces.max(initial=0.0)), -float(traces.min(initial=0.0)))
        if not size:
            return []
        for block in blocks(len(deviations)):
            part = traces[:, block] - means
            part /= size  # squares of very large numbers would leave float64's range
            np.einsum("ij,ij->j", part, part, out=deviations[block])
    total = max(float(deviations.sum()), np.finfo(float).tiny)
    if not MOST_EXTREME * float(deviations.max()) > EXTREME_SHARE * total:
        return []  # as nearly always: the rest takes longer
    count = min(MOST_EXTREME, len(deviations))
    largest = np.argpartition(deviations, -count)[-count:]
    usual = EXTREME**2 * float(np.quantile(deviations[:: 1 + len(deviations) // _SAMPLE], 0.99))
    found = np.sort(largest[deviations[largest] > usual])
    share = float(deviations[found].sum()) / total
    if not share > EXTREME_SHARE:
        return []
    frames = found if kept is None else np.flatnonzero(kept)[found]
    one = len(frames) == 1
    return [
        Remark(
            f"{'Frame' if one else 'Frames'} {ranges(frames, _NAMED)} (counted from 0) {'is' if one else 'are'} "
            f"extreme: {'it holds' if one else 'they hold'} {100 * min(share, 0.999):.3g} % of all squared "
            "deviations from the mean. NMF fits little else, and FISSA's solver may report convergence far from the "
            "optimum. If this is an artefact, set it to NaN in the file and leave missing frames out."
        )
    ]


@one_blas_thread()
def correlations(traces: FloatArray) -> FloatArray:
    """Return Pearson's r of each two signals, block by block; NaN where one of them is constant.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)

    Returns
    -------
    ndarray, shape (signals, signals)
    """
    with np.errstate(all="ignore"):
        means = traces.mean(axis=1, keepdims=True)
        # By the size first: squares of very large or small numbers would leave float64's range.
        size = np.maximum(np.abs(traces.max(axis=1, keepdims=True)), np.abs(traces.min(axis=1, keepdims=True)))
        gram = np.zeros((len(traces), len(traces)))
        for block in blocks(traces.shape[1]):
            part = traces[:, block] - means
            part /= size
            gram += part @ part.T
        norms = np.sqrt(np.diag(gram))
        norms[~(norms > _ROUNDING * math.sqrt(traces.shape[1]))] = np.nan
        r: FloatArray = gram / norms / norms[:, np.newaxis]
    return r


def duplicates(cell: Cell) -> list[Remark]:
    """Return which signals of a cell are nearly the same.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    list of Remark
        One, where there are any.
    """
    r = correlations(cell.traces)
    pairs = [
        f"{cell.signal_names[a]} and {cell.signal_names[b]} (r = {math.floor(10_000 * min(1, r[a, b])) / 10_000:.4f})"
        for a, b in np.argwhere(np.triu(r, 1) > SAME)
    ]
    if not pairs:
        return []
    more = len(pairs) - _NAMED
    return [
        Remark(
            "Nearly the same signal twice: "
            + joined(pairs[:_NAMED] + ([f"{more} more pair{'s' * (more > 1)}"] if more > 0 else []))
            + ". A copy adds nothing that could be told apart, and counts double in the fit. Check that the regions do "
            "not overlap and that no signal was exported twice, or leave one out."
        )
    ]
