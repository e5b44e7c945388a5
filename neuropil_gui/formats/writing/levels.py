"""Level of a best match that goes back into a pipeline: as it is, or with the baseline of the raw ROI."""

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation


def best_match(cell: Cell, separation: Separation, at_raw_level: bool) -> FloatArray:
    """Return the best match of a cell.

    Parameters
    ----------
    cell : Cell
    separation : Separation
    at_raw_level : bool
        Whether it is lifted by a constant, such that its baseline is that of the raw ROI.

    Returns
    -------
    ndarray, shape (frames,)
    """
    best: FloatArray = separation.matched[0]
    return best + _level(cell.traces[0]) - _level(best) if at_raw_level else best


def _level(trace: FloatArray) -> float:
    return float(np.nanpercentile(trace, BaselineSettings().percentile))
