"""Folders with a file for each cell, and wide sheets with a row for each signal."""

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.registry import read

RNG = np.random.default_rng(9)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".tsv"])
def test_files_are_cells_in_the_order_of_their_numbers(tmp_path, suffix):
    folder = tmp_path / "cells"
    folder.mkdir()
    arrays = {k: RNG.random((3, 40 + k)) for k in (1, 2, 10)}
    for k, array in arrays.items():
        path = folder / f"cell {k}{suffix}"
        if suffix == ".npy":
            np.save(path, array)
        else:
            np.savetxt(path, array.T, delimiter={".csv": ",", ".tsv": "\t"}[suffix], fmt="%.17g")
    (folder / "notes.md").write_text("about")
    (folder / ".hidden.csv").write_text("x")
    recording = read(folder)
    assert [header.name for header in recording.cells.headers] == ["cell 1", "cell 2", "cell 10"]
    assert recording.format == "folder of files"
    assert "Each of the 3 files" in recording.warnings[0]
    for cell, header, array in zip(recording.cells, recording.cells.headers, arrays.values(), strict=True):
        assert np.array_equal(cell.traces, array)
        assert (cell.name, *cell.traces.shape) == (header.name, header.signals, header.frames)


def test_one_that_does_not_fit_is_named(tmp_path, refusal):
    np.save(tmp_path / "1.npy", np.ones((2, 9)))
    np.save(tmp_path / "2.npy", np.ones(9))
    assert "2.npy: an array of shape (9,) was found, but signals x frames" in refusal(tmp_path)
    (tmp_path / "2.npy").unlink()
    (tmp_path / "1.npy").unlink()
    assert "no suite2p plane was found" in refusal(tmp_path)


def test_files_of_other_frame_rates_are_refused(tmp_path):
    for k in (1, 2):
        rows = np.column_stack([np.arange(20) / (10 * k), RNG.random((20, 2))])
        np.savetxt(tmp_path / f"{k}.csv", rows, delimiter=",", header="time (s),a,b", comments="", fmt="%.17g")
    recording = read(tmp_path)
    assert recording.frame_rate == pytest.approx(10)
    with pytest.raises(DataError, match="they must be equal"):
        recording.cells[1]
    assert len(read(tmp_path, frame_rate=5).cells[1].traces) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize(("delimiter", "comma"), [(",", False), (";", True), ("\t", True), ("\t", False)])
def test_wide_sheets(tmp_path, encoding, delimiter, comma):
    array = RNG.random((3, 600))
    names = ["Zelle µ", "np 1", "np 2"]
    rows = [["name", *(repr(k / 8) for k in range(600))]]
    rows += [[name, *map(repr, row)] for name, row in zip(names, array.tolist(), strict=True)]
    text = "\n".join(delimiter.join(row) for row in rows) + "\n"
    (tmp_path / "wide.csv").write_bytes((text.replace(".", ",") if comma else text).encode(encoding))
    recording = read(tmp_path / "wide.csv")
    assert np.array_equal(recording.cells[0].traces, array)
    assert recording.cells[0].signal_names == tuple(names)
    assert recording.frame_rate == pytest.approx(8)
    assert np.array_equal(read(tmp_path / "wide.csv", roi_column="np 1").cells[0].traces, array[[1, 0, 2]])
    (tmp_path / "bare.csv").write_bytes("\n".join(text.split("\n")[1:]).encode(encoding))
    if not comma:
        assert np.array_equal(read(tmp_path / "bare.csv").cells[0].traces, array)
