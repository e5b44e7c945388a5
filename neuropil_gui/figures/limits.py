"""Limit of the pixels of a picture."""

from neuropil_gui.core.errors import DataError

MOST_PIXELS = 150_000_000


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture of too many pixels.

    Parameters
    ----------
    width, height : int
        In pixels.

    Raises
    ------
    DataError
        (a ValueError) When it has more than `MOST_PIXELS`.
    """
    if width * height > MOST_PIXELS:
        raise DataError(
            f"A picture of {width} x {height} pixels is too large: choose a smaller size or fewer dpi, or SVG or PDF."
        )
