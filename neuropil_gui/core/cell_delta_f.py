"""dF/F of a cell: of its raw ROI, of its best match by the F0 that is asked for, and of F - 0.7 Fneu."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, difference
from neuropil_gui.core.baseline import BaselineSettings, DeltaF, delta_f
from neuropil_gui.core.errors import DataError
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
        Of the best match, divided by the F0 that the settings' `divisor` names; None without a separation.
    subtraction : DeltaF or None
        Of F - 0.7 Fneu, where the best match is divided by its F0.
    """

    raw: DeltaF
    matched: DeltaF | None = None
    subtraction: DeltaF | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on a doubtful baseline."""
        if self.matched is None:
            return self.raw.warnings
        # Where both are divided by the raw ROI's F0, the best match's say all that the raw ROI's do.
        shared = np.array_equal(self.matched.divisor, self.raw.f0, equal_nan=True)
        return self.matched.warnings if shared else (*self.raw.warnings, *self.matched.warnings)


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
    if cell.absent:
        raise DataError(cell.absent)
    kept = separation.kept if separation is not None else None
    used = cell_without_gaps(cell, kept)
    roi, starts = used.traces[0], used.trial_starts
    if raw is None or kept is not None:
        raw = _with_gaps(delta_f(roi, settings, frame_rate, starts), kept)
    if separation is None:
        return CellDeltaF(raw)
    best = separation.without_gaps().matched[0]
    by, owner, subtraction = roi, "the raw ROI", None
    if settings.divisor == "own":
        by, owner = best, "the best match"
    elif settings.divisor == "subtraction":
        by, owner = difference(used, USUAL_FACTOR), f"F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu"
        subtraction = _with_gaps(delta_f(by, settings, frame_rate, starts), kept)
    matched = delta_f(best, settings, frame_rate, starts, by, owner)
    return CellDeltaF(raw, _with_gaps(matched, kept), subtraction)


def _with_gaps(made: DeltaF, kept: NDArray[np.bool_] | None) -> DeltaF:
    if kept is None:
        return made
    values, f0, divisor = (with_gaps(each, kept) for each in (made.values, made.f0, made.divisor))
    return replace(made, values=values, f0=f0, divisor=divisor)
