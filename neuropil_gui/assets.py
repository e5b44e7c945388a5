"""Paths of the icons and resources: inside an installed package, or beside it in a checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE if (_HERE / "icons").is_dir() else _HERE.parent

ICONS = _ROOT / "icons"
RESOURCES = _ROOT / "resources"
MADE_DEMOS = "neuropil_gui-demos"
"""Folder, where the program keeps its data, of the demos that are made when they are opened."""


def is_made_demo(path: Path) -> bool:
    """Return whether a file is a demo that is made when it is opened."""
    return len(path.parents) > 1 and path.parents[1].name == MADE_DEMOS


def is_demo(path: Path) -> bool:
    """Return whether a file is a demo, of which nothing is kept."""
    return RESOURCES in path.parents or is_made_demo(path)
