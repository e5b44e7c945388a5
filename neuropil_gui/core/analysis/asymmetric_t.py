"""Asymmetric Student-t model of a ROI and the neuropil around it, with a contamination coefficient.

The model of ``ast_model`` (https://basellasermouse.github.io/ast_model/model.html). With z(t) the neuropil's light
about its level, a normal variable of deviation s in each frame,

    f_roi(t)      ~ ASt(alpha z(t) + m_roi, sigma)
    f_neuropil(t) ~ ASt(z(t) + m_neuropil, sigma / sqrt(ratio))

and the trace is ``f_roi - alpha z``. ASt is the distribution of Zhu & Galbraith (2010, doi
10.1016/j.jeconom.2010.01.013) with skewness 1/2 and 30 degrees of freedom below its mode and 1 above: about normal
below, Cauchy's above, so that light may be added to either signal, but hardly taken away.

What differs from ``ast_model``: that approximates the posterior of all by stochastic variational inference, with normal
priors and s = 1 after scaling. Here z is integrated out in each frame by quadrature, the five numbers that are left are
those of the greatest likelihood, and z is its mean given these. No drift is taken out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.solvers.stepping import blocks, one_blas_thread

BELOW, ABOVE = 30.0, 1.0
"""Degrees of freedom below and above the mode."""

RATIO = 40.0
"""Area of the neuropil over that of the ROI: what ``ast_model`` calls typical."""

LEAST_FRAMES = 20

COARSE, FINE = 500, 2000
"""Frames, evenly spaced over the recording, to which the numbers are fitted: from two starts, then from the better."""

STARTS = (0.2, 0.8)
"""Contamination to start from: the likelihood can have more than one maximum."""

_REACH = 6.0  # Deviations of z within which it is integrated.
_NARROW = np.array([-6.0, -1.5, 0.0, 0.5, 1.5, 4.0, 12.0])  # Edges about the neuropil's mode, in its scale.
_NODES = 4  # Of Gauss and Legendre between two edges.
_LEAST_PANELS, _MOST_PANELS = 6, 16
_LOG_RANGE = (-9.0, 4.0)
_SETTLED = 1e-6  # Of the mean log-likelihood of a frame: quadrature leaves about as much.
_SIZE = 256  # Frames integrated at a time: all nodes of so many stay in the processor's cache.


@dataclass(frozen=True, eq=False)
class AsymmetricT:
    """The model as it was fitted.

    Attributes
    ----------
    contamination : float
        alpha, from 0 to 1.
    scale : float
        sigma, in the signals' unit.
    spread : float
        s, the neuropil's standard deviation, in the signals' unit.
    levels : tuple of float
        m_roi and m_neuropil, in the signals' unit.
    likelihood : float
        Mean log-likelihood of a frame among those that were fitted, of signals in units of `unit`.
    unit : float
        The greater standard deviation of the two signals.
    neuropil : ndarray, shape (frames,)
        The mean of z given the numbers above, in the signals' unit.
    trace : ndarray, shape (frames,)
        ``f_roi - alpha z``.
    """

    contamination: float
    scale: float
    spread: float
    levels: tuple[float, float]
    likelihood: float
    unit: float
    neuropil: FloatArray
    trace: FloatArray


@one_blas_thread()
def fit_asymmetric_t(
    roi: FloatArray,
    neuropil: FloatArray,
    ratio: float = RATIO,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> AsymmetricT:
    """Fit the model, and return the ROI's trace without the neuropil's light.

    Parameters
    ----------
    roi, neuropil : ndarray, shape (frames,)
        Finite.
    ratio : float
        Area of the neuropil over that of the ROI; the result hardly depends on it.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    AsymmetricT

    Raises
    ------
    DataError
        (a ValueError) When there are fewer than `LEAST_FRAMES` frames, or a signal does not vary.
    Cancelled
        When `should_stop` returned True.
    """
    frames = len(roi)
    if frames < LEAST_FRAMES:
        raise DataError(f"At least {LEAST_FRAMES} frames are needed to fit the model, but {frames} were found.")
    deviations = float(roi.std()), float(neuropil.std())
    if min(deviations) <= 1e-9 * max(np.abs(roi).max(), np.abs(neuropil).max()):
        which = "neuropil" if deviations[1] <= deviations[0] else "ROI"
        raise DataError(f"The {which} does not vary, so that its part in the other cannot be found.")
    unit, middle = max(deviations), (float(np.median(roi)), float(np.median(neuropil)))
    pair = np.stack([(roi - middle[0]) / unit, (neuropil - middle[1]) / unit])
    model = _Likelihood(ratio, should_stop or _never)
    few = _spaced(pair, COARSE)
    found = max((model.fit(few, _start(few, each)) for each in STARTS), key=lambda each: each[1])
    if frames > COARSE:
        found = model.fit(_spaced(pair, FINE), found[0])
    numbers, likelihood = found
    contamination = float(numbers[0])
    z = unit * model.expected(pair, numbers)
    trace = roi - contamination * z
    scale, spread = (unit * float(each) for each in np.exp(numbers[3:]))
    levels = float(middle[0] + unit * numbers[1]), float(middle[1] + unit * numbers[2])
    return AsymmetricT(contamination, scale, spread, levels, likelihood, unit, z, trace)


def log_density(residual: FloatArray, scale: float) -> FloatArray:
    """Return the log-density of the asymmetric Student-t distribution.

    Parameters
    ----------
    residual : ndarray
        Distance from the mode.
    scale : float
        The density at the mode is ``1 / scale``.

    Returns
    -------
    ndarray
        Of the shape of `residual`.
    """
    return _terms(residual, scale)[0]


def _width(nu: float) -> float:
    """Return the width of Student's distribution whose density at the mode is 1."""
    return math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / math.sqrt(math.pi * nu)


