"""ROIs of pictures of labels, such as Cellpose writes: the pixels of ROI k have the value k."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.imagej_rois import MOST_ROIS
from neuropil_gui.imaging.roi import PixelRoi, Rois


def rois_of_labels(picture: NDArray[Any]) -> Rois:
    """Return a ROI for each value above 0 of a picture.

    Parameters
    ----------
    picture : ndarray of int or bool, shape (rows, columns)

    Raises
    ------
    DataError
        When it is no such picture, or has none or too many.
    """
    if picture.ndim != 2 or picture.dtype.kind not in "iub":
        raise DataError(f"a picture of labels was expected, but {picture.dtype} of shape {picture.shape} was found.")
    rows, columns = np.nonzero(picture > 0)
    values = picture[rows, columns].astype(np.uint64)  # all above 0
    order = np.argsort(values, kind="stable")
    labels, starts = np.unique(values[order], return_index=True)
    if not len(labels):
        raise DataError("it has no label above 0.")
    if len(labels) > MOST_ROIS:
        raise DataError(f"it has {len(labels)} different values: that is no picture of labels.")
    parts = np.split(order, starts[1:])
    found = [PixelRoi(f"ROI {k}", rows[p], columns[p]) for k, p in zip(labels.tolist(), parts, strict=True)]
    return Rois(tuple(found))
