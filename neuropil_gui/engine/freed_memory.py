"""Memory that arrays have left, kept by a worker for the next ones. Without Qt."""

import ctypes
import os
from functools import cache

TRIMMED = "MALLOC_TRIM_THRESHOLD_"
"""Set by Dask in the environment of its workers: the C library returns freed memory to the system at once."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""

KEPT_BYTES = 32 * 2**20
"""Size of an array up to which its memory is used again; the C library's own limit is the same, where none is set."""


@cache
def keep_freed_memory() -> bool:
    """Have the C library keep memory that arrays have left, for the life of this process; return whether it does.

    Arrays of a separation would be new pages of the system each time otherwise. Setting these to zero took a quarter of
    the time that cells of 5 x 6,000 need where Dask has all freed memory returned at once, and 5 % of that of cells of
    5 x 54,000 in processes of this machine. Only the GNU C library knows these parameters.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is None:
        return False
    return all([mallopt(M_MMAP_THRESHOLD, KEPT_BYTES), mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)])


def keep_where_forbidden() -> None:
    """Do so in a worker of Dask, and nothing in a process of somebody else's."""
    if TRIMMED in os.environ:
        keep_freed_memory()
