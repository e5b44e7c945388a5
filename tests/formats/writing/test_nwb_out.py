"""Results as NWB, read back and validated by pynwb."""

import json
import sys

import numpy as np
import pynwb
import pytest

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.formats.registry import read, write

ORIGIN = (
    ("identifier", "mouse 7"),
    ("session_description", "running on a wheel"),
    ("session_start_time", "2020-01-02T03:04:05+01:00"),
)


@pytest.fixture
def opened(tmp_path):
    """Read a file by pynwb."""
    open_files = []

    def read_by_pynwb(path):
        stream = pynwb.NWBHDF5IO(path, "r")
        open_files.append(stream)
        return stream.read()

    yield read_by_pynwb
    for stream in open_files:
        stream.close()


def test_pynwb_finds_every_number(tmp_path, recording, separation, opened):
    made = recording()
    made = Recording(made.name, made.source, made.frame_rate, made.cells, "NWB 2.7", origin=ORIGIN)
    results = {0: separation(made.cells[0]), 2: separation(made.cells[2], n=2)}
    path = tmp_path / "out.nwb"
    assert write(path, made, results, BaselineSettings(), {2: Mark("accepted", "soma")}) == []
    assert not pynwb.validate(path=str(path))
    file = opened(path)
    assert (file.session_description, file.session_id) == ("running on a wheel", "mouse 7")
    assert file.session_start_time.isoformat() == "2020-01-02T03:04:05+01:00"
    assert file.identifier != "mouse 7"
    facts = json.loads(file.notes)
    assert facts["origin"] == dict(ORIGIN)
    assert facts["settings"]["method"] == "nmf"
    module = file.processing["neuropil_gui"]
    table, series = module["cells"], module["Fluorescence"].roi_response_series
    assert set(series) == {"raw", "matched_1", "matched_2", "matched_3", "deltaf_raw", "deltaf_matched"}
    assert [list(table[name][:]) for name in ("label", "note")] == [["", "accepted"], ["", "soma"]]
    for column, (k, result) in enumerate(results.items()):
        cell = made.cells[k]
        assert np.array_equal(series["raw"].data[:, column], cell.traces[0])
        for j in range(3):
            values = series[f"matched_{j + 1}"].data[:, column]
            assert np.array_equal(values, result.matched[j]) if j < result.n else np.isnan(values).all()
        assert table["number"][column] == k + 1
        assert table["cell_name"][column] == cell.name
        assert table["source_index"][column] == cell.source_index
        assert table["seed"][column] == 2**32 - 1
        assert not table["converged"][column]
        assert list(table["trial_starts"][column]) == [0, 20, 41]
        assert np.array_equal(table["scores"][column], result.scores[result.order])
        assert np.array_equal(np.array(table["mixing"][column]), result.mixing[:, result.order])
    for each in series.values():
        assert (each.rate, each.rois.table.name, list(each.rois.data)) == (29.87, "cells", [0, 1])
    again = read(path)
    assert again.frame_rate == 29.87
    assert np.array_equal(again.cells[1].traces[0], made.cells[2].traces[0])


def test_cells_of_different_length(tmp_path, separation, opened):
    rng = np.random.default_rng(0)
    cells = [Cell("a", rng.random((2, 50)), ("ROI", "np")), Cell("b\udcff", rng.random((2, 40)), ("ROI", "np"))]
    made = Recording("made", None, 5.0, cells)
    write(tmp_path / "out.nwb", made, {k: separation(cell, n=1) for k, cell in enumerate(cells)})
    file = opened(tmp_path / "out.nwb")
    raw = file.processing["neuropil_gui"]["Fluorescence"]["raw"].data
    assert raw.shape == (50, 2)
    assert np.array_equal(raw[:40, 1], cells[1].traces[0])
    assert np.isnan(raw[40:, 1]).all()
    assert "does not say when the session started" in file.session_description
    assert file.processing["neuropil_gui"]["cells"]["cell_name"][1] == "b?"


def test_what_nwb_needs_is_named(tmp_path, recording, separation, monkeypatch):
    made = recording(frame_rate=None)
    results = {0: separation(made.cells[0])}
    with pytest.raises(DataError, match="takes a frame rate"):
        write(tmp_path / "out.nwb", made, results)
    with pytest.raises(DataError, match="no result to write"):
        write(tmp_path / "out.nwb", recording(), {})
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(DataError, match=r"pip install 'neuropil-gui\[nwb\]'"):
        write(tmp_path / "out.nwb", recording(), results)
    assert not list(tmp_path.iterdir())
