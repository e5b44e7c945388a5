"""Results of a cell that are set aside while another shape of its ROI is tried."""

from collections.abc import Collection
from dataclasses import dataclass

from neuropil_gui.state.results import Outcome, Outcomes, Result, Results


@dataclass(frozen=True, eq=False)
class _Aside:
    index: int
    results: list[Result]
    outcome: Outcome | None


class SetAside:
    """Takes the results of one cell out of the way, and puts them back if its signals become what they were."""

    def __init__(self) -> None:
        self._aside: _Aside | None = None

    def take(self, index: int, results: Results, outcomes: Outcomes) -> None:
        """Take all of a cell; what was made of the trial before is forgotten."""
        if self._aside is not None and self._aside.index != index:
            self.end((self._aside.index,), False, results, outcomes)
        taken = results.take(index)
        outcome = outcomes.pop(index, None)
        if self._aside is None:
            self._aside = _Aside(index, taken, outcome)
        results.in_memory_only = index

    def end(self, same: Collection[int], stays: bool, results: Results, outcomes: Outcomes) -> None:
        """End the trials: what was made of the last one `stays`, or what was before comes back for the `same` cell."""
        aside, self._aside, results.in_memory_only = self._aside, None, None
        if aside is None or stays:
            return
        results.take(aside.index)
        outcomes.pop(aside.index, None)
        if aside.index in same:
            for result in aside.results:
                results.store(aside.index, result)
            if aside.outcome is not None:
                outcomes[aside.index] = aside.outcome
