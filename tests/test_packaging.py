import importlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from neuropil_gui.assets import ICONS, RESOURCES
from neuropil_gui.cli import desktop
from tests.fuzz.mutations import SEEDS

pytestmark = pytest.mark.any_version

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "tests" / "benchmarks"


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What is in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        entry_points = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        return set(archive.namelist()), archive.read(entry_points).decode(), wheel.stat().st_size


def test_every_module_icon_and_resource_is_in_the_wheel(names):
    inside, _, _ = names
    for path in (ROOT / "neuropil_gui").rglob("*.py"):
        assert str(path.relative_to(ROOT)) in inside
    folders = ((ICONS, "*.svg"), (RESOURCES, "demos/*"), (RESOURCES, "lessons/*"), (RESOURCES, "guide/**/*.*"))
    for folder, files in ((folder, folder.glob(pattern)) for folder, pattern in folders):
        found = [f"neuropil_gui/{folder.name}/{path.relative_to(folder)}" for path in files]
        assert found
        assert set(found) <= inside


def test_nothing_else_is_in_the_wheel(names):
    inside, _, size = names
    assert {name.split("/")[0].split("-")[0] for name in inside} == {"neuropil_gui"}
    assert size < 4 * 2**20


def test_what_desktops_look_for_is_where_the_program_would_install_it(names):
    inside, _, _ = names
    shared = {name.split(".data/data/share/")[1] for name in inside if ".data/data/share/" in name}
    assert shared == set(desktop.PLACES)


def test_both_ways_to_start_and_the_licence(names):
    inside, entry_points, _ = names
    assert "[console_scripts]\nneuropil-gui = neuropil_gui.__main__:main" in entry_points
    assert "[gui_scripts]\nneuropil-gui-app = neuropil_gui.__main__:main" in entry_points
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_every_long_check_is_run_before_a_release():
    scripts = {path.stem for path in BENCHMARKS.glob("*.py") if "if __name__ ==" in path.read_text(encoding="utf-8")}
    release = (BENCHMARKS / "release.py").read_text(encoding="utf-8")
    missing = {name for name in scripts - {"release", "fissa_worker", "measuring"} if f'"{name}"' not in release}
    assert not missing, "a row of CHECKS in tests/benchmarks/release.py runs each"
    unfuzzed = {name for name in SEEDS if f'"{name}"' not in release}
    assert not unfuzzed, "a row of CHECKS has each format of tests/fuzz"


def test_the_page_of_these_checks_is_read_back_as_it_was(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    release = importlib.import_module("release")
    printed = ("kept: 3 ms.\n\n| a | b |", "", "## walk\n\n2 bugs")
    outcomes = {
        each.name: release.Outcome(each.name, "python a.py", k, 0.5 * k, "2026-01-02", "abc1234", "a, b", printed[k])
        for k, each in enumerate(release.CHECKS[:3])
    }
    assert release.read_page(release.page(outcomes)) == outcomes
    assert f"Not kept: {', '.join(list(outcomes)[1:])}." in release.page(outcomes)
