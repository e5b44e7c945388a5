"""Paths of temporary files that are being written, to be removed by a program that ends at once."""

import os
from contextlib import suppress

paths: set[str] = set()


def remove_unfinished() -> None:
    """Remove them; for a handler of signals, after which nothing is written any more."""
    for path in tuple(paths):
        with suppress(OSError):
            os.unlink(path)
