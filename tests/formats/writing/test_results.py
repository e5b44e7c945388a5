"""Results out and in again: every key, three formats, and disks that fill up."""

import csv
import hashlib
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording, Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.programs import own_results
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.registry import read, write, write_recording

KEYS = {
    *("raw", "matched", "separated", "mixing", "scores", "order", "iterations", "converged", "seed", "offset"),
    *("trial_starts", "signal_names", "name", "source_index", "label", "note"),
}


def check_provenance(text, recording, indices):
    facts = json.loads(text)
    assert facts["settings"]["method"] == "nmf"
    assert facts["settings"]["solver"] == "fissa"
    assert facts["versions"].keys() == {"neuropil_gui", "numpy", "scipy", "scikit-learn", "python"}
    assert "unknown" not in facts["versions"].values()
    assert facts["source"] == recording.source
    assert "10.1038/s41598-018-21640-2" in facts["citation"]
    assert facts["sha256"] == {
        str(k + 1): hashlib.sha256(recording.cells[k].traces.tobytes()).hexdigest() for k in indices
    }
    return facts


def test_npz_has_every_key_and_opens_again(tmp_path, recording, separation):
    made = recording()
    results = {0: separation(made.cells[0]), 2: separation(made.cells[2], n=2, alpha=0.5)}
    path = tmp_path / "out.npz"
    write(path, made, results)
    with np.load(path, allow_pickle=False) as found:
        assert set(found) == {*(f"{k}/{key}" for k in (1, 3) for key in KEYS), "frame_rate", "provenance"}
        for k, result in results.items():
            for key in ("matched", "separated", "mixing", "scores", "order"):
                assert np.array_equal(found[f"{k + 1}/{key}"], getattr(result, key))
            for key in ("iterations", "converged", "seed", "offset"):
                assert found[f"{k + 1}/{key}"].shape == ()
                assert found[f"{k + 1}/{key}"] == getattr(result, key)
        assert found["3/trial_starts"].tolist() == [0, 20, 41]
        assert found["3/signal_names"].tolist() == list(made.cells[2].signal_names)
        assert (str(found["3/name"]), int(found["3/source_index"])) == ("Zelle 2", 20)
        assert found["frame_rate"] == 29.87
        facts = check_provenance(str(found["provenance"]), made, (0, 2))
    assert facts["settings_of_cells"] == {"3": {**facts["settings"], "alpha": 0.5}}
    assert facts["warnings"]["1"] == ["It stopped early."]
    again = read(path)
    assert again.frame_rate == 29.87
    assert again.warnings == ()
    for cell, k in zip(again.cells, (0, 2), strict=True):
        old, result = made.cells[k], results[k]
        assert np.array_equal(cell.traces, old.traces)
        assert (cell.name, cell.signal_names, cell.trial_starts) == (old.name, old.signal_names, old.trial_starts)
        assert cell.source_index == old.source_index
        assert np.array_equal(cell.stored.matched, result.matched)
        assert np.array_equal(cell.stored.separated, result.separated)
        assert np.array_equal(cell.stored.mixing, result.mixing)
        assert (cell.stored.iterations, cell.stored.converged) == (1071, False)
        assert cell.stored.origin == "result in out.npz"


def test_a_result_from_before_there_was_a_choice_of_solver_or_a_pedestal_opens(tmp_path, recording, separation):
    made = recording()
    write(tmp_path / "out.npz", made, {0: separation(made.cells[0])})
    with np.load(tmp_path / "out.npz") as found:
        arrays = dict(found)
    facts = json.loads(str(arrays["provenance"]))
    assert facts["settings"].pop("solver") == "fissa"
    assert facts["settings"].pop("pedestal") == 0
    arrays["provenance"] = np.array(json.dumps(facts))
    np.savez(tmp_path / "earlier.npz", **arrays)
    again = read(tmp_path / "earlier.npz")
    assert again.warnings == ()
    assert np.array_equal(again.cells[0].stored.matched, arrays["1/matched"])


def test_large_results_are_read_cell_by_cell(tmp_path, recording, separation, monkeypatch):
    made = recording(truth=True)
    # An iterable is written as it comes.
    write(tmp_path / "out.npz", made, ((k, separation(cell)) for k, cell in enumerate(made.cells)))
    whole = read(tmp_path / "out.npz")
    monkeypatch.setattr(own_results, "WHOLE_BYTES", 0)
    again = read(tmp_path / "out.npz")
    assert again.cells.headers == whole.cells.headers
    os.replace(tmp_path / "out.npz", tmp_path / "moved.npz")
    for a, b in zip(again.cells, whole.cells, strict=True):
        assert np.array_equal(a.traces, b.traces)
        assert np.array_equal(a.stored.matched, b.stored.matched)
        assert np.array_equal(a.truth.sources, b.truth.sources)


