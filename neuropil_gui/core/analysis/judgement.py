"""Indicators of a result beside those of the raw ROI and of the simple subtraction."""

from collections.abc import Mapping
from dataclasses import dataclass

from neuropil_gui.core.analysis.numbers import INDICATORS, numbers, numbers_of_trace
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, fixed
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation


@dataclass(frozen=True)
class Judgement:
    """Indicators side by side: of a result, the raw ROI, and the simple subtraction.

    Attributes
    ----------
    result, raw, subtraction : mapping of str to float
        By key of `INDICATORS`; without those that have no meaning for a trace. `subtraction` is empty without regions.
    """

    result: Mapping[str, float]
    raw: Mapping[str, float]
    subtraction: Mapping[str, float]


def judge(cell: Cell, separation: Separation) -> Judgement:
    """Measure a result's indicators, and the same of the raw ROI and of the simple subtraction.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; no draft.

    Returns
    -------
    Judgement

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    result = numbers(cell, separation, INDICATORS)
    raw = numbers_of_trace(cell, cell.traces[0], INDICATORS)
    if len(cell.traces) < 2:
        return Judgement(result, raw, {})
    return Judgement(result, raw, numbers_of_trace(cell, fixed(cell, USUAL_FACTOR).trace, INDICATORS))
