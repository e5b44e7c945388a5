"""dF/F beside the data: the same numbers as the plots', and the data as they were."""

import csv
import json

import numpy as np
import pytest
import scipy.io

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.formats.registry import read, write

PERCENTILE = BaselineSettings(window_seconds=0.5, percentile=20.0)


def expected(made, results, baseline):
    found = {k: cell_delta_f(made.cells[k], result, baseline, made.frame_rate) for k, result in results.items()}
    return {k: {"deltaf_raw": each.raw.values, "deltaf_matched": each.matched.values} for k, each in found.items()}


@pytest.fixture
def made(recording):
    return recording()


@pytest.fixture
def results(made, separation):
    return {0: separation(made.cells[0]), 2: separation(made.cells[2], n=2)}


@pytest.mark.parametrize("baseline", [PERCENTILE, BaselineSettings("fissa")])
def test_npz_carries_it_beside_the_same_data_and_opens_again(tmp_path, made, results, baseline):
    assert write(tmp_path / "plain.npz", made, results) == []
    assert write(tmp_path / "out.npz", made, results, baseline) == []
    with np.load(tmp_path / "plain.npz") as plain, np.load(tmp_path / "out.npz", allow_pickle=False) as found:
        beside = {f"{k + 1}/{name}" for k in results for name in ("deltaf_raw", "deltaf_matched")}
        assert set(found) - set(plain) == beside
        for name in set(plain) - {"provenance"}:
            np.testing.assert_array_equal(found[name], plain[name])
        for k, values in expected(made, results, baseline).items():
            for name, array in values.items():
                np.testing.assert_array_equal(found[f"{k + 1}/{name}"], array)
        assert "deltaf" not in json.loads(str(plain["provenance"]))
        facts = json.loads(str(found["provenance"]))["deltaf"]
    assert BaselineSettings(**facts["settings"]) == baseline
    assert facts["frame_rate"] == 29.87
    again = read(tmp_path / "out.npz")
    assert again.warnings == ()
    for cell, k in zip(again.cells, results, strict=True):
        np.testing.assert_array_equal(cell.traces, made.cells[k].traces)
        np.testing.assert_array_equal(cell.stored.matched, results[k].matched)


def test_mat_has_two_more_fields_and_opens_again(tmp_path, made, results):
    write(tmp_path / "out.mat", made, results, PERCENTILE)
    found = scipy.io.loadmat(tmp_path / "out.mat", simplify_cells=True)
    for row, (k, values) in zip(found["cells"], expected(made, results, PERCENTILE).items(), strict=True):
        np.testing.assert_array_equal(row["raw"], made.cells[k].traces)
        for name, array in values.items():
            np.testing.assert_array_equal(row[name], array)
    assert json.loads(found["provenance"])["deltaf"]["settings"]["percentile"] == 20.0
    np.testing.assert_array_equal(read(tmp_path / "out.mat").cells[0].traces, made.cells[0].traces)


def test_csv_has_two_more_columns(tmp_path, made, results):
    write(tmp_path / "plain.csv", made, results)
    write(tmp_path / "out.csv", made, results, PERCENTILE)
    first, *lines = (tmp_path / "out.csv").read_text().splitlines()
    assert json.loads(first.removeprefix("# provenance: "))["deltaf"]["missing"] == {}
    rows = list(csv.reader(lines))
    assert rows[0][-2:] == ["deltaf_raw", "deltaf_matched"]
    plain = list(csv.reader((tmp_path / "plain.csv").read_text().splitlines()[1:]))
    assert [row[:-2] for row in rows] == plain
    for k, values in expected(made, results, PERCENTILE).items():
        mine = np.array([[float(x) for x in row[-2:]] for row in rows[1:] if row[0] == str(k + 1)]).T
        np.testing.assert_array_equal(mine, list(values.values()))


@pytest.mark.parametrize("suffix", [".npz", ".mat", ".csv"])
def test_what_has_no_baseline_is_written_without_and_named(tmp_path, recording, separation, suffix):
    made = recording(frame_rate=None)
    results = {k: separation(made.cells[k]) for k in (0, 2)}
    path = tmp_path / f"out{suffix}"
    (sentence,) = write(path, made, results, BaselineSettings("fissa"))
    assert sentence.startswith("dF/F of cells 1, 3: FISSA's baseline")
    assert b"deltaf_raw" not in path.read_bytes()
    assert b"missing" in path.read_bytes().replace(b"\0", b"")


def test_a_cell_without_leaves_its_columns_empty(tmp_path, made, results, monkeypatch):
    short = BaselineSettings("fissa", across_trials=False)
    cells = list(made.cells)
    object.__setattr__(cells[2], "trial_starts", (0, 1, 30))  # a trial of one frame has no baseline of FISSA's
    (sentence,) = write(tmp_path / "out.csv", made, results, short)
    assert sentence.startswith("dF/F of cell 3:")
    rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()[2:]))
    assert {len(row) for row in rows} == {10}
    assert all(row[-2:] == ["", ""] for row in rows if row[0] == "3")
    assert all(float(row[-2]) is not None for row in rows if row[0] == "1")
