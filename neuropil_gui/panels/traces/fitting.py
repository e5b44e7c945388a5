"""Fits of one trace to another at common times, from an even sample of long ones."""

import math

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.drawing.series import Series

SAMPLE = 200_000
"""Values from which the level of a trace is computed; longer traces are sampled evenly."""


def pairs(trace: Series, other: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of two traces at the times of `other` or an even sample of them, but for gaps."""
    places = np.arange(0, other.pyramid.frames, math.ceil(other.pyramid.frames / SAMPLE))
    times = other.start + other.spacing * places
    own, others = trace.values_at(times), other.values_at(times)
    known = np.isfinite(own) & np.isfinite(others)
    return (own[known], others[known]) if known.any() else (own, others)


def fitted(source: Series, target: Series) -> Series:
    """Return `source` with the least-squares scale and offset to `target`."""
    own, wanted = pairs(source, target)
    centred = own - own.mean()
    power = float(centred @ centred)
    scale = float(centred @ (wanted - wanted.mean())) / power if power else 0.0
    return source.moved(scale, float(wanted.mean() - scale * own.mean()))
