"""Which component is the ROI's: order, scores and best-matched traces, by FISSA's rule."""

from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.arrays import FloatArray

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rank(mixing: "FloatArray") -> "tuple[NDArray[np.intp], FloatArray]":
    """Order components by the ROI's share of them (Keemink et al. 2018, doi 10.1038/s41598-018-21640-2).

    Parameters
    ----------
    mixing : ndarray, shape (signals, n)
        Row 0 is the ROI.

    Returns
    -------
    order : ndarray of int, shape (n,)
        Best match first.
    scores : ndarray, shape (n,)
        ``|mixing[0]|`` over the sum of each column's magnitudes, in the columns' order;
        0 for a column of zeros. It tells how specific a component is to the ROI, not how large.
    """
    weights = np.abs(mixing)
    total = weights.sum(axis=0)
    scores = np.divide(weights[0], total, out=np.zeros_like(total), where=total != 0)
    # FISSA's order: ties are resolved to the later column.
    return np.argsort(scores, kind="stable")[::-1].copy(), scores


def match(separated: "FloatArray", mixing: "FloatArray", order: "NDArray[np.intp]", scale: float) -> "FloatArray":
    """Return each component as it is seen in the ROI, best match first.

    Parameters
    ----------
    separated : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
        The sign of row 0 is used, not the normalised scores.
    order : ndarray of int, shape (n,)
    scale : float
        What the signals were divided by.

    Returns
    -------
    ndarray, shape (n, frames)
        In the unit of the signals.
    """
    matched = separated[order]
    matched *= mixing[0, order][:, np.newaxis]
    matched *= scale
    return matched
