"""Rival: another method that estimates a cell's trace, as data and a function of signals; and a careful call of it."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuropil_gui.core.arrays import FloatArray, as_float64
from neuropil_gui.core.errors import Cancelled, DataError


@dataclass(frozen=True)
class RivalParameter:
    """A number that a rival's function takes.

    Attributes
    ----------
    name : str
        The function's keyword.
    label : str
        What the window calls it.
    default, low, high : float
        Its value where none is given, and its range.
    tip : str
        What it does, in a sentence.
    """

    name: str
    label: str
    default: float
    low: float
    high: float
    tip: str


@dataclass(frozen=True, eq=False)
class RivalTrace:
    """The answer of a rival's function, where it has more to say than the trace.

    Attributes
    ----------
    trace : ndarray, shape (frames,)
        In the signals' unit.
    how : str
        What it found, in a few words: ``k = 0.43``. Empty: the values of its parameters.
    remark : str
        What there is to know about it, in sentences.
    """

    trace: FloatArray
    how: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Rival:
    """Another method that estimates a cell's trace from its ROI's and its neuropil regions'.

    A package brings one of its own by an entry point in the group ``neuropil_gui.methods`` that names a `Rival`.

    Attributes
    ----------
    key : str
        One word. For a plug-in, the name of its entry point takes its place.
    label : str
        What a legend calls it.
    source : str
        Whom to cite, in one line, with DOI; empty for the raw trace.
    assumes : str
        In a sentence.
    fails : str
        When it goes wrong, in a sentence.
    trace : callable or None
        ``trace(signals, **parameters)`` takes a read-only array (signals, frames) without missing values, the ROI
        first, and returns an array (frames,) or a `RivalTrace`. One that has a keyword ``should_stop`` gets a function
        without arguments that it may poll, and ends as it likes once that returns True. None for separations.
    parameters : tuple of RivalParameter
        What else it takes.
    plug_in : str
        The package that brings it; empty for those of this one, and set when it is loaded.
    """

    key: str
    label: str
    source: str
    assumes: str
    fails: str
    trace: Callable[..., Any] | None = None
    parameters: tuple[RivalParameter, ...] = ()
    plug_in: str = ""

    @property
    def named(self) -> str:
        """How a sentence of an error begins."""
        return f"The plug-in {self.key} of {self.plug_in}" if self.plug_in else self.label


def values_of(rival: Rival, given: Mapping[str, float]) -> dict[str, float]:
    """Return a value for each of a rival's parameters.

    Parameters
    ----------
    rival : Rival
    given : mapping of str to float
        Those that are not to be at their default.

    Returns
    -------
    dict of str to float

    Raises
    ------
    DataError
        (a ValueError) When one is unknown, or out of its range.
    """
    values = {each.name: each.default for each in rival.parameters}
    if unknown := set(given) - set(values):
        known = ", ".join(values) or "none"
        raise DataError(f"{rival.named} has no parameter {min(unknown)!r}: it has {known}.")
    values |= given
    for each in rival.parameters:
        value = values[each.name]
        if not (each.low <= value <= each.high) or not math.isfinite(value):
            raise DataError(
                f"{rival.named}: {each.name} must be from {each.low:g} to {each.high:g}, but {value:g} was found."
            )
    return values


def trace_of(
    rival: Rival,
    signals: FloatArray,
    given: Mapping[str, float] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RivalTrace:
    """Call a rival's function, and return its answer once it is found to be a trace of these signals.

    Parameters
    ----------
    rival : Rival
    signals : ndarray, shape (signals, frames)
        Row 0 is the ROI. All finite.
    given : mapping of str to float, optional
        Values of parameters that are not to be at their default.
    should_stop : callable, optional
        For functions that poll it.

    Returns
    -------
    RivalTrace

    Raises
    ------
    DataError
        (a ValueError) Where the rival refuses the signals, and, for a plug-in, where it raises anything or what it
        returns is no trace: not one finite real number a frame.
    Cancelled
        When `should_stop` returned True and the function raised this.
    """
    if rival.trace is None:
        raise DataError(f"{rival.named} is a separation: it has components, and no function of signals to a trace.")
    given = values_of(rival, given or {})
    more: dict[str, Any] = {"should_stop": should_stop or _never} if _polls(rival.trace) else {}
    shown = signals.view()
    shown.flags.writeable = False
    try:
        made = rival.trace(shown, **given, **more)
    except (Cancelled, MemoryError):
        raise
    except DataError as error:
        # A plug-in in a process of its own has said so already.
        if not rival.plug_in or str(error).startswith(rival.named):
            raise
        raise DataError(f"{rival.named}: {error}") from error
    except Exception as error:
        # Another author's code may raise anything; this package's own is to be mended.
        if not rival.plug_in:
            raise
        raise DataError(f"{rival.named} failed with {type(error).__name__}: {error}".rstrip(": ") + ".") from error
    answer = made if isinstance(made, RivalTrace) else RivalTrace(made)
    how = str(answer.how) or ", ".join(f"{each.label} {given[each.name]:g}" for each in rival.parameters)
    return RivalTrace(_checked(rival, answer.trace, signals.shape[1]), how or "as it is", str(answer.remark))


def _checked(rival: Rival, trace: Any, frames: int) -> FloatArray:
    try:
        values = as_float64(trace, "The values that it returned")
    except (TypeError, ValueError) as error:
        raise DataError(f"{rival.named}: {error}") from error
    if values.shape != (frames,):
        raise DataError(
            f"{rival.named} returned an array of shape {values.shape}, but one value for each of {frames} frames was "
            "expected."
        )
    if not (finite := np.isfinite(values)).all():
        raise DataError(
            f"{rival.named} returned NaN or infinite values in {np.count_nonzero(~finite)} of {frames} frames, the "
            f"first in frame {int(finite.argmin())}."
        )
    return values


def _polls(function: Callable[..., Any]) -> bool:
    try:
        return "should_stop" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function of C that does not tell
        return False


def _never() -> bool:
    return False
