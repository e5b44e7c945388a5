"""Match components with the ROI by FISSA's rule: order, scores, best matches, and shares of mixing columns."""

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray


def column_shares(mixing: FloatArray) -> FloatArray:
    """Divide each column of a mixing matrix by the sum of its magnitudes.

    Parameters
    ----------
    mixing : ndarray, shape (signals, n)

    Returns
    -------
    ndarray, shape (signals, n)
        Magnitudes of each column sum to 1; a column of zeros stays one.
    """
    sums = np.abs(mixing).sum(axis=0)
    shares: FloatArray = mixing / np.where(sums > 0, sums, 1.0)
    return shares


def rank(mixing: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
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
        0 for a column of zeros. It measures how specific a component is to the ROI, not how large.
    """
    scores = np.abs(column_shares(mixing)[0])
    # FISSA's order: ties are resolved to the later column.
    return np.argsort(scores, kind="stable")[::-1].copy(), scores


def match(separated: FloatArray, mixing: FloatArray, order: NDArray[np.intp], scale: float) -> FloatArray:
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
