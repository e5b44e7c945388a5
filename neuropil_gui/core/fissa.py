"""A drop-in for ``fissa.neuropil.separate`` 1.0.0 that runs on today's scikit-learn.

Same arguments, same returns, same numbers and same messages (FISSA: Keemink et al. 2018,
doi 10.1038/s41598-018-21640-2). Where FISSA changes its input, fails late or goes on
silently, this refuses first, in words.
"""

import inspect
import secrets
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core import checks
from neuropil_gui.core.arrays import FloatArray, as_float64
from neuropil_gui.core.errors import DataError, DataTypeError
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.separation import scale
from neuropil_gui.core.settings import MAX_SEED, PARAMETERS
from neuropil_gui.core.solvers import ica, nmf
from neuropil_gui.core.solvers.stepping import Step, one_blas_thread, run

Fit = Callable[[int], tuple[FloatArray, FloatArray, int]]

_NMF = ("nmf", "nnmf")
_ICA = ("ica", "fastica")


def separate(
    S: ArrayLike,
    sep_method: str = "nmf",
    n: int | None = None,
    max_iter: int = 10000,
    tol: float = 1e-4,
    random_state: int | None = 892,
    max_tries: int = 10,
    W0: ArrayLike | None = None,
    H0: ArrayLike | None = None,
    alpha: float = 0.1,
    verbosity: int = 1,
    prefix: str = "",
) -> tuple[FloatArray, FloatArray, FloatArray, dict[str, Any]]:
    """Separate a cell's signal from those around it, with FISSA's own numbers.

    Parameters
    ----------
    S : array_like, shape (signals, observations)
        Rows are signals, row 0 the primary one (the ROI). Computed in float64; never modified.
    sep_method : str
        ``"nmf"``, ``"nnmf"``, ``"ica"`` or ``"fastica"`` in any case; or the exact name of another class of
        ``sklearn.decomposition`` that takes n_components, tol, max_iter and random_state.
    n : int, optional
        The number of components, at most the number of signals. None takes for ``"ica"`` as many as explain
        more than 1 % of the variance each, and the number of signals for all others.
    max_iter : int
        Iterations after which a try is given up.
    tol : float
        Tolerance of the stop.
    random_state : int, optional
        Seed of the first try, 0 to 2**32 - 1; each further try takes the next. None draws one.
    max_tries : int
        Tries at most.
    W0, H0 : array_like, shapes (observations, n) and (n, signals), optional
        For NMF: where to start. Both or none.
    alpha : float
        Weight of NMF's sparsity penalty.
    verbosity : int
        0 prints nothing, 1 prints progress.
    prefix : str
        Printed before each line.

    Returns
    -------
    S_sep : ndarray, shape (n, observations)
        The components in the solver's order, in units of the median of S.
    S_matched : ndarray, shape (n, observations)
        The part of the primary signal that each makes up, best match first, in the units of S.
    A_sep : ndarray, shape (signals, n)
        The mixing matrix, in the solver's order.
    convergence : dict
        ``random_state`` (the one used last), ``iterations``, ``max_iterations``, ``converged``.

    Raises
    ------
    ValueError
        When S or an argument cannot be used; the message says what was found and what to do.
    TypeError
        When one is of the wrong type.
    """
    if prefix and not prefix.endswith(" "):
        prefix += " "
    traces = as_float64(S, "S")
    checks.check_signals(traces)
    n = PARAMETERS["n"].check(n)
    max_iter = PARAMETERS["max_iter"].check(max_iter)
    tol = PARAMETERS["tol"].check(tol)
    max_tries = PARAMETERS["max_tries"].check(max_tries)
    alpha = PARAMETERS["alpha"].check(alpha)
    seed = replace(PARAMETERS["seed"], name="random_state").check(random_state)
    if not isinstance(sep_method, str):
        raise DataTypeError(f"sep_method must be the name of a method, but {sep_method!r} was found.")
    method = sep_method.lower()
    count = len(traces) if n is None else n
    checks.check_components(count, len(traces))
    median = float(np.median(traces))
    if method in _NMF:
        checks.check_for_nmf(traces, median)
        start = _start(W0, H0, traces.shape, count)
    elif method in _ICA:
        checks.check_for_ica(traces)
    else:
        estimator_class = _estimator_class(sep_method)
    checks.check_median(traces, median)
    samples = scale(traces, median)
    seed = secrets.randbelow(MAX_SEED + 1) if seed is None else seed

    def say(text: str) -> None:
        if verbosity >= 1:
            print(prefix + text)

    def fit(seed: int) -> tuple[FloatArray, FloatArray, int]:
        if method in _NMF:
            return run(nmf.factorise(samples, count, alpha, tol, max_iter, start, seed), _ignore)
        if method in _ICA:
            return run(ica.unmix(samples, count, tol, max_iter, seed), _ignore)
        say(
            f"Using ad hoc signal decomposition method sklearn.decomposition.{sep_method}. "
            "Only NMF and ICA are officially supported."
        )
        return _fit_estimator(
            estimator_class(n_components=count, tol=tol, max_iter=max_iter, random_state=seed), samples
        )

    name = "NMF" if method in _NMF else "FastICA" if method in _ICA else sep_method
    with one_blas_thread():
        if n is None and method == "ica":
            count = run(ica.count_components(samples), _ignore)
        for attempt in range(1, max_tries + 1):
            sources, mixing, iterations = fit(seed)
            if iterations < max_iter:
                say(f"{name} converged after {iterations} iterations.")
                break
            say(f"Attempt {attempt} failed to converge at {iterations} iterations.")
            if attempt < max_tries:
                say("Trying a new random state.")
                seed = (seed + 1) % (MAX_SEED + 1)
        else:
            say(
                f"Warning: maximum number of allowed tries reached at {iterations} iterations for "
                f"{max_tries} tries of different random seed states."
            )
    order, _ = rank(mixing)
    convergence = {
        "max_iterations": max_iter,
        "random_state": seed,
        "iterations": iterations,
        "converged": iterations != max_iter,
    }
    return (
        np.ascontiguousarray(sources),
        match(sources, mixing, order, median),
        np.ascontiguousarray(mixing),
        convergence,
    )


