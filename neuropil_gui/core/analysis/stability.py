"""Stability of a separation over random starts, resampled trials, and neuropil regions left out."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.advice import seed_matters
from neuropil_gui.core.analysis.pairing import MOST_FRAMES, Agreement, assign
from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.gaps import cell_without_gaps, with_gaps
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import scale, separate_cell
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.core.solvers.active_sets import MOST_COMPONENTS, ActiveSets, Ticking
from neuropil_gui.core.solvers.stepping import T, blocks, one_blas_thread

ShouldStop = Callable[[], bool] | None

KINDS = ("seeds", "bootstrap", "leave_one_out")

REPLICATES = 20

BAND, RANGE = (0.05, 0.5, 0.95), (0.0, 0.5, 1.0)
"""The quantiles over replicates that a ribbon shows; and where there are only as many as regions: least to greatest."""

TIME_BLOCKS = 20
"""Blocks of time into which a single trial is cut to be resampled: long compared with a transient."""

FEW_TRIALS = 5
"""Least number of trials to draw from: of fewer, there are few different draws."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Variation of a separation over replicates.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    reference : Separation
        The separation in question.
    bands : ndarray, shape (3, frames)
        The quantiles `quantiles` over the replicates of each one's own best match, in the traces' unit.
    agreement : ndarray, shape (n,)
        For each component of the reference, in matched order, the mean over replicates of |Pearson's r| with the
        component that it is paired with in each: pairs are chosen so that the sum of all is greatest. 0 counts where
        that one is empty or constant; NaN where the reference's own is, or no replicate has one for it.
    replicates : int
        How many were made.
    remarks : tuple of str
        What should be known of it, in sentences.
    """

    kind: str
    reference: Separation
    bands: FloatArray
    agreement: FloatArray
    replicates: int
    remarks: tuple[str, ...]

    @property
    def quantiles(self) -> tuple[float, float, float]:
        """Those of `bands`: with one region left out the least, the median and the greatest of so few replicates."""
        return _quantiles(self.kind)

    @property
    def ribbon(self) -> str:
        """What lies between the outer two of `bands`, for a legend."""
        low, _, high = self.quantiles
        return "least to greatest" if (low, high) == (0, 1) else f"{100 * low:.0f} to {100 * high:.0f} %"

    def __post_init__(self) -> None:
        for name in ("bands", "agreement"):
            object.__setattr__(self, name, as_read_only(getattr(self, name), f"The {name}"))


@dataclass(frozen=True, eq=False)
class _Replicate:
    """A replicate: its components (n, frames) in its solver's order, its best match, its order, and how it ended."""

    separated: FloatArray
    best: FloatArray
    order: NDArray[np.intp]
    converged: bool


def stability(
    cell: Cell,
    settings: SeparationSettings,
    kind: str,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    reference: Separation | None = None,
    progress: Callable[[int, int], object] | None = None,
    should_stop: ShouldStop = None,
) -> Stability:
    """Separate a cell repeatedly, and return how the results agree.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
        Its solver is used, and the accelerated one is meant: FISSA's takes about ten times as long.
    kind : str
        ``"seeds"``: from as many random starts. ``"bootstrap"``: with the mixing fitted to trials drawn with
        replacement (blocks of time, where there is one trial), and the best sources for that mixing in all frames
        (Efron 1979, doi 10.1214/aos/1176344552; of blocks: Künsch 1989, doi 10.1214/aos/1176347265).
        ``"leave_one_out"``: with each neuropil region left out in turn (the jackknife).
    replicates : int
        How many, 2 or more. Leaving one out makes as many as there are regions.
    seed : int
        Of the starts or of the drawing; the same seed makes the same replicates.
    reference : Separation, optional
        Of `cell` by `settings`, where there is one already.
    progress : callable, optional
        Called with the number of replicates done, and that of all.
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    Stability

    Raises
    ------
    DataError
        (a ValueError) When the kind is unknown, there are too few regions, or fewer than two replicates could be made.
    Cancelled
        When `should_stop` returned True.
    """
    if kind not in KINDS:
        raise DataError(f"kind must be one of {', '.join(KINDS)}, but {kind!r} was found.")
    count = len(cell.traces) - 1 if kind == "leave_one_out" else replicates
    if kind == "leave_one_out" and count < 2:
        raise DataError(
            f"Leaving one region out needs two regions or more, but {cell.name} has {count}. Look at seeds or the "
            "bootstrap instead."
        )
    if count < 2:
        raise DataError(f"At least 2 replicates are needed, but {count} were asked for.")
    with one_blas_thread():
        if reference is None:
            reference = separate_cell(cell, settings, should_stop=should_stop)
        shown, kept = reference, reference.kept
        cell, reference = cell_without_gaps(cell, kept), reference.without_gaps()
        # Another try would take the next replicate's seed.
        settings = replace(settings, max_tries=1)
        rival = _rival(cell, settings, reference, should_stop)
        make = {"seeds": _seeds, "bootstrap": _bootstrap, "leave_one_out": _leave_one_out}[kind]
        bests, found, refused = [], [], []
        swapped = slow = 0
        for number, attempt in enumerate(make(cell, settings, reference, count, seed, should_stop), 1):
            if isinstance(attempt, str):
                refused.append(attempt)
            else:
                r, place = _paired(reference, attempt.separated)
                bests.append(attempt.best)
                found.append(r)
                swapped += place.get(int(attempt.order[0])) != 0
                slow += not attempt.converged
            if progress is not None:
                progress(number, count)
        if len(bests) < 2:
            raise DataError(f"Only {len(bests)} of {count} replicates could be made. {refused[0]}")
        bands = with_gaps(_bands(np.stack(bests), _quantiles(kind), should_stop), kept)
    remarks = [*rival, *_remarks(kind, cell, settings)]
    if swapped:
        # First: it is what makes a ribbon wide while the components agree.
        remarks.insert(
            0, f"In {swapped} of {len(bests)} replicates the best match is another component than the reference's."
        )
    if slow:
        remarks.append(f"{slow} of {len(bests)} replicates did not converge.")
    if refused:
        remarks.append(f"{len(refused)} of {count} replicates could not be separated. {refused[0]}")
    known = ~np.isnan(found)
    sums, counts = np.where(known, found, 0.0).sum(axis=0), known.sum(axis=0)
    agreement = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return Stability(kind, shown, bands, agreement, len(bests), tuple(remarks))


