"""Pictures of labels in PNG files, as Cellpose saves them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.damage import damage_as_data_error

MAGIC = b"\x89PNG"
#: Pixels above which no microscope made a picture.
_MOST_PIXELS = 2**26
#: How Pillow names grey pictures: of 1, 8 and 16 bits; older versions read those of 16 bits as integers of 32.
_GREY = ("1", "L", "I;16", "I;16B", "I")


def read_png(path: Path) -> NDArray[Any]:
    """Read a grey PNG picture.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of int or bool, shape (rows, columns)

    Raises
    ------
    DataError
        When it is damaged, in colour or too large.
    """
    from PIL import Image

    damage = "it is damaged; a PNG picture of labels was expected."
    try:
        with damage_as_data_error(damage), Image.open(path, formats=("PNG",)) as picture:
            if picture.mode not in _GREY:
                raise DataError(f"it is a picture in colour ({picture.mode}); a picture of labels is grey.")
            if picture.width * picture.height > _MOST_PIXELS:
                raise DataError(f"a picture of labels of {picture.height} x {picture.width} pixels was found.")
            return np.asarray(picture)
    except OSError as error:
        if error.errno is not None:
            raise
        raise DataError(damage) from error  # what Pillow says of a file that is cut short
