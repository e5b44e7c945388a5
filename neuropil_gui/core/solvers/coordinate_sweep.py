"""The coordinate sweep of NMF: scikit-learn's compiled function where it works, else the same in numpy."""

import importlib
import importlib.util
import logging
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.extensions import load_extension

SweepFunction: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray, NDArray[np.intp]], float]
"""Type of `sweep_in_numpy` and of the compiled function."""

EXTENSION = "sklearn.decomposition._cdnmf_fast"

UTILITY = "sklearn._cyutility"
"""Shared by the compiled modules of scikit-learn since 1.7."""

log = logging.getLogger("neuropil_gui")


@cache
def find_sweep() -> SweepFunction:
    """Return scikit-learn's ``_update_cdnmf_fast``, or `sweep_in_numpy` where that is missing or does not work.

    The compiled function makes every iteration that of ``sklearn.decomposition.NMF``. It is private, so it is tried on
    a small problem first. Imports scikit-learn, unless `preload` was called.
    """
    try:
        sweep: SweepFunction = importlib.import_module(EXTENSION)._update_cdnmf_fast
        works = _agrees(sweep)
    except Exception as error:  # noqa: BLE001 -- a private function of another library may fail in any way
        log.warning("scikit-learn's sweep cannot be used (%r); the one in numpy is slower", error)
        return sweep_in_numpy
    if not works:
        log.warning("scikit-learn's sweep answers wrongly; the one in numpy is slower")
    return sweep if works else sweep_in_numpy


def _agrees(sweep: SweepFunction) -> bool:
    """Return whether `sweep` does what `sweep_in_numpy` does to two samples of two components."""
    expected, found = np.array([[0.5, 0.0], [1.0, 2.0]]), np.array([[0.5, 0.0], [1.0, 2.0]])
    gram, target = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.5, -0.1], [0.2, 3.0]])
    components = np.arange(2, dtype=np.intp)
    violation = sweep_in_numpy(expected, gram.copy(), target.copy(), components)
    close = np.isclose(sweep(found, gram, target, components), violation, rtol=1e-9)
    return bool(close) and np.allclose(found, expected, rtol=1e-9)


def sweep_in_numpy(W: FloatArray, gram: FloatArray, target: FloatArray, components: NDArray[np.intp]) -> float:
    """Minimise over each column of W in turn, in place.

    Parameters
    ----------
    W : ndarray, shape (samples, n)
        Changed.
    gram : ndarray, shape (n, n)
        Products of the other factor's components, penalty included.
    target : ndarray, shape (samples, n)
        Products of the data and the other factor, less the penalty.
    components : ndarray of int
        The order in which columns are changed.

    Returns
    -------
    float
        The violation before: the sum of the gradients' magnitudes, of a W at 0 only that which would increase it.
    """
    violation = 0.0
    for k in components:
        w = W[:, k]
        gradient = W @ gram[k] - target[:, k]
        violation += float(np.abs(np.where(w == 0, np.minimum(gradient, 0), gradient)).sum())
        if gram[k, k] != 0:
            np.maximum(w - gradient / gram[k, k], 0, out=w)
    return violation


def preload() -> None:
    """Load the compiled function from its file, without the second that importing all of scikit-learn takes.

    For a program's start: while the extension is loaded, an empty package stands in for ``sklearn``, which the
    extension looks up. No other thread may see that, so nothing is done once another thread of Python runs, or where
    scikit-learn is imported already. The extension is afterwards found under its own name, by `find_sweep` and by
    scikit-learn itself when that is imported; the empty package is gone.
    """
    if threading.active_count() > 1 or "sklearn" in sys.modules or EXTENSION in sys.modules:
        return
    package = importlib.util.find_spec("sklearn")
    if package is None or package.submodule_search_locations is None:
        return
    folders = list(package.submodule_search_locations)
    stand_in = sys.modules["sklearn"] = ModuleType("sklearn")
    stand_in.__path__ = []
    try:
        for name, places in ((UTILITY, folders), (EXTENSION, [str(Path(each) / "decomposition") for each in folders])):
            module = load_extension(name, places)
            if module is not None:
                sys.modules[name] = module
    except Exception as error:  # noqa: BLE001 -- `find_sweep` imports it in the ordinary way
        log.info("scikit-learn's sweep cannot be loaded alone: %r", error)
        for name in (EXTENSION, UTILITY):
            sys.modules.pop(name, None)
    finally:
        del sys.modules["sklearn"]
