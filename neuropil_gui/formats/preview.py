"""The first look at a recording that goes with questions about it."""

import numpy as np

from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.questions import Preview

_POINTS = 2000


def first_look(recording: Recording) -> Preview:
    """Return the first cell's traces, thinned out to the least and the greatest value of each stretch.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Preview
    """
    cell = recording.cells[0]
    traces = cell.traces
    signals, frames = traces.shape
    stretch = frames // _POINTS
    if stretch > 1:
        count = frames // stretch
        blocks = traces[:, : count * stretch].reshape(signals, count, stretch)
        traces = np.stack([blocks.min(axis=2), blocks.max(axis=2)], axis=2).reshape(signals, 2 * count)
    return Preview(traces, cell.signal_names, frames, len(recording.cells), recording.frame_rate)
