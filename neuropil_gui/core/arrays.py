"""Arrays of real numbers: their type, conversion, and read-only copies."""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuropil_gui.core.errors import DataError, DataTypeError

FloatArray: TypeAlias = NDArray[np.float64]
"""Real numbers in double precision."""


def as_float64(values: ArrayLike, what: str = "The signals") -> FloatArray:
    """Convert real numbers to float64 without changing or masking anything.

    Parameters
    ----------
    values : array_like
        Real numbers (integers, floats or booleans) of any shape.
    what : str
        How a message names them.

    Returns
    -------
    ndarray of float64
        The input itself where it already is float64 and C-contiguous, else a copy.

    Raises
    ------
    TypeError
        For masked arrays and for complex, text, date or object values.
    DataError
        For rows of different lengths.
    """
    rows = values if isinstance(values, (list, tuple)) else ()
    if any(isinstance(each, np.ma.MaskedArray) for each in (values, *rows)):
        raise DataTypeError(
            f"{what} are a masked array, and a mask would be ignored here. "
            "Fill or cut the masked samples first, e.g. with .filled()."
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{what} do not form an array: the rows have different lengths.") from error
    if array.dtype.kind not in "fiub":
        kind = {"c": "complex numbers", "O": "Python objects", "U": "text", "S": "bytes"}.get(
            array.dtype.kind, f"values of type {array.dtype}"
        )
        raise DataTypeError(f"{what} must be real numbers, but {kind} were found.")
    return np.asarray(array, dtype=np.float64, order="C")


def as_read_only(values: ArrayLike, what: str = "The signals") -> FloatArray:
    """Return `values` as a read-only C-contiguous float64 array that nobody else can change.

    An array that is float64, contiguous and read-only already is returned as it is, which keeps long recordings in
    memory once (its maker guarantees that no writeable view of it is left); anything else is copied.

    Parameters
    ----------
    values : array_like
        Real numbers.
    what : str, optional
        Subject of the sentence of an error.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    DataError
        (a ValueError) When the values are not real numbers; see `as_float64`.
    """
    array = as_float64(values, what)
    if array.flags.writeable:
        if array is values or np.may_share_memory(array, np.asarray(values)):
            array = array.copy()
        array.flags.writeable = False
    return array
