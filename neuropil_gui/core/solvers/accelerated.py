"""FISSA's non-negative matrix factorisation by Newton steps, in fewer passes over the samples.

Objective and start are those of `nmf`. Some of its sweeps come first, over as many samples as
it takes to find their direction. Then the long factor W is eliminated: for a mixing H the
best W is known exactly (`active_sets`), and so the objective is a function of the few
elements of H alone (variable projection, Golub & Pereyra 2003, doi
10.1088/0266-5611/19/2/201). Its gradient and its curvature need only sums over the samples
of each active set, and Newton steps minimise it. They are damped as time steps along the way
that plain descent goes (pseudo-transient continuation, Kelley & Keyes 1998, doi
10.1137/S0036142996304796), short at first, so that they end in the minimum that plain
descent would find.
"""

import math

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers import nmf
from neuropil_gui.core.solvers.active_sets import MOST_COMPONENTS, TINY, ActiveSets, Fit, Ticking
from neuropil_gui.core.solvers.coordinate_sweep import find_sweep
from neuropil_gui.core.solvers.costs import count_sets, step_cost, sweep_cost
from neuropil_gui.core.solvers.objective_model import LEAST_DAMPING, Model
from neuropil_gui.core.solvers.sample_sets import SampleSets, sets_of
from neuropil_gui.core.solvers.stepping import Solver, Step, T

SWEEPS, SWEPT = 80, 4096
"""First sweeps, and over how many samples at least, where there are so many."""

PACE, MARGIN = 10, 1.5
"""Sweeps over which their fall is judged, and by how much more are granted than it promises, for it slackens."""

STEPS, STEPS_EACH = 5, 3
"""Steps that a minimum may take, with those for each component: where sweeps cost less, they go on in their place."""

DAMPING, MOST_DAMPING = 0.02, 1e9
"""Damping at first, and that at which steps gain nothing; 1 makes a step about as long as a sweep's."""

EASE, BRAKE = 5.0, 4.0
"""Factor of the damping: divides it after a step that decreased the objective as predicted, else multiplies it."""

GOOD, POOR = 0.7, 0.4
"""Parts of the predicted decrease: a step is good above the one, and not taken below the other."""

LONGEST = 0.3
"""A step's length at most, relative to the mixing's."""

ENOUGH = 0.1
"""Part of `tol` to which the violation falls: the last steps square it, and FISSA's objective is not to be missed."""

ROUNDING = 1e-14
"""Part of the signals' power below which a change of the objective means nothing."""


