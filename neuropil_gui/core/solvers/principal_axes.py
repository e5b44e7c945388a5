"""Principal axes of long thin arrays, computed in short steps.

LAPACK on an array of a million frames holds the interpreter for half a second.
Here a long array is first reduced, block by block, to a triangle of
signals x signals with the same singular values and the same axes.
"""

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.lapack import left_singular
from neuropil_gui.core.solvers.stepping import BLOCK, STARTING, Solver, blocks


def principal_axes(samples: FloatArray, block: int = BLOCK) -> Solver[tuple[FloatArray, FloatArray]]:
    """Find the singular values of samples and their axes among the signals.

    Parameters
    ----------
    samples : ndarray, shape (frames, signals)
    block : int, optional
        Frames that are reduced at once.

    Yields
    ------
    Step
        After each block of frames.

    Returns
    -------
    values : ndarray, shape (k,)
        Descending, k = min(frames, signals).
    axes : ndarray, shape (signals, k)
        The left singular vectors of ``samples.T``, with the signs that
        ``scipy.linalg.svd(samples.T)`` gives them.
    """
    frames, signals = samples.shape
    small = samples
    if frames > max(block, 2 * signals):
        small = np.empty((0, signals))
        for part in blocks(frames, block):
            # numpy's stubs forget that this mode returns one array.
            small = np.linalg.qr(np.vstack((small, samples[part])), mode="r")  # type: ignore[assignment]
            yield STARTING
        small = _with_householder_signs(small, samples[:signals])
    axes, values = left_singular(small.T)
    yield STARTING
    return values, axes


def _with_householder_signs(triangle: FloatArray, top: FloatArray) -> FloatArray:
    """Give the rows of `triangle` the signs that one QR of the whole array would have.

    LAPACK reduces a long array to this triangle before its SVD, and the signs of the
    SVD follow from it. Its reflection k turns column k onto -sign(a_kk) times the
    column's norm, a_kk as the reflections before left it. That element depends only on
    `top`, the array's first rows, and on the triangle, so they are replayed on those.
    """
    r, top = triangle.copy(), top.copy()
    for k in range(len(r)):
        pivot = top[k, k]
        diagonal = -abs(r[k, k]) if pivot >= 0 else abs(r[k, k])
        if r[k, k] * diagonal < 0:
            r[k] = -r[k]
        if diagonal != pivot:
            # The reflector's product with each column: inner products of columns are products of r.
            reflector = top[k:, k].copy()
            reflector[0] -= diagonal
            top[k:] -= np.outer(reflector, (r[k] - top[k]) / (diagonal - pivot))
    return r
