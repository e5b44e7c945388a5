"""Predicates on a row of values, some of which may not be known yet: the parts of a filter."""

import math
from collections.abc import Callable, Mapping

from neuropil_gui.core.values import Value

Row = Mapping[str, Value]

Test = Callable[[Row], bool | None]
"""Function of a row that returns True, False, or None where a value that it depends on is not known."""

NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "~": lambda a, b: b in a,
    "!~": lambda a, b: b not in a,
}


def _plain(text: str) -> str:
    """Return text as it is compared: without case, any white space as one blank."""
    return " ".join(text.split()).casefold()


def numeric(name: str, op: str, number: float) -> Test:
    """Compare a number; `op` is one of `NUMERIC`."""
    compare = NUMERIC[op]

    def test(row: Row) -> bool | None:
        value = row.get(name)
        if value is None or isinstance(value, str) or math.isnan(value):
            return None
        return compare(value, number)

    return test


def textual(name: str, op: str, wanted: str) -> Test:
    """Compare or search text, without regard to case; `op` is one of `TEXTUAL`."""
    compare, plain = TEXTUAL[op], _plain(wanted)

    def test(row: Row) -> bool | None:
        value = row.get(name)
        return None if value is None else compare(_plain(str(value)), plain)

    return test


def flag(name: str, wanted: bool) -> Test:
    """Ask whether a flag is as wanted."""

    def test(row: Row) -> bool | None:
        value = row.get(name)
        return None if value is None or value != value else bool(value) == wanted

    return test


def negated(test: Test) -> Test:
    """Negate a predicate; unknown stays unknown."""

    def opposite(row: Row) -> bool | None:
        answer = test(row)
        return None if answer is None else not answer

    return opposite


def all_of(tests: list[Test]) -> Test:
    """Ask for all: False where one is False, else unknown where one is."""

    def both(row: Row) -> bool | None:
        answers = [test(row) for test in tests]
        return False if False in answers else None if None in answers else True

    return both


def any_of(tests: list[Test]) -> Test:
    """Ask for any: True where one is True, else unknown where one is."""

    def either(row: Row) -> bool | None:
        answers = [test(row) for test in tests]
        return True if True in answers else None if None in answers else False

    return either
