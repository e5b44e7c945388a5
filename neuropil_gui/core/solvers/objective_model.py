"""Model of NMF's objective about a mixing, up to second order, with the best sources for each mixing."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.active_sets import TINY, Fit

LEAST_DAMPING = 1e-9
"""Damping of a step at least, and the curvature that counts along an axis with less."""


@dataclass(frozen=True, eq=False)
class Model:
    """The objective about a mixing, with the best sources for each, up to second order.

    Attributes
    ----------
    mixing : ndarray, shape (n, signals)
    value : float
    gradient : ndarray, shape (n * signals,)
    curvature : ndarray, shape (n * signals, n * signals)
    unit : ndarray, shape (n * signals,)
        A change of each element that changes the signals as much as any other's.
    """

    mixing: FloatArray
    value: float
    gradient: FloatArray
    curvature: FloatArray
    unit: FloatArray

    @classmethod
    def of(cls, fit: Fit, l1: float, l2: float) -> "Model | None":
        """Return the model of the objective at a fit.

        Parameters
        ----------
        fit : Fit
            Best sources of a mixing, and the sums over each active set.
        l1, l2 : float
            Factors of the sums and of the sums of squares of both W and H.

        Returns
        -------
        Model or None
            None where a derivative is not finite: without a penalty, sources of an all-zero component have no bound.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            value, gradient, curvature, unit = derivatives(fit, l1, l2)
        if not (math.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(curvature).all()):
            return None
        return cls(fit.mixing, value, gradient, curvature, unit)

    @cached_property
    def principal(self) -> tuple[NDArray[np.intp], FloatArray, FloatArray, FloatArray]:
        """Elements that are not held at zero, the curvature's axes among them in units, along each both derivatives.

        A model from which no step is taken does without.
        """
        free = np.flatnonzero((self.mixing.ravel() > 0) | (self.gradient < 0))
        units = self.unit[free]
        bends, axes = np.linalg.eigh(self.curvature[free][:, free] * (units[:, np.newaxis] * units))
        return free, axes, np.abs(bends), axes.T @ (self.gradient[free] * units)

    @property
    def promised(self) -> float:
        """The decrease that a step without damping promises."""
        _, _, bends, slopes = self.principal
        return float((slopes**2 / (2 * np.maximum(bends, LEAST_DAMPING))).sum())

    def step(self, damping: float) -> tuple[FloatArray, float, float]:
        """Return the mixing after a damped Newton step.

        Parameters
        ----------
        damping : float
            Added to the curvature along each axis.

        Returns
        -------
        mixing : ndarray, shape (n, signals)
            Without negative values.
        predicted : float
            Change of the objective by the model.
        length : float
            Of the step, relative to the mixing.
        """
        free, axes, bends, slopes = self.principal
        step = slopes / (bends + damping)
        x = self.mixing.ravel()
        there = x.copy()
        there[free] = np.maximum(there[free] - self.unit[free] * (axes @ step), 0)
        change = there - x
        predicted = float(self.gradient @ change + change @ self.curvature @ change / 2)
        size = float(np.linalg.norm(x / self.unit))
        return there.reshape(self.mixing.shape), predicted, float(np.linalg.norm(step)) / size if size else 0.0


def derivatives(fit: Fit, l1: float, l2: float) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Return the objective with its gradient, its curvature and the units of `Model`.

    All are found from the sums over each active set. With W the best sources,
    dF/dH = W'(W H - X) + l1 + l2 H. The curvature adds to that of a
    held W what W's own answer to a change of H takes away: with M the inverse of a set, r the
    residual of a sample and w its sources, for the elements (a, i) and (b, j) of H the sum of
    ``w_a w_b (d_ij - (H'MH)_ij) - M_ab r_i r_j + (MH)_aj w_b r_i + (MH)_bi w_a r_j``.

    Parameters
    ----------
    fit : Fit
        Best sources of a mixing of shape (n, signals), and the sums over each active set.
    l1, l2 : float
        Factors of the sums and of the sums of squares of both W and H.

    Returns
    -------
    value : float
    gradient, unit : ndarray, shape (n * signals,)
    curvature : ndarray, shape (n * signals, n * signals)
    """
    H, sets = fit.mixing, fit.sets
    n, signals = H.shape
    count = len(sets)
    maps = np.zeros((count, n + signals, signals + 1))  # to a sample's sources, and to its residual
    maps[:, :n] = sets.answer
    np.matmul(-H.T, sets.answer, out=maps[:, n:])
    maps[:, n:, :-1] += np.eye(signals)
    seen = maps @ fit.moments
    products = seen @ maps.transpose(0, 2, 1)
    sums = products.sum(axis=0)
    gram = sums[:n, :n]
    value = 0.5 * float(sums[n:, n:].trace()) + l1 * float(seen[:, :n, -1].sum() + H.sum())
    value += l2 / 2 * float(gram.trace() + np.vdot(H, H))
    gradient = l1 + l2 * H - sums[:n, n:]

    def summed(a: FloatArray, b: FloatArray) -> FloatArray:
        products: FloatArray = a.reshape(count, -1).T @ b.reshape(count, -1)
        return products.reshape(*a.shape[1:], *b.shape[1:])

    turned = summed(sets.answer[:, :, :-1], products[:, :n, n:]).transpose(0, 3, 2, 1)  # [a, j], [b, i] -> [a, i, b, j]
    curvature = turned + turned.transpose(2, 3, 0, 1)
    curvature -= summed(sets.inverse, products[:, n:, n:]).transpose(0, 2, 1, 3)
    curvature += summed(products[:, :n, :n], maps[:, n:, :-1]).transpose(0, 2, 1, 3)
    curvature = curvature.reshape(n * signals, n * signals)
    curvature.flat[:: n * signals + 1] += l2
    unit = 1 / np.sqrt(np.maximum(gram.diagonal(), 0) + (l2 + TINY))
    return value, gradient.ravel(), curvature, np.repeat(unit, signals)
