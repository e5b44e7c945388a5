"""Roles of a table's columns by titles and values: times, counts, marks, measures, or signals."""

import re
from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.plain.clock import even_step, is_time_title, unit_in
from neuropil_gui.formats.plain.rows import names_neuropil


class Role(Enum):
    """What a column holds; the values are words for messages."""

    SIGNAL = "a signal"
    TIME = "times"
    COUNT = "a count of the frames"
    MARK = "marks"
    MEASURE = "a measure other than the mean"
    EMPTY = "nothing"
    RAMP = "an even ramp"
    CONSTANT = "a constant"


#: What can be a cell's ROI; what can be left out of the signals; what a user may choose nevertheless.
KEPT = (Role.SIGNAL, Role.RAMP, Role.CONSTANT)
CHOOSABLE = (*KEPT, Role.MARK, Role.MEASURE)
#: Fewer values than this show no ramp.
_RAMP = 10
_COUNTS = re.compile(
    r"(?i)\s*((frame|sample|slice|image|row)s?[\W_]*(counter|count|number|numbers|no\.?|nr\.?|index|idx|id)?"
    r"|index|idx|counter|#|no\.?|nr\.?|n|unnamed: 0)?\s*"
)
_MARKS = re.compile(
    r"(?i)(flags?|led[\W_]?state|(stim(ulation|ulus)?|input|output|digital|d?i/?o|ttl|trigger|sync|state|status)"
    r"[\W_]*\w{0,3}|buffer[\W_]?index)"
)
#: ImageJ's measurements (Analyze > Set Measurements), with the number or the name of a ROI.
_MEASURES = re.compile(
    r"(?i)(%?area|stddev|mode|min|max|xm?|ym?|perim\.?|bx|by|width|height|major|minor|angle|circ\.?|feret(x|y|angle)?"
    r"|minferet|(raw)?intden|median|mean|skew|kurt|ar|round|solidity|slice)(\d+|\(.*\))?"
)
_MEAN = re.compile(r"(?i)mean(\d+|\(.*\))?")
_SIGNALS = re.compile(r"(?i)^(roi|cells?|soma|signal|raw|f)([\W_\d]|$)")
_ABSCISSA = re.compile(r"(?i)(.*[\W_])?x\W*")
_MOST_MARKS = 32


def find_roles(columns: Sequence[NDArray[np.float64]], titles: Sequence[str] | None) -> list[Role]:
    """Return what each column holds; without titles, at least one holds a signal.

    Parameters
    ----------
    columns : sequence of ndarray, shape (frames,)
        In the order of the file.
    titles : sequence of str, optional
        Of the columns; empty where one has none.

    Returns
    -------
    list of Role
    """
    names = [title.strip() for title in titles] if titles is not None else [""] * len(columns)
    measures = [bool(_MEASURES.fullmatch(name)) for name in names]
    means = [bool(_MEAN.fullmatch(name)) for name in names]
    table_of_measures = any(means) and sum(measures) > sum(means)
    roles: list[Role] = []
    clocks: list[NDArray[np.float64]] = []
    for k, (values, name) in enumerate(zip(columns, names, strict=True)):
        if table_of_measures and measures[k]:
            role = Role.SIGNAL if means[k] else Role.MEASURE
        elif any(np.array_equal(values, each) for each in clocks):
            role = Role.TIME  # exported plots repeat it for each curve
        else:
            role = _role(values, name, titles is not None, all(each is Role.COUNT for each in roles))
        if role is Role.TIME:
            clocks.append(values)
        roles.append(role)
    if titles is None and not any(role in KEPT for role in roles):
        return [Role.SIGNAL] * len(roles)
    return roles


def names_signal(title: str) -> bool:
    """Return whether a title stands for the signal of a ROI or of its neuropil.

    Parameters
    ----------
    title : str
        Of a column.
    """
    return bool(_SIGNALS.search(title) or names_neuropil(title))


def is_index(title: str, values: NDArray[np.float64]) -> bool:
    """Return whether a column that stands before the numbers of rows only counts the rows.

    Parameters
    ----------
    title : str
        Of the column; empty where it has none.
    values : ndarray
    """
    whole = bool(np.all(values == np.rint(values)))
    return bool(whole and _COUNTS.fullmatch(title) and values[0] in (0, 1) and np.all(np.diff(values) == 1))


def _role(values: NDArray[np.float64], name: str, titled: bool, is_first: bool) -> Role:
    """Return the role of a column; `is_first` where only counts are before it."""
    if np.isnan(values).all():
        return Role.EMPTY if not name or name.lower().startswith("unnamed") else Role.SIGNAL
    if len(values) < 2:
        return Role.SIGNAL
    with np.errstate(all="ignore"):
        steps = np.diff(values)
        whole = bool(np.all(values == np.rint(values)))
        count = whole and steps[0] > 0 and bool(np.all(steps == steps[0]))
    if titled and name and is_time_title(name) and (is_first or bool(np.all(steps >= 0) and steps.any())):
        return Role.TIME
    if count and len(values) > 2 and _COUNTS.fullmatch(name) and (titled or (is_first and values[0] in (0, 1))):
        return Role.COUNT
    if _MARKS.fullmatch(name) and whole and len(np.unique(values)) <= _MOST_MARKS:
        return Role.MARK
    if len(values) < _RAMP or (not is_first and names_signal(name)):
        return Role.SIGNAL
    if not steps.any():
        return Role.CONSTANT
    if even_step(values) is None:
        return Role.SIGNAL
    # In whatever language, a ramp whose title names a unit of time is a clock; so is one before all without a title.
    if (is_first and not name) or unit_in(name) is not None or (name and _ABSCISSA.fullmatch(name)):
        return Role.TIME
    return Role.RAMP
