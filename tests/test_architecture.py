import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_version

ROOT = Path(__file__).resolve().parent.parent

PUBLIC = [
    *("separate", "read", "write", "simulate", "separate_cell", "numbers", "sweep", "compare"),
    *("extract", "read_movie", "read_rois", "write_rois", "grow_regions", "RegionSettings"),
    *("Recording", "Cell", "Truth", "SeparationSettings", "Separation", "Simulation", "Sweep"),
]


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    heavy = ("numpy", "scipy", "sklearn", "matplotlib", "PyQt5", "pyqtgraph")
    assert python(f"import sys, neuropil_gui; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_the_public_names_work_without_qt():
    code = "import sys; sys.modules['PyQt5'] = sys.modules['pyqtgraph'] = None\n"
    code += f"from neuropil_gui import {', '.join(PUBLIC)}\n"
    code += "from neuropil_gui.cli import info, separate, simulate\nprint('fine')"
    assert python(code) == "fine"


def test_public_names_are_listed_and_others_are_refused():
    import neuropil_gui

    assert set(PUBLIC) < set(dir(neuropil_gui))
    with pytest.raises(AttributeError, match="nonsense"):
        neuropil_gui.nonsense  # noqa: B018


def test_scikit_learn_is_imported_only_when_needed():
    # One after another in one process: the first that names it is the one that imports it.
    code = """
import importlib, pkgutil, sys
for room in ("core", "drawing", "formats", "state", "engine"):
    package = importlib.import_module(f"neuropil_gui.{room}")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
        if "sklearn" in sys.modules:
            sys.exit(f"{package.__name__}.{module.name} imports it")
print(len(sys.modules) > 100)
"""
    assert python(code) == "True"


def test_the_window_separates_without_importing_scikit_learn(tmp_path):
    words = ["--demo", "--screenshot", str(tmp_path / "window.png")]
    code = "import os, sys; from neuropil_gui.__main__ import main; end = os._exit\n"
    code += "found = lambda: ('sklearn' in sys.modules, 'sklearn.decomposition._cdnmf_fast' in sys.modules)\n"
    code += f"os._exit = lambda code: (print(code, *found(), flush=True), end(0)); main({words})"
    assert python(code) == "0 False True"


def test_the_window_starts_without_what_draws_figures_or_reads_movies():
    code = "import sys, os; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
    code += "from PyQt5.QtWidgets import QApplication; application = QApplication([])\n"
    code += "from neuropil_gui.window.main_window import MainWindow; window = MainWindow(); window.close()\n"
    code += "print({'matplotlib', 'tifffile', 'roifile'} & set(sys.modules))"
    assert python(code) == "set()"


def test_modules_are_short_where_they_can_be():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "neuropil_gui").rglob("*.py")
        if path.name != "__init__.py"
    }
    assert not {name: count for name, count in lines.items() if count > 400}, "more than one idea?"
    assert statistics.median(lines.values()) < 175
    assert sum(count > 300 for count in lines.values()) < len(lines) / 6


def test_no_resource_path_is_built_outside_assets():
    for path in (ROOT / "neuropil_gui").rglob("*.py"):
        if path.name != "assets.py":
            assert "__file__" not in path.read_text(), path


def test_contributing_names_files_and_rooms_that_are_there():
    named = re.findall(
        r"`(\w[\w.-]*/[\w./-]*|\.\w[\w.-]*/[\w./-]*)`",
        (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    )
    assert len(named) > 30
    missing = [name for name in named if not any((root / name).exists() for root in (ROOT, ROOT / "neuropil_gui"))]
    assert not missing
    rooms = {path.name for path in (ROOT / "neuropil_gui").iterdir() if (path / "__init__.py").is_file()}
    assert rooms == {name.rstrip("/") for name in named if name.count("/") == 1} & rooms
