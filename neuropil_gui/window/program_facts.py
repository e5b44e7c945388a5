"""Facts for the report of a fault: versions, system, Qt, BLAS, and the folders of the program."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PyQt5.QtCore import qVersion
from PyQt5.QtGui import QGuiApplication

from neuropil_gui._version import __version__
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis.plug_ins import find_plug_ins
from neuropil_gui.state.preferences import preferences_path

LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "threadpoolctl", "h5py", "matplotlib", "jinja2", "PyQt5", "pyqtgraph"),
    *("pillow", "roifile", "tifffile"),
)
OPTIONAL = ("distributed", "oasis-deconv", "pynwb")


def program_facts(data: Path, log: Path) -> str:
    """Return a line for each fact; the home folder is written as ~, so that it does not tell who the user is.

    Parameters
    ----------
    data : Path
        The folder of what the program keeps.
    log : Path
        The log file.
    """
    kind = "standalone build" if getattr(sys, "frozen", False) else "Python package"
    facts = {
        "neuropil_gui": f"{__version__}, {kind} in {_below_home(RESOURCES.parent)}",
        "Python": f"{platform.python_version()}, {_below_home(Path(sys.executable))}",
        "system": _system(),
        "processors": str(os.cpu_count()),
        "Qt": _qt(),
        "BLAS": _blas(),
        "libraries": ", ".join(f"{name} {_version(name)}" for name in (*LIBRARIES, *OPTIONAL)),
        "plug-ins": ", ".join(f"{each.name} of {each.package}" for each in find_plug_ins()) or "none",
        "preferences": _below_home(preferences_path()),
        "data": _below_home(data),
        "log": _below_home(log),
    }
    return "\n".join(f"{name:<12} {fact}" for name, fact in facts.items())


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:  # no Linux, or one that does not say
        name = platform.mac_ver()[0]
    return f"{platform.platform()}, {name}" if name else platform.platform()


def _qt() -> str:
    parts = [qVersion() or "unknown"]
    if QGuiApplication.instance() is None:
        parts.append(f"QT_QPA_PLATFORM {os.environ.get('QT_QPA_PLATFORM') or 'not set'}")
    else:
        parts.append(f"platform {QGuiApplication.platformName()}")
        parts += [
            f"screen {screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():g}"
            for screen in QGuiApplication.screens()
        ]
    desktop = os.environ.get("XDG_CURRENT_DESKTOP")
    return ", ".join([*parts, f"desktop {desktop}"] if desktop else parts)


def _blas() -> str:
    import numpy as np  # noqa: F401 -- loads its BLAS
    import scipy.linalg  # noqa: F401 -- loads its own
    from threadpoolctl import threadpool_info

    pools = (pool for pool in threadpool_info() if pool["user_api"] == "blas")  # in no order that stays
    return "; ".join(
        sorted(f"{pool['internal_api']} {pool['version']}, {pool['num_threads']} threads" for pool in pools)
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _below_home(path: Path) -> str:
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or a user without a home
        return str(path)
