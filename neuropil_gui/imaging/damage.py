"""Errors of libraries that read a damaged file, as a DataError."""

from collections.abc import Iterator
from contextlib import contextmanager

from neuropil_gui.core.errors import Cancelled, DataError


@contextmanager
def damage_as_data_error(sentence: str) -> Iterator[None]:
    """Turn whatever a library makes of a damaged file into a DataError.

    zipfile, tifffile and roifile raise errors of many kinds for files that they do not expect.

    Parameters
    ----------
    sentence : str
        What was found, and what was expected.

    Raises
    ------
    DataError
        For all errors but those of the operating system, lack of memory and a cancelled reading.
    """
    try:
        yield
    except (DataError, Cancelled, OSError, MemoryError):
        raise
    except Exception as error:
        raise DataError(sentence) from error
