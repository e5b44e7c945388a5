"""FISSA's non-negative matrix factorisation in far fewer passes over the samples.

Objective and start are those of `nmf`. Some of its sweeps come first, over as many samples as
it takes to tell which way they go. Then the long factor W is eliminated: for a mixing H the
best W is known exactly (`active_sets`), and so the objective is a function of the few
elements of H alone (variable projection, Golub & Pereyra 2003, doi
10.1088/0266-5611/19/2/201). Its gradient and its curvature need only sums over the samples
of each active set, and Newton steps minimise it. They are damped as time steps along the way
that plain descent goes (pseudo-transient continuation, Kelley & Keyes 1998, doi
10.1137/S0036142996304796), short at first, so that they end in the minimum that plain
descent would find.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core import nmf
from neuropil_gui.core.active_sets import MOST_COMPONENTS, ActiveSets, Fit, Ticking
from neuropil_gui.core.solving import Solver, Step, T

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SWEEPS, SWEPT = 80, 4096
"""First sweeps, and over how many samples at least, where there are so many."""

DAMPING, LEAST_DAMPING = 0.1, 1e-9
"""At first, and at last; 1 would be about as far as a sweep goes."""

EASE, BRAKE = 3.0, 4.0
"""What damping is divided by after a step that did as predicted, and multiplied by after one that did not."""

GOOD, POOR = 0.7, 0.4
"""Parts of the predicted decrease: a step is good above the one, and not taken below the other."""

LONGEST = 0.3
"""A step's length at most, relative to the mixing's."""

ROUNDING = 1e-13
"""Part of the signals' power below which a change of the objective means nothing."""


@dataclass(frozen=True, eq=False)
class Derivatives:
    """The objective at a mixing, with the best sources for it.

    Attributes
    ----------
    value : float
    gradient : ndarray, shape (n * signals,)
    curvature : ndarray, shape (n * signals, n * signals)
    unit : ndarray, shape (n * signals,)
        A step of each element that changes the signals as much as any other's: what gradient and
        curvature are measured in.
    """

    value: float
    gradient: "FloatArray"
    curvature: "FloatArray"
    unit: "FloatArray"


def factorise(
    X: "FloatArray",
    n: int,
    alpha: float,
    tol: float,
    max_iter: int,
    start: str,
    seed: int,
) -> "Solver[tuple[FloatArray, FloatArray, int]]":
    """Factorise X into W H; parameters and returns are those of `nmf.factorise`.

    An iteration is a sweep or a step. Of a step, the violation that is compared with `tol` is the
    square root of the decrease that it promises, relative to the objective; the last is still done.
    """
    if n > MOST_COMPONENTS:
        return (yield from nmf.factorise(X, n, alpha, tol, max_iter, start, seed))
    sources, mixing, iteration, violation = yield from _first_sweeps(
        X, n, alpha, tol, min(SWEEPS, max_iter), start, seed
    )
    if len(sources) == len(X) and (violation <= tol or iteration == max_iter):
        return sources.T.copy(), mixing.T.copy(), iteration
    active = ActiveSets(X, n, alpha / 2, alpha / 2)
    return (yield from _minimise(active, mixing, float(np.vdot(X, X)) / 2, tol, iteration, max_iter))


