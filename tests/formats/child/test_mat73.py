"""MATLAB v7.3: files that hdf5storage writes as MATLAB does, and what producers keep in them."""

import h5py
import hdf5storage
import numpy as np
import pytest
import scipy.io

from neuropil_gui.formats.child import mat5, mat73, process
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(5)


def save(path, **variables):
    options = {"format": "7.3", "oned_as": "row", "store_python_metadata": False, "truncate_existing": True}
    hdf5storage.savemat(str(path), variables, **options)
    assert path.read_bytes()[:10] == b"MATLAB 7.3"
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.mat"


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1"])
@pytest.mark.parametrize("shape", [(3, 40), (40, 3), (4, 3, 40), (2, 3, 4, 20)])
def test_arrays_are_read_as_from_version_5(tmp_path, path, dtype, shape):
    array = (RNG.random(shape) * 100).astype(dtype)
    save(path, x=array, name="text")
    scipy.io.savemat(tmp_path / "5.mat", {"x": array, "name": "text"})
    new, old = read(path), read(tmp_path / "5.mat")
    assert len(new.cells) == len(old.cells)
    assert new.rows_are_frames == old.rows_are_frames
    assert new.format == old.format == "MATLAB"
    for a, b in zip(new.cells, old.cells, strict=True):
        assert np.array_equal(a.traces, b.traces)
    first = array if array.ndim == 2 else array[0]
    first = np.concatenate(list(first), axis=1) if first.ndim == 3 else first
    assert np.array_equal(new.cells[0].traces, first.T if new.rows_are_frames else first)


def test_values_come_back_as_from_version_5(tmp_path, path):
    cells = np.empty((2, 2), object)
    for index in np.ndindex(2, 2):
        cells[index] = RNG.random((2, 3 + index[1]))
    value = {"c": cells, "s": {"n": np.array([[3.5]]), "text": "µ abc"}, "x": np.arange(6.0).reshape(2, 3)}
    save(path, **value)
    scipy.io.savemat(tmp_path / "5.mat", value)
    new = process.call(mat73.values, path, list(value))
    old = process.call(mat5.values, tmp_path / "5.mat", list(value))
    assert new["s"][0, 0]["text"] == old["s"][0, 0]["text"] == "µ abc"
    assert np.array_equal(new["s"][0, 0]["n"], old["s"][0, 0]["n"])
    assert np.array_equal(new["x"], old["x"])
    assert new["c"].shape == old["c"].shape
    assert all(np.array_equal(a, b) for a, b in zip(new["c"].flat, old["c"].flat, strict=True))


def test_fissa_in_version_7_3(path, real_data):
    old = scipy.io.loadmat(real_data / "fissa_example" / "separated.mat")
    names = ("raw", "result", "sep", "mixmat")
    save(path, nRegions=4.0, **{name: old[name] for name in names})
    new, expected = read(path), read(real_data / "fissa_example" / "separated.mat")
    assert len(new.cells) == 4
    for a, b in zip(new.cells, expected.cells, strict=True):
        assert np.array_equal(a.traces, b.traces)
        assert a.trial_starts == b.trial_starts == (0, 288, 576)
        assert np.array_equal(a.stored.matched, b.stored.matched)
        assert np.array_equal(a.stored.mixing, b.stored.mixing)


def test_the_real_struct_in_version_7_3(path, real_data):
    traces = scipy.io.loadmat(real_data / "cNMFdata.mat")["dat"]["F_df"][0, 0]
    save(path, dat={"F_df": traces, "Coor": np.ones((3, 3))})
    new, expected = read(path, dataset="dat.F_df"), read(real_data / "cNMFdata.mat")
    assert np.array_equal(new.cells[0].traces, expected.cells[0].traces)
    assert new.cells[0].trial_starts == (0, 288, 576)


def test_stacks_of_samples_regions_and_rois(tmp_path, path):
    stack = RNG.random((90, 5, 4))
    save(path, x=stack)
    scipy.io.savemat(tmp_path / "5.mat", {"x": stack})
    for file in (path, tmp_path / "5.mat"):
        recording = read(file)
        assert recording.rows_are_frames is True
        assert "90 frames x 5 signals x 4 cells" in recording.warnings[0]
        for k, cell in enumerate(recording.cells):
            assert np.array_equal(cell.traces, stack[:, :, k].T)
        turned = read(file, rows_are_frames=False)
        assert np.array_equal(turned.cells[7].traces, stack[7])
        assert np.array_equal(inquire(file).preview(Options()).traces, stack[:, :, 0].T)


def test_extract(path):
    weights = RNG.random((300, 7))
    output = {"temporal_weights": weights, "spatial_weights": np.ones((9, 9, 7))}
    save(path, output=output | {"info": {"version": "1.1"}, "config": {"preprocess": np.array([[1.0]])}})
    recording = read(path)
    assert len(recording.cells) == 7
    assert np.array_equal(recording.cells[3].traces, weights[None, :, 3])
    assert any("EXTRACT's traces, which are demixed already" in each for each in recording.warnings)
    assert any("dF/F" in each for each in recording.warnings)


def test_cnmf_e(path):
    c, raw = RNG.random((7, 300)), RNG.random((7, 300))
    save(path, neuron={"C": c, "C_raw": raw, "A": RNG.random((64, 7))})
    recording = read(path)
    assert np.array_equal(recording.cells[6].traces, raw[6:])
    assert any("neuron.C_raw holds CNMF-E's traces" in each for each in recording.warnings)
    assert np.array_equal(read(path, dataset="neuron.C").cells[6].traces, c[6:])
    save(path, cnmfeAnalysisOutput={"extractedSignals": c, "time": {"totalTime": np.array([[30.0]])}})
    assert read(path).frame_rate == 10
    assert len(read(path).cells) == 7


def test_the_name_does_not_matter_and_the_512_bytes_do_not(tmp_path):
    path = tmp_path / "a.mat"
    array = RNG.random((3, 40))
    with h5py.File(path, "w") as file:  # as h5py users save for MATLAB, without its block of 512 bytes
        file["x"] = array.T
        file["x"].attrs["MATLAB_class"] = np.bytes_(b"double")
    assert np.array_equal(read(path).cells[0].traces, array)
