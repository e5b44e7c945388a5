"""Bi-cross-validation of NMF: how well held-out blocks of signals x time are predicted, over n or over alpha."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.sweep_plans import MOST_N, Axis, value_text
from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.gaps import kept_frames, without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import check_cell, scale, solver
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.active_sets import ActiveSets, Ticking
from neuropil_gui.core.solvers.stepping import T, one_blas_thread, run

VALIDATED = ("n", "alpha")
"""Settings that held-out blocks can be predicted over."""

GROUPS, TIME_BLOCKS = 6, 3
"""Groups of signals at most, each held out in turn, and stretches of time, each held out with each group."""

ALPHAS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Values of alpha: FISSA's default, and others about it at even ratios."""

LEAST_SIGNALS, LEAST_FRAMES = 3, 30
"""Signals and frames below which nothing can be held out."""

FEW_SIGNALS = 6
"""Signals up to which a remark says that there are few."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """How well held-out blocks are predicted at each value of a setting, as far as that is known.

    Attributes
    ----------
    name : str
        One of `VALIDATED`.
    values : tuple
        Ascending.
    errors : ndarray, shape (values, blocks)
        Squared error of the prediction of each block, over the block's variance: 0 is perfect, 1 no better than the
        mean of each signal. NaN where it is not known.
    settings : SeparationSettings
        All but the setting, with the n that was taken.
    groups, time_blocks : int
        How the signals and the frames were divided; there are ``groups * time_blocks`` blocks.
    remarks : tuple of str
        What should be known of it, in sentences.
    """

    name: str
    values: tuple[Any, ...]
    errors: FloatArray
    settings: SeparationSettings
    groups: int
    time_blocks: int
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "errors", as_read_only(self.errors, "The errors"))

    @property
    def complete(self) -> bool:
        """Whether all blocks were predicted at all values."""
        return bool(np.isfinite(self.errors).all())

    @property
    def means(self) -> FloatArray:
        """The mean error over blocks at each value, shape (values,); NaN where a block is missing."""
        means: FloatArray = self.errors.mean(axis=1)
        return means

    @property
    def standard_errors(self) -> FloatArray:
        """The standard error of each mean over blocks, shape (values,)."""
        return _standard_error(self.errors)

    @property
    def best(self) -> int | None:
        """The place of the value of the least mean error, None where none is known."""
        means = self.means
        return int(np.nanargmin(means)) if np.isfinite(means).any() else None

    @property
    def difference_errors(self) -> FloatArray:
        """The standard error over blocks of each value's difference from the best one, shape (values,).

        Blocks differ in how predictable they are; the same blocks at two values do so alike, and only this counts.
        """
        best = self.best
        return (
            _standard_error(self.errors - self.errors[best])
            if best is not None
            else np.full(len(self.values), math.nan)
        )

    @property
    def chosen(self) -> int | None:
        """The place of the simplest value (fewest n, greatest alpha) within one standard error of the best one.

        None while not all is known.
        """
        best = self.best
        if best is None or not self.complete:
            return None
        within = self.means - self.means[best] <= self.difference_errors
        within[best] = True
        return int(np.flatnonzero(within)[0 if self.name == "n" else -1])

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each value, with the error of each block.

        Returns
        -------
        list of dict
        """
        chosen, best = self.chosen, self.best
        rows = []
        for row, value in enumerate(self.values):
            facts: dict[str, Any] = {"setting": self.name, "value": value, "error": float(self.means[row])}
            facts["standard_error"] = float(self.standard_errors[row])
            facts["difference_error"] = float(self.difference_errors[row])
            facts |= {"least": row == best, "chosen": row == chosen}
            for block, error in enumerate(self.errors[row].tolist()):
                group, stretch = divmod(block, self.time_blocks)
                facts[f"group_{group + 1}_time_{stretch + 1}"] = error
            rows.append(facts)
        return rows


