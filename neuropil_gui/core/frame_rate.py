"""Limits of a frame rate."""

import math

from neuropil_gui.core.errors import DataError

LEAST_RATE, GREATEST_RATE = 1e-6, 1e9
"""Hz: a frame in eleven days, and far more than any detector gives; beyond, a number is a mistake."""

RATES = f"from {LEAST_RATE:f} to {GREATEST_RATE:.0f}"


def is_frame_rate(value: float) -> bool:
    """Return whether a number is a frame rate.

    Parameters
    ----------
    value : float
        In Hz.
    """
    return LEAST_RATE <= value <= GREATEST_RATE


def as_frame_rate(value: float) -> float:
    """Return a frame rate as a float.

    Parameters
    ----------
    value : float
        In Hz; whatever `float` takes.

    Returns
    -------
    float

    Raises
    ------
    DataError
        (a ValueError) When it is none.
    """
    try:
        rate = float(value)
    except OverflowError:  # an integer of hundreds of digits
        rate = math.inf
    if not is_frame_rate(rate):
        raise DataError(f"the frame rate must be a number of Hz {RATES}, but {rate:g} was found.")
    return rate