def test_mat_is_a_struct_array_of_the_same_fields(tmp_path, recording, separation):
    made = recording(frame_rate=None, truth=True)
    results = {1: separation(made.cells[1]), 2: separation(made.cells[2], n=1)}
    write(tmp_path / "out.mat", made, results)
    found = scipy.io.loadmat(tmp_path / "out.mat", simplify_cells=True)
    assert np.isnan(found["frame_rate"])
    check_provenance(found["provenance"], made, (1, 2))
    assert len(found["cells"]) == 2
    for row, (k, result) in zip(found["cells"], results.items(), strict=True):
        assert row.keys() >= KEYS
        assert row["number"] == k + 1
        assert np.array_equal(row["raw"], made.cells[k].traces)
        assert np.array_equal(np.atleast_2d(row["matched"]), result.matched)
        assert np.array_equal(np.atleast_1d(row["order"]), result.order)
        assert row["name"] == made.cells[k].name
        assert list(row["signal_names"]) == list(made.cells[k].signal_names)
        assert row["seed"] == 2**32 - 1
        assert not row["converged"]
    again = read(tmp_path / "out.mat")
    assert again.frame_rate is None
    assert again.warnings == ()
    for cell, (k, result) in zip(again.cells, results.items(), strict=True):
        old = made.cells[k]
        assert np.array_equal(cell.traces, old.traces)
        assert (cell.name, cell.signal_names, cell.trial_starts) == (old.name, old.signal_names, old.trial_starts)
        assert np.array_equal(cell.stored.matched, result.matched)
        assert np.array_equal(cell.truth.mixing, old.truth.mixing)


def test_csv_gives_every_number_exactly(tmp_path, recording, separation, refusal):
    made = recording()
    results = {0: separation(made.cells[0]), 2: separation(made.cells[2], n=2)}
    write(tmp_path / "out.csv", made, results)
    first, *lines = (tmp_path / "out.csv").read_text().splitlines()
    check_provenance(first.removeprefix("# provenance: "), made, (0, 2))
    header, *rows = csv.reader(lines)
    assert header == ["cell", "frame", "time_s", "trial", "raw", "matched_1", "matched_2", "matched_3"]
    assert len(rows) == 120
    assert {len(row) for row in rows} == {8}
    for k, result in results.items():
        mine = [row for row in rows if row[0] == str(k + 1)]
        assert [int(row[1]) for row in mine] == list(range(60))
        assert np.array_equal([float(row[2]) for row in mine], np.arange(60) / made.frame_rate)
        assert [int(row[3]) for row in mine] == [1] * 20 + [2] * 21 + [3] * 19
        values = np.array([[float(x) for x in row[4 : 5 + result.n]] for row in mine]).T
        assert np.array_equal(values[0], made.cells[k].traces[0])
        assert np.array_equal(values[1:], result.matched)
        assert all(row[5 + result.n :] == [""] * (3 - result.n) for row in mine)
    assert "exported table of results" in refusal(tmp_path / "out.csv")
    without = [row[:2] + row[3:] for row in rows]
    write(tmp_path / "no_rate.csv", replace(made, frame_rate=None), results)
    assert "exported table of results" in refusal(tmp_path / "no_rate.csv")
    header, *rows = csv.reader((tmp_path / "no_rate.csv").read_text().splitlines()[1:])
    assert header == ["cell", "frame", "trial", "raw", "matched_1", "matched_2", "matched_3"]
    assert rows == without


