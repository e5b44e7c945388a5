"""dF/F of a cell: of its raw ROI, and of its best match by the raw ROI's F0."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.baseline import BaselineSettings, DeltaF, delta_f
from neuropil_gui.core.gaps import cell_without_gaps, with_gaps
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation


@dataclass(frozen=True, eq=False)
class CellDeltaF:
    """dF/F of a cell.

    Attributes
    ----------
    raw : DeltaF
        Of the raw ROI.
    matched : DeltaF or None
        Of the best match, divided by the raw ROI's F0; None without a separation.
    """

    raw: DeltaF
    matched: DeltaF | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on a doubtful baseline."""
        # Both are divided by the raw ROI's F0, so the best match's say all that the raw ROI's do.
        return self.raw.warnings if self.matched is None else self.matched.warnings


def cell_delta_f(
    cell: Cell,
    separation: Separation | None,
    settings: BaselineSettings,
    frame_rate: float | None = None,
    raw: DeltaF | None = None,
) -> CellDeltaF:
    """Return dF/F of a cell's raw ROI and, with its separation, of the best match.

    Parameters
    ----------
    cell : Cell
    separation : Separation or None
    settings : BaselineSettings
    frame_rate : float, optional
        In Hz; None where it is not known.
    raw : DeltaF, optional
        The raw ROI's, where it is known already for these settings and this frame rate.

    Raises
    ------
    DataError
        (a ValueError) As `baseline.delta_f`.
    """
    kept = separation.kept if separation is not None else None
    used = cell_without_gaps(cell, kept)
    roi, starts = used.traces[0], used.trial_starts
    if raw is None or kept is not None:
        raw = _with_gaps(delta_f(roi, settings, frame_rate, starts), kept)
    if separation is None:
        return CellDeltaF(raw)
    best = separation.without_gaps().matched[0]
    return CellDeltaF(raw, _with_gaps(delta_f(best, settings, frame_rate, starts, roi), kept))


def _with_gaps(made: DeltaF, kept: NDArray[np.bool_] | None) -> DeltaF:
    if kept is None:
        return made
    values, f0, divisor = (with_gaps(each, kept) for each in (made.values, made.f0, made.divisor))
    return replace(made, values=values, f0=f0, divisor=divisor)