def factorise(
    X: FloatArray,
    n: int,
    alpha: float,
    tol: float,
    max_iter: int,
    start: str,
    seed: int,
) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Factorise X into W H by a few sweeps, then Newton steps on the mixing.

    There are no more steps than cost as much as the sweeps that they replace; where these are too few, sweeps go on.
    Costs are estimated, not timed: the result does not depend on what else the machine does.

    An iteration is a sweep or a step. The violation of a step, which is compared with `tol`, is the
    square root of the decrease that it promises, relative to the objective.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        Samples without negative values.
    n, alpha, tol, max_iter, start, seed
        As in `nmf.factorise`.

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    sources : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    iterations : int
    """
    if n > MOST_COMPONENTS:
        return (yield from nmf.factorise(X, n, alpha, tol, max_iter, start, seed))
    every = max(1, len(X) // SWEPT)
    W, mixing, violations, steps = yield from _first_sweeps(X, n, alpha, tol, max_iter, start, seed, every)
    iteration = len(violations)
    if every == 1 and (violations[-1] <= tol * violations[0] or iteration == max_iter):
        return W.T.copy(), mixing.T.copy(), iteration
    if steps < min(STEPS + STEPS_EACH * n, max_iter - iteration):
        return (yield from nmf.factorise(X, n, alpha, tol, max_iter, start, seed))
    active = sets_of(X, n, alpha / 2, alpha / 2)
    power = float(np.vdot(X, X)) / 2
    sources, H, iteration, settled = yield from _minimise(active, mixing, power, tol, iteration, max_iter, steps)
    if settled or iteration == max_iter:
        return sources, H.T.copy(), iteration
    W = np.ascontiguousarray(sources.T)
    del active, sources
    return (yield from nmf.descend(X, W, H, alpha, tol, max_iter, iteration, violations[0]))


def approach(
    X: FloatArray, mixing: FloatArray, alpha: float, tol: float, max_iter: int
) -> Solver[tuple[FloatArray, FloatArray, int]]:
    """Take a few steps from a mixing near the minimum towards it, for a draft.

    Parameters
    ----------
    X : ndarray, shape (frames, signals)
        Samples without negative values.
    mixing : ndarray, shape (signals, n)
        The mixing to start from.
    alpha, tol, max_iter
        As in `nmf.factorise`.

    Yields
    ------
    Step
        After each block of work.

    Returns
    -------
    sources : ndarray, shape (n, frames)
    mixing : ndarray, shape (signals, n)
    iterations : int
    """
    active = sets_of(X, mixing.shape[1], alpha / 2, alpha / 2)
    H = np.ascontiguousarray(mixing.T)
    sources, H, iteration, _ = yield from _minimise(active, H, float(np.vdot(X, X)) / 2, tol, 0, max_iter, math.inf)
    return sources, H.T.copy(), iteration


def _first_sweeps(
    X: FloatArray, n: int, alpha: float, tol: float, max_iter: int, start: str, seed: int, every: int
) -> Solver[tuple[FloatArray, FloatArray, list[float], float]]:
    """Sweep as `nmf.descend` does, over each `every`th sample, which stands for those between, too.

    Returns these samples' W, H, the violation before each sweep, and how many steps cost as much as the sweeps that
    are left. Over all samples, sweeps go on until these are enough.

    Which minimum is found is decided here, while W still follows H slowly: of 150 simulated cells
    (2 to 9 signals, alpha 0.01 to 1) 6 ended in another minimum than FISSA's after 80 sweeps, 15 after 3.
    """
    W, H = yield from nmf.initialise(X, n, start, seed, every)
    part = np.ascontiguousarray(X[::every])
    weight = len(X) / len(part)
    mixing = np.ascontiguousarray(H.T)
    sweep, components, l1 = find_sweep(), np.arange(n, dtype=np.intp), alpha / 2
    ridge = l1 * np.eye(n)
    violations: list[float] = []
    most, steps = float(SWEEPS), math.inf
    while len(violations) < min(most, max_iter):
        gram, target = mixing.T @ mixing, part @ mixing
        gram += ridge
        target -= l1
        total = weight * sweep(W, gram, target, components)
        gram, target = W.T @ W, part.T @ W
        if every > 1:
            gram *= weight
            target *= weight
        gram += ridge
        target -= l1
        total += sweep(mixing, gram, target, components)
        violations.append(total)
        yield Step(len(violations), total / violations[0] if violations[0] else 0.0)
        settled = total <= tol * violations[0]
        if settled or len(violations) == most:
            left = _sweeps_left(violations, tol)
            sweeps = left if every == 1 else left + len(violations)  # all samples would be swept from the start
            cost = step_cost(len(X), X.shape[1], n, count_sets(W, len(X)))
            steps = sweeps * sweep_cost(len(X), X.shape[1], n) / cost
            if settled or every > 1 or steps >= STEPS + STEPS_EACH * n:
                break
            most += max(left, 1)
    return W, mixing.T.copy(), violations, steps


def _sweeps_left(violations: list[float], tol: float) -> float:
    """Return how many sweeps more may reach `tol`."""
    to_fall = math.log(violations[-1] / violations[0] / tol) if tol and violations[-1] else 0.0
    if to_fall <= 0:
        return 0.0 if tol else math.inf
    since = min(PACE, len(violations) - 1)
    if violations[-1] >= violations[-1 - since]:
        since = len(violations) - 1  # it rose: by the fall since the start
    pace = math.log(violations[-1 - since] / violations[-1]) / since
    return math.ceil(MARGIN * to_fall / pace) if pace > 0 else math.inf


def _minimise(
    active: ActiveSets | SampleSets,
    H: FloatArray,
    power: float,
    tol: float,
    iteration: int,
    max_iter: int,
    steps: float,
) -> Solver[tuple[FloatArray, FloatArray, int, bool]]:
    """Improve H (n, signals) in so many steps at most; returns sources, H, iterations, and if `tol` was reached."""
    H, fit, iteration, settled = yield from _steps(active, H, power, tol, iteration, max_iter, steps)
    step = Step(iteration, math.nan)
    if fit is None:
        fit = yield from _yielding(active.fit(H), step)
    sources = yield from _yielding(active.sources(fit), step)
    return sources, H, iteration, settled


def _steps(
    active: ActiveSets | SampleSets,
    H: FloatArray,
    power: float,
    tol: float,
    iteration: int,
    max_iter: int,
    steps: float,
) -> Solver[tuple[FloatArray, Fit | None, int, bool]]:
    """Take so many Newton steps at most, counting those undone.

    Returns H, its fit (None where samples may have been grouped anew since), iterations, and if `tol` was reached.
    """
    violation, damping = math.nan, DAMPING
    start = yield from _yielding(active.fit(H), Step(iteration, violation))
    fit: Fit | None = start
    model = Model.of(start, active.l1, active.l2)
    while model is not None and iteration < max_iter:
        least = max(model.value, ROUNDING * power, TINY)
        violation = math.sqrt(model.promised / least)
        yield Step(iteration, violation)
        if model.value <= ROUNDING * power:
            return H, fit, iteration, True  # without a penalty, the signals may be fitted exactly
        while True:
            if damping > MOST_DAMPING:
                return H, fit, iteration, False
            mixing, predicted, length = model.step(damping)
            if length > LONGEST:
                damping *= 2
                continue
            if abs(predicted) <= ROUNDING * power:
                # The predicted change is below rounding.
                return H, fit, iteration, violation <= tol
            if predicted < 0:
                if steps < 1:
                    return H, fit, iteration, False
                steps -= 1
                fit = None
                trial = yield from _yielding(active.fit(mixing), Step(iteration, violation))
                found = Model.of(trial, active.l1, active.l2)
                done = math.inf if found is None else found.value - model.value
                if done < POOR * predicted:
                    break
            damping *= BRAKE
        iteration += 1
        if done < GOOD * predicted:
            damping = max(damping / EASE, LEAST_DAMPING)
        fit = yield from _yielding(active.keep(trial), Step(iteration, violation))
        H, model = mixing, found
        if violation <= ENOUGH * tol:
            return H, fit, iteration, True
    return H, fit, iteration, False


def _yielding(work: Ticking[T], step: Step) -> Solver[T]:
    """Run `work`, and yield `step` at each of its ticks."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            answer: T = end.value
            return answer
        yield step