def _first_sweeps(
    X: "FloatArray", n: int, alpha: float, tol: float, sweeps: int, start: str, seed: int
) -> "Solver[tuple[FloatArray, FloatArray, int, float]]":
    """Sweep as `nmf.descend` does, over some of the samples, each of which stands for others too.

    Returns these samples' W, and H, the sweeps done, and the violation before the last of them.

    Which minimum is found is decided here, while W still follows H slowly: of 150 simulated cells
    (2 to 9 signals, alpha 0.01 to 1) 6 ended in another minimum than FISSA's after 80 sweeps, 15 after 3.
    """
    every = max(1, len(X) // SWEPT)
    W, H = yield from nmf.initialise(X, n, start, seed, every)
    part = np.ascontiguousarray(X[::every])
    weight = len(X) / len(part)
    mixing = np.ascontiguousarray(H.T)
    sweep, components, l1 = nmf.find_sweep(), np.arange(n, dtype=np.intp), alpha / 2
    first = violation = float("nan")
    for iteration in range(1, sweeps + 1):
        gram = mixing.T @ mixing
        gram.flat[:: n + 1] += l1
        total = weight * sweep(W, gram, part @ mixing - l1, components)
        gram = weight * (W.T @ W)
        gram.flat[:: n + 1] += l1
        total += sweep(mixing, gram, weight * (part.T @ W) - l1, components)
        first = total if iteration == 1 else first
        violation = total / first if first else 0.0
        yield Step(iteration, violation)
        if violation <= tol:
            break
    return W, mixing.T.copy(), iteration, violation


def _minimise(
    active: ActiveSets, H: "FloatArray", power: float, tol: float, iteration: int, max_iter: int
) -> "Solver[tuple[FloatArray, FloatArray, int]]":
    """Improve H (n, signals) by Newton steps; returns what `factorise` does."""
    violation, damping = float("nan"), DAMPING

    def telling(work: Ticking[T]) -> Solver[T]:
        while True:
            try:
                next(work)
            except StopIteration as end:
                answer: T = end.value
                return answer
            yield Step(iteration, violation)

    fit = yield from telling(active.fit(H))
    here = derivatives(fit, active.l1, active.l2)
    while iteration < max_iter:
        x = fit.mixing.ravel()
        free = np.flatnonzero((x > 0) | (here.gradient < 0))
        unit = here.unit[free]
        curvature, axes = np.linalg.eigh(here.curvature[np.ix_(free, free)] * np.outer(unit, unit))
        bend = np.abs(curvature)
        slope = axes.T @ (here.gradient[free] * unit)
        promised = float((slope**2 / (2 * np.maximum(bend, LEAST_DAMPING))).sum())
        violation = float(np.sqrt(promised / max(here.value, ROUNDING * power, np.finfo(float).tiny)))
        yield Step(iteration, violation)
        longest = LONGEST * float(np.linalg.norm(x / here.unit))
        while True:
            step = slope / (bend + damping)
            length = float(np.linalg.norm(step))
            if length > longest > 0:
                damping *= 2
                continue
            there = x.copy()
            there[free] = np.maximum(there[free] - unit * (axes @ step), 0)
            change = there - x
            predicted = float(here.gradient @ change + change @ here.curvature @ change / 2)
            trial = yield from telling(active.fit(there.reshape(fit.mixing.shape)))
            found = derivatives(trial, active.l1, active.l2)
            done = found.value - here.value
            within_rounding = abs(done) <= ROUNDING * power
            if within_rounding or (predicted < 0 and done < POOR * predicted):
                break
            damping *= BRAKE
        iteration += 1
        good = within_rounding or done < GOOD * predicted
        damping = max(damping / EASE, LEAST_DAMPING) if good else damping
        finished = violation <= tol or (within_rounding and -predicted <= ROUNDING * power)
        if done < 0 or not within_rounding:
            fit, here = trial, found
            yield from telling(active.keep(fit))
        if finished:
            break
    fit = yield from telling(active.fit(fit.mixing))
    sources = yield from telling(active.sources(fit))
    return sources, fit.mixing.T.copy(), iteration


def derivatives(fit: Fit, l1: float, l2: float) -> Derivatives:
    """Find the objective, its gradient and its curvature from the sums over each active set.

    With W the best sources, dF/dH = (W'W) H - W'X + l1 + l2 H. The curvature adds to that of a
    held W what W's own answer to a change of H takes away: with M the inverse of a set, r the
    residual of a sample and w its sources, for the elements (a, i) and (b, j) of H the sum of
    ``w_a w_b d_ij - M_ab r_i r_j - w_a w_b (H'MH)_ij + (MH)_aj w_b r_i + (MH)_bi w_a r_j``.
    """
    H, sets, moments = fit.mixing, fit.sets, fit.moments
    n, signals = H.shape
    count = len(sets)
    seen = sets.answer @ moments
    sources = seen @ sets.answer.transpose(0, 2, 1)
    gram, cross, total = sources.sum(axis=0), seen.sum(axis=0), moments.sum(axis=0)
    value = 0.5 * (float(np.trace(total[:-1, :-1])) - 2 * float(np.vdot(cross[:, :-1], H)))
    value += 0.5 * float(np.vdot(gram, H @ H.T))
    value += l1 * float(cross[:, -1].sum() + H.sum()) + l2 / 2 * float(np.trace(gram) + np.vdot(H, H))
    gradient = gram @ H - cross[:, :-1] + l1 + l2 * H

    answer = sets.answer[:, :, :-1]
    left = -(H.T @ sets.answer)
    left[:, np.arange(signals), np.arange(signals)] += 1
    residual = seen @ left.transpose(0, 2, 1)
    residuals = left @ moments @ left.transpose(0, 2, 1)

    def summed(a: "FloatArray", b: "FloatArray") -> "FloatArray":
        products: FloatArray = a.reshape(count, -1).T @ b.reshape(count, -1)
        return products.reshape(*a.shape[1:], *b.shape[1:])

    turned = summed(answer, residual).transpose(0, 3, 2, 1)  # [a, j], [b, i] -> [a, i, b, j]
    curvature = turned + turned.transpose(2, 3, 0, 1)
    curvature -= summed(sets.inverse, residuals).transpose(0, 2, 1, 3)
    curvature -= summed(sources, H.T @ answer).transpose(0, 2, 1, 3)
    each = np.arange(signals)
    curvature[:, each, :, each] += gram
    curvature = curvature.reshape(n * signals, n * signals)
    curvature.flat[:: n * signals + 1] += l2
    unit = 1 / np.sqrt(np.maximum(np.diag(gram), 0) + l2 + np.finfo(float).tiny)
    return Derivatives(value, gradient.ravel(), curvature, np.repeat(unit, signals))
