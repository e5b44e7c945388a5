"""The decomposition of scipy's LAPACK, without the 0.2 s that importing all of ``scipy.linalg`` takes."""

import logging
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.solvers.extensions import load_extension

EXTENSION = "scipy.linalg._flapack"
"""Private: where it is not found alone, ``scipy.linalg`` does the work."""

log = logging.getLogger("neuropil_gui")

_loading = threading.Lock()


def load_lapack() -> Any:
    """Load scipy's compiled functions of LAPACK, and with them its BLAS.

    Half of the start of a process that separates went into importing ``scipy.linalg``, which loads numpy's compiler of
    Fortran and its helpers for tests. The extension is not left among the modules, so that ``scipy.linalg`` loads its
    own when it is imported.

    Returns
    -------
    module or None
        None where ``scipy.linalg`` was imported in its place.
    """
    with _loading:
        return _loaded()


@cache
def _loaded() -> Any:
    if "scipy.linalg" not in sys.modules:
        try:
            return _alone()
        except Exception as error:  # noqa: BLE001 -- a private module of another library may fail in any way
            log.info("scipy's LAPACK cannot be loaded alone: %r", error)
    import scipy.linalg  # noqa: F401 -- its BLAS is to be loaded

    return None


def _alone() -> Any:
    import scipy  # loads what its libraries need

    module: Any = load_extension(EXTENSION, [str(Path(folder) / "linalg") for folder in scipy.__path__])
    if module is None:
        raise ImportError(f"there is no {EXTENSION}")
    sys.modules.pop(EXTENSION, None)  # where loading a compiled module puts it
    left, values, right, info = _gesdd(module, np.array([[2.0, 0.0], [0.0, 1.0]]))
    if info or not np.allclose(left * values @ right, [[2.0, 0.0], [0.0, 1.0]]):
        raise ImportError(f"{EXTENSION} answers wrongly")
    return module


def _gesdd(module: Any, samples: FloatArray) -> Any:
    """Return left vectors, values, right vectors and what LAPACK says, by the calls of ``scipy.linalg.svd``."""
    size, _ = module.dgesdd_lwork(*samples.shape, compute_uv=True, full_matrices=False)
    return module.dgesdd(samples, compute_uv=True, lwork=int(size), full_matrices=False, overwrite_a=False)


def left_singular(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the left singular vectors and the singular values, bit for bit those of ``scipy.linalg.svd``.

    Parameters
    ----------
    samples : ndarray, shape (a, b)

    Returns
    -------
    axes : ndarray, shape (a, min(a, b))
    values : ndarray, shape (min(a, b),)
        Descending.

    Raises
    ------
    numpy.linalg.LinAlgError
        When it does not converge.
    ValueError
        When a value is not a number.
    """
    module = load_lapack()
    if module is not None and samples.size and samples.dtype == np.float64:
        axes, values, _, info = _gesdd(module, samples)
        if info == 0:
            return axes, values
    # What is empty, and the words of an error, are scipy's.
    from scipy import linalg

    axes, values, _ = linalg.svd(samples, full_matrices=False, check_finite=False)
    return axes, values
