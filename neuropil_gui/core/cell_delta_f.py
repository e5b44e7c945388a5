"""dF/F of a cell: of its raw ROI, and of its best match by the raw ROI's F0."""

from dataclasses import dataclass

from neuropil_gui.core.baseline import BaselineSettings, DeltaF, delta_f
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
    roi, starts = cell.traces[0], cell.trial_starts
    if raw is None:
        raw = delta_f(roi, settings, frame_rate, starts)
    if separation is None:
        return CellDeltaF(raw)
    return CellDeltaF(raw, delta_f(separation.matched[0], settings, frame_rate, starts, roi))
