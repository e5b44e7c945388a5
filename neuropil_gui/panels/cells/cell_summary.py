"""Result of a cell as the table of cells shows it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from neuropil_gui.core.remarks import Remark, doubts
from neuropil_gui.state.results import Outcome


@dataclass(frozen=True)
class CellSummary:
    """The result of a cell as the table shows it.

    Attributes
    ----------
    numbers : mapping of str to float
        By key in `NUMBERS`.
    converged : bool
    failed : str
        Why there is no result, in a sentence; empty where there is one.
    up_to_date : bool
        Whether the result is of the current settings and signals.
    earlier : bool
        Whether it is of an earlier state of the recording.
    iterations : int or None
        For the filter.
    doubts : tuple of Remark
        The warnings about the result, the worst first.
    """

    numbers: Mapping[str, float] = field(default_factory=dict)
    converged: bool = False
    failed: str = ""
    up_to_date: bool = True
    iterations: int | None = None
    doubts: tuple[Remark, ...] = ()
    earlier: bool = False

    @property
    def serious(self) -> int:
        """Number of warnings that say that the result cannot be used as it is."""
        return sum(each.level == "error" for each in self.doubts)

    def value(self, key: str) -> float:
        """Return a number by its key, NaN where it is not defined."""
        return self.numbers.get(key, math.nan)

    @property
    def alive_text(self) -> str:
        """Number of components that are not empty, of all."""
        return f"{self.value('alive'):.0f}/{self.value('n'):.0f}"


def summarise(outcome: Outcome, up_to_date: bool = True) -> CellSummary:
    """Return what the table shows of a result."""
    current = up_to_date and not outcome.earlier
    if outcome.failed:
        return CellSummary(failed=outcome.failed, up_to_date=current, earlier=outcome.earlier)
    remarks = doubts(outcome.warnings)
    return CellSummary(outcome.values, outcome.converged, "", current, outcome.iterations, remarks, outcome.earlier)
