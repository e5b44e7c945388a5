"""Expected cost of a sweep and of a Newton step, in microseconds, of which only the ratio counts.

Constants were measured on one core (x86_64), with one thread of BLAS.
"""

import numpy as np

from neuropil_gui.core.arrays import FloatArray

SWEEP = (27.0, 2.5, 1.2e-3, 4e-4)
"""Cost of a sweep: in any case, for each component, for frames x n x n, and for frames x signals x n."""

STEP = (600.0, 6.0, 0.15, 1.2e-3, 4e-4)
"""Cost of a step: in any case, for each set, for sets x n x n, for frames x e, and for e x e x e, e = signals x n."""


SWEEPS_OF_A_STEP = 100
"""Sweeps that a step near the minimum stands for."""


def sweep_cost(frames: int, signals: int, n: int) -> float:
    """Return what a sweep over all samples costs.

    Parameters
    ----------
    frames, signals, n : int

    Returns
    -------
    float
    """
    return float(np.dot(SWEEP, (1, n, (frames + signals) * n**2, frames * signals * n)))


def step_cost(frames: int, signals: int, n: int, sets: int) -> float:
    """Return what a Newton step costs.

    Parameters
    ----------
    frames, signals, n : int
    sets : int
        The number of active sets.

    Returns
    -------
    float
    """
    elements = signals * n
    return float(np.dot(STEP, (1, sets, sets * n**2, frames * elements, elements**3)))


def steps_pay(frames: int, signals: int, n: int) -> bool:
    """Return whether a step from a mixing near the minimum costs less than the sweeps that a draft would take.

    Parameters
    ----------
    frames, signals, n : int

    Returns
    -------
    bool
    """
    return step_cost(frames, signals, n, min(frames, 1 << n)) < SWEEPS_OF_A_STEP * sweep_cost(frames, signals, n)


def count_sets(W: FloatArray, frames: int) -> int:
    """Estimate how many active sets there are among all samples.

    Parameters
    ----------
    W : ndarray, shape (samples, n)
        Of some of the samples, or all.
    frames : int
        The number of all samples.

    Returns
    -------
    int
        At least those among the samples. Of the others as many are expected to have a set of their own as in W.
    """
    n = W.shape[1]
    codes = (W > 0) @ (1 << np.arange(n))
    counts = np.unique(codes, return_counts=True)[1]
    alone = int(np.count_nonzero(counts == 1))
    return int(min(len(counts) + alone * (frames - len(W)) // len(W), 1 << n))