def test_marks_and_notes_are_in_every_file(tmp_path, recording, separation):
    made = recording()
    results = {k: separation(made.cells[k]) for k in (0, 2)}
    marks = {0: Mark("look again", 'soma, or\n"dendrite" µ?'), 1: Mark("rejected")}
    for name in ("out.npz", "out.mat", "out.csv", "out.fissa.npz", "out.fissa.mat"):
        write(tmp_path / name, made, results, marks=marks)
    with np.load(tmp_path / "out.npz") as found:
        kept = [(str(found[f"{k}/label"]), str(found[f"{k}/note"])) for k in (1, 3)]
    assert kept == [("look again", 'soma, or\n"dendrite" µ?'), ("", "")]
    found = scipy.io.loadmat(tmp_path / "out.mat", simplify_cells=True)["cells"]
    assert [str(row["label"]) for row in found if len(row["label"])] == ["look again"]
    assert found[0]["note"] == 'soma, or\n"dendrite" µ?'
    with np.load(tmp_path / "out.fissa.npz") as found:
        assert found["label"].tolist() == ["look again", ""]
    assert scipy.io.loadmat(tmp_path / "out.fissa.mat", simplify_cells=True)["label"][0] == "look again"
    header, *rows = csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:])
    assert header[-2:] == ["label", "note"]
    assert {tuple(row[-2:]) for row in rows if row[0] == "1"} == {("look again", 'soma, or "dendrite" µ?')}
    assert {tuple(row[-2:]) for row in rows if row[0] == "3"} == {("", "")}
    write(tmp_path / "unmarked.csv", made, results, marks={1: marks[1]})  # of a cell that is not written
    assert "label" not in (tmp_path / "unmarked.csv").read_text().splitlines()[1]


def test_gain_and_leak_of_tested_cells_are_in_every_file(tmp_path, recording, separation):
    made = recording()
    results = {k: separation(made.cells[k]) for k in (0, 2)}
    nothing = math.nan
    found = CellSpikeIn(SpikeInTest(), None, Estimate(0.82, 0.7, 0.94), Estimate(-0.03, nothing, nothing))
    for name in ("out.npz", "out.mat", "out.csv", "out.nwb", "out.fissa.npz"):
        write(tmp_path / name, made, results, tests={2: found, 1: found})
    with np.load(tmp_path / "out.npz") as npz:
        assert (float(npz["3/gain"]), float(npz["3/leak"])) == (0.82, -0.03)
        assert "1/gain" not in npz
        provenance = [str(npz["provenance"])]
    assert read(tmp_path / "out.npz").warnings == ()
    mat = scipy.io.loadmat(tmp_path / "out.mat", simplify_cells=True)
    assert [np.size(row["gain"]) for row in mat["cells"]] == [0, 1]
    assert mat["cells"][1]["leak"] == -0.03
    with np.load(tmp_path / "out.fissa.npz") as fissa:
        provenance.append(str(fissa["provenance"]))
    provenance += [mat["provenance"], (tmp_path / "out.csv").read_text().splitlines()[0].removeprefix("# provenance: ")]
    for text in provenance:
        (row,) = json.loads(text, parse_constant=pytest.fail)["spike_in"]
        assert (row["cell"], row["gain"], row["gain_high"], row["leak_low"]) == (3, 0.82, 0.94, None)
        assert (row["course"], row["repeats"]) == ("gcamp6s", 20)


def test_a_simulation_keeps_its_truth(tmp_path, recording):
    made = recording(count=2, frame_rate=None, truth=True)
    write_recording(tmp_path / "sim.npz", made, provenance={"seed": 1})
    with np.load(tmp_path / "sim.npz") as found:
        assert {"1/raw", "1/truth_sources", "1/truth_mixing", "2/raw", "frame_rate", "provenance"} <= set(found)
        assert np.isnan(found["frame_rate"])
    again = read(tmp_path / "sim.npz")
    assert again.frame_rate is None
    for cell, old in zip(again.cells, made.cells, strict=True):
        assert np.array_equal(cell.traces, old.traces)
        assert np.array_equal(cell.truth.sources, old.truth.sources)
        assert np.array_equal(cell.truth.mixing, old.truth.mixing)
        assert cell.stored is None
    with pytest.raises(DataError, match=r"written as \.npz"):
        write_recording(tmp_path / "sim.mat", made)


def test_gaps_and_unknown_keys_are_named(tmp_path, refusal):
    path = tmp_path / "a.npz"
    raw = np.ones((3, 20))
    np.savez(path, **{"2/raw": raw, "10/raw": raw, "4/matched": raw, "2/mine": 1, "extra": 2, "frame_rate": -1.0})
    found = read(path)
    assert [cell.name for cell in found.cells] == ["cell 2", "cell 10"]
    assert found.frame_rate is None
    assert "left out: cell 4" in found.warnings[0]
    assert "frame_rate" in found.warnings[1]
    wrong = {"matched": np.ones((2, 9)), "signal_names": ["a"], "trial_starts": [3, 1], "truth_sources": raw}
    np.savez(path, **{"1/raw": raw, **{f"1/{key}": value for key, value in wrong.items()}})
    found = read(path)
    assert len(found.warnings) == 4
    assert (found.cells[0].stored, found.cells[0].truth, found.cells[0].trial_starts) == (None, None, (0,))
    np.savez(path, **{"1/raw": np.ones(5)})
    assert "1/raw is no array" in refusal(path)
    np.savez(path, **{"1/matched": raw})
    assert "no raw traces" in refusal(path)


