"""Marks: the user's verdict and note on a cell, as a value."""

from dataclasses import dataclass

VERDICTS = ("accepted", "rejected", "look again")


@dataclass(frozen=True)
class Mark:
    """What the user says of a cell.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`; empty for none.
    note : str
    """

    verdict: str = ""
    note: str = ""
