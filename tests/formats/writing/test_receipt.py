"""Receipts: what they say of an export, and their scripts, which make the same numbers."""

import json
import re
import runpy
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.formats.registry import read, write, write_recording
from neuropil_gui.formats.writing.receipt import Receipt

SETTINGS = SeparationSettings(alpha=0.05, max_iter=300)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "it's.npz"
    write_recording(path, simulate(Simulation(cells=4, frames=120)))
    return path


def export(path, recording, results, **answers):
    """Write results with their receipt; return what the script could not be written for."""
    receipt = Receipt(recording, answers, {"rejected by eye": 1, "not chosen": 0})
    assert write(path, recording, receipt.watch(results.items())) == []
    return receipt.write(path, 2)


def test_the_script_of_a_receipt_makes_the_same_numbers(source, tmp_path, capsys):
    recording = read(source, frame_rate=20.0)
    settings = {0: SETTINGS, 1: SETTINGS, 3: replace(SETTINGS, method="ica", seed=None)}
    results = {index: separate_cell(recording.cells[index], each) for index, each in settings.items()}
    assert export(tmp_path / "out.npz", recording, results, frame_rate=20.0, plane=None) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "out.py", "out.receipt.txt"]
    text = (tmp_path / "out.py").read_text()
    assert len(text.splitlines()) < 40
    made = runpy.run_path(str(tmp_path / "out.py"))
    assert "3 cells separated, 3 of them equal" in capsys.readouterr().out
    assert made["recording"].frame_rate == 20.0
    for index, result in results.items():
        again = made["results"][index + 1]
        np.testing.assert_allclose(again.matched, result.matched, rtol=1e-12, atol=1e-12 * result.median)
        np.testing.assert_allclose(again.mixing, result.mixing, rtol=1e-12, atol=1e-12)


def test_a_script_stops_where_the_recording_holds_other_signals(source, tmp_path):
    path = tmp_path / "moving.npz"
    path.write_bytes(source.read_bytes())
    recording = read(path)
    export(tmp_path / "out.csv", recording, {1: separate_cell(recording.cells[1], SETTINGS)})
    with np.load(path) as file:
        arrays = dict(file)
    arrays["2/raw"] = arrays["2/raw"] + 1e-9
    np.savez(path, **arrays)
    with pytest.raises(SystemExit, match=r"Cell 2: moving\.npz holds other signals than those of out\.csv"):
        runpy.run_path(str(tmp_path / "out.py"))


def test_a_receipt_holds_methods_settings_and_hashes(source, tmp_path):
    recording = read(source)
    results = {index: separate_cell(recording.cells[index], SETTINGS) for index in (0, 2)}
    export(tmp_path / "out.fissa.npz", recording, results)
    text = (tmp_path / "out.fissa.receipt.txt").read_text(encoding="utf-8")
    paragraph = " ".join(text.split())
    assert "The signals of 2 of 4 cells were separated from their neuropil with neuropil_gui" in paragraph
    assert "Excluded as rejected by eye: 1. Excluded as impossible to separate: 2." in paragraph
    assert "not chosen" not in paragraph
    assert "doi:10.1038/s41598-018-21640-2" in paragraph
    assert json.loads(re.search(r"Settings\n\n(\{.*?\})", text, re.DOTALL)[1]) == SETTINGS.to_dict()
    cells = {int(number): json.loads(facts) for number, facts in re.findall(r"^cell (\d+): (.*)$", text, re.MULTILINE)}
    assert list(cells) == [1, 3]
    assert cells[3]["name"] == recording.cells[2].name
    assert cells[3]["settings"] == {}
    with np.load(tmp_path / "out.fissa.npz") as found:
        assert json.loads(str(found["provenance"]))["sha256"]["3"] == cells[3]["input"]


def test_nothing_else_is_replaced_and_a_receipt_may_be_written_again(source, tmp_path):
    recording = read(source)
    results = {0: separate_cell(recording.cells[0], SETTINGS)}
    for _ in range(2):
        export(tmp_path / "out.npz", recording, results)
    (tmp_path / "mine.py").write_text("print('analysis')\n")
    with pytest.raises(DataError, match=r"mine\.py: it is something else"):
        export(tmp_path / "mine.npz", recording, results)
    assert (tmp_path / "mine.py").read_text() == "print('analysis')\n"


def test_a_recording_of_no_file_has_a_receipt_without_a_script(tmp_path):
    recording = simulate(Simulation(cells=1, frames=120))
    results = {0: separate_cell(recording.cells[0], SETTINGS)}
    (sentence,) = export(tmp_path / "out.npz", recording, results)
    assert sentence.startswith("out.py: This recording was not read from a file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "out.receipt.txt"]