def bi_cross_validation(
    cell: Cell,
    settings: SeparationSettings | None = None,
    *,
    n: Sequence[int] = (),
    alpha: Sequence[float] = (),
    value_done: Callable[[HeldOut], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> HeldOut:
    """Predict held-out blocks of signals x time by NMF at each n, or at each alpha.

    The signals are divided into groups and the time into stretches. Of each group and stretch the block that both have
    in common is held out: NMF is fitted to all other signals in all other frames; its mixing gives the components in
    the frames that were left out, from the signals that were not; its components give the mixing of the signals that
    were left out, from the frames that were not; and the product of both is compared with the block, which none of
    them has seen.

    All three are fits of FISSA's objective with its penalties, of which the last two are non-negative least squares
    without them (alpha 0). n goes up to the signals that are left.

    Parameters
    ----------
    cell : Cell
        With at least `LEAST_SIGNALS` signals.
    settings : SeparationSettings, optional
        All but the setting that is varied; FISSA's defaults where there are none. The accelerated solver is used. An n
        above the signals that are left is taken as those.
    n, alpha : sequence, optional
        The values of the one setting that is varied, each once; see `held_out_values`.
    value_done : callable, optional
        Called with what is known after each value.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    HeldOut

    Raises
    ------
    DataError
        (a ValueError) When not one setting is varied, a value is out of range, the method is not NMF, or the cell
        cannot be separated or has too little to hold out.
    Cancelled
        When `should_stop` returned True.

    References
    ----------
    Owen & Perry (2009), Bi-cross-validation of the SVD and the nonnegative matrix factorization, Annals of Applied
    Statistics 3, 564-594, doi:10.1214/08-AOAS227.
    """
    settings = settings or SeparationSettings()
    if settings.method != "nmf":
        raise DataError("Held-out blocks are predicted by NMF, but the method is ICA, which has no objective for them.")
    if bool(len(n)) == bool(len(alpha)):
        raise DataError("Bi-cross-validation is over n or over alpha: values of one of them were expected.")
    name: str = "n" if len(n) else "alpha"
    samples = _samples(cell, settings)
    groups = min(samples.shape[1], GROUPS)
    most = most_components(samples.shape[1])
    values = Axis(name, tuple(n) or tuple(alpha)).values
    if name == "n" and not all(each is not None and each <= most for each in values):
        raise DataError(f"n is judged from 1 to {most}, the signals that are left of {samples.shape[1]}.")
    values = tuple(sorted(values))
    taken = settings.n or samples.shape[1]
    fixed = replace(settings, solver="accelerated", n=min(taken, most))
    remarks = _remarks(samples.shape[1], groups, most, name, taken)
    errors = np.full((len(values), groups * TIME_BLOCKS), np.nan)

    def known() -> HeldOut:
        return HeldOut(name, values, errors.copy(), fixed, groups, TIME_BLOCKS, remarks)

    with one_blas_thread():
        for row, value in enumerate(values):
            here = replace(fixed, **{name: value})
            for column, (frames, held) in enumerate(_blocks(samples.shape, groups)):
                errors[row, column] = _error(samples, frames, held, here, should_stop)
            if value_done is not None:
                value_done(known())
    return known()


def held_out_values(name: str, signals: int) -> tuple[Any, ...]:
    """Return values of a setting over which held-out blocks are predicted.

    Parameters
    ----------
    name : str
        One of `VALIDATED`.
    signals : int
        Of the cell.

    Returns
    -------
    tuple
        Of n all from 1 to what can be judged, or evenly spaced ones of more than `MOST_N`; of alpha seven.

    Raises
    ------
    DataError
        (a ValueError) When there are too few signals.
    """
    if name == "alpha":
        return ALPHAS
    if signals < LEAST_SIGNALS:
        raise _too_few(f"{signals} signals")
    most = most_components(signals)
    return tuple(int(each) for each in np.unique(np.linspace(1, most, min(most, MOST_N)).round()))


def most_components(signals: int) -> int:
    """Return the greatest n that can be judged: the signals that are left while a group is held out.

    Parameters
    ----------
    signals : int

    Returns
    -------
    int
    """
    return min(signals - -(-signals // min(signals, GROUPS)), MOST_N)


def in_words(found: HeldOut) -> str:
    """Return which value is best, and which is the simplest that is as good.

    Parameters
    ----------
    found : HeldOut

    Returns
    -------
    str
        Empty while not all is known.
    """
    best, chosen = found.best, found.chosen
    if best is None or chosen is None:
        return ""
    texts = [value_text(found.name, each) for each in found.values]
    simplest = "fewest" if found.name == "n" else "greatest"
    text = f"{found.name}: held-out blocks are predicted best at {texts[best]} (error {found.means[best]:.2f})"
    if chosen == best:
        return f"{text}; the {simplest} within one standard error of it is the same."
    return f"{text}; the {simplest} within one standard error of it is {texts[chosen]} ({found.means[chosen]:.2f})."


def _too_few(what: str) -> DataError:
    return DataError(
        f"{what} are too few to hold any out: at least {LEAST_SIGNALS} signals and {LEAST_FRAMES} frames are needed."
    )


def _remarks(signals: int, groups: int, most: int, name: str, taken: int) -> tuple[str, ...]:
    remarks = []
    if signals <= FEW_SIGNALS:
        remarks.append(
            f"There are {signals} signals, of which {signals - most} is held out at a time: what the ROI alone sees "
            "cannot be predicted from the others, and an n above "
            f"{most} cannot be judged."
        )
    if name == "alpha" and taken > most:
        remarks.append(f"alpha is judged with n {most}, the signals that are left, in place of {taken}.")
    return tuple(remarks)


def _samples(cell: Cell, settings: SeparationSettings) -> FloatArray:
    """Return a cell's signals as they are separated, shape (frames, signals)."""
    # An n above what is left is no reason to refuse.
    traces, offset = check_cell(cell, replace(settings, n=None))
    traces = without_gaps(traces, kept_frames(traces) if settings.drop_nan else None) - offset
    if traces.shape[0] < LEAST_SIGNALS:
        raise _too_few(f"{traces.shape[0]} signals")
    if traces.shape[1] < LEAST_FRAMES:
        raise _too_few(f"{traces.shape[1]} frames")
    return scale(traces, float(np.median(traces)))


def _blocks(shape: tuple[int, ...], groups: int) -> Iterator[tuple[slice, NDArray[np.bool_]]]:
    """Yield the frames and the signals (a mask) of each block; signals of a group are not neighbours."""
    frames, signals = shape
    ends = np.linspace(0, frames, TIME_BLOCKS + 1).round().astype(int).tolist()
    for group in range(groups):
        held = np.arange(signals) % groups == group
        for first, last in pairwise(ends):
            yield slice(first, last), held


def _error(
    samples: FloatArray,
    frames: slice,
    held: NDArray[np.bool_],
    settings: SeparationSettings,
    should_stop: Callable[[], bool] | None,
) -> float:
    """Return the relative error of the prediction of a block."""

    def poll(_: object = None) -> None:
        if should_stop is not None and should_stop():
            raise Cancelled

    kept = np.ones(len(samples), bool)
    kept[frames] = False
    assert settings.n is not None
    retained = np.ascontiguousarray(samples[kept][:, ~held])
    sources, mixing, _ = run(solver(retained, settings, settings.n, settings.seed or 0), poll)
    penalty = settings.alpha / 2
    # Components in the held-out frames, by the mixing; mixing of the held-out signals, by the components. These are
    # few columns of many frames, of which the projection on the components is all that matters.
    left = _finish(penalised(samples[frames][:, ~held], mixing.T, penalty), poll)
    q, r = np.linalg.qr(sources.T)
    right = _finish(penalised((q.T @ samples[kept][:, held]).T, r.T, penalty), poll)
    block = samples[frames][:, held]
    power = float(np.square(block - block.mean(axis=0)).sum())
    error = float(np.square(block - left.T @ right).sum())
    # A block of constant signals cannot be predicted better than by their means.
    return error / power if power > 0 else float(error > 0)


def penalised(samples: FloatArray, factor: FloatArray, penalty: float) -> Ticking[FloatArray]:
    """Fit samples by a known factor: ``1/2 |x - factor' w|^2 + penalty (sum w + |w|^2 / 2)``, w not negative.

    Parameters
    ----------
    samples : ndarray, shape (samples, k)
    factor : ndarray, shape (n, k)
    penalty : float
        0 for non-negative least squares.

    Yields
    ------
    None
        Every few milliseconds.

    Returns
    -------
    ndarray, shape (n, samples)
    """
    active = ActiveSets(samples, len(factor), penalty, penalty)
    fit = yield from active.fit(factor)
    return (yield from active.sources(fit))


def _finish(ticking: Ticking[T], poll: Callable[[], None]) -> T:
    while True:
        try:
            next(ticking)
        except StopIteration as end:
            answer: T = end.value
            return answer
        poll()


def _standard_error(errors: FloatArray) -> FloatArray:
    found: FloatArray = errors.std(axis=1, ddof=1) / math.sqrt(errors.shape[1])
    return found
