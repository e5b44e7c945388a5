"""Signals as the product of mixing and components, in a few time bins, with what the product leaves."""

from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.draft import averaged
from neuropil_gui.core.gaps import with_gaps, without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation

BINS = 60


@dataclass(frozen=True, eq=False)
class Factors:
    """The two tables whose product is nearly the signals: ``signals = mixing @ components + residual``.

    Attributes
    ----------
    signals : ndarray, shape (signals, bins)
        As the solver has them: less the offset, over the median; for ICA less each signal's mean.
    mixing : ndarray, shape (signals, n)
        The columns best match first, their magnitudes summing to 1, or empty.
    components : ndarray, shape (n, bins)
        Best match first: what each brings to all signals together.
    residual : ndarray, shape (signals, bins)
    """

    signals: FloatArray
    mixing: FloatArray
    components: FloatArray
    residual: FloatArray


def factors(cell: Cell, separation: Separation, bins: int = BINS) -> Factors:
    """Return the factors of a separation in time bins.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell, or a draft, or as it was after an iteration.
    bins : int, optional
        At most how many.

    Returns
    -------
    Factors
        NaN in bins of which all frames were left out.
    """
    traces, kept = cell.traces, separation.kept
    if kept is not None:
        traces = with_gaps(without_gaps(traces, kept), kept)
    length = -(-separation.separated.shape[1] // bins)
    scaled = (averaged(traces, length * separation.frames_per_value) - separation.offset) / separation.median
    if separation.settings.method == "ica":
        scaled = scaled - (np.nanmean(traces, axis=1, keepdims=True) - separation.offset) / separation.median
    mixing = separation.mixing[:, separation.order]
    sizes = np.abs(mixing).sum(axis=0)
    mixing = mixing / np.where(sizes > 0, sizes, 1.0)
    components = averaged(separation.separated, length)[separation.order] * sizes[:, np.newaxis]
    return Factors(scaled, mixing, components, scaled - mixing @ components)
