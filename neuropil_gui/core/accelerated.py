"""FISSA's non-negative matrix factorisation in fewer passes: the objective and the start of `nmf`."""

from typing import TYPE_CHECKING

from neuropil_gui.core import nmf
from neuropil_gui.core.solving import Solver

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


def factorise(
    X: "FloatArray",
    n: int,
    alpha: float,
    tol: float,
    max_iter: int,
    start: "str | tuple[FloatArray, FloatArray]",
    seed: int,
) -> "Solver[tuple[FloatArray, FloatArray, int]]":
    """Factorise X into W H; parameters and returns are those of `nmf.factorise`."""
    return (yield from nmf.factorise(X, n, alpha, tol, max_iter, start, seed))
