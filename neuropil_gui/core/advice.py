"""Remarks on a separation: each names a finding, its consequence, and a remedy.

The thresholds were measured on the demos, on simulated cells with 1 to 8 regions and a growing
pedestal (r with the truth), and on FISSA's example and a suite2p plane (4 and 21 real cells), so
that good data have no remarks:

- *Match.* How many times as strong the best match is in the ROI as in the average region: 5 or
  more in simulated NMF fits with four regions that came out (r 0.83 and above), 2.5 or less where
  they failed (r about 0.6, or collapsed). ICA spreads its weights: 2.2 to 3 can still have r 0.95,
  while 1.5 and below had r 0.01 and 0.25.
- *Pedestal.* The first percentile over the median: 0.5 to 0.6 in the demos that work, 0.67 to 0.92
  in the real cells. In NMF at alpha 0.1 r with the truth stays at 0.98 up to 0.88, is 0.95 at 0.9,
  0.86 to 0.92 at 0.94 and 0.2 to 0.3 at 0.97; with an alpha of 0.01 it stays at 0.98 throughout, and
  most components live. So a pedestal is reported only where components are gone.
- *Too much taken out.* Of 225 simulated cells at the defaults 46 came out worse than the raw ROI without any other
  remark. An r of the best match with the neuropil below -0.2 finds 24 of them, and stands on 25 of 85 good results
  as well, so that the remark is worded as a question.
"""

import math
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.gaps import cell_without_gaps, kept_frames, ranges
from neuropil_gui.core.metrics import r_with_neuropil
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.remarks import Remark, by_level, joined
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.signal_remarks import duplicates, signal_remarks

if TYPE_CHECKING:
    from neuropil_gui.core.result import Separation

LEAST_MATCH = {"nmf": 3.0, "ica": 1.5}
"""Least ratio of the best match's strength in the ROI to that in the average region."""

HIGH_PEDESTAL, PEDESTAL = 0.93, 0.8
"""First percentile over median: high where components are gone; enough where all is one component."""

FEW_ALIVE = 0.6
"""Part of the components, up to which a high pedestal is to blame."""

TOO_MUCH = -0.2
"""Pearson's r of the best match with the neuropil, below which it is asked whether too much was taken out."""

_SAMPLE = 10_000
_MOST_FRAMES = 100_000
_NAMED = 3


def advise(cell: Cell, result: "Separation") -> tuple[Remark, ...]:
    """Return what should be known of a separation; nothing where all is well.

    Parameters
    ----------
    cell : Cell
    result : Separation
        Of this cell; its own `warnings` are not looked at.

    Returns
    -------
    tuple of Remark
        What matters most first.
    """
    settings = result.settings
    left_out = []
    if settings.drop_nan and (kept := kept_frames(cell.traces)) is not None:
        left_out = _left_out(kept)
        cell, result = cell_without_gaps(cell, kept), result.without_gaps()
    remarks = signal_remarks(cell)
    signals = len(cell.traces)
    any_alive = bool(result.separated.any())
    strength = match_strength(result) if any_alive else math.inf
    poor = strength < LEAST_MATCH[settings.method]
    if settings.method == "nmf" and any_alive:
        remarks += _pedestal(cell, result, poor)
    remarks += _empty(result)
    if poor:
        remarks.append(
            Remark(
                f"The best match, c1, is not mostly the ROI's: it is only {strength:.1f} times as strong in the ROI as "
                "in the average neuropil region, so it may still hold neuropil. "
                + ("Try a lower alpha" if settings.method == "nmf" else "Try NMF")
                + ", another n, or regions that keep clear of the cell.",
                "error" if strength <= 1 else "warning",
            )
        )
    remarks += [*_convergence(result), *_too_much(cell, result), *_offset(result), *left_out]
    if signals == 2:
        remarks.append(
            Remark(
                "There is only one neuropil region. Its signal mixes neuropil with neighbouring cells, which two "
                "signals cannot tell apart. Extract more regions around the ROI (FISSA takes 4) where the movie is at "
                "hand" + ("; else keep alpha low, so that both components live." if settings.method == "nmf" else ".")
            )
        )
    remarks += duplicates(cell)
    default = next(each.default for each in fields(SeparationSettings) if each.name == "seed")
    if settings.seed != default and not seed_matters(settings):
        remarks.append(
            Remark(
                f"The seed hardly matters here: with the start {settings.start} NMF "
                f"{'usually' if has_random_start(settings) else 'always'} takes the same path whatever the seed, so "
                'agreement between seeds proves little. Choose the start "random" to see what depends on it.',
                "info",
            )
        )
    if settings.method == "ica":
        remarks.append(
            Remark(
                "ICA has lost the baseline: its traces have a mean of zero, so dF/F over their own baseline has no "
                "meaning. Divide by the raw ROI's baseline, or use NMF.",
                "info",
            )
        )
    return by_level(remarks)


def seed_matters(settings: SeparationSettings) -> bool:
    """Return whether the seed changes the result as a rule: from an NNDSVD start NMF usually takes the same path.

    Of 460 simulated cells FISSA's start (nndsvdar) led 5 elsewhere with another seed.

    Parameters
    ----------
    settings : SeparationSettings

    Returns
    -------
    bool
    """
    return settings.method == "ica" or settings.start == "random"


def has_random_start(settings: SeparationSettings) -> bool:
    """Return whether anything is random at the start, so that another try may take another path.

    Parameters
    ----------
    settings : SeparationSettings

    Returns
    -------
    bool
        False for NMF that starts from nndsvda alone.
    """
    return settings.method == "ica" or settings.start != "nndsvda"


