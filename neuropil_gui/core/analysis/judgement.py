"""Indicators of a result beside those of the raw ROI and of the simple subtraction."""

from collections.abc import Mapping
from dataclasses import dataclass

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.numbers import INDICATORS, numbers, numbers_of_trace
from neuropil_gui.core.analysis.spike_in_plan import REGIONS
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, fixed
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation


@dataclass(frozen=True)
class Judgement:
    """Indicators side by side: of a result, the raw ROI, and the simple subtraction.

    Attributes
    ----------
    result, raw, subtraction : mapping of str to float
        By key of `INDICATORS` and `TESTED`; without those that have no meaning for a trace. `subtraction` is empty
        without regions.
    """

    result: Mapping[str, float]
    raw: Mapping[str, float]
    subtraction: Mapping[str, float]


def judge(cell: Cell, separation: Separation, spike_in: CellSpikeIn | None = None) -> Judgement:
    """Measure a result's indicators, and the same of the raw ROI and of the simple subtraction.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; no draft.
    spike_in : CellSpikeIn, optional
        What came back of added transients: its gain and leak are numbers of the result, and what they are of linear
        methods is known exactly. (The gain of the subtraction depends on shares that are not kept.)

    Returns
    -------
    Judgement

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    result, raw = numbers(cell, separation, INDICATORS), numbers_of_trace(cell, cell.traces[0], INDICATORS)
    subtraction: dict[str, float] = {}
    if len(cell.traces) > 1:
        subtraction = numbers_of_trace(cell, fixed(cell, USUAL_FACTOR).trace, INDICATORS)
    if spike_in is not None and not spike_in.failed:
        seen, regions = spike_in.test.other_share, len(cell.traces) - 1
        result |= spike_in.numbers
        raw |= {"gain": 1.0, "leak": seen}
        subtraction |= {"leak": seen - USUAL_FACTOR / (1 if spike_in.test.other == REGIONS else regions)}
    return Judgement(result, raw, subtraction)
