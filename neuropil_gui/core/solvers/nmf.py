"""Non-negative matrix factorisation as FISSA 1.0.0 does it, step by step.

Minimises ``1/2 |X - W H|^2 + l1 (sum W + sum H) + l2/2 (|W|^2 + |H|^2)`` with
l1 = l2 = alpha/2, X (frames, signals) the scaled signals, W (frames, n) the sources
and H (n, signals) the mixing, by cyclic coordinate descent (Cichocki & Phan 2009,
doi 10.1587/transfun.E92.A.708) from an NNDSVD start (Boutsidis & Gallopoulos 2008,
doi 10.1016/j.patcog.2007.09.010). Start, sweeps and stop are those of
``sklearn.decomposition.NMF``, so the iterations are the same; but W is swept in
blocks of samples, each short enough to be interrupted.
"""

import math

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.coordinate_sweep import find_sweep
from neuropil_gui.core.solvers.principal_axes import principal_axes
from neuropil_gui.core.solvers.stepping import SAMPLES_PER_STEP, STARTING, Solver, Step, blocks

TINY = 1e-6
"""Below this a value of the NNDSVD start counts as zero."""

_idle: list[np.random.RandomState] = []
"""Generators that are not in use: to make one takes as long as two sweeps of a short cell, to seed it again no time."""


def factorise(
    X: FloatArray,
    n: int,
    alpha: float,
    tol: float,
    max_iter: int,
    start: str | tuple[FloatArray, FloatArray],
    seed: int,
) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Factorise X into W H.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        C-contiguous, finite, not negative.
    n : int
        The number of components.
    alpha : float
        The weight of the penalties, as in FISSA.
    tol : float
        The violation, relative to that of the first iteration, at which to stop.
    max_iter : int
    start : {"nndsvdar", "nndsvda", "random"} or tuple of ndarray
        How to start, or W (frames, n) and H (n, signals) to start from.
    seed : int

    Returns
    -------
    sources : ndarray, shape (n, frames)
        W, turned.
    mixing : ndarray, shape (signals, n)
        H, turned.
    iterations : int
    """
    if isinstance(start, tuple):
        W, H = (factor.copy() for factor in start)
    else:
        W, H = yield from initialise(X, n, start, seed)
    return (yield from descend(X, W, H, alpha, tol, max_iter))


def initialise(X: FloatArray, n: int, start: str, seed: int, every: int = 1) -> Solver[tuple[FloatArray, FloatArray]]:
    """Return the factors to start from.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        Samples without negative values.
    n, start, seed
        As in `factorise`.
    every : int, optional
        Make W of each `every`th sample only.

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    W : ndarray, shape (ceil(frames / every), n)
    H : ndarray, shape (n, signals)
    """
    rng = _seeded(seed)
    frames, signals = X.shape
    mean = float(X.mean())
    part = X[::every]
    W = np.empty((len(part), n))
    if start == "random":
        spread = np.sqrt(mean / n)
        H = np.abs(spread * rng.standard_normal(size=(n, signals)))
        for block in blocks(len(part)):
            W[block] = np.abs(spread * rng.standard_normal(size=W[block].shape))
            yield STARTING
        _idle.append(rng)
        return W, H

    values, axes = yield from principal_axes(X)
    values, axes = values[:n], axes[:, :n]
    # Directions that the signals do not span: LAPACK would give them noise too small to count.
    spanned = values > values[0] * np.finfo(float).eps * max(X.shape)
    scale = np.divide(1.0, values, out=np.zeros_like(values), where=spanned)

    positive, negative = np.zeros(n), np.zeros(n)
    for block in blocks(frames):
        u = X[block] @ axes * scale
        positive += np.square(np.maximum(u, 0)).sum(axis=0)
        negative += np.square(np.minimum(u, 0)).sum(axis=0)
        yield STARTING
    side, gain, H = _dominant_sides(values, axes, np.sqrt(positive), np.sqrt(negative))

    for block in blocks(len(part)):
        u = np.maximum(part[block] @ axes * (scale * side), 0) * gain
        u[u < TINY] = 0
        W[block] = u
        yield STARTING
    H[H < TINY] = 0
    for factor in (W, H):
        for block in blocks(len(factor)):
            zeros = factor[block] == 0
            fill = mean if start == "nndsvda" else np.abs(mean * rng.standard_normal(size=int(zeros.sum())) / 100)
            factor[block][zeros] = fill
            yield STARTING
    _idle.append(rng)
    return W, H


def _seeded(seed: int) -> np.random.RandomState:
    try:
        rng = _idle.pop()
    except IndexError:
        rng = np.random.RandomState()
    rng.seed(seed)
    return rng


def _dominant_sides(
    values: FloatArray, axes: FloatArray, positive: FloatArray, negative: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Choose for each axis its positive or its negative side, whichever holds more (NNDSVD).

    `positive` and `negative` are the norms of the two sides along the frames. Returns the
    sign of the side, the factor that takes the unit vector along the frames to W, and H.
    """
    n = len(values)
    side, gain, H = np.ones(n), np.zeros(n), np.zeros((n, len(axes)))
    for k in range(n):
        parts = {1.0: np.maximum(axes[:, k], 0), -1.0: np.maximum(-axes[:, k], 0)}
        norms = {1.0: positive[k], -1.0: negative[k]}
        if k == 0:
            # The leading axis of a non-negative array lies all on one side.
            side[k] = 1.0 if axes[:, 0].sum() >= 0 else -1.0
            gain[k] = np.sqrt(values[k])
            H[k] = gain[k] * np.abs(axes[:, k])
            continue
        weights = {sign: norms[sign] * np.linalg.norm(parts[sign]) for sign in parts}
        side[k] = sign = 1.0 if weights[1.0] > weights[-1.0] else -1.0
        if weights[sign] > 0:
            size = np.sqrt(values[k] * weights[sign])
            gain[k] = size / norms[sign]
            H[k] = size * parts[sign] / np.linalg.norm(parts[sign])
    return side, gain, H