def match_strength(result: "Separation") -> float:
    """Return how many times as strong the best match is in the ROI as in the average region.

    Unlike the score, the ROI's share of the column, it does not fall with the number of regions:
    with four of them a score of 0.5 is 4 times.

    Parameters
    ----------
    result : Separation
        Of two signals or more.

    Returns
    -------
    float
        Infinity where the regions hold nothing of it, NaN where no signal does.
    """
    weights = np.abs(result.mixing[:, result.order[0]])
    own, others = float(weights[0]), float(weights[1:].mean())
    if others == 0:
        return math.inf if own else math.nan
    return own / others


def pedestal(cell: Cell, result: "Separation") -> float:
    """Return the level above which 99 % of the values lie, relative to their median.

    The first percentile, not the minimum, which one dark frame would take to zero. Long
    recordings are sampled.

    Parameters
    ----------
    cell : Cell
    result : Separation
        Its offset and median are used.

    Returns
    -------
    float
    """
    values = cell.traces.ravel()
    low = float(np.quantile(values[:: 1 + values.size // _SAMPLE], 0.01))
    return (low - result.offset) / result.median


def _convergence(result: "Separation") -> list[Remark]:
    if result.converged:
        return []
    settings = result.settings
    remarks = [
        Remark(
            f"Not converged after {result.iterations} iterations"
            + (f" in each of {result.tries} tries" if result.tries > 1 else "")
            + ". Raise max. iterations or tol, or take the traces as provisional."
        )
    ]
    if settings.max_tries > 1 and not has_random_start(settings):
        remarks.append(
            Remark(
                f"Tried once instead of up to {settings.max_tries} times: with the start {settings.start} nothing is "
                "random, and every seed repeats the same path.",
                "info",
            )
        )
    return remarks


def _too_much(cell: Cell, result: "Separation") -> list[Remark]:
    # Of a long recording some frames: all of them would take longer than the rest of the advice.
    some = slice(None, None, 1 + cell.traces.shape[1] // _MOST_FRAMES)
    traces = cell.traces[:, some]
    r = r_with_neuropil(result.matched[0, some], traces)
    if not r < TOO_MUCH:
        return []
    return [
        Remark(
            f"Was too much taken out? The best match falls where the neuropil rises: Pearson's r of the two is "
            f"{r:.2f}, while the raw ROI's is {r_with_neuropil(traces[0], traces):.2f}. It need not be so: "
            "among simulated cells as many good results have this as results that are worse than the raw ROI. Compare "
            "it with the raw ROI and with F \N{MINUS SIGN} 0.7 Fneu, and try another "
            + ("alpha or n." if result.settings.method == "nmf" else "n.")
        )
    ]


def _left_out(kept: NDArray[np.bool_]) -> list[Remark]:
    frames = np.flatnonzero(~kept)
    return [
        Remark(
            f"{len(frames)} of {len(kept)} frames were left out, in which a signal is NaN or infinite: "
            f"{ranges(frames, _NAMED)} (counted from 0). The result has gaps there, and the frames on both sides of a "
            "gap were separated as neighbours.",
            "info",
        )
    ]


def _offset(result: "Separation") -> list[Remark]:
    if not result.offset:
        return []
    note = "It is not added back, so baselines differ from the raw ones."
    if result.offset == result.settings.pedestal:
        text = f"The pedestal, {result.offset:.6g}, was subtracted from all traces before the separation. {note}"
        return [Remark(text, "info")]
    return [
        Remark(
            f"The minimum, {result.offset:.6g}, was subtracted from all traces before the separation, because NMF "
            f"needs values that are not negative. {note}",
            "info",
        )
    ]


def _empty(result: "Separation") -> list[Remark]:
    dead = [f"c{k}" for k, column in enumerate(result.order, 1) if not result.separated[column].any()]
    if not dead:
        return []
    if len(dead) == result.n:
        text = "All components are empty: alpha is too high for these signals, and nothing is left. Lower alpha."
        return [Remark(text, "error")]
    are = f"{joined(dead)} {'is' if len(dead) == 1 else 'are'} empty"
    if len(dead) == result.n - 1:
        text = f"{are}: one component is left, so that nothing was separated. Lower alpha, or try ICA."
        return [Remark(text, "error")]
    return [
        Remark(
            f"{are}: at this alpha the signals need fewer components than n. That is common, and no fault where the "
            "best match looks right; a lower alpha keeps more.",
            "info",
        )
    ]


def _pedestal(cell: Cell, result: "Separation", poor: bool) -> list[Remark]:
    alive = int(np.count_nonzero(result.separated.any(axis=1)))
    collapsed = poor or alive == 1 < result.n
    gone = alive <= FEW_ALIVE * result.n
    if not (collapsed or gone):
        return []  # as nearly always: to find the level takes a while
    level = pedestal(cell, result)
    if not (level > HIGH_PEDESTAL and gone) and not (level > PEDESTAL and collapsed):
        return []
    return [
        Remark(
            f"High pedestal: 99 % of the values lie above {100 * level:.0f} % of the median. Such constant light makes "
            "all signals alike to NMF, and components vanish. Subtract the detector's offset before extraction or here "
            "(the pedestal), or use ICA, which does not mind constant light; a tenth of alpha helps only some cells.",
            "error" if collapsed else "warning",
        )
    ]
