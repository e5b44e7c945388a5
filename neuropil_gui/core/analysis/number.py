"""Number that judges a result: its name, unit, range, use and limits, and what measures it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from neuropil_gui.core.analysis.sample import Sample

UNKNOWN = "\N{EN DASH}"
"""Text of a number that is not defined."""

ARROWS = {
    "lower": "\N{DOWNWARDS ARROW}",
    "higher": "\N{UPWARDS ARROW}",
    "zero": "\N{RIGHTWARDS ARROW} 0",
    "one": "\N{RIGHTWARDS ARROW} 1",
}
"""Sides that speak for a result, as arrows."""


@dataclass(frozen=True)
class Number:
    """A number that judges a result.

    Attributes
    ----------
    key : str
        For scripts, in files and in filters.
    name : str
        In tables and on axes.
    symbol : str
        Where there is little room, such as a column's title.
    low, high : float
        The range, ends included where they are finite.
    meaning : str
        The definition, in a sentence or two.
    measure : callable
        Returns the value of a `Sample`, NaN where it is not defined.
    unit : str
        Empty for ratios and counts.
    digits : int
        Decimals as a rule.
    better : str
        The side that speaks for a result, other things being equal: ``"higher"``, ``"lower"``, ``"zero"`` (nearer to
        0) or ``"one"`` (nearer to 1); empty where none does.
    good_for : str
        What it shows, in a sentence; empty where the meaning says it.
    lies_when : str
        When it misleads, in a sentence; empty for plain facts.
    needs : str
        ``"trace"``: any corrected trace has it; ``"truth"``: where the true signal is known; ``"rate"``: where the
        frame rate is; ``"separation"``; ``"test"``: where the cell's recording was tested with added transients.
    """

    key: str
    name: str
    symbol: str
    low: float
    high: float
    meaning: str
    measure: Callable[[Sample], float]
    unit: str = ""
    digits: int = 2
    better: str = ""
    good_for: str = ""
    lies_when: str = ""
    needs: str = "trace"

    @property
    def help(self) -> str:
        """The definition, and what the number is good for."""
        return f"{self.meaning} {self.good_for}".strip()

    @property
    def title(self) -> str:
        """The name, with an arrow to the side that speaks for a result."""
        return f"{self.name} {ARROWS.get(self.better, '')}".strip()

    def text(self, value: float, digits: int | None = None) -> str:
        """Return a value with its unit as text.

        Parameters
        ----------
        value : float
            In the number's unit; a value that is not finite becomes a dash.
        digits : int, optional
            Decimals; those of the number by default.

        Returns
        -------
        str
        """
        if not math.isfinite(value):
            return UNKNOWN
        digits = self.digits if digits is None else digits
        # Adding 0 turns the -0.00 of rounding into 0.00.
        text = f"{round(value, digits) + 0.0:,.{digits}f} {self.unit}".strip()
        return text.replace("-", "\N{MINUS SIGN}")

    def known_of(self, sample: Sample) -> bool:
        """Return whether the number has a meaning for a sample."""
        if self.needs == "truth":
            return sample.truth is not None
        if self.needs == "rate":
            return sample.frame_rate is not None
        if self.needs == "test":
            return sample.spike_in is not None
        return self.needs == "trace" or sample.separation is not None
