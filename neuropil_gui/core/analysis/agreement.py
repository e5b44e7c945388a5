"""Whether two solvers have found the same."""

from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.result import Separation

SAME = 0.999
"""Pearson's r of the best-matched traces from which on two results are called the same."""


@dataclass(frozen=True)
class Agreement:
    """How two separations of one cell, by the same settings but another solver, compare.

    Attributes
    ----------
    r : float
        Pearson's r of the best-matched traces; 1 where both are constant, 0 where one is.
    objectives : tuple of float
        What each has minimised, the first one's first.
    """

    r: float
    objectives: tuple[float, float]

    @property
    def same(self) -> bool:
        """Whether the best-matched traces are the same for the eye."""
        return self.r >= SAME

    @classmethod
    def of(cls, one: Separation, other: Separation) -> "Agreement":
        """Compare two separations."""
        a, b = (each.matched[0] - each.matched[0].mean() for each in (one, other))
        power, rest = float(a @ a), float(b @ b)
        r = float(power == rest)
        if power and rest:
            r = float(np.clip(float(a @ b) / (power * rest) ** 0.5, -1, 1))
        return cls(r, (one.objective, other.objective))