def test_ica_results_without_raw_are_a_sentence(real_data, refusal):
    assert "no raw traces" in refusal(real_data / "fissa_example" / "ica.npz")


NAMES = st.text(st.characters(exclude_characters="\0"), max_size=8)  # NumPy's text cannot end in a zero


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        hnp.arrays(
            "f8", hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(allow_infinity=False)
        ),
        min_size=1,
        max_size=3,
    ),
    st.one_of(st.none(), st.floats(1e-3, 1e6)),
    NAMES,
    st.sampled_from([".npz", ".mat"]),
)
def test_any_recording_comes_back(tmp_path_factory, separation, arrays, rate, name, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    made = Recording("any", None, rate, [Cell(name, a, [name] * len(a), (0,), Truth(a[:1], a[:, :1])) for a in arrays])
    write(path, made, {k: separation(cell, n=1) for k, cell in enumerate(made.cells)})
    again = read(path)
    assert again.frame_rate == rate
    assert again.warnings == ()
    for k, cell in enumerate(made.cells):
        assert np.array_equal(again.cells[k].traces, cell.traces, equal_nan=True)
        assert np.array_equal(again.cells[k].truth.sources, cell.truth.sources, equal_nan=True)
        assert again.cells[k].source_index == k
        if suffix == ".npz":
            assert again.cells[k].name == (name or f"cell {k + 1}")
            assert again.cells[k].signal_names == cell.signal_names


def test_what_cannot_be_written_is_refused(tmp_path, recording, separation):
    made = recording()
    results = {0: separation(made.cells[0])}
    for name in ("out.xlsx", "out", "out.npy"):
        with pytest.raises(DataError, match=r"\.npz, \.csv, \.mat or \.nwb"):
            write(tmp_path / name, made, results)
    for name in ("out.npz", "out.csv", "out.mat"):
        (tmp_path / name).write_bytes(b"old")
        with pytest.raises(DataError, match="no result to write"):
            write(tmp_path / name, made, {})
        assert (tmp_path / name).read_bytes() == b"old"
    with pytest.raises(DataError, match="given twice"):
        write(tmp_path / "out.npz", made, [(0, results[0])] * 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.mat", "out.npz"]


def test_what_matlab_cannot_hold_is_refused(tmp_path, recording, separation, monkeypatch):
    made = recording()
    monkeypatch.setattr("neuropil_gui.formats.writing.results.MAT_LIMIT", 5000)
    with pytest.raises(DataError, match="at most 2 GB"):
        write(tmp_path / "out.mat", made, {k: separation(cell) for k, cell in enumerate(made.cells)})
    assert not list(tmp_path.iterdir())


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import make_recording, make_separation
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.registry import write
made = make_recording(frames=20_000)
results = {k: make_separation(cell) for k, cell in enumerate(made.cells)}
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for path in sys.argv[2:]:
    try:
        write(path, made, results)
    except DataError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_FSIZE")
def test_a_full_disk_leaves_what_was_there(tmp_path):
    paths = [tmp_path / name[4:] / name for name in ("out.npz", "out.csv", "out.mat")]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"old")
    command = [sys.executable, "-c", FULL, Path(__file__).parent.parent, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for path, sentence in zip(paths, done.stdout.splitlines(), strict=True):
        assert sentence.startswith(f"{path.name}: it could not be written (File too large)")
        assert list(path.parent.iterdir()) == [path]
        assert path.read_bytes() == b"old"


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".mat"])
def test_the_recording_itself_is_never_replaced(tmp_path, suffix):
    source = tmp_path / f"recording{suffix}"
    source.write_bytes(b"precious")
    link = tmp_path / f"link{suffix}"
    link.symlink_to(source)
    cell = Cell.from_traces(np.random.default_rng(0).random((2, 50)) + 1)
    recording = Recording("recording", str(source), None, [cell])
    results = {0: separate_cell(cell, SeparationSettings())}
    for path in (source, link, tmp_path / "." / source.name):
        with pytest.raises(DataError, match="the recording itself"):
            write(path, recording, results)
    assert source.read_bytes() == b"precious"


