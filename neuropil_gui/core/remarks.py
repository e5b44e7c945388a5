"""Remarks on a cell or a result: a sentence, and how much it matters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from neuropil_gui.core.errors import DataError

LEVELS = ("error", "warning", "info")
"""Levels of remarks: the result cannot be used; it is doubtful; or something is to be known of it."""


@dataclass(frozen=True)
class Remark:
    """A sentence on a cell or a result.

    Attributes
    ----------
    text : str
        A sentence or more: what was found, what follows of it, and what to do.
    level : str
        One of `LEVELS`.
    """

    text: str
    level: str = "warning"

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or self.level not in LEVELS:
            raise DataError(f"A remark is a text at a level of {', '.join(LEVELS)}, but {self!r} was found.")

    def __str__(self) -> str:
        return self.text

    @property
    def brief(self) -> str:
        """What was found, without what follows of it."""
        found = re.match(r".{15,}?(?=[.:;?](\s|$))", self.text)
        return self.text if found is None else found[0] + "?" * self.text.startswith("?", found.end())


def by_level(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return remarks with those that matter most first.

    Parameters
    ----------
    remarks : iterable of Remark

    Returns
    -------
    tuple of Remark
        In the given order within a level.
    """
    return tuple(sorted(remarks, key=lambda each: LEVELS.index(each.level)))


def doubts(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return the remarks that give reason to doubt a result, those that matter most first.

    Parameters
    ----------
    remarks : iterable of Remark

    Returns
    -------
    tuple of Remark
    """
    return tuple(each for each in by_level(remarks) if each.level != "info")


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    Parameters
    ----------
    words : sequence of str
        At least one.

    Returns
    -------
    str
        "a", "a and b", "a, b and c".
    """
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