_WIDTH = _width(BELOW), _width(ABOVE)


class _Likelihood:
    """Likelihood of frames with z integrated out, and its gradient by Fisher's identity.

    The numbers are alpha, m_roi, m_neuropil, log sigma and log s.
    """

    def __init__(self, ratio: float, should_stop: Callable[[], bool]) -> None:
        self._root, self._should_stop = math.sqrt(ratio), should_stop
        self._panels = _MOST_PANELS
        self._points, self._weights = np.polynomial.legendre.leggauss(_NODES)

    def fit(self, pair: FloatArray, start: FloatArray) -> tuple[FloatArray, float]:
        """Return the numbers of the greatest likelihood near a start, and the mean log-likelihood of a frame."""
        from scipy.optimize import minimize

        # As many panels as resolve the ROI's density where the neuropil's leaves z open.
        self._panels = int(np.clip(_REACH * math.exp(start[4] - start[3]), _LEAST_PANELS, _MOST_PANELS))
        bounds = [(0.0, 1.0), (None, None), (None, None), _LOG_RANGE, _LOG_RANGE]
        frames = pair.shape[1]

        def cost(numbers: FloatArray) -> tuple[float, FloatArray]:
            total, slope = 0.0, np.zeros(5)
            for block in blocks(frames, _SIZE):
                one, each, _ = self._integrate(pair[:, block], numbers, with_slope=True)
                total, slope = total + one, slope + each
            return -total / frames, -slope / frames

        made = minimize(
            cost, start, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"ftol": _SETTLED, "gtol": _SETTLED, "maxls": 10},
        )  # fmt: skip
        return made.x, -float(made.fun)

    def expected(self, pair: FloatArray, numbers: FloatArray) -> FloatArray:
        """Return the mean of z in each frame."""
        z = np.empty(pair.shape[1])
        for block in blocks(len(z), _SIZE):
            z[block] = self._integrate(pair[:, block], numbers, with_slope=False)[2]
        return z

    def _integrate(
        self, pair: FloatArray, numbers: FloatArray, with_slope: bool
    ) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood, its gradient, and the mean of z in each frame."""
        if self._should_stop():
            raise Cancelled
        alpha, level, around = numbers[:3]
        sigma, spread = np.exp(numbers[3:])
        centre = pair[1] - around
        rest, weights = self._nodes(centre, sigma / self._root, spread)
        z = centre[:, np.newaxis] - rest
        missed = (pair[0] - level)[:, np.newaxis] - alpha * z
        roi, roi_pull = _terms(missed, sigma)
        near, near_pull = _terms(rest, sigma / self._root)
        squared = np.square(z / spread)
        log = roi + near
        log -= 0.5 * squared
        most = log.max(axis=1, keepdims=True)
        part = np.exp(np.subtract(log, most, out=log), out=log)
        part *= weights
        total = part.sum(axis=1)
        part /= total[:, np.newaxis]
        mean: FloatArray = np.einsum("ij,ij->i", part, z)
        if not with_slope:
            return 0.0, np.zeros(5), mean
        value = float((most[:, 0] + np.log(total)).sum()) - len(mean) * math.log(spread * math.sqrt(2 * math.pi))
        roi_slope, near_slope = roi_pull * missed, near_pull * rest
        slope = np.array([
            np.einsum("ij,ij,ij->", part, roi_slope, z),
            np.vdot(part, roi_slope),
            np.vdot(part, near_slope),
            np.einsum("ij,ij,ij->", part, roi_slope, missed) + np.einsum("ij,ij,ij->", part, near_slope, rest)
            - 2 * len(mean),
            np.vdot(part, squared) - len(mean),
        ])  # fmt: skip
        return value, slope, mean

    def _nodes(self, centre: FloatArray, narrow: float, spread: float) -> tuple[FloatArray, FloatArray]:
        """Return where the neuropil's residual is looked at in each frame, and the weights of a sum over these.

        Close about its mode, and, above that, where z is within `_REACH` deviations of 0.
        """
        half = np.diff(narrow * _NARROW)[:, np.newaxis] / 2
        close = (narrow * _NARROW[:-1, np.newaxis] + half * (1 + self._points)).ravel()
        close_weights = (half * self._weights).ravel()
        edge = narrow * _NARROW[-1]
        low = np.maximum(centre - _REACH * spread, edge)
        high = np.maximum(centre + _REACH * spread, edge)
        width = (high - low) / self._panels
        unit = (np.arange(self._panels)[:, np.newaxis] + (1 + self._points) / 2).ravel()
        far = low[:, np.newaxis] + width[:, np.newaxis] * unit
        far_weights = width[:, np.newaxis] * np.tile(self._weights / 2, self._panels)
        shape = len(centre), len(close)
        nodes = np.concatenate([np.broadcast_to(close, shape), far], axis=1)
        return nodes, np.concatenate([np.broadcast_to(close_weights, shape), far_weights], axis=1)


def _terms(residual: FloatArray, scale: float) -> tuple[FloatArray, FloatArray]:
    """Return the log-density, and its slope in the mode over the residual."""
    below = residual < 0
    half = np.where(below, (BELOW + 1) / 2, (ABOVE + 1) / 2)
    inverse = np.where(below, 1 / (BELOW * (_WIDTH[0] * scale) ** 2), 1 / (ABOVE * (_WIDTH[1] * scale) ** 2))
    ratio = np.square(residual)
    ratio *= inverse
    density = np.log1p(ratio)
    density *= -half
    density -= math.log(scale)
    ratio += 1
    half *= 2
    half *= inverse
    half /= ratio
    return density, half


def _start(pair: FloatArray, alpha: float) -> FloatArray:
    """Return numbers to start from, by quantiles: those below the median are hardly the cell's."""
    rest = pair[0] - alpha * pair[1]
    level = float(np.median(rest))
    sigma = max(2.5 * float(level - np.quantile(rest, 0.16)), 1e-3)
    low, middle = np.quantile(pair[1], (0.16, 0.5))
    spread = max(float(middle - low), 1e-3)
    return np.array([alpha, level, float(middle), math.log(sigma), math.log(spread)])


def _spaced(pair: FloatArray, most: int) -> FloatArray:
    frames = pair.shape[1]
    if frames <= most:
        return pair
    chosen: FloatArray = pair[:, np.linspace(0, frames - 1, most).astype(np.intp)]
    return chosen


def _never() -> bool:
    return False
