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

    from neuropil_gui.core.arrays import FloatArray

    Sweep = Callable[[FloatArray, FloatArray, FloatArray, NDArray[np.intp]], float]

EXTENSION = "sklearn.decomposition._cdnmf_fast"

UTILITY = "sklearn._cyutility"
"""What the compiled modules of scikit-learn share, since 1.7."""

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
    # For as long as it takes, an empty package stands in, in which nothing else is found.
    stand_in = ModuleType("sklearn")
    stand_in.__path__ = []
    if sys.modules.setdefault("sklearn", stand_in) is not stand_in:
        return
    try:
        _load(UTILITY, folders)
        _load(EXTENSION, [str(Path(folder) / "decomposition") for folder in folders])
    except (ImportError, AttributeError):
        # It asks for more than there is: what is half there must not be taken for it.
        for name in (EXTENSION, UTILITY):
            sys.modules.pop(name, None)
    finally:
        del sys.modules["sklearn"]


def _load(name: str, folders: list[str]) -> None:
    """Load the compiled module `name` from one of the `folders`, if it is there."""
    spec = PathFinder.find_spec(name, folders)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
