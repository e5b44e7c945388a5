"""scikit-learn's coordinate sweep, without the second that importing scikit-learn takes.

``import sklearn.decomposition`` runs a thousand modules for the sake of one compiled
function of a few kilobytes. The extension that holds it needs none of them, only a
package called ``sklearn`` to be found in; so it is loaded from its file, which takes a
few milliseconds. It is the same module that scikit-learn finds if it is imported later.
"""

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Sweep = Callable[[FloatArray, FloatArray, FloatArray, NDArray[np.intp]], float]

EXTENSION = "sklearn.decomposition._cdnmf_fast"

_gate = threading.Lock()


def find_sweep() -> "Sweep | None":
    """Return ``_update_cdnmf_fast``, or None where there is no scikit-learn or it has moved.

    It is not public, but has kept its name and arguments since scikit-learn 0.17.
    """
    with _gate:
        _load_alone()
        try:
            # Found as it is, or imported in the ordinary way.
            module = importlib.import_module(EXTENSION)
        except ImportError:
            return None
    sweep: Sweep | None = getattr(module, "_update_cdnmf_fast", None)
    return sweep


def _load_alone() -> None:
    """Load the extension from its file, where that can be done and scikit-learn has not been imported yet."""
    if "sklearn" in sys.modules or EXTENSION in sys.modules:
        return
    package = importlib.util.find_spec("sklearn")
    if package is None or package.submodule_search_locations is None:
        return
    folders = list(package.submodule_search_locations)
    spec = PathFinder.find_spec(EXTENSION, [str(Path(folder) / "decomposition") for folder in folders])
    if spec is None or spec.loader is None:
        return
    # Since 1.7 the extension imports sklearn._cyutility, a compiled module too, and with it the package: for as long
    # as that takes, an empty one with the same folders stands in.
    stand_in = ModuleType("sklearn")
    stand_in.__path__ = folders
    if sys.modules.setdefault("sklearn", stand_in) is not stand_in:
        return
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[EXTENSION] = module
    except ImportError:
        # Half of it may be there.
        sys.modules.pop(EXTENSION, None)
    finally:
        del sys.modules["sklearn"]