@pytest.fixture
def parts(tmp_path):
    """Folders and files that are read as one recording, and one of the files."""
    traces = np.random.default_rng(0).random((3, 60)) + 1
    cells, plane, fissa = tmp_path / "cells", tmp_path / "plane0", tmp_path / "fissa"
    for folder in (cells, plane, fissa):
        folder.mkdir()
    for number in (1, 2):
        np.savetxt(cells / f"cell {number}.csv", traces.T, delimiter=",")
    for name in ("F", "Fneu"):
        np.save(plane / f"{name}.npy", traces)
    objects = np.empty((1, 1), object)
    objects[0, 0] = traces
    np.savez(fissa / "prepared.npz", raw=objects)
    np.savez(fissa / "separated.npz", result=objects, sep=objects, mixmat=objects)
    return {
        "folder of files": (cells, cells / "cell 2.csv"),
        "suite2p": (plane, plane / "Fneu.npy"),
        "FISSA": (fissa / "prepared.npz", fissa / "separated.npz"),
        "FISSA's result": (fissa / "separated.npz", fissa / "prepared.npz"),
    }


@pytest.mark.parametrize("kind", ["folder of files", "suite2p", "FISSA", "FISSA's result"])
def test_no_part_of_the_recording_is_ever_replaced(tmp_path, parts, kind):
    path, part = parts[kind]
    before = part.read_bytes()
    recording = read(path)
    results = {0: separate_cell(recording.cells[0], SeparationSettings())}
    link = tmp_path / "link.npz"
    link.symlink_to(part)
    for target in (part, link) if part.suffix in (".npz", ".csv") else (link,):
        with pytest.raises(DataError, match="it is a part of the recording, which an export would replace"):
            write(target, recording, results)
    assert part.read_bytes() == before
    beside = part.with_name("result.npz")
    for _ in range(2):  # its own earlier export may be
        write(beside, recording, results)


@pytest.mark.parametrize("name", ["out.npz", "out.csv", "out.mat", "out.nwb", "out.fissa.npz", "out.fissa.mat"])
def test_cancelling_at_any_block_keeps_what_was_there(tmp_path, name):
    cell = Cell.from_traces(np.random.default_rng(0).random((3, 9000)) + 1)
    recording = Recording("recording", None, 20.0, [cell])
    results = [separate_cell(cell, SeparationSettings(solver="accelerated"))]
    target = tmp_path / name
    blocks: list[None] = []

    def stop_at(block: int) -> bool:
        blocks.append(None)
        return len(blocks) == block

    with watched(should_stop=lambda: stop_at(0)):
        write(target, recording, results)
    before, count = target.read_bytes(), len(blocks)
    for block in {1, 2, count // 2, count - 1, count} - {0}:
        blocks.clear()
        with pytest.raises(Cancelled), watched(should_stop=partial(stop_at, block)):
            write(target, recording, results)
        assert target.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_script_writes_what_it_separated_by_the_public_names(tmp_path):
    import neuropil_gui

    recording = neuropil_gui.simulate(neuropil_gui.Simulation(cells=2, frames=200))
    results = [neuropil_gui.separate_cell(cell, SeparationSettings()) for cell in recording.cells]
    assert neuropil_gui.write(tmp_path / "a.npz", recording, results) == []
    neuropil_gui.write(tmp_path / "b.npz", recording, {0: results[0], 1: results[1]})
    with np.load(tmp_path / "a.npz") as listed, np.load(tmp_path / "b.npz") as keyed:
        assert listed.files == keyed.files
        for key in set(listed.files) - {"provenance"}:  # which holds the time, to the second
            np.testing.assert_array_equal(listed[key], keyed[key])
    cells = neuropil_gui.read(tmp_path / "a.npz").cells
    for cell, before, result in zip(cells, recording.cells, results, strict=True):
        assert np.array_equal(cell.traces, before.traces)
        assert np.array_equal(cell.stored.matched, result.matched)
    with pytest.raises(DataError, match="a result for cell 3, but the recording has 2"):
        neuropil_gui.write(tmp_path / "c.npz", recording, [*results, results[0]])
    assert not (tmp_path / "c.npz").exists()


def test_names_of_any_length_are_read_short_and_different(tmp_path, recording):
    long = 20_000 * "W"
    traces = np.random.default_rng(0).random((3, 40))
    cells = [Cell(f"{long}{k}", traces, tuple(f"{long}{k}{long}" for k in range(3)), (0,)) for k in range(2)]
    write_recording(tmp_path / "a.npz", Recording("a", None, None, cells), provenance={})
    found = read(tmp_path / "a.npz")
    names = [cell.name for cell in found.cells]
    assert names == [header.name for header in found.cells.headers]
    assert len(set(names)) == 2
    for texts in (names, *(cell.signal_names for cell in found.cells)):
        assert max(map(len, texts)) <= 110
        assert len(set(texts)) == len(texts)
