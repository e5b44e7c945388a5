"""Thumbnail: minima and maxima of the parts of a trace, scaled to 0 to 1."""

import numpy as np
from numpy.typing import NDArray

POINTS = 200


def thumbnail(trace: NDArray[np.float64], points: int = POINTS) -> NDArray[np.float32]:
    """Return the least and the greatest value of each part of a trace, in turns.

    Parameters
    ----------
    trace : ndarray, shape (frames,)
    points : int
        At most how many values; at least 2.

    Returns
    -------
    ndarray of float32, shape (<= points,)
        From 0 (the trace's least value) to 1 (its greatest); a short trace as it is, 0.5 where it
        is constant, NaN where it is not finite.
    """
    values = np.asarray(trace, dtype=np.float64)
    if values.size > points:
        parts = points // 2
        starts = np.arange(parts) * values.size // parts
        with np.errstate(invalid="ignore"):
            pairs = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        values = np.stack(pairs, axis=1).ravel()
    finite = np.isfinite(values)
    if not finite.any():
        return np.full(values.shape, np.nan, np.float32)
    low, high = values[finite].min(), values[finite].max()
    scaled = np.full(values.shape, 0.5)
    if high > low:
        # Halves first: the difference of the largest numbers would leave float64's range.
        np.divide(values / 2 - low / 2, high / 2 - low / 2, out=scaled, where=finite)
    scaled[~finite] = np.nan
    return scaled.astype(np.float32)
