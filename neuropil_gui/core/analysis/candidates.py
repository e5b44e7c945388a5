"""Candidates for a cell's own trace, to compare: results, simple corrections, a file's stored result, and the truth."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.numbers import numbers_of_trace
from neuropil_gui.core.analysis.pairing import Pairing, pair
from neuropil_gui.core.analysis.plug_ins import find_rival
from neuropil_gui.core.analysis.rival import Rival, trace_of
from neuropil_gui.core.analysis.sample import true_signal
from neuropil_gui.core.analysis.subtraction import SUBTRACTIONS, USUAL_FACTOR, check_regions
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.checks import check_kept, check_size
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import cell_without_gaps, kept_frames, with_gaps, without_gaps
from neuropil_gui.core.matching import rank
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.core.solvers.stepping import blocks, one_blas_thread

CANDIDATE_NUMBERS = ("r_neuropil", "skewness", "excursions", "error_truth")
"""Keys in `NUMBERS` of what is measured of every candidate."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A trace that may be the cell's own, and how it came about.

    Attributes
    ----------
    trace : ndarray, shape (frames,), read-only
        In the traces' units.
    how : str
        Its settings or its neuropil factor k, in a few words.
    remark : str
        What there is to know about it, in sentences.
    level : float
        The median of `trace`: what it is moved by to lie over others.
    numbers : mapping of str to float
        Those of `CANDIDATE_NUMBERS`, by key in `NUMBERS`; those against the truth only where it is known.
    separation : Separation or None
        Where it is one's best match.
    """

    trace: FloatArray
    how: str
    remark: str
    level: float
    numbers: Mapping[str, float]
    separation: Separation | None = None


@dataclass(frozen=True, eq=False)
class Difference:
    """One trace minus another, as they are: no constant is taken away.

    Attributes
    ----------
    trace : ndarray, shape (frames,), read-only
        The difference.
    r : float
        Pearson's r of the two over the frames that both have; NaN where one of them is constant.
    greatest : float
        The greatest |difference|, in the traces' units.
    frame : int
        Where that is.
    part : float
        `greatest` over the range of the first trace; NaN where that is constant.
    pairing : Pairing or None
        Where both are separations: which component of the second is which of the first.
    """

    trace: FloatArray
    r: float
    greatest: float
    frame: int
    part: float
    pairing: Pairing | None


def compare(
    cell: Cell,
    separation: Separation,
    rivals: Iterable[str] = ("raw", *SUBTRACTIONS),
    *,
    factor: float = USUAL_FACTOR,
    parameters: Mapping[str, Mapping[str, float]] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Candidate]:
    """Return the traces that other methods give for a cell, with their numbers, beside that of a separation.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell.
    rivals : iterable of str
        Keys of `RIVALS`, which has the source of each, what it assumes and when it fails: ``"raw"``, ``"fixed"``,
        ``"regression"``, ``"robust"``, ``"cross_validation"``, ``"ast"``, ``"tuncat"``, and ``"nmf"`` and ``"ica"``
        with FISSA's defaults. Also plug-ins, see `rivals`, ``"stored"``, the result that the file carried, and
        ``"truth"``, the true signal of a simulated cell.
    factor : float
        The part of the neuropil that ``"fixed"`` subtracts (0.7: Chen et al. 2013, doi 10.1038/nature12354).
    parameters : mapping of str to mapping of str to float, optional
        Values of parameters of other rivals, by the rival's key: ``{"tuncat": {"alpha": 0.5}}``.
    should_stop : callable, optional
        Polled every few milliseconds while a rival separates.

    Returns
    -------
    dict of str to Candidate
        The separation's best match as ``"result"``, then the rivals by key.

    Raises
    ------
    DataError
        (a ValueError) When a rival is unknown, or the cell does not allow it: without regions nothing is subtracted.
    Cancelled
        When `should_stop` returned True.
    """
    found = {"result": of_separation(cell, separation)}
    for key in rivals:
        if key in ("nmf", "ica"):
            other = separate_cell(
                cell, SeparationSettings(method=key, drop_nan=separation.settings.drop_nan), should_stop=should_stop
            )
            found[key] = of_separation(cell, other)
        elif key in ("stored", "truth"):
            found[key] = of_stored(cell) if key == "stored" else of_truth(cell)
        else:
            given = {"k": factor} if key == "fixed" else {}
            found[key] = of_rival(cell, key, given | dict((parameters or {}).get(key, {})), should_stop)
    return found


def of_separation(cell: Cell, separation: Separation) -> Candidate:
    """Return a separation's best match as a candidate.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell.

    Returns
    -------
    Candidate
    """
    how = brief(separation.settings, separation.n)
    remark = "" if separation.converged else "It did not converge."
    return _candidate(cell, separation.matched[0], how, remark, separation)


def of_rival(
    cell: Cell,
    rival: Rival | str,
    given: Mapping[str, float] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Candidate:
    """Return the raw ROI, or a rival's trace, which has gaps at frames with a missing value, and says so.

    Parameters
    ----------
    cell : Cell
    rival : Rival or str
        Or its key.
    given : mapping of str to float, optional
        Values of its parameters, such as ``{"k": 0.7}``.
    should_stop : callable, optional
        Polled by rivals that take longer.

    Returns
    -------
    Candidate

    Raises
    ------
    DataError
        (a ValueError) Where the cell does not allow it, see `subtraction`, or a plug-in fails, see `trace_of`.
    Cancelled
        When `should_stop` returned True.
    """
    rival = find_rival(rival) if isinstance(rival, str) else rival
    check_size(cell.traces, cell.signal_names)
    if rival.key == "raw":
        return _candidate(cell, cell.traces[0], "as it was recorded", "")
    check_regions(cell)
    kept = kept_frames(cell.traces)
    if kept is not None:
        check_kept(cell.traces, cell.signal_names)
    made = trace_of(rival, cell_without_gaps(cell, kept).traces, given, should_stop)
    gaps = "" if kept is None else f" {np.count_nonzero(~kept)} frames with a missing value were left out."
    return _candidate(cell, with_gaps(made.trace, kept), made.how, f"{made.remark}{gaps}".strip())


def of_truth(cell: Cell) -> Candidate:
    """Return what a simulated cell's own source truly adds to its ROI.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    Candidate

    Raises
    ------
    DataError
        (a ValueError) Where it is not known.
    """
    own = true_signal(cell, cell.traces.shape[1])
    if own is None or cell.truth is None:
        raise DataError(f"{cell.name}: the truth is not known.")
    own = cell.truth.mixing[0, 0] * own
    return _candidate(cell, own, "what the cell's own source adds to the ROI", "Known because it is simulated.")


def of_stored(cell: Cell) -> Candidate:
    """Return the best match of the result that a file carried.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    Candidate

    Raises
    ------
    DataError
        (a ValueError) Where it carried none, or one of another length.
    """
    stored = cell.stored
    if stored is None or stored.matched.shape[-1] != cell.traces.shape[1]:
        raise DataError(f"{cell.name}: the file carries no result of these frames.")
    return _candidate(cell, stored.matched[0], "as the file has it", "", as_separation(stored))


def as_separation(stored: StoredResult) -> Separation | None:
    """Return a stored result in the form of a separation, to pair its components and draw its matrix.

    What is not in the file (settings, seed, time) stands at defaults and is not to be shown. None
    where it holds no mixing.

    Parameters
    ----------
    stored : StoredResult

    Returns
    -------
    Separation or None
    """
    if stored.mixing is None or stored.separated is None:
        return None
    order, scores = rank(stored.mixing)
    return Separation(
        stored.separated, stored.matched, stored.mixing, order, scores, stored.iterations or 0,
        bool(stored.converged), stored.mixing.shape[1], 0, 1, SeparationSettings(), 0.0, 1.0, (), 0.0,
    )  # fmt: skip


@one_blas_thread()
def difference(one: Candidate, other: Candidate) -> Difference:
    """Return `one` minus `other`.

    Parameters
    ----------
    one, other : Candidate
        Of the same frames.

    Returns
    -------
    Difference

    Raises
    ------
    DataError
        (a ValueError) When they are not of the same frames.
    """
    if one.trace.shape != other.trace.shape:
        raise DataError(
            f"Traces of {len(one.trace)} and {len(other.trace)} frames cannot be subtracted: both must be of the "
            "same frames of one recording."
        )
    gap = np.empty(one.trace.shape)
    greatest, frame = -1.0, 0
    low, high = math.inf, -math.inf
    for block in blocks(len(gap)):
        part = np.subtract(one.trace[block], other.trace[block], out=gap[block])
        most = int(np.nan_to_num(np.abs(part)).argmax())
        if abs(part[most]) > greatest:
            greatest, frame = float(abs(part[most])), block.start + most
        finite = one.trace[block][np.isfinite(one.trace[block])]
        low, high = float(finite.min(initial=low)), float(finite.max(initial=high))
    pairing = None
    if one.separation is not None and other.separation is not None:
        pairing = pair(one.separation, other.separation)
    gap.flags.writeable = False
    common = kept_frames(np.vstack((one.trace, other.trace)))
    r = metrics.pearson(without_gaps(one.trace, common), without_gaps(other.trace, common))
    return Difference(
        gap, r, max(greatest, 0.0), frame,
        greatest / (high - low) if high > low else float("nan"), pairing,
    )  # fmt: skip


@one_blas_thread()
def _candidate(cell: Cell, trace: FloatArray, how: str, remark: str, separation: Separation | None = None) -> Candidate:
    with np.errstate(all="ignore"):
        numbers = numbers_of_trace(cell, trace, CANDIDATE_NUMBERS)
        level = float(np.nanmedian(trace[:: 1 + len(trace) // 200_000])) if np.isfinite(trace).any() else 0.0
    trace.flags.writeable = False
    return Candidate(trace, how, remark, level, numbers, separation)
