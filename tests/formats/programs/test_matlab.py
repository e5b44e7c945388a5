"""MATLAB files, against those that scipy writes; altered ones, which end scipy's reader, are sentences."""

from contextlib import suppress

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import mat5
from neuropil_gui.formats.registry import read


@pytest.mark.parametrize("compressed", [False, True])
@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(
        st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?", "c16"]),
        hnp.array_shapes(min_dims=2, max_dims=4, min_side=0),
    )
)
def test_arrays_come_back_as_scipy_wrote_them(tmp_path_factory, compressed, array):
    path = tmp_path_factory.mktemp("mat", numbered=True) / "a.mat"
    scipy.io.savemat(path, {"a": array}, do_compression=compressed)
    found = mat5.values(path, ["a"])["a"]
    assert found.shape == array.shape
    assert np.array_equal(found, array, equal_nan=True)
    assert found.dtype.kind == array.dtype.kind


def test_structs_cells_and_text_come_back(tmp_path):
    cell = np.empty((2, 1), object)
    cell[0, 0], cell[1, 0] = np.eye(2), "µ text"
    value = {"n": 3.5, "text": "abc", "cell": cell, "empty": np.zeros((0, 0)), "deep": {"er": np.arange(3)}}
    scipy.io.savemat(tmp_path / "a.mat", {"s": value, "sparse": scipy.sparse.eye(3).tocsc()}, do_compression=True)
    found = mat5.values(tmp_path / "a.mat", ["s", "sparse"])
    row = found["s"][0, 0]
    assert row["n"][0, 0] == 3.5
    assert row["text"] == "abc"
    assert np.array_equal(row["cell"][0, 0], np.eye(2))
    assert row["cell"][1, 0] == "µ text"
    assert row["empty"].shape == (0, 0)
    assert np.array_equal(row["deep"][0, 0]["er"].ravel(), [0, 1, 2])
    assert "sparse" not in found


def test_the_real_struct_opens_and_says_how(real_data):
    recording = read(real_data / "cNMFdata.mat")
    trials = scipy.io.loadmat(real_data / "cNMFdata.mat")["dat"]["F_df"][0, 0][:, 0]
    assert np.array_equal(recording.cells[0].traces, np.concatenate(list(trials), axis=1))
    assert recording.cells[0].trial_starts == (0, 288, 576)
    assert recording.cells[0].traces.min() < 0
    assert "dat.F_df was taken" in recording.warnings[0]
    assert "3 trials of one cell with 5 signals" in recording.warnings[1]


def test_plain_variables(tmp_path, refusal):
    path = tmp_path / "a.mat"
    array = np.random.default_rng(1).random((3, 40))
    scipy.io.savemat(path, {"whatever": array, "fs": 30.0})
    assert np.array_equal(read(path).cells[0].traces, array)
    scipy.io.savemat(path, {"whatever": array.T})
    assert np.array_equal(read(path).cells[0].traces, array)
    assert read(path).rows_are_frames is True
    scipy.io.savemat(path, {"a": array, "b": array})
    assert "(a, b)" in refusal(path)
    scipy.io.savemat(path, {"a": array, "raw": array + 1})
    assert np.array_equal(read(path).cells[0].traces, array + 1)
    assert "raw was taken for the traces, of a, raw: it is called raw, as traces are." in read(path).warnings
    scipy.io.savemat(path, {"text": "x", "one": 1})
    assert "no array of 2 to 4 dimensions among one, text" in refusal(path)
    scipy.io.savemat(path, {})
    assert "no variables" in refusal(path)
    cells = np.empty((2, 3), object)
    for index in np.ndindex(cells.shape):
        cells[index] = array[:, : 10 + index[1]]
    scipy.io.savemat(path, {"x": cells})
    recording = read(path)
    assert [cell.trial_starts for cell in recording.cells] == [(0, 10, 21)] * 2
    assert "2 cells (its rows) with 3 trials" in recording.warnings[0]
    assert recording.rows_are_frames is None


def test_other_versions_are_named(tmp_path, refusal, small):
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(126) + b"IM" + bytes(600))
    assert "an HDF5 file was expected" in refusal(path)
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600))
    assert "an HDF5 file was expected" in refusal(path)
    scipy.io.savemat(path, {"a": np.ones((2, 9))}, format="4")
    assert "a MATLAB file was expected" in refusal(path)
    path.write_bytes(b"\0\0\0\0" + small[4:])
    assert "not a MATLAB file of version 5" in refusal(path)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "a.mat"
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = np.ones((2, 5)), np.ones((2, 6), "u1")
    scipy.io.savemat(path, {"raw": cells, "s": {"a": 1, "text": "x"}, "x": np.ones((2, 9))})
    return path.read_bytes()


def test_cut_files_are_refused_or_whole_up_to_there(tmp_path, small):
    path = tmp_path / "a.mat"
    for size in range(1, len(small), 5):
        path.write_bytes(small[:size])
        with suppress(DataError):
            read(path)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(128, 700), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_never_escape(tmp_path_factory, small, flips):
    path = tmp_path_factory.getbasetemp() / "flipped.mat"
    raw = bytearray(small)
    for position, value in flips:
        raw[position] = value
    path.write_bytes(raw)
    with suppress(DataError):
        read(path)


def test_a_bomb_is_refused(tmp_path, refusal, monkeypatch):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": np.zeros((2, 10**6))}, do_compression=True)
    assert len(read(path).cells) == 1
    monkeypatch.setattr(mat5, "WHOLE_BYTES", 10_000)
    assert "would unpack" in refusal(path)
