"""Loading of one compiled module of a library, without the packages around it, whose imports take longer."""

import importlib.util
from collections.abc import Iterable
from importlib.machinery import PathFinder
from types import ModuleType


def load_extension(name: str, folders: Iterable[str]) -> ModuleType | None:
    """Load a compiled module from its file.

    Some compiled modules put themselves among the modules of Python while they are loaded; whether it stays there, so
    that an ordinary import finds it, is for the caller to decide.

    Parameters
    ----------
    name : str
        Its full name.
    folders : iterable of str
        Where its file may be.

    Returns
    -------
    module or None
        None where there is no such file.

    Raises
    ------
    Exception
        Whatever the module raises.
    """
    spec = PathFinder.find_spec(name, list(folders))
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
