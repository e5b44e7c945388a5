"""Samples: a corrected trace with the signals and the truth that its numbers are measured against."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.analysis.contributions import seen_by
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.draft import averaged
from neuropil_gui.core.gaps import kept_frames, without_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation

if TYPE_CHECKING:
    from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn


@dataclass(frozen=True, eq=False)
class Sample:
    """A corrected trace with the signals and the truth that its numbers are measured against.

    Attributes
    ----------
    trace : ndarray, shape (values,)
        Of a separation the best match, else any correction of the ROI's trace.
    traces : ndarray, shape (signals, values)
        Of the cell, the ROI first; of a draft averaged over its bins.
    truth : ndarray, shape (values,), or None
        The cell's true signal, where it is known.
    separation : Separation or None
        What made the trace.
    frame_rate : float or None
        In Hz, where it is known.
    spike_in : CellSpikeIn or None
        What came back of transients that were added to the cell's recording, where that was tested.
    """

    trace: FloatArray
    traces: FloatArray
    truth: FloatArray | None = None
    separation: Separation | None = None
    frame_rate: float | None = None
    spike_in: "CellSpikeIn | None" = None

    @classmethod
    def of_trace(cls, cell: Cell, trace: FloatArray) -> "Sample":
        """Return the sample of a trace that no separation made.

        Parameters
        ----------
        cell : Cell
            The cell that the trace belongs to.
        trace : ndarray, shape (frames,)
            A corrected trace of all frames; those in which it or a signal has no value are left out.

        Returns
        -------
        Sample
        """
        truth, kept = true_signal(cell, len(trace)), None
        if trace.shape[-1] == cell.traces.shape[1] and not np.isfinite(trace).all():
            kept = kept_frames(np.vstack((trace, cell.traces)))
        return cls(
            without_gaps(trace, kept),
            without_gaps(cell.traces, kept),
            None if truth is None else without_gaps(truth, kept),
        )

    @classmethod
    def of_separation(cls, cell: Cell, separation: Separation) -> "Sample":
        """Return the sample of a separation's best match.

        Parameters
        ----------
        cell : Cell
            The cell that was separated.
        separation : Separation
            Its result; a draft on averaged frames is compared with averages.

        Returns
        -------
        Sample

        Raises
        ------
        DataError
            (a ValueError) When the separation is one of other traces.
        """
        bins, kept = separation.frames_per_value, separation.kept
        truth = true_signal(cell, cell.traces.shape[1])
        if truth is not None:
            truth = without_gaps(averaged(truth[None], bins)[0], kept)
        traces, closed = without_gaps(seen_by(cell, separation), kept), separation.without_gaps()
        return cls(closed.matched[0], traces, truth, closed)

    @property
    def constant(self) -> float | FloatArray:
        """Part of each signal in no component: the offset of NMF, the means for ICA; NaN without a separation."""
        if self.separation is None:
            return math.nan
        if self.separation.settings.method == "nmf":
            return self.separation.offset
        means: FloatArray = self.traces.mean(axis=1, keepdims=True)
        return means


def true_signal(cell: Cell, frames: int) -> FloatArray | None:
    """Return a simulated cell's own source, shape (frames,); None where none of so many frames is known.

    Parameters
    ----------
    cell : Cell
    frames : int

    Returns
    -------
    ndarray, shape (frames,), or None
    """
    truth = cell.truth
    if truth is None or not len(truth.sources) or truth.sources.shape[1] != frames:
        return None
    own: FloatArray = truth.sources[0]
    return own
