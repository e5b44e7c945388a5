"""Plug-ins: rivals that other packages bring by an entry point in the group ``neuropil_gui.methods``."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points

from neuropil_gui.core.analysis.rival import Rival, RivalParameter
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.errors import DataError

GROUP = "neuropil_gui.methods"

TAKEN = (*RIVALS, "result", "stored", "truth", "present", "parity", "difference", "A", "B", "C")
"""Keys that a plug-in cannot have."""

LONGEST_LABEL = 12
"""Letters that the label of a parameter may have, beside its box."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_LONGEST_TEXT = 2000


@dataclass(frozen=True)
class PlugIn:
    """A plug-in as it was found.

    Attributes
    ----------
    name : str
        That of its entry point, and its rival's key.
    package : str
        Name and version of the distribution that brings it.
    rival : Rival or None
        None where it cannot be used, or was not loaded.
    problem : str
        Why it cannot be used, in a sentence.
    """

    name: str
    package: str
    rival: Rival | None = None
    problem: str = ""


def find_plug_ins() -> tuple[PlugIn, ...]:
    """Return the plug-ins that are installed, by name, without importing them.

    Returns
    -------
    tuple of PlugIn
        Without `rival`. One whose name is taken has a `problem`.
    """
    return tuple(
        PlugIn(point.name, _package(point), problem=_name_problem(point, points[:place]))
        for points in [_points()]
        for place, point in enumerate(points)
    )


def load_plug_in(name: str) -> Rival:
    """Import a plug-in, and return its rival.

    Parameters
    ----------
    name : str
        Of its entry point.

    Returns
    -------
    Rival
        With `name` as its key, and the name and version of the distribution as `plug_in`.

    Raises
    ------
    DataError
        (a ValueError) When there is none of this name, its import fails, or it names no `Rival` that can be used.
    """
    points = _points()
    for place, point in enumerate(points):
        if point.name == name and not (_name_problem(point, points[:place])):
            return _loaded(point)
    known = ", ".join((*(key for key in RIVALS), *(point.name for point in points), "stored", "truth"))
    raise DataError(f"{name!r} is no rival: one of {known} was expected.")


def find_rival(key: str) -> Rival:
    """Return a rival, this package's own or a plug-in, by its key.

    Parameters
    ----------
    key : str

    Returns
    -------
    Rival

    Raises
    ------
    DataError
        (a ValueError) When there is none, or it is a plug-in that cannot be used.
    """
    return RIVALS[key] if key in RIVALS else load_plug_in(key)


def rivals() -> dict[str, Rival]:
    """Return all methods that a separation can be compared with, plug-ins after this package's own.

    Plug-ins are imported. One that cannot be used is left out; `compare` says why when it is asked for it.

    Returns
    -------
    dict of str to Rival
        By key.
    """
    found = dict(RIVALS)
    for each in find_plug_ins():
        try:
            found.setdefault(each.name, load_plug_in(each.name))
        except DataError:
            continue
    return found


def _points() -> Sequence[EntryPoint]:
    """Return the entry points, sorted; the same one twice, as a path that is listed twice gives it, once."""
    points = {(point.name, point.value, _package(point)): point for point in entry_points(group=GROUP)}
    return [points[key] for key in sorted(points)]


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value


def _name_problem(point: EntryPoint, before: Sequence[EntryPoint]) -> str:
    who = f"The plug-in {point.name} of {_package(point)}"
    if not _NAME.fullmatch(point.name):
        return f"{who} cannot be used: its name must be a word of at most 40 letters, digits and underscores."
    if point.name in TAKEN:
        return f"{who} cannot be used: its name is taken by this program."
    for other in before:
        if other.name == point.name:
            return f"{who} cannot be used: its name is taken by {_package(other)}."
    return ""


def _loaded(point: EntryPoint) -> Rival:
    who = f"The plug-in {point.name} of {_package(point)}"
    try:
        found = point.load()
    except (Exception, SystemExit) as error:
        # Another author's module may raise anything.
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DataError(f"{who} cannot be imported ({what}).") from error
    if not isinstance(found, Rival):
        raise DataError(f"{who} cannot be used: {point.value} is a {type(found).__name__}, but a Rival was expected.")
    if problem := _rival_problem(found):
        raise DataError(f"{who} cannot be used: {problem}")
    return replace(found, key=point.name, plug_in=_package(point))


def _rival_problem(rival: Rival) -> str:
    """Return what is wrong with what a plug-in says of itself; empty where all is right."""
    for name in ("label", "source", "assumes", "fails"):
        text = getattr(rival, name)
        if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TEXT:
            return f"its {name} must be a text of 1 to {_LONGEST_TEXT} letters."
    if not callable(rival.trace):
        return f"its trace must be a function, but {type(rival.trace).__name__} was found."
    parameters: tuple[object, ...] = rival.parameters
    for each in parameters:
        if not isinstance(each, RivalParameter):
            return f"its parameters must be RivalParameters, but {type(each).__name__} was found."
        for name, most in (("label", LONGEST_LABEL), ("tip", _LONGEST_TEXT)):
            text = getattr(each, name)
            if not isinstance(text, str) or not 0 < len(text) <= most:
                return f"the {name} of its parameter {each.name} must be a text of 1 to {most} letters."
        if not str(each.name).isidentifier():
            return f"the name of a parameter must be a keyword of its function, but {each.name!r} was found."
        numbers = (each.low, each.default, each.high)
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in numbers):
            return f"default and range of its parameter {each.name} must be finite numbers."
        if not each.low <= each.default <= each.high:
            return (
                f"the default of its parameter {each.name}, {each.default:g}, is not in {each.low:g} to {each.high:g}."
            )
    return ""
