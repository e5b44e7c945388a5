"""First ROI of a movie that comes without: a circle at the brightest place."""

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.roi import Rois
from neuropil_gui.imaging.roi_edits import ellipse_of

NAME = "ROI 1 (circle)"

PART, LEAST = 20, 5
"""The diameter is one of so many parts of the picture's width, and at least so many pixels."""

_FRAMES, _BYTES = 200, 64 * 2**20


def first_roi(movie: Movie) -> Rois:
    """Return a circle within the picture, where the first frames of a movie are brightest on average.

    It lies in the square of its diameter, a 20th of the picture's width and at least 5 pixels, that has the greatest
    mean over the first 200 frames, or as many as 64 MiB hold. It is the same each time for the same movie.

    Parameters
    ----------
    movie : Movie

    Returns
    -------
    Rois
        One.

    Raises
    ------
    DataError
        When the movie cannot be read.
    """
    frames, rows, columns = movie.shape
    side = min(max(LEAST, round(columns / PART)), rows, columns)
    count = max(1, min(frames, _FRAMES, _BYTES // (rows * columns * movie.dtype.itemsize)))
    # Sums and no means: those of whole numbers are exact, whatever the order in which they are added.
    seen = movie.read(0, count).sum(axis=0, dtype=np.float64)
    sums = _sums_of_squares(_finite(seen), side)
    y, x = divmod(int(sums.argmax()), sums.shape[1])
    return Rois((ellipse_of((x, y), (x + side, y + side), NAME, (rows, columns)),))


def _finite(picture: FloatArray) -> FloatArray:
    """Return a picture with its lowest value where it has none."""
    known = np.isfinite(picture)
    return np.where(known, picture, picture[known].min() if known.any() else 0.0)


def _sums_of_squares(picture: FloatArray, side: int) -> FloatArray:
    """Return the sum over each square within a picture, by the place of its first pixel."""
    total = np.pad(picture, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    sums: FloatArray = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    return sums
