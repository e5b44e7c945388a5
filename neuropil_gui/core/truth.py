"""Which true source each component is, where the truth is known."""

from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import Truth
from neuropil_gui.core.separation import Separation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

MOST_FRAMES = 20_000


def true_columns(separation: Separation, truth: Truth) -> "tuple[FloatArray, NDArray[np.intp]]":
    """Return the true mixing beside the found one, by the traces that are most alike.

    Parameters
    ----------
    separation : Separation
    truth : Truth

    Returns
    -------
    columns : ndarray, shape (signals, n)
        For each component in matched order the mixing of its true source, scaled to fit the found column
        best (least squares, so the sign too); NaN where it has none.
    sources : ndarray of int, shape (n,)
        Which row of ``truth.sources`` it is, -1 for none. Each source is given once at most, so that the
        sum of all |Pearson's r| is greatest.
    """
    from scipy.optimize import linear_sum_assignment

    n = separation.n
    columns = np.full((len(separation.mixing), n), np.nan)
    sources = np.full(n, -1, dtype=np.intp)
    frames = separation.separated.shape[1]
    if truth.sources.shape[1] != frames or len(truth.mixing) != len(columns) or not len(truth.sources):
        return columns, sources
    every = slice(None, None, 1 + frames // MOST_FRAMES)
    found = _directions(separation.separated[separation.order][:, every])
    likeness = np.abs(found @ _directions(truth.sources[:, every]).T)
    for rank, source in zip(*linear_sum_assignment(-likeness), strict=True):
        own = separation.mixing[:, separation.order[rank]]
        true = truth.mixing[:, source]
        if likeness[rank, source] > 0 and own.any() and true.any():
            sources[rank] = source
            columns[:, rank] = true * (float(true @ own) / float(true @ true))
    return columns, sources


def _directions(traces: "FloatArray") -> "FloatArray":
    """Return the centred traces at length 1, zeros for those that are constant."""
    centred = traces - traces.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.square(centred).sum(axis=1, keepdims=True))
    directions: FloatArray = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    return directions
