"""Check of one solver's result by the other's, kept for the pair that was compared last; without Qt."""

from dataclasses import replace

from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.result import Separation


class SolverCheck:
    """Keeps how two solvers' results agree, and what FISSA's came to when it was run on."""

    def __init__(self) -> None:
        self._known: tuple[tuple[Separation, Separation], Agreement] | None = None
        self._ran_on: tuple[Separation, Separation] | None = None

    def agreement(self, one: Separation, other: Separation) -> Agreement:
        """Return the agreement of two results, of which one is FISSA's."""
        pair = (one, other)
        if self._known is None or self._known[0] != pair:
            self._known = (pair, Agreement.of(*pair))
        fissas, rival = pair if one.settings.solver == "fissa" else pair[::-1]
        if self._ran_on is None or self._ran_on[0] is not fissas:
            return self._known[1]
        return replace(self._known[1], ran_on=Agreement.of(self._ran_on[1], rival))

    def store_ran_on(self, separation: Separation, ran_on: Separation) -> None:
        """Take what FISSA's result `separation` came to when it was run on to the minimum beside it."""
        self._ran_on = (separation, ran_on)
