"""Example of a plug-in: the ROI less a part of the regions' lower values in each frame."""

import numpy as np

from neuropil_gui import Rival, RivalParameter, RivalTrace


def darkest_region(signals, part, percentile):
    """Return the ROI less `part` of a percentile over the regions, shape (frames,)."""
    neuropil = np.percentile(signals[1:], percentile, axis=0)
    return RivalTrace(signals[0] - part * neuropil, how=f"{part:g} of the {percentile:g}th percentile")


RIVAL = Rival(
    key="darkest_region",
    label="darkest region",
    source="An example, not published",
    assumes="The darkest region holds neuropil alone; all brighter ones hold some of a neighbour's light, too.",
    fails="Where all regions hold a neighbour's light, or noise decides which is the darkest.",
    trace=darkest_region,
    parameters=(
        RivalParameter("part", "part", 0.7, 0.0, 2.0, "How much of it is subtracted"),
        RivalParameter(
            "percentile", "percentile", 25.0, 0.0, 100.0, "Over the regions, in each frame; 0 is the darkest"
        ),
    ),
)