def _rival(cell: Cell, settings: SeparationSettings, reference: Separation, should_stop: ShouldStop) -> list[str]:
    """Return what there is to say where the replicates' solver is not the reference's: whether both end alike."""
    if settings.method != "nmf" or (settings.solver, reference.settings.solver) != ("accelerated", "fissa"):
        return []
    made = separate_cell(cell, settings, should_stop=should_stop)
    agreement = Agreement.of(reference, made)
    if agreement.same:
        return []
    own, its = agreement.objectives
    return [
        "The replicates are the accelerated solver's, which comes to another result than FISSA's for this cell "
        f"(r = {agreement.r:.3f}, objective {its:.6g} against {own:.6g}): they say how stable that one is. Show it in "
        "the main window to compare."
    ]


Attempts = Iterator[_Replicate | str]
"""Replicates, or the reason why one was refused."""


def _seeds(
    cell: Cell, settings: SeparationSettings, reference: Separation, count: int, seed: int, should_stop: ShouldStop
) -> Attempts:
    start = "random" if settings.method == "nmf" else settings.start
    for k in range(count):
        yield _attempt(cell, replace(settings, start=start, seed=(seed + k) % (MAX_SEED + 1)), should_stop)


def _leave_one_out(
    cell: Cell, settings: SeparationSettings, reference: Separation, count: int, seed: int, should_stop: ShouldStop
) -> Attempts:
    n = None if settings.n is None else min(settings.n, count)
    for left in range(1, count + 1):
        kept = [k for k in range(count + 1) if k != left]
        names = tuple(cell.signal_names[k] for k in kept)
        less = replace(cell, traces=cell.traces[kept], signal_names=names, truth=None, stored=None)
        yield _attempt(less, replace(settings, n=n), should_stop)


def _bootstrap(
    cell: Cell, settings: SeparationSettings, reference: Separation, count: int, seed: int, should_stop: ShouldStop
) -> Attempts:
    if settings.method == "nmf" and reference.n > MOST_COMPONENTS:
        sentence = f"The bootstrap of NMF is for at most {MOST_COMPONENTS} components, but there are {reference.n}."
        yield from [sentence] * count
        return
    parts = _parts(cell)
    frames = cell.traces.shape[1]
    rng = np.random.default_rng(seed)
    for _ in range(count):
        chosen = [parts[k] for k in rng.integers(len(parts), size=len(parts))]
        drawn = np.concatenate([cell.traces[:, part] for part in chosen], axis=1)
        # So that the penalty acts as on all frames, where trials differ in length.
        alpha = settings.alpha * math.sqrt(drawn.shape[1] / frames)
        again = replace(cell, traces=drawn, trial_starts=(0,), truth=None, stored=None)
        try:
            fitted = separate_cell(again, replace(settings, alpha=alpha, n=reference.n), should_stop=should_stop)
        except DataError as error:
            yield f"Of the frames drawn: {error}"
        else:
            yield _unmixed(cell, fitted, settings.alpha, should_stop)


