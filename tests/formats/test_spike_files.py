"""Spike times of each kind of file, and the sentences of what holds none."""

import re
from datetime import UTC

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.spike_files import SUFFIXES, read_spike_file, read_spike_times

A, B = np.array([0.25, 1.5, 7.0]), np.array([0.5, 2.0, 2.0, 30.125])


def nwb(path, ids=(7, 9), index=(3, 7), start=None):
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        units = file.create_group("units")
        units["id"] = np.array(ids)
        units["spike_times"] = np.concatenate([A, B])
        units["spike_times_index"] = np.array(index, np.uint8)
        series = file.create_group("processing/ophys/Fluorescence/RoiResponseSeries")
        series.attrs["neurodata_type"] = "RoiResponseSeries"
        series["data"] = np.zeros((20, 2))
        if start is not None:
            series["starting_time"] = start
    return path


def matlab(path):
    cells = np.empty((1, 2), object)
    cells[:] = [[A.reshape(-1, 1), B.reshape(1, -1)]]
    savemat(path, {"a": A.reshape(-1, 1), "spikes": cells, "fs": 30.0, "trace": np.array([[3.0, 1.0, 2.0]]),
                   "ok": np.array([[True, False]]), "name": "x"})  # fmt: skip
    return path


def test_columns_of_a_table_are_trains_of_their_own_length(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("a,b\n0.25,0.5\n1.5,2.0\n7.0,2.0\n,30.125\n")
    found = read_spike_file(path)
    assert list(found.trains) == ["a", "b"]
    np.testing.assert_array_equal(found.trains["a"], A)
    np.testing.assert_array_equal(found.trains["b"], B)
    spikes = found.spike_times("b", "s", 0.5)
    np.testing.assert_array_equal(spikes.times, B - 0.5)
    assert (spikes.source, spikes.unit) == ("units.csv, b", "s")
    with pytest.raises(DataError, match="no spike train 'c', but a, b"):
        found.spike_times("c")


@pytest.mark.parametrize("text", ["0.25\n1.5\n7.0\n", "# times\n0.25\n1.5\n7\n", "t (s)\n0.25\n1.5\n7\n"])
def test_a_text_of_one_column_is_one_train(tmp_path, text):
    path = tmp_path / "times.txt"
    path.write_text(text)
    (times,) = read_spike_file(path).trains.values()
    np.testing.assert_array_equal(times, A)


def test_numpy_files(tmp_path):
    np.save(tmp_path / "a.npy", B.astype(np.float32).reshape(-1, 1))
    found = read_spike_file(tmp_path / "a.npy")
    np.testing.assert_array_equal(found.trains[""], B)
    assert found.spike_times("").source == "a.npy"
    np.savez(
        tmp_path / "a.npz", a=A, b=(B * 30).astype(int), trace=np.array([1.0, 0.5, 2.0]), image=np.zeros((3, 3)), fs=30
    )
    assert list(read_spike_file(tmp_path / "a.npz").trains) == ["a", "b"]


def test_vectors_and_cells_of_matlab(tmp_path):
    found = read_spike_file(matlab(tmp_path / "a.mat"))
    assert list(found.trains) == ["a", "spikes{1}", "spikes{2}"]
    np.testing.assert_array_equal(found.trains["spikes{2}"], B)
    np.testing.assert_array_equal(found.trains["a"], A)


def test_matlab_7_3(tmp_path):
    hdf5storage = pytest.importorskip("hdf5storage")
    path = tmp_path / "a.mat"
    hdf5storage.savemat(str(path), {"a": A.reshape(-1, 1), "fs": 30.0}, format="7.3")
    found = read_spike_file(path)
    np.testing.assert_array_equal(found.trains["a"], A)


def test_units_of_nwb_and_when_the_recording_begins(tmp_path):
    found = read_spike_file(nwb(tmp_path / "a.nwb", start=4.5))
    assert list(found.trains) == ["unit 7", "unit 9"]
    np.testing.assert_array_equal(found.trains["unit 9"], B)
    assert (found.unit, found.begins) == ("s", 4.5)
    assert read_spike_file(nwb(tmp_path / "b.nwb")).begins == 0


def test_nwb_by_pynwb(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    from datetime import datetime

    file = pynwb.NWBFile("s", "i", datetime(2020, 1, 1, tzinfo=UTC))
    for times in (A, B):
        file.add_unit(spike_times=times)
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "w") as io:
        io.write(file)
    found = read_spike_file(tmp_path / "a.nwb")
    np.testing.assert_array_equal(found.trains["unit 1"], B)


def bad(tmp_path, name, make):
    path = tmp_path / name
    make(path)
    return path


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        (
            "a.csv",
            lambda p: p.write_text("0.5\n0.25\n1\n"),
            "a.csv: it holds no spike times. It: Spike time 2, 0.25, is before",
        ),
        ("a.csv", lambda p: p.write_text("x,y\n1,2\n3,oops\n"), "row 3, column 2 holds 'oops', but a number"),
        ("a.csv", lambda p: p.write_text(""), "a.csv: the file is empty."),
        ("a.npy", lambda p: np.save(p, np.zeros((3, 4))), "of shape (3, 4). A vector of ascending spike times"),
        ("a.npy", lambda p: np.save(p, np.array([1.0, np.inf])), "Spike time 2 is inf"),
        ("a.npz", lambda p: np.savez(p, image=np.zeros((3, 3))), "it holds no spike times. A vector of ascending"),
        (
            "a.mat",
            lambda p: savemat(p, {"trace": np.array([[3.0, 1.0, 2.0]])}),
            "no spike times. trace: Spike time 2, 1,",
        ),
        ("a.nwb", lambda p: nwb(p, index=(3, 9)), "spike_times_index does not fit its 7 spike times"),
        ("a.nwb", lambda p: nwb(p, index=(5, 3)), "spike_times_index does not fit"),
        ("a.nwb", lambda p: nwb(p, index=(0, 0)), "its units have no spikes"),
        ("a.txt", lambda p: None, "there is no such file"),
        ("a", lambda p: p.mkdir(), "this is a folder"),
    ],
)
def test_what_holds_no_spike_times_is_refused_in_a_sentence(tmp_path, name, make, words):
    with pytest.raises(DataError, match=re.escape(words)):
        read_spike_file(bad(tmp_path, name, make))


def test_a_nwb_file_without_units_is_refused(tmp_path):
    path = nwb(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        del file["units"]
    with pytest.raises(DataError, match="no units with spike times"):
        read_spike_file(path)


def test_too_many_spikes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("neuropil_gui.formats.spike_files.MOST_SPIKES", 5)
    path = tmp_path / "units.csv"
    path.write_text("a,b\n1,1\n2,2\n3,3\n")
    with pytest.raises(DataError, match="more than 10,000 spike trains or 5 spikes"):
        read_spike_file(path)


def test_all_suffixes_are_those_of_the_readers():
    assert {"csv", "npy", "npz", "mat", "nwb", "txt", "tsv"} == set(SUFFIXES)


def test_one_train_is_read_by_name(tmp_path):
    path = nwb(tmp_path / "a.nwb", start=0.25)
    with pytest.raises(DataError, match="it holds 2 spike trains, unit 7, unit 9: name one"):
        read_spike_times(path)
    found = read_spike_times(path, "unit 7")
    np.testing.assert_array_equal(found.times, A - 0.25)
    assert found.source == "a.nwb, unit 7"
    np.save(tmp_path / "a.npy", A)
    alone = read_spike_times(tmp_path / "a.npy", unit="frames", begins=0.0)
    assert (alone.unit, alone.times.tolist()) == ("frames", A.tolist())