def _ignore(step: Step) -> None:
    """Ignore progress; a script does not watch it."""


def _start(
    W0: ArrayLike | None, H0: ArrayLike | None, shape: tuple[int, ...], n: int
) -> str | tuple[FloatArray, FloatArray]:
    if W0 is None and H0 is None:
        return "nndsvdar"
    if W0 is None or H0 is None:
        given, missing = ("W0", "H0") if H0 is None else ("H0", "W0")
        raise DataError(f"{given} was given without {missing}: NMF starts from both, or from neither.")
    signals, observations = shape
    start = []
    for name, value, wanted in (("W0", W0, (observations, n)), ("H0", H0, (n, signals))):
        factor = as_float64(value, name)
        if factor.shape != wanted:
            raise DataError(f"{name} must have shape {wanted}, but {factor.shape} was found.")
        invalid = np.count_nonzero(~(np.isfinite(factor) & (factor >= 0)))
        if invalid:
            raise DataError(
                f"{name} must hold finite values that are not negative, but {invalid} of {factor.size} are not."
            )
        if not factor.any():
            raise DataError(f"{name} holds only zeros, from which NMF cannot start.")
        start.append(factor)
    return start[0], start[1]


def _estimator_class(name: str) -> Any:
    import sklearn.decomposition

    found = getattr(sklearn.decomposition, name, None) if name in sklearn.decomposition.__all__ else None
    if found is None or not inspect.isclass(found):
        raise DataError(
            f'Unknown separation method "{name}": "nmf", "ica", "fastica", or the exact name of a class of '
            "sklearn.decomposition was expected."
        )
    wanted = {"n_components", "tol", "max_iter", "random_state"}
    missing = wanted - set(inspect.signature(found).parameters)
    if missing:
        raise DataError(f"sklearn.decomposition.{name} cannot be used: it does not take {', '.join(sorted(missing))}.")
    return found


def _fit_estimator(estimator: Any, samples: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    with warnings.catch_warnings():
        # FISSA judges convergence by the number of iterations.
        warnings.simplefilter("ignore")
        sources = estimator.fit_transform(samples)
    if not hasattr(estimator, "n_iter_") or not hasattr(estimator, "components_"):
        raise DataError(
            f"sklearn.decomposition.{type(estimator).__name__} cannot be used: after a fit it has no n_iter_ "
            "or no components_."
        )
    mixing = estimator.mixing_ if hasattr(estimator, "mixing_") else estimator.components_.T
    return np.asarray(sources).T, np.asarray(mixing), int(estimator.n_iter_)
