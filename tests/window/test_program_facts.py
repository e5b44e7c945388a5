import re
import tomllib
from pathlib import Path

from neuropil_gui import __version__
from neuropil_gui.window import program_facts as module
from neuropil_gui.window.program_facts import program_facts


def test_each_fact_is_a_line_and_the_home_folder_is_not_named(qapp, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(module, "OPTIONAL", ("no-such-library",))
    data = tmp_path / "kept"
    text = program_facts(data, data / "the.log")
    facts = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert facts["neuropil_gui"].startswith(f"{__version__}, Python package in ")
    assert facts["plug-ins"] == "none"
    assert facts["data"] == "~/kept"
    assert facts["log"] == "~/kept/the.log"
    assert facts["preferences"].endswith("neuropil_gui.ini")
    assert facts["Qt"].startswith("5.15.")
    assert "platform offscreen, screen " in facts["Qt"]
    assert " threads" in facts["BLAS"]
    assert "scikit-learn " in facts["libraries"]
    assert facts["libraries"].endswith("no-such-library not installed")
    assert str(tmp_path) not in text.replace(facts["preferences"], "")


def test_plug_ins_are_named(qapp, example_method, tmp_path):
    assert "plug-ins     darkest_region of example_method 1.0\n" in program_facts(tmp_path, tmp_path / "the.log")


def test_no_library_that_the_program_needs_is_left_out():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w-]+", requirement).group() for requirement in project["dependencies"]}
    assert set(module.LIBRARIES) == needed - {"pyqt5-qt5"}  # Qt itself has a line of its own


def test_a_user_without_a_home_gets_whole_paths(qapp, monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert "log          /elsewhere/the.log" in program_facts(Path("/elsewhere"), Path("/elsewhere/the.log"))
