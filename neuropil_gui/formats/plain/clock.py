"""Times of frames stored with the signals: the column or array of them, their unit, and the frame rate."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.frame_rate import RATES, is_frame_rate
from neuropil_gui.formats.paths import Options, join_names
from neuropil_gui.formats.questions import Choice, FileQuestion

if TYPE_CHECKING:
    from neuropil_gui.formats.plain.store import Store

#: For `Options.time_unit`: that the times only count frames.
FRAMES = "frames"
#: What `Options.time_unit` can be, in words.
UNITS = {"s": "seconds", "ms": "milliseconds", "min": "minutes", FRAMES: "frames (the rate is unknown)"}
NO_TIMES = "There are no times of frames in it, so that their unit (--time-unit) says nothing."
_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), "us"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
}
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "min": 1 / 60}
_ALMOST = 0.2  # timestamps rounded to milliseconds vary by this part of a frame at most
#: Hz between which two-photon microscopes record: a volume in seconds, or lines of a few pixels.
_SLOWEST, _FASTEST = 1 / 3, 1250.0
#: Names of arrays of times, after the last / or dot; a unit may follow.
_TIMES = re.compile(
    rf"(?i)(time_?stamps?|frame_?times?|time_?(?:axis|base|vec|vector)|times?|ts|t)(?:_?({'|'.join(_WORDS)}))?"
)
_MOST = 10_000_000


@dataclass(frozen=True)
class Clock:
    """Ascending times, one for each frame.

    Attributes
    ----------
    where : str
        What holds them, as a sentence begins.
    step : float or None
        From one frame to the next; None where that differs.
    unit : str
        Named by the file, or the best guess.
    why : str
        Why that is the best guess, in a sentence; empty where the file names it.
    """

    where: str
    step: float | None
    unit: str
    why: str = ""

    @classmethod
    def of(cls, where: str, values: NDArray[np.float64], unit: str | None) -> "Clock":
        """Return the clock of a list of times.

        Parameters
        ----------
        where : str
            Place of the times in the file, for messages.
        values : ndarray, shape (frames,)
            The times.
        unit : str or None
            Their unit; None to guess it.

        Returns
        -------
        Clock
        """
        step = even_step(values)
        if unit is not None or step is None:
            return cls(where, step, unit or "s")
        return cls(where, step, *guessed(step))

    def rate(self, asked: str | None) -> float | None:
        """Return the frame rate.

        Parameters
        ----------
        asked : str or None
            The unit that the user chose, which overrides the clock's.

        Returns
        -------
        float or None
            In Hz; None where the unit is frames, the times are uneven, or the steps are those of no recording.
        """
        unit = asked or self.unit
        rate = 0.0 if unit == FRAMES or self.step is None else _PER_SECOND[unit] / self.step
        return rate if is_frame_rate(rate) else None

    def questions(self) -> list[FileQuestion]:
        """Return the question for the unit, where it is guessed."""
        if not self.why:
            return []
        choices = tuple(Choice(unit, words) for unit, words in UNITS.items())
        return [FileQuestion("time_unit", "Times are in", self.unit, self.why, choices)]

    def notes(self, options: Options) -> list[str]:
        """Return sentences on a unit that was guessed and on uneven times."""
        if options.frame_rate is not None:
            return []
        if self.step is None:
            return [f"{self.where}: the times are not evenly spaced, so the frame rate is unknown."]
        if (options.time_unit or self.unit) != FRAMES and self.rate(options.time_unit) is None:
            return [f"{self.where}: the times rise by {self.step:g}, which is no frame rate {RATES} Hz; set it (--fs)."]
        if not self.why or options.time_unit is not None:
            return []
        return [f"{self.where}: the unit of the times is a guess, {UNITS[self.unit]} (--time-unit). {self.why}"]


def guessed(step: float) -> tuple[str, str]:
    """Return the best guess for the unit of times, and why, by the step from one frame to the next.

    Parameters
    ----------
    step : float
        From one frame to the next, in the unit that is sought.
    """
    if step == 1:
        return FRAMES, "They rise by 1, as a count of frames does."
    rate = f"{_PER_SECOND['s'] / step:.4g} Hz"
    if _SLOWEST <= 1 / step <= _FASTEST:
        return "s", f"They rise by {step:.4g}, which in seconds is {rate}, as microscopes record."
    unit = "ms" if 1 / step < _SLOWEST else "min"
    other = f"{_PER_SECOND[unit] / step:.4g} Hz"
    return unit, f"They rise by {step:.4g}, which in seconds would be {rate}; in {UNITS[unit]} it is {other}."


def even_step(values: NDArray[np.float64]) -> float | None:
    """Return the step by which values rise, if it is the same throughout, or as nearly so as rounding allows.

    Parameters
    ----------
    values : ndarray
        In any unit.
    """
    if len(values) < 2:
        return None
    with np.errstate(all="ignore"):
        steps = np.diff(values)
        step = float(values[-1] - values[0]) / len(steps)
    return step if np.isfinite(step) and step > 0 and np.all(np.abs(steps - step) <= _ALMOST * step) else None


def words(title: str) -> list[str]:
    """Return the words of a column's title.

    Parameters
    ----------
    title : str
        Of a column.
    """
    return re.findall(r"[^\W_]+", title.lower())


def unit_in(title: str) -> str | None:
    """Return the unit of time that a title names.

    Parameters
    ----------
    title : str
        Of a column.
    """
    return next((_WORDS[word] for word in words(title) if word in _WORDS), None)


def is_time_title(title: str) -> bool:
    """Return whether a column's title stands for times.

    Parameters
    ----------
    title : str
        Of a column.
    """
    found = words(title)
    units = sum(word in _WORDS for word in found)
    return bool(found) and (found[0].startswith("time") or units >= len(found) - (found[0] == "t"))


def find_clock(store: "Store", name: str, frames: int) -> Clock | None:
    """Return the times that are stored with an array of signals.

    Parameters
    ----------
    store : Store
    name : str
        Of the signals.
    frames : int
        Of a trace; there are as many times.

    Returns
    -------
    Clock or None
        None where there are none.
    """
    found = []
    for each in store.variables.values():
        match = _TIMES.fullmatch(each.last)
        vector = sum(side != 1 for side in each.shape) == 1 and frames in each.shape
        numbers = np.dtype(each.dtype).kind in "fiu" and each.obstacle is None
        if match and each.name != name and vector and numbers and 2 < frames <= _MOST:
            found.append((each, _WORDS.get((match.group(2) or "").lower())))
    if not found:
        return None
    parent = name[: len(name) - len(store.variables[name].last)]
    times, unit = min(found, key=lambda pair: (not pair[0].name.startswith(parent), len(pair[0].name)))
    values: NDArray[Any] = np.ravel(store.read(times.name, None))
    return Clock.of(join_names([times.name]), values.astype(np.float64), unit)
