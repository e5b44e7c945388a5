"""Steps of solvers as generators, a driver for them, and a limit of one thread for BLAS."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.lapack import load_lapack

BLOCK = 8192
"""Samples worked on at a time: 5 signals of this length fit into a core's cache."""

SAMPLES_PER_STEP = 8 * BLOCK
"""Samples worked on between two steps of a solver: a few milliseconds."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a solver.

    Attributes
    ----------
    iteration : int
        Finished iterations; 0 while the start is made, and until the first has ended. The first such step
        with a `state` has that of the start.
    violation : float
        What is compared with `tol`: for NMF the violation of the optimum relative to that
        of the first iteration, for ICA the turn of the unmixing. NaN before the first.
    state : callable
        Copies the factors as they are now: (sources (n, frames), mixing (signals, n)),
        None while there are none.
    """

    iteration: int
    violation: float
    state: Callable[[], tuple[FloatArray, FloatArray]] | None = None


Solver = Generator[Step, None, T]
"""Yields a `Step` at least every few milliseconds of work, and returns its answer."""

STARTING = Step(0, float("nan"))


def run(solver: Solver[T], watch: Callable[[Step], None]) -> T:
    """Drive a solver to its end.

    Parameters
    ----------
    solver : generator of Step
    watch : callable
        Called with each step; may raise to stop the solver.

    Returns
    -------
    object
        The value that the generator returns.
    """
    while True:
        try:
            step = next(solver)
        except StopIteration as end:
            answer: T = end.value
            return answer
        watch(step)


def blocks(frames: int, size: int = BLOCK) -> Iterator[slice]:
    """Cut frames into slices.

    Parameters
    ----------
    frames : int
    size : int, optional
        Most frames of a slice.

    Returns
    -------
    iterator of slice
    """
    return (slice(first, min(first + size, frames)) for first in range(0, frames, size))


@cache
def _blas_libraries() -> Any:
    from threadpoolctl import ThreadpoolController

    load_lapack()  # first, so that the BLAS that scipy brings along is found too
    return ThreadpoolController()


def _free_control() -> None:
    # threadpoolctl 3.8 lets one thread set OpenBLAS's limit, the first to try, and silently ignores
    # all others while that one lives, which for a QThread it takes to be for ever.
    for library in _blas_libraries().lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


_gate = threading.Lock()
_inside = 0
_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread while inside.

    More of them hurt on arrays of a few signals, and change the last bits of the
    result. The limit holds for the whole process, so overlapping uses from several
    threads share one, and the last to leave restores what was.
    """
    global _inside, _limit
    with _gate:
        if _inside == 0:
            _free_control()
            _limit = _blas_libraries().limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _gate:
            _inside -= 1
            if _inside == 0:
                _free_control()
                _limit.restore_original_limits()
                _free_control()
                _limit = None
