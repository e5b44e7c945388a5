"""Copy as Python: the scripts, run by another Python, make the same numbers."""

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.script import script, settings_json
from neuropil_gui.core.simulation import Simulation

pytestmark = pytest.mark.any_version

ROOT = Path(__file__).parent.parent.parent
DEMO = ROOT / "resources" / "demos" / "easy.npz"

# matplotlib 3.9 calls pyparsing by names that newer versions of that deprecate.
MODULES = ("_fontconfig_pattern", "_mathtext")
OLD_NAMES = [word for name in MODULES for word in ("-W", f"ignore::DeprecationWarning:matplotlib.{name}")]


def run(texts, tmp_path):
    """Run scripts elsewhere, one after another; returns what they printed, and the arrays of each result."""
    saving = "\nimport numpy\nnumpy.savez('out.npz', matched=result.matched, mixing=result.mixing, best=best_match)\n"
    folders = [tmp_path / str(number) for number in range(len(texts))]
    for folder, text in zip(folders, texts, strict=True):
        folder.mkdir()
        (folder / "copied.py").write_text(text + saving, encoding="utf-8")
    all_of_them = "import os, runpy, sys\nfor folder in sys.argv[1:]: os.chdir(folder), runpy.run_path('copied.py')"
    done = subprocess.run(
        [sys.executable, "-W", "error", *OLD_NAMES, "-c", all_of_them, *folders],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, env=_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    found = []
    for folder in folders:
        figure = (folder / "figure.pdf").read_bytes()
        assert figure.startswith(b"%PDF")
        assert b"/FontFile2" in figure
        with np.load(folder / "out.npz") as file:
            found.append(dict(file))
    return done.stdout, found


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def test_the_scripts_make_the_same_numbers(tmp_path):
    recording = read(DEMO)
    odd = tmp_path / 'it\'s "a" näme\\n' if sys.platform != "win32" else tmp_path / "it's a näme"
    odd.mkdir()
    np.save(odd / "x.npy", recording.cells[3].traces.T)
    turned = read(odd / "x.npy", rows_are_frames=True)
    texts, expected = [], []
    for source, index, settings in (
        (recording, 0, SeparationSettings()),
        (recording, 1, SeparationSettings(solver="accelerated")),
        (recording, 2, SeparationSettings(method="ica", n=3, seed=7, alpha=0.25)),
        (turned, 0, SeparationSettings(method="ica", seed=None)),
    ):
        separation = separate_cell(source.cells[index], settings)
        # A seed that was drawn is written.
        settings = replace(settings, seed=separation.seed)
        answers = {"rows_are_frames": source.rows_are_frames, "frame_rate": source.frame_rate}
        texts.append(script(source.source, index, settings, answers))
        expected.append((source.cells[index].name, separation))
    printed, found = run(texts, tmp_path)
    for (name, separation), arrays in zip(expected, found, strict=True):
        np.testing.assert_array_equal(arrays["matched"], separation.matched)
        np.testing.assert_array_equal(arrays["mixing"], separation.mixing)
        np.testing.assert_array_equal(arrays["best"], separation.matched[0])
        assert f"{name} converged: True iterations: {separation.iterations}" in printed
        assert all(remark.text in printed for remark in separation.warnings)


@examples(max_examples=30)
@given(
    st.text(min_size=1).filter(lambda text: "\0" not in text),
    st.integers(0, 10**6),
    st.builds(
        SeparationSettings,
        method=st.sampled_from(["nmf", "ica"]),
        n=st.one_of(st.none(), st.integers(1, 99)),
        alpha=st.floats(0, 1e300),
        seed=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
        tol=st.floats(0, 1),
        start=st.sampled_from(["nndsvdar", "random"]),
        offset=st.booleans(),
        pedestal=st.floats(0, 1e300),
        solver=st.sampled_from(["fissa", "accelerated"]),
    ),
    st.sampled_from([None, True, False]),
    st.one_of(st.none(), st.floats(1e-3, 1e6)),
    st.one_of(st.none(), st.text()),
)
def test_any_values_are_written_as_they_are(source, index, settings, rows, rate, name):
    answers = {"rows_are_frames": rows, "frame_rate": rate, "dataset": name}
    tree = ast.parse(script(source, index, settings, answers))
    calls = {node.func.id: node for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")}
    assert set(calls) == {"read", "SeparationSettings", "separate_cell", "plot_separation", "print"}
    values = {each.arg: ast.literal_eval(each.value) for each in calls["SeparationSettings"].keywords}
    assert SeparationSettings(**values) == settings
    assert ast.literal_eval(calls["read"].args[0]) == str(Path(source).absolute())
    given_ = {each.arg: ast.literal_eval(each.value) for each in calls["read"].keywords}
    assert given_ == {key: value for key, value in answers.items() if value is not None}
    (place,) = [ast.literal_eval(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)][:1]
    assert place == index


def test_it_is_short():
    text = script("x.npy", 0, SeparationSettings(seed=None))
    assert "draws a new seed each time" in text
    assert len(text.splitlines()) <= 26
    assert max(map(len, script("x", 0, SeparationSettings()).splitlines())) < 100


def test_the_answers_to_the_questions_of_a_file_are_in_the_script(tmp_path):
    np.save(tmp_path / "a.npy", np.random.default_rng(1).random((25, 60)) + 1)
    np.save(tmp_path / "b.npy", np.random.default_rng(2).random((25, 60)) + 1)
    source = read(tmp_path / "a.npy", neuropil_file=tmp_path / "b.npy")
    answers = {"neuropil_file": str(tmp_path / "b.npy"), "plane": None}
    text = script(source.source, 3, SeparationSettings(), answers)
    found = {}
    exec("\n".join(text.splitlines()[:4]), found)  # up to the cell
    assert np.array_equal(found["cell"].traces, source.cells[3].traces)


def test_a_simulation_is_in_the_script_by_what_differs_from_the_defaults():
    text = script(None, 0, SeparationSettings(), simulation=Simulation(contamination=1.3, neighbour_leak=0.5, seed=2))
    assert "\nrecording = simulate(Simulation(contamination=1.3, neighbour_leak=0.5, seed=2))\n" in text
    names = {name.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) for name in node.names}
    assert {"Simulation", "simulate", "separate_cell"} <= names
    assert "read" not in names


def test_without_a_file_there_is_no_script():
    with pytest.raises(DataError, match="not read from a file"):
        script(None, 0, SeparationSettings())


def test_settings_as_json():
    settings = SeparationSettings(method="ica", n=3, seed=None)
    assert SeparationSettings(**json.loads(settings_json(settings))) == settings
    assert settings_json(settings).endswith("}\n")