def descend(
    X: FloatArray,
    W: FloatArray,
    H: FloatArray,
    alpha: float,
    tol: float,
    max_iter: int,
    before: int = 0,
    first: float = math.nan,
) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Improve W and H by coordinate sweeps until the violation has fallen to `tol` times the first.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        Samples without negative values.
    W : ndarray, shape (frames, n)
        Changed in place.
    H : ndarray, shape (n, signals)
    alpha, tol, max_iter
        As in `factorise`.
    before : int, optional
        Iterations that have been done already.
    first : float, optional
        Violation of the first of them.

    Yields
    ------
    Step
        Before the first iteration, and after each block of work.

    Returns
    -------
    sources : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    iterations : int
    """
    sweep = find_sweep()
    n = len(H)
    components = np.arange(n, dtype=np.intp)
    mixing = np.ascontiguousarray(H.T)
    l1 = alpha / 2
    ridge = l1 * np.eye(n)  # l2 is as large as l1
    whole = [(X[block], W[block], block) for block in blocks(len(X))]

    def state() -> tuple[FloatArray, FloatArray]:
        return W.T.copy(), mixing.copy()

    violation = math.nan
    yield Step(before, violation, state)
    for iteration in range(before + 1, max_iter + 1):
        total = 0.0
        gram = mixing.T @ mixing
        gram += ridge
        for x, w, block in whole:
            target = x @ mixing
            target -= l1
            total += sweep(w, gram, target, components)
            if block.start == 0:
                gram_W, seen = w.T @ w, x.T @ w
            else:
                gram_W += w.T @ w
                seen += x.T @ w
            if block.stop % SAMPLES_PER_STEP == 0:
                yield Step(iteration - 1, violation, state)
        gram_W += ridge
        seen -= l1
        total += sweep(mixing, gram_W, seen, components)
        first = total if math.isnan(first) else first
        violation = total / first if first else 0.0
        yield Step(iteration, violation, state)
        if violation <= tol:
            break
    sources = np.empty((n, len(X)))
    for block in blocks(len(X)):
        sources[:, block] = W[block].T
        yield Step(iteration, violation, state)
    return sources, mixing, iteration


def objective(X: FloatArray, sources: FloatArray, mixing: FloatArray, alpha: float) -> Solver[float]:
    """Return the objective that NMF minimises.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
    sources : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    alpha : float
        Strength of the penalty.

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    float
    """
    error = 0.0
    for block in blocks(len(X)):
        rest = X[block].T - mixing @ sources[:, block]
        error += float(np.vdot(rest, rest))
        if block.stop % SAMPLES_PER_STEP == 0:
            yield STARTING
    sums = float(sources.sum() + mixing.sum())
    powers = float(np.vdot(sources, sources) + np.vdot(mixing, mixing))
    return error / 2 + alpha / 2 * sums + alpha / 4 * powers
