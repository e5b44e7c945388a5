"""Independent component analysis as FISSA 1.0.0 does it, step by step.

FastICA (Hyvärinen & Oja 2000, doi 10.1016/S0893-6080(00)00026-5): symmetric, with the
log cosh contrast, after whitening by a singular value decomposition. The signs of the
whitening are those that the decomposition gives, as in scikit-learn 1.1; later versions
flip them first and so take another path to another result.
"""

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.solvers.principal_axes import principal_axes
from neuropil_gui.core.solvers.stepping import SAMPLES_PER_STEP, STARTING, Solver, Step, blocks

SHARE = 0.01
"""FISSA counts the principal components that explain more than this part of the variance."""


def count_components(X: FloatArray) -> Solver[int]:
    """Count the principal components that explain more than 1 % of the variance each.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    int
        At least 1.
    """
    values, _ = yield from principal_axes((yield from _centre(X)))
    variance = np.square(values)
    return max(1, int((variance > SHARE * variance.sum()).sum()))


def unmix(X: FloatArray, n: int, tol: float, max_iter: int, seed: int) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Find n independent components of X.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        Finite.
    n : int
        At most the number of signals.
    tol : float
        The turn of the unmixing, ``max | |diag(W1 W')| - 1 |``, below which to stop.
    max_iter : int
    seed : int

    Returns
    -------
    sources : ndarray, shape (n, frames)
        With mean zero, in the scale that scikit-learn calls arbitrary-variance.
    mixing : ndarray, shape (signals, n)
    iterations : int

    Raises
    ------
    DataError
        (a ValueError) When the signals span fewer than n directions.
    """
    from scipy import linalg

    centred = yield from _centre(X)
    values, axes = yield from principal_axes(centred)
    rank = int((values > values[0] * np.finfo(float).eps * max(X.shape)).sum())
    if rank < n:
        raise DataError(
            f"ICA cannot find {n} components: the {X.shape[1]} signals vary in only {rank} independent "
            f"direction{'s' if rank != 1 else ''} (some are copies or sums of others). Ask for n = {rank} or fewer."
        )
    whitening = (axes[:, :n] / values[:n]).T
    white = np.empty((n, len(X)))
    for block in blocks(len(X)):
        white[:, block] = whitening @ centred[block].T
        yield STARTING
    white *= np.sqrt(len(X))

    turn = float("nan")
    iteration = 0

    def state() -> tuple[FloatArray, FloatArray]:
        return unmixing @ whitening @ centred.T, np.asarray(linalg.pinv(unmixing @ whitening), np.float64)

    unmixing = _orthogonal(np.random.RandomState(seed).normal(size=(n, n)))
    yield Step(iteration, turn, state)
    for iteration in range(1, max_iter + 1):
        correlation, slope = np.zeros((n, n)), np.zeros(n)
        for block in blocks(len(X)):
            part = white[:, block]
            g = np.tanh(unmixing @ part)
            correlation += g @ part.T
            slope += (1 - g * g).sum(axis=1)
            if block.stop % SAMPLES_PER_STEP == 0:
                yield Step(iteration - 1, turn, state)
        turned = _orthogonal((correlation - slope[:, np.newaxis] * unmixing) / len(X))
        turn = float(np.abs(np.abs(np.einsum("ij,ij->i", turned, unmixing)) - 1).max())
        unmixing = turned
        yield Step(iteration, turn, state)
        if turn < tol:
            break
    demixing = unmixing @ whitening
    sources = np.empty((n, len(X)))
    for block in blocks(len(X)):
        sources[:, block] = demixing @ centred[block].T
        yield Step(iteration, turn, state)
    return sources, np.asarray(linalg.pinv(demixing), np.float64), iteration


def _centre(X: FloatArray) -> Solver[FloatArray]:
    mean = X.mean(axis=0)
    yield STARTING
    centred = np.empty_like(X)
    for block in blocks(len(X)):
        np.subtract(X[block], mean, out=centred[block])
        yield STARTING
    return centred


def _orthogonal(matrix: FloatArray) -> FloatArray:
    """Return the nearest orthogonal matrix, (M M')^(-1/2) M."""
    values, vectors = np.linalg.eigh(matrix @ matrix.T)
    values = np.maximum(values, np.finfo(float).tiny)
    nearest: FloatArray = (vectors / np.sqrt(values)) @ vectors.T @ matrix
    return nearest