def _parts(cell: Cell) -> list[slice]:
    """Return what is drawn from: the trials, or blocks of time where there is only one."""
    if len(cell.trial_starts) > 1:
        return cell.trial_slices
    frames = cell.traces.shape[1]
    edges = np.linspace(0, frames, min(TIME_BLOCKS, frames) + 1).astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(edges)]


def _attempt(cell: Cell, settings: SeparationSettings, should_stop: ShouldStop) -> _Replicate | str:
    try:
        found = separate_cell(cell, settings, should_stop=should_stop)
    except DataError as error:
        return str(error)
    return _Replicate(found.separated, found.matched[0], found.order, found.converged)


def _unmixed(cell: Cell, fitted: Separation, alpha: float, should_stop: ShouldStop) -> _Replicate:
    """Find the sources in all frames of `cell` for the mixing that was fitted to some of them."""
    if fitted.settings.method == "ica":
        from scipy import linalg

        centred = cell.traces - cell.traces.mean(axis=1, keepdims=True)
        centred /= fitted.median
        sources = np.asarray(linalg.pinv(fitted.mixing) @ centred, np.float64)
    else:
        samples = scale(cell.traces - fitted.offset, fitted.median)
        active = ActiveSets(samples, fitted.n, alpha / 2, alpha / 2)
        fit = _ended(active.fit(np.ascontiguousarray(fitted.mixing.T)), should_stop)
        sources = _ended(active.sources(fit), should_stop)
    order, _ = rank(fitted.mixing)
    best = match(sources, fitted.mixing, order[:1], fitted.median)[0]
    return _Replicate(sources, best, order, fitted.converged)


def _ended(work: Ticking[T], should_stop: ShouldStop) -> T:
    """Run `work` to its end and return its answer."""
    while True:
        if should_stop is not None and should_stop():
            raise Cancelled
        try:
            next(work)
        except StopIteration as end:
            answer: T = end.value
            return answer


def _paired(reference: Separation, separated: FloatArray) -> tuple[FloatArray, dict[int, int]]:
    """Pair the components of a replicate with those of the reference, both in matched order where that matters.

    Returns |Pearson's r| of each of the reference's in matched order, NaN where it is not paired, and for each of
    the replicate's, in its solver's order, the place in matched order of the one it is paired with.
    """
    every = slice(None, None, 1 + separated.shape[1] // MOST_FRAMES)
    own = reference.separated[reference.order]
    likeness = np.array([[abs(pearson(a[every], b[every])) for b in separated] for a in own])
    alive = np.array([not math.isnan(pearson(a, a)) for a in own])
    found, place = np.full(len(own), np.nan), {}
    for k, column in assign(np.nan_to_num(likeness)):
        place[column] = k
        if alive[k]:
            r = pearson(own[k], separated[column])
            found[k] = 0.0 if math.isnan(r) else abs(r)
    return found, place


def _quantiles(kind: str) -> tuple[float, float, float]:
    return RANGE if kind == "leave_one_out" else BAND


def _bands(bests: FloatArray, quantiles: tuple[float, ...], should_stop: ShouldStop) -> FloatArray:
    bands = np.empty((len(quantiles), bests.shape[1]))
    for block in blocks(bests.shape[1]):
        if should_stop is not None and should_stop():
            raise Cancelled
        bands[:, block] = np.quantile(bests[:, block], quantiles, axis=0)
    return bands


def _remarks(kind: str, cell: Cell, settings: SeparationSettings) -> list[str]:
    """Return remarks on a kind that hold for every result."""
    if kind == "seeds" and not seed_matters(settings):
        return [
            f"Seeds usually do nothing with the start {settings.start}: NMF takes the same path whatever the seed. So "
            "these replicates start at random, which the result itself does not. Where they agree, the result does not "
            "depend on where it starts; where they do not, there are other minima."
        ]
    if kind == "bootstrap":
        trials = len(cell.trial_starts)
        if trials == 1:
            return [f"There is only one trial, so {len(_parts(cell))} blocks of time were drawn from instead."]
        if trials < FEW_TRIALS:
            return [f"There are only {trials} trials to draw from, so the ribbon is rough."]
    if kind == "leave_one_out" and (settings.n is None or settings.n == len(cell.traces)):
        return ["With one region less there is one component less, too."] if settings.method == "nmf" else []
    return []
