"""Bound of the work that ROIs make together, so that a crafted file of many large ones ends in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from neuropil_gui.core.errors import DataError

#: Operations on pixels of all ROIs of a file, some 5 s of them; 2,000 cells take a hundredth.
MOST_OPERATIONS = 1_000_000_000
#: ROIs that are refused until all that follow are, which would take time to be looked at, too.
_MOST_REFUSED = 200


@dataclass
class _Effort:
    left: int
    refused: int = 0


_effort: ContextVar[_Effort | None] = ContextVar("effort", default=None)


@contextmanager
def bounded_effort(operations: int) -> Iterator[None]:
    """Let `spend` refuse more than so many operations while the block runs.

    Parameters
    ----------
    operations : int
    """
    token = _effort.set(_Effort(operations))
    try:
        yield
    finally:
        _effort.reset(token)


def spend(operations: int) -> None:
    """Take operations from the bound, before they are done; nothing where there is none.

    Parameters
    ----------
    operations : int

    Raises
    ------
    DataError
        When they are more than is left; what is left is for smaller ones that follow.
    """
    effort = _effort.get()
    if effort is None:
        return
    if operations > effort.left or effort.refused > _MOST_REFUSED:
        effort.refused += 1
        raise DataError("it would take too long, with all ROIs before it: they are too large, or of too many corners.")
    effort.left -= operations
