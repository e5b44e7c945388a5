"""Paths of the icons and resources: inside an installed package, or beside it in a checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE if (_HERE / "icons").is_dir() else _HERE.parent

ICONS = _ROOT / "icons"
RESOURCES = _ROOT / "resources"
